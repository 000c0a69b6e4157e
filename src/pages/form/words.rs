//! Words that several forms share.

use crate::words::words;

words! {
    email() {
        en "Email address"
        de "E-Mail-Adresse"
        fr "Adresse e-mail"
        ja "メールアドレス"
    }

    password() {
        en "Password"
        de "Passwort"
        fr "Mot de passe"
        ja "パスワード"
    }

    new_password() {
        en "New password"
        de "Neues Passwort"
        fr "Nouveau mot de passe"
        ja "新しいパスワード"
    }

    show() {
        en "Show"
        de "Zeigen"
        fr "Afficher"
        ja "表示"
    }

    hide() {
        en "Hide"
        de "Verbergen"
        fr "Masquer"
        ja "隠す"
    }

    problems() {
        en "Please check this"
        de "Bitte prüfen Sie das"
        fr "À vérifier"
        ja "ご確認ください"
    }

    busy() {
        en "One moment…"
        de "Einen Moment …"
        fr "Un instant…"
        ja "お待ちください…"
    }

    to_signin() {
        en "Back to sign-in"
        de "Zurück zur Anmeldung"
        fr "Retour à la connexion"
        ja "サインインに戻る"
    }
}
