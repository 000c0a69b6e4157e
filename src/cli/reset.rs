//! `tenantry reset`: over the API of a running server.

use std::time::{Duration, Instant};

use clap::ValueEnum;
use serde_json::{Value, json};
use uuid::Uuid;

use super::arguments::{Reset, ResetId, ResetList, ResetState, ResetVerb, ResetWait};
use super::client::Client;
use super::output::{Output, aligned, cell, moment, person};
use super::row::Operation::{Get, Pages, Post};
use super::row::{Row, Shows, Table};
use crate::address::{shown, spelt};
use crate::error::{Error, Result};

const RESETS: &str = "/api/tenantry/v1/resets";
const TABLE: Table = Table {
    columns: &[
        ("ID", |reset| cell(&reset["id"])),
        ("REQUESTED (UTC)", |reset| moment(&reset["requested_at"])),
        ("STATE", |reset| cell(&reset["state"])),
        ("USER", |reset| person(&reset["email"])),
        ("BY", |reset| person(&reset["requested_by"])),
    ],
    nothing: "No resets.",
};
const POLL: Duration = Duration::from_millis(500);
/// A little longer than the longest life of a link.
const LONGEST_WAIT_SECONDS: u32 = 25 * 3600;

/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn run(arguments: Reset, output: Output) -> Result<()> {
    match (arguments.verb, arguments.email) {
        (None, Some(email)) => {
            let client = Client::of(&arguments.api)?;
            let id = request(&client, &email, arguments.revoke_credentials)?;
            if arguments.wait { wait_for(&client, &id, output) } else { requested(&client, &email, &id, output) }
        }
        (None, None) => Err(Error::invalid("Say whose password to reset: tenantry reset user@example.com")),
        (Some(ResetVerb::List(ask)), _) => list(&ask, output),
        (Some(ResetVerb::Show(ask)), _) => {
            Row { api: &ask.api, operation: Get(path(ask.id)), shows: Shows::Told(told) }.run(output)
        }
        (Some(ResetVerb::Cancel(ask)), _) => change(&ask, "cancel", "Cancelled: its link is dead.", output),
        (Some(ResetVerb::Resend(ask)), _) => change(&ask, "resend", "The same link is mailed again.", output),
        (Some(ResetVerb::Wait(ask)), _) => wait(&Client::of(&ask.api)?, &ask, output),
    }
}

/// Requests a reset; returns its id.
fn request(client: &Client, email: &str, revokes_credentials: bool) -> Result<String> {
    let answered = match revokes_credentials {
        true => client.post(RESETS, &json!({ "email": email, "revoke_credentials": true })),
        false => client.post("/api/web/custom/password/admin_reset", &json!({ "email": email })),
    };
    Ok(answered?.header("tenantry-reset-id").unwrap_or_default().to_string())
}

/// Prints what the reset has ended, and what still works.
fn requested(client: &Client, email: &str, id: &str, output: Output) -> Result<()> {
    let whom = shown(email);
    let reset = client.get(&format!("{RESETS}/{id}"), &[])?.json();
    let ended = match reset["kills_password"].as_bool() {
        Some(true) => format!("The old password and all sessions of {whom} are dead."),
        _ => format!("All sessions of {whom} are ended. A password that they have works until they choose a new one."),
    };
    let mail = match reset["mail_waits_until"].is_null() {
        true => "A one-time link is on its way by mail.".into(),
        false => format!("A one-time link leaves by mail at {} UTC.", moment(&reset["mail_waits_until"])),
    };
    let next = format!("Reset {id}\n{ended} {mail}\n{}Follow it:  tenantry reset wait {id}", credentials(&reset));
    output.object(&json!({ "email": spelt(email), "id": id }), &next)
}

fn credentials(reset: &Value) -> String {
    match (reset["credentials_revoked"].as_i64(), reset["credentials_alive"].as_i64()) {
        (Some(revoked), _) => format!("API credentials revoked: {revoked}\n"),
        (None, None | Some(0)) => String::new(),
        (None, Some(alive)) => {
            format!("API credentials of theirs that still work: {alive}. To end them too: --revoke-credentials\n")
        }
    }
}

fn wait_for(client: &Client, id: &str, output: Output) -> Result<()> {
    output.line(&format!("Reset {id}"))?;
    let id = id.parse().map_err(|_| Error::conflict("The server did not say which reset this is."))?;
    until(client, id, ResetState::Redeemed, LONGEST_WAIT_SECONDS, output)
}

fn list(ask: &ResetList, output: Output) -> Result<()> {
    let query = [
        ("state", ask.state.map(word)),
        ("email", ask.email.clone()),
        ("since", ask.since.map(|at| at.to_string())),
        ("until", ask.until.map(|at| at.to_string())),
    ];
    Row { api: &ask.api, operation: Pages(RESETS.into(), &query, ask.limit), shows: Shows::Table(&TABLE) }.run(output)
}

fn change(ask: &ResetId, verb: &str, done: &str, output: Output) -> Result<()> {
    let operation = Post(format!("{}/{verb}", path(ask.id)), json!({}));
    Row { api: &ask.api, operation, shows: Shows::Text(done.into()) }.run(output)
}

fn path(reset: Uuid) -> String {
    format!("{RESETS}/{reset}")
}

fn wait(client: &Client, ask: &ResetWait, output: Output) -> Result<()> {
    until(client, ask.id, ask.state, ask.timeout_seconds, output)
}

fn until(client: &Client, id: Uuid, wanted: ResetState, timeout_seconds: u32, output: Output) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(timeout_seconds.into());
    loop {
        let reset = client.get(&path(id), &[])?.json();
        let state = reset["state"].as_str().unwrap_or_default();
        match verdict(state, wanted) {
            Verdict::Reached => {
                output.progress("");
                return output.object(&reset, &told(&reset));
            }
            Verdict::Dead => {
                output.progress("");
                output.object(&reset, &told(&reset))?;
                return Err(Error::conflict(format!("The reset ended as {state}.")));
            }
            Verdict::Open if Instant::now() >= deadline => {
                output.progress("");
                return Err(Error::conflict(format!(
                    "After {timeout_seconds} seconds the reset is still {state}. It goes on; only the waiting ended."
                )));
            }
            Verdict::Open => output.progress(&format!("{} is {state}; waiting", person(&reset["email"]))),
        }
        std::thread::sleep(POLL);
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Reached,
    Dead,
    Open,
}

/// Whether a reset in `state` has reached the wanted state, or never will.
fn verdict(state: &str, wanted: ResetState) -> Verdict {
    const WAY: [&str; 4] = ["requested", "mailed", "opened", "redeemed"];
    let place = |state: &str| WAY.iter().position(|step| *step == state);
    let wanted = word(wanted);
    match (place(state), place(&wanted)) {
        _ if state == wanted => Verdict::Reached,
        (Some(here), Some(there)) if here >= there => Verdict::Reached,
        (Some(here), _) if here + 1 < WAY.len() => Verdict::Open,
        _ => Verdict::Dead,
    }
}

fn told(reset: &Value) -> String {
    let head = format!(
        "Reset    {}\nUser     {}\nState    {}\nExpires  {}\nRelay    {}\n{}\n",
        cell(&reset["id"]),
        person(&reset["email"]),
        cell(&reset["state"]),
        moment(&reset["expires_at"]),
        cell(&reset["relay_words"]),
        credentials(reset)
    );
    let moments = reset["timeline"].as_array().into_iter().flatten();
    let rows: Vec<_> = moments.map(|one| vec![moment(&one["at"]), cell(&one["what"]), cell(&one["words"])]).collect();
    head + &aligned(&["WHEN (UTC)", "WHAT", "WORDS"], &rows)
}

fn word(state: ResetState) -> String {
    state.to_possible_value().map(|value| value.get_name().to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends_where_it_was_wanted_or_where_it_never_will_be() {
        assert_eq!(verdict("mailed", ResetState::Redeemed), Verdict::Open);
        assert_eq!(verdict("redeemed", ResetState::Redeemed), Verdict::Reached);
        assert_eq!(verdict("opened", ResetState::Mailed), Verdict::Reached);
        assert_eq!(verdict("expired", ResetState::Redeemed), Verdict::Dead);
        assert_eq!(verdict("expired", ResetState::Expired), Verdict::Reached);
        assert_eq!(verdict("redeemed", ResetState::Expired), Verdict::Dead);
    }

    #[test]
    fn a_reset_is_told_with_its_timeline() {
        let reset = json!({"id": "1", "email": "a@b", "state": "mailed", "expires_at": "2026-03-04T09:15:27.000000Z",
            "timeline": [{"at": "2026-03-04T08:15:27.000000Z", "what": "mailed", "words": "250 queued"}]});
        assert!(told(&reset).ends_with("2026-03-04 08:15:27  mailed  250 queued"), "{}", told(&reset));
    }
}
