//! The call by which a file is uploaded: kept sealed, and answered with the plan.

use std::time::{Duration, Instant};

use http::header;

use super::ask::{self, Reading};
use super::chunks::stopped;
use super::multipart;
use super::rows::{self, Due, Upload};
use super::sealed_file::Files;
use crate::access::ApiGroup;
use crate::act::Act;
use crate::authority::Authority;
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::http::{Call, Created, Operation, Permission, bind};
use crate::store::Tx;
use crate::transfer::Parts;
use crate::transfer::api::IMPORTS;
use crate::transfer::chosen::{Erased, Groups};
use crate::transfer::course::{self, New};
use crate::transfer::import::Reader;
use crate::transfer::rows::{self as imports, Import, State};
use crate::transfer::wire::Shown;

/// The largest body, in bytes.
const BODY_MAX: usize = 16 * 1024 * 1024;
/// How often to look whether the plan is made.
const LOOKS: Duration = Duration::from_millis(25);
/// What is left of the time of a call when it ends with what there is.
const REST: Duration = Duration::from_secs(3);

/// The operation of this room.
pub(in crate::transfer) fn operation(parts: &Parts) -> Operation {
    let write = Permission::Group(ApiGroup::UamAdminWrite);
    Operation::post_file("/api/tenantry/v1/imports/upload", write, bind(parts, upload))
        .id("tenantry.imports.upload")
        .summary("Upload a file of users, raw or as `multipart/form-data`: it is kept sealed for an hour at most, and planned.")
        .body_max(BODY_MAX)
        .imports()
        .query::<String>(
            "from",
            "What has written the file: `tenantry` (lines of our own format) unless said, `csv`, `ldif`, `keycloak`, `auth0`, `kratos`, `zitadel`, `authentik`, \
             `okta` or `shadow`.",
        )
        .query::<Groups>("groups", "What becomes of groups that a row names: `existing` unless said.")
        .query::<String>(
            "update",
            "What is taken over of users who came from this source before: some of `names`, `state`, `groups` and `roles`, with \
             commas.",
        )
        .query::<bool>("tenant", "Whether the file is a whole tenant.")
        .query::<Erased>("erased", "What becomes of rows whose person was erased here: `refuse` unless said.")
        .query::<String>("encoding", "How texts are written: `utf-8` unless said, `latin1` or `windows-1252`.")
        .query::<String>("domain", "The domain of addresses, for sources that know only login names.")
        .query::<String>("roles", "Which role here stands for one of the source: `NAME=NAMESPACE:ROLE`, with commas.")
        .query::<String>("sso", "Which provider here stands for one of the source: `NAME=PROVIDER`, with commas.")
        .query::<bool>("without_hashes", "Whether all hashes are left behind.")
        .query::<bool>("bad_hash_invite", "Whether a row whose hash is not taken comes without a password.")
        .query::<bool>("fast_hash_invite", "Whether a row whose hash is quick to guess comes without a password.")
}

async fn upload(parts: Parts, call: Call) -> Result<Created<Shown>> {
    let act = Act::of(&call)?;
    let (reading, options) = ask::read(&call)?;
    let files = files(&call, reading)?;
    let (looked_at, now) = (files.clone(), act.now);
    let rows = tokio::task::spawn_blocking(move || count(&looked_at, now)).await.map_err(Error::internal)??;
    let id = call.random.uuid(now);
    let due = Due { tenant: act.tenant.id, import: id };
    let source = files.reading.from.clone();
    let new = New { id, source, options, expected: Some(rows.cast_signed()), is_uploaded: true };
    keep(&parts, &call, due, &files, (new, act)).await?;
    parts.nudge.notify_one();
    let import = planned(&call, due).await?;
    Ok(Created { value: Shown::new(import, parts.cost, now), location: format!("{IMPORTS}/{id}") })
}

/// The files of a body: several as parts of a form, or one.
fn files(call: &Call, reading: Reading) -> Result<Files> {
    let content_type = call.head.header(header::CONTENT_TYPE).unwrap_or_default();
    let sent: Vec<(String, &[u8])> = match multipart::boundary(content_type)? {
        None => vec![("upload".into(), &call.body[..])],
        Some(boundary) => {
            let found = multipart::files(&call.body, &boundary)?.into_iter();
            found.map(|file| (crate::text::shown(&file.name), &call.body[file.bytes])).collect()
        }
    };
    Files::of(reading, &sent)
}

/// Reads all rows once, so that a file of which nothing could be taken begins no import; how many there are.
fn count(files: &Files, now: Timestamp) -> Result<u64> {
    let reader = Reader::open(files.reading.source(), files.files(), files.reading.options(now));
    let mut reader = reader.map_err(|told| stopped(&told))?;
    reader.by_ref().try_for_each(|line| line.map(drop)).map_err(|told| stopped(&told))?;
    Ok(reader.rows())
}

/// Keeps the file and begins the import. The parts come first, each in a transaction of its own; what is kept counts with the last.
async fn keep(parts: &Parts, call: &Call, due: Due, files: &Files, (new, act): (New, Act)) -> Result<()> {
    let (scope, now) = (call.scope()?, act.now);
    call.store.read(scope, |tx| course::has_room(tx, &act))?;
    let key = parts.keys.current();
    for (number, sealed) in (1..).zip(files.seal(&parts.keys, key, due, &call.random)?) {
        call.store.write(scope, move |tx| rows::insert_part(tx, due, (number, &sealed), now)).await?;
    }
    let verb = move |tx: &mut Tx<'_>| {
        course::begin(tx, &new, &act)?;
        let upload = Upload { key, authority: Authority::of(tx, &act)?, uploaded_at: now, next_at: Some(now) };
        rows::insert(tx, due.tenant, due.import, &upload)
    };
    let begun = call.store.write(scope, verb).await;
    if begun.is_err() {
        // If this fails too, they are forgotten by their age. An import that was begun all the same has its file.
        let forget = move |tx: &mut Tx<'_>| match imports::get(tx, due.tenant, due.import) {
            Err(failure) if failure.kind == Kind::NotFound => rows::forget(tx, due.tenant, due.import),
            found => found.map(drop),
        };
        let _ = call.store.write(scope, forget).await;
    }
    begun
}

/// The import when its plan is made, or as it is when the time of the call is over: then it is gone on with all the same.
async fn planned(call: &Call, due: Due) -> Result<Import> {
    loop {
        let import = call.store.read(call.scope()?, |tx| imports::get(tx, due.tenant, due.import))?;
        match (import.state, &import.why) {
            (State::Stopped, Some(why)) => return Err(Error::conflict(why.clone())),
            (State::Planning, _) if call.head.deadline.saturating_duration_since(Instant::now()) > REST => {}
            _ => return Ok(import),
        }
        tokio::time::sleep(LOOKS).await;
    }
}
