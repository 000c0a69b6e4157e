//! Records as the lines of a file tell them: whole, or but for what they share with others.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::audit::Record;
use crate::clock::Timestamp;
use crate::hex::{from_hex, hex};

/// What a record says. The subject, the moment and whatever is like the shared fields are left out in the line of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Its id, in 32 hexadecimal digits.
    pub id: String,
    /// When, in microseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// What was done. Where it stands, all other fields stand here too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// `accepted` or `refused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The API credential that was used; none without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// What was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The client's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Further facts: the very text, which is JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<String>,
    /// Random bytes that go into the digest, in hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    /// Whether it was rewritten since, when a person was erased: its digest is not that of what it says.
    #[serde(default, skip_serializing_if = "is_false")]
    pub erased: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Said {
    /// All that a record says.
    pub fn whole(record: &Record) -> Self {
        Self {
            at: Some(record.at.0),
            action: Some(record.action.clone()),
            outcome: Some(record.outcome.clone()),
            actor: Some(record.actor.clone()),
            credential: record.credential.clone(),
            subject: Some(record.subject.clone()),
            address: Some(record.address.clone()),
            ..Self::brief(record)
        }
    }

    /// What a record says besides the fields that it shares with others.
    pub fn brief(record: &Record) -> Self {
        Self {
            id: record.id.simple().to_string(),
            facts: Some(record.facts.clone()),
            salt: record.salt.as_deref().map(hex),
            erased: record.erased_by.is_some(),
            ..Self::default()
        }
    }

    /// The record, if all that it says is told here, or by its line and by what it shares with others.
    pub fn record(&self, line: Option<(i64, &str)>, shared: Option<&Shared>) -> Option<Record> {
        let salt = self.salt.as_deref().map(from_hex);
        let own = |own: &Option<String>, other: fn(&Shared) -> &String| {
            own.clone().or_else(|| shared.filter(|_| self.action.is_none()).map(|shared| other(shared).clone()))
        };
        let credential = match (&self.action, shared) {
            (None, Some(shared)) => shared.credential.clone(),
            _ => self.credential.clone(),
        };
        Some(Record {
            id: self.id()?,
            at: Timestamp(self.at.or(line.map(|(at, _)| at))?),
            action: own(&self.action, |shared| &shared.action)?,
            outcome: own(&self.outcome, |shared| &shared.outcome)?,
            actor: own(&self.actor, |shared| &shared.actor)?,
            credential,
            subject: self.subject.clone().or_else(|| line.map(|(_, email)| email.to_owned()))?,
            address: own(&self.address, |shared| &shared.address)?,
            facts: self.facts.clone()?,
            salt: if let Some(salt) = salt { Some(salt?) } else { None },
            erased_by: None,
        })
    }

    /// One of its facts, if they are told.
    pub(super) fn fact(&self, name: &str) -> Option<Value> {
        let mut facts: Value = serde_json::from_str(self.facts.as_deref()?).ok()?;
        facts.get_mut(name).map(Value::take)
    }

    /// Its id.
    pub fn id(&self) -> Option<Uuid> {
        Uuid::try_parse(&self.id).ok()
    }
}

/// The fields that most records of the users share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// What was done.
    pub action: String,
    /// `accepted`.
    pub outcome: String,
    /// Who did it.
    pub actor: String,
    /// The API credential that was used.
    pub credential: Option<String>,
    /// The client's address.
    pub address: String,
}

impl Shared {
    /// Whether a record has all of them.
    pub fn is_of(&self, record: &Record) -> bool {
        (&self.action, &self.outcome, &self.actor, &self.credential, &self.address)
            == (&record.action, &record.outcome, &record.actor, &record.credential, &record.address)
    }
}
