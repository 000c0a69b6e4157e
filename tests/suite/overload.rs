//! More requests than the server can do: refusals are immediate and cheap, and a flood slows nobody else.

use std::collections::HashSet;
use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::connections::told;
use crate::people::{in_system, owner};
use crate::rig::{Answered, Rig, hash_at_full_cost};
use crate::wire::{Reply, Wire, request};

const CALL: &str = "/api/web/custom/password/admin_reset";
/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Requests on connections of their own, none of which waits for another.
struct Flood(Vec<thread::JoinHandle<Reply>>);

impl Flood {
    fn of(rig: &Rig, requests: impl IntoIterator<Item = String>) -> Self {
        let send = |request: String| {
            let mut wire = Wire::to(rig.address);
            thread::spawn(move || wire.call(request).expect("an answer"))
        };
        Self(requests.into_iter().map(send).collect())
    }

    /// Waits until `count` calls are answered, and checks that the others are not.
    fn wait_for_answers(&self, count: usize) {
        let began = Instant::now();
        let answered = || self.0.iter().filter(|asked| asked.is_finished()).count();
        while answered() < count && began.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(answered(), count, "of {}", self.0.len());
    }

    fn replies(self) -> Vec<Reply> {
        self.0.into_iter().map(|asked| asked.join().unwrap()).collect()
    }
}

fn with_status(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

fn is_told(retry_after: Option<&str>) -> bool {
    matches!(retry_after, Some("1" | "2" | "3"))
}

/// Every 503 says when to come again.
fn assert_told(replies: &[Reply]) {
    for reply in replies.iter().filter(|reply| reply.status == 503) {
        assert!(is_told(reply.header("retry-after")), "{reply:?}");
        assert!(reply.body.contains("Nothing was changed."), "{reply:?}");
    }
}

fn reset(token: &str, email: &str) -> String {
    request("POST", CALL, &format!("Authorization: APIToken {token}\r\n"), &json!({ "email": email }).to_string())
}

fn sign_in(rig: &Rig, email: &str) -> String {
    request("POST", "/signin", "", &json!({ "email": email, "password": rig.sample.user_password }).to_string())
}

fn probe(rig: &Rig, path: &str) -> Answered {
    rig.send("GET", path, &[], None)
}

/// A figure of the metrics; 0 when it has never been counted.
fn figure(rig: &Rig, name: &str) -> u64 {
    let text = probe(rig, "/metrics").text;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.map_or(0, |value| value.parse().unwrap())
}

/// How many were refused for this reason.
pub fn refused(rig: &Rig, reason: &str) -> u64 {
    figure(rig, &format!("tenantry_http_refused_total{{reason=\"{reason}\"}}"))
}

/// A second tenant with an owner and one user; the owner's token.
fn neighbour(rig: &Rig) -> String {
    let tenant = rig.add_tenant("neighbour");
    rig.add_user(tenant, "nina@example.net", |_| {});
    rig.add_member(tenant, "noah@example.net", owner())
}

fn crowd(rig: &Rig, count: usize) -> Vec<String> {
    let tenant = rig.tenant();
    let emails: Vec<String> = (0..count).map(|number| format!("crowd{number}@example.com")).collect();
    emails.iter().for_each(|email| drop(rig.add_user(tenant, email, |_| {})));
    emails
}

#[test]
fn a_flood_of_one_tenant_fills_its_share_and_other_tenants_are_served() {
    let mut rig = Rig::with(|config| config.http.writes_max = 8);
    let (crowd, neighbour) = (crowd(&rig, 20), neighbour(&rig));
    let held = rig.hold_writer();
    let flood = Flood::of(&rig, crowd.iter().map(|email| reset(&rig.sample.api_token, email)));
    flood.wait_for_answers(14);
    assert_eq!(refused(&rig, "tenant"), 14);
    let other = Flood::of(&rig, [reset(&neighbour, "nina@example.net")]);
    let still_refused = rig.reset(&crowd[0]);
    assert_eq!((still_refused.status, is_told(still_refused.header("retry-after"))), (503, true));
    other.wait_for_answers(0);
    held.let_go();
    assert_eq!(other.replies()[0].status, 200);
    let replies = flood.replies();
    assert_eq!((with_status(&replies, 200), with_status(&replies, 503)), (6, 14));
    assert_told(&replies);
    let waits: HashSet<_> = replies.iter().filter_map(|reply| reply.header("retry-after")).collect();
    assert_eq!(waits.len(), 3, "who is refused together is not to come back together: {waits:?}");
    assert_eq!(rig.reset(&crowd[0]).status, 200, "what was refused is taken once there is room");
    rig.stop();
}

#[test]
fn one_operation_leaves_places_to_other_operations_of_its_class() {
    // Counted by the one line in front of the embedded engine's writer.
    let mut rig = Rig::with(|config| (config.http.writes_max, config.store.postgres) = (16, None));
    let (crowd, neighbour) = (crowd(&rig, 20), neighbour(&rig));
    let held = rig.hold_writer();
    let flood = Flood::of(&rig, crowd.iter().map(|email| reset(&rig.sample.api_token, email)));
    flood.wait_for_answers(8);
    let second = Flood::of(&rig, vec![reset(&neighbour, "nina@example.net"); 5]);
    second.wait_for_answers(3);
    assert_eq!(refused(&rig, "call"), 3);
    let disable = |email: &str| {
        let headers = format!("Authorization: APIToken {neighbour}\r\n");
        request("POST", "/api/tenantry/v1/users/disable", &headers, &json!({ "email": email }).to_string())
    };
    let other_call = Flood::of(&rig, [disable("nina@example.net")]);
    thread::sleep(Duration::from_millis(50));
    other_call.wait_for_answers(0);
    held.let_go();
    assert_eq!(other_call.replies()[0].status, 200);
    assert_eq!(with_status(&second.replies(), 503), 3);
    assert_eq!(with_status(&flood.replies(), 200), 12);
    rig.stop();
}

#[test]
fn a_refused_sign_in_hashes_no_password_and_counts_no_guess() {
    // One that hashes and seven that wait; the eighth part of them is for other calls.
    let mut rig = Rig::with(|config| {
        hash_at_full_cost(config);
        (config.passwords.threads, config.passwords.queue_max) = (1, 7);
    });
    let before = rig.hashes();
    let held = rig.hold_writer();
    let flood = Flood::of(&rig, (0..26).map(|_| sign_in(&rig, "hello@example.com")));
    flood.wait_for_answers(20);
    assert_eq!((refused(&rig, "tenant"), rig.hashes()), (20, before));
    let guessed = rig.number("SELECT CAST(COALESCE(SUM(failures), 0) AS BIGINT) FROM sign_in_failures", &[]);
    assert_eq!(guessed, 0);
    held.let_go();
    let replies = flood.replies();
    assert_told(&replies);
    assert_eq!(with_status(&replies, 503), 20);
    assert!(rig.hashes() <= before + 6, "{} of 26", rig.hashes() - before);
    rig.stop();
}

#[test]
fn a_busy_server_does_not_lock_out_a_user_with_the_right_password() {
    let mut rig = Rig::with(|config| {
        hash_at_full_cost(config);
        (config.passwords.threads, config.passwords.queue_max) = (1, 1);
    });
    for _ in 0..3 {
        let flood = Flood::of(&rig, (0..16).map(|_| sign_in(&rig, "hello@example.com")));
        let replies = flood.replies();
        assert!(replies.iter().all(|reply| matches!(reply.status, 204 | 503)), "{replies:?}");
        assert_eq!(rig.sign_in("hello@example.com", &rig.sample.user_password), 204);
        rig.clock.advance_seconds(3600);
    }
    rig.stop();
}

#[test]
fn forbidden_calls_cannot_flood_the_writer_with_refusal_records() {
    let mut rig = Rig::with(|config| config.http.writes_max = 4);
    let token = rig.add_member(rig.tenant(), "watch@example.com", in_system("ves-io-monitor-role"));
    let neighbour = neighbour(&rig);
    let held = rig.hold_writer();
    let flood = Flood::of(&rig, vec![reset(&token, "hello@example.com"); 10]);
    flood.wait_for_answers(7);
    let other = Flood::of(&rig, [reset(&neighbour, "nina@example.net")]);
    held.let_go();
    assert_eq!(other.replies()[0].status, 200);
    let replies = flood.replies();
    assert_eq!((with_status(&replies, 403), with_status(&replies, 503)), (3, 7));
    assert_told(&replies);
    let on_record = rig.number("SELECT COUNT(*) FROM audit WHERE action = 'access.refuse'", &[]);
    assert_eq!(on_record, 3, "who heard that they may not is on record");
    rig.stop();
}

#[test]
fn what_is_past_its_deadline_is_not_hashed() {
    let mut rig = Rig::with(|config| config.http.deadline_seconds = 1);
    let before = rig.hashes();
    let held = rig.hold_writer();
    assert_eq!(rig.sign_in("hello@example.com", &rig.sample.user_password), 504);
    assert_eq!((rig.hashes(), refused(&rig, "deadline")), (before, 1));
    held.let_go();
    rig.stop();
}

#[test]
fn an_address_that_used_up_its_allowance_is_told_before_its_body_is_read() {
    let rig = Rig::with(|config| config.http.body_seconds = 60);
    for path in ["/signin", "/reset", "/reset/open", "/forgot"] {
        rig.clock.advance_seconds(10 * 3600);
        for _ in 0..60 {
            assert_eq!(rig.post_open(path, &json!({})).status, 400, "{path}");
        }
        let head = format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n");
        let said = told(&rig, format!("{head}Content-Length: 9000\r\n\r\n{{").as_bytes());
        assert!(said.starts_with("HTTP/1.1 429 ") && said.contains("\r\nretry-after: "), "{path}: {said}");
    }
    assert_eq!(refused(&rig, "rate"), 4);
}

#[test]
fn a_body_that_does_not_come_takes_no_place() {
    let mut rig = Rig::with(|config| {
        hash_at_full_cost(config);
        (config.http.writes_max, config.http.body_seconds) = (4, 60);
        (config.passwords.threads, config.passwords.queue_max) = (1, 1);
    });
    let mut stalled = Vec::new();
    for path in [CALL, "/signin"] {
        for _ in 0..20 {
            let mut stream = TcpStream::connect(rig.address).unwrap();
            let authorization = rig.authorization();
            let head = format!("POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: {authorization}\r\n");
            let body = "Content-Type: application/json\r\nContent-Length: 9000\r\n\r\n{";
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
            stalled.push(stream);
        }
    }
    assert_eq!(rig.reset("jane@example.com").status, 200);
    assert_eq!(rig.sign_in("hello@example.com", &rig.sample.user_password), 204);
    drop(stalled);
    rig.stop();
}

#[test]
fn probes_are_answered_while_every_place_is_taken() {
    // Counted by the one line in front of the embedded engine's writer.
    let mut rig = Rig::with(|config| {
        hash_at_full_cost(config);
        (config.http.writes_max, config.store.postgres) = (1, None);
        (config.passwords.threads, config.passwords.queue_max) = (1, 1);
    });
    rig.wait_until_sealed();
    let held = rig.hold_writer();
    let flood = Flood::of(&rig, [reset(&rig.sample.api_token, "kenji@example.com")]);
    let sign_ins = Flood::of(&rig, (0..2).map(|_| sign_in(&rig, "hello@example.com")));
    let began = Instant::now();
    while figure(&rig, "tenantry_store_waiting") < 3 && began.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!((rig.reset("jane@example.com").status, rig.sign_in("hello@example.com", "x")), (503, 503));
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(probe(&rig, path).status, 200, "{path}");
    }
    assert_eq!(rig.get("/api/web/custom/namespaces/system/whoami").status, 200, "reading goes on");
    assert!(refused(&rig, "places") >= 2);
    held.let_go();
    assert_eq!(flood.replies()[0].status, 200);
    assert_eq!(with_status(&sign_ins.replies(), 204), 2);
    rig.stop();
}
