//! Each verb of an incident in each state in which there is nothing for it to do.

use serde_json::{Value, json};

use crate::access::ok;
use crate::incident_traps::crowd;
use crate::incidents::{act, begun, listing, planned, shown, start, wait_while};
use crate::rig::{Answered, Rig};

const DAY: i64 = 24 * 3_600;

/// Incidents in each state, of a user each.
fn in_each_state(rig: &Rig) -> Vec<(&'static str, String)> {
    let token = rig.sample.api_token.clone();
    let emails = crowd(rig, 9);
    let of = |nth: usize, more: Value| {
        let mut terms = json!({ "name": format!("Number {nth}"), "emails": [emails[nth]], "pace_per_minute": 0 });
        terms.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        terms
    };
    let lapsed = planned(rig, &token, &of(0, json!({})));
    let done = begun(rig, &of(1, json!({})));
    wait_while(rig, &done, &["ending", "mailing"]);
    rig.clock.advance_seconds(DAY + 1);
    let mailed = begun(rig, &of(2, json!({})));
    wait_while(rig, &mailed, &["ending", "mailing"]);
    let held = begun(rig, &of(3, json!({ "hold": true })));
    wait_while(rig, &held, &["ending"]);
    let cancelled = planned(rig, &token, &of(4, json!({})));
    ok(&act(rig, &cancelled, "cancel", &json!({})));
    rig.choose(|settings| settings.reset.budget_per_hour = 1);
    let awaiting = planned(rig, &token, &json!({ "name": "Two", "emails": emails[5..7] }));
    assert_eq!(ok(&start(rig, &token, &awaiting))["state"], "awaiting");
    rig.choose(|settings| settings.reset.budget_per_hour = 0);
    let planned = planned(rig, &token, &of(7, json!({})));
    vec![
        ("lapsed", lapsed),
        ("done", done),
        ("mailed", mailed),
        ("held", held),
        ("cancelled", cancelled),
        ("awaiting", awaiting),
        ("planned", planned),
        ("collecting", listing(rig, &token)),
    ]
}

/// The states in which a verb is refused, since there is nothing for it to do.
const REFUSED: &[(&str, &[&str])] = &[
    ("plan", &["awaiting", "held", "mailed", "done", "cancelled", "lapsed"]),
    ("start", &["collecting", "cancelled", "lapsed"]),
    ("agree", &["collecting", "planned", "cancelled", "lapsed"]),
    ("decline", &["collecting", "planned", "held", "mailed", "done", "cancelled", "lapsed"]),
    ("pause", &["collecting", "planned", "awaiting", "mailed", "done", "cancelled", "lapsed"]),
    ("go_on", &["collecting", "planned", "awaiting", "mailed", "done", "cancelled", "lapsed"]),
    ("cancel", &["mailed", "done", "cancelled"]),
    ("release", &["collecting", "planned", "awaiting", "mailed", "done", "cancelled", "lapsed"]),
    ("retry", &["collecting", "planned", "awaiting", "held", "cancelled", "lapsed"]),
    ("remind", &["collecting", "planned", "awaiting", "held", "mailed", "cancelled", "lapsed"]),
    ("change", &["mailed", "done", "lapsed"]),
    ("evidence", &["collecting", "planned", "awaiting", "cancelled", "lapsed"]),
];

fn ask(rig: &Rig, id: &str, verb: &str) -> Answered {
    let plan = shown(rig, id)["plan"].clone();
    let digest = plan["digest"].as_str().map_or_else(|| "0".repeat(64), String::from);
    let body = match verb {
        "start" => json!({ "plan": digest, "users": plan["users"] }),
        "agree" => json!({ "plan": digest }),
        "change" => json!({ "pace_per_minute": 60 }),
        "evidence" => json!({ "emails": "plain" }),
        _ => json!({}),
    };
    act(rig, id, verb, &body)
}

#[test]
fn a_verb_that_has_nothing_to_do_in_a_state_is_refused_and_changes_nothing() {
    let rig = Rig::start();
    let all = in_each_state(&rig);
    rig.let_background_rest();
    let own = "SELECT COUNT(*) FROM audit WHERE action LIKE 'incident.%'";
    for (state, id) in &all {
        assert_eq!(shown(&rig, id)["state"], *state);
        for (verb, _) in REFUSED.iter().filter(|(_, states)| states.contains(state)) {
            let before = (shown(&rig, id), rig.number(own, &[]));
            for _ in 0..2 {
                let answered = ask(&rig, id, verb);
                assert_eq!(answered.status, 409, "{verb} when {state}: {}", answered.text);
                assert!(
                    answered.message().ends_with('.') || answered.message().contains("tenantry incident"),
                    "{}",
                    answered.text
                );
            }
            assert_eq!((shown(&rig, id), rig.number(own, &[])), before, "{verb} when {state}");
        }
    }
    let verbs = REFUSED.iter().flat_map(|(_, states)| *states);
    assert!(verbs.into_iter().all(|state| all.iter().any(|(found, _)| found == state)), "each state is there");
}
