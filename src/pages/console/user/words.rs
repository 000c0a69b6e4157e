//! Words of the page of one user.

use crate::words::words;

words! {
    users() { en "Users" de "Benutzer" fr "Utilisateurs" ja "ユーザー" }
    reset_password() { en "Reset password" de "Passwort zurücksetzen" fr "Réinitialiser le mot de passe" ja "パスワードをリセット" }
    more_acts() { en "More acts" de "Weitere Handlungen" fr "Autres actions" ja "その他の操作" }
    enable() { en "Let in again…" de "Wieder hereinlassen…" fr "Réadmettre…" ja "再び有効にする…" }
    disable() { en "Disable…" de "Sperren…" fr "Désactiver…" ja "停止する…" }
    remove() { en "Remove…" de "Entfernen…" fr "Supprimer…" ja "削除する…" }

    is_disabled() { en "Cannot sign in: an administrator has locked this user out." de "Kann sich nicht anmelden: Dieser Benutzer wurde gesperrt." fr "Ne peut pas se connecter : cet utilisateur a été désactivé." ja "サインインできません。管理者がこのユーザーを停止しました。" }
    dead_without_link() {
        en "Cannot sign in: the password is dead, and no link is alive. Reset the password to mail a new one."
        de "Kann sich nicht anmelden: Das Passwort gilt nicht mehr, und kein Link ist gültig. Setzen Sie es zurück, um einen neuen zu senden."
        fr "Ne peut pas se connecter : le mot de passe est hors service et aucun lien n’est valable. Réinitialisez-le pour en envoyer un nouveau."
        ja "サインインできません。パスワードは無効で、有効なリンクもありません。リセットして新しいリンクを送ってください。"
    }
    is_held() {
        en "The password is dead, and an incident holds the link back."
        de "Das Passwort gilt nicht mehr, und ein Vorfall hält den Link zurück."
        fr "Le mot de passe est hors service, et un incident retient le lien."
        ja "パスワードは無効で、インシデントがリンクを保留しています。"
    }
    link_is_out() {
        en "Cannot sign in now. A link to choose a password is out."
        de "Kann sich jetzt nicht anmelden. Ein Link zur Wahl eines Passworts ist unterwegs."
        fr "Ne peut pas se connecter pour l’instant. Un lien pour choisir un mot de passe est parti."
        ja "現在サインインできません。パスワードを設定するリンクを送信済みです。"
    }
    link_beside_password() {
        en "Can sign in. A link to choose another password is out."
        de "Kann sich anmelden. Ein Link zur Wahl eines anderen Passworts ist unterwegs."
        fr "Peut se connecter. Un lien pour choisir un autre mot de passe est parti."
        ja "サインインできます。別のパスワードを設定するリンクを送信済みです。"
    }
    invited_without_link() {
        en "Cannot sign in: no first password was chosen, and no link is alive. Reset the password to mail one."
        de "Kann sich nicht anmelden: Es wurde noch kein Passwort gewählt, und kein Link ist gültig. Setzen Sie das Passwort zurück, um einen zu senden."
        fr "Ne peut pas se connecter : aucun mot de passe n’a été choisi et aucun lien n’est valable. Réinitialisez le mot de passe pour en envoyer un."
        ja "サインインできません。最初のパスワードが未設定で、有効なリンクもありません。リセットしてリンクを送ってください。"
    }
    works_until() { en "The link works until" de "Der Link gilt bis" fr "Le lien est valable jusqu’au" ja "リンクの有効期限:" }
    open_the_reset() { en "Open the reset" de "Zurücksetzung öffnen" fr "Ouvrir la réinitialisation" ja "リセットを開く" }
    you_may_not() { en "You cannot act on this user." de "Sie können an diesem Benutzer nichts ändern." fr "Vous ne pouvez pas agir sur cet utilisateur." ja "このユーザーを操作する権限がありません。" }

    timeline() { en "Timeline" de "Verlauf" fr "Chronologie" ja "履歴" }
    password_was_reset() { en "Password reset" de "Passwort zurückgesetzt" fr "Mot de passe réinitialisé" ja "パスワードをリセット" }
    link_was_asked_for() { en "Link asked for" de "Link angefordert" fr "Lien demandé" ja "リンクを要求" }
    by_whom() { en "by" de "von" fr "par" ja "実行者:" }
    was_mailed() { en "The relay took the mail" de "Das Relay nahm die E-Mail an" fr "Le relais a accepté l’e-mail" ja "リレーがメールを受け付けました" }
    was_not_taken() { en "The relay refused the mail for good" de "Das Relay lehnte die E-Mail endgültig ab" fr "Le relais a refusé l’e-mail définitivement" ja "リレーがメールを拒否しました" }
    was_opened() { en "The link was opened" de "Der Link wurde geöffnet" fr "Le lien a été ouvert" ja "リンクが開かれました" }
    was_redeemed() { en "Chose a new password by the link" de "Wählte über den Link ein neues Passwort" fr "A choisi un nouveau mot de passe par le lien" ja "リンクから新しいパスワードを設定しました" }
    signed_in() { en "Signed in" de "Meldete sich an" fr "S’est connecté" ja "サインインしました" }
    was_refused() { en "Sign-in refused" de "Anmeldung abgelehnt" fr "Connexion refusée" ja "サインインが拒否されました" }
    was_created() { en "Created" de "Angelegt" fr "Créé" ja "作成されました" }
    was_disabled() { en "Locked out" de "Gesperrt" fr "Désactivé" ja "停止されました" }

    facts() { en "Facts" de "Fakten" fr "Faits" ja "情報" }
    signs_in_with() { en "Signs in with" de "Meldet sich an mit" fr "Se connecte avec" ja "サインイン方法" }
    password() { en "Password" de "Passwort" fr "Mot de passe" ja "パスワード" }
    password_and_code() { en "Password and code" de "Passwort und Code" fr "Mot de passe et code" ja "パスワードとコード" }
    single_sign_on() { en "Single sign-on" de "Single Sign-on" fr "Authentification unique" ja "シングルサインオン" }
    password_set() { en "Password set" de "Passwort gesetzt" fr "Mot de passe défini" ja "パスワード設定" }
    last_sign_in() { en "Last sign-in" de "Letzte Anmeldung" fr "Dernière connexion" ja "最終サインイン" }
    address_verified() { en "Address verified" de "Adresse bestätigt" fr "Adresse vérifiée" ja "アドレス確認" }
    mail_goes_to() { en "Mail goes to" de "E-Mail geht an" fr "Les e-mails vont à" ja "メールの送信先" }
    created() { en "Created" de "Angelegt" fr "Créé" ja "作成" }
    the_id() { en "Id" de "ID" fr "Identifiant" ja "ID" }
    none() { en "never" de "nie" fr "jamais" ja "なし" }
    roles() { en "Roles" de "Rollen" fr "Rôles" ja "ロール" }
    whence_and_change() { en "Where they come from, and change" de "Woher sie kommen, und ändern" fr "D’où ils viennent, et modifier" ja "由来と変更" }
    tenant() { en "Tenant" de "Mandant" fr "Locataire" ja "テナント" }
    owner() { en "Owner" de "Inhaber" fr "Propriétaire" ja "所有者" }
    groups() { en "Groups" de "Gruppen" fr "Groupes" ja "グループ" }
    sessions() { en "Sessions" de "Sitzungen" fr "Sessions" ja "セッション" }
    no_session() { en "None is open." de "Keine ist offen." fr "Aucune n’est ouverte." ja "開いているものはありません。" }
    foot() {
        en "Sign-ins are those among the latest 2,000 of the tenant; every record stands in the audit."
        de "Anmeldungen sind die unter den letzten 2.000 des Mandanten; jeder Eintrag steht im Protokoll."
        fr "Les connexions sont celles parmi les 2 000 dernières du locataire ; chaque entrée figure dans l’audit."
        ja "サインインは、テナントの直近 2,000 件のうちこのユーザーのものです。すべての記録は監査にあります。"
    }
}
