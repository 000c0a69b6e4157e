//! German.

use super::*;

pub(super) static WORDS: Words = Words {
    form: Form {
        email: "E-Mail-Adresse",
        password: "Passwort",
        new_password: "Neues Passwort",
        show: "Zeigen",
        hide: "Verbergen",
        problems: "Bitte prüfen Sie das",
        busy: "Einen Moment …",
        to_signin: "Zurück zur Anmeldung",
    },
    strength: Strength {
        label: "Stärke",
        levels: "Sehr schwach|Schwach|Mittel|Gut|Stark",
        rules: "Das braucht Ihr Passwort",
        met: "erfüllt",
    },
    reset: Reset {
        title: "Neues Passwort wählen",
        lead: "Nur Sie werden es kennen. Einfügen und Passwortmanager sind willkommen.",
        code: "Code aus der E-Mail",
        code_hint: "Die E-Mail mit dem Link zeigt auch diesen Code. Kopieren Sie ihn und fügen Sie ihn hier ein.",
        torn: "Dieser Code ist nicht vollständig. Kopieren Sie ihn ganz aus der E-Mail und fügen Sie ihn hier ein.",
        account: "Konto",
        save: "Neues Passwort setzen",
        lives_until: "Dieser Link gilt bis",
    },
    dead: Dead {
        title: "Dieser Link gilt nicht mehr",
        why: "Ein Link gilt einmal und für begrenzte Zeit. Dieser wurde benutzt, durch einen neueren ersetzt oder ist zu \
              alt. Geben Sie Ihre E-Mail-Adresse ein, um einen anderen zu bekommen.",
        fresh: "Neuen Link senden",
    },
    done: Done {
        title: "Ihr Passwort ist geändert",
        next: "Alle angemeldeten Geräte sind abgemeldet. Eine E-Mail bestätigt die Änderung. Melden Sie sich jetzt mit \
               dem neuen Passwort an.",
        not_you: "Waren Sie das nicht, sagen Sie es sofort Ihrer Administration.",
        before: "Ihr Passwort ist schon geändert",
        before_next: "Dieser Link wurde vor wenigen Minuten benutzt: Es gilt das Passwort, das dabei gewählt wurde; was eben \
                      gesendet wurde, hat nichts geändert. Melden Sie sich damit an.",
    },
    sent: Sent {
        title: "Sehen Sie in Ihre E-Mails",
        what: "Gehört diese Adresse zu einem Konto, ist ein Link unterwegs. Das kann einige Minuten dauern. Nichts ändert \
               sich, bis Sie ihn öffnen und ein neues Passwort wählen.",
        nothing_there: "Nichts angekommen? Sehen Sie im Spam-Ordner nach, prüfen Sie die eingegebene Adresse oder fragen \
                        Sie Ihre Administration.",
    },
    signin: SignIn {
        title: "Anmelden",
        refused: "Die E-Mail-Adresse oder das Passwort stimmt nicht.",
        forgot: "Passwort vergessen?",
    },
    signed_out: SignedOut {
        title: "Sie sind abgemeldet",
        next: "Dieser Browser hat keinen Zugang mehr zu Ihrem Konto.",
    },
    forgot: Forgot {
        title: "Passwort vergessen?",
        lead: "Geben Sie Ihre E-Mail-Adresse ein. Wir senden Ihnen einen Link, mit dem Sie ein neues wählen.",
        send: "Link senden",
    },
    account: Account {
        title: "Ihr Konto",
        sign_out: "Abmelden",
        name: "Name",
        roles: "Rollen",
        no_roles: "Keine",
        last_sign_in: "Letzte Anmeldung",
        change_password: "Passwort ändern",
        current_password: "Jetziges Passwort",
        wrong_password: "Das jetzige Passwort stimmt nicht.",
        save_password: "Passwort ändern",
        changed: "Ihr Passwort ist geändert. Alle Ihre anderen Sitzungen sind beendet.",
        sessions: "Sitzungen",
        address: "Adresse",
        started: "Begonnen",
        last_seen: "Zuletzt aktiv",
        this_one: "Diese hier",
        end: "Beenden",
        end_others: "Alle anderen beenden",
    },
    mailbox: Mailbox {
        title: "Postfach",
        lead: "Jede E-Mail dieses Entwicklungsservers landet hier und nirgends sonst.",
        reload: "Neu laden",
        empty: "Noch keine E-Mail.",
        from: "Von",
        to: "An",
        at: "Zeit",
        open_link: "Link öffnen",
        text: "Text",
        html: "HTML",
    },
    error: Error {
        invalid: "Diese Anfrage war nicht zu verstehen",
        forbidden: "Das dürfen Sie nicht",
        not_found: "Diese Seite gibt es nicht",
        too_many: "Zu viele Versuche",
        unavailable: "Wir sind gerade überlastet",
        internal: "Bei uns ist etwas schiefgegangen",
        go_back: "Gehen Sie zurück, prüfen Sie Ihre Eingaben und versuchen Sie es noch einmal.",
        ask_administrator: "Brauchen Sie das, bitten Sie Ihre Administration um das Recht dazu.",
        check_address: "Prüfen Sie die Adresse.",
        wait: "Warten Sie einen Moment und versuchen Sie es noch einmal.",
        try_again: "Nichts wurde geändert. Versuchen Sie es noch einmal; bleibt es dabei, nennen Sie Ihrer Administration \
                    die Anfragenummer.",
        home: "Zu Ihrem Konto",
        request_id: "Anfragenummer",
    },
};
