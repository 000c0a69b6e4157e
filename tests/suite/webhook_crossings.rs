//! Webhooks beside what else happens: a store that fails, restarts, kills, a second process, restores, erasures, clocks.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tenantry::params;

use crate::access::ok;
use crate::bulk_crossings::{post, read};
use crate::erasure::{erase_wholly, holders};
use crate::fleet::{Fleet, Served};
use crate::generated_clients::node;
use crate::import_crossings::let_in;
use crate::incidents;
use crate::installed::{beside as pinned, installed, python, run};
use crate::keeping::{beside, call, say, text, user};
use crate::postgres::server;
use crate::process::{Place, Process};
use crate::receiver::{Came, Receiver, Say};
use crate::restore::restore_line;
use crate::rig::Rig;
use crate::webhooks::{WEBHOOKS, add, deliveries, shown, steer, wait_until};
use crate::wire::{Reply, Wire, request};

const JANE: &str = "jane@example.com";

fn subjects(came: &[Came]) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in came {
        all.entry(one.json()["data"]["subject"].as_str().unwrap_or_default().into()).or_default().insert(one.id());
    }
    all
}

/// In each round another call into the store fails while an event is on its way.
#[test]
fn whatever_fails_each_event_arrives_with_one_id() {
    let (rig, receiver) = (Rig::start(), Receiver::start());
    let (id, _) = add(&rig, &receiver, &["user.disabled"]);
    for n in 1..30 {
        let email = format!("round-{n:02}@example.com");
        rig.add_user(rig.tenant(), &email, |_| {});
        ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": email })));
        rig.store.faults().fail_call(n);
        sleep(Duration::from_millis(300));
        rig.store.faults().stop();
    }
    // What was leased by a change of which nobody learnt, or sent and not written, is sent once the lease is over.
    for _ in 0..30 {
        rig.clock.advance_seconds(31);
        sleep(Duration::from_millis(700));
        if subjects(&receiver.came()).len() == 29 && shown(&rig, &id)["waiting"] == 0 {
            break;
        }
    }
    wait_until(&rig, &id, |webhook| webhook["waiting"] == 0 && webhook["links_behind"] == 0);
    let found = subjects(&receiver.came());
    assert!(found.len() == 29 && found.values().all(|ids| ids.len() == 1), "{found:?}");
    rig.wait_until_sealed();
    assert_eq!(rig.get("/api/tenantry/v1/audit/verify").body["sound"], true);
}

#[test]
fn a_restart_goes_on_where_it_stood() {
    let data = tempfile::tempdir().unwrap();
    let (mut rig, receiver) = (Rig::at(data.path(), 0, |_| {}), Receiver::start());
    let (id, _) = add(&rig, &receiver, &["user.*"]);
    for n in 0..20 {
        rig.add_user(rig.tenant(), &format!("restart-{n:02}@example.com"), |_| {});
        ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": format!("restart-{n:02}@example.com") })));
        if n % 5 == 4 {
            rig.restart(data.path(), |_| {});
        }
    }
    receiver.wait_for(20);
    wait_until(&rig, &id, |webhook| webhook["waiting"] == 0 && webhook["links_behind"] == 0);
    assert_eq!((receiver.came().len(), subjects(&receiver.came()).len()), (20, 20), "drained, each is sent once");
}

#[test]
fn a_suspended_tenant_sends_nothing_until_it_is_resumed() {
    let (rig, receiver) = (Rig::start(), Receiver::saying(vec![Say::Status(500, "")]));
    let (id, _) = add(&rig, &receiver, &["reset.requested"]);
    let tenant = rig.tenant();
    ok(&rig.reset(JANE));
    receiver.wait_for(1);
    wait_until(&rig, &id, |webhook| webhook["state"] == "failing");
    let suspend = "UPDATE tenants SET disabled_at = 1, revision = revision + 1 WHERE id = $1";
    let resume = "UPDATE tenants SET disabled_at = NULL, revision = revision + 1 WHERE id = $1";
    rig.write(move |tx| tx.run(suspend, &params![tenant]).map(drop));
    rig.clock.advance_seconds(60);
    sleep(Duration::from_millis(1_500));
    assert_eq!(receiver.came().len(), 1);
    rig.write(move |tx| tx.run(resume, &params![tenant]).map(drop));
    receiver.wait_for(2);
    wait_until(&rig, &id, |webhook| webhook["waiting"] == 0);
}

#[test]
fn what_waits_when_a_person_is_erased_names_them_no_more() {
    let data = tempfile::tempdir().unwrap();
    let (rig, receiver) = (Rig::at(data.path(), 0, |_| {}), Receiver::start());
    let person = "wilhelmina.quagga@example.com";
    let token = rig.add_member(rig.tenant(), person, crate::people::in_system("ves-io-admin-role"));
    let ask = json!({ "name": "Theirs", "url": receiver.url(), "events": ["user.*"] });
    let made = rig.as_token(&token, "POST", WEBHOOKS, Some(&ask));
    let id = made.body["webhook"]["id"].as_str().unwrap().to_owned();
    assert_eq!(made.body["webhook"]["created_by"], person);
    steer(&rig, &id, "off", &json!({}));
    rig.add_user(rig.tenant(), "plain@example.com", |_| {});
    let plain = json!({ "email": "plain@example.com" });
    ok(&rig.as_token(&token, "POST", "/api/tenantry/v1/users/disable", Some(&plain)));
    rig.wait_until_sealed();
    let pseudonym = erase_wholly(&rig, person);
    assert_eq!(shown(&rig, &id)["created_by"], json!(pseudonym));
    steer(&rig, &id, "on", &json!({}));
    let came = receiver.wait_for_kind("user.disabled");
    assert_eq!(came.json()["data"]["actor"], json!(pseudonym), "{}", came.body);
    assert!(receiver.came().iter().all(|came| !came.body.contains("quagga")));
}

/// The receiver that asks for people gets each user's record; the other one the acts of the incident, and single resets as ever.
#[test]
fn an_incident_is_a_few_events_unless_its_people_are_asked_for() {
    let rig = Rig::start();
    let (few, each) = (Receiver::start(), Receiver::start());
    let (of_few, _) = add(&rig, &few, &["*"]);
    let asked = json!({ "name": "Each", "url": each.url(), "events": ["reset.*", "incident.*"], "people": true });
    let made = rig.post(WEBHOOKS, &asked);
    assert_eq!((made.status, &made.body["webhook"]["people"]), (201, &json!(true)), "{}", made.text);
    let of_each = made.body["webhook"]["id"].as_str().unwrap().to_owned();
    let listed: Vec<_> = (0..60).map(|nth| format!("listed{nth}@example.com")).collect();
    listed.iter().for_each(|email| drop(rig.add_user(rig.tenant(), email, |_| {})));
    let terms = json!({ "name": "Leak", "emails": listed, "hold": true });
    let id = incidents::planned(&rig, &rig.sample.api_token, &terms);
    ok(&incidents::start(&rig, &rig.sample.api_token, &id));
    incidents::wait_while(&rig, &id, &["ending"]);
    rig.reset(JANE);
    let is_single = |came: &Came| came.json()["data"]["subject"] == JANE;
    for (receiver, webhook) in [(&few, &of_few), (&each, &of_each)] {
        wait_until(&rig, webhook, |shown| {
            shown["waiting"] == 0 && shown["links_behind"] == 0 && receiver.came().iter().any(is_single)
        });
    }
    let types = |receiver: &Receiver| {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for came in receiver.came() {
            *count.entry(came.kind()).or_default() += 1;
        }
        count
    };
    let (of_few, of_each) = (types(&few), types(&each));
    assert_eq!((of_few["reset.requested"], of_each["reset.requested"]), (1, 61), "{of_few:?} {of_each:?}");
    assert_eq!((of_few["incident.ended"], of_each["incident.ended"]), (1, 1));
    let ended = few.came().into_iter().find(|came| came.kind() == "incident.ended").unwrap();
    assert_eq!(ended.json()["data"]["facts"]["ended"]["users"], 60, "{}", ended.body);
}

#[test]
fn a_clock_that_ran_ahead_holds_nothing_up() {
    let data = tempfile::tempdir().unwrap();
    let (mut rig, receiver) = (Rig::at(data.path(), 0, |_| {}), Receiver::saying(vec![Say::Status(500, "")]));
    let (id, _) = add(&rig, &receiver, &["reset.requested"]);
    rig.clock.advance_seconds(20 * 24 * 3600);
    ok(&rig.reset(JANE));
    receiver.wait_for(1);
    wait_until(&rig, &id, |webhook| webhook["state"] == "failing");
    rig.clock.advance_seconds(-20 * 24 * 3600);
    // Housekeeping goes to each tenant at the start.
    rig.restart(data.path(), |_| {});
    receiver.wait_for(2);
    let webhook = wait_until(&rig, &id, |webhook| webhook["waiting"] == 0);
    assert_eq!(webhook["state"], "on", "{webhook}");
}

fn added(process: &Process, receiver: &Receiver, events: &[&str]) -> (String, String) {
    let made = post(process, WEBHOOKS, &json!({ "name": "Help desk", "url": receiver.url(), "events": events }));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["webhook"]["id"]), text(&made["secret"]))
}

fn disable(process: &Process, numbers: impl Iterator<Item = usize>) {
    for number in numbers {
        post(process, "/api/tenantry/v1/users/disable", &json!({ "email": user(number) }));
    }
}

/// Waits until events about so many subjects have come, and the fate of each is written.
fn until_sent(process: &Process, id: &str, receiver: &Receiver, count: usize) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let (webhook, came) = (read(process, &format!("{WEBHOOKS}/{id}")), subjects(&receiver.came()).len());
        if webhook["waiting"] == 0 && webhook["links_behind"] == 0 && came >= count {
            return;
        }
        assert!(Instant::now() < end, "{came} of {count}: {webhook}");
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn killed_again_and_again_every_event_arrives_and_nearly_all_of_them_once() {
    let (place, receiver) = (Place::new(), Receiver::start());
    let mut process = Process::start(&place, 90);
    let (id, _) = added(&process, &receiver, &["user.disabled"]);
    for round in 0..3 {
        disable(&process, 30 * round + 1..30 * (round + 1) + 1);
        sleep(Duration::from_millis(300 * round as u64));
        let token = process.directions.api_token.clone();
        process.kill();
        process = Process::start(&place, 0);
        process.directions.api_token = token;
    }
    until_sent(&process, &id, &receiver, 90);
    let came = receiver.came();
    let found = subjects(&came);
    assert!(found.len() == 90 && found.values().all(|ids| ids.len() == 1), "{found:?}");
    // What was under way at a kill comes twice: four at most.
    assert!(came.len() <= 90 + 3 * 4, "{}", came.len());
}

/// On the embedded engine a second process is refused; the fleet is on PostgreSQL whatever the others run on.
#[test]
fn two_processes_deliver_each_event_once() {
    let fleet = Fleet::new(server().database("several_webhooks").unwrap(), 60);
    let settings = [("TENANTRY_OUTBOUND_ALLOWED_NETWORKS", "127.0.0.0/8")];
    let serve = || fleet.serve_with(crate::fleet::free(), &settings);
    let (one, other) = (serve(), serve());
    let receiver = Receiver::start();
    let ask = |served: &Served, method: &str, path: &str, body: &Value| -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        Wire::to(served.address).call(request(method, path, &fleet.authorization(), &body)).expect("an answer")
    };
    let made = ask(&one, "POST", WEBHOOKS, &json!({ "name": "x", "url": receiver.url(), "events": ["user.disabled"] }));
    assert_eq!(made.status, 201, "{made:?}");
    for number in 1..=60 {
        let served = if number % 2 == 0 { &one } else { &other };
        let email = format!("user{number:05}@example.com");
        assert_eq!(ask(served, "POST", "/api/tenantry/v1/users/disable", &json!({ "email": email })).status, 200);
    }
    receiver.wait_for(60);
    sleep(Duration::from_secs(2));
    let came = receiver.came();
    assert_eq!((came.len(), subjects(&came).len()), (60, 60), "each once");
    assert!(receiver.most_at_once() <= 4, "{} at once", receiver.most_at_once());
    // One that is killed in the middle leaves what it had begun to the other, in half a minute at most.
    receiver.say(vec![Say::Nothing; 4]);
    ok_status(&ask(&one, "POST", "/api/tenantry/v1/users/enable", &json!({ "email": "user00001@example.com" })));
    ok_status(&ask(&one, "POST", "/api/tenantry/v1/users/disable", &json!({ "email": "user00001@example.com" })));
    receiver.wait_for(61);
    drop(one);
    let end = Instant::now() + Duration::from_secs(60);
    let count = "SELECT COUNT(*) FROM webhook_deliveries WHERE delivered_at IS NULL";
    while server().ask("several_webhooks", count).unwrap() != "0" {
        receiver.say(Vec::new());
        assert!(Instant::now() < end, "what a killed process had begun is not delivered");
        sleep(Duration::from_millis(200));
    }
    assert!(subjects(&receiver.came())["user00001@example.com"].len() == 2, "two events, each with its id");
    drop(other);
}

fn ok_status(reply: &Reply) {
    assert_eq!(reply.status, 200, "{reply:?}");
}

/// A restore switches webhooks off. Switched on, they go on where they stood: what was delivered after the backup may come again,
/// with the same id, and nothing that the restored store holds is lost.
#[test]
fn after_a_restore_events_come_again_with_the_same_id_and_none_is_lost() {
    let (place, receiver) = (Place::new(), Receiver::start());
    let process = Process::start(&place, 20);
    let (id, secret) = added(&process, &receiver, &["user.disabled"]);
    disable(&process, 1..6);
    until_sent(&process, &id, &receiver, 5);
    post(&process, &format!("{WEBHOOKS}/{id}/off"), &json!({}));
    disable(&process, 6..11);
    sleep(Duration::from_millis(1_200));
    post(&process, &format!("{WEBHOOKS}/{id}/on"), &json!({}));
    // The deliveries of 6 to 10 may be on either side of the backup.
    let file = place.data().with_file_name("some.backup");
    say(&place, &["backup", "--to", text(&file), "--data", text(&place.data())]);
    until_sent(&process, &id, &receiver, 10);
    disable(&process, 11..16);
    until_sent(&process, &id, &receiver, 15);
    let before = receiver.came();
    assert_eq!(subjects(&before).len(), 15);
    process.kill();
    let there = beside(&place, "restored");
    let restored = say(&place, &restore_line(text(&file), text(&there)));
    assert_eq!(restored["ended"][1]["webhooks"], 1, "{restored}");
    let mut process = Process::start_at(&place, &there, 0);
    process.directions.api_token = let_in(&process, &restored);
    let webhook = read(&process, &format!("{WEBHOOKS}/{id}"));
    assert_eq!(webhook["state"], "off", "{webhook}");
    assert!(webhook["off_why"].as_str().unwrap().starts_with("A backup was restored"), "{webhook}");
    disable(&process, 16..18);
    sleep(Duration::from_millis(1_500));
    assert_eq!(receiver.came().len(), before.len(), "nothing is sent before somebody has looked");
    post(&process, &format!("{WEBHOOKS}/{id}/on"), &json!({}));
    until_sent(&process, &id, &receiver, 17);
    let all = subjects(&receiver.came());
    assert_eq!(all.len(), 17, "{all:?}");
    assert!(all.values().all(|ids| ids.len() == 1), "what came again came with its id: {all:?}");
    let rotated = post(&process, &format!("{WEBHOOKS}/{id}/rotate"), &json!({}));
    assert_ne!(rotated["secret"], json!(secret));
}

/// What a receiver does with the specification's own libraries.
#[test]
fn the_libraries_of_the_specification_verify_what_is_sent() {
    let (place, receiver) = (Place::new(), Receiver::start());
    let process = Process::start(&place, 1);
    let (id, first) = added(&process, &receiver, &["user.disabled"]);
    let rotated = post(&process, &format!("{WEBHOOKS}/{id}/rotate"), &json!({}));
    disable(&process, 1..2);
    let came = receiver.wait_for(1).remove(0);
    let headers: BTreeMap<_, _> =
        came.headers.iter().filter(|(name, _)| name.starts_with("webhook-")).cloned().collect();
    for secret in [json!(first), rotated["secret"].clone()] {
        let sent = json!({ "secret": secret, "body": came.body, "headers": headers }).to_string();
        assert_eq!(by_python(&sent), "user.disabled", "{sent}");
        assert_eq!(by_node(&sent), "user.disabled", "{sent}");
    }
}

fn by_python(sent: &str) -> String {
    let folder = pinned("webhooks");
    let bin = python("standardwebhooks-py", &folder.join("requirements.txt"));
    verified(std::process::Command::new(bin.join("python")).arg(folder.join("verify.py")), sent)
}

fn by_node(sent: &str) -> String {
    let (folder, (node, npm)) = (pinned("webhooks"), node());
    let tools = installed("standardwebhooks-js", &folder.join("package-lock.json"), |into| {
        for file in ["package.json", "package-lock.json", ".npmrc", "verify.mjs"] {
            std::fs::copy(folder.join(file), into.join(file)).unwrap();
        }
        let ci = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        run(std::process::Command::new(&node).arg(npm).args(ci).current_dir(into));
    });
    verified(std::process::Command::new(&node).arg(tools.join("verify.mjs")).current_dir(&tools), sent)
}

fn verified(command: &mut std::process::Command, sent: &str) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), sent).unwrap();
    run(command.stdin(std::fs::File::open(file.path()).unwrap())).trim().to_owned()
}

/// The secret is where it is answered, and nowhere else: neither in the store, nor in a log, a record or a later answer.
#[test]
fn the_secret_of_a_webhook_is_kept_nowhere() {
    let (place, receiver) = (Place::new(), Receiver::start());
    let process = Process::start(&place, 3);
    let (id, first) = added(&process, &receiver, &["*"]);
    let second = post(&process, &format!("{WEBHOOKS}/{id}/rotate"), &json!({}));
    let secrets = [first, second["secret"].as_str().unwrap().to_owned()];
    disable(&process, 1..3);
    post(&process, &format!("{WEBHOOKS}/{id}/test"), &json!({}));
    until_sent(&process, &id, &receiver, 4);
    let mut told = Vec::new();
    for path in [WEBHOOKS.to_owned(), format!("{WEBHOOKS}/{id}"), format!("{WEBHOOKS}/{id}/deliveries")]
        .into_iter()
        .chain(["/metrics", "/api/tenantry/v1/audit", "/api/tenantry/v1/audit/export"].map(String::from))
    {
        told.push(call(&process, "GET", &path, &process.authorization(), &Value::Null).body);
    }
    told.extend(receiver.came().iter().map(|came| format!("{came:?}")));
    told.push(std::fs::read_to_string(place.log()).unwrap());
    for secret in &secrets {
        let bare = secret.strip_prefix("whsec_").unwrap().to_owned();
        assert!(told.iter().all(|text| !text.contains(&bare)));
        assert_eq!(holders(&place.data(), &[&bare.to_ascii_lowercase()]), []);
        let raw = STANDARD.decode(&bare).unwrap();
        let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(holders(&place.data(), &[&hex]), []);
        for entry in std::fs::read_dir(place.data()).unwrap() {
            let path = entry.unwrap().path();
            let is_in = path.is_file() && std::fs::read(&path).unwrap().windows(32).any(|window| window == raw);
            assert!(!is_in, "{}", path.display());
        }
    }
}

#[test]
fn a_webhook_with_a_thousand_deliveries_that_wait_reads_no_further() {
    let (rig, receiver) = (Rig::start(), Receiver::saying(vec![Say::Status(500, ""); 100_000]));
    let (id, _) = add(&rig, &receiver, &["user.disabled"]);
    let (tenant, webhook) = (rig.tenant(), id.clone());
    // As many as a webhook may have, made by hand: a thousand acts take long.
    rig.write(move |tx| {
        let webhook = uuid::Uuid::parse_str(&webhook).unwrap();
        for nth in 0..1_000u128 {
            let id = uuid::Uuid::from_u128(nth);
            tx.run(
                "INSERT INTO webhook_deliveries (tenant, id, webhook, event, record, link, position, queued_at, due_at, attempts, tries)
                 VALUES ($1, $2, $3, 'user.disabled', $2, 1, 1, 0, $4, 0, 0)",
                &params![tenant, &id, &webhook, i64::MAX],
            )?;
        }
        Ok(())
    });
    ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": JANE })));
    rig.wait_until_sealed();
    sleep(Duration::from_millis(1_500));
    let webhook = shown(&rig, &id);
    assert_eq!(webhook["waiting"], 1_000, "{webhook}");
    assert!(webhook["links_behind"].as_i64().unwrap() > 0, "{webhook}");
    assert_eq!(deliveries(&rig, &id).len(), 50);
    rig.write(move |tx| tx.run("DELETE FROM webhook_deliveries WHERE tenant = $1", &params![tenant]).map(drop));
    receiver.wait_for(1);
}
