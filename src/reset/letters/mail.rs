//! What a mail with a link says.

use super::Kind;
use super::words::Words;
use crate::language::Language;
use crate::mail::letter::{self, Letter, Text};

/// The facts of a mail with a link.
#[derive(Debug, Clone, Copy)]
pub struct LinkFacts<'a> {
    /// The tenant, as people know it.
    pub tenant_name: &'a str,
    /// The recipient's name; may be empty.
    pub person_name: &'a str,
    /// The whole link with its fragment.
    pub link: &'a str,
    /// The same secret, to paste into a page that runs no script.
    pub code: &'a str,
    /// How long the link is still valid when the mail leaves, in minutes.
    pub lives_minutes: u32,
    /// The state of the recipient's old password.
    pub old_password: OldPassword,
    /// What the incident says for which the mail is sent, in its own words.
    pub words: Option<&'a str>,
    /// The tenant's contact, such as an address or a telephone number.
    pub contact: Option<&'a str>,
    /// The language.
    pub language: Language,
}

/// The state of the old password when a link is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldPassword {
    /// There never was one.
    None,
    /// It works until a new one is chosen.
    Works,
    /// It no longer works: reset, or older than the tenant allows.
    Dead,
}

/// What differs between these mails.
pub(super) struct Differs {
    pub(super) subject: String,
    pub(super) why: String,
    pub(super) label: &'static str,
    pub(super) aside: String,
}

/// The mail of a reset that was wished for in this way.
pub fn link_mail(kind: Kind, facts: &LinkFacts<'_>) -> Text {
    let (words, tenant) = (Words(facts.language), letter::name(facts.tenant_name));
    let Differs { subject, why, label, aside } =
        differs(kind, words, &tenant, facts.old_password, letter::contact(facts.contact));
    let mut letter = Letter::new(facts.language, &tenant, subject).greet(facts.person_name).say(why);
    for paragraph in facts.words.into_iter().flat_map(paragraphs) {
        letter = letter.say(paragraph);
    }
    letter
        .link(label, facts.link)
        .say(works_for(words, facts.lives_minutes))
        .code(words.code(), facts.code)
        .aside(aside)
        .finish()
}

/// The paragraphs of words that an administrator wrote.
pub(super) fn paragraphs(words: &str) -> impl Iterator<Item = String> {
    words.lines().map(str::trim).filter(|line| !line.is_empty()).map(String::from)
}

pub(super) fn differs(kind: Kind, words: Words, tenant: &str, old: OldPassword, contact: Option<String>) -> Differs {
    match kind {
        Kind::Administrator => by_administrator(words, tenant, old, contact, reset(words, tenant, old)),
        Kind::Remail => by_administrator(words, tenant, old, contact, sent(words, tenant, old)),
        Kind::Invitation => Differs {
            subject: words.welcome_subject(tenant),
            why: words.welcome(tenant),
            label: words.choose_yours(),
            aside: unexpected(words, contact),
        },
        Kind::Incident => Differs {
            subject: words.choose_new_subject(tenant),
            why: words.reset_for_many(tenant),
            label: words.choose_new(),
            aside: unexpected(words, contact),
        },
        Kind::Forgotten | Kind::Own => Differs {
            subject: words.asked_subject(tenant),
            why: words.asked(tenant),
            label: words.choose_new(),
            aside: not_you(words, old, contact),
        },
    }
}

fn by_administrator(words: Words, tenant: &str, old: OldPassword, contact: Option<String>, why: String) -> Differs {
    let (subject, label) = match old {
        OldPassword::None => (words.choose_subject(tenant), words.choose()),
        OldPassword::Works | OldPassword::Dead => (words.choose_new_subject(tenant), words.choose_new()),
    };
    Differs { subject, why, label, aside: unexpected(words, contact) }
}

fn reset(words: Words, tenant: &str, old: OldPassword) -> String {
    match old {
        OldPassword::None => words.reset_without_one(tenant),
        OldPassword::Works => words.reset_works(tenant),
        OldPassword::Dead => words.reset_dead(tenant),
    }
}

fn sent(words: Words, tenant: &str, old: OldPassword) -> String {
    match old {
        OldPassword::None => words.sent_without_one(tenant),
        OldPassword::Works => words.sent_works(tenant),
        OldPassword::Dead => words.sent_dead(tenant),
    }
}

fn unexpected(words: Words, contact: Option<String>) -> String {
    contact.map_or_else(|| words.unexpected().into(), |contact| words.unexpected_ask(contact))
}

fn not_you(words: Words, old: OldPassword, contact: Option<String>) -> String {
    let Some(contact) = contact else {
        let sentence = match old {
            OldPassword::None => words.not_you_without_one(),
            OldPassword::Works => words.not_you_works(),
            OldPassword::Dead => words.not_you_dead(),
        };
        return sentence.into();
    };
    match old {
        OldPassword::None => words.not_you_without_one_ask(contact),
        OldPassword::Works => words.not_you_works_ask(contact),
        OldPassword::Dead => words.not_you_dead_ask(contact),
    }
}

/// From this on, times are given in hours.
const MANY_MINUTES: u32 = 10 * 60;

/// In hours, rounded down, for many minutes and for whole hours from two on; otherwise in minutes.
pub(super) fn works_for(words: Words, minutes: u32) -> String {
    let are_hours = minutes >= MANY_MINUTES || (minutes >= 120 && minutes.is_multiple_of(60));
    match minutes {
        0 => words.works_for_less_than_a_minute().into(),
        _ if are_hours => words.works_for_hours(minutes / 60),
        _ => words.works_for_minutes(minutes),
    }
}
