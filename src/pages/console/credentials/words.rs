//! Words of the pages about API tokens.

use crate::words::words;

words! {
    title() { en "API credentials" de "API-Zugangsdaten" fr "Identifiants d’API" ja "API 認証情報" }
    of_everyone() { en "The tokens of everyone in this tenant." de "Die Token aller Benutzer dieses Mandanten." fr "Les jetons de tous les utilisateurs de ce locataire." ja "このテナントの全ユーザーのトークンです。" }
    of_yourself() { en "Your own tokens." de "Ihre eigenen Token." fr "Vos propres jetons." ja "あなた自身のトークンです。" }
    make() { en "Make a token" de "Token anlegen" fr "Créer un jeton" ja "トークンを作成" }
    filter_this() { en "Filter this list" de "Diese Liste filtern" fr "Filtrer cette liste" ja "この一覧を絞り込む" }
    q_label() { en "Name or owner, from its beginning" de "Name oder Inhaber, vom Anfang an" fr "Nom ou titulaire, depuis le début" ja "名前または所有者(先頭から)" }
    search() { en "Search" de "Suchen" fr "Rechercher" ja "検索" }
    none_yet() { en "There is no token yet" de "Es gibt noch kein Token" fr "Il n’y a pas encore de jeton" ja "トークンはまだありません" }
    none_so() { en "No token begins so" de "Kein Token beginnt so" fr "Aucun jeton ne commence ainsi" ja "この文字で始まるトークンはありません" }
    what_it_is() {
        en "With a token a program calls the API as its user. It can do what the user can, or less, until it ends."
        de "Mit einem Token ruft ein Programm die API als sein Benutzer auf. Es darf, was der Benutzer darf, oder weniger, bis es endet."
        fr "Avec un jeton, un programme appelle l’API au nom de son utilisateur. Il peut ce que peut l’utilisateur, ou moins, jusqu’à sa fin."
        ja "トークンを使うと、プログラムがそのユーザーとして API を呼び出せます。期限まで、ユーザーと同じかそれより狭い権限を持ちます。"
    }
    show_all() { en "Show all" de "Alle zeigen" fr "Afficher tous" ja "すべて表示" }
    foot() { en "A token is shown once, when it is made; nobody can read it later." de "Ein Token wird einmal gezeigt, wenn es angelegt wird; später kann es niemand lesen." fr "Un jeton s’affiche une fois, à sa création ; personne ne peut le lire ensuite." ja "トークンは作成時に一度だけ表示され、後から読むことはできません。" }
    name() { en "Name" de "Name" fr "Nom" ja "名前" }
    state() { en "State" de "Zustand" fr "État" ja "状態" }
    owner() { en "Owner" de "Inhaber" fr "Titulaire" ja "所有者" }
    may_do() { en "May do" de "Darf" fr "Peut faire" ja "できること" }
    made_at() { en "Made" de "Angelegt" fr "Créé" ja "作成" }
    ends() { en "Ends" de "Endet" fr "Prend fin" ja "期限" }
    works() { en "Works" de "Gilt" fr "Valable" ja "有効" }
    ends_soon() { en "Ends soon" de "Endet bald" fr "Bientôt terminé" ja "まもなく期限" }
    has_ended() { en "Ended" de "Abgelaufen" fr "Terminé" ja "期限切れ" }
    is_off() { en "Switched off" de "Abgeschaltet" fr "Suspendu" ja "停止中" }
    is_narrowed() { en "Less than its user" de "Weniger als sein Benutzer" fr "Moins que son utilisateur" ja "ユーザーより狭い権限" }
    all_of_its_user() { en "All that its user may" de "Alles, was sein Benutzer darf" fr "Tout ce que peut son utilisateur" ja "ユーザーと同じ権限" }
    facts() { en "Facts" de "Fakten" fr "Faits" ja "情報" }
    api_groups() { en "API groups" de "API-Gruppen" fr "Groupes d’API" ja "API グループ" }
    namespaces() { en "Namespaces" de "Namensräume" fr "Espaces de noms" ja "名前空間" }
    networks() { en "Networks" de "Netze" fr "Réseaux" ja "ネットワーク" }
    switch_on() { en "Switch on" de "Einschalten" fr "Réactiver" ja "有効にする" }
    switch_off() { en "Switch off" de "Abschalten" fr "Suspendre" ja "停止する" }
    revoke_it() { en "Revoke…" de "Widerrufen…" fr "Révoquer…" ja "失効させる…" }
    renew_it() { en "Renew…" de "Verlängern…" fr "Prolonger…" ja "更新する…" }
    new_says() {
        en "It is yours, and does what you may do. It is shown once, on the next page."
        de "Es gehört Ihnen und darf, was Sie dürfen. Gezeigt wird es einmal, auf der nächsten Seite."
        fr "Il est à vous et peut ce que vous pouvez. Il s’affiche une fois, à la page suivante."
        ja "あなたのトークンとなり、あなたと同じことができます。次のページで一度だけ表示されます。"
    }
    name_hint() {
        en "What it is for, such as ci-deploy: small letters, digits and hyphens. Eight letters are added."
        de "Wofür es ist, etwa ci-deploy: Kleinbuchstaben, Ziffern und Bindestriche. Acht Buchstaben kommen hinzu."
        fr "Son usage, par exemple ci-deploy : minuscules, chiffres et traits d’union. Huit lettres s’y ajoutent."
        ja "用途がわかる名前(例: ci-deploy)。小文字、数字、ハイフンが使え、末尾に英字 8 文字が付きます。"
    }
    days() { en "Life in days" de "Lebensdauer in Tagen" fr "Durée de vie en jours" ja "有効日数" }
    days_hint[n] {
        en "At most {n} day in this tenant." | "At most {n} days in this tenant."
        de "In diesem Mandanten höchstens {n} Tag." | "In diesem Mandanten höchstens {n} Tage."
        fr "Au plus {n} jour dans ce locataire." | "Au plus {n} jours dans ce locataire."
        ja "このテナントでは最長 {n} 日です。"
    }
    narrow_it() { en "Let it do less than you" de "Weniger erlauben als Ihnen" fr "Lui permettre moins qu’à vous" ja "あなたより権限を絞る" }
    api_groups_hint() { en "Tick none, and it may make all calls that you may make." de "Ohne Auswahl darf es alle Aufrufe, die Sie dürfen." fr "Sans choix, il peut faire tous les appels que vous pouvez faire." ja "何も選ばなければ、あなたと同じ呼び出しができます。" }
    namespaces_hint() { en "Only in these, with blanks between them." de "Nur in diesen, durch Leerzeichen getrennt." fr "Seulement dans ceux-ci, séparés par des espaces." ja "指定した名前空間のみ。空白で区切ります。" }
    networks_hint() { en "Only from these addresses, such as 192.0.2.0/24, with blanks between them." de "Nur von diesen Adressen, etwa 192.0.2.0/24, durch Leerzeichen getrennt." fr "Seulement depuis ces adresses, par exemple 192.0.2.0/24, séparées par des espaces." ja "指定したアドレスからのみ(例: 192.0.2.0/24)。空白で区切ります。" }
    copy_it_now() { en "Copy the token now. It is not shown again." de "Kopieren Sie das Token jetzt. Es wird nicht noch einmal gezeigt." fr "Copiez le jeton maintenant. Il ne sera plus affiché." ja "今すぐトークンをコピーしてください。再び表示されることはありません。" }
    only_its_hash() { en "Only its hash is kept here." de "Hier bleibt nur sein Hash." fr "Seule son empreinte est conservée ici." ja "ここに保存されるのはハッシュだけです。" }
    token() { en "Token" de "Token" fr "Jeton" ja "トークン" }
    i_have_it() { en "I have it" de "Ich habe es" fr "Je l’ai" ja "コピーしました" }
    try_it() { en "Try it" de "Ausprobieren" fr "L’essayer" ja "試す" }
    renew_title() { en "Renew this token?" de "Dieses Token verlängern?" fr "Prolonger ce jeton ?" ja "このトークンを更新しますか?" }
    renew_says() { en "It gets a new life, counted from now. The token itself stays the same." de "Es bekommt eine neue Lebensdauer, von jetzt an. Das Token selbst bleibt gleich." fr "Il reçoit une nouvelle durée de vie, comptée à partir de maintenant. Le jeton reste le même." ja "今から数えた新しい期限になります。トークン自体は変わりません。" }
    renew() { en "Renew token" de "Token verlängern" fr "Prolonger le jeton" ja "トークンを更新" }
    revoke_title() { en "Revoke this token?" de "Dieses Token widerrufen?" fr "Révoquer ce jeton ?" ja "このトークンを失効させますか?" }
    revoke() { en "Revoke token" de "Token widerrufen" fr "Révoquer le jeton" ja "トークンを失効" }
    revoked_at_once() { en "The next call with it is refused. It cannot be taken back." de "Der nächste Aufruf damit wird abgelehnt. Das lässt sich nicht zurücknehmen." fr "Le prochain appel avec ce jeton est refusé. C’est irréversible." ja "このトークンによる次の呼び出しから拒否されます。取り消すことはできません。" }
    revoked_stays() { en "Its user, their other tokens, and the records of what it did." de "Sein Benutzer, dessen andere Token und die Einträge über das, was es tat." fr "Son utilisateur, ses autres jetons et les entrées sur ce qu’il a fait." ja "ユーザー、ほかのトークン、これまでの操作の記録。" }
    was_made_already() {
        en "This form has made its token already. It is not shown again: revoke it and make another one if you do not have it."
        de "Dieses Formular hat sein Token schon angelegt. Es wird nicht noch einmal gezeigt: Widerrufen Sie es und legen Sie ein anderes an, wenn Sie es nicht haben."
        fr "Ce formulaire a déjà créé son jeton. Il ne s’affiche plus : révoquez-le et créez-en un autre si vous ne l’avez pas."
        ja "このフォームからはすでにトークンが作成されています。再び表示されることはありません。手元になければ失効させ、新しく作成してください。"
    }
}
