//! `tenantry incident`: over the API of a running server, which ends the passwords and sends the mails by itself.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::answered::Sent;
use super::arguments::{
    EXIT_DONE, EXIT_FAILED, Incident, IncidentAgree, IncidentChange, IncidentId, IncidentPeople, IncidentPlan,
    IncidentRelease, IncidentStart,
};
use super::client::Client;
use super::output::{Output, bar, cell, moment, person};
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
        Incident::Agree(ask) => agree(ask, output)?,
        Incident::Decline { which, why } => told(which, "decline", json!({ "why": why }))?,
        Incident::Pause(which) => told(which, "pause", json!({}))?,
        Incident::GoOn(which) => told(which, "go_on", json!({}))?,
        Incident::Cancel(which) => told(which, "cancel", json!({}))?,
        Incident::Release(IncidentRelease { id, email, api }) => {
            let operation = Operation::Post(format!("{INCIDENTS}/{id}/release"), json!({ "emails": email }));
            Row { api, operation, shows: Shows::Told(shown) }.run(output)?;
        }
        Incident::Change(ask) => change(ask, output)?,
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
    });
    if let Some(contact) = &ask.contact {
        terms["contact"] = json!(contact);
    }
    Ok(terms)
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
    let begun = client.post(&format!("{path}/start"), &json!({ "plan": plan, "users": ask.users }))?.json();
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

fn agree(ask: &IncidentAgree, output: Output) -> Result<()> {
    let (client, path) = (Client::of(&ask.api)?, format!("{INCIDENTS}/{}", ask.id));
    let plan = plan_of(&client, &path, ask.plan.as_ref())?;
    let agreed = client.post(&format!("{path}/agree"), &json!({ "plan": plan }))?.json();
    output.object(&agreed, &shown(&agreed))
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

fn progress(incident: &Value) -> String {
    let (users, progress) = (incident["plan"]["users"].as_u64().unwrap_or_default(), &incident["progress"]);
    match incident["state"].as_str() {
        Some("planning") => format!("{users} users found"),
        Some("mailing") => {
            let mailed = progress["links"]["mailed"].as_u64().unwrap_or_default();
            let left = progress["minutes_left"].as_i64().map(|minutes| format!(", about {minutes} min left"));
            let slowed = progress["slowed_by"].as_str().map(|words| format!(", slowed: {words}"));
            let told = [left, slowed].into_iter().flatten().collect::<String>();
            format!("{} {mailed} of {users} mailed{told}", bar(mailed, users))
        }
        _ => {
            let gone = progress["ended"].as_u64().unwrap_or_default() + sum(&progress["dropped"]);
            format!("{} {gone} of {users} passwords ended", bar(gone, users))
        }
    }
}

fn shown(incident: &Value) -> String {
    let (id, plan, progress) = (cell(&incident["id"]), &incident["plan"], &incident["progress"]);
    let mut lines = vec![
        format!("Incident {id}"),
        format!("Name     {}", person(&incident["name"])),
        format!("Of       {}", chosen(&incident["terms"])),
        format!(
            "State    {}{}",
            cell(&incident["state"]),
            if incident["paused_at"].is_null() { "" } else { ", paused" }
        ),
        format!("Planned  {} by {}", moment(&incident["created_at"]), person(&incident["created_by"])),
        format!("Users    {}{}", cell(&plan["users"]), reasons("left out", &plan["left_out"])),
    ];
    lines.extend(ends(plan));
    if !incident["started_at"].is_null() {
        lines.push(format!("Begun    {}{}", moment(&incident["started_at"]), agreed(incident)));
        lines.push(format!("Ended    {}{}", cell(&progress["ended"]), reasons("left alone", &progress["dropped"])));
        lines.extend(links(progress));
    }
    lines.extend(incident["why"].as_str().map(|why| format!("Why      {}", person(&json!(why)))));
    lines.extend(next(incident, &id));
    lines.join("\n")
}

/// What ends with the passwords.
fn ends(plan: &Value) -> Option<String> {
    let parts =
        [("sessions", "sessions"), ("open_resets", "open resets"), ("disabled", "disabled users without a mail")];
    let told = parts.iter().filter(|(name, _)| plan[*name].as_i64().is_some_and(|count| count > 0));
    let told: Vec<_> = told.map(|(name, words)| format!("{} {words}", cell(&plan[*name]))).collect();
    (!told.is_empty()).then(|| format!("With     {}", told.join(", ")))
}

fn agreed(incident: &Value) -> String {
    incident["approval"]["agreed_by"].as_str().map(|by| format!(", agreed by {by}")).unwrap_or_default()
}

fn links(progress: &Value) -> Option<String> {
    let links = progress["links"].as_object()?;
    let told = links.iter().filter(|(_, count)| count.as_i64().is_some_and(|count| count > 0));
    let told: Vec<_> = told.map(|(name, count)| format!("{} {name}", cell(count))).collect();
    (!told.is_empty()).then(|| format!("Links    {}", told.join(", ")))
}

/// What to do next.
fn next(incident: &Value, id: &str) -> Vec<String> {
    let users = cell(&incident["plan"]["users"]);
    match incident["state"].as_str() {
        Some("planned") => vec![
            format!("Nothing was changed. Look at them by: tenantry incident people {id}"),
            format!("Begin within a day by: tenantry incident start {id} --users {users}"),
        ],
        Some("awaiting") => vec![format!(
            "A second person must agree until {}: tenantry incident agree {id}",
            moment(&incident["approval"]["lapses_at"])
        )],
        Some("held") => vec![format!("The mails are held. Let them go by: tenantry incident release {id}")],
        _ => Vec::new(),
    }
}

fn chosen(terms: &Value) -> String {
    let members = terms["filter"].as_object().into_iter().flatten();
    let mut said: Vec<_> = members.map(|(name, value)| format!("{name}={}", cell(value))).collect();
    if terms["by_list"] == true {
        said.insert(0, "the users of its list".into());
    }
    if said.is_empty() { "all users".into() } else { said.join(" ") }
}

fn sum(left_out: &Value) -> u64 {
    left_out.as_array().into_iter().flatten().filter_map(|one| one["users"].as_u64()).sum()
}

/// How many users are left out, with the reasons; nothing where nobody is.
fn reasons(head: &str, left_out: &Value) -> String {
    let said = |one: &Value| {
        let words = match one["reason"].as_str().unwrap_or_default() {
            "yourself" => "yourself",
            "excepted" => "named as exceptions",
            "sso" => "sign in through single sign-on",
            "service" => "service users",
            "disabled" => "disabled",
            "above_rank" => "may do more than you",
            "no_match" => "of the list do not pass the filter",
            "unknown" => "addresses of nobody",
            "gone" => "were removed",
            "password_newer" => "have a newer password",
            other => other,
        };
        format!("{} {words}", cell(&one["users"]))
    };
    let all: Vec<_> = left_out.as_array().into_iter().flatten().map(said).collect();
    if all.is_empty() { String::new() } else { format!("; {} {head} ({})", sum(left_out), all.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_says_whom_it_leaves_out_and_how_to_go_on() {
        let mut incident = json!({
            "id": "i", "name": "Leak", "state": "planned", "paused_at": null, "created_at": "2026-03-04T09:15:27.004211Z",
            "created_by": "a@example.com", "started_at": null, "terms": { "filter": { "group": "ops" }, "by_list": true },
            "plan": { "users": 4, "sessions": 3, "disabled": 0, "left_out": [{ "reason": "sso", "users": 2 }] },
            "progress": { "ended": 4, "dropped": [], "links": { "mailed": 3, "stuck": 0 } },
            "approval": { "agreed_by": "b@example.com" },
        });
        let told = shown(&incident);
        for part in [
            "Of       the users of its list group=ops",
            "Users    4; 2 left out (2 sign in through single sign-on)",
            "With     3 sessions",
            "tenantry incident start i --users 4",
        ] {
            assert!(told.contains(part), "{told}");
        }
        incident["started_at"] = json!("2026-03-04T09:15:27.004211Z");
        incident["state"] = json!("held");
        let told = shown(&incident);
        for part in ["agreed by b@example.com", "Ended    4\n", "Links    3 mailed", "tenantry incident release i"] {
            assert!(told.contains(part), "{told}");
        }
    }

    #[test]
    fn a_long_list_is_sent_in_parts_that_end_with_a_line() {
        let text = "someone@example.com\n".repeat(120_000);
        let parts = parts(&text);
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| part.len() <= PART_MAX && part.ends_with('\n')));
        assert_eq!(parts.concat(), text);
    }
}
