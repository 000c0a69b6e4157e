//! How the process stands that answers: for operators, who see no log of it. Keys are told by their numbers.

use schemars::JsonSchema;
use serde::Serialize;

use super::Operating;
use super::shown::ShownRound;
use crate::error::Result;
use crate::http::{Call, Json, Operation, Permission, bind};
use crate::mails;
use crate::store::Scope;

/// The row.
pub(super) fn operations(room: &Operating) -> [Operation; 1] {
    [Operation::get("/api/tenantry/v1/system/state", Permission::Operator, bind(room, show))
        .id("tenantry.system.state")
        .summary("Show release, engine, keys and housekeeping of the process that answers, and what waits.")]
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
    /// Mails of all tenants that wait to be sent, counted up to 10,000; 10,001 says that there are more.
    mails_waiting: i64,
    /// The last round of housekeeping of this process; null until one has ended.
    housekeeping: Option<ShownRound>,
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
    let mails_waiting = call.store.scan(Scope::HOUSE, mails::count_waiting).await?;
    Ok(Json(StateOfProcess {
        version: env!("CARGO_PKG_VERSION"),
        engine: if call.store.is_alone() { EngineOfStore::Sqlite } else { EngineOfStore::Postgresql },
        writes_waiting: stats.waiting,
        writers_in_doubt: stats.in_doubt,
        key: room.keys.current(),
        keys: room.keys.numbers(),
        mails_waiting,
        housekeeping: room.housekeeping.last().map(ShownRound::of),
    }))
}
