//! Words of the list of webhooks.

use crate::words::words;

words! {
    title() { en "Webhooks" de "Webhooks" fr "Webhooks" ja "Webhook" }
    lead() {
        en "Servers that are told what happens in this tenant."
        de "Server, denen mitgeteilt wird, was in diesem Mandanten geschieht."
        fr "Les serveurs qui sont informés de ce qui se passe dans ce locataire."
        ja "このテナントで起きたことを知らせる先のサーバーです。"
    }
    name() { en "Name" de "Name" fr "Nom" ja "名前" }
    state() { en "State" de "Zustand" fr "État" ja "状態" }
    address() { en "Address" de "Adresse" fr "Adresse" ja "アドレス" }
    events() { en "Events" de "Ereignisse" fr "Événements" ja "イベント" }
    waiting() { en "Waiting" de "Wartend" fr "En attente" ja "待機中" }
    receiver_said() { en "The receiver said" de "Der Empfänger sagte" fr "Le destinataire a dit" ja "受信側の応答" }
    on() { en "On" de "An" fr "Actif" ja "有効" }
    failing() { en "Failing" de "Schlägt fehl" fr "En échec" ja "失敗中" }
    off() { en "Off" de "Aus" fr "Arrêté" ja "停止" }
    nothing() { en "There is no webhook" de "Es gibt keinen Webhook" fr "Il n’y a aucun webhook" ja "Webhook はありません" }
    nothing_yet() {
        en "A webhook sends what happens here to a server of yours. The call tenantry.webhooks.create makes one."
        de "Ein Webhook sendet an einen Ihrer Server, was hier geschieht. Der Aufruf tenantry.webhooks.create legt einen an."
        fr "Un webhook envoie à l’un de vos serveurs ce qui se passe ici. L’appel tenantry.webhooks.create en crée un."
        ja "Webhook は、ここで起きたことをお使いのサーバーへ送ります。tenantry.webhooks.create の呼び出しで作成します。"
    }
    foot() { en "Oldest first." de "Älteste zuerst." fr "Les plus anciens d’abord." ja "古い順に表示しています。" }
}
