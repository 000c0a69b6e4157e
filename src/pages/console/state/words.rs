//! Words for the states of resets and users.

use crate::words::words;

words! {
    requested() { en "Mail waits" de "E-Mail wartet" fr "E-mail en attente" ja "メール待機中" }
    held() { en "Mail held" de "E-Mail zurückgehalten" fr "E-mail retenu" ja "メール保留中" }
    mailed() { en "Mailed" de "Versandt" fr "Envoyé" ja "送信済み" }
    opened() { en "Opened" de "Geöffnet" fr "Ouvert" ja "開封済み" }
    redeemed() { en "Redeemed" de "Eingelöst" fr "Utilisé" ja "設定済み" }
    superseded() { en "Superseded" de "Abgelöst" fr "Remplacé" ja "置き換え済み" }
    expired() { en "Expired" de "Abgelaufen" fr "Expiré" ja "期限切れ" }
    undeliverable() { en "Undeliverable" de "Unzustellbar" fr "Non distribuable" ja "配信不能" }
    cancelled() { en "Cancelled" de "Abgebrochen" fr "Annulé" ja "取り消し済み" }
    active() { en "Active" de "Aktiv" fr "Actif" ja "有効" }
    invited() { en "Invited" de "Eingeladen" fr "Invité" ja "招待中" }
    password_dead() { en "Password dead" de "Passwort gilt nicht mehr" fr "Mot de passe hors service" ja "パスワードは無効" }
    disabled() { en "Disabled" de "Gesperrt" fr "Désactivé" ja "停止中" }
}
