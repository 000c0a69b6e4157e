//! Which server answers: its cluster, its timeline, and since when it runs.

use crate::error::{Error, Result};
use crate::store::{Server, Tx};

/// The first eight digits of a segment's name are the timeline on which is written.
const ASK: &str = "SELECT (SELECT system_identifier FROM pg_control_system()),
        pg_walfile_name(pg_current_wal_insert_lsn()),
        CAST(EXTRACT(EPOCH FROM pg_postmaster_start_time()) AS BIGINT)";

pub(super) fn find(tx: &mut Tx<'_>) -> Result<Server> {
    let row = tx.one(ASK, &[])?;
    let segment: String = row.get(1)?;
    let timeline = segment.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let timeline = timeline.ok_or_else(|| Error::internal(format!("no timeline in {segment}")))?;
    Ok(Server { cluster: row.get(0)?, timeline, started_at: row.get(2)? })
}
