//! The records of an import: exactly one for each user, in the transaction that makes or changes the user.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::lines::{Person, Row};
use super::rows::Import;
use crate::act::Act;
use crate::audit::{self, Event};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::Actor;
use crate::people::{NewUser, User};
use crate::store::Tx;

/// The records of a slice: one for each user, and for each group that was made.
pub(super) struct Records<'a> {
    pub(super) act: &'a Act,
    pub(super) import: &'a Import,
    made: Vec<(Actor, &'static str, String, Value)>,
}

impl<'a> Records<'a> {
    pub(super) fn new(act: &'a Act, import: &'a Import) -> Self {
        Self { act, import, made: Vec::new() }
    }

    pub(super) fn add(&mut self, of: &str, action: &'static str, subject: &str, facts: Value) {
        let request_id = record_id(self.import, of);
        self.made.push((Actor { request_id, ..self.act.actor.clone() }, action, subject.into(), facts));
    }

    /// Of settings, a namespace, a role or a group.
    pub(super) fn of_thing(&mut self, row: &Row, action: &'static str, subject: &str, mut facts: Value) {
        facts["import"] = json!(self.import.id);
        facts["row"] = json!(row.number);
        self.add(&row.number.to_string(), action, subject, facts);
    }

    pub(super) fn of_new(&mut self, row: &Row, person: &Person, user: &NewUser) {
        let facts = json!({
            "import": self.import.id,
            "row": row.number,
            "key": person.record.key().to_string(),
            "scheme": person.scheme(),
            "idm_type": user.sign_in_by.word(),
            "state": person.record.state.word(),
            "must_change": person.record.must_change,
            "namespace_roles": user.grants,
            "group_names": user.brought.groups,
        });
        self.add(&row.number.to_string(), "user.import", user.email.as_str(), facts);
    }

    pub(super) fn of_change(&mut self, row: &Row, person: &Person, user: &User, mut facts: Value) {
        facts["import"] = json!(self.import.id);
        facts["row"] = json!(row.number);
        facts["key"] = json!(person.record.key().to_string());
        self.add(&row.number.to_string(), "user.import_update", &user.email, facts);
    }

    pub(super) fn write(self, tx: &mut Tx<'_>) -> Result<()> {
        let (tenant, at) = (self.act.tenant.id, self.act.now);
        let events: Vec<_> = self
            .made
            .iter()
            .map(|(actor, action, subject, facts)| Event {
                tenant,
                at,
                action,
                outcome: audit::Outcome::Accepted,
                actor,
                subject,
                facts: facts.clone(),
            })
            .collect();
        audit::record_each(tx, &events)
    }
}

/// The id of the record of a row: always the same, so that a second one meets the primary key. It begins with the time of the
/// run, as the ids of requests begin with theirs.
fn record_id(import: &Import, of: &str) -> Uuid {
    let began = import.run_at.unwrap_or(import.created_at);
    let digest = Sha256::new().chain_update(import.id.as_bytes()).chain_update(of.as_bytes()).finalize();
    let mut random = [0; 10];
    random.copy_from_slice(&digest[..10]);
    uuid::Builder::from_unix_timestamp_millis(milliseconds(began), &random).into_uuid()
}

fn milliseconds(at: Timestamp) -> u64 {
    u64::try_from(at.0 / 1_000).unwrap_or_default()
}
