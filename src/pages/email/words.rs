//! Words of the page behind the link that a new address gets.

use crate::words::words;

words! {
    title() {
        en "Confirm your new address"
        de "Neue Adresse bestätigen"
        fr "Confirmez votre nouvelle adresse"
        ja "新しいメールアドレスの確認"
    }

    lead() {
        en "Your account gets the address that this link was mailed to. You sign in with it from then on."
        de "Ihr Konto bekommt die Adresse, an die dieser Link ging. Sie melden sich dann mit ihr an."
        fr "Votre compte reçoit l’adresse à laquelle ce lien a été envoyé. Vous vous connecterez désormais avec elle."
        ja "このリンクが届いたアドレスが、アカウントのアドレスになります。以後はこのアドレスでサインインしてください。"
    }

    agreed() {
        en "Yes, this is my address and my account."
        de "Ja, das ist meine Adresse und mein Konto."
        fr "Oui, cette adresse et ce compte sont les miens."
        ja "はい、自分のアドレスとアカウントに間違いありません。"
    }

    not_agreed() {
        en "Tick the box to confirm that this is your address and your account."
        de "Setzen Sie das Häkchen, um zu bestätigen, dass es Ihre Adresse und Ihr Konto sind."
        fr "Cochez la case pour confirmer que cette adresse et ce compte sont les vôtres."
        ja "ご自分のアドレスとアカウントであることを確認し、チェックを入れてください。"
    }

    confirm() {
        en "Confirm the address"
        de "Adresse bestätigen"
        fr "Confirmer l’adresse"
        ja "アドレスを確認する"
    }

    dead() {
        en "This link no longer works"
        de "Dieser Link gilt nicht mehr"
        fr "Ce lien n’est plus valable"
        ja "このリンクは使えません"
    }

    dead_next() {
        en "The address was not changed by it. The link was used, replaced or taken back, it is too old, or the password was \
            changed since. Ask for the change once more on your account page, or ask your administrator."
        de "Die Adresse wurde dadurch nicht geändert. Der Link wurde benutzt, ersetzt oder zurückgenommen, er ist zu alt, \
            oder das Passwort wurde seither geändert. Verlangen Sie die Änderung noch einmal auf Ihrer Kontoseite, oder \
            fragen Sie Ihre Administration."
        fr "Il n’a pas modifié l’adresse. Le lien a été utilisé, remplacé ou annulé, il est trop ancien, ou le mot de passe a \
            changé depuis. Demandez de nouveau la modification sur la page de votre compte, ou adressez-vous à votre \
            administrateur."
        ja "アドレスは変更されていません。リンクはすでに使われたか、新しいリンクに替わったか、取り消されたか、期限が切れています。または、その後パスワードが\
            変更されました。アカウントのページでもう一度申請するか、管理者にお問い合わせください。"
    }

    to_account() {
        en "To your account"
        de "Zu Ihrem Konto"
        fr "Vers votre compte"
        ja "アカウントへ"
    }
}
