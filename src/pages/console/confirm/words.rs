//! Words of the page before an act.

use crate::words::words;

words! {
    users() { en "Users" de "Benutzer" fr "Utilisateurs" ja "ユーザー" }
    reset_title() { en "Reset this password?" de "Dieses Passwort zurücksetzen?" fr "Réinitialiser ce mot de passe ?" ja "このパスワードをリセットしますか?" }
    disable_title() { en "Disable this user?" de "Diesen Benutzer sperren?" fr "Désactiver cet utilisateur ?" ja "このユーザーを停止しますか?" }
    enable_title() { en "Let this user in again?" de "Diesen Benutzer wieder hereinlassen?" fr "Réadmettre cet utilisateur ?" ja "このユーザーを再び有効にしますか?" }
    remove_title() { en "Remove this user?" de "Diesen Benutzer entfernen?" fr "Supprimer cet utilisateur ?" ja "このユーザーを削除しますか?" }
    reset() { en "Reset password" de "Passwort zurücksetzen" fr "Réinitialiser le mot de passe" ja "パスワードをリセット" }
    disable() { en "Disable user" de "Benutzer sperren" fr "Désactiver l’utilisateur" ja "ユーザーを停止" }
    enable() { en "Let user in again" de "Benutzer wieder hereinlassen" fr "Réadmettre l’utilisateur" ja "ユーザーを有効にする" }
    remove() { en "Remove user" de "Benutzer entfernen" fr "Supprimer l’utilisateur" ja "ユーザーを削除" }
    what_happens() { en "What happens when you do" de "Was dann geschieht" fr "Ce qui se passe alors" ja "実行すると起こること" }
    at_once() { en "At once" de "Sofort" fr "Aussitôt" ja "直ちに" }
    then() { en "Then" de "Danach" fr "Ensuite" ja "その後" }
    stays() { en "Stays" de "Es bleibt" fr "Reste" ja "残るもの" }
    nobody() { en "Nobody" de "Niemand" fr "Personne" ja "誰にも" }
    old_password_stops() { en "The old password stops working." de "Das alte Passwort gilt nicht mehr." fr "L’ancien mot de passe cesse de fonctionner." ja "古いパスワードは使えなくなります。" }
    old_password_stays() {
        en "The old password works until a new one is chosen, as this tenant has it."
        de "Das alte Passwort gilt, bis ein neues gewählt ist, wie es dieser Mandant will."
        fr "L’ancien mot de passe reste valable jusqu’au choix d’un nouveau, comme le veut ce locataire."
        ja "テナントの設定により、新しいパスワードが設定されるまで古いパスワードを使えます。"
    }
    sessions_end[n] {
        en "{n} session ends." | "{n} sessions end."
        de "{n} Sitzung endet." | "{n} Sitzungen enden."
        fr "{n} session se termine." | "{n} sessions se terminent."
        ja "{n} 件のセッションが終了します。"
    }
    older_link_dies() { en "An older link dies." de "Ein älterer Link wird ungültig." fr "Un lien plus ancien devient invalide." ja "以前のリンクは無効になります。" }
    link_goes_to() { en "A mail with a one-time link goes to" de "Eine E-Mail mit einem Einmal-Link geht an" fr "Un e-mail avec un lien à usage unique part vers" ja "一度だけ使えるリンクを次の宛先に送ります:" }
    works_for[n] {
        en "It works once and for {n} minute." | "It works once and for {n} minutes."
        de "Er gilt einmal und {n} Minute lang." | "Er gilt einmal und {n} Minuten lang."
        fr "Il sert une fois, pendant {n} minute." | "Il sert une fois, pendant {n} minutes."
        ja "一度だけ、{n} 分間有効です。"
    }
    stays_with_credentials() { en "The second factor, the roles, the API credentials." de "Der zweite Faktor, die Rollen, die API-Zugangsdaten." fr "Le second facteur, les rôles, les identifiants d’API." ja "第二要素、ロール、API 認証情報。" }
    stays_but_credentials() { en "The second factor and the roles. The API credentials end, as this tenant has it." de "Der zweite Faktor und die Rollen. Die API-Zugangsdaten enden, wie es dieser Mandant will." fr "Le second facteur et les rôles. Les identifiants d’API prennent fin, comme le veut ce locataire." ja "第二要素とロール。テナントの設定により API 認証情報は失効します。" }
    learns_the_password() { en "learns the new password or the link, you neither." de "erfährt das neue Passwort oder den Link, auch Sie nicht." fr "n’apprend le nouveau mot de passe ni le lien, vous non plus." ja "新しいパスワードもリンクも知らされません。あなたも例外ではありません。" }
    tokens_do_not_count() { en "API credentials do not count, and an open link opens nothing." de "API-Zugangsdaten zählen nicht, und ein offener Link öffnet nichts." fr "Les identifiants d’API ne comptent plus, et un lien ouvert n’ouvre rien." ja "API 認証情報は使えず、未使用のリンクも無効になります。" }
    stays_of_disabled() { en "The user, their roles and their password, until you let them in again." de "Der Benutzer, seine Rollen und sein Passwort, bis Sie ihn wieder hereinlassen." fr "L’utilisateur, ses rôles et son mot de passe, jusqu’à ce que vous le réadmettiez." ja "再び有効にするまで、ユーザー、ロール、パスワードは残ります。" }
    can_sign_in_again() { en "The user can sign in again, unless a reset has ended the password." de "Der Benutzer kann sich wieder anmelden, es sei denn, eine Zurücksetzung hat das Passwort beendet." fr "L’utilisateur peut se reconnecter, sauf si une réinitialisation a mis fin au mot de passe." ja "リセットでパスワードが無効になっていなければ、再びサインインできます。" }
    all_is_removed() { en "Password, roles and API credentials are removed; the address is free again." de "Passwort, Rollen und API-Zugangsdaten werden entfernt; die Adresse ist wieder frei." fr "Mot de passe, rôles et identifiants d’API sont supprimés ; l’adresse est de nouveau libre." ja "パスワード、ロール、API 認証情報が削除され、アドレスは再び使えるようになります。" }
    records_stay() { en "The resets and records of this user. A user who comes again with this address is a new one." de "Die Zurücksetzungen und Einträge dieses Benutzers. Wer mit dieser Adresse wiederkommt, ist ein neuer Benutzer." fr "Les réinitialisations et les entrées de cet utilisateur. Un utilisateur qui revient avec cette adresse est nouveau." ja "このユーザーのリセットと記録。同じアドレスで再び登録されたユーザーは新しいユーザーです。" }
}
