//! The wording of our mails, one file per language, in one plain layout.
//!
//! Text typed by people (names, contacts) is put on one line and cut here, before any language sees it; the template
//! escapes HTML. Text part and HTML part come from the same letter, so they cannot differ.

mod english;
mod french;
mod german;
mod japanese;
mod letter;

use std::net::IpAddr;

use self::letter::Letter;
use super::literal::one_line;
use super::message::NAME_CHARACTERS_MAX;
use crate::clock::Timestamp;
use crate::language::Language;

/// Longest contact, in characters: an address, a telephone number, or both with a word or two.
const CONTACT_CHARACTERS_MAX: usize = 160;

/// A mail's words, ready for [`super::message::Message`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The subject.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

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

/// The facts of the notice about a changed password.
#[derive(Debug, Clone, Copy)]
pub struct ChangeFacts<'a> {
    /// The tenant, as people know it.
    pub tenant_name: &'a str,
    /// The recipient's name; may be empty.
    pub person_name: &'a str,
    /// When it was changed; shown to the minute, in UTC.
    pub at: Timestamp,
    /// The client's address.
    pub from_address: IpAddr,
    /// The tenant's contact.
    pub contact: Option<&'a str>,
    /// The language.
    pub language: Language,
}

/// The facts of the notice to owners about a credential that has used half of its budget of resets.
#[derive(Debug, Clone, Copy)]
pub struct BudgetFacts<'a> {
    /// The tenant, as people know it.
    pub tenant_name: &'a str,
    /// The name of the owner who gets it; may be empty.
    pub person_name: &'a str,
    /// The address of the person who made the resets.
    pub spender: &'a str,
    /// Resets in the past hour.
    pub used: u64,
    /// Resets that this person may make in an hour.
    pub budget: u64,
    /// The language.
    pub language: Language,
}

/// The facts of the mail that `mail test` sends.
#[derive(Debug, Clone, Copy)]
pub struct TestFacts<'a> {
    /// The sending server, by its public name.
    pub server: &'a str,
    /// The relay.
    pub relay: &'a str,
    /// When it was sent; shown to the minute, in UTC.
    pub at: Timestamp,
    /// The language.
    pub language: Language,
}

/// The texts of one language. Its functions get facts that have been made harmless.
struct Wording {
    reset_by_administrator: fn(&LinkFacts) -> Letter,
    link_by_administrator: fn(&LinkFacts) -> Letter,
    invitation: fn(&LinkFacts) -> Letter,
    forgotten: fn(&LinkFacts) -> Letter,
    password_changed: fn(&ChangeFacts) -> Letter,
    half_of_budget: fn(&BudgetFacts) -> Letter,
    test: fn(&TestFacts) -> Letter,
}

/// An administrator has reset your password: here is the link to choose a new one.
pub fn reset_by_administrator(facts: &LinkFacts) -> Text {
    with_link(facts, wording(facts.language).reset_by_administrator)
}

/// An administrator has sent you a link and left your password as it was.
pub fn link_by_administrator(facts: &LinkFacts) -> Text {
    with_link(facts, wording(facts.language).link_by_administrator)
}

/// There is an account for you: choose your first password.
pub fn invitation(facts: &LinkFacts) -> Text {
    with_link(facts, wording(facts.language).invitation)
}

/// You asked for a fresh link; if you did not, nothing has changed.
pub fn forgotten(facts: &LinkFacts) -> Text {
    with_link(facts, wording(facts.language).forgotten)
}

/// Your password was changed, when and from where. Holds no link.
pub fn password_changed(facts: &ChangeFacts) -> Text {
    let (tenant, person) = (name(facts.tenant_name), name(facts.person_name));
    let contact = facts.contact.map(contact).filter(|contact| !contact.is_empty());
    let clean = ChangeFacts { tenant_name: &tenant, person_name: &person, contact: contact.as_deref(), ..*facts };
    (wording(facts.language).password_changed)(&clean).render(&tenant, facts.language)
}

/// A person has used half of their budget of resets.
pub fn half_of_budget(facts: &BudgetFacts) -> Text {
    let (tenant, person, spender) = (name(facts.tenant_name), name(facts.person_name), name(facts.spender));
    let clean = BudgetFacts { tenant_name: &tenant, person_name: &person, spender: &spender, ..*facts };
    (wording(facts.language).half_of_budget)(&clean).render(&tenant, facts.language)
}

/// The mail settings work.
pub fn test(facts: &TestFacts) -> Text {
    let (server, relay) = (name(facts.server), name(facts.relay));
    let clean = TestFacts { server: &server, relay: &relay, ..*facts };
    (wording(facts.language).test)(&clean).render(&server, facts.language)
}

fn with_link(facts: &LinkFacts, write: fn(&LinkFacts) -> Letter) -> Text {
    let (tenant, person) = (name(facts.tenant_name), name(facts.person_name));
    let contact = facts.contact.map(contact).filter(|contact| !contact.is_empty());
    let clean = LinkFacts { tenant_name: &tenant, person_name: &person, contact: contact.as_deref(), ..*facts };
    write(&clean).render(&tenant, facts.language)
}

fn wording(language: Language) -> &'static Wording {
    match language {
        Language::English => &english::WORDING,
        Language::German => &german::WORDING,
        Language::French => &french::WORDING,
        Language::Japanese => &japanese::WORDING,
    }
}

fn name(text: &str) -> String {
    one_line(text, NAME_CHARACTERS_MAX)
}

fn contact(text: &str) -> String {
    one_line(text, CONTACT_CHARACTERS_MAX)
}

/// `2026-03-04 09:15 UTC`: one unambiguous form for all languages.
fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} {} UTC", &text[..10], &text[11..16])
}

/// From this on, times are given in hours.
const MANY_MINUTES: u32 = 10 * 60;

/// `Ok(hours)`, rounded down, for many minutes and for whole hours from two on; otherwise `Err(minutes)`.
fn hours_or_minutes(minutes: u32) -> Result<u32, u32> {
    let are_hours = minutes >= MANY_MINUTES || (minutes >= 120 && minutes.is_multiple_of(60));
    if are_hours { Ok(minutes / 60) } else { Err(minutes) }
}

#[cfg(test)]
mod tests;
