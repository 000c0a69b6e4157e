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
use crate::ids;
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

    fn add(&mut self, request_id: Uuid, action: &'static str, subject: &str, facts: Value) {
        self.made.push((Actor { request_id, ..self.act.actor.clone() }, action, subject.into(), facts));
    }

    /// Of a group that is made because users name it.
    pub(super) fn of_group(&mut self, name: &str) {
        let of_run = beginning(self.import, 0);
        let facts = json!({ "import": self.import.id });
        self.add(ids::derived(&of_run, &format!("group {name}"), 0), "group.create", name, facts);
    }

    /// Of settings, a namespace, a role or a group.
    pub(super) fn of_thing(&mut self, row: &Row, action: &'static str, subject: &str, mut facts: Value) {
        facts["import"] = json!(self.import.id);
        facts["row"] = json!(row.number);
        self.add(record_id(self.import, row), action, subject, facts);
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
        self.add(record_id(self.import, row), "user.import", user.email.as_str(), facts);
    }

    pub(super) fn of_change(&mut self, row: &Row, person: &Person, user: &User, mut facts: Value) {
        facts["import"] = json!(self.import.id);
        facts["row"] = json!(row.number);
        facts["key"] = json!(person.record.key().to_string());
        self.add(record_id(self.import, row), "user.import_update", &user.email, facts);
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

/// The id of the record of a row: always the same, so that a second one meets the primary key. Ids of one run are in the order of
/// its rows: where the store keeps records by their ids, each stands beside the one before, and not on a page of its own.
fn record_id(import: &Import, row: &Row) -> Uuid {
    beginning(import, row.number)
}

/// The time of the run, as the ids of requests begin with theirs, then the import, then a number.
fn beginning(import: &Import, number: i64) -> Uuid {
    let began = import.run_at.unwrap_or(import.created_at);
    let mut rest = [0; 10];
    rest[..5].copy_from_slice(&Sha256::digest(import.id)[..5]);
    rest[5..].copy_from_slice(&number.to_be_bytes()[3..]);
    uuid::Builder::from_unix_timestamp_millis(milliseconds(began), &rest).into_uuid()
}

fn milliseconds(at: Timestamp) -> u64 {
    u64::try_from(at.0 / 1_000).unwrap_or_default()
}
