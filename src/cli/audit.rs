//! `tenantry audit`: over the API of a running server.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

use serde_json::Value;

use super::arguments::{Audit, AuditExport, AuditFilter, AuditQuery, AuditTail, AuditVerify};
use super::client::Client;
use super::output::{Output, cell, items, moment, person};
use super::row::{Operation, Row, Shows, Table};
use crate::error::{Error, Result};
use crate::private;

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
        return super::chain::run(&open, output);
    }
    let (number, hash) = ask.anchor.clone().unzip();
    let asked = [("number", number), ("hash", hash)];
    let verdict = Client::of(&ask.api)?.get(&format!("{AUDIT}/verify"), &asked)?.json();
    output.object(&verdict, &format!("{}\nAnchor  {}", cell(&verdict["sentence"]), anchor(&verdict["anchor"])))?;
    match verdict["fault"].is_null() {
        true => Ok(()),
        false => Err(Error::conflict("The audit records are not whole.")),
    }
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
