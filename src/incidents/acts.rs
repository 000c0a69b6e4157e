//! The records of what was done to an incident as a whole, which stand in its row: so they are found without a look at all others.

use serde_json::Value;
use uuid::Uuid;

use super::rows::{self, Incident};
use crate::act::Act;
use crate::error::Result;
use crate::store::Tx;

/// Ids of records, in the order in which they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Acts(Vec<u8>);

impl Acts {
    /// As they are stored: 16 bytes each; nothing where an older release has written the row.
    pub(super) fn of(stored: Option<Vec<u8>>) -> Self {
        Self(stored.unwrap_or_default())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Adds a record.
    pub(super) fn add(&mut self, record: &Uuid) {
        self.0.extend(record.as_bytes());
    }

    /// The ids.
    pub(super) fn ids(&self) -> Vec<Uuid> {
        self.0.as_chunks::<16>().0.iter().map(|id| Uuid::from_bytes(*id)).collect()
    }
}

/// Writes what an act has made of an incident, and the record of the act, which belongs to the incident from then on.
///
/// # Errors
/// Those of the store.
pub(super) fn acted(
    tx: &mut Tx<'_>,
    mut incident: Incident,
    act: &Act,
    action: &str,
    facts: Value,
) -> Result<Incident> {
    incident.acts.add(&act.actor.request_id);
    rows::replace(tx, act.tenant.id, &incident)?;
    act.record(tx, action, &incident.id.to_string(), facts)?;
    Ok(incident)
}
