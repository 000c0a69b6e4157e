//! By what a person is known in texts, and what stands there instead once they are erased. Pure.

use std::iter::Peekable;
use std::str::Chars;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::audit::Record;
use crate::clock::Timestamp;
use crate::mail::address::Email;

/// An address, or the name of a credential, that was the person's until some moment; later it may be another's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Alias {
    /// As addresses are compared, or as one is shown to people.
    text: String,
    until: i64,
}

/// What is sought of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sought {
    aliases: Vec<Alias>,
    #[serde(skip)]
    pseudonym: String,
}

/// Members of facts that hold what only the person brings along: names, the key by which a source knows them, addresses that they
/// wished for.
const PERSONAL: [(&str, &str); 8] = [
    ("settings.change", "name"),
    ("user.import", "key"),
    ("user.import_update", "key"),
    ("user.import_update", "names"),
    ("address.request", "to"),
    ("address.cancel", "to"),
    ("address.confirm", "to"),
    ("address.confirm", "mail_goes_to"),
];
/// Who acts where nobody is signed in; of such an act upon a person, its origin is theirs.
const ANYONE: &str = "anonymous";

impl Sought {
    /// A person of this address.
    pub(super) fn new(email: &Email, until: Timestamp) -> Self {
        let mut sought = Self { aliases: Vec::new(), pseudonym: String::new() };
        sought.add(email, until);
        sought
    }

    /// Reads [`Sought::to_keep`].
    pub(super) fn read(kept: &str, pseudonym: &str) -> Option<Self> {
        let sought: Self = serde_json::from_str(kept).ok()?;
        Some(Self { pseudonym: pseudonym.into(), ..sought })
    }

    /// As it is kept.
    pub(super) fn to_keep(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Seeks a further address, which was theirs until then.
    pub(super) fn add(&mut self, email: &Email, until: Timestamp) {
        [email.key(), email.shown().to_lowercase()].into_iter().for_each(|text| self.add_text(text, until));
    }

    /// Seeks the name of a credential, which the person has chosen. Letters drawn at its end keep it from being another's.
    pub(super) fn add_credential(&mut self, name: &str) {
        self.add_text(name.to_lowercase(), Timestamp(i64::MAX));
    }

    fn add_text(&mut self, text: String, until: Timestamp) {
        if !text.is_empty() && self.aliases.iter().all(|alias| alias.text != text) {
            self.aliases.push(Alias { text, until: until.0 });
        }
    }

    fn at(&self, at: Timestamp) -> impl Iterator<Item = &str> {
        self.aliases.iter().filter(move |alias| at.0 <= alias.until).map(|alias| alias.text.as_str())
    }

    fn is(&self, name: &str, at: Timestamp) -> bool {
        self.at(at).any(|text| end_of(name, text) == Some(name.len()))
    }

    /// A text of that moment without the person, if it names them.
    pub(super) fn reword(&self, text: &str, at: Timestamp) -> Option<String> {
        let mut reworded: Option<String> = None;
        for alias in self.at(at) {
            let current = reworded.as_deref().unwrap_or(text);
            reworded = replace(current, alias, &self.pseudonym).or(reworded);
        }
        reworded
    }

    /// Rewrites a record; whether it names the person. A record that tells of the change of the address says which one was theirs
    /// before.
    pub(super) fn reword_record(&mut self, record: &mut Record) -> bool {
        let at = record.at;
        self.learn(record);
        let (is_theirs, is_about) = (self.is(&record.actor, at), self.is(&record.subject, at));
        let facts = self.reword_facts(record, is_theirs || is_about);
        let [actor, subject] = [&record.actor, &record.subject].map(|text| self.reword(text, at));
        let credential = record.credential.as_ref().and_then(|name| self.reword(name, at));
        if facts.is_none() && actor.is_none() && subject.is_none() && credential.is_none() {
            return false;
        }
        if is_theirs || (is_about && record.actor == ANYONE) {
            record.address.clear();
        }
        record.credential = if is_theirs { None } else { credential.or(record.credential.take()) };
        record.actor = actor.unwrap_or_else(|| std::mem::take(&mut record.actor));
        record.subject = subject.unwrap_or_else(|| std::mem::take(&mut record.subject));
        record.facts = facts.unwrap_or_else(|| std::mem::take(&mut record.facts));
        true
    }

    /// Whether a record tells of what the person did, or of what was done to them. The newest come first, as for
    /// [`Sought::reword_record`].
    pub(super) fn is_theirs(&mut self, record: &Record) -> bool {
        self.learn(record);
        self.is(&record.actor, record.at) || self.is(&record.subject, record.at)
    }

    fn learn(&mut self, record: &Record) {
        let is_change = record.action == "address.confirm" && record.outcome == "accepted";
        if !is_change && record.action.split('.').next() != Some("credential") {
            return;
        }
        let facts: Value = serde_json::from_str(&record.facts).unwrap_or_default();
        let names_them = |member: &str| facts[member].as_str().is_some_and(|name| self.is(name, record.at));
        if is_change {
            if names_them("to")
                && let Ok(former) = Email::parse(&record.subject)
            {
                self.add(&former, record.at);
            }
        } else if names_them("user") || (record.action == "credential.create" && self.is(&record.actor, record.at)) {
            self.add_credential(&record.subject);
        }
    }

    /// The facts without the person, if they name them; facts that are no JSON were tampered with, and are taken as a text.
    fn reword_facts(&self, record: &Record, is_personal: bool) -> Option<String> {
        let Ok(mut facts) = serde_json::from_str::<Value>(&record.facts) else {
            return self.reword(&record.facts, record.at);
        };
        let mut is_changed = self.reword_value(&mut facts, record.at);
        for (_, member) in PERSONAL.iter().filter(|(action, _)| is_personal && *action == record.action) {
            if let Some(value) = facts.get_mut(*member).filter(|value| !value.is_null()) {
                *value = Value::String(self.pseudonym.clone());
                is_changed = true;
            }
        }
        is_changed.then(|| facts.to_string())
    }

    fn reword_value(&self, value: &mut Value, at: Timestamp) -> bool {
        match value {
            Value::String(text) => match self.reword(text, at) {
                Some(reworded) => {
                    *text = reworded;
                    true
                }
                None => false,
            },
            Value::Array(values) => {
                let mut is_changed = false;
                for value in values {
                    is_changed |= self.reword_value(value, at);
                }
                is_changed
            }
            Value::Object(members) => {
                let named: Vec<_> =
                    members.keys().filter_map(|key| Some((key.clone(), self.reword(key, at)?))).collect();
                let mut is_changed = !named.is_empty();
                for (key, reworded) in named {
                    let member = members.remove(&key).unwrap_or_default();
                    members.insert(reworded, member);
                }
                for value in members.values_mut() {
                    is_changed |= self.reword_value(value, at);
                }
                is_changed
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
}

/// The text with each occurrence of an address replaced, if there is one. A longer address that holds it is another's.
fn replace(text: &str, address: &str, by: &str) -> Option<String> {
    let (mut reworded, mut done, mut at) = (String::new(), 0, 0);
    while let Some(first) = text[at..].chars().next() {
        let Some(end) = end_of_one_at(text, at, address) else {
            at += first.len_utf8();
            continue;
        };
        reworded.push_str(&text[done..at]);
        reworded.push_str(by);
        (done, at) = (end, end);
    }
    reworded.push_str(&text[done..]);
    (done > 0).then_some(reworded)
}

/// Where the address ends that stands in the text at that place, if it does.
fn end_of_one_at(text: &str, at: usize, address: &str) -> Option<usize> {
    let begins = |before: char| !before.is_alphanumeric() && !matches!(before, '.' | '_' | '+' | '-');
    if !text[..at].chars().next_back().is_none_or(begins) {
        return None;
    }
    end_of(&text[at..], address).map(|length| at + length).filter(|end| ends(&text[*end..]))
}

fn ends(rest: &str) -> bool {
    let mut rest = rest.chars();
    match rest.next() {
        Some('.') => !rest.next().is_some_and(char::is_alphanumeric),
        Some(c) => !c.is_alphanumeric() && c != '-',
        None => true,
    }
}

/// Where an address ends that stands at the beginning of a text, in whatever case of letters.
fn end_of(text: &str, address: &str) -> Option<usize> {
    let mut wanted = address.chars().peekable();
    for (at, c) in text.char_indices() {
        if wanted.peek().is_none() {
            return Some(at);
        }
        if !takes(&mut wanted, c) {
            return None;
        }
    }
    wanted.peek().is_none().then_some(text.len())
}

fn takes(wanted: &mut Peekable<Chars<'_>>, c: char) -> bool {
    c.to_lowercase().all(|lower| wanted.next_if_eq(&lower).is_some())
}

#[cfg(test)]
#[path = "sought_tests.rs"]
mod tests;
