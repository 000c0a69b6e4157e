//! Rows that wait to be sent.

use crate::transfer::import::{Record, Refusal, Thing};

/// A row that waits to be sent.
pub(super) enum Pending {
    /// A person.
    Person(Box<Record>),
    /// What the reader has refused.
    Refused(Refusal),
    /// Settings, a namespace, a role or a group of a whole tenant.
    Thing(Box<Thing>),
}

/// The number of a row.
pub(super) fn number_of(row: &Pending) -> u64 {
    match row {
        Pending::Person(record) => record.row,
        Pending::Refused(refusal) => refusal.row,
        Pending::Thing(thing) => thing.row,
    }
}
