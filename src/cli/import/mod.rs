//! `tenantry user import` and `tenantry import`: files of other products are read on this machine, at any size, and sent in
//! chunks of our own lines.

mod course;
mod files;
mod invitations;
mod report;
mod result;
mod rows;
mod sender;
mod told;
mod upload;
mod wrap;

use serde_json::{Value, json};

use super::arguments::{AllowHashes, EXIT_DONE, Import, ImportId, TenantImport, UserImport};
use super::client::{Client, in_path};
use super::output::{Output, cell, moment, person};
use super::row::{Operation, Row, Shows, Table};
use crate::error::Result;

/// The path of imports.
const IMPORTS: &str = "/api/tenantry/v1/imports";

const TABLE: Table = Table {
    columns: &[
        ("ID", |import| cell(&import["id"])),
        ("BEGUN (UTC)", |import| moment(&import["created_at"])),
        ("BY", |import| person(&import["created_by"])),
        ("SOURCE", |import| cell(&import["source"])),
        ("STATE", |import| cell(&import["state"])),
        ("ROWS", |import| cell(&import["counts"]["rows"])),
        ("TAKEN", |import| cell(&import["counts"]["taken"])),
        ("REFUSED", |import| cell(&import["counts"]["refused"])),
    ],
    nothing: "No imports.",
};

/// `tenantry user import`; the exit code is 1 if a row was refused.
///
/// # Errors
/// Why the import could not be run.
pub fn user(ask: &UserImport, output: Output) -> Result<u8> {
    course::run(ask, None, output)
}

/// `tenantry tenant import`; the exit code is 1 if a row was refused.
///
/// # Errors
/// Why the import could not be run.
pub fn tenant(ask: &TenantImport, output: Output) -> Result<u8> {
    course::run_tenant(&ask.as_user_import(), output)
}

/// `tenantry import …`
///
/// # Errors
/// The server's refusal, or that it could not be reached; what is wrong with a file.
pub fn import(verb: &Import, output: Output) -> Result<u8> {
    match verb {
        Import::List { api } => {
            let operation = Operation::Pages(IMPORTS.into(), &[], 100);
            Row { api, operation, shows: Shows::Table(&TABLE) }.run(output)?;
        }
        Import::Show(ImportId { id, api }) => {
            let operation = Operation::Get(format!("{IMPORTS}/{id}"));
            Row { api, operation, shows: Shows::Told(report::shown) }.run(output)?;
        }
        Import::Rows(ImportId { id, api }) => rows::list(api, &id.to_string(), output)?,
        Import::Stop(ImportId { id, api }) => {
            let operation = Operation::Post(format!("{IMPORTS}/{id}/stop"), json!({}));
            Row { api, operation, shows: Shows::Told(report::shown) }.run(output)?;
        }
        Import::Invite(ask) => {
            let operation = Operation::Post(invitations::path(&ask.id), invitations::ask(ask.whom, ask.per_hour));
            Row { api: &ask.api, operation, shows: Shows::Told(invitations::shown) }.run(output)?;
        }
        Import::Invitations(ImportId { id, api }) => {
            let operation = Operation::Get(format!("{IMPORTS}/{id}/invitations"));
            Row { api, operation, shows: Shows::Told(invitations::shown) }.run(output)?;
        }
        Import::Upload(ask) => return upload::upload(ask, output),
        Import::Run(ask) => return upload::run(ask, output),
        Import::Resume(ask) => return course::run(&ask.import, Some(ask.id), output),
        Import::Convert(convert) => return files::convert(convert, output),
        Import::AllowHashes(ask) => allow_hashes(ask, output)?,
    }
    Ok(EXIT_DONE)
}

fn allow_hashes(ask: &AllowHashes, output: Output) -> Result<()> {
    let until = ask.until.map(|until| until.to_string());
    let client = Client::of(&ask.api)?;
    let answer: Value = client.send("PUT", &format!("{IMPORTS}/hashes"), Some(&json!({ "until": until })))?.json();
    let text = match answer["until"].as_str() {
        Some(until) => format!("Imports may bring hashes of passwords until {until}."),
        None => "Imports may bring no hashes of passwords.".into(),
    };
    output.object(&answer, &text)
}

/// The path of an import.
fn path_of(id: &str) -> String {
    format!("{IMPORTS}/{}", in_path(id))
}
