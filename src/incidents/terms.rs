//! What is asked for: whose passwords are to end, how, and what the users are told.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::leads::names_an_address;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::language::Language;
use crate::mail::address::Email;
use crate::text;
use crate::users::FilterAsk;

/// Addresses that a call may name itself; a longer list is sent in parts.
pub(super) const EMAILS_MAX: usize = 1_000;
const NAME_MAX: usize = 100;
const REASON_MAX: usize = 500;
const CONTACT_MAX: usize = 255;
/// In each language, in characters.
const WORDS_MAX: usize = 1_000;
const HOURS_MAX: i64 = 72;
const PACE_MAX: i64 = 100_000;

/// Who is told at sign-in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "IncidentNotice")]
pub(super) enum Notice {
    /// A browser in which the user has signed in before.
    #[default]
    Affected,
    /// Nobody: a sign-in that is refused looks as any other.
    Nobody,
    /// Everyone whose sign-in is refused, whether the password was ended or not, until the mails have left.
    Everyone,
}

/// An incident, as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IncidentTerms")]
pub(super) struct Terms {
    /// What administrators call it; users never see it.
    #[schemars(example = &"Leaked laptop backup")]
    pub(super) name: String,
    /// Why it is necessary, for the record; users never see it.
    #[serde(default)]
    #[schemars(example = &"A laptop with the table of users was stolen.")]
    pub(super) reason: String,
    /// Which users, by the members of the search.
    #[serde(default)]
    pub(super) filter: FilterAsk,
    /// Whether all users are meant: said instead of a filter and of addresses.
    #[serde(default)]
    #[schemars(example = false)]
    pub(super) all: bool,
    /// The users of these addresses; with a filter, those of them who pass it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(example = &["jane@example.com"])]
    pub(super) emails: Vec<String>,
    /// Whether further addresses come in parts before the plan is made.
    #[serde(default)]
    #[schemars(example = false)]
    pub(super) lines: bool,
    /// The users of these addresses are left alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(example = &["robot@example.com"])]
    pub(super) except: Vec<String>,
    /// Whether the mails wait until they are released.
    #[serde(default)]
    #[schemars(example = true)]
    pub(super) hold: bool,
    /// How long a link lives from its mail, in hours: 1 to 72.
    #[serde(default = "Terms::usual_hours")]
    #[schemars(example = 24)]
    pub(super) link_hours: i64,
    /// How many mails leave in a minute at most; 0 for as many as the relay takes.
    #[serde(default = "Terms::usual_pace")]
    #[schemars(example = 240)]
    pub(super) pace_per_minute: i64,
    /// Whether the password of the person who begins it ends too, last of all.
    #[serde(default = "Terms::usually")]
    #[schemars(example = true)]
    pub(super) include_me: bool,
    /// Whether the passwords of disabled users end too, without a mail.
    #[serde(default = "Terms::usually")]
    #[schemars(example = true)]
    pub(super) include_disabled: bool,
    /// Whether the API credentials of these users end too.
    #[serde(default)]
    #[schemars(example = false)]
    pub(super) revoke_credentials: bool,
    /// Code apps that were set up at this moment or later are taken away with the password: a thief may have set them up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) remove_factors_since: Option<Timestamp>,
    /// Who is told at sign-in that the password has ended.
    #[serde(default)]
    pub(super) notice: Notice,
    /// What the mails say besides, by language: at most 1000 characters each, and no web address.
    #[serde(default)]
    #[schemars(example = BTreeMap::from([("en", "We have reset all passwords that were in the copy.")]))]
    pub(super) words: BTreeMap<String, String>,
    /// Whom users may ask; the tenant's contact unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"security@example.com")]
    pub(super) contact: Option<String>,
}

impl Terms {
    fn usual_hours() -> i64 {
        24
    }

    fn usual_pace() -> i64 {
        240
    }

    fn usually() -> bool {
        true
    }

    /// Whether only the users of a list are meant.
    pub(super) fn is_by_list(&self) -> bool {
        self.lines || !self.emails.is_empty()
    }

    /// Refuses terms that choose nobody, and such as cannot be carried out.
    ///
    /// # Errors
    /// `Invalid`.
    pub(super) fn check(&self) -> Result<()> {
        line("name", &self.name, NAME_MAX)?;
        if self.name.trim().is_empty() {
            return Err(Error::invalid("Field name must say what this incident is called."));
        }
        line("reason", &self.reason, REASON_MAX)?;
        within("link_hours", self.link_hours, 1, HOURS_MAX)?;
        check_pace(self.pace_per_minute)?;
        self.check_choice()?;
        check_words(&self.words)?;
        check_contact(self.contact.as_deref())
    }

    fn check_choice(&self) -> Result<()> {
        for (field, emails) in [("emails", &self.emails), ("except", &self.except)] {
            if emails.len() > EMAILS_MAX {
                return Err(Error::invalid(format!("Field {field} takes {EMAILS_MAX} addresses at most.")));
            }
            emails.iter().try_for_each(|email| {
                Email::parse(email).map(drop).map_err(|why| Error::invalid(format!("Field {field}: {}", why.message)))
            })?;
        }
        let is_chosen = self.is_by_list() || !self.filter.filter().asks_nothing();
        match (is_chosen, self.all) {
            (false, false) => Err(Error::invalid(
                "Fields filter, emails and lines choose nobody. Say \"all\": true, or --all, for every user.",
            )),
            (true, true) => Err(Error::invalid("Field all stands beside a choice of users. Leave one of them out.")),
            _ => Ok(()),
        }
    }
}

/// Refuses words that are too long, in a language that no mail has, or that could lead users elsewhere.
///
/// # Errors
/// `Invalid`.
pub(super) fn check_words(words: &BTreeMap<String, String>) -> Result<()> {
    for (tag, text) in words {
        if Language::from_tag(tag).is_none_or(|language| language.tag() != tag) {
            return Err(Error::invalid(format!("Field words.{tag} must be of a language of mails: en, de, fr or ja.")));
        }
        text::check_lines(&format!("words.{tag}"), text)?;
        if text.chars().count() > WORDS_MAX {
            return Err(Error::invalid(format!("Field words.{tag} takes {WORDS_MAX} characters at most.")));
        }
        if names_an_address(text) {
            return Err(Error::invalid(format!(
                "Field words.{tag} holds a web address. The mail has one link, and people learn to trust it."
            )));
        }
    }
    Ok(())
}

/// Refuses a contact that is too long, or that could lead users elsewhere.
///
/// # Errors
/// `Invalid`.
pub(super) fn check_contact(contact: Option<&str>) -> Result<()> {
    let Some(contact) = contact else { return Ok(()) };
    line("contact", contact, CONTACT_MAX)?;
    match names_an_address(contact) {
        true => Err(Error::invalid("Field contact holds a web address. Name a mailbox or a telephone number.")),
        false => Ok(()),
    }
}

fn line(field: &str, text: &str, most: usize) -> Result<()> {
    text::check(field, text)?;
    if text.len() > most {
        return Err(Error::invalid(format!("Field {field} takes one line of {most} bytes at most.")));
    }
    Ok(())
}

/// Refuses a pace that is none.
///
/// # Errors
/// `Invalid`.
pub(super) fn check_pace(pace: i64) -> Result<()> {
    within("pace_per_minute", pace, 0, PACE_MAX)
}

fn within(field: &str, value: i64, least: i64, most: i64) -> Result<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::invalid(format!("Field {field} must be a number from {least} to {most}.")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(terms: Value) -> Result<()> {
        serde_json::from_value::<Terms>(terms).unwrap().check()
    }

    #[test]
    fn a_choice_is_said_once_and_chooses_somebody() {
        for (terms, complaint) in [
            (json!({ "name": "x" }), "choose nobody"),
            (json!({ "name": " ", "all": true }), "Field name"),
            (json!({ "name": "x\ny", "all": true }), "control characters"),
            (json!({ "name": "x".repeat(101), "all": true }), "100 bytes"),
            (json!({ "name": "x", "all": true, "emails": ["a@example.com"] }), "stands beside"),
            (json!({ "name": "x", "emails": ["nobody"] }), "Field emails"),
            (json!({ "name": "x", "all": true, "link_hours": 0 }), "from 1 to 72"),
            (json!({ "name": "x", "all": true, "pace_per_minute": -1 }), "from 0 to"),
            (json!({ "name": "x", "all": true, "words": { "xx": "Hello" } }), "en, de, fr or ja"),
            (json!({ "name": "x", "all": true, "words": { "en": "a".repeat(1_001) } }), "1000 characters"),
            (json!({ "name": "x", "all": true, "contact": "https://example.com" }), "Field contact"),
        ] {
            let refused = check(terms.clone()).unwrap_err().message;
            assert!(refused.contains(complaint), "{terms}: {refused}");
        }
        for terms in [
            json!({ "name": "x", "all": true }),
            json!({ "name": "x", "lines": true }),
            json!({ "name": "x", "filter": { "group": "ops" }, "emails": ["a@example.com"], "contact": "+1 555 0100" }),
        ] {
            check(terms).unwrap();
        }
    }
}
