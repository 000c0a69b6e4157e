//! Words of the page behind the link.

use crate::words::words;

words! {
    title() {
        en "Choose a new password"
        de "Neues Passwort wählen"
        fr "Choisissez un nouveau mot de passe"
        ja "新しいパスワードの設定"
    }

    lead() {
        en "Only you will know it. Pasting and password managers are welcome."
        de "Nur Sie werden es kennen. Einfügen und Passwortmanager sind willkommen."
        fr "Vous seul le connaîtrez. Vous pouvez le coller ou utiliser un gestionnaire de mots de passe."
        ja "パスワードを知るのはあなただけです。貼り付けやパスワードマネージャーも使えます。"
    }

    code() {
        en "Code from the mail"
        de "Code aus der E-Mail"
        fr "Code reçu par e-mail"
        ja "メールに記載のコード"
    }

    code_hint() {
        en "The mail with the link also shows this code. Copy it and paste it here."
        de "Die E-Mail mit dem Link zeigt auch diesen Code. Kopieren Sie ihn und fügen Sie ihn hier ein."
        fr "L’e-mail qui contient le lien indique aussi ce code. Copiez-le et collez-le ici."
        ja "リンクの入ったメールにこのコードも記載されています。コピーしてここに貼り付けてください。"
    }

    torn() {
        en "This code is not whole. Copy all of it from the mail and paste it here."
        de "Dieser Code ist nicht vollständig. Kopieren Sie ihn ganz aus der E-Mail und fügen Sie ihn hier ein."
        fr "Ce code n’est pas complet. Copiez-le entièrement dans l’e-mail et collez-le ici."
        ja "コードの一部が欠けています。メールからコード全体をコピーして、ここに貼り付けてください。"
    }

    account() {
        en "Account"
        de "Konto"
        fr "Compte"
        ja "アカウント"
    }

    save() {
        en "Set new password"
        de "Neues Passwort setzen"
        fr "Enregistrer le mot de passe"
        ja "新しいパスワードを設定"
    }

    lives_until() {
        en "This link works until"
        de "Dieser Link gilt bis"
        fr "Ce lien est valable jusqu’au"
        ja "このリンクの有効期限："
    }
}
