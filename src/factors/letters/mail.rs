//! What a mail about a second factor says.

use super::Letter as Kind;
use super::words::Words;
use crate::clock::Timestamp;
use crate::language::Language;
use crate::mail::letter::{self, Letter, Text, minute};

/// The facts of such a mail.
#[derive(Debug, Clone, Copy)]
pub struct FactorFacts<'a> {
    /// The tenant, as people know it.
    pub tenant_name: &'a str,
    /// The recipient's name; may be empty.
    pub person_name: &'a str,
    /// When it happened; shown to the minute, in UTC.
    pub at: Timestamp,
    /// The client's address.
    pub address: &'a str,
    /// The whole link, the code in it and until when it works, for the mail that has one.
    pub link: Option<(&'a str, &'a str, Timestamp)>,
    /// The recovery codes that are left, for the mail that tells it.
    pub left: u32,
    /// The tenant's contact.
    pub contact: Option<&'a str>,
    /// The language.
    pub language: Language,
}

/// The mail.
pub fn mail(kind: Kind, facts: &FactorFacts<'_>) -> Text {
    let (words, tenant) = (Words(facts.language), letter::name(facts.tenant_name));
    let mail = Letter::new(facts.language, &tenant, words.subject(&tenant)).greet(facts.person_name);
    let (at, address) = (minute(facts.at), facts.address);
    match kind {
        Kind::TakenAway => taken_away(mail, words, facts),
        Kind::SetUp => notice(mail.say(words.set_up(at, address)), words, facts),
        Kind::SwitchedOff => notice(mail.say(words.switched_off(at, address)), words, facts),
        Kind::CodesMade => notice(mail.say(words.codes_made(at, address)), words, facts),
        Kind::CodeUsed => {
            notice(mail.say(words.code_used(at, address)).say(words.codes_left(facts.left)), words, facts)
        }
    }
    .finish()
}

fn taken_away(mail: Letter, words: Words, facts: &FactorFacts<'_>) -> Letter {
    let mut mail = mail.say(words.taken_away(minute(facts.at)));
    if let Some((link, code, until)) = facts.link {
        mail = mail.link(words.label(), link).say(words.works_until(minute(until))).code(words.code(), code);
    }
    let unexpected = letter::contact(facts.contact)
        .map_or_else(|| words.unexpected().into(), |contact| words.unexpected_tell(contact));
    mail.say(unexpected)
}

fn notice(mail: Letter, words: Words, facts: &FactorFacts<'_>) -> Letter {
    let not_by_you = letter::contact(facts.contact)
        .map_or_else(|| words.not_by_you().into(), |contact| words.not_by_you_tell(contact));
    mail.say(words.by_you()).say(not_by_you).aside(words.no_link())
}
