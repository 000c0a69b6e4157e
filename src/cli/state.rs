//! `tenantry state` and `tenantry tidy`: how the house stands, and a round of its housekeeping.

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::arguments::Open;
use super::local::{Use, call};
use super::output::{Output, cell, moment};
use super::row::Operation::{Get, Post};
use super::row::Shows;
use crate::error::Result;

/// # Errors
/// That neither a server nor the store can be reached.
pub fn show(open: &Open, output: Output, runtime: &Runtime) -> Result<()> {
    call(open, Use::Read, (Get("/api/tenantry/v1/system/state".into()), Shows::Told(told)), output, runtime)
}

/// # Errors
/// As [`show`]; the store's refusal.
pub fn tidy(open: &Open, output: Output, runtime: &Runtime) -> Result<()> {
    let tidying = Post("/api/tenantry/v1/system/housekeeping".into(), json!({}));
    call(open, Use::Change, (tidying, Shows::Told(round)), output, runtime)
}

fn told(state: &Value) -> String {
    let keys: Vec<_> = state["keys"].as_array().into_iter().flatten().map(cell).collect();
    let lines = [
        format!("Tenantry {} on {}", cell(&state["version"]), cell(&state["engine"])),
        format!("Key {} makes links; keys: {}", cell(&state["key"]), keys.join(", ")),
        format!("Mails that wait: {}", cell(&state["mails_waiting"])),
        format!(
            "Changes that wait: {}; writers in doubt: {}",
            cell(&state["writes_waiting"]),
            cell(&state["writers_in_doubt"])
        ),
        match &state["housekeeping"] {
            Value::Null => "Housekeeping: no round has ended in this process".into(),
            last => round(last),
        },
    ];
    lines.join("\n")
}

fn round(round: &Value) -> String {
    let ended = moment(&round["ended_at"]);
    match (round["failure"].as_str(), round["has_all"] == true) {
        (Some(failure), _) => format!("Housekeeping ended at {ended} UTC and left something undone: {failure}"),
        (None, true) => format!("Housekeeping ended at {ended} UTC; nothing is left that is over"),
        (None, false) => format!("Housekeeping ended at {ended} UTC and goes on within seconds: there is more to do"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_says_whether_something_is_left() {
        let mut last = json!({ "ended_at": "2026-03-04T09:15:27Z", "has_all": true, "failure": null });
        assert!(round(&last).ends_with("nothing is left that is over"), "{}", round(&last));
        last["has_all"] = false.into();
        assert!(round(&last).ends_with("there is more to do"), "{}", round(&last));
        last["failure"] = "The disk is full.".into();
        assert!(round(&last).ends_with("left something undone: The disk is full."), "{}", round(&last));
        let state = json!({ "version": "1", "engine": "sqlite", "key": 2, "keys": [2, 1], "mails_waiting": 0,
            "writes_waiting": 0, "writers_in_doubt": 0, "housekeeping": null });
        assert!(told(&state).contains("Key 2 makes links; keys: 2, 1"), "{}", told(&state));
    }
}
