//! Words of the pages about the roles of a user.

use crate::words::words;

words! {
    users() { en "Users" de "Benutzer" fr "Utilisateurs" ja "ユーザー" }
    title() { en "Roles of this user" de "Rollen dieses Benutzers" fr "Rôles de cet utilisateur" ja "このユーザーのロール" }
    none_yet() { en "This user has no role yet" de "Dieser Benutzer hat noch keine Rolle" fr "Cet utilisateur n’a pas encore de rôle" ja "このユーザーにはまだロールがありません" }
    what_it_is() { en "Without a role a user can sign in and do nothing else." de "Ohne Rolle kann sich ein Benutzer anmelden und sonst nichts." fr "Sans rôle, un utilisateur peut se connecter et rien d’autre." ja "ロールがなければ、サインイン以外は何もできません。" }
    role() { en "Role" de "Rolle" fr "Rôle" ja "ロール" }
    namespace() { en "Namespace" de "Namensraum" fr "Espace de noms" ja "名前空間" }
    namespace_hint() { en "In which it counts; * is every one but system and shared." de "In dem sie gilt; * ist jeder außer system und shared." fr "Où il vaut ; * désigne tous sauf system et shared." ja "有効な名前空間。* は system と shared を除くすべてです。" }
    whence() { en "Comes from" de "Kommt von" fr "Vient de" ja "由来" }
    directly() { en "Given to the user" de "Dem Benutzer gegeben" fr "Donné à l’utilisateur" ja "ユーザーに直接付与" }
    by_the_group() { en "The group" de "Die Gruppe" fr "Le groupe" ja "グループ" }
    take_away() { en "Take away…" de "Wegnehmen…" fr "Enlever…" ja "取り消す…" }
    give_further() { en "Give a further role" de "Eine weitere Rolle geben" fr "Donner un autre rôle" ja "ロールを追加する" }
    give() { en "Give role" de "Rolle geben" fr "Donner le rôle" ja "ロールを付与" }
    foot() { en "A change counts from the next call. What comes from a group is changed there." de "Eine Änderung gilt ab dem nächsten Aufruf. Was von einer Gruppe kommt, wird dort geändert." fr "Un changement vaut dès l’appel suivant. Ce qui vient d’un groupe se change là." ja "変更は次の呼び出しから有効です。グループ由来のロールはグループ側で変更します。" }
    take_title() { en "Take this role from the user?" de "Dem Benutzer diese Rolle nehmen?" fr "Enlever ce rôle à l’utilisateur ?" ja "ユーザーからこのロールを取り消しますか?" }
    taken_at_once() { en "The user loses it, unless a group of theirs has it too." de "Der Benutzer verliert sie, wenn nicht auch eine seiner Gruppen sie hat." fr "L’utilisateur le perd, sauf si l’un de ses groupes l’a aussi." ja "所属グループから得ている場合を除き、ユーザーはこのロールを失います。" }
    taken_stays() { en "Their other roles, their groups and their sessions." de "Die anderen Rollen, die Gruppen und die Sitzungen." fr "Ses autres rôles, ses groupes et ses sessions." ja "ほかのロール、グループ、セッション。" }
    take_now() { en "Take role away" de "Rolle wegnehmen" fr "Enlever le rôle" ja "ロールを取り消す" }
}
