//! German, in the polite form. After the greeting's comma a sentence goes on in lower case.

use super::letter::{Block, Letter};
use super::{BudgetFacts, ChangeFacts, LinkFacts, OldPassword, TestFacts, Wording, hours_or_minutes, minute};

pub const WORDING: Wording = Wording {
    reset_by_administrator,
    link_by_administrator,
    invitation,
    forgotten,
    password_changed,
    half_of_budget,
    test,
};

fn reset_by_administrator(facts: &LinkFacts) -> Letter {
    let tenant = facts.tenant_name;
    let why = match facts.old_password {
        OldPassword::Dead => format!(
            "die Administration von {tenant} hat Ihr Passwort zurückgesetzt. Das alte gilt nicht mehr. Bitte wählen Sie \
             ein neues; es dauert nur eine Minute."
        ),
        OldPassword::Works => format!(
            "die Administration von {tenant} bittet Sie, ein neues Passwort zu wählen; es dauert nur eine Minute. Bis \
             dahin gilt das alte."
        ),
        OldPassword::None => {
            format!("die Administration von {tenant} bittet Sie, ein Passwort zu wählen; es dauert nur eine Minute.")
        }
    };
    by_administrator(facts, why)
}

fn link_by_administrator(facts: &LinkFacts) -> Letter {
    let tenant = facts.tenant_name;
    let why = match facts.old_password {
        OldPassword::Works => "Damit können Sie ein neues Passwort wählen. Bis dahin gilt das alte.",
        OldPassword::Dead => "Damit wählen Sie ein neues Passwort. Das alte gilt nicht mehr.",
        OldPassword::None => "Damit wählen Sie Ihr Passwort.",
    };
    by_administrator(facts, format!("die Administration von {tenant} hat Ihnen diesen Link geschickt. {why}"))
}

fn by_administrator(facts: &LinkFacts, why: String) -> Letter {
    let tenant = facts.tenant_name;
    let (subject, label) = match facts.old_password {
        OldPassword::None => (format!("Wählen Sie ein Passwort für {tenant}"), "Passwort wählen"),
        _ => (format!("Wählen Sie ein neues Passwort für {tenant}"), "Neues Passwort wählen"),
    };
    with_link(facts, subject, why, label, unexpected(facts.contact))
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
    let not_you = match facts.old_password {
        OldPassword::Works => "Das waren nicht Sie? Dann müssen Sie nichts tun: Ihr Passwort funktioniert weiterhin.",
        OldPassword::Dead => {
            "Das waren nicht Sie? Dann müssen Sie nichts tun. Ihr altes Passwort gilt allerdings nicht mehr: Um sich \
             anzumelden, wählen Sie ein neues."
        }
        OldPassword::None => "Das waren nicht Sie? Dann müssen Sie nichts tun.",
    };
    with_link(
        facts,
        format!("Ein neues Passwort für {tenant_name}"),
        format!("Sie haben ein neues Passwort für {tenant_name} angefordert. Mit diesem Link können Sie es wählen."),
        "Neues Passwort wählen",
        format!("{not_you}{question}"),
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
    let BudgetFacts { tenant_name, person_name, spender, used, budget, .. } = facts;
    Letter {
        subject: format!("{tenant_name}: Die Hälfte der Passwort-Rücksetzungen einer Person ist verbraucht"),
        blocks: vec![
            Block::Says(greeting(person_name)),
            Block::Says(format!(
                "{spender} hat innerhalb einer Stunde {used} Passwörter zurückgesetzt. Erlaubt sind einer Person {budget} \
                 pro Stunde; was darüber hinausgeht, wird abgelehnt, bis die nächste Stunde beginnt."
            )),
            Block::Says(
                "Ist das geplant, müssen Sie nichts tun. Wenn nicht, sperren Sie diese Person jetzt und sehen Sie im \
                 Audit-Protokoll nach, wessen Passwörter sie zurückgesetzt hat und mit welchem Zugang."
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
        Ok(hours) => format!("etwa {hours} Stunden"),
        Err(0) => "weniger als eine Minute".into(),
        Err(1) => "etwa 1 Minute".into(),
        Err(minutes) => format!("etwa {minutes} Minuten"),
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
