//! Words of the page to ask for a link.

use crate::words::words;

words! {
    title() {
        en "Forgot your password?"
        de "Passwort vergessen?"
        fr "Mot de passe oublié ?"
        ja "パスワードをお忘れですか？"
    }

    lead() {
        en "Enter your email address. We will mail you a link with which you choose a new one."
        de "Geben Sie Ihre E-Mail-Adresse ein. Wir senden Ihnen einen Link, mit dem Sie ein neues wählen."
        fr "Saisissez votre adresse e-mail. Nous vous enverrons un lien pour en choisir un nouveau."
        ja "メールアドレスを入力してください。新しいパスワードを設定するためのリンクをお送りします。"
    }

    send() {
        en "Send me a link"
        de "Link senden"
        fr "Recevoir un lien"
        ja "リンクを送る"
    }
}
