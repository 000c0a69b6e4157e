//! `tenantry import upload` and `run`: the server reads the file, and this machine only looks on.

use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::course::{exit, id_of, planned_as};
use super::{IMPORTS, files, path_of, report};
use crate::cli::arguments::{BadHash, ErasedChoice, FastHash, GroupsChoice, Part, Reading, RunPlan, Upload};
use crate::cli::client::Client;
use crate::cli::output::{Output, bar};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::random::Random;
use crate::text::shown;

/// How often to look how far the server has come.
const LOOKS: Duration = Duration::from_millis(500);

/// Uploads a file and has its plan run, unless only the plan is wanted; the exit code is 1 if a row was refused.
///
/// # Errors
/// Why it could not be done.
pub(super) fn upload(ask: &Upload, output: Output) -> Result<u8> {
    let client = Client::of(&ask.api)?;
    let (content_type, body) = body(ask)?;
    let import = client.post_file(&format!("{IMPORTS}/upload"), &query(ask)?, (&content_type, &body))?.json();
    let import = look_on(&client, import, output, "planning", "judged")?;
    if import["state"] != "planned" {
        return ended(&import, output);
    }
    if !ask.dry_run {
        return run_it(&client, &import, output);
    }
    output.progress("");
    let plan: String = import["plan"].as_str().unwrap_or_default().chars().take(8).collect();
    output.object(&import, &report::planned(&import, None, &format!("tenantry import run {plan}")))?;
    Ok(exit(&import["planned"]))
}

/// Runs the plan of an uploaded file.
///
/// # Errors
/// Why it could not be done.
pub(super) fn run(ask: &RunPlan, output: Output) -> Result<u8> {
    let client = Client::of(&ask.api)?;
    let import = planned_as(&client, &ask.plan)?;
    if import["kept_until"].is_null() {
        return Err(Error::conflict(
            "The file of this plan is not at the server. Run it by tenantry user import --plan, with the file.",
        ));
    }
    if import["state"] == "running" {
        let import = look_on(&client, import, output, "running", "done")?;
        return ended(&import, output);
    }
    run_it(&client, &import, output)
}

fn run_it(client: &Client, import: &Value, output: Output) -> Result<u8> {
    let running = client.post(&format!("{}/run", path_of(id_of(import))), &json!({ "plan": import["plan"] }))?.json();
    let import = look_on(client, running, output, "running", "done")?;
    ended(&import, output)
}

/// Looks on while the import is in a state.
fn look_on(client: &Client, mut import: Value, output: Output, state: &str, what: &str) -> Result<Value> {
    while import["state"] == state {
        let done = import["counts"]["rows"].as_u64().unwrap_or_default();
        let all = import["planned"]["rows"].as_u64().or(import["expected"].as_u64()).unwrap_or_default();
        output.progress(&format!("{} {done} of {all} rows {what}", bar(done, all)));
        thread::sleep(LOOKS);
        import = client.get_patiently(&path_of(id_of(&import)), &[])?.json();
    }
    Ok(import)
}

fn ended(import: &Value, output: Output) -> Result<u8> {
    output.progress("");
    output.object(import, &report::ended(import, None))?;
    match (import["state"] == "done", import["why"].as_str()) {
        (true, _) => Ok(exit(&import["counts"])),
        (false, why) => Err(Error::conflict(format!(
            "The import was stopped, and what was done stays. {}",
            why.unwrap_or("Someone has ended it.")
        ))),
    }
}

fn query(ask: &Upload) -> Result<Vec<(&'static str, Option<String>)>> {
    let Reading { groups, encoding, domain, sso, without_hashes, bad_hash, fast_hashes, .. } = &ask.reading;
    // The server reads by its own clock.
    let options = files::options(&ask.reading, Timestamp::default())?;
    let roles = options.roles.into_iter().map(|(name, role)| (name, format!("{}:{}", role.namespace, role.role)));
    let word = |part: &Part| match part {
        Part::Names => "names",
        Part::State => "state",
        Part::Groups => "groups",
        Part::Roles => "roles",
    };
    let groups = match groups {
        GroupsChoice::Existing => "existing",
        GroupsChoice::Create => "create",
        GroupsChoice::Drop => "drop",
    };
    let said = |is_said: bool| is_said.then(|| "true".to_owned());
    Ok(vec![
        ("from", Some(ask.from.clone())),
        ("groups", Some(groups.into())),
        ("update", listed(ask.update.iter().map(|part| word(part).to_owned()))),
        ("erased", (ask.erased == ErasedChoice::Allow).then(|| "allow".into())),
        ("encoding", Some(encoding.clone())),
        ("domain", domain.clone()),
        ("roles", listed(roles.map(|(name, role)| format!("{name}={role}")))),
        ("sso", listed(sso.iter().map(|(name, provider)| format!("{name}={provider}")))),
        ("without_hashes", said(*without_hashes)),
        ("bad_hash_invite", said(*bad_hash == BadHash::Invite)),
        ("fast_hash_invite", said(*fast_hashes == FastHash::Invite)),
    ])
}

/// Words with commas between them, if there are any.
fn listed(words: impl Iterator<Item = String>) -> Option<String> {
    Some(words.collect::<Vec<_>>().join(",")).filter(|text| !text.is_empty())
}

/// The content type and the body: one file raw, several as a form has them.
fn body(ask: &Upload) -> Result<(String, Vec<u8>)> {
    let read = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let cause = |cause: std::io::Error| format!("{} cannot be read: {cause}.", shown(&path.display().to_string()));
        std::fs::read(path).map(|bytes| (name, bytes)).map_err(|failure| Error::invalid(cause(failure)))
    };
    let mut files = ask.files.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
    if files.len() == 1 {
        return Ok(("application/octet-stream".into(), files.remove(0).1));
    }
    // Drawn, so that no file has it by chance.
    let boundary = format!("tenantry-{}", Random::system().letters(32));
    let mut body = Vec::new();
    for (name, bytes) in files {
        let name = name.replace(['"', '\\'], "_");
        let heads = format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
        body.extend_from_slice(format!("--{boundary}\r\n{heads}\r\n\r\n").as_bytes());
        body.extend_from_slice(&bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((format!("multipart/form-data; boundary={boundary}"), body))
}
