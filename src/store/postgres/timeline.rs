//! Which server answers: its cluster, its timeline, and since when it runs.

use tokio_postgres::{Client, SimpleQueryMessage};

use crate::store::Server;

/// The first eight digits of a segment's name are the timeline on which is written.
const ASK: &str = "SELECT (SELECT system_identifier FROM pg_control_system()),
        pg_walfile_name(pg_current_wal_insert_lsn()),
        CAST(EXTRACT(EPOCH FROM pg_postmaster_start_time()) AS BIGINT)";

/// None where the server does not tell, as one that only speaks the protocol.
pub(super) async fn ask(client: &Client) -> Option<Server> {
    let answer = client.simple_query(ASK).await.ok()?;
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    })?;
    let timeline = u32::from_str_radix(row.get(1)?.get(..8)?, 16).ok()?;
    Some(Server { cluster: row.get(0)?.parse().ok()?, timeline, started_at: row.get(2)?.parse().ok()? })
}
