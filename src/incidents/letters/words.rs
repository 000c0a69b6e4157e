//! Words of the mails to owners. After the comma of the greeting a German sentence goes on in lower case.

use crate::words::words;

words! {
    asked_subject(tenant) {
        en "{tenant}: an incident waits for you to agree"
        de "{tenant}: Ein Vorfall wartet auf Ihre Zustimmung"
        fr "{tenant}\u{a0}: un incident attend votre accord"
        ja "【{tenant}】インシデントが承認を待っています"
    }

    asked(by, users, incident) {
        en "{by} asks for a second person to agree to the incident “{incident}”. It would end the passwords and sessions of \
            {users} users."
        de "{by} bittet eine zweite Person um Zustimmung zu dem Vorfall „{incident}“. Er würde die Passwörter und Sitzungen \
            von {users} Personen beenden."
        fr "{by} demande qu’une seconde personne donne son accord à l’incident «\u{a0}{incident}\u{a0}». Il mettrait fin aux \
            mots de passe et aux sessions de {users} utilisateurs."
        ja "{by} が、インシデント「{incident}」について 2 人目の承認を求めています。承認すると、{users} 人のユーザーのパスワードと\
            セッションが無効になります。"
    }

    look_and_agree() {
        en "Sign in as you always do, look at its plan, and agree or decline within an hour. If you know nothing of it, ask \
            that person by telephone first."
        de "Melden Sie sich an wie immer, sehen Sie sich den Plan an und stimmen Sie innerhalb einer Stunde zu oder lehnen Sie \
            ab. Wissen Sie nichts davon, fragen Sie zuerst telefonisch nach."
        fr "Connectez-vous comme d’habitude, examinez le plan, puis acceptez ou refusez dans l’heure. Si vous n’en savez rien, \
            appelez d’abord cette personne."
        ja "いつもの方法でサインインし、計画を確認のうえ、1 時間以内に承認または却下してください。お心当たりがない場合は、まずご本人に\
            電話でご確認ください。"
    }

    started_subject(tenant) {
        en "{tenant}: passwords of many users end now"
        de "{tenant}: Passwörter vieler Personen werden jetzt beendet"
        fr "{tenant}\u{a0}: les mots de passe de nombreux utilisateurs prennent fin"
        ja "【{tenant}】多数のユーザーのパスワードを無効にしています"
    }

    started(by, users, incident) {
        en "{by} has begun the incident “{incident}”. It ends the passwords and sessions of {users} users."
        de "{by} hat den Vorfall „{incident}“ begonnen. Er beendet die Passwörter und Sitzungen von {users} Personen."
        fr "{by} a lancé l’incident «\u{a0}{incident}\u{a0}». Il met fin aux mots de passe et aux sessions de {users} \
            utilisateurs."
        ja "{by} がインシデント「{incident}」を開始しました。{users} 人のユーザーのパスワードとセッションが無効になります。"
    }

    is_this_planned() {
        en "If this is planned, there is nothing to do. If not, pause the incident now: tenantry incident pause. Nothing goes \
            on until somebody says so."
        de "Ist das geplant, müssen Sie nichts tun. Wenn nicht, halten Sie den Vorfall jetzt an: tenantry incident pause. Dann \
            geht nichts weiter, bis es jemand veranlasst."
        fr "Si c’est prévu, vous n’avez rien à faire. Sinon, mettez l’incident en pause dès maintenant\u{a0}: tenantry \
            incident pause. Rien ne continue avant que quelqu’un ne le demande."
        ja "予定された作業であれば、何もなさる必要はありません。そうでない場合は、ただちに tenantry incident pause で一時停止してください。\
            再開の指示があるまで、それ以上は進みません。"
    }

    why_you() {
        en "You get this mail because you are an owner."
        de "Sie bekommen diese Mail, weil Sie zu den Eigentümern gehören."
        fr "Vous recevez ce message parce que vous êtes propriétaire."
        ja "このメールは、所有者の方にお送りしています。"
    }
}
