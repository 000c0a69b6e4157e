//! The mails that tell the owners of a tenant that a second person is asked for, and that an incident has begun. They lead
//! nowhere: one who reads them signs in as always.

mod words;

use serde::Deserialize;
use serde_json::json;

pub use self::words::Words;
use super::rows::Incident;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::ids;
use crate::language::Language;
use crate::mail::letter::{self, Filling, Text, Wording};
use crate::mails::{self, Hole, KindOfMail, Letter, NewMail, Sample, Texts, To};
use crate::people;
use crate::store::Tx;

/// The kinds of these mails.
pub const KINDS: &[&str] = &["incidents.asked", "incidents.started"];
/// They are worth sending for a day.
const WORTH_SECONDS: i64 = 24 * 3600;

/// What the owners are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// A second person is asked to agree.
    Asked,
    /// Passwords have begun to end.
    Started,
}

impl Told {
    /// All of them, in the order of [`KINDS`].
    pub const ALL: [Self; 2] = [Self::Asked, Self::Started];

    /// Without its room: see [`mails::Letters`].
    fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Started => "started",
        }
    }

    fn of_word(word: &str) -> Result<Self> {
        let told = Self::ALL.into_iter().find(|told| told.word() == word);
        told.ok_or_else(|| Error::internal(format!("no mail of an incident is called {word}")))
    }
}

/// The facts of such a mail.
#[derive(Debug, Clone, Copy)]
pub struct IncidentFacts<'a> {
    /// The tenant, as people know it.
    pub tenant_name: &'a str,
    /// The name of the owner who gets it; may be empty.
    pub person_name: &'a str,
    /// What the incident is called.
    pub incident: &'a str,
    /// The address of the person who has asked for it.
    pub by: &'a str,
    /// Users whose passwords end.
    pub users: i64,
    /// The language.
    pub language: Language,
}

/// The mail to an owner.
pub fn incident_mail(told: Told, facts: &IncidentFacts<'_>) -> Text {
    let (words, tenant) = (Words(facts.language), letter::name(facts.tenant_name));
    let said =
        Said::of(told, words, &tenant, [letter::name(facts.by), facts.users.to_string(), letter::name(facts.incident)]);
    letter::Letter::new(facts.language, &tenant, said.subject)
        .greet(facts.person_name)
        .say(said.what)
        .say(said.next)
        .aside(words.why_you())
        .finish()
}

/// The sentences of such a mail.
struct Said {
    subject: String,
    what: String,
    next: String,
}

impl Said {
    fn of(told: Told, words: Words, tenant: &str, [by, users, incident]: [String; 3]) -> Self {
        match told {
            Told::Asked => Self {
                subject: words.asked_subject(tenant),
                what: words.asked(by, users, incident),
                next: words.look_and_agree().into(),
            },
            Told::Started => Self {
                subject: words.started_subject(tenant),
                what: words.started(by, users, incident),
                next: words.is_this_planned().into(),
            },
        }
    }
}

const HOLES: &[Hole] = &[
    Hole::GREETING,
    Hole::NAME,
    Hole::TENANT,
    Hole::needed("incident", "What the incident is called."),
    Hole::needed("by", "The address of the person who has asked for it."),
    Hole::needed("users", "How many passwords it ends."),
];

/// These kinds of mail in a tenant's words. Their facts cannot be left out: the one who may word them may be the one they warn of.
pub const WORDED: [KindOfMail; 2] = [
    KindOfMail {
        name: KINDS[0],
        sent: "An incident waits for a second person to agree. Owners of the tenant get it.",
        holes: HOLES,
        shipped: |language| shipped(Told::Asked, language),
        sample: |facts, own| sample(Told::Asked, facts, own),
    },
    KindOfMail {
        name: KINDS[1],
        sent: "An incident has begun to end passwords. Owners of the tenant get it.",
        holes: HOLES,
        shipped: |language| shipped(Told::Started, language),
        sample: |facts, own| sample(Told::Started, facts, own),
    },
];

fn write(told: Told, facts: &IncidentFacts<'_>, called: &str, own: Option<&Wording>) -> Text {
    let Some(own) = own else { return incident_mail(told, facts) };
    Filling::new(facts.language, facts.tenant_name, facts.person_name, called)
        .with("incident", letter::name(facts.incident))
        .with("by", letter::name(facts.by))
        .with("users", facts.users.to_string())
        .write(own)
}

fn shipped(told: Told, language: Language) -> Wording {
    let words = Words(language);
    let said = Said::of(told, words, "{tenant}", ["{by}", "{users}", "{incident}"].map(String::from));
    Wording {
        subject: said.subject,
        paragraphs: vec!["{greeting}".into(), said.what, said.next],
        footer: words.why_you().into(),
        ..Wording::default()
    }
}

fn sample(told: Told, sample: &Sample<'_>, own: Option<&Wording>) -> Text {
    let facts = IncidentFacts {
        tenant_name: &sample.tenant.settings.brand.display_name,
        person_name: sample.person,
        incident: "Leaked laptop backup",
        by: "owner@example.com",
        users: 9_871,
        language: sample.language,
    };
    write(told, &facts, sample.person, own)
}

/// Makes these mails.
pub struct IncidentLetter;

#[derive(Deserialize)]
struct Kept {
    incident: String,
    by: String,
    users: i64,
}

/// Queues the mail to each owner, but for the person who acts.
///
/// # Errors
/// Those of the store.
pub(super) fn tell_owners(tx: &mut Tx<'_>, told: Told, incident: &Incident, act: &Act) -> Result<()> {
    let facts =
        json!({ "incident": incident.terms.name, "by": incident.authority.name, "users": incident.planned.users() });
    let facts = facts.to_string();
    for (nth, owner) in people::owner_ids(tx, act.tenant.id)?.into_iter().enumerate() {
        if owner == act.caller.user && told == Told::Asked {
            continue;
        }
        let mail = NewMail {
            tenant: act.tenant.id,
            id: ids::derived(&act.actor.request_id, told.word(), nth),
            kind: told.word(),
            user: owner,
            reset: None,
            facts: &facts,
            now: act.now,
            due_at: act.now,
            give_up_at: act.now.plus_seconds(WORTH_SECONDS),
        };
        mails::queue(tx, &mail)?;
    }
    Ok(())
}

fn text(to: &To<'_>) -> Result<Option<Text>> {
    let Kept { incident, by, users } = serde_json::from_str(&to.job.facts).map_err(Error::internal)?;
    let facts = IncidentFacts {
        tenant_name: &to.tenant.settings.brand.display_name,
        person_name: &to.user.full_name(),
        incident: &incident,
        by: &by,
        users,
        language: to.language(),
    };
    Ok(Some(write(Told::of_word(to.job.word())?, &facts, &to.called(), to.own)))
}

impl Letter for IncidentLetter {
    fn compose(&self, _: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        Ok(mails.iter().map(text).collect())
    }
}
