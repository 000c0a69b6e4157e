//! A store that is made beside another one, which is served until the new one is whole and takes its place.

use super::engine::{Beside, Engine};
use super::{Mark, Scope, Settings, Store, mark};
use crate::clock::Timestamp;
use crate::error::Result;

/// A store on its way into the place of another one.
pub struct Replacement {
    /// The new store, empty and marked as half written at first.
    pub store: Store,
    beside: Beside,
}

impl Replacement {
    /// Begins an empty store beside the one of a place. On the embedded engine no process can open that one meanwhile.
    ///
    /// # Errors
    /// `Conflict` when a process has the old one open; as [`Store::open`].
    pub async fn begin(settings: &Settings, now: Timestamp) -> Result<Self> {
        let beside = Beside::begin(settings)?;
        let opened = Store::open_whatever(&beside.workshop(settings), now);
        let store = opened.inspect_err(|_| beside.abandon())?;
        let new = Self { store, beside };
        match new.store.write(Scope::HOUSE, move |tx| mark(tx, Some(Mark::Half), now)).await {
            Ok(()) => Ok(new),
            Err(failure) => {
                let failure = new.store.at_place(failure);
                new.abandon();
                Err(failure)
            }
        }
    }

    /// Closes the new store, puts it into the place of the old one, and tells where the old one is now.
    ///
    /// # Errors
    /// `Conflict` when a process has begun to serve the old one. Then, and after any other failure, the old one is in its
    /// place.
    pub fn take_place(self, now: Timestamp) -> Result<String> {
        self.store.close();
        self.beside.swap(now).inspect_err(|_| self.beside.abandon())
    }

    /// Takes the new store away again.
    pub fn abandon(self) {
        self.store.close();
        self.beside.abandon();
    }
}

impl Store {
    /// Whether there is a store in a place, whatever state it is in.
    ///
    /// # Errors
    /// When the database server cannot be reached.
    pub fn is_there(settings: &Settings) -> Result<bool> {
        Engine::is_there(settings)
    }

    /// Where something lies that a restore has made on its way: one that is at work, or one that was cut off.
    ///
    /// # Errors
    /// When the database server cannot be reached.
    pub fn unfinished_restores(settings: &Settings) -> Result<Vec<String>> {
        Beside::unfinished(settings)
    }
}
