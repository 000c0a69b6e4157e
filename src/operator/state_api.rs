//! How the process stands that answers: for operators, who see no log of it. Keys are told by their numbers, and changed in their
//! file on each machine: which machines there are, no process knows.

use schemars::JsonSchema;
use serde::Serialize;

use super::Operating;
use crate::error::Result;
use crate::http::{Call, Json, Operation, Permission, bind};

/// The row.
pub(super) fn operations(room: &Operating) -> [Operation; 1] {
    [Operation::get("/api/tenantry/v1/system/state", Permission::Operator, bind(room, show))
        .id("tenantry.system.state")
        .summary("Show the release, the engine and the keys of the process that answers, and what waits in it.")]
}

/// A process.
#[derive(Serialize, JsonSchema)]
struct StateOfProcess {
    /// The release.
    #[schemars(example = &"0.1.0")]
    version: &'static str,
    /// Where the store is.
    engine: EngineOfStore,
    /// Changes that wait to be written now.
    writes_waiting: usize,
    /// Writers that do not know now what became of their last change.
    writers_in_doubt: usize,
    /// The key that makes links.
    key: i64,
    /// All keys, the newest first; the oldest signs audit records.
    keys: Vec<i64>,
}

/// Where a store is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum EngineOfStore {
    /// In the data directory.
    Sqlite,
    /// In a database of PostgreSQL.
    Postgresql,
}

async fn show(room: Operating, call: Call) -> Result<Json<StateOfProcess>> {
    let stats = call.store.stats();
    Ok(Json(StateOfProcess {
        version: env!("CARGO_PKG_VERSION"),
        engine: if call.store.is_alone() { EngineOfStore::Sqlite } else { EngineOfStore::Postgresql },
        writes_waiting: stats.waiting,
        writers_in_doubt: stats.in_doubt,
        key: room.keys.current(),
        keys: room.keys.numbers(),
    }))
}
