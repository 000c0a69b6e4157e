//! The operator's calls about keys. Each changes the key file of the machine that answers, and is recorded among the
//! operators.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::Operating;
use super::keys::{KnownKey, list_keys, require_no_live_links};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::{Call, Json, Nothing, Operation, Permission, bind, bind_body};
use crate::identity::{Actor, TenantId};
use crate::keys;
use crate::random::Random;
use crate::signing::{Signer, list_known};
use crate::store::{Scope, Tx};

/// The rows.
pub(super) fn operations(room: &Operating) -> Vec<Operation> {
    let own = Permission::Operator;
    vec![
        Operation::get("/api/tenantry/v1/system/keys", own, bind(room, list))
            .id("tenantry.system.keys.list")
            .summary("List the keys by their numbers, with the live links that each has made."),
        Operation::post("/api/tenantry/v1/system/keys", own, bind_body(room, add))
            .id("tenantry.system.keys.add")
            .summary("Add a key that only verifies until it is put to use, so that every machine can have it first."),
        Operation::post("/api/tenantry/v1/system/keys/rotate", own, bind_body(room, rotate))
            .id("tenantry.system.keys.rotate")
            .summary("Add a key that makes all new links; links by older keys go on working."),
        Operation::post("/api/tenantry/v1/system/keys/{number}/use", own, bind_body(room, put_to_use))
            .id("tenantry.system.keys.use")
            .summary("Let a key make all new links."),
        Operation::post("/api/tenantry/v1/system/keys/{number}/remove", own, bind_body(room, remove))
            .id("tenantry.system.keys.remove")
            .summary("Take away a key that has no live links."),
    ]
}

/// All keys.
#[derive(Serialize, JsonSchema)]
struct KnownKeys {
    items: Vec<KnownKey>,
    /// The public keys of all that was signed for people outside, those of keys that were taken away among them, as signed notes
    /// name them; the newest first.
    #[schemars(example = &["id.example.com/tenantry+391aa9f0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"])]
    public: Vec<String>,
}

/// The key that was changed.
#[derive(Serialize, JsonSchema)]
struct ChangedKey {
    key: i64,
    /// Its file, where the call came from the machine itself.
    #[schemars(example = &"/var/lib/tenantry/link.keys")]
    file: Option<String>,
}

/// What happens to the key file.
#[derive(Debug, Clone, Copy)]
enum Change {
    Add,
    Rotate,
    Use(i64),
    Remove(i64),
}

impl Change {
    /// The action of its record.
    fn action(self) -> &'static str {
        match self {
            Self::Add => "key.add",
            Self::Rotate => "key.rotate",
            Self::Use(_) => "key.use",
            Self::Remove(_) => "key.remove",
        }
    }

    /// Changes the file; the number of the key.
    fn make(self, path: &Path, random: &Random) -> Result<i64> {
        match self {
            Self::Add => keys::add(path, random),
            Self::Rotate => keys::rotate(path, random),
            Self::Use(number) => keys::put_to_use(path, number).map(|()| number),
            Self::Remove(number) => keys::remove(path, number).map(|()| number),
        }
    }
}

async fn list(room: Operating, call: Call) -> Result<Json<KnownKeys>> {
    let now = call.now();
    let signer = Signer::new(&room.keys, room.config.installation());
    let verb = move |tx: &mut Tx<'_>| Ok((list_keys(tx, &room.keys, now)?, list_known(tx, &signer)?));
    let (items, public) = call.store.scan(Scope::HOUSE, verb).await?;
    Ok(Json(KnownKeys { items, public: public.iter().map(ToString::to_string).collect() }))
}

async fn add(room: Operating, call: Call, _: Nothing) -> Result<Json<ChangedKey>> {
    change(room, call, Change::Add).await
}

async fn rotate(room: Operating, call: Call, _: Nothing) -> Result<Json<ChangedKey>> {
    change(room, call, Change::Rotate).await
}

async fn put_to_use(room: Operating, call: Call, _: Nothing) -> Result<Json<ChangedKey>> {
    let number = number(&call)?;
    change(room, call, Change::Use(number)).await
}

async fn remove(room: Operating, call: Call, _: Nothing) -> Result<Json<ChangedKey>> {
    let (number, now) = (number(&call)?, call.now());
    require_one_file(&call)?;
    call.store.scan(Scope::HOUSE, move |tx| require_no_live_links(tx, number, now)).await?;
    change(room, call, Change::Remove(number)).await
}

fn number(call: &Call) -> Result<i64> {
    call.param("number").parse().map_err(|_| Error::not_found("No key has this number."))
}

/// Several machines may serve one database, each with a key file of its own, and nobody can say from elsewhere which of them
/// answers: a key that only one of them had would make links that the others refuse.
fn require_one_file(call: &Call) -> Result<()> {
    if call.head.is_local || call.store.is_alone() {
        return Ok(());
    }
    Err(Error::conflict(
        "Several machines may serve this database, each with a key file of its own. Change it on one of them by \
         `tenantry key add`, bring it to the others, then `tenantry key use`.",
    ))
}

/// The record follows the change of the file, which no transaction takes back; neither ends with the connection of the caller.
async fn change(room: Operating, call: Call, change: Change) -> Result<Json<ChangedKey>> {
    require_one_file(&call)?;
    let is_local = call.head.is_local;
    let (path, random, actor, now) =
        (room.config.links.key_file.clone(), call.random.clone(), call.actor(), call.now());
    let file = is_local.then(|| path.display().to_string());
    let work = async move {
        let made = tokio::task::spawn_blocking(move || change.make(&path, &random));
        let key = made.await.map_err(Error::internal)??;
        room.keys.refresh();
        call.store.write(Scope::of(TenantId::SYSTEM), move |tx| record(tx, change, key, &actor, now)).await?;
        Ok(Json(ChangedKey { key, file }))
    };
    tokio::spawn(work).await.map_err(Error::internal)?
}

fn record(tx: &mut Tx<'_>, change: Change, key: i64, actor: &Actor, now: Timestamp) -> Result<()> {
    let event = Event {
        tenant: TenantId::SYSTEM,
        at: now,
        action: change.action(),
        outcome: Outcome::Accepted,
        actor,
        subject: &key.to_string(),
        facts: json!({}),
    };
    audit::record(tx, &event)
}
