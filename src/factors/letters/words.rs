//! Words of the mails about a second factor.

use crate::words::words;

words! {
    subject(tenant) {
        en "The second step of your sign-in to {tenant} was changed"
        de "Der zweite Schritt Ihrer Anmeldung bei {tenant} wurde geändert"
        fr "La seconde étape de votre connexion à {tenant} a été modifiée"
        ja "【{tenant}】2段階認証の変更のお知らせ"
    }

    taken_away(at) {
        en "An administrator has taken away your code app and your recovery codes, on {at}. All your sessions have ended. To set \
            up a new app, open this link and have your password ready."
        de "Ihre Code-App und Ihre Wiederherstellungscodes wurden von der Administration entfernt: {at}. Alle Ihre Sitzungen \
            sind beendet. Öffnen Sie diesen Link, um eine neue App einzurichten, und halten Sie Ihr Passwort bereit."
        fr "Un administrateur a retiré votre application de codes et vos codes de secours\u{a0}: {at}. Toutes vos sessions sont \
            terminées. Pour configurer une nouvelle application, ouvrez ce lien et munissez-vous de votre mot de passe."
        ja "管理者が認証アプリとリカバリーコードを解除しました。\n\n日時：{at}\n\nすべてのセッションは終了しました。新しいアプリを設定するには、パスワードをご用意のうえ、\
            次のリンクを開いてください。"
    }

    label() {
        en "Set up a code app"
        de "Code-App einrichten"
        fr "Configurer une application"
        ja "認証アプリを設定する"
    }

    works_until(until) {
        en "The link works once, until {until}. On the sign-in page you can ask for a fresh one."
        de "Der Link gilt einmal, bis {until}. Auf der Anmeldeseite können Sie einen neuen anfordern."
        fr "Le lien sert une seule fois, jusqu’au {until}. Vous pouvez en demander un autre sur la page de connexion."
        ja "リンクは {until} まで、一度だけ使えます。サインインページで新しいリンクを請求できます。"
    }

    code() {
        en "If the page asks for a code, copy this one:"
        de "Fragt die Seite nach einem Code, kopieren Sie diesen:"
        fr "Si la page demande un code, copiez celui-ci\u{a0}:"
        ja "ページでコードを求められた場合は、次のコードをコピーしてください。"
    }

    unexpected() {
        en "If you did not ask your administrator for this, tell them right away."
        de "Haben Sie Ihre Administration nicht darum gebeten, melden Sie sich dort sofort."
        fr "Si vous ne l’avez pas demandé à votre administrateur, prévenez-le sans attendre."
        ja "管理者に依頼した覚えがない場合は、すぐにご連絡ください。"
    }

    unexpected_tell(contact) {
        en "If you did not ask for this, tell {contact} right away."
        de "Haben Sie nicht darum gebeten, melden Sie sich sofort bei: {contact}"
        fr "Si vous ne l’avez pas demandé, donnez l’alerte sans attendre\u{a0}: {contact}"
        ja "依頼した覚えがない場合は、すぐに {contact} までご連絡ください。"
    }

    set_up(at, address) {
        en "A code app was set up for your account on {at}, from the address {address}. Its codes are asked for at sign-in from \
            now on."
        de "Für Ihr Konto wurde eine Code-App eingerichtet: {at}, von der Adresse {address} aus. Ihre Codes werden künftig bei der \
            Anmeldung verlangt."
        fr "Une application de codes a été configurée pour votre compte\u{a0}: {at}, depuis l’adresse {address}. Ses codes sont \
            désormais demandés à la connexion."
        ja "アカウントに認証アプリが設定されました。\n\n日時：{at}\n接続元アドレス：{address}\n\n今後、サインインのときにコードの入力が必要です。"
    }

    switched_off(at, address) {
        en "The code app of your account was switched off on {at}, from the address {address}. Your password alone signs you in \
            again."
        de "Die Code-App Ihres Kontos wurde abgeschaltet: {at}, von der Adresse {address} aus. Zur Anmeldung genügt wieder Ihr \
            Passwort."
        fr "L’application de codes de votre compte a été désactivée\u{a0}: {at}, depuis l’adresse {address}. Votre mot de passe \
            suffit de nouveau pour vous connecter."
        ja "アカウントの認証アプリが解除されました。\n\n日時：{at}\n接続元アドレス：{address}\n\n今後はパスワードだけでサインインできます。"
    }

    codes_made(at, address) {
        en "New recovery codes were made for your account on {at}, from the address {address}. The former ones no longer work."
        de "Für Ihr Konto wurden neue Wiederherstellungscodes erstellt: {at}, von der Adresse {address} aus. Die bisherigen gelten \
            nicht mehr."
        fr "De nouveaux codes de secours ont été créés pour votre compte\u{a0}: {at}, depuis l’adresse {address}. Les anciens ne \
            sont plus valables."
        ja "アカウントのリカバリーコードが新しく作成されました。\n\n日時：{at}\n接続元アドレス：{address}\n\n以前のコードは使えません。"
    }

    code_used(at, address) {
        en "A recovery code of your account was used on {at}, from the address {address}."
        de "Ein Wiederherstellungscode Ihres Kontos wurde benutzt: {at}, von der Adresse {address} aus."
        fr "Un code de secours de votre compte a été utilisé\u{a0}: {at}, depuis l’adresse {address}."
        ja "アカウントのリカバリーコードが使われました。\n\n日時：{at}\n接続元アドレス：{address}"
    }

    codes_left[n] {
        en "{n} recovery code is left." | "{n} recovery codes are left."
        de "Es ist noch {n} Wiederherstellungscode übrig." | "Es sind noch {n} Wiederherstellungscodes übrig."
        fr "Il reste {n} code de secours." | "Il reste {n} codes de secours."
        ja "残りのリカバリーコードは {n} 個です。"
    }

    by_you() {
        en "If that was you, there is nothing to do."
        de "Wenn Sie das waren, müssen Sie nichts tun."
        fr "Si c’était vous, vous n’avez rien à faire."
        ja "ご本人による操作であれば、何もなさる必要はありません。"
    }

    not_by_you() {
        en "If it was not you, someone knows your password: tell your administrator right away and have it reset."
        de "Das waren nicht Sie? Dann kennt jemand Ihr Passwort: Melden Sie sich sofort bei Ihrer Administration."
        fr "Ce n’était pas vous\u{a0}? Quelqu’un connaît votre mot de passe\u{a0}: prévenez sans attendre votre administrateur."
        ja "お心当たりがない場合は、パスワードが知られている可能性があります。すぐに管理者までご連絡ください。"
    }

    not_by_you_tell(contact) {
        en "If it was not you, someone knows your password: tell {contact} right away and have it reset."
        de "Das waren nicht Sie? Dann kennt jemand Ihr Passwort: Melden Sie sich sofort bei: {contact}"
        fr "Ce n’était pas vous\u{a0}? Quelqu’un connaît votre mot de passe\u{a0}: donnez l’alerte sans attendre\u{a0}: {contact}"
        ja "お心当たりがない場合は、パスワードが知られている可能性があります。すぐに {contact} までご連絡ください。"
    }

    no_link() {
        en "This mail has no link in it, and we never ask for your password or a code by mail."
        de "Diese Mail enthält keinen Link, und wir fragen nie per Mail nach Ihrem Passwort oder einem Code."
        fr "Ce message ne contient aucun lien, et nous ne demandons jamais votre mot de passe ni un code par courriel."
        ja "このメールにリンクは含まれていません。メールでパスワードやコードをお尋ねすることは決してありません。"
    }
}
