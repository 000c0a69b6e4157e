//! `tenantry incident`: over the API of a running server, which ends the passwords and sends the mails by itself.

mod told;
mod witness;

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Map, Value, json};

use self::told::{progress, shown};
use super::answered::Sent;
use super::arguments::{
    EXIT_DONE, EXIT_FAILED, Incident, IncidentChange, IncidentId, IncidentPeople, IncidentPlan, IncidentRelease,
    IncidentStart,
};
use super::client::Client;
use super::output::{Output, cell, moment, person};
use super::people::filter_of;
use super::row::{Operation, Row, Shows, Table};
use crate::error::{Error, Result};

const INCIDENTS: &str = "/api/tenantry/v1/incidents";
/// How often to ask how far it has come.
const EVERY: Duration = Duration::from_millis(300);
/// Bytes of a list that are sent in one part.
const PART_MAX: usize = 1_000_000;

const TABLE: Table = Table {
    columns: &[
        ("ID", |incident| cell(&incident["id"])),
        ("PLANNED (UTC)", |incident| moment(&incident["created_at"])),
        ("BY", |incident| person(&incident["created_by"])),
        ("NAME", |incident| person(&incident["name"])),
        ("STATE", |incident| cell(&incident["state"])),
        ("USERS", |incident| cell(&incident["plan"]["users"])),
        ("ENDED", |incident| cell(&incident["progress"]["ended"])),
    ],
    nothing: "No incidents.",
};
const PEOPLE: Table = Table {
    columns: &[
        ("EMAIL", |user| person(&user["email"])),
        ("OUTCOME", |user| cell(&user["outcome"])),
        ("REASON", |user| cell(&user["reason"])),
        ("MAILED (UTC)", |user| moment(&user["mailed_at"])),
        ("RELAY", |user| person(&user["relay_words"])),
    ],
    nothing: "No users.",
};

/// The exit code is 1 if an incident that was watched was cancelled before its end.
///
/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn run(verb: &Incident, output: Output) -> Result<u8> {
    let told = |IncidentId { id, api }: &IncidentId, act: &str, body: Value| {
        let operation = Operation::Post(format!("{INCIDENTS}/{id}/{act}"), body);
        Row { api, operation, shows: Shows::Told(shown) }.run(output)
    };
    match verb {
        Incident::Plan(ask) => plan(ask, output)?,
        Incident::Start(ask) => return start(ask, output),
        Incident::Watch(IncidentId { id, api }) => {
            let client = Client::of(api)?;
            let begun = client.get(&format!("{INCIDENTS}/{id}"), &[])?.json();
            return watch(&client, begun, &["planning", "ending", "mailing"], output);
        }
        Incident::Agree(ask) => witness::agree(ask, output)?,
        Incident::Decline(ask) => witness::decline(ask, output)?,
        Incident::Pause(which) => told(which, "pause", json!({}))?,
        Incident::GoOn(which) => told(which, "go_on", json!({}))?,
        Incident::Cancel(which) => told(which, "cancel", json!({}))?,
        Incident::Release(IncidentRelease { id, email, api }) => {
            let operation = Operation::Post(format!("{INCIDENTS}/{id}/release"), json!({ "emails": email }));
            Row { api, operation, shows: Shows::Told(shown) }.run(output)?;
        }
        Incident::Retry(IncidentId { id, api }) => {
            let operation = Operation::Post(format!("{INCIDENTS}/{id}/retry"), json!({}));
            let told = |retried: &Value| format!("{} mails are tried again.", cell(&retried["users"]));
            Row { api, operation, shows: Shows::Told(told) }.run(output)?;
        }
        Incident::Remind(which) => told(which, "remind", json!({}))?,
        Incident::Change(ask) => change(ask, output)?,
        Incident::Evidence(ask) => super::evidence::fetch(ask, output)?,
        Incident::List { api } => {
            let operation = Operation::Pages(INCIDENTS.into(), &[], 100);
            Row { api, operation, shows: Shows::Table(&TABLE) }.run(output)?;
        }
        Incident::Show(IncidentId { id, api }) => {
            let operation = Operation::Get(format!("{INCIDENTS}/{id}"));
            Row { api, operation, shows: Shows::Told(shown) }.run(output)?;
        }
        Incident::People(IncidentPeople { id, is, limit, api }) => {
            let query = [("is", is.clone())];
            let path = format!("{INCIDENTS}/{id}/people");
            let operation = Operation::Pages(path.into(), &query, limit.unwrap_or(u32::MAX));
            Row { api, operation, shows: Shows::Table(&PEOPLE) }.run(output)?;
        }
    }
    Ok(EXIT_DONE)
}

fn plan(ask: &IncidentPlan, output: Output) -> Result<()> {
    let client = Client::of(&ask.api)?;
    let mut incident = client.post(INCIDENTS, &terms(ask)?)?.json();
    if let Some(list) = &ask.list {
        let path = format!("{INCIDENTS}/{}", incident["id"].as_str().unwrap_or_default());
        send_list(&client, &path, list, output)?;
        incident = client.post(&format!("{path}/plan"), &json!({}))?.json();
    }
    let planned = follow(&client, incident, &["planning"], output)?;
    output.object(&planned, &shown(&planned))
}

/// What is asked for, in the members of the API.
fn terms(ask: &IncidentPlan) -> Result<Value> {
    let mut terms = json!({
        "name": ask.name, "reason": ask.reason, "filter": filter_of(&ask.beginning, &ask.filter), "all": ask.all,
        "lines": ask.list.is_some(), "except": ask.except, "hold": ask.hold, "link_hours": ask.link_hours,
        "pace_per_minute": ask.pace, "include_me": !ask.without_me, "include_disabled": !ask.without_disabled,
        "revoke_credentials": ask.revoke_credentials, "words": words(&ask.words)?,
        "notice": notice(ask),
    });
    if let Some(since) = &ask.remove_factors_since {
        terms["remove_factors_since"] = json!(since);
    }
    if let Some(contact) = &ask.contact {
        terms["contact"] = json!(contact);
    }
    Ok(terms)
}

fn notice(ask: &IncidentPlan) -> &'static str {
    match (ask.no_notice, ask.notice_to_all) {
        (true, _) => "nobody",
        (_, true) => "everyone",
        _ => "affected",
    }
}

fn words(said: &[String]) -> Result<Value> {
    let word = |said: &String| {
        let (language, text) = said.split_once('=').ok_or_else(|| {
            Error::invalid(format!("--words takes a language and a text, such as en=…, and not {said}."))
        })?;
        Ok((language.to_owned(), json!(text)))
    };
    said.iter().map(word).collect::<Result<Map<_, _>>>().map(Value::Object)
}

/// Sends a list in parts that end with a line. The first line is sent with each, since it may name the columns.
fn send_list(client: &Client, path: &str, list: &Path, output: Output) -> Result<()> {
    let text =
        std::fs::read_to_string(list).map_err(|failure| Error::invalid(format!("{}: {failure}.", list.display())))?;
    let head = text.lines().next().filter(|line| !line.contains('@'));
    let (mut kept, mut bad_lines) = (Value::Null, 0);
    for (nth, part) in parts(&text).into_iter().enumerate() {
        let head = head.filter(|_| nth > 0).map(|head| format!("{head}\n")).unwrap_or_default();
        let address = format!("{path}/lines/{}", nth + 1);
        let taken = loop {
            match client.put_lines(&address, &format!("{head}{part}"))? {
                Sent::Done(answered) => break answered.json(),
                Sent::Busy(seconds) => sleep(Duration::from_secs(seconds)),
            }
        };
        bad_lines += taken["bad_lines"].as_u64().unwrap_or_default();
        kept = taken["listed"].clone();
        for bad in taken["bad"].as_array().into_iter().flatten() {
            output.line(&format!("Line {} of part {}: {}", cell(&bad["line"]), nth + 1, person(&bad["why"])))?;
        }
    }
    output.line(&format!("{} addresses listed, {bad_lines} lines without one.", cell(&kept)))
}

fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if parts.last().is_some_and(|part| part.len() + line.len() > PART_MAX) {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push_str(line);
        }
    }
    parts
}

fn start(ask: &IncidentStart, output: Output) -> Result<u8> {
    let (client, path) = (Client::of(&ask.api)?, format!("{INCIDENTS}/{}", ask.id));
    let plan = plan_of(&client, &path, ask.plan.as_ref())?;
    let begun = client
        .post(&format!("{path}/start"), &json!({ "plan": plan, "users": ask.users, "accept_drift": ask.accept_drift }))?
        .json();
    if ask.no_wait {
        output.object(&begun, &shown(&begun))?;
        return Ok(EXIT_DONE);
    }
    watch(&client, begun, &["ending"], output)
}

/// The plan that is said, or that of now.
fn plan_of(client: &Client, path: &str, said: Option<&String>) -> Result<Value> {
    let plan = match said {
        Some(plan) => json!(plan),
        None => client.get(path, &[])?.json()["plan"]["digest"].clone(),
    };
    match plan.is_null() {
        true => Err(Error::conflict("This plan is not made yet. Look at it by tenantry incident show first.")),
        false => Ok(plan),
    }
}

fn change(ask: &IncidentChange, output: Output) -> Result<()> {
    let mut body = json!({ "pace_per_minute": ask.pace, "contact": ask.contact });
    if !ask.words.is_empty() {
        body["words"] = words(&ask.words)?;
    }
    let operation = Operation::Post(format!("{INCIDENTS}/{}/change", ask.id), body);
    Row { api: &ask.api, operation, shows: Shows::Told(shown) }.run(output)
}

fn watch(client: &Client, begun: Value, states: &[&str], output: Output) -> Result<u8> {
    let incident = follow(client, begun, states, output)?;
    output.object(&incident, &shown(&incident))?;
    Ok(if incident["state"] == "cancelled" { EXIT_FAILED } else { EXIT_DONE })
}

/// Waits until it is in none of these states, or stands still, and shows how far it has come.
fn follow(client: &Client, mut incident: Value, states: &[&str], output: Output) -> Result<Value> {
    let path = format!("{INCIDENTS}/{}", incident["id"].as_str().unwrap_or_default());
    let goes_on =
        |incident: &Value| incident["paused_at"].is_null() && states.iter().any(|state| incident["state"] == *state);
    while goes_on(&incident) {
        output.progress(&progress(&incident));
        sleep(EVERY);
        incident = client.get_patiently(&path, &[])?.json();
    }
    output.progress("");
    Ok(incident)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_sent_in_parts_that_end_with_a_line() {
        let text = "someone@example.com\n".repeat(120_000);
        let parts = parts(&text);
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| part.len() <= PART_MAX && part.ends_with('\n')));
        assert_eq!(parts.concat(), text);
    }
}
