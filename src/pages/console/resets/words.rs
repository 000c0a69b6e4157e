//! Words of the list of resets.

use crate::words::words;

words! {
    title() { en "Resets" de "Zurücksetzungen" fr "Réinitialisations" ja "リセット" }
    lead() {
        en "Each reset with the relay’s own words. None is lost, whatever becomes of it."
        de "Jede Zurücksetzung mit den Worten des Relays. Keine geht verloren, was auch daraus wird."
        fr "Chaque réinitialisation avec les mots du relais. Aucune ne se perd, quoi qu’il en advienne."
        ja "各リセットとリレーの応答です。結果にかかわらず、失われるものはありません。"
    }
    filter_this() { en "Filter this list" de "Diese Liste filtern" fr "Filtrer cette liste" ja "この一覧を絞り込む" }
    email_label() { en "Email address, the whole of it" de "Vollständige E-Mail-Adresse" fr "Adresse e-mail complète" ja "メールアドレス(完全一致)" }
    any_state() { en "Any state" de "Jeder Zustand" fr "Tous les états" ja "すべての状態" }
    search() { en "Search" de "Suchen" fr "Rechercher" ja "検索" }
    email() { en "Email address" de "E-Mail-Adresse" fr "Adresse e-mail" ja "メールアドレス" }
    state() { en "State" de "Zustand" fr "État" ja "状態" }
    requested_by() { en "Requested by" de "Angefordert von" fr "Demandée par" ja "要求者" }
    requested() { en "Requested" de "Angefordert" fr "Demandée" ja "要求日時" }
    relay() { en "The relay said" de "Das Relay sagte" fr "Le relais a dit" ja "リレーの応答" }
    nothing() { en "No reset is found" de "Keine Zurücksetzung gefunden" fr "Aucune réinitialisation trouvée" ja "該当するリセットはありません" }
    nothing_yet() { en "There has been no reset yet. Begin with a user." de "Es gab noch keine Zurücksetzung. Beginnen Sie bei einem Benutzer." fr "Il n’y a pas encore eu de réinitialisation. Commencez par un utilisateur." ja "リセットはまだありません。ユーザーから始めてください。" }
    nothing_passes() { en "No reset has this state and this address." de "Keine Zurücksetzung hat diesen Zustand und diese Adresse." fr "Aucune réinitialisation n’a cet état et cette adresse." ja "この状態とアドレスに一致するリセットはありません。" }
    show_all() { en "Show all resets" de "Alle Zurücksetzungen zeigen" fr "Afficher toutes les réinitialisations" ja "すべてのリセットを表示" }
    to_users() { en "To the users" de "Zu den Benutzern" fr "Vers les utilisateurs" ja "ユーザーへ" }
    foot() { en "Newest first." de "Neueste zuerst." fr "Les plus récentes d’abord." ja "新しい順に表示しています。" }
}
