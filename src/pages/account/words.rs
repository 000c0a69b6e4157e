//! Words of the account page.

use crate::words::words;

words! {
    title() {
        en "Your account"
        de "Ihr Konto"
        fr "Votre compte"
        ja "アカウント"
    }

    sign_out() {
        en "Sign out"
        de "Abmelden"
        fr "Se déconnecter"
        ja "サインアウト"
    }

    name() {
        en "Name"
        de "Name"
        fr "Nom"
        ja "名前"
    }

    roles() {
        en "Roles"
        de "Rollen"
        fr "Rôles"
        ja "ロール"
    }

    no_roles() {
        en "None"
        de "Keine"
        fr "Aucun"
        ja "なし"
    }

    last_sign_in() {
        en "Last sign-in"
        de "Letzte Anmeldung"
        fr "Dernière connexion"
        ja "前回のサインイン"
    }

    change_password() {
        en "Change password"
        de "Passwort ändern"
        fr "Changer de mot de passe"
        ja "パスワードの変更"
    }

    current_password() {
        en "Current password"
        de "Jetziges Passwort"
        fr "Mot de passe actuel"
        ja "現在のパスワード"
    }

    wrong_password() {
        en "The current password is not right."
        de "Das jetzige Passwort stimmt nicht."
        fr "Le mot de passe actuel est incorrect."
        ja "現在のパスワードが正しくありません。"
    }

    save_password() {
        en "Change password"
        de "Passwort ändern"
        fr "Changer de mot de passe"
        ja "パスワードを変更"
    }

    changed() {
        en "Your password is changed. All your other sessions have ended."
        de "Ihr Passwort ist geändert. Alle Ihre anderen Sitzungen sind beendet."
        fr "Votre mot de passe est modifié. Toutes vos autres sessions sont terminées."
        ja "パスワードを変更しました。ほかのセッションはすべて終了しました。"
    }

    sessions() {
        en "Sessions"
        de "Sitzungen"
        fr "Sessions"
        ja "セッション"
    }

    address() {
        en "Address"
        de "Adresse"
        fr "Adresse"
        ja "アドレス"
    }

    started() {
        en "Started"
        de "Begonnen"
        fr "Début"
        ja "開始"
    }

    last_seen() {
        en "Last seen"
        de "Zuletzt aktiv"
        fr "Dernière activité"
        ja "最終利用"
    }

    this_one() {
        en "This one"
        de "Diese hier"
        fr "Celle-ci"
        ja "このセッション"
    }

    end() {
        en "End"
        de "Beenden"
        fr "Terminer"
        ja "終了"
    }

    end_others() {
        en "End all others"
        de "Alle anderen beenden"
        fr "Terminer toutes les autres"
        ja "ほかをすべて終了"
    }
}
