//! Words of the pages about user groups.

use crate::words::words;

words! {
    title() { en "Groups" de "Gruppen" fr "Groupes" ja "グループ" }
    what_it_is() { en "The members of a group hold its roles beside their own." de "Die Mitglieder einer Gruppe haben deren Rollen neben den eigenen." fr "Les membres d’un groupe ont ses rôles en plus des leurs." ja "グループのメンバーは、自分のロールに加えてグループのロールを持ちます。" }
    make() { en "Make a group" de "Gruppe anlegen" fr "Créer un groupe" ja "グループを作成" }
    none_yet() { en "There is no group yet" de "Es gibt noch keine Gruppe" fr "Il n’y a pas encore de groupe" ja "グループはまだありません" }
    name() { en "Name" de "Name" fr "Nom" ja "名前" }
    name_hint() { en "Letters, digits, hyphens and underscores." de "Buchstaben, Ziffern, Bindestriche und Unterstriche." fr "Lettres, chiffres, traits d’union et tirets bas." ja "英字、数字、ハイフン、アンダースコアが使えます。" }
    display_name() { en "Name for people" de "Name für Menschen" fr "Nom affiché" ja "表示名" }
    description() { en "Description" de "Beschreibung" fr "Description" ja "説明" }
    foot() { en "In the order of names." de "In der Reihenfolge der Namen." fr "Dans l’ordre des noms." ja "名前順に表示しています。" }
    foot_of_one() { en "The first 50 members stand here. A change counts from the next call." de "Hier stehen die ersten 50 Mitglieder. Eine Änderung gilt ab dem nächsten Aufruf." fr "Les 50 premiers membres figurent ici. Un changement vaut dès l’appel suivant." ja "先頭の 50 人を表示しています。変更は次の呼び出しから有効です。" }
    all_members[n] { en "{n} member" | "All {n} members" de "{n} Mitglied" | "Alle {n} Mitglieder" fr "{n} membre" | "Les {n} membres" ja "全メンバー {n} 人" }
    members() { en "Members" de "Mitglieder" fr "Membres" ja "メンバー" }
    no_member() { en "Nobody is in this group." de "Niemand ist in dieser Gruppe." fr "Personne n’est dans ce groupe." ja "このグループには誰もいません。" }
    take_out() { en "Take out…" de "Herausnehmen…" fr "Retirer…" ja "外す…" }
    address() { en "Email address" de "E-Mail-Adresse" fr "Adresse e-mail" ja "メールアドレス" }
    join_hint() { en "Who joins gains all roles of this group." de "Wer beitritt, gewinnt alle Rollen dieser Gruppe." fr "Qui entre gagne tous les rôles de ce groupe." ja "追加されたユーザーは、このグループのすべてのロールを得ます。" }
    put_in() { en "Put into the group" de "In die Gruppe aufnehmen" fr "Ajouter au groupe" ja "グループに追加" }
    roles() { en "Roles that its members hold" de "Rollen, die ihre Mitglieder haben" fr "Rôles que ses membres ont" ja "メンバーが持つロール" }
    no_role() { en "The group has no role." de "Die Gruppe hat keine Rolle." fr "Le groupe n’a pas de rôle." ja "グループにロールはありません。" }
    take_away() { en "Take away…" de "Wegnehmen…" fr "Enlever…" ja "取り消す…" }
    role() { en "Role" de "Rolle" fr "Rôle" ja "ロール" }
    namespace() { en "Namespace" de "Namensraum" fr "Espace de noms" ja "名前空間" }
    namespace_hint() { en "In which it counts; * is every one but system and shared." de "In dem sie gilt; * ist jeder außer system und shared." fr "Où il vaut ; * désigne tous sauf system et shared." ja "有効な名前空間。* は system と shared を除くすべてです。" }
    give_hint[n] {
        en "{n} member gains it with the next call." | "{n} members gain it with their next call."
        de "{n} Mitglied gewinnt sie mit dem nächsten Aufruf." | "{n} Mitglieder gewinnen sie mit ihrem nächsten Aufruf."
        fr "{n} membre le gagne dès son prochain appel." | "{n} membres le gagnent dès leur prochain appel."
        ja "{n} 人のメンバーが次の呼び出しから得ます。"
    }
    give() { en "Give the role" de "Rolle geben" fr "Donner le rôle" ja "ロールを付与" }
    made_by() { en "Made by" de "Angelegt von" fr "Créé par" ja "作成者:" }
    leave_title() { en "Take this user out of the group?" de "Diesen Benutzer aus der Gruppe nehmen?" fr "Retirer cet utilisateur du groupe ?" ja "このユーザーをグループから外しますか?" }
    left_at_once() { en "The user loses the roles that they hold by this group alone." de "Der Benutzer verliert die Rollen, die er allein durch diese Gruppe hat." fr "L’utilisateur perd les rôles qu’il n’a que par ce groupe." ja "このグループだけから得ていたロールを失います。" }
    left_stays() { en "Their own roles and those of their other groups." de "Die eigenen Rollen und die der anderen Gruppen." fr "Ses propres rôles et ceux de ses autres groupes." ja "本人のロールと、ほかのグループのロール。" }
    take_out_now() { en "Take user out" de "Benutzer herausnehmen" fr "Retirer l’utilisateur" ja "ユーザーを外す" }
    take_title() { en "Take this role from the group?" de "Der Gruppe diese Rolle nehmen?" fr "Enlever ce rôle au groupe ?" ja "グループからこのロールを取り消しますか?" }
    taken_at_once() { en "All members lose it, unless they hold it otherwise too." de "Alle Mitglieder verlieren sie, wenn sie sie nicht auch anders haben." fr "Tous les membres le perdent, sauf s’ils l’ont aussi autrement." ja "ほかから得ている場合を除き、全メンバーがこのロールを失います。" }
    taken_stays() { en "The members and the other roles of the group." de "Die Mitglieder und die anderen Rollen der Gruppe." fr "Les membres et les autres rôles du groupe." ja "メンバーと、グループのほかのロール。" }
    take_now() { en "Take role away" de "Rolle wegnehmen" fr "Enlever le rôle" ja "ロールを取り消す" }
    remove_it() { en "Remove…" de "Entfernen…" fr "Supprimer…" ja "削除する…" }
    remove_title() { en "Remove this group?" de "Diese Gruppe entfernen?" fr "Supprimer ce groupe ?" ja "このグループを削除しますか?" }
    removed_at_once[n] {
        en "{n} member loses the roles held by this group alone." | "{n} members lose the roles held by this group alone."
        de "{n} Mitglied verliert die Rollen, die es allein durch diese Gruppe hat." | "{n} Mitglieder verlieren die Rollen, die sie allein durch diese Gruppe haben."
        fr "{n} membre perd les rôles qu’il n’a que par ce groupe." | "{n} membres perdent les rôles qu’ils n’ont que par ce groupe."
        ja "{n} 人のメンバーが、このグループだけから得ていたロールを失います。"
    }
    removed_stays() { en "The users and the records." de "Die Benutzer und die Einträge." fr "Les utilisateurs et les entrées." ja "ユーザーと記録。" }
    remove() { en "Remove group" de "Gruppe entfernen" fr "Supprimer le groupe" ja "グループを削除" }
}
