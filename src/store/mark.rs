//! What a store may be besides one in use: half written, a backup, on its way to another place.
//!
//! The word stands in the ledger of migrations under number 0, where any release that opens the store looks first and
//! refuses it: nothing serves a copy that is not whole, nor two copies of one store.

use super::engine::Engine;
use super::{Scope, Settings, Store, Tx, copy, migrate};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::params;

/// Why a store is not to be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A restore or a move into it has begun and not ended.
    Half,
    /// It is a backup: what ended after it was made is still alive in it.
    Backup,
    /// It is being moved to another place.
    Moving,
    /// It was moved to another place, where it lives on.
    Moved,
}

impl Mark {
    const ALL: [Self; 4] = [Self::Half, Self::Backup, Self::Moving, Self::Moved];

    fn word(self) -> &'static str {
        match self {
            Self::Half => "half",
            Self::Backup => "backup",
            Self::Moving => "moving",
            Self::Moved => "moved",
        }
    }

    fn refusal(self, at: Timestamp) -> Error {
        let sentence = match self {
            Self::Half => "a restore or a move into it did not come to its end. Run that again; it begins anew",
            Self::Backup => "it is a backup. Put it back with `tenantry restore --from`",
            Self::Moving => {
                "a move of it did not come to its end. If the new place can be served, serve that; else run the move again into an \
                 empty place"
            }
            Self::Moved => "it was moved to another place. Start the server there",
        };
        Error::unavailable(format!("This store is not served since {at}: {sentence}."), 5)
    }
}

/// What stands in the ledger of a marked store.
pub(super) struct Marked {
    pub(super) mark: Mark,
    /// Since when.
    pub(super) at: Timestamp,
    /// Of all that a backup held when it was written.
    pub(super) digest: Vec<u8>,
}

/// The mark of a store, if it has one.
///
/// # Errors
/// Those of the store; `Conflict` for a mark that this release does not know.
pub(super) fn read(tx: &mut Tx<'_>) -> Result<Option<Marked>> {
    let statement = "SELECT name, applied_at, digest FROM migrations WHERE number = 0";
    let Some(row) = tx.maybe(statement, &[])? else { return Ok(None) };
    let word: String = row.get(0)?;
    let mark = Mark::ALL.into_iter().find(|mark| mark.word() == word);
    let mark = mark.ok_or_else(|| Error::conflict(format!("A newer release has marked this store as {word}.")))?;
    Ok(Some(Marked { mark, at: row.get(1)?, digest: row.get(2)? }))
}

/// Marks a store, or takes its mark away.
///
/// # Errors
/// Those of the store.
pub fn mark(tx: &mut Tx<'_>, mark: Option<Mark>, now: Timestamp) -> Result<()> {
    mark_with(tx, mark, &[], now)
}

/// As [`mark`], with the digest of what the store holds.
///
/// # Errors
/// As [`mark`].
pub(super) fn mark_with(tx: &mut Tx<'_>, mark: Option<Mark>, digest: &[u8], now: Timestamp) -> Result<()> {
    tx.run("DELETE FROM migrations WHERE number = 0", &[])?;
    let Some(mark) = mark else { return Ok(()) };
    let insert = "INSERT INTO migrations (number, name, digest, runs_from, applied_at) VALUES (0, $1, $2, 0, $3)";
    tx.run(insert, &params![mark.word(), digest, now]).map(drop)
}

impl Store {
    pub(super) fn refuse_if_marked(&self) -> Result<()> {
        match self.glance(Scope::HOUSE, read)? {
            Some(found) => Err(found.mark.refusal(found.at)),
            None => Ok(()),
        }
    }

    /// Opens an empty store that is to be filled from another one, and marks it as half written until then. What an
    /// earlier attempt has left there is taken away first.
    ///
    /// # Errors
    /// As [`Store::open`]; `Conflict` when it is not empty.
    pub async fn open_to_fill(settings: &Settings, now: Timestamp) -> Result<Self> {
        Engine::require_nobody(settings)?;
        let store = Self::open_whatever(settings, now)?;
        let found = store.read(Scope::HOUSE, |tx| Ok((read(tx)?, copy::is_empty(tx)?)))?;
        match found {
            (Some(found), _) if found.mark == Mark::Half => {}
            (Some(found), _) => return Err(found.mark.refusal(found.at)),
            (None, true) => {}
            (None, false) => {
                return Err(Error::conflict("There is a store in that place already, and it is not empty."));
            }
        }
        // First of all: if it ends in the middle, this stands there.
        let half = store.write(Scope::HOUSE, move |tx| mark(tx, Some(Mark::Half), now)).await;
        half.map_err(|failure| store.at_place(failure))?;
        copy::clear(&store).await.map_err(|failure| store.at_place(failure))?;
        Ok(store)
    }

    /// Opens a store that is to leave for another place, and marks it so that no process serves it meanwhile. Whether an
    /// earlier attempt had marked it already.
    ///
    /// # Errors
    /// As [`Store::open`]; `Conflict` when it has left already.
    pub async fn open_to_leave(settings: &Settings, now: Timestamp) -> Result<(Self, bool)> {
        Engine::require_nobody(settings)?;
        let store = Self::open_whatever(settings, now)?;
        // What only a newer release knows of would stay behind.
        store.read(Scope::HOUSE, |tx| migrate::require_present(&tx.session))?;
        let had_begun = match store.glance(Scope::HOUSE, read)? {
            None => false,
            Some(found) if found.mark == Mark::Moving => true,
            Some(found) => return Err(found.mark.refusal(found.at)),
        };
        let leaving = store.write(Scope::HOUSE, move |tx| mark(tx, Some(Mark::Moving), now)).await;
        leaving.map_err(|failure| store.at_place(failure))?;
        Ok((store, had_begun))
    }
}
