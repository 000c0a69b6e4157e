//! Words around every page of the console.

use crate::words::words;

words! {
    console() { en "Console" de "Konsole" fr "Console" ja "コンソール" }
    skip() { en "Skip to the content" de "Zum Inhalt" fr "Aller au contenu" ja "本文へ" }
    menu() { en "Menu" de "Menü" fr "Menu" ja "メニュー" }
    find() { en "Find" de "Suchen" fr "Rechercher" ja "検索" }
    find_label() {
        en "Find a person or a reset"
        de "Eine Person oder Zurücksetzung suchen"
        fr "Rechercher une personne ou une réinitialisation"
        ja "ユーザーまたはリセットを検索"
    }
    find_anything() { en "Address, name or id" de "Adresse, Name oder ID" fr "Adresse, nom ou identifiant" ja "アドレス・名前・ID" }

    overview() { en "Overview" de "Übersicht" fr "Vue d’ensemble" ja "概要" }
    users() { en "Users" de "Benutzer" fr "Utilisateurs" ja "ユーザー" }
    resets() { en "Resets" de "Zurücksetzungen" fr "Réinitialisations" ja "リセット" }
    groups() { en "Groups" de "Gruppen" fr "Groupes" ja "グループ" }
    roles() { en "Roles and rank" de "Rollen und Rang" fr "Rôles et rang" ja "ロールと順位" }
    namespaces() { en "Namespaces" de "Namensräume" fr "Espaces de noms" ja "名前空間" }
    credentials() { en "API credentials" de "API-Zugangsdaten" fr "Identifiants d’API" ja "API 認証情報" }
    audit() { en "Audit" de "Protokoll" fr "Audit" ja "監査" }
    part_people() { en "People" de "Personen" fr "Personnes" ja "人" }
    part_resets() { en "Resets" de "Zurücksetzungen" fr "Réinitialisations" ja "リセット" }
    part_access() { en "Access" de "Zugriff" fr "Accès" ja "アクセス" }
    webhooks() { en "Webhooks" de "Webhooks" fr "Webhooks" ja "Webhook" }
    part_tenant() { en "Tenant" de "Mandant" fr "Locataire" ja "テナント" }
    part_record() { en "Record" de "Nachweis" fr "Registre" ja "記録" }

    what_always_holds() { en "What always holds" de "Was immer gilt" fr "Ce qui vaut toujours" ja "常に成り立つこと" }
    mail_flows() { en "Mail flows" de "E-Mail fließt" fr "Les e-mails partent" ja "メールは流れています" }
    mails_wait[n] {
        en "{n} mail waits" | "{n} mails wait"
        de "{n} E-Mail wartet" | "{n} E-Mails warten"
        fr "{n} e-mail attend" | "{n} e-mails attendent"
        ja "{n} 通のメールが待機中"
    }
    mails_refused[n] {
        en "The relay refuses {n} mail for now" | "The relay refuses {n} mails for now"
        de "Das Relay lehnt vorerst {n} E-Mail ab" | "Das Relay lehnt vorerst {n} E-Mails ab"
        fr "Le relais refuse {n} e-mail pour l’instant" | "Le relais refuse {n} e-mails pour l’instant"
        ja "リレーが {n} 通のメールを一時的に拒否しています"
    }
    record_is_sealed() { en "Record is sealed" de "Nachweis ist versiegelt" fr "Le registre est scellé" ja "記録は封印済み" }
    record_waits() {
        en "Records wait to be sealed"
        de "Einträge warten auf ihr Siegel"
        fr "Des entrées attendent leur sceau"
        ja "封印待ちの記録があります"
    }

    you() { en "Signed in" de "Angemeldet" fr "Connecté" ja "サインイン中" }
    colours() { en "Colours" de "Farben" fr "Couleurs" ja "配色" }
    theme_system() { en "System" de "System" fr "Système" ja "システム" }
    theme_light() { en "Light" de "Hell" fr "Clair" ja "ライト" }
    theme_dark() { en "Dark" de "Dunkel" fr "Sombre" ja "ダーク" }
    your_account() { en "Your account" de "Ihr Konto" fr "Votre compte" ja "自分のアカウント" }
    sign_out() { en "Sign out" de "Abmelden" fr "Se déconnecter" ja "サインアウト" }
    keys() { en "Keys" de "Tasten" fr "Touches" ja "キー操作" }
    close() { en "Close" de "Schließen" fr "Fermer" ja "閉じる" }
    key_find() { en "Find a person or a reset" de "Person oder Zurücksetzung suchen" fr "Rechercher une personne ou une réinitialisation" ja "ユーザーまたはリセットを検索" }
    key_filter() { en "Filter this page" de "Diese Seite filtern" fr "Filtrer cette page" ja "このページを絞り込む" }
    key_next() { en "Next and previous row" de "Nächste und vorige Zeile" fr "Ligne suivante et précédente" ja "次の行・前の行" }
    key_reset() { en "Reset the password of this user" de "Passwort dieses Benutzers zurücksetzen" fr "Réinitialiser le mot de passe de cet utilisateur" ja "このユーザーのパスワードをリセット" }
    keys_never() {
        en "Keys never act while you type, and none of them does anything that cannot be taken back."
        de "Tasten wirken nie, während Sie tippen, und keine tut etwas, das sich nicht zurücknehmen lässt."
        fr "Les touches n’agissent jamais pendant que vous tapez, et aucune ne fait rien d’irréversible."
        ja "入力中にキー操作が働くことはなく、取り消せない操作を行うキーもありません。"
    }
}
