//! What a mail about a change of an address says.

use super::Letter as Kind;
use super::words::Words;
use crate::address::shown;
use crate::clock::Timestamp;
use crate::language::Language;
use crate::mail::letter::{self, Letter, Text, minute};

/// The facts of such a mail.
#[derive(Debug, Clone, Copy)]
pub struct AddressFacts<'a> {
    /// The tenant, as people know it.
    pub tenant_name: &'a str,
    /// The recipient's name; may be empty.
    pub person_name: &'a str,
    /// The address of the account before the change.
    pub from: &'a str,
    /// The address after it.
    pub to: &'a str,
    /// The whole link and the code in it, for the mail that has one.
    pub link: Option<(&'a str, &'a str)>,
    /// When the change was requested, or made; shown to the minute, in UTC.
    pub at: Timestamp,
    /// Until when the link works, or until when mail still goes to the former address.
    pub until: Option<Timestamp>,
    /// The tenant's contact.
    pub contact: Option<&'a str>,
    /// The language.
    pub language: Language,
}

/// The mail.
pub fn mail(kind: Kind, facts: &AddressFacts<'_>) -> Text {
    let (words, tenant) = (Words(facts.language), letter::name(facts.tenant_name));
    let mail = Letter::new(facts.language, &tenant, subject(kind, words, &tenant)).greet(facts.person_name);
    match kind {
        Kind::Confirm => confirm(mail, words, facts),
        Kind::Requested => requested(mail, words, facts),
        Kind::Changed | Kind::Left => changed(mail, words, facts, kind),
    }
    .finish()
}

pub(super) fn subject(kind: Kind, words: Words, tenant: &str) -> String {
    match kind {
        Kind::Confirm => words.confirm_subject(tenant),
        Kind::Requested => words.requested_subject(tenant),
        Kind::Changed | Kind::Left => words.changed_subject(tenant),
    }
}

/// Until when mail still goes to the former address, for the one who reads this mail; none where it goes to the new one at
/// once.
pub(super) fn cool_off(kind: Kind, words: Words, facts: &AddressFacts<'_>) -> Option<String> {
    let until = facts.until.map(minute)?;
    match kind {
        Kind::Left => Some(words.comes_here(shown(facts.to), until)),
        Kind::Changed => Some(words.goes_there(until)),
        Kind::Confirm | Kind::Requested => None,
    }
}

fn confirm(mail: Letter, words: Words, facts: &AddressFacts<'_>) -> Letter {
    let mut mail = mail.say(words.confirm(shown(facts.from), shown(facts.to)));
    if let Some((link, code)) = facts.link {
        mail = mail.link(words.confirm_label(), link);
        if let Some(until) = facts.until {
            mail = mail.say(words.works_until(minute(until)));
        }
        mail = mail.code(words.code(), code);
    }
    mail.aside(words.unexpected())
}

fn requested(mail: Letter, words: Words, facts: &AddressFacts<'_>) -> Letter {
    let not_by_you =
        letter::contact(facts.contact).map_or_else(|| words.stop().into(), |contact| words.stop_tell(contact));
    mail.say(words.requested(shown(facts.from), shown(facts.to), minute(facts.at)))
        .say(words.by_you())
        .say(not_by_you)
        .aside(words.no_link())
}

fn changed(mail: Letter, words: Words, facts: &AddressFacts<'_>, kind: Kind) -> Letter {
    let mail = mail.say(words.changed(shown(facts.from), shown(facts.to), minute(facts.at)));
    let mail = match (cool_off(kind, words, facts), kind) {
        (None, _) => mail.say(words.by_you()),
        (Some(comes_here), Kind::Left) => mail.say(words.by_you()).say(comes_here),
        (Some(goes_there), _) => mail.say(goes_there).say(words.by_you()),
    };
    let not_by_you = letter::contact(facts.contact)
        .map_or_else(|| words.not_by_you().into(), |contact| words.not_by_you_tell(contact));
    mail.say(not_by_you).aside(words.no_link())
}
