//! The audit log: one record for each accepted action and for each refusal that matters, written in the action's own
//! transaction, with the actor, the subject and the client's address.
//!
//! The key of a record is the id of the request, so an action cannot leave two. With its records a transaction leaves
//! their digests; within a second the sealer (`seal`) takes them into a link of the tenant's chain. `verify` names the
//! first record that was changed, removed, reordered or added since.
//!
//! When a person is erased, records are rewritten (`erase`): one that differs from its digest is sound only if a record that the
//! server has signed lists it with its present digest.
//!
//! The chain alone cannot show two things: that its newest links were removed together with all their records, and that
//! a record and its digest were changed before they were sealed. Against the first, each verification returns an anchor
//! (number and hash of the last link), which an auditor keeps elsewhere and hands in at the next one. The holder of the
//! server's key can forge any chain.

mod api;
mod digest;
mod due;
mod erase;
mod left;
mod list;
mod query;
mod rows;
mod seal;
mod sealed;
mod verify;
mod witness;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

use self::digest::Content;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, TenantId};
use crate::params;
use crate::store::{Batch, Param, Tx};
use crate::terms::Word;

pub use api::{Item, operations, sentence};
pub use digest::{AuditKey, Entry, Link, Listed, link_hash, unpack};
pub use due::{HEAD_SECONDS, bring_due_back, count_sealed, find_due_heads, newest_link, put_off_head, take_due_head};
pub use erase::{Rewritten, Slice, rewrite};
pub use query::{Filter, find_lost_history, latest, list_newest};
pub use rows::{Record, find_each, list_before};
pub use seal::keep_sealing;
pub use sealed::{Place, Sealed, end_of_sealed, has_unsealed, last_link, link_behind, read_sealed};
pub use verify::{Anchor, Verified, end_of, verify};
pub use witness::{Cut, Mark, Witness};

/// The action of the record which says that the database lost acknowledged changes.
pub const WENT_BACK: &str = "store.went_back";
/// The action of the records of an erasure: those that vouch for what was rewritten are among them.
pub const PERSON_ERASED: &str = "person.erase";

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(rename = "AuditOutcome", rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Accepted,
    /// It was not allowed.
    Refused,
}

impl Word for Outcome {
    const ALL: &'static [Self] = &[Self::Accepted, Self::Refused];

    fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}

/// The facts of one action.
#[derive(Clone)]
pub struct Event<'a> {
    /// The tenant in which it happened.
    pub tenant: TenantId,
    /// When.
    pub at: Timestamp,
    /// What, as `room.verb`: `reset.request`, `user.disable`.
    pub action: &'a str,
    /// How it ended.
    pub outcome: Outcome,
    /// Who did it.
    pub actor: &'a Actor,
    /// The user or object that the action changed.
    pub subject: &'a str,
    /// Further facts, such as before and after; never a secret.
    pub facts: Value,
}

const INSERT: Batch = Batch::new(
    "INSERT INTO audit (tenant, id, at, action, outcome, actor, credential, subject, address, facts)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);

/// Writes the record of one action into its transaction. Where the operator acts on a tenant, it stands in the records of
/// both, by the same id.
///
/// # Errors
/// Those of the store; then the action is undone too.
pub fn record(tx: &mut Tx<'_>, event: &Event<'_>) -> Result<()> {
    record_each(tx, std::slice::from_ref(event))
}

/// The same for what a user of the tenant does: where it is done in an act of the operator, as an incident begins when the operator
/// agrees to it, it stands in the records of the tenant alone.
///
/// # Errors
/// As [`record`].
pub fn record_of_user(tx: &mut Tx<'_>, event: &Event<'_>) -> Result<()> {
    write_each(tx, std::slice::from_ref(event))
}

/// Writes the records of many actions, in order, and what the sealer needs of them.
///
/// # Errors
/// As [`record`].
pub fn record_each(tx: &mut Tx<'_>, events: &[Event<'_>]) -> Result<()> {
    if !tx.is_operating() {
        return write_each(tx, events);
    }
    let shown: Vec<_> = events.iter().map(|event| event.actor.as_operator()).collect();
    let theirs = events.iter().zip(&shown).map(|(event, actor)| Event { actor, ..event.clone() });
    let theirs = theirs.filter(|event| event.tenant != TenantId::SYSTEM);
    let own = events.iter().map(|event| Event { tenant: TenantId::SYSTEM, ..event.clone() });
    write_each(tx, &theirs.chain(own).collect::<Vec<_>>())
}

fn write_each(tx: &mut Tx<'_>, events: &[Event<'_>]) -> Result<()> {
    let texts: Vec<_> = events.iter().map(|event| (event.actor.address.to_string(), event.facts.to_string())).collect();
    let rows: Vec<[Param<'_>; 10]> = events
        .iter()
        .zip(&texts)
        .map(|(event, (address, facts))| {
            params![
                event.tenant,
                &event.actor.request_id,
                event.at,
                event.action,
                event.outcome.word(),
                &event.actor.name,
                event.actor.credential.as_deref(),
                event.subject,
                address,
                facts,
            ]
        })
        .collect();
    tx.put(INSERT, &rows)?;
    let mut entries: BTreeMap<TenantId, Vec<Entry>> = BTreeMap::new();
    for (event, (address, facts)) in events.iter().zip(&texts) {
        entries.entry(event.tenant).or_default().push(entry(event, address, facts));
    }
    entries.iter().try_for_each(|(tenant, entries)| seal::leave(tx, *tenant, entries))
}

fn entry(event: &Event<'_>, address: &str, facts: &str) -> Entry {
    let Event { actor, subject, .. } = event;
    let texts = [event.action, event.outcome.word(), &actor.name, subject, address, facts];
    let content = Content { at: event.at, credential: actor.credential.as_deref(), texts, salt: None };
    digest::entry(event.tenant, actor.request_id, &content)
}
