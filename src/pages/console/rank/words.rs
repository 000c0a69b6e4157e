//! Words of the page about rank.

use crate::words::words;

words! {
    roles() { en "Roles and rank" de "Rollen und Rang" fr "Rôles et rang" ja "ロールと順位" }
    title() { en "Who may reset whom" de "Wer wen zurücksetzen darf" fr "Qui peut réinitialiser qui" ja "誰が誰をリセットできるか" }
    rank_follows() {
        en "Nobody resets, disables or changes someone who has a right that they lack. So rank needs no levels: it follows from the rights."
        de "Niemand setzt jemanden zurück, sperrt oder ändert ihn, der ein Recht hat, das ihm selbst fehlt. Rang braucht keine Stufen: Er folgt aus den Rechten."
        fr "Personne ne réinitialise, ne désactive ni ne modifie quelqu’un qui a un droit qui lui manque. Le rang n’a pas de niveaux : il découle des droits."
        ja "自分にない権限を持つ相手をリセット、停止、変更することはできません。順位に段階はなく、権限から決まります。"
    }
    ask_about_two() { en "Ask about two roles" de "Nach zwei Rollen fragen" fr "Interroger sur deux rôles" ja "二つのロールを比べる" }
    someone_with() { en "May someone with the role" de "Darf jemand mit der Rolle" fr "Quelqu’un qui a le rôle" ja "このロールを持つ人は" }
    resets_someone_with() { en "reset someone with the role" de "jemanden zurücksetzen mit der Rolle" fr "peut-il réinitialiser quelqu’un qui a le rôle" ja "このロールを持つ人をリセットできるか" }
    ask() { en "Ask" de "Fragen" fr "Demander" ja "調べる" }
    no_such_role() { en "One of these is no role of this tenant." de "Eines davon ist keine Rolle dieses Mandanten." fr "L’un des deux n’est pas un rôle de ce locataire." ja "どちらかはこのテナントのロールではありません。" }
    yes_no_right_is_missing() { en "Yes. No right is missing." de "Ja. Es fehlt kein Recht." fr "Oui. Aucun droit ne manque." ja "はい。足りない権限はありません。" }
    no_resets_nobody() { en "No. This role may reset nobody." de "Nein. Diese Rolle darf niemanden zurücksetzen." fr "Non. Ce rôle ne peut réinitialiser personne." ja "いいえ。このロールでは誰もリセットできません。" }
    no_rights_are_missing() { en "No. These rights of the other one are missing:" de "Nein. Diese Rechte des anderen fehlen:" fr "Non. Ces droits de l’autre manquent :" ja "いいえ。相手が持つ次の権限が足りません。" }
    role_against_role() { en "Role against role" de "Rolle gegen Rolle" fr "Rôle contre rôle" ja "ロールどうしの比較" }
    each_in_system() { en "Each given in system; of your own roles the first four." de "Jede in system gegeben; von Ihren eigenen die ersten vier." fr "Chacun donné dans system ; de vos propres rôles, les quatre premiers." ja "いずれも system で付与した場合。独自のロールは先頭の 4 件です。" }
    the_matrix() { en "The matrix, which scrolls sideways" de "Die Tabelle, seitlich verschiebbar" fr "Le tableau, qui défile latéralement" ja "表(横にスクロールできます)" }
    someone_resets() { en "Someone with … may reset" de "Jemand mit … darf zurücksetzen" fr "Quelqu’un avec … peut réinitialiser" ja "左のロールで上のロールを" }
    resets_nobody() { en "may reset nobody" de "darf niemanden zurücksetzen" fr "ne peut réinitialiser personne" ja "誰もリセットできません" }
    plain_no() { en "No" de "Nein" fr "Non" ja "不可" }
    yes() { en "Yes" de "Ja" fr "Oui" ja "可" }
    no() { en "No, lacks" de "Nein, es fehlt" fr "Non, il manque" ja "不可" }
    foot() { en "Made by the function that decides each call. A change counts from the next call." de "Gemacht von der Funktion, die jeden Aufruf entscheidet. Eine Änderung gilt ab dem nächsten Aufruf." fr "Établi par la fonction qui décide de chaque appel. Un changement vaut dès l’appel suivant." ja "各呼び出しを判定する関数で作成しています。変更は次の呼び出しから有効です。" }
}
