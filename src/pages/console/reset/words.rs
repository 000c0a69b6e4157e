//! Words of the page of one reset.

use crate::words::words;

words! {
    resets() { en "Resets" de "Zurücksetzungen" fr "Réinitialisations" ja "リセット" }
    title() { en "Reset" de "Zurücksetzung" fr "Réinitialisation" ja "リセット" }
    works_until() { en "the link works until" de "der Link gilt bis" fr "le lien est valable jusqu’au" ja "リンクの有効期限:" }
    mail_again() { en "Mail the same link again" de "Denselben Link noch einmal senden" fr "Renvoyer le même lien" ja "同じリンクを再送する" }
    cancel() { en "Cancel this reset" de "Zurücksetzung abbrechen" fr "Annuler la réinitialisation" ja "このリセットを取り消す" }
    how_far() { en "How far it is" de "Wie weit es ist" fr "Où elle en est" ja "進み具合" }
    dead() { en "Password dead" de "Passwort gilt nicht mehr" fr "Mot de passe hors service" ja "パスワード無効" }
    asked_for() { en "Asked for" de "Angefordert" fr "Demandé" ja "要求" }
    mailed() { en "Mailed" de "Versandt" fr "Envoyé" ja "送信" }
    opened() { en "Opened" de "Geöffnet" fr "Ouvert" ja "開封" }
    redeemed() { en "Redeemed" de "Eingelöst" fr "Utilisé" ja "設定" }
    not_yet() { en "Not yet" de "Noch nicht" fr "Pas encore" ja "まだ" }
    if_it_does_not_arrive() { en "If the mail does not arrive" de "Wenn die E-Mail nicht ankommt" fr "Si l’e-mail n’arrive pas" ja "メールが届かないとき" }
    relay_said() { en "The relay said:" de "Das Relay sagte:" fr "Le relais a dit :" ja "リレーの応答:" }
    user_can_ask() { en "On the sign-in page the user can ask for a fresh link without you." de "Auf der Anmeldeseite kann der Benutzer ohne Sie einen neuen Link anfordern." fr "Sur la page de connexion, l’utilisateur peut demander un nouveau lien sans vous." ja "ユーザーはサインインページから自分で新しいリンクを要求できます。" }
    same_link() { en "Mailing again sends the same link, so no second one is alive." de "Noch einmal senden schickt denselben Link; kein zweiter wird gültig." fr "Renvoyer expédie le même lien ; aucun second lien n’est valable." ja "再送しても同じリンクが送られ、二つ目のリンクは有効になりません。" }
    facts() { en "Facts" de "Fakten" fr "Faits" ja "情報" }
    user() { en "User" de "Benutzer" fr "Utilisateur" ja "ユーザー" }
    is_gone() { en "no longer there" de "nicht mehr da" fr "n’existe plus" ja "存在しません" }
    requested_by() { en "Requested by" de "Angefordert von" fr "Demandée par" ja "要求者" }
    kind() { en "Kind" de "Art" fr "Type" ja "種類" }
    by_an_incident() { en "In an incident" de "In einem Vorfall" fr "Dans un incident" ja "インシデントによる" }
    the_link() { en "Link" de "Link" fr "Lien" ja "リンク" }
    nobody_sees_it() { en "Nobody can see it here." de "Hier kann ihn niemand sehen." fr "Personne ne peut le voir ici." ja "ここでは誰にも見えません。" }
    the_id() { en "Id" de "ID" fr "Identifiant" ja "ID" }
    foot() { en "Load the page again to see how far it is." de "Laden Sie die Seite neu, um zu sehen, wie weit es ist." fr "Rechargez la page pour voir où elle en est." ja "最新の状態を見るには、ページを再読み込みしてください。" }
}
