//! Moves a store to another place, with everything that is valid in it.

use serde::Serialize;
use tokio::runtime::Handle;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::store::{Mark, Measured, Scope, Settings, Store, copy, mark};

/// The result of a move.
#[derive(Debug, Serialize)]
pub struct Moved {
    /// The tables, the same in both places.
    pub tables: Vec<Measured>,
}

/// Moves a store that no process serves into an empty place. During the move neither place can be served; afterwards
/// the new one can, and the old one never again.
///
/// # Errors
/// One sentence that names the obstacle. If nothing has been moved, the old place is as it was.
pub async fn move_to(
    from: &Settings,
    to: &Settings,
    now: Timestamp,
    progress: impl Fn(&str, u64) + Send + 'static,
) -> Result<Moved> {
    let (source, had_begun) = Store::open_to_leave(from, now).await?;
    let (target, tables) = match fill(&source, to, now, progress).await {
        Ok(filled) => filled,
        // An earlier attempt may have finished all but the mark in the old place, which must then not be served.
        Err(failure) if had_begun => return Err(failure),
        Err(failure) => {
            source.write(Scope::HOUSE, move |tx| mark(tx, None, now)).await.map_err(|other| source.at_place(other))?;
            return Err(failure);
        }
    };
    // The old place stays marked as moving until this is on the disk, so that there is never a moment with two.
    target.write(Scope::HOUSE, move |tx| mark(tx, None, now)).await.map_err(|failure| target.at_place(failure))?;
    let moved = source.write(Scope::HOUSE, move |tx| mark(tx, Some(Mark::Moved), now)).await;
    moved.map_err(|failure| source.at_place(failure))?;
    target.close();
    source.close();
    Ok(Moved { tables })
}

async fn fill(
    source: &Store,
    to: &Settings,
    now: Timestamp,
    progress: impl Fn(&str, u64) + Send + 'static,
) -> Result<(Store, Vec<Measured>)> {
    let target = Store::open_to_fill(to, now).await?;
    let (filled, runtime) = (target.clone(), Handle::current());
    let tables = source.scan(Scope::HOUSE, move |tx| copy(tx, &filled, &runtime, progress)).await?;
    Ok((target, tables))
}
