//! Webhooks that ask for the records of an incident's users, and those that do not.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::access::{ok, put, refused};
use crate::fleet::{Fleet, Served, free};
use crate::incidents::{self, INCIDENTS};
use crate::postgres::server;
use crate::receiver::Receiver;
use crate::rig::Rig;
use crate::webhooks::{WEBHOOKS, add, deliveries, shown, wait_until};
use crate::wire::{Wire, request};

const USERS: u32 = 320;
const SINGLE: usize = 5;

/// How many events came of each type.
fn kinds(receiver: &Receiver) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for came in receiver.came() {
        *counts.entry(came.kind()).or_default() += 1;
    }
    counts
}

/// On the embedded engine a second process is refused; the fleet is on PostgreSQL whatever the others run on.
#[test]
fn two_processes_pass_over_the_people_of_an_incident_and_over_no_single_reset() {
    let fleet = Fleet::new(server().database("webhook_people").unwrap(), USERS);
    let serve = || fleet.serve_with(free(), &[("TENANTRY_OUTBOUND_ALLOWED_NETWORKS", "127.0.0.0/8")]);
    let processes = [serve(), serve()];
    let ask = |served: &Served, method: &str, path: &str, body: &Value| -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = Wire::to(served.address).call(request(method, path, &fleet.authorization(), &body)).unwrap();
        assert!(matches!(reply.status, 200 | 201), "{reply:?}");
        serde_json::from_str(&reply.body).unwrap()
    };
    let [one, other] = &processes;
    let (few, each) = (Receiver::start(), Receiver::start());
    for (receiver, people) in [(&few, false), (&each, true)] {
        let terms = json!({ "name": "x", "url": receiver.url(), "events": ["*"], "people": people });
        ask(one, "POST", WEBHOOKS, &terms);
    }
    let emails: Vec<_> = (SINGLE as u32 + 1..=USERS).map(|number| format!("user{number:05}@example.com")).collect();
    let terms = json!({ "name": "Leak", "emails": emails, "hold": true });
    let mut incident = ask(one, "POST", INCIDENTS, &terms);
    let path = format!("{INCIDENTS}/{}", incident["id"].as_str().unwrap());
    let wait_while = |state: &str| loop {
        let incident = ask(other, "GET", &path, &Value::Null);
        if incident["state"] != state {
            return incident;
        }
        sleep(Duration::from_millis(50));
    };
    incident = if incident["state"] == "planning" { wait_while("planning") } else { incident };
    let plan = &incident["plan"];
    ask(one, "POST", &format!("{path}/start"), &json!({ "plan": plan["digest"], "users": plan["users"] }));
    for number in 1..=SINGLE {
        let served = &processes[number % 2];
        let reply = Wire::to(served.address).call(fleet.reset(number)).unwrap();
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    assert_eq!(wait_while("ending")["state"], "held");
    let (listed, end) = (emails.len(), Instant::now() + Duration::from_secs(60));
    while kinds(&each).get("reset.requested").copied().unwrap_or_default() < listed + SINGLE
        || !kinds(&few).contains_key("incident.ended")
        || kinds(&few).get("reset.requested").copied().unwrap_or_default() < SINGLE
    {
        assert!(Instant::now() < end, "{:?} {:?}", kinds(&few), kinds(&each));
        sleep(Duration::from_millis(50));
    }
    sleep(Duration::from_secs(2));
    assert_eq!((kinds(&few)["reset.requested"], kinds(&few)["incident.ended"]), (SINGLE, 1), "single resets alone");
    assert_eq!((kinds(&each)["reset.requested"], kinds(&each)["incident.ended"]), (listed + SINGLE, 1), "each once");
    let ended = few.came().into_iter().find(|came| came.kind() == "incident.ended").unwrap();
    assert_eq!(ended.json()["data"]["facts"]["ended"]["users"], json!(listed), "{}", ended.body);
}

/// What a webhook is added with can be changed, and what is left out is as if it were said for the first time.
#[test]
fn people_are_asked_for_when_a_webhook_is_added_or_changed_and_its_records_say_so() {
    let rig = Rig::start();
    let receiver = Receiver::start();
    let (id, _) = add(&rig, &receiver, &["*"]);
    assert_eq!(shown(&rig, &id)["people"], false);
    let terms = |people: Value| {
        let mut terms = json!({ "name": "Help desk", "url": receiver.url(), "events": ["reset.*"] });
        if !people.is_null() {
            terms["people"] = people;
        }
        terms
    };
    let path = format!("{WEBHOOKS}/{id}");
    for (people, expected) in [(json!(true), true), (Value::Null, false), (json!(true), true), (json!(false), false)] {
        rig.clock.advance_seconds(1);
        ok(&put(&rig, &path, &terms(people)));
        assert_eq!(shown(&rig, &id)["people"], expected);
        let kept = rig.get("/api/tenantry/v1/audit?action=webhook.change&limit=1").body;
        assert_eq!(kept["items"][0]["facts"]["people"], expected, "{kept}");
    }
    refused(&put(&rig, &path, &terms(json!("yes"))), 400, "people");

    // Of an incident nothing is made for one that does not ask; one that is changed to ask gets what comes from then on.
    let end = |email: &str| {
        let id = incidents::begun(&rig, &json!({ "name": "One", "emails": [email], "hold": true }));
        incidents::wait_while(&rig, &id, &["ending"]);
        rig.wait_until_sealed();
        wait_until(&rig, &path[WEBHOOKS.len() + 1..], |shown| shown["links_behind"] == 0 && shown["waiting"] == 0);
        deliveries(&rig, &path[WEBHOOKS.len() + 1..]).len()
    };
    let before = end("hello@example.com");
    ok(&put(&rig, &path, &terms(json!(true))));
    assert_eq!((before, end("jane@example.com")), (0, 1));
}
