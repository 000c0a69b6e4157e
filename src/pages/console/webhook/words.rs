//! Words of the page of one webhook.

use crate::words::words;

words! {
    title() { en "Webhook" de "Webhook" fr "Webhook" ja "Webhook" }
    webhooks() { en "Webhooks" de "Webhooks" fr "Webhooks" ja "Webhook" }
    send_ping() { en "Send a ping" de "Ping senden" fr "Envoyer un ping" ja "ping を送信" }
    ping_answered(status, millis) {
        en "The receiver answered the ping with {status} after {millis} ms."
        de "Der Empfänger hat den Ping nach {millis} ms mit {status} beantwortet."
        fr "Le destinataire a répondu {status} au ping après {millis} ms."
        ja "受信側は {millis} ms 後に ping へ {status} で応答しました。"
    }
    ping_unanswered() {
        en "The receiver did not answer the ping."
        de "Der Empfänger hat den Ping nicht beantwortet."
        fr "Le destinataire n’a pas répondu au ping."
        ja "受信側は ping に応答しませんでした。"
    }
    what_was_sent() { en "What was sent" de "Was gesendet wurde" fr "Ce qui a été envoyé" ja "送信の履歴" }
    filter_this() { en "Filter this list" de "Diese Liste filtern" fr "Filtrer cette liste" ja "この一覧を絞り込む" }
    filter() { en "Filter" de "Filtern" fr "Filtrer" ja "絞り込む" }
    any_state() { en "Any state" de "Jeder Zustand" fr "Tous les états" ja "すべての状態" }
    event() { en "Event" de "Ereignis" fr "Événement" ja "イベント" }
    state() { en "State" de "Zustand" fr "État" ja "状態" }
    queued() { en "Queued" de "Eingereiht" fr "Mis en file" ja "登録日時" }
    attempts() { en "Attempts" de "Versuche" fr "Tentatives" ja "試行回数" }
    receiver_said() { en "The receiver said" de "Der Empfänger sagte" fr "Le destinataire a dit" ja "受信側の応答" }
    again() { en "Once more" de "Noch einmal" fr "Une fois de plus" ja "再送" }
    resend() { en "Send again" de "Erneut senden" fr "Renvoyer" ja "再送する" }
    waiting() { en "Waiting" de "Wartend" fr "En attente" ja "待機中" }
    delivered() { en "Delivered" de "Zugestellt" fr "Remis" ja "配信済み" }
    failed() { en "Failed" de "Fehlgeschlagen" fr "Échoué" ja "失敗" }
    nothing() { en "Nothing is found" de "Nichts gefunden" fr "Rien n’a été trouvé" ja "該当するものはありません" }
    nothing_here() {
        en "No event was sent to this webhook in the last 30 days, or none has this state."
        de "In den letzten 30 Tagen wurde kein Ereignis an diesen Webhook gesendet, oder keines hat diesen Zustand."
        fr "Aucun événement n’a été envoyé à ce webhook ces 30 derniers jours, ou aucun n’a cet état."
        ja "過去 30 日間にこの Webhook へ送信されたイベントがないか、この状態のものがありません。"
    }
    facts() { en "Facts" de "Fakten" fr "Données" ja "詳細" }
    events() { en "Events" de "Ereignisse" fr "Événements" ja "イベント" }
    each_user() { en "Each user of an incident" de "Jeder Benutzer eines Vorfalls" fr "Chaque utilisateur d’un incident" ja "インシデントの各ユーザー" }
    yes() { en "Yes" de "Ja" fr "Oui" ja "はい" }
    no() { en "No" de "Nein" fr "Non" ja "いいえ" }
    failing_since() { en "Failing since" de "Schlägt fehl seit" fr "En échec depuis" ja "失敗の開始" }
    old_secret() { en "Former secret signs until" de "Früheres Geheimnis signiert bis" fr "L’ancien secret signe jusqu’au" ja "以前のシークレットの有効期限" }
    made() { en "Made" de "Angelegt" fr "Créé" ja "作成" }
    the_id() { en "Id" de "ID" fr "Identifiant" ja "ID" }
    foot() { en "Newest first, kept for 30 days." de "Neueste zuerst, 30 Tage aufbewahrt." fr "Les plus récents d’abord, conservés 30 jours." ja "新しい順、30 日間保存されます。" }
}
