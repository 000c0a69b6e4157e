//! Words of the sign-in page. `refused` is the one sentence for every wrong attempt.

use crate::words::words;

words! {
    title() {
        en "Sign in"
        de "Anmelden"
        fr "Connexion"
        ja "サインイン"
    }

    refused() {
        en "The email address or the password is not right."
        de "Die E-Mail-Adresse oder das Passwort stimmt nicht."
        fr "L’adresse e-mail ou le mot de passe est incorrect."
        ja "メールアドレスまたはパスワードが正しくありません。"
    }

    forgot() {
        en "Forgot your password?"
        de "Passwort vergessen?"
        fr "Mot de passe oublié ?"
        ja "パスワードをお忘れですか？"
    }
}
