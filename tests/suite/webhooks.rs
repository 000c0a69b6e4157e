//! Webhooks: what arrives, who may steer them, what becomes of a receiver that fails.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use sha2::Sha256;
use tenantry::identity::TenantId;
use tenantry::params;
use tenantry::random::Random;
use tenantry::tls;
use uuid::Uuid;

use crate::access::{ok, put, refused};
use crate::people::in_system;
use crate::receiver::{Came, Receiver, Say};
use crate::rig::{Answered, Rig};

pub const WEBHOOKS: &str = "/api/tenantry/v1/webhooks";
const JANE: &str = "jane@example.com";
const HOUR: i64 = 3600;

/// A webhook that wants these events: its id and its secret.
pub fn add(rig: &Rig, receiver: &Receiver, events: &[&str]) -> (String, String) {
    let made = rig.post(WEBHOOKS, &json!({ "name": "Help desk", "url": receiver.url(), "events": events }));
    assert_eq!(made.status, 201, "{}", made.text);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let id = text(&made.body["webhook"]["id"]);
    assert_eq!(made.header("location"), Some(format!("{WEBHOOKS}/{id}").as_str()));
    (id, text(&made.body["secret"]))
}

/// A webhook that is off, at an address where nobody is, and a delivery of it.
pub fn delivered(rig: &Rig, tenant: TenantId, token: &str) -> (String, String) {
    let terms = json!({ "name": "Help desk", "url": "http://127.0.0.1:1024/", "events": ["reset.*"] });
    let made = rig.as_token(token, "POST", WEBHOOKS, Some(&terms));
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.body["webhook"]["id"].as_str().unwrap().to_owned();
    let off = rig.as_token(token, "POST", &format!("{WEBHOOKS}/{id}/off"), Some(&json!({})));
    assert_eq!(off.status, 200, "{}", off.text);
    let (webhook, now) = (Uuid::parse_str(&id).unwrap(), rig.clock.now());
    let delivery = Random::system().uuid(now);
    rig.write(move |tx| {
        tx.run(
            "INSERT INTO webhook_deliveries (tenant, id, webhook, event, record, link, position, queued_at, due_at, attempts, tries,
                 delivered_at)
             VALUES ($1, $2, $3, 'reset.requested', $2, 1, 1, $4, $4, 1, 1, $4)",
            &params![tenant, &delivery, &webhook, now],
        )
    });
    (id, delivery.to_string())
}

/// Puts the webhook of [`delivered`] into the state that an operation asks for.
pub fn ready(rig: &Rig, operation: &str, id: &str) {
    if ["tenantry.webhooks.off", "tenantry.webhooks.resend"].contains(&operation) {
        steer(rig, id, "on", &json!({}));
    }
}

pub fn shown(rig: &Rig, id: &str) -> Value {
    ok(&rig.get(&format!("{WEBHOOKS}/{id}"))).clone()
}

pub fn deliveries(rig: &Rig, id: &str) -> Vec<Value> {
    ok(&rig.get(&format!("{WEBHOOKS}/{id}/deliveries")))["items"].as_array().unwrap().clone()
}

pub fn steer(rig: &Rig, id: &str, call: &str, body: &Value) -> Value {
    ok(&rig.post(&format!("{WEBHOOKS}/{id}/{call}"), body)).clone()
}

/// Waits until what is shown of a webhook is so.
pub fn wait_until(rig: &Rig, id: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + Duration::from_secs(40);
    loop {
        let webhook = shown(rig, id);
        if is_so(&webhook) {
            return webhook;
        }
        assert!(Instant::now() < end, "{webhook}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until a delivery has had so many attempts that are written.
fn wait_for_attempts(rig: &Rig, id: &str, count: usize) -> Value {
    let end = Instant::now() + Duration::from_secs(40);
    loop {
        let found = deliveries(rig, id);
        if found.first().is_some_and(|first| first["attempts"].as_array().unwrap().len() == count) {
            return found[0].clone();
        }
        assert!(Instant::now() < end, "{found:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The signature that the specification asks for.
fn signature(secret: &str, came: &Came) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{}.{}.{}", came.id(), came.header("webhook-timestamp"), came.body).as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[test]
fn an_event_arrives_once_and_signed() {
    let (rig, receiver) = (Rig::start(), Receiver::start());
    let (id, secret) = add(&rig, &receiver, &["reset.requested", "user.*"]);
    let reset = rig.reset(JANE);
    let came = &receiver.wait_for(1)[0];
    assert_eq!(came.header("webhook-signature"), signature(&secret, came));
    assert_eq!(came.header("webhook-timestamp"), (rig.clock.now().0 / 1_000_000).to_string());
    assert_eq!((came.header("content-type"), came.header("user-agent")), ("application/json", "tenantry"));
    let (event, audit) = (came.json(), rig.get("/api/tenantry/v1/audit?action=reset.request").body);
    let record = &audit["items"][0];
    assert_eq!((&event["type"], &event["timestamp"]), (&json!("reset.requested"), &record["at"]), "{record}");
    let data = &event["data"];
    for (member, wanted) in
        [("tenant", json!(rig.sample.tenant)), ("subject", json!(JANE)), ("actor", record["actor"].clone())]
    {
        assert_eq!(data[member], wanted, "{event}");
    }
    assert_eq!(
        data["facts"]["reset"].as_str().or(reset.header("tenantry-reset-id")),
        reset.header("tenantry-reset-id")
    );
    assert!(data["link"].as_i64().unwrap() > 0 && data["position"].as_i64().unwrap() > 0, "{event}");
    let webhook = wait_until(&rig, &id, |webhook| webhook["waiting"] == 0);
    assert_eq!((&webhook["state"], &webhook["last_error"]), (&json!("on"), &Value::Null), "{webhook}");
    let delivery = &deliveries(&rig, &id)[0];
    assert_eq!((&delivery["state"], &delivery["webhook_id"]), (&json!("delivered"), &json!(came.id())), "{delivery}");
    assert_eq!((&delivery["attempts"][0]["status"], &delivery["record"]), (&json!(204), &data["record"]));
    // Not wanted: the mail's opening, sign-ins, the webhook's own record.
    rig.sign_in(JANE, "wrong");
    ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": JANE })));
    let kinds: Vec<_> = receiver.wait_for(2).iter().map(Came::kind).collect();
    assert_eq!(kinds, ["reset.requested", "user.disabled"]);
}

#[test]
fn a_receiver_that_fails_is_tried_by_the_schedule_and_heard() {
    let (rig, receiver) =
        (Rig::start(), Receiver::saying(vec![Say::Status(503, ""), Say::Status(429, "retry-after: 120\r\n")]));
    let (id, _) = add(&rig, &receiver, &["reset.requested"]);
    rig.reset(JANE);
    let first = wait_for_attempts(&rig, &id, 1);
    assert_eq!((&first["state"], &first["attempts"][0]["status"]), (&json!("waiting"), &json!(503)), "{first}");
    let failing = shown(&rig, &id);
    assert_eq!((&failing["state"], &failing["last_error"]), (&json!("failing"), &json!("The receiver answered 503.")));
    rig.clock.advance_seconds(4);
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(receiver.came().len(), 1, "not before its time");
    rig.clock.advance_seconds(2);
    wait_for_attempts(&rig, &id, 2);
    // The second wait would be five minutes; two are less than that.
    rig.clock.advance_seconds(290);
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(receiver.came().len(), 2);
    rig.clock.advance_seconds(41);
    let last = wait_for_attempts(&rig, &id, 3);
    assert_eq!((&last["state"], &last["attempts"][2]["status"]), (&json!("delivered"), &json!(204)), "{last}");
    let ids: Vec<_> = receiver.came().iter().map(Came::id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(shown(&rig, &id)["state"], "on");
}

#[test]
fn a_receiver_may_ask_for_hours() {
    let (rig, receiver) = (Rig::start(), Receiver::saying(vec![Say::Status(429, "retry-after: 7200\r\n")]));
    let (id, _) = add(&rig, &receiver, &["reset.requested"]);
    rig.reset(JANE);
    wait_for_attempts(&rig, &id, 1);
    rig.clock.advance_seconds(2 * HOUR - 10);
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(receiver.came().len(), 1);
    rig.clock.advance_seconds(HOUR / 2);
    wait_for_attempts(&rig, &id, 2);
}

#[test]
fn ten_tries_and_then_an_event_has_failed_and_is_sent_again_on_demand() {
    let (rig, receiver) = (Rig::start(), Receiver::saying(vec![Say::Status(500, ""); 10]));
    let (id, _) = add(&rig, &receiver, &["reset.requested"]);
    rig.reset(JANE);
    for tried in 1..=10 {
        let delivery = wait_for_attempts(&rig, &id, tried);
        assert_eq!(delivery["state"], if tried < 10 { "waiting" } else { "failed" }, "{tried}: {delivery}");
        // Up to a tenth later than the longest wait.
        rig.clock.advance_seconds(
            [6, 331, 1_990, 8 * HOUR, 8 * HOUR, 12 * HOUR, 16 * HOUR, 23 * HOUR, 27 * HOUR, 0][tried - 1],
        );
    }
    let failed = ok(&rig.get(&format!("{WEBHOOKS}/{id}/deliveries?state=failed")))["items"][0].clone();
    assert!(!failed["failed_at"].is_null() && failed["due_at"].is_null(), "{failed}");
    let delivery = failed["id"].as_str().unwrap();
    let again = steer(&rig, &id, &format!("deliveries/{delivery}/resend"), &json!({}));
    assert_eq!(again["state"], "waiting", "{again}");
    let ended = wait_for_attempts(&rig, &id, 11);
    assert_eq!(ended["state"], "delivered", "{ended}");
    let came = receiver.came();
    assert!(came.iter().all(|one| one.id() == came[0].id()));
    assert_eq!(rig.post(&format!("{WEBHOOKS}/{id}/deliveries/{id}/resend"), &json!({})).status, 404);
}

#[test]
fn a_receiver_that_wants_no_more_is_sent_no_more() {
    let (rig, receiver) = (Rig::start(), Receiver::saying(vec![Say::Status(410, "")]));
    let (id, _) = add(&rig, &receiver, &["reset.requested"]);
    rig.reset(JANE);
    let off = wait_until(&rig, &id, |webhook| webhook["state"] == "off");
    assert_eq!(off["off_why"], "The receiver answered 410: it wants no more.");
    let off = rig.audit().into_iter().find(|(action, ..)| action == "webhook.off").unwrap();
    assert_eq!((off.1.as_str(), off.2.as_str()), ("accepted", "Help desk"));
    let mails = rig.wait_for_mails(rig.sample.admin_email, 1);
    assert!(mails[0]["text"].as_str().unwrap().contains("It is switched off now"), "{}", mails[0]);
    refused(&rig.post(&format!("{WEBHOOKS}/{id}/off"), &json!({})), 409, "is off already");
    // What happens meanwhile waits, and what was refused is tried once more.
    rig.reset("kenji@example.com");
    rig.wait_until_sealed();
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(receiver.came().len(), 1);
    assert!(shown(&rig, &id)["links_behind"].as_i64().unwrap() > 0);
    assert_eq!(steer(&rig, &id, "on", &json!({}))["state"], "on");
    let subject = |came: &Came| came.json()["data"]["subject"].as_str().unwrap().to_owned();
    let mut subjects: Vec<_> = receiver.wait_for(3).iter().map(subject).collect();
    subjects.sort();
    assert_eq!(subjects, [JANE, JANE, "kenji@example.com"]);
    refused(&rig.post(&format!("{WEBHOOKS}/{id}/on"), &json!({})), 409, "is on");
}

#[test]
fn what_happened_while_a_webhook_was_off_can_be_left_out() {
    let (rig, receiver) = (Rig::start(), Receiver::start());
    let (id, _) = add(&rig, &receiver, &["reset.requested"]);
    steer(&rig, &id, "off", &json!({}));
    rig.reset(JANE);
    rig.wait_until_sealed();
    steer(&rig, &id, "on", &json!({ "from_now": true }));
    rig.reset("kenji@example.com");
    let came = receiver.wait_for(1);
    assert_eq!(came[0].json()["data"]["subject"], "kenji@example.com");
    wait_until(&rig, &id, |webhook| webhook["waiting"] == 0 && webhook["links_behind"] == 0);
    assert_eq!(receiver.came().len(), 1);
}

#[test]
fn owners_are_told_after_a_day_and_after_five_it_is_off() {
    let (rig, receiver) = (Rig::start(), Receiver::saying(vec![Say::Status(500, ""); 40]));
    let (id, _) = add(&rig, &receiver, &["reset.requested"]);
    rig.reset(JANE);
    wait_for_attempts(&rig, &id, 1);
    assert!(rig.mails(rig.sample.admin_email).is_empty());
    rig.clock.advance_seconds(25 * HOUR);
    wait_for_attempts(&rig, &id, 2);
    let told = rig.wait_for_mails(rig.sample.admin_email, 1);
    assert!(told[0]["text"].as_str().unwrap().contains("2026-03-04 09:15 UTC"), "{}", told[0]);
    assert!(told[0]["text"].as_str().unwrap().contains("for five days"), "{}", told[0]);
    rig.clock.advance_seconds(2 * HOUR);
    wait_for_attempts(&rig, &id, 3);
    rig.clock.advance_seconds(4 * 24 * HOUR);
    let off = wait_until(&rig, &id, |webhook| webhook["state"] == "off");
    assert!(off["off_why"].as_str().unwrap().starts_with("Nothing was delivered for 5 days."), "{off}");
    let told = rig.wait_for_mails(rig.sample.admin_email, 2);
    assert_eq!(told.len(), 2, "one mail after a day, one at the end");
}

#[test]
fn neither_a_redirect_nor_an_endless_answer_does_harm() {
    let (rig, other) = (Rig::start(), Receiver::start());
    let lines: &'static str = Box::leak(format!("location: {}\r\n", other.url()).into_boxed_str());
    let receiver = Receiver::saying(vec![Say::Status(302, lines), Say::Flood]);
    let (id, _) = add(&rig, &receiver, &["reset.requested"]);
    rig.reset(JANE);
    let delivery = wait_for_attempts(&rig, &id, 1);
    assert_eq!(delivery["attempts"][0]["status"], 302);
    let begun = Instant::now();
    rig.clock.advance_seconds(6);
    let delivery = wait_for_attempts(&rig, &id, 2);
    assert_eq!(
        (&delivery["state"], &delivery["attempts"][1]["status"]),
        (&json!("delivered"), &json!(200)),
        "{delivery}"
    );
    assert_eq!(delivery["attempts"][1]["words"].as_str().unwrap(), "x".repeat(512));
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(other.came().is_empty());
}

#[test]
fn one_that_stalls_holds_up_no_other_and_gets_one_at_a_time() {
    let (rig, stalls, well) = (Rig::start(), Receiver::saying(vec![Say::Nothing; 20]), Receiver::start());
    let (slow, _) = add(&rig, &stalls, &["reset.requested"]);
    let (quick, _) = add(&rig, &well, &["reset.requested"]);
    for nth in 0..6 {
        rig.add_user(rig.tenant(), &format!("stalls-{nth}@example.com"), |_| {});
        ok(&rig.reset(&format!("stalls-{nth}@example.com")));
    }
    let begun = Instant::now();
    well.wait_for(6);
    wait_until(&rig, &quick, |webhook| webhook["waiting"] == 0);
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
    let failing = wait_until(&rig, &slow, |webhook| webhook["state"] == "failing");
    assert_eq!(failing["last_error"], "127.0.0.1 did not answer within 15 seconds.");
    assert_eq!(stalls.most_at_once(), 4);
    assert!(stalls.came().len() <= 5, "one more at most, once the first have failed: {}", stalls.came().len());
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
}

#[test]
fn another_secret_signs_beside_the_former_one_for_a_day() {
    let (rig, receiver) = (Rig::start(), Receiver::start());
    let (id, first) = add(&rig, &receiver, &["reset.requested"]);
    let rotated = steer(&rig, &id, "rotate", &json!({}));
    let second = rotated["secret"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(rotated["webhook"]["old_secret_until"], rig.clock.now().plus_seconds(24 * HOUR).to_string());
    rig.reset(JANE);
    let came = receiver.wait_for(1).remove(0);
    let both = format!("{} {}", signature(&second, &came), signature(&first, &came));
    assert_eq!(came.header("webhook-signature"), both);
    rig.clock.advance_seconds(24 * HOUR);
    rig.reset("kenji@example.com");
    let came = receiver.wait_for(2).remove(1);
    assert_eq!(came.header("webhook-signature"), signature(&second, &came));
    assert_eq!(shown(&rig, &id)["old_secret_until"], Value::Null);
}

#[test]
fn a_ping_is_sent_on_demand_and_told_of() {
    let (rig, receiver) = (Rig::start(), Receiver::saying(vec![Say::Status(204, ""), Say::Status(500, "")]));
    let (id, secret) = add(&rig, &receiver, &["reset.requested"]);
    let tested = steer(&rig, &id, "test", &json!({}));
    assert_eq!((&tested["status"], &tested["words"]), (&json!(204), &json!("")), "{tested}");
    let came = receiver.wait_for(1).remove(0);
    assert_eq!(
        (came.kind(), came.header("webhook-signature")),
        ("webhook.ping".into(), signature(&secret, &came).as_str())
    );
    assert_eq!(came.json()["data"], json!({ "tenant": rig.sample.tenant, "webhook": id }));
    assert_eq!(steer(&rig, &id, "test", &json!({}))["status"], 500);
    assert_eq!(shown(&rig, &id)["state"], "on", "a ping is no event");
    assert_eq!(rig.audit().iter().filter(|(action, ..)| action == "webhook.test").count(), 2);
}

#[test]
fn only_public_addresses_are_called_unless_the_operator_says_so() {
    let receiver = Receiver::start();
    let strict = Rig::with(|config| config.outbound.allowed_networks.clear());
    let url = format!("http://127.0.0.1:{}/", receiver.port);
    let ask = |url: &str| json!({ "name": "x", "url": url, "events": ["*"] });
    refused(&strict.post(WEBHOOKS, &ask(&url)), 400, "Field url must be https.");
    let made = strict.post(WEBHOOKS, &ask(&format!("https://localhost:{}/", receiver.port)));
    let id = made.body["webhook"]["id"].as_str().unwrap().to_owned();
    let tested = steer(&strict, &id, "test", &json!({}));
    let words = tested["words"].as_str().unwrap();
    assert!(words.starts_with("localhost leads to ") && words.contains("which is not a public address"), "{tested}");
    let rig = Rig::with(|config| config.outbound.allowed_networks = vec!["127.0.0.1".parse().unwrap()]);
    let made = rig.post(WEBHOOKS, &ask(&url.replace("127.0.0.1", "127.0.0.2")));
    let id = made.body["webhook"]["id"].as_str().unwrap().to_owned();
    let tested = steer(&rig, &id, "test", &json!({}));
    assert!(tested["words"].as_str().unwrap().contains("leads to 127.0.0.2"), "{tested}");
    assert!(receiver.came().is_empty());
}

#[test]
fn over_https_a_receiver_must_prove_that_it_is_the_host() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let receiver = Receiver::in_tls(tls::server(vec![made.cert.der().clone()], key).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, made.cert.pem()).unwrap();
    let ask =
        json!({ "name": "x", "url": format!("https://localhost:{}/in", receiver.port), "events": ["reset.requested"] });
    let stranger = Rig::start();
    let id = ok_made(&stranger.post(WEBHOOKS, &ask));
    let words = steer(&stranger, &id, "test", &json!({}))["words"].as_str().unwrap().to_owned();
    assert!(words.starts_with("TLS with localhost failed: "), "{words}");
    let rig = Rig::with(|config| config.outbound.ca_file = Some(file));
    let id = ok_made(&rig.post(WEBHOOKS, &ask));
    rig.reset(JANE);
    assert_eq!(receiver.wait_for(1)[0].kind(), "reset.requested");
    wait_until(&rig, &id, |webhook| webhook["waiting"] == 0);
}

fn ok_made(made: &Answered) -> String {
    assert_eq!(made.status, 201, "{}", made.text);
    made.body["webhook"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn what_cannot_be_a_webhook_is_refused() {
    let rig = Rig::start();
    let good = json!({ "name": "x", "url": "https://hooks.example.com/", "events": ["reset.*"] });
    for (member, value, words) in [
        ("name", json!(" "), "Field name must have 1 to 64 characters."),
        ("name", json!("a".repeat(65)), "Field name must have 1 to 64 characters."),
        ("name", json!("a\u{7}"), "name"),
        ("url", json!("ftp://hooks.example.com/"), "Field url must be https"),
        ("url", json!("https://u@hooks.example.com/"), "Field url must be https"),
        ("events", json!([]), "Field events must have"),
        ("events", json!(["reset.gone"]), "Field events: there is no event reset.gone."),
    ] {
        let mut body = good.clone();
        body[member] = value;
        refused(&rig.post(WEBHOOKS, &body), 400, words);
    }
    for nth in 0..20 {
        assert_eq!(rig.post(WEBHOOKS, &good).status, 201, "{nth}");
    }
    refused(&rig.post(WEBHOOKS, &good), 409, "20 webhooks");
    let list = ok(&rig.get(WEBHOOKS))["items"].as_array().unwrap().clone();
    assert_eq!(list.len(), 20);
    let id = list[0]["id"].as_str().unwrap();
    ok(&rig.post(&format!("{WEBHOOKS}/{id}/remove"), &json!({})));
    assert_eq!(rig.get(&format!("{WEBHOOKS}/{id}")).status, 404);
    assert_eq!(rig.post(WEBHOOKS, &good).status, 201);
}

#[test]
fn a_webhook_at_another_address_is_tried_anew_and_records_keep_no_path() {
    let (rig, bad, good) = (Rig::start(), Receiver::saying(vec![Say::Status(500, ""); 9]), Receiver::start());
    let (id, _) = add(&rig, &bad, &["reset.requested"]);
    rig.reset(JANE);
    wait_until(&rig, &id, |webhook| webhook["state"] == "failing");
    let path = format!("{}/Pathsecret77", good.url());
    let body = json!({ "name": "Chat", "url": path, "events": ["reset.*"] });
    let changed = ok(&put(&rig, &format!("{WEBHOOKS}/{id}"), &body)).clone();
    assert_eq!((&changed["state"], &changed["name"], &changed["url"]), (&json!("on"), &json!("Chat"), &json!(path)));
    rig.clock.advance_seconds(6);
    assert_eq!(good.wait_for(1)[0].kind(), "reset.requested");
    let audit = rig.get("/api/tenantry/v1/audit").text;
    assert!(audit.contains("webhook.change") && audit.contains(&format!("127.0.0.1:{}", good.port)), "{audit}");
    assert!(!audit.contains("Pathsecret77"));
}

#[test]
fn who_reads_may_look_and_nobody_of_another_tenant_finds_anything() {
    let (rig, receiver) = (Rig::start(), Receiver::start());
    let (id, _) = add(&rig, &receiver, &["*"]);
    let reader = rig.add_member(rig.tenant(), "reader@example.com", in_system("ves-io-monitor-role"));
    let other = rig.add_tenant("another-corp");
    let stranger = rig.add_member(other, "owner@another.example", crate::people::owner());
    let one = format!("{WEBHOOKS}/{id}");
    for (path, status) in [(WEBHOOKS.to_owned(), 200), (one.clone(), 404), (format!("{one}/deliveries"), 404)] {
        assert_eq!(rig.as_token(&stranger, "GET", &path, None).status, status, "{path}");
    }
    assert_eq!(rig.as_token(&stranger, "GET", WEBHOOKS, None).body["items"], json!([]));
    for call in ["rotate", "test", "on", "off", "remove"] {
        let path = format!("{one}/{call}");
        assert_eq!(rig.as_token(&stranger, "POST", &path, Some(&json!({}))).status, 404, "{path}");
        assert_eq!(rig.as_token(&reader, "POST", &path, Some(&json!({}))).status, 403, "{path}");
    }
    assert_eq!(shown(&rig, &id)["state"], "on");
}

/// Else a token that may change, and not read, would have everything sent to itself.
#[test]
fn where_records_are_sent_is_decided_by_callers_who_may_read_them() {
    let (rig, receiver) = (Rig::start(), Receiver::start());
    let (id, _) = add(&rig, &receiver, &["user.*"]);
    let narrowed = json!({ "api_groups": ["ves-io-uam-admin-write"] });
    let asked = json!({ "name": "ci", "spec": { "type": "API_TOKEN" }, "narrowed_to": narrowed });
    let made = ok(&rig.post("/api/web/namespaces/system/api_credentials", &asked)).clone();
    let token = made["data"].as_str().unwrap();
    let terms = json!({ "name": "x", "url": receiver.url(), "events": ["*"] });
    refused(&rig.as_token(token, "POST", WEBHOOKS, Some(&terms)), 403, "ves-io-uam-admin-read");
    refused(&rig.as_token(token, "PUT", &format!("{WEBHOOKS}/{id}"), Some(&terms)), 403, "ves-io-uam-admin-read");
    ok(&rig.as_token(token, "POST", &format!("{WEBHOOKS}/{id}/off"), Some(&json!({}))));
}

#[test]
fn deliveries_are_listed_in_pages_and_forgotten_after_a_month() {
    let (rig, receiver) = (Rig::start(), Receiver::start());
    let (id, _) = add(&rig, &receiver, &["reset.requested"]);
    for nth in 0..5 {
        rig.add_user(rig.tenant(), &format!("page-{nth}@example.com"), |_| {});
        ok(&rig.reset(&format!("page-{nth}@example.com")));
    }
    receiver.wait_for(5);
    wait_until(&rig, &id, |webhook| webhook["waiting"] == 0);
    let (mut seen, mut path) = (Vec::new(), format!("{WEBHOOKS}/{id}/deliveries?limit=2"));
    loop {
        let page = ok(&rig.get(&path)).clone();
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{WEBHOOKS}/{id}/deliveries?limit=2&cursor={next}");
    }
    let mut sorted = seen.clone();
    sorted.sort_by(|one, other| other.cmp(one));
    sorted.dedup();
    assert_eq!((seen.len(), &seen), (5, &sorted), "each once, the newest first");
    let tenant = rig.tenant();
    let at = |days: i64| rig.clock.now().plus_seconds(days * 24 * HOUR);
    let forget = |before| rig.write(move |tx| tenantry::webhooks::forget_old(tx, tenant, before));
    assert!(forget(at(-1)));
    assert_eq!(deliveries(&rig, &id).len(), 5);
    assert!(forget(at(1)));
    assert_eq!(deliveries(&rig, &id).len(), 0);
    assert_eq!(rig.number("SELECT COUNT(*) FROM webhook_attempts", &[]), 0);
}
