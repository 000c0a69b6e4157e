//! Words of the last page of each process.

use crate::words::words;

words! {
    changed() {
        en "Your password is changed"
        de "Ihr Passwort ist geändert"
        fr "Votre mot de passe est modifié"
        ja "パスワードを変更しました"
    }

    changed_next() {
        en "Every device that was signed in is signed out. A mail confirms the change. Now sign in with the new \
            password."
        de "Alle angemeldeten Geräte sind abgemeldet. Eine E-Mail bestätigt die Änderung. Melden Sie sich jetzt mit \
            dem neuen Passwort an."
        fr "Tous les appareils connectés ont été déconnectés. Un e-mail confirme la modification. Connectez-vous \
            maintenant avec le nouveau mot de passe."
        ja "サインイン中だったすべての端末からサインアウトしました。確認のメールをお送りします。新しいパスワードでサインインしてください。"
    }

    not_you() {
        en "If this was not you, tell your administrator at once."
        de "Waren Sie das nicht, sagen Sie es sofort Ihrer Administration."
        fr "Si ce n’était pas vous, prévenez aussitôt votre administrateur."
        ja "お心当たりがない場合は、すぐに管理者へお知らせください。"
    }

    changed_before() {
        en "Your password is changed already"
        de "Ihr Passwort ist schon geändert"
        fr "Votre mot de passe est déjà modifié"
        ja "パスワードはすでに変更されています"
    }

    changed_before_next() {
        en "This link was used a few minutes ago: the password that was chosen then counts, and what was sent just \
            now changed nothing. Sign in with it."
        de "Dieser Link wurde vor wenigen Minuten benutzt: Es gilt das Passwort, das dabei gewählt wurde; was eben \
            gesendet wurde, hat nichts geändert. Melden Sie sich damit an."
        fr "Ce lien a servi il y a quelques minutes : le mot de passe choisi alors est valable, et ce qui vient \
            d’être envoyé n’a rien modifié. Utilisez-le pour vous connecter."
        ja "このリンクは数分前に使われました。そのときに設定したパスワードが有効で、今回の送信では何も変わっていません。そのパスワードでサインインし\
            てください。"
    }

    sent() {
        en "Check your mail"
        de "Sehen Sie in Ihre E-Mails"
        fr "Consultez votre messagerie"
        ja "メールをご確認ください"
    }

    sent_what() {
        en "If this address belongs to an account, a link is on its way. It may take a few minutes. Nothing changes \
            until you open it and choose a new password."
        de "Gehört diese Adresse zu einem Konto, ist ein Link unterwegs. Das kann einige Minuten dauern. Nichts \
            ändert sich, bis Sie ihn öffnen und ein neues Passwort wählen."
        fr "Si cette adresse correspond à un compte, un lien vient de partir. Il peut mettre quelques minutes. Rien \
            ne change tant que vous ne l’avez pas ouvert et choisi un nouveau mot de passe."
        ja "このアドレスのアカウントがある場合、リンクをお送りします。数分かかることがあります。リンクを開いて新しいパスワードを設定するまで、何も変\
            わりません。"
    }

    nothing_there() {
        en "Nothing there? Look in the spam folder, check that you typed the address correctly, or ask your \
            administrator."
        de "Nichts angekommen? Sehen Sie im Spam-Ordner nach, prüfen Sie die eingegebene Adresse oder fragen Sie \
            Ihre Administration."
        fr "Rien reçu ? Regardez dans les indésirables, vérifiez l’adresse saisie ou demandez à votre \
            administrateur."
        ja "届かない場合は、迷惑メールフォルダーと入力したアドレスを確認するか、管理者にお問い合わせください。"
    }

    address_changed() {
        en "Your address is changed"
        de "Ihre Adresse ist geändert"
        fr "Votre adresse est modifiée"
        ja "メールアドレスを変更しました"
    }

    address_changed_next() {
        en "Sign in with the new address from now on. Your password stays as it is; for some hours mail may still go to the \
            former address."
        de "Melden Sie sich künftig mit der neuen Adresse an. Ihr Passwort bleibt, wie es ist; einige Stunden lang können \
            E-Mails noch an die bisherige Adresse gehen."
        fr "Connectez-vous désormais avec la nouvelle adresse. Votre mot de passe reste le même ; pendant quelques heures, \
            des e-mails peuvent encore aller à l’ancienne adresse."
        ja "今後は新しいアドレスでサインインしてください。パスワードはそのままです。しばらくの間、メールは以前のアドレスに届くことがあります。"
    }

    signed_out() {
        en "You are signed out"
        de "Sie sind abgemeldet"
        fr "Vous êtes déconnecté"
        ja "サインアウトしました"
    }

    signed_out_next() {
        en "This browser no longer has access to your account."
        de "Dieser Browser hat keinen Zugang mehr zu Ihrem Konto."
        fr "Ce navigateur n’a plus accès à votre compte."
        ja "このブラウザーからアカウントにはアクセスできなくなりました。"
    }
}
