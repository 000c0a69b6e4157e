//! German, in the polite form. After the greeting's comma a sentence goes on in lower case.

use super::letter::{Block, Letter};
use super::{BudgetFacts, ChangeFacts, LinkFacts, TestFacts, Wording, hours_or_minutes, minute};

pub const WORDING: Wording =
    Wording { reset_by_administrator, invitation, forgotten, password_changed, half_of_budget, test };

fn reset_by_administrator(facts: &LinkFacts) -> Letter {
    let LinkFacts { tenant_name, .. } = facts;
    with_link(
        facts,
        format!("Wählen Sie ein neues Passwort für {tenant_name}"),
        format!(
            "die Administration von {tenant_name} hat Ihr Passwort zurückgesetzt. Bitte wählen Sie ein neues; es dauert \
             nur eine Minute."
        ),
        "Neues Passwort wählen",
        unexpected(facts.contact),
    )
}

fn invitation(facts: &LinkFacts) -> Letter {
    let LinkFacts { tenant_name, .. } = facts;
    with_link(
        facts,
        format!("Willkommen bei {tenant_name}: Wählen Sie Ihr Passwort"),
        format!(
            "bei {tenant_name} gibt es jetzt ein Konto für Sie. Wählen Sie Ihr erstes Passwort und melden Sie sich dann \
             damit an."
        ),
        "Passwort wählen",
        unexpected(facts.contact),
    )
}

fn forgotten(facts: &LinkFacts) -> Letter {
    let LinkFacts { tenant_name, contact, .. } = facts;
    let question = contact.map(|contact| format!(" Fragen? Wenden Sie sich an: {contact}")).unwrap_or_default();
    with_link(
        facts,
        format!("Ein neues Passwort für {tenant_name}"),
        format!("Sie haben ein neues Passwort für {tenant_name} angefordert. Mit diesem Link können Sie es wählen."),
        "Neues Passwort wählen",
        format!("Das waren nicht Sie? Dann müssen Sie nichts tun: Ihr Passwort funktioniert weiterhin.{question}"),
    )
}

fn password_changed(facts: &ChangeFacts) -> Letter {
    let ChangeFacts { tenant_name, person_name, from_address, contact, .. } = facts;
    let at = minute(facts.at);
    let alarm = match contact {
        Some(contact) => format!("Das waren nicht Sie? Dann melden Sie sich bitte sofort bei: {contact}"),
        None => "Das waren nicht Sie? Dann melden Sie sich bitte sofort bei Ihrer Administration.".into(),
    };
    Letter {
        subject: format!("Ihr Passwort für {tenant_name} wurde geändert"),
        blocks: vec![
            Block::Says(greeting(person_name)),
            Block::Says(format!(
                "Ihr Passwort für {tenant_name} wurde geändert: {at}, von der Adresse {from_address} aus."
            )),
            Block::Says("Wenn Sie das waren, müssen Sie nichts tun.".into()),
            Block::Says(alarm),
            Block::Aside("Diese Mail enthält keinen Link, und wir fragen nie per Mail nach Ihrem Passwort.".into()),
        ],
    }
}

fn half_of_budget(facts: &BudgetFacts) -> Letter {
    let BudgetFacts { tenant_name, person_name, credential_name, used, budget, .. } = facts;
    Letter {
        subject: format!("{tenant_name}: Ein Zugang hat die Hälfte seiner Passwort-Rücksetzungen verbraucht"),
        blocks: vec![
            Block::Says(greeting(person_name)),
            Block::Says(format!(
                "der API-Zugang „{credential_name}“ hat innerhalb einer Stunde {used} Passwörter zurückgesetzt. Erlaubt \
                 sind {budget} pro Stunde; was darüber hinausgeht, wird abgelehnt, solange kein Vorfall ausgerufen ist."
            )),
            Block::Says(
                "Ist das geplant, müssen Sie nichts tun. Wenn nicht, widerrufen Sie den Zugang jetzt und sehen Sie im \
                 Audit-Protokoll nach, wessen Passwörter er zurückgesetzt hat."
                    .into(),
            ),
            Block::Aside("Sie bekommen diese Mail, weil Sie zu den Eigentümern gehören.".into()),
        ],
    }
}

fn test(facts: &TestFacts) -> Letter {
    let TestFacts { server, relay, .. } = facts;
    Letter {
        subject: format!("Testmail von {server}"),
        blocks: vec![
            Block::Says("Guten Tag,".into()),
            Block::Says(format!("dies ist ein Test, und er ist gelungen: {server} kann Mails über {relay} versenden.")),
            Block::Says(format!("Gesendet: {}. Sie müssen nichts tun.", minute(facts.at))),
        ],
    }
}

fn with_link(facts: &LinkFacts, subject: String, why: String, label: &'static str, aside: String) -> Letter {
    let lives = match hours_or_minutes(facts.lives_minutes) {
        Ok(hours) => format!("{hours} Stunden"),
        Err(1) => "1 Minute".into(),
        Err(minutes) => format!("{minutes} Minuten"),
    };
    Letter {
        subject,
        blocks: vec![
            Block::Says(greeting(facts.person_name)),
            Block::Says(why),
            Block::Link { label, link: facts.link.into() },
            Block::Says(format!("Der Link funktioniert nur einmal und gilt {lives}.")),
            Block::Code { label: "Fragt die Seite nach einem Code? Fügen Sie diesen ein:", code: facts.code.into() },
            Block::Aside(aside),
        ],
    }
}

fn unexpected(contact: Option<&str>) -> String {
    let whom =
        contact.map_or_else(|| " bei Ihrer Administration nach.".into(), |contact| format!(" nach bei: {contact}"));
    format!("Sie haben das nicht erwartet? Dann benutzen Sie den Link bitte nicht und fragen Sie{whom}")
}

fn greeting(name: &str) -> String {
    if name.is_empty() { "Guten Tag,".into() } else { format!("Guten Tag {name},") }
}
