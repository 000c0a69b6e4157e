//! Words of the page of a request that failed: what happened, and the next step.

use crate::words::words;

words! {
    invalid() {
        en "This request could not be understood"
        de "Diese Anfrage war nicht zu verstehen"
        fr "Cette demande n’a pas été comprise"
        ja "リクエストを理解できませんでした"
    }

    forbidden() {
        en "You may not do this"
        de "Das dürfen Sie nicht"
        fr "Vous n’avez pas ce droit"
        ja "この操作は許可されていません"
    }

    not_found() {
        en "This page does not exist"
        de "Diese Seite gibt es nicht"
        fr "Cette page n’existe pas"
        ja "ページが見つかりません"
    }

    too_many() {
        en "Too many attempts"
        de "Zu viele Versuche"
        fr "Trop de tentatives"
        ja "試行回数が多すぎます"
    }

    unavailable() {
        en "We are busy right now"
        de "Wir sind gerade überlastet"
        fr "Nous sommes surchargés"
        ja "ただいま混み合っています"
    }

    internal() {
        en "Something went wrong on our side"
        de "Bei uns ist etwas schiefgegangen"
        fr "Une erreur s’est produite chez nous"
        ja "サーバー側で問題が発生しました"
    }

    go_back() {
        en "Go back, check what you entered and try again."
        de "Gehen Sie zurück, prüfen Sie Ihre Eingaben und versuchen Sie es noch einmal."
        fr "Revenez en arrière, vérifiez votre saisie et réessayez."
        ja "前に戻り、入力内容を確認してもう一度お試しください。"
    }

    ask_administrator() {
        en "If you need this, ask your administrator for the right."
        de "Brauchen Sie das, bitten Sie Ihre Administration um das Recht dazu."
        fr "Si vous en avez besoin, demandez ce droit à votre administrateur."
        ja "必要な場合は、管理者に権限を依頼してください。"
    }

    check_address() {
        en "Check the address."
        de "Prüfen Sie die Adresse."
        fr "Vérifiez l’adresse."
        ja "アドレスをご確認ください。"
    }

    wait() {
        en "Wait a moment and try again."
        de "Warten Sie einen Moment und versuchen Sie es noch einmal."
        fr "Patientez un instant et réessayez."
        ja "しばらく待ってから、もう一度お試しください。"
    }

    try_again() {
        en "Nothing was changed. Try again; if it stays, give your administrator the request id."
        de "Nichts wurde geändert. Versuchen Sie es noch einmal; bleibt es dabei, nennen Sie Ihrer Administration \
            die Anfragenummer."
        fr "Rien n’a été modifié. Réessayez ; si l’erreur persiste, indiquez à votre administrateur le numéro de la \
            demande."
        ja "何も変更されていません。もう一度お試しください。解決しない場合は、リクエスト番号を管理者にお伝えください。"
    }

    home() {
        en "To your account"
        de "Zu Ihrem Konto"
        fr "Vers votre compte"
        ja "アカウントへ"
    }

    request_id() {
        en "Request id"
        de "Anfragenummer"
        fr "Numéro de la demande"
        ja "リクエスト番号"
    }
}
