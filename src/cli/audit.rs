//! `tenantry audit`: over the API of a running server.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

use serde_json::Value;

use super::arguments::{Audit, AuditExport, AuditFilter, AuditQuery, AuditTail, AuditVerify};
use super::client::Client;
use super::heads;
use super::output::{Output, cell, items, moment, person};
use super::row::{Operation, Row, Shows, Table};
use crate::audit::Anchor;
use crate::error::{Error, Result};
use crate::private;
use crate::signing::VerifierKey;

const AUDIT: &str = "/api/tenantry/v1/audit";
const TABLE: Table = Table {
    columns: &[
        ("WHEN (UTC)", |record| moment(&record["at"])),
        ("ACTION", |record| cell(&record["action"])),
        ("OUTCOME", |record| cell(&record["outcome"])),
        ("WHO", |record| person(&record["actor"])),
        ("WHOM", |record| person(&record["subject"])),
        ("FROM", |record| cell(&record["address"])),
    ],
    nothing: "No records.",
};
const HEADS: &str = "/api/tenantry/v1/audit/heads";
const OF_HEADS: Table = Table {
    columns: &[
        ("NUMBER", |head| cell(&head["number"])),
        ("MADE (UTC)", |head| moment(&head["at"])),
        ("RECORDS", |head| cell(&head["records"])),
        ("HASH", |head| cell(&head["hash"])),
    ],
    nothing: "No heads yet: the first is made an hour after the first record.",
};
const KEYS: &str = "/.well-known/tenantry-keys";
/// Kept links that one call compares.
const KEPT_MAX: usize = 64;
const POLL: Duration = Duration::from_secs(1);
/// The header that says where an export continues; absent at its end.
const NEXT: &str = "tenantry-next-cursor";

/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn run(verb: Audit, output: Output) -> Result<()> {
    match verb {
        Audit::Tail(ask) => tail(&ask, output),
        Audit::Query(ask) => query(&ask, output),
        Audit::Export(ask) => export(&ask, output),
        Audit::Verify(ask) => verify(&ask, output),
        Audit::Heads(ask) => {
            let operation = Operation::Pages(HEADS.into(), &[], ask.limit);
            Row { api: &ask.api, operation, shows: Shows::Table(&OF_HEADS) }.run(output)
        }
    }
}

fn tail(ask: &AuditTail, output: Output) -> Result<()> {
    let client = Client::of(&ask.api)?;
    let oldest_first = oldest_first(&client.pages(AUDIT, &[], ask.lines)?);
    if !ask.follow {
        return output.object(&serde_json::json!({ "items": oldest_first }), &TABLE.of(oldest_first.iter()));
    }
    follow(&client, oldest_first, output)
}

/// Prints records as they are written, as JSON lines for programs, until the process is stopped.
fn follow(client: &Client, mut fresh: Vec<Value>, output: Output) -> Result<()> {
    let mut shown = HashSet::new();
    let mut since = None;
    loop {
        for record in fresh.iter().filter(|record| !shown.contains(&cell(&record["id"]))) {
            output.object(record, &TABLE.cells(record).join("  "))?;
        }
        if let Some(last) = fresh.last() {
            since = last["at"].as_str().map(str::to_string);
            shown = fresh.iter().map(|record| cell(&record["id"])).collect();
        }
        std::thread::sleep(POLL);
        // Starts at the last record's time, since further records may have the same time.
        fresh = oldest_first(&client.pages(AUDIT, &[("since", since.clone())], u32::MAX)?);
    }
}

fn oldest_first(found: &Value) -> Vec<Value> {
    items(found).rev().cloned().collect()
}

fn query(ask: &AuditQuery, output: Output) -> Result<()> {
    let query = parameters(&ask.filter);
    let operation = Operation::Pages(AUDIT.into(), &query, ask.limit);
    Row { api: &ask.api, operation, shows: Shows::Table(&TABLE) }.run(output)
}

fn export(ask: &AuditExport, output: Output) -> Result<()> {
    let client = Client::of(&ask.api)?;
    let file = ask.out.as_ref().map(|path| {
        let opened = private::open(OpenOptions::new().write(true).create_new(true), path);
        opened.map_err(|cause| Error::invalid(format!("{} cannot be written: {cause}.", path.display())))
    });
    let mut file = file.transpose()?;
    let mut cursor = None;
    let mut count = 0;
    loop {
        let mut asked = parameters(&ask.filter).to_vec();
        asked.extend([("limit", Some("1000".to_string())), ("cursor", cursor.take())]);
        let page = client.get(&format!("{AUDIT}/export"), &asked)?;
        match &mut file {
            Some(file) => file.write_all(page.text.as_bytes()).map_err(Error::internal)?,
            None if page.text.is_empty() => {}
            None => output.write(&page.text)?,
        }
        count += page.text.lines().count();
        cursor = page.header(NEXT).map(str::to_string);
        if cursor.is_none() {
            break;
        }
        output.progress(&format!("{count} records"));
    }
    let (Some(file), Some(path)) = (file, &ask.out) else { return Ok(()) };
    file.sync_all().map_err(Error::internal)?;
    output.progress("");
    output.object(
        &serde_json::json!({ "records": count, "file": path }),
        &format!("{count} records in {}", path.display()),
    )
}

fn verify(ask: &AuditVerify, output: Output) -> Result<()> {
    if let Some(file) = &ask.file {
        return super::evidence::verify(file, ask, output);
    }
    if let Some(open) = ask.open() {
        return super::chain::run(&open, ask, output);
    }
    let client = Client::of(&ask.api)?;
    let given = given(ask, || published(&client))?;
    let (number, hash) = ask.anchor.clone().unzip();
    let mut verdict = Value::Null;
    // One walk along the chain, or one for each so many heads.
    let parts = given.chunks(KEPT_MAX).map(Some).chain(given.is_empty().then_some(None));
    for part in parts {
        let kept = part.map(|part| part.iter().map(|one| shown(&one.anchor())).collect::<Vec<_>>().join(","));
        let asked = [("number", number.clone()), ("hash", hash.clone()), ("kept", kept)];
        verdict = client.get(&format!("{AUDIT}/verify"), &asked)?.json();
        if !verdict["fault"].is_null() {
            break;
        }
    }
    let mut said = format!("{}\nAnchor  {}", cell(&verdict["sentence"]), anchor(&verdict["anchor"]));
    if verdict["fault"].is_null() {
        said.push_str(&heads::agreeing(&given).map(|agree| format!("\n{agree}")).unwrap_or_default());
        return output.object(&verdict, &said);
    }
    output.object(&verdict, &said)?;
    let differs = heads::differing(&given, &verdict["fault"]);
    Err(Error::conflict(differs.unwrap_or_else(|| "The audit records are not whole.".into())))
}

/// The heads that were given, signed by one of the keys that were given or, without any, of those that are `published`.
///
/// # Errors
/// As [`heads::read`].
pub(super) fn given(
    ask: &AuditVerify,
    published: impl FnOnce() -> Result<Vec<VerifierKey>>,
) -> Result<Vec<heads::Given>> {
    if ask.head.is_empty() {
        return Ok(Vec::new());
    }
    let told = ask.key.iter().map(|key| VerifierKey::parse(key)).collect::<Result<Vec<_>>>()?;
    heads::read(&ask.head, &if told.is_empty() { published()? } else { told })
}

fn published(client: &Client) -> Result<Vec<VerifierKey>> {
    client.get(KEYS, &[])?.text.lines().map(VerifierKey::parse).collect()
}

fn shown(anchor: &Anchor) -> String {
    format!("{}:{}", anchor.number, anchor.hash)
}

/// The anchor in the form that `--anchor` takes.
fn anchor(anchor: &Value) -> String {
    format!("{}:{}", cell(&anchor["number"]), cell(&anchor["hash"]))
}

fn parameters(filter: &AuditFilter) -> [(&'static str, Option<String>); 5] {
    [
        ("actor", filter.actor.clone()),
        ("subject", filter.target.clone()),
        ("action", filter.action.clone()),
        ("since", filter.since.map(|at| at.to_string())),
        ("until", filter.until.map(|at| at.to_string())),
    ]
}
