//! Words of the pages about roles.

use crate::words::words;

words! {
    title() { en "Roles and rank" de "Rollen und Rang" fr "Rôles et rang" ja "ロールと順位" }
    what_it_is() { en "A role is a name for some API groups, each a set of calls." de "Eine Rolle ist ein Name für einige API-Gruppen, jede eine Menge von Aufrufen." fr "Un rôle est un nom pour des groupes d’API, chacun un ensemble d’appels." ja "ロールは、いくつかの API グループ(呼び出しの集まり)に付けた名前です。" }
    who_may_reset_whom() { en "Who may reset whom" de "Wer wen zurücksetzen darf" fr "Qui peut réinitialiser qui" ja "誰が誰をリセットできるか" }
    make() { en "Make a role" de "Rolle anlegen" fr "Créer un rôle" ja "ロールを作成" }
    name() { en "Name" de "Name" fr "Nom" ja "名前" }
    name_hint() { en "A small letter, then small letters, digits and hyphens." de "Ein Kleinbuchstabe, dann Kleinbuchstaben, Ziffern und Bindestriche." fr "Une minuscule, puis minuscules, chiffres et traits d’union." ja "英小文字で始まり、小文字、数字、ハイフンが使えます。" }
    description() { en "Description" de "Beschreibung" fr "Description" ja "説明" }
    kind() { en "Kind" de "Art" fr "Type" ja "種類" }
    of_every_tenant() { en "In every tenant" de "In jedem Mandanten" fr "Dans chaque locataire" ja "すべてのテナント" }
    your_own() { en "Your own" de "Ihre eigene" fr "Le vôtre" ja "独自" }
    api_groups() { en "API groups" de "API-Gruppen" fr "Groupes d’API" ja "API グループ" }
    held_by() { en "Held by" de "Haben" fr "Détenu par" ja "保持者" }
    its_users() { en "Its users" de "Ihre Benutzer" fr "Ses utilisateurs" ja "このロールのユーザー" }
    foot() { en "In the order of names. A change counts from the next call." de "In der Reihenfolge der Namen. Eine Änderung gilt ab dem nächsten Aufruf." fr "Dans l’ordre des noms. Un changement vaut dès l’appel suivant." ja "名前順。変更は次の呼び出しから有効です。" }
    facts() { en "Facts" de "Fakten" fr "Faits" ja "情報" }
    made_by() { en "Made by" de "Angelegt von" fr "Créé par" ja "作成者" }
    what_it_allows() { en "What it allows" de "Was sie erlaubt" fr "Ce qu’il permet" ja "許可する内容" }
    change_hint() { en "All who hold this role gain or lose these rights with their next call." de "Alle, die diese Rolle haben, gewinnen oder verlieren diese Rechte mit ihrem nächsten Aufruf." fr "Tous ceux qui ont ce rôle gagnent ou perdent ces droits dès leur prochain appel." ja "このロールを持つ全員が、次の呼び出しからこれらの権限を得るか失います。" }
    new_hint() { en "At least one. The role allows nothing until it is given." de "Mindestens eine. Die Rolle erlaubt nichts, bis sie gegeben wird." fr "Au moins un. Le rôle ne permet rien tant qu’il n’est pas donné." ja "一つ以上選んでください。付与されるまでロールは何も許可しません。" }
    save() { en "Save the role" de "Rolle speichern" fr "Enregistrer le rôle" ja "ロールを保存" }
    remove_it() { en "Remove…" de "Entfernen…" fr "Supprimer…" ja "削除する…" }
    remove_title() { en "Remove this role?" de "Diese Rolle entfernen?" fr "Supprimer ce rôle ?" ja "このロールを削除しますか?" }
    remove() { en "Remove role" de "Rolle entfernen" fr "Supprimer le rôle" ja "ロールを削除" }
    removed_at_once() { en "The role can be given no more. It is removed only if nobody holds it." de "Die Rolle kann nicht mehr gegeben werden. Sie wird nur entfernt, wenn niemand sie hat." fr "Le rôle ne peut plus être donné. Il n’est supprimé que si personne ne l’a." ja "このロールは付与できなくなります。誰も持っていない場合に限り削除されます。" }
    removed_stays() { en "The users and the records." de "Die Benutzer und die Einträge." fr "Les utilisateurs et les entrées." ja "ユーザーと記録。" }
}
