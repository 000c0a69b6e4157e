//! Words of the pages about namespaces.

use crate::words::words;

words! {
    title() { en "Namespaces" de "Namensräume" fr "Espaces de noms" ja "名前空間" }
    what_it_is() { en "A role counts in the namespace in which it was given." de "Eine Rolle gilt in dem Namensraum, in dem sie gegeben wurde." fr "Un rôle vaut dans l’espace de noms où il a été donné." ja "ロールは、付与された名前空間でのみ有効です。" }
    make() { en "Make a namespace" de "Namensraum anlegen" fr "Créer un espace de noms" ja "名前空間を作成" }
    none() { en "No namespace is listed here" de "Hier steht kein Namensraum" fr "Aucun espace de noms à afficher" ja "表示できる名前空間はありません" }
    none_is_yours() { en "You have a role in none." de "Sie haben in keinem eine Rolle." fr "Vous n’avez de rôle dans aucun." ja "どの名前空間にもロールがありません。" }
    name() { en "Name" de "Name" fr "Nom" ja "名前" }
    name_hint() { en "A small letter, then small letters, digits and hyphens. It cannot be changed later." de "Ein Kleinbuchstabe, dann Kleinbuchstaben, Ziffern und Bindestriche. Er lässt sich später nicht ändern." fr "Une minuscule, puis minuscules, chiffres et traits d’union. Il ne peut pas être changé ensuite." ja "英小文字で始まり、小文字、数字、ハイフンが使えます。後から変更できません。" }
    description() { en "Description" de "Beschreibung" fr "Description" ja "説明" }
    made_by() { en "Made by" de "Angelegt von" fr "Créé par" ja "作成者" }
    of_every_tenant() { en "In every tenant" de "In jedem Mandanten" fr "Dans chaque locataire" ja "すべてのテナントにあります" }
    foot() { en "In the order of names: those in which you have a role, or all where you may read users." de "In der Reihenfolge der Namen: die, in denen Sie eine Rolle haben, oder alle, wo Sie Benutzer lesen dürfen." fr "Dans l’ordre des noms : ceux où vous avez un rôle, ou tous si vous pouvez lire les utilisateurs." ja "名前順。あなたがロールを持つもの、またはユーザーを参照できる場合はすべて。" }
    facts() { en "Facts" de "Fakten" fr "Faits" ja "情報" }
    remove_it() { en "Remove…" de "Entfernen…" fr "Supprimer…" ja "削除する…" }
    who_has_a_role() { en "Who has a role here" de "Wer hier eine Rolle hat" fr "Qui a un rôle ici" ja "ここにロールを持つユーザー" }
    remove_title() { en "Remove this namespace?" de "Diesen Namensraum entfernen?" fr "Supprimer cet espace de noms ?" ja "この名前空間を削除しますか?" }
    remove() { en "Remove namespace" de "Namensraum entfernen" fr "Supprimer l’espace de noms" ja "名前空間を削除" }
    removed_at_once() { en "Its objects go, and everyone loses the roles that were given in it. It cannot be taken back." de "Seine Objekte verschwinden, und alle verlieren die Rollen, die darin gegeben wurden. Das lässt sich nicht zurücknehmen." fr "Ses objets disparaissent et chacun perd les rôles donnés en lui. C’est irréversible." ja "中のオブジェクトは削除され、ここで付与されたロールは全員から失われます。取り消すことはできません。" }
    removed_stays() { en "The users, their roles elsewhere, and the records." de "Die Benutzer, ihre Rollen anderswo und die Einträge." fr "Les utilisateurs, leurs rôles ailleurs et les entrées." ja "ユーザー、ほかの場所のロール、記録。" }
}
