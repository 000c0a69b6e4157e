//! The records that a file tells, held against the links that follow: some 50 bytes for each.

use uuid::Uuid;

use super::record::Said;
use crate::audit::{Entry, Listed, Record};
use crate::identity::TenantId;

/// A record that was told.
struct Told {
    id: Uuid,
    /// None where it cannot be reckoned from what is told.
    digest: Option<[u8; 32]>,
    is_found: bool,
    line: u32,
}

/// What is wrong with the records of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The record of this line is not the one in the link.
    Differs(Uuid, u32),
    /// No link has the record of this line.
    Missing(Uuid, u32),
    /// Two lines tell the same record.
    Twice(Uuid, u32),
}

/// The records of a file.
#[derive(Default)]
pub(super) struct Records {
    told: Vec<Told>,
    /// How many of them were rewritten since, when a person was erased.
    pub(super) erased: u64,
}

impl Records {
    /// Adds a record that a line tells, in full or by its id alone. Whether it can be a record.
    pub(super) fn add(&mut self, tenant: TenantId, said: &Said, record: Option<&Record>, line: u64) -> bool {
        let Some(id) = said.id() else { return false };
        let is_reckoned = record.filter(|_| !said.erased);
        let digest = is_reckoned.map(|record| record.entry(tenant).digest);
        self.erased += u64::from(said.erased);
        self.told.push(Told { id, digest, is_found: false, line: u32::try_from(line).unwrap_or(u32::MAX) });
        true
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.told.len()
    }

    /// Prepares for the links, once all records are told.
    pub(super) fn order(&mut self) -> Result<(), Fault> {
        self.told.sort_unstable_by_key(|told| told.id);
        let twice = self.told.windows(2).find(|pair| pair[0].id == pair[1].id);
        twice.map_or(Ok(()), |pair| Err(Fault::Twice(pair[1].id, pair[1].line)))
    }

    /// Holds what a link keeps against what was told; records of which nothing was told are passed over.
    pub(super) fn hold_against(&mut self, link: &[Listed]) -> Result<(), Fault> {
        for listed in link {
            let Ok(at) = self.told.binary_search_by_key(&listed.id, |told| told.id) else { continue };
            let told = &mut self.told[at];
            if told.digest.is_some_and(|digest| !listed.is_of(&Entry { id: told.id, digest })) {
                return Err(Fault::Differs(told.id, told.line));
            }
            told.is_found = true;
        }
        Ok(())
    }

    /// Whether all have been found, once all links have come.
    pub(super) fn are_found(&self) -> Result<(), Fault> {
        let missing = self.told.iter().find(|told| !told.is_found);
        missing.map_or(Ok(()), |told| Err(Fault::Missing(told.id, told.line)))
    }
}
