//! A code app beside all that happens to its store: a restart and a kill in the middle of a sign-in, a backup and its restore,
//! and a move to the other engine and back.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tenantry::clock::Clock;
use tenantry::store::Store;

use crate::engine::settings_of;
use crate::keeping::{beside, call, count, run, say, session, sign_in, text, user};
use crate::keeping_well::elsewhere;
use crate::moving::place_of;
use crate::phone::Phone;
use crate::process::{Place, Process};
use crate::restore::restore_line;
use crate::wire::{Reply, Wire};

const ADMIN_RESET: &str = "/api/web/namespaces/system/user/otp/admin_reset";
const CONFIRM: &str = "/account/second-factor/confirm";
const REQUIRED: &str = "SECOND_FACTOR_REQUIRED";

/// A cookie of an answer, as a browser sends it back.
pub fn cookie(reply: &Reply, name: &str) -> Option<String> {
    let set = reply.head.lines().filter_map(|line| line.split_once(": "));
    let mut set = set.filter(|(header, _)| header.eq_ignore_ascii_case("set-cookie")).map(|(_, value)| value);
    let found = set.find(|value| value.starts_with(&format!("{name}=")) && !value.starts_with(&format!("{name}=;")))?;
    Some(found.split(';').next().unwrap().to_owned())
}

fn read(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap_or_else(|_| panic!("{reply:?}"))
}

/// The code that a phone shows so many seconds ahead of now.
fn code(phone: &Phone, ahead: i64) -> String {
    phone.code_at(Clock::system().now().plus_seconds(ahead))
}

/// Begins to set up an app in a session, of which the line of its cookie is given: its phone, and the line of both cookies.
fn begin(process: &Process, session: &str) -> (Phone, String) {
    let begun = call(process, "POST", "/account/second-factor/begin", session, &json!({}));
    let secret = read(&begun)["secret"].as_str().unwrap_or_else(|| panic!("{begun:?}")).to_owned();
    let step = cookie(&begun, "tenantry-step").unwrap();
    (Phone { secret }, format!("{}; {step}\r\n", session.trim_end()))
}

/// Sends the first code of an app; its recovery codes.
fn confirm(process: &Process, phone: &Phone, both: &str) -> Vec<String> {
    let confirmed = call(process, "POST", CONFIRM, both, &json!({ "code": code(phone, 0) }));
    let codes = read(&confirmed)["recovery_codes"].clone();
    serde_json::from_value(codes).unwrap_or_else(|_| panic!("{confirmed:?}"))
}

fn enrol(process: &Process, email: &str) -> (Phone, Vec<String>) {
    let (phone, both) = begin(process, &session(process, email));
    let codes = confirm(process, &phone, &both);
    (phone, codes)
}

fn step(process: &Process, email: &str) -> String {
    step_at(process.address, (email, process.directions.user_password.as_str()), "127.0.0.1")
}

/// A browser behind the right password, at this address behind a proxy: the cookie line of its step.
pub fn step_at(server: SocketAddr, (email, password): (&str, &str), from: &str) -> String {
    let mut fields = form_urlencoded::Serializer::new(String::new());
    let body = fields.append_pair("email", email).append_pair("password", password).finish();
    let ask = format!(
        "POST /signin HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {from}\r\nSec-Fetch-Site: same-origin\r\nAccept: text/html\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let reply = Wire::to(server).call(ask).expect("an answer");
    assert_eq!((reply.status, reply.header("location")), (303, Some("/signin/code")), "{reply:?}");
    assert_eq!(cookie(&reply, "tenantry"), None);
    format!("Cookie: {}\r\n", cookie(&reply, "tenantry-step").unwrap())
}

fn enter(process: &Process, step: &str, code: &str) -> u16 {
    call(process, "POST", "/signin/code", step, &json!({ "code": code })).status
}

fn by_code(process: &Process, email: &str, code: &str) -> u16 {
    let ask = json!({ "email": email, "password": process.directions.user_password, "code": code });
    call(process, "POST", "/signin", "", &ask).status
}

/// What the password alone does: 204, or the reason for which it does not do.
fn alone(process: &Process, email: &str) -> Result<u16, String> {
    let reply = sign_in(process, email, &process.directions.user_password);
    if reply.status == 204 { Ok(204) } else { Err(read(&reply)["details"][0]["reason"].as_str().unwrap().into()) }
}

/// How many steps of the schema of a store that no process has open bar the release before them.
fn bars(data: &std::path::Path) -> i64 {
    let store = Store::open(&settings_of(data, 4), Clock::system().now()).unwrap();
    let bars = count(&store, "SELECT COUNT(*) FROM migrations WHERE name = 'second_factors' AND runs_from = number");
    store.close();
    bars
}

#[test]
fn a_sign_in_and_an_app_that_are_half_done_go_on_behind_a_restart_and_a_kill() {
    let place = Place::new();
    let process = Process::start(&place, 3);
    let (phone, codes) = enrol(&process, &user(1));
    let half = step(&process, &user(1));
    let (new, both) = begin(&process, &session(&process, &user(2)));
    assert!(process.terminate().1);

    let process = Process::start(&place, 0);
    assert_eq!(enter(&process, &half, "000000"), 401);
    process.kill();
    let process = Process::start(&place, 0);
    assert_eq!((enter(&process, &half, &codes[0]), enter(&process, &half, &codes[1])), (204, 401), "once");
    let half = step(&process, &user(1));
    assert_eq!(enter(&process, &half, &codes[0]), 401, "it was used before the kill");
    process.kill();
    let process = Process::start(&place, 0);
    assert_eq!(enter(&process, &half, &codes[0]), 401, "and behind it");
    process.move_clock(30);
    let next = code(&phone, 30);
    assert_eq!((by_code(&process, &user(1), &next), enter(&process, &half, &next)), (204, 401));
    process.kill();

    let process = Process::start(&place, 0);
    assert_eq!(alone(&process, &user(2)), Ok(204), "half an app is none");
    assert_eq!(confirm(&process, &new, &both).len(), 10);
    process.kill();
    let process = Process::start(&place, 0);
    assert_eq!(alone(&process, &user(2)), Err(REQUIRED.into()));
    process.kill();
}

#[test]
fn a_restore_brings_back_the_apps_that_were_in_the_backup_and_no_other() {
    let place = Place::new();
    let process = Process::start(&place, 4);
    let (taken_away, later, kept) = (user(1), user(2), user(3));
    let (lost, _) = enrol(&process, &taken_away);
    let (phone, codes) = enrol(&process, &kept);
    let file = place.data().with_file_name("monday.backup");
    say(&place, &["backup", "--to", text(&file), "--data", text(&place.data())]);
    let take_away = |headers: &str, process: &Process| {
        call(process, "PUT", ADMIN_RESET, headers, &json!({ "user_email": taken_away })).status
    };
    assert_eq!(take_away(&process.authorization(), &process), 200);
    enrol(&process, &later);
    let wanted = [Ok(204), Err(REQUIRED.to_owned()), Err(REQUIRED.to_owned())];
    assert_eq!([&taken_away, &later, &kept].map(|email| alone(&process, email)), wanted);
    process.kill();

    let there = beside(&place, "restored");
    let line = [&restore_line(text(&file), text(&there))[..], &["--passwords", "keep"]].concat();
    let restored = say(&place, &line);
    let ended = restored["ended"].as_array().unwrap().iter().find(|of| of["tenant"] == "example-corp").unwrap();
    assert_eq!(ended["factors"], 2, "{restored}");
    assert_eq!(bars(&there), 1, "what an older release must not serve, it must not serve from a backup");
    let process = Process::start_at(&place, &there, 0);
    let wanted = [Err(REQUIRED.to_owned()), Ok(204), Err(REQUIRED.to_owned())];
    assert_eq!([&taken_away, &later, &kept].map(|email| alone(&process, email)), wanted);
    for used in [&code(&phone, 0), &codes[0]] {
        assert_eq!(by_code(&process, &kept, used), 401, "it may have been used since the backup");
    }
    process.move_clock(90);
    assert_eq!(
        [by_code(&process, &kept, &code(&phone, 90)), by_code(&process, &taken_away, &code(&lost, 90))],
        [204; 2]
    );
    let directions = &process.directions;
    let owner = sign_in(&process, &directions.admin_email, &directions.admin_password);
    let owner = format!("Cookie: {}\r\n", cookie(&owner, "tenantry").unwrap());
    assert_eq!(take_away(&owner, &process), 200);
    assert_eq!(alone(&process, &taken_away), Ok(204), "it is taken away again");
    process.kill();
    let line = [&restore_line(text(&file), text(&there))[..], &["--replace"]].concat();
    run(&place, &line).done();
    lets_nobody_in(&Process::start_at(&place, &there, 0), &[taken_away, later, kept]);
}

/// By default a restore ends the passwords, and the password of nobody opens an account without its app.
fn lets_nobody_in(process: &Process, users: &[String]) {
    for email in users {
        let refused = sign_in(process, email, &process.directions.user_password);
        assert!(refused.status == 401 && !refused.body.contains("SECOND_FACTOR"), "{refused:?}");
    }
}

#[test]
fn a_move_to_the_other_engine_and_back_ends_no_app_and_nothing_half_done() {
    let place = Place::new();
    let process = Process::start(&place, 3);
    let (phone, codes) = enrol(&process, &user(1));
    assert_eq!(by_code(&process, &user(1), &codes[0]), 204);
    let half = step(&process, &user(1));
    assert!(process.terminate().1);
    assert_eq!(bars(&place.data()), 1);
    let (middle, back) = (beside(&place, "middle"), beside(&place, "back"));
    let there = elsewhere(&middle);
    say(&place, &["move", "--from", &place_of(&place.data()), "--to", &there]);
    say(&place, &["move", "--from", &there, "--to", &place_of(&back)]);
    assert_eq!(bars(&back), 1, "a release that is too old for the one place is too old for the other");

    let process = Process::start_at(&place, &back, 0);
    assert_eq!(alone(&process, &user(1)), Err(REQUIRED.into()));
    assert_eq!(by_code(&process, &user(1), &codes[0]), 401, "it was used");
    process.move_clock(30);
    let next = code(&phone, 30);
    assert_eq!((enter(&process, &half, &next), by_code(&process, &user(1), &next)), (204, 401));
    assert_eq!(by_code(&process, &user(1), &codes[1]), 204);
    process.kill();
}
