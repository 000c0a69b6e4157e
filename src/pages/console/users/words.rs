//! Words of the list of users.

use crate::words::words;

words! {
    title() { en "Users" de "Benutzer" fr "Utilisateurs" ja "ユーザー" }
    make() { en "Make a user" de "Benutzer anlegen" fr "Créer un utilisateur" ja "ユーザーを作成" }
    views() { en "Views" de "Ansichten" fr "Vues" ja "表示" }
    everyone() { en "Everyone" de "Alle" fr "Tous" ja "全員" }
    invited() { en "Invited" de "Eingeladen" fr "Invités" ja "招待中" }
    disabled() { en "Disabled" de "Gesperrt" fr "Désactivés" ja "停止中" }
    single_sign_on() { en "Single sign-on" de "Single Sign-on" fr "Authentification unique" ja "シングルサインオン" }
    without_second_factor() { en "No second factor" de "Ohne zweiten Faktor" fr "Sans second facteur" ja "第二要素なし" }
    filter_this() { en "Filter this list" de "Diese Liste filtern" fr "Filtrer cette liste" ja "この一覧を絞り込む" }
    q_label() {
        en "Email address or name, from its beginning"
        de "E-Mail-Adresse oder Name, vom Anfang an"
        fr "Adresse e-mail ou nom, depuis le début"
        ja "メールアドレスまたは名前(先頭から)"
    }
    q_placeholder() { en "Email address or name" de "E-Mail-Adresse oder Name" fr "Adresse e-mail ou nom" ja "メールアドレスまたは名前" }
    search() { en "Search" de "Suchen" fr "Rechercher" ja "検索" }
    email() { en "Email address" de "E-Mail-Adresse" fr "Adresse e-mail" ja "メールアドレス" }
    name() { en "Name" de "Name" fr "Nom" ja "名前" }
    state() { en "State" de "Zustand" fr "État" ja "状態" }
    signs_in_with() { en "Signs in with" de "Meldet sich an mit" fr "Se connecte avec" ja "サインイン方法" }
    password() { en "Password" de "Passwort" fr "Mot de passe" ja "パスワード" }
    password_and_code() { en "Password and code" de "Passwort und Code" fr "Mot de passe et code" ja "パスワードとコード" }
    roles() { en "Roles" de "Rollen" fr "Rôles" ja "ロール" }
    owner() { en "Owner" de "Inhaber" fr "Propriétaire" ja "所有者" }
    and_further[n] { en "and {n} more" de "und {n} weitere" fr "et {n} autre" | "et {n} autres" ja "ほか {n} 件" }
    last_sign_in() { en "Last sign-in" de "Letzte Anmeldung" fr "Dernière connexion" ja "最終サインイン" }
    never() { en "never" de "nie" fr "jamais" ja "なし" }
    nobody() { en "Nobody is found" de "Niemand gefunden" fr "Personne n’est trouvé" ja "該当するユーザーはいません" }
    nobody_in_view() { en "No user of this tenant stands so." de "Kein Benutzer dieses Mandanten ist in diesem Zustand." fr "Aucun utilisateur de ce locataire n’est dans cet état." ja "この状態のユーザーはいません。" }
    nobody_begins_so() {
        en "No address and no name begins so. Look for the beginning of an address, a first or a last name."
        de "Keine Adresse und kein Name beginnt so. Suchen Sie nach dem Anfang einer Adresse, eines Vor- oder Nachnamens."
        fr "Aucune adresse et aucun nom ne commence ainsi. Cherchez le début d’une adresse, d’un prénom ou d’un nom."
        ja "この文字で始まるアドレスや名前はありません。アドレス、名、姓のいずれかの先頭で検索してください。"
    }
    show_everyone() { en "Show everyone" de "Alle zeigen" fr "Afficher tous" ja "全員を表示" }
    reading_in() {
        en "The names of some users are still being read in. Until then they are found by their address alone."
        de "Die Namen einiger Benutzer werden noch eingelesen. Bis dahin werden sie nur über ihre Adresse gefunden."
        fr "Les noms de certains utilisateurs sont encore en cours de lecture. D’ici là, seule leur adresse permet de les trouver."
        ja "一部のユーザーの名前を読み込み中です。完了までは、アドレスでのみ検索できます。"
    }
    foot() { en "In the order of addresses." de "In der Reihenfolge der Adressen." fr "Dans l’ordre des adresses." ja "アドレス順に表示しています。" }
}
