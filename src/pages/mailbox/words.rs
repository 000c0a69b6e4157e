//! Words of the mailbox of the development server.

use crate::words::words;

words! {
    title() {
        en "Mailbox"
        de "Postfach"
        fr "Boîte aux lettres"
        ja "メールボックス"
    }

    lead() {
        en "Every mail of this development server lands here and nowhere else."
        de "Jede E-Mail dieses Entwicklungsservers landet hier und nirgends sonst."
        fr "Chaque e-mail de ce serveur de développement arrive ici et nulle part ailleurs."
        ja "この開発サーバーのメールはすべてここに届き、外には送られません。"
    }

    reload() {
        en "Reload"
        de "Neu laden"
        fr "Actualiser"
        ja "再読み込み"
    }

    empty() {
        en "No mail yet."
        de "Noch keine E-Mail."
        fr "Aucun e-mail pour le moment."
        ja "メールはまだありません。"
    }

    from() {
        en "From"
        de "Von"
        fr "De"
        ja "差出人"
    }

    to() {
        en "To"
        de "An"
        fr "À"
        ja "宛先"
    }

    at() {
        en "Time"
        de "Zeit"
        fr "Heure"
        ja "日時"
    }

    open_link() {
        en "Open the link"
        de "Link öffnen"
        fr "Ouvrir le lien"
        ja "リンクを開く"
    }

    text() {
        en "Text"
        de "Text"
        fr "Texte"
        ja "テキスト"
    }

    html() {
        en "HTML"
        de "HTML"
        fr "HTML"
        ja "HTML"
    }
}
