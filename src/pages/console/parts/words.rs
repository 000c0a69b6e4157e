//! Words of the parts that several pages of the console share.

use crate::words::words;

words! {
    show_curl() { en "Show as curl" de "Als curl zeigen" fr "Afficher en curl" ja "curl で表示" }
    curl_title() { en "The call behind this page" de "Der Aufruf hinter dieser Seite" fr "L’appel derrière cette page" ja "このページの API 呼び出し" }
    curl_hint() {
        en "Needs a token whose roles allow it. Your session is not in it."
        de "Braucht ein Token, dessen Rollen es erlauben. Ihre Sitzung steckt nicht darin."
        fr "Il faut un jeton dont les rôles le permettent. Votre session n’y figure pas."
        ja "許可するロールを持つトークンが必要です。あなたのセッションは含まれません。"
    }
    close() { en "Close" de "Schließen" fr "Fermer" ja "閉じる" }
    copy() { en "Copy" de "Kopieren" fr "Copier" ja "コピー" }
    copy_id() { en "Copy the id" de "ID kopieren" fr "Copier l’identifiant" ja "ID をコピー" }
    copied() { en "Copied." de "Kopiert." fr "Copié." ja "コピーしました。" }
    to_first() { en "To the beginning" de "Zum Anfang" fr "Au début" ja "先頭へ" }
    next() { en "Next" de "Weiter" fr "Suivant" ja "次へ" }
    where_you_are() { en "Where you are" de "Wo Sie sind" fr "Où vous êtes" ja "現在地" }
    leave_it() { en "Leave it" de "Bleiben lassen" fr "Ne rien faire" ja "やめる" }
}
