//! Words of the list of records.

use crate::words::words;

words! {
    title() { en "Audit" de "Protokoll" fr "Audit" ja "監査" }
    lead() {
        en "One record for each accepted change and each refusal that matters, written in the change’s own transaction."
        de "Ein Eintrag für jede angenommene Änderung und jede wichtige Ablehnung, geschrieben in derselben Transaktion."
        fr "Une entrée pour chaque changement accepté et chaque refus important, écrite dans la transaction même du changement."
        ja "受け付けた変更と重要な拒否ごとに、同じトランザクションで一件の記録が書かれます。"
    }
    filter_this() { en "Filter the records" de "Die Einträge filtern" fr "Filtrer les entrées" ja "記録を絞り込む" }
    action() { en "Action, such as reset.request" de "Handlung, etwa reset.request" fr "Action, comme reset.request" ja "操作(例: reset.request)" }
    actor() { en "Who did it" de "Wer es tat" fr "Qui l’a fait" ja "実行者" }
    subject() { en "To whom or what" de "Wem oder was" fr "À qui ou à quoi" ja "対象" }
    outcome() { en "How it ended" de "Wie es ausging" fr "Comment cela a fini" ja "結果" }
    any_outcome() { en "Any outcome" de "Jeder Ausgang" fr "Toute issue" ja "すべての結果" }
    accepted() { en "Accepted" de "Angenommen" fr "Accepté" ja "受理" }
    refused() { en "Refused" de "Abgelehnt" fr "Refusé" ja "拒否" }
    search() { en "Search" de "Suchen" fr "Rechercher" ja "検索" }
    records() { en "Records, the newest first" de "Einträge, die neuesten zuerst" fr "Entrées, les plus récentes d’abord" ja "記録(新しい順)" }
    nothing() { en "No record is found" de "Kein Eintrag gefunden" fr "Aucune entrée trouvée" ja "該当する記録はありません" }
    nothing_yet() { en "Nothing has been recorded yet." de "Es wurde noch nichts aufgezeichnet." fr "Rien n’a encore été enregistré." ja "記録はまだありません。" }
    nothing_passes() { en "No record passes this filter." de "Kein Eintrag passt zu diesem Filter." fr "Aucune entrée ne passe ce filtre." ja "この条件に合う記録はありません。" }
    show_all() { en "Show all records" de "Alle Einträge zeigen" fr "Afficher toutes les entrées" ja "すべての記録を表示" }
    credential() { en "Credential" de "Zugangsdaten" fr "Identifiant d’API" ja "認証情報" }
    request() { en "Request" de "Anfrage" fr "Requête" ja "リクエスト" }
    foot() { en "Newest first. Times are yours; the title of each has UTC." de "Neueste zuerst. Die Zeiten sind Ihre; im Titel steht UTC." fr "Les plus récentes d’abord. Les heures sont les vôtres ; le titre donne l’UTC." ja "新しい順。時刻はお使いの地域の時刻で、タイトルに UTC を示します。" }
}
