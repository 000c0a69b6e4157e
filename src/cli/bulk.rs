//! `tenantry bulk`: over the API of a running server, which goes through the users of a plan by itself.

use std::thread::sleep;
use std::time::Duration;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::arguments::{Bulk, BulkAct, BulkId, BulkKind, BulkPlan, EXIT_DONE, EXIT_FAILED, parse_role};
use super::client::Client;
use super::output::{Output, bar, cell, moment, person};
use super::people::filter_of;
use super::row::{Operation, Row, Shows, Table};
use crate::error::{Error, Result};

const BULK: &str = "/api/tenantry/v1/bulk";
/// How often to ask how far it has come.
const EVERY: Duration = Duration::from_millis(300);

const TABLE: Table = Table {
    columns: &[
        ("ID", |bulk| cell(&bulk["id"])),
        ("PLANNED (UTC)", |bulk| moment(&bulk["created_at"])),
        ("BY", |bulk| person(&bulk["created_by"])),
        ("ACT", act),
        ("STATE", |bulk| cell(&bulk["state"])),
        ("USERS", |bulk| cell(&bulk["users"])),
        ("DONE", |bulk| cell(&bulk["done"])),
    ],
    nothing: "No bulk acts.",
};
const USERS: Table = Table {
    columns: &[
        ("EMAIL", |user| person(&user["email"])),
        ("OUTCOME", |user| cell(&user["outcome"])),
        ("REASON", |user| cell(&user["reason"])),
    ],
    nothing: "No users.",
};

/// The exit code is 1 if a run was stopped before its end.
///
/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn run(verb: &Bulk, output: Output) -> Result<u8> {
    match verb {
        Bulk::Plan(ask) => plan(ask, output)?,
        Bulk::Act(ask) => return act_by(ask, output),
        Bulk::List { api } => {
            let operation = Operation::Pages(BULK.into(), &[], 100);
            Row { api, operation, shows: Shows::Table(&TABLE) }.run(output)?;
        }
        Bulk::Show(BulkId { id, api }) => {
            let operation = Operation::Get(format!("{BULK}/{id}"));
            Row { api, operation, shows: Shows::Told(shown) }.run(output)?;
        }
        Bulk::Users(ask) => {
            let query = [("left_out", ask.left_out.then(|| "true".into()))];
            let path = format!("{BULK}/{}/users", ask.id);
            let operation = Operation::Pages(path.into(), &query, ask.limit.unwrap_or(u32::MAX));
            Row { api: &ask.api, operation, shows: Shows::Table(&USERS) }.run(output)?;
        }
        Bulk::Stop(BulkId { id, api }) => {
            let operation = Operation::Post(format!("{BULK}/{id}/stop"), json!({}));
            Row { api, operation, shows: Shows::Told(shown) }.run(output)?;
        }
    }
    Ok(EXIT_DONE)
}

fn plan(ask: &BulkPlan, output: Output) -> Result<()> {
    let client = Client::of(&ask.api)?;
    let begun = client.post(BULK, &terms(ask)?)?.json();
    let planned = follow(&client, begun, "planning", output)?;
    output.object(&planned, &shown(&planned))
}

/// What is asked for, in the members of the API.
fn terms(ask: &BulkPlan) -> Result<Value> {
    let mut terms = json!({ "act": word(ask.act), "filter": filter_of(&ask.beginning, &ask.filter), "all": ask.all });
    match (ask.act, &ask.about) {
        (BulkKind::AssignRole | BulkKind::UnassignRole, Some(role)) => {
            let (namespace, role) = parse_role(role).map_err(|why| Error::invalid(format!("{role}: {why}.")))?;
            terms["namespace"] = namespace.into();
            terms["role"] = role.into();
        }
        (_, about) => terms["group"] = json!(about),
    }
    Ok(terms)
}

fn word(act: BulkKind) -> String {
    let name = act.to_possible_value().map(|word| word.get_name().to_owned());
    name.unwrap_or_default().replace('-', "_")
}

fn act_by(ask: &BulkAct, output: Output) -> Result<u8> {
    let (client, path) = (Client::of(&ask.api)?, format!("{BULK}/{}", ask.id));
    let (plan, users) = match (&ask.plan, ask.users) {
        (Some(plan), Some(users)) => (json!(plan), json!(users)),
        (plan, users) => {
            let planned = client.get(&path, &[])?.json();
            let plan = plan.as_ref().map_or_else(|| planned["plan"].clone(), |plan| json!(plan));
            (plan, users.map_or_else(|| planned["users"].clone(), |users| json!(users)))
        }
    };
    if plan.is_null() {
        return Err(Error::conflict("This plan is not made yet. Look at it by tenantry bulk show first."));
    }
    let begun = client.post(&format!("{path}/act"), &json!({ "plan": plan, "users": users }))?.json();
    let bulk = if ask.no_wait { begun } else { follow(&client, begun, "running", output)? };
    output.object(&bulk, &shown(&bulk))?;
    Ok(if bulk["state"] == "stopped" { EXIT_FAILED } else { EXIT_DONE })
}

/// Waits until it is in this state no more, and shows how far it has come.
fn follow(client: &Client, mut bulk: Value, state: &str, output: Output) -> Result<Value> {
    let path = format!("{BULK}/{}", bulk["id"].as_str().unwrap_or_default());
    while bulk["state"] == state {
        output.progress(&progress(&bulk));
        sleep(EVERY);
        bulk = client.get_patiently(&path, &[])?.json();
    }
    output.progress("");
    Ok(bulk)
}

fn progress(bulk: &Value) -> String {
    let users = bulk["users"].as_u64().unwrap_or_default();
    if bulk["state"] == "planning" {
        return format!("{users} users found");
    }
    let gone = bulk["done"].as_u64().unwrap_or_default() + sum(&bulk["dropped"]);
    let left = bulk["seconds_left"].as_i64().map(|seconds| format!(", about {seconds} s left")).unwrap_or_default();
    format!("{} {gone} of {users} users{left}", bar(gone, users))
}

fn act(bulk: &Value) -> String {
    let terms = &bulk["terms"];
    let about = ["namespace", "role", "group"].iter().filter_map(|name| terms[*name].as_str());
    std::iter::once(cell(&terms["act"])).chain(about.map(String::from)).collect::<Vec<_>>().join(" ")
}

fn shown(bulk: &Value) -> String {
    let id = cell(&bulk["id"]);
    let mut lines = vec![
        format!("Plan     {id}"),
        format!("Act      {}", act(bulk)),
        format!("Of       {}", chosen(&bulk["terms"])),
        format!("State    {}", cell(&bulk["state"])),
        format!("Planned  {} by {}", moment(&bulk["created_at"]), person(&bulk["created_by"])),
        format!("Users    {}{}", cell(&bulk["users"]), reasons("left out", &bulk["left_out"])),
    ];
    if !bulk["acted_at"].is_null() {
        lines.push(format!("Begun    {} by {}", moment(&bulk["acted_at"]), person(&bulk["acted_by"])));
        lines.push(format!("Done     {}{}", cell(&bulk["done"]), reasons("left out meanwhile", &bulk["dropped"])));
    }
    lines.extend(bulk["why"].as_str().map(|why| format!("Stopped  {why}")));
    if bulk["state"] == "planned" {
        let users = cell(&bulk["users"]);
        lines.push(format!("Nothing was changed. Look at them by: tenantry bulk users {id}"));
        lines.push(format!("Act within a day by: tenantry bulk act {id} --users {users}"));
    }
    lines.join("\n")
}

fn chosen(terms: &Value) -> String {
    let members = terms["filter"].as_object().into_iter().flatten();
    let said: Vec<_> = members.map(|(name, value)| format!("{name}={}", cell(value))).collect();
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
            "already" => "are so already",
            "owner" => "own the tenant",
            "above_rank" => "may do more than you",
            "gone" => "were removed",
            "no_match" => "pass the filter no more",
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
    fn a_plan_says_whom_it_leaves_out_and_how_to_go_on() {
        let plan = json!({
            "id": "p", "state": "planned", "users": 4, "created_at": "2026-03-04T09:15:27.004211Z", "created_by": "a@example.com",
            "terms": { "act": "assign_role", "namespace": "default", "role": "viewer", "filter": { "group": "ops" } },
            "left_out": [{ "reason": "already", "users": 2 }, { "reason": "above_rank", "users": 1 }],
        });
        let told = shown(&plan);
        for part in [
            "Act      assign_role default viewer",
            "Of       group=ops",
            "Users    4; 3 left out (2 are so already, 1 may do more than you)",
            "tenantry bulk act p --users 4",
        ] {
            assert!(told.contains(part), "{told}");
        }
        let stopped =
            json!({ "state": "stopped", "terms": { "filter": {} }, "acted_at": "x", "done": 1, "why": "No." });
        let told = shown(&stopped);
        assert!(
            told.contains("all users") && told.contains("Done     1\n") && told.ends_with("Stopped  No."),
            "{told}"
        );
    }
}
