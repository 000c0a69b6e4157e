//! Words of the form for a new user.

use crate::words::words;

words! {
    users() { en "Users" de "Benutzer" fr "Utilisateurs" ja "ユーザー" }
    title() { en "Make a user" de "Benutzer anlegen" fr "Créer un utilisateur" ja "ユーザーを作成" }
    what_happens() {
        en "One with a password here is mailed a link to choose it. Nobody else learns the password."
        de "Wer hier ein Passwort hat, bekommt einen Link zu dessen Wahl. Niemand sonst erfährt das Passwort."
        fr "Qui a un mot de passe ici reçoit un lien pour le choisir. Personne d’autre n’apprend le mot de passe."
        ja "ここにパスワードを持つユーザーには、設定用のリンクを送ります。パスワードはほかの誰にも知らされません。"
    }
    email() { en "Email address" de "E-Mail-Adresse" fr "Adresse e-mail" ja "メールアドレス" }
    first_name() { en "First name" de "Vorname" fr "Prénom" ja "名" }
    last_name() { en "Last name" de "Nachname" fr "Nom" ja "姓" }
    by_sso() { en "Signs in by single sign-on, without a password here" de "Meldet sich per Single Sign-on an, ohne Passwort hier" fr "Se connecte par authentification unique, sans mot de passe ici" ja "シングルサインオンを使い、ここにパスワードを持たない" }
    role() { en "First role" de "Erste Rolle" fr "Premier rôle" ja "最初のロール" }
    role_hint() { en "Such as ves-io-default-role. Further ones are given on the user’s page." de "Etwa ves-io-default-role. Weitere geben Sie auf der Seite des Benutzers." fr "Par exemple ves-io-default-role. D’autres se donnent sur la page de l’utilisateur." ja "例: ves-io-default-role。ほかのロールはユーザーのページで付与します。" }
    namespace() { en "Namespace" de "Namensraum" fr "Espace de noms" ja "名前空間" }
    namespace_hint() { en "In which that role counts." de "In dem diese Rolle gilt." fr "Où ce rôle vaut." ja "そのロールが有効な名前空間。" }
    make() { en "Make user" de "Benutzer anlegen" fr "Créer l’utilisateur" ja "ユーザーを作成" }
}
