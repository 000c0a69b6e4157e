//! Words of the page of a dead link.

use crate::words::words;

words! {
    title() {
        en "This link no longer works"
        de "Dieser Link gilt nicht mehr"
        fr "Ce lien n’est plus valable"
        ja "このリンクは使えません"
    }

    why() {
        en "A link works once and for a limited time. This one was used, replaced by a newer one, or is too old. \
            Enter your email address and get another."
        de "Ein Link gilt einmal und für begrenzte Zeit. Dieser wurde benutzt, durch einen neueren ersetzt oder ist \
            zu alt. Geben Sie Ihre E-Mail-Adresse ein, um einen anderen zu bekommen."
        fr "Un lien sert une seule fois et pour une durée limitée. Celui-ci a été utilisé, remplacé par un plus \
            récent, ou il est trop ancien. Saisissez votre adresse e-mail pour en recevoir un autre."
        ja "リンクは一度だけ、限られた時間内に使えます。すでに使われたか、新しいリンクに替わったか、期限が切れています。メールアドレスを入力すると、\
            新しいリンクをお送りします。"
    }

    fresh() {
        en "Send me a fresh link"
        de "Neuen Link senden"
        fr "Recevoir un nouveau lien"
        ja "新しいリンクを送る"
    }
}
