//! The nine statuses of the page of `admin_reset`, each by its real cause.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;
use tenantry::people::{Kind, SignInBy};

use crate::people::{in_system, owner};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};
use crate::small_disk::SmallDisk;

const EMAIL: &str = "hello@example.com";
const JANE: &str = "jane@example.com";
const CALL: &str = "/api/web/custom/password/admin_reset";

/// The shape that real clients parse, in the three forms that a caller may ask for.
fn assert_error(rig: &Rig, answered: &Answered, status: u16, code: i64, again: impl Fn(&[(&str, &str)]) -> Answered) {
    assert_eq!(answered.status, status, "{}", answered.text);
    assert_eq!(answered.header("content-type"), Some("application/json"));
    let members: Vec<_> = answered.body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["code", "details", "message", "request_id"]);
    assert_eq!(answered.body["code"], code);
    assert!(answered.body["details"].is_array());
    assert!(answered.message().ends_with('.'), "{}", answered.text);
    assert_eq!(answered.body["request_id"].as_str(), answered.header("x-request-id"));
    assert_eq!(answered.header("retry-after").is_some(), matches!(status, 429 | 503), "{:?}", answered.headers);

    let text = again(&[("Accept", "text/plain")]);
    assert_eq!((text.status, text.header("content-type")), (status, Some("text/plain; charset=utf-8")));
    assert!(!text.text.starts_with('{') && text.text.ends_with('.'), "{}", text.text);

    let problem = again(&[("Accept", "application/problem+json")]);
    assert_eq!((problem.status, problem.header("content-type")), (status, Some("application/problem+json")));
    assert_eq!((&problem.body["status"], &problem.body["code"]), (&json!(status), &json!(code)));
    assert_eq!(problem.body["type"], "about:blank");
    assert!(problem.body["detail"].is_string() && problem.body["title"].is_string());
    assert_eq!(rig.sign_in(EMAIL, &rig.sample.user_password), 204, "a refused call kills no password");
}

/// The main call with this token, with further headers.
fn reset_as(rig: &Rig, token: &str, email: &str, further: &[(&str, &str)]) -> Answered {
    let authorization = format!("APIToken {token}");
    let mut headers = vec![("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    headers.extend(further);
    rig.send("POST", CALL, &headers, Some(&json!({ "email": email }).to_string()))
}

fn reset(rig: &Rig, email: &str, further: &[(&str, &str)]) -> Answered {
    reset_as(rig, &rig.sample.api_token, email, further)
}

#[test]
fn status_200_answers_an_empty_object_and_names_the_reset_in_a_header() {
    let rig = Rig::start();
    let answered = rig.reset(EMAIL);
    assert_eq!((answered.status, answered.text.as_str()), (200, "{}"));
    assert_eq!(answered.header("content-type"), Some("application/json"));
    let id = answered.header("tenantry-reset-id").unwrap();
    let shown = rig.get(&format!("/api/tenantry/v1/resets/{id}"));
    assert_eq!((shown.status, shown.body["email"].as_str()), (200, Some(EMAIL)));
}

#[test]
fn status_401_for_no_credential() {
    let rig = Rig::start();
    let body = json!({ "email": EMAIL }).to_string();
    let again = |further: &[(&str, &str)]| rig.send("POST", CALL, further, Some(&body));
    let answered = again(&[]);
    assert_error(&rig, &answered, 401, 16, again);
    assert_eq!(answered.header("www-authenticate"), Some("APIToken"));
}

#[test]
fn status_401_for_a_credential_that_nobody_has() {
    let rig = Rig::start();
    let unknown = format!("tny_{}", "A".repeat(43));
    for bad in ["", "x", "tny_", unknown.as_str()] {
        let again = |further: &[(&str, &str)]| reset_as(&rig, bad, EMAIL, further);
        assert_error(&rig, &again(&[]), 401, 16, again);
    }
}

#[test]
fn status_401_for_an_expired_credential() {
    let rig = Rig::start();
    let tenant = rig.tenant();
    let user = rig.add_user(tenant, "late@example.com", |new| new.grants = owner());
    let token = rig.add_token(tenant, &user, rig.clock.now().plus_seconds(60));
    assert_eq!(reset_as(&rig, &token, "jane@example.com", &[]).status, 200);
    rig.clock.advance_seconds(60);
    let again = |further: &[(&str, &str)]| reset_as(&rig, &token, EMAIL, further);
    assert_error(&rig, &again(&[]), 401, 16, again);
}

#[test]
fn status_401_for_a_revoked_credential() {
    let rig = Rig::start();
    let asked = json!({ "name": "short", "spec": { "type": "API_TOKEN" } });
    let made = rig.post("/api/web/namespaces/system/api_credentials", &asked).body;
    let token = made["data"].as_str().unwrap();
    assert_eq!(reset_as(&rig, token, "jane@example.com", &[]).status, 200);
    let revoked = rig.post("/api/web/namespaces/system/revoke/api_credentials", &json!({ "name": made["name"] }));
    assert_eq!(revoked.status, 200, "{}", revoked.text);
    let again = |further: &[(&str, &str)]| reset_as(&rig, token, EMAIL, further);
    assert_error(&rig, &again(&[]), 401, 16, again);
}

#[test]
fn status_403_for_a_caller_without_the_right() {
    let rig = Rig::start();
    let token = rig.add_member(rig.tenant(), "watch@example.com", in_system("ves-io-monitor-role"));
    let again = |further: &[(&str, &str)]| reset_as(&rig, &token, EMAIL, further);
    let answered = again(&[]);
    assert_error(&rig, &answered, 403, 7, again);
    assert_eq!(
        answered.message(),
        "watch@example.com may not do this: it needs a role with ves-io-uam-admin-write in namespace system. \
         Built-in roles with it: ves-io-uam-admin-role, ves-io-admin-role, ves-io-tenant-owner-role."
    );
}

#[test]
fn status_403_for_someone_of_higher_rank() {
    let rig = Rig::start();
    let token = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-uam-admin-role"));
    let again = |further: &[(&str, &str)]| reset_as(&rig, &token, "admin@example.com", further);
    let answered = again(&[]);
    assert_error(&rig, &answered, 403, 7, again);
    assert!(answered.message().contains("ves-io-general-read in namespace *"), "{}", answered.message());
    assert_eq!(rig.sign_in("admin@example.com", &rig.sample.admin_password), 204);
    let refused =
        rig.audit().into_iter().filter(|(action, outcome, _)| action == "reset.request" && outcome == "refused");
    assert_eq!(refused.count(), 3, "each try is on record");
}

#[test]
fn status_404_for_an_address_that_nobody_has() {
    let rig = Rig::start();
    let again = |further: &[(&str, &str)]| reset(&rig, "nobody@example.com", further);
    let answered = again(&[]);
    assert_error(&rig, &answered, 404, 5, again);
    assert_eq!(answered.message(), "User nobody@example.com was not found in this tenant.");
}

#[test]
fn status_409_for_users_without_a_password_here_and_for_disabled_ones() {
    let rig = Rig::start();
    let tenant = rig.tenant();
    rig.add_user(tenant, "sso@example.com", |new| new.sign_in_by = SignInBy::SingleSignOn);
    rig.add_user(tenant, "robot@example.com", |new| new.kind = Kind::Service);
    rig.add_user(tenant, "gone@example.com", |_| {});
    let disabled = rig.post("/api/tenantry/v1/users/disable", &json!({ "email": "gone@example.com" }));
    assert_eq!(disabled.status, 200, "{}", disabled.text);
    for (email, sentence) in [
        ("sso@example.com", "sso@example.com signs in through single sign-on, so there is no password to reset."),
        ("robot@example.com", "robot@example.com is a service user and has no password. Renew its credential instead."),
        ("gone@example.com", "gone@example.com is disabled. Enable the user first, then reset the password."),
    ] {
        let again = |further: &[(&str, &str)]| reset(&rig, email, further);
        let answered = again(&[]);
        assert_error(&rig, &answered, 409, 9, again);
        assert_eq!(answered.message(), sentence);
        assert_eq!(rig.mails(email).len(), 0);
    }
}

#[test]
fn status_429_for_the_sixth_mail_within_an_hour_where_a_mail_is_all_that_was_asked() {
    let rig = Rig::start();
    for sent in 1..=5 {
        assert_eq!(rig.reset("jane@example.com").status, 200, "mail {sent}");
        rig.wait_for_mails("jane@example.com", sent);
        rig.clock.advance_seconds(60);
    }
    let (path, body) =
        ("/api/web/custom/namespaces/system/send_password_email", json!({ "email": "jane@example.com" }));
    let authorization = rig.authorization();
    let again = |further: &[(&str, &str)]| {
        let mut headers = vec![("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
        headers.extend(further);
        rig.send("POST", path, &headers, Some(&body.to_string()))
    };
    let answered = again(&[]);
    assert_error(&rig, &answered, 429, 8, again);
    assert_eq!(answered.header("retry-after"), Some("3301"), "55 minutes, and one second to be past them");
    assert_eq!(rig.mails("jane@example.com").len(), 5);
    rig.clock.advance_seconds(3301);
    assert_eq!(again(&[]).status, 200);
}

#[test]
fn status_429_for_a_person_who_spent_their_budget() {
    let rig = Rig::start();
    rig.choose(|settings| settings.reset.budget_per_hour = 2);
    assert_eq!(rig.reset("jane@example.com").status, 200);
    assert_eq!(rig.reset("kenji@example.com").status, 200);
    let again = |further: &[(&str, &str)]| reset(&rig, EMAIL, further);
    let answered = again(&[]);
    assert_error(&rig, &answered, 429, 8, again);
    let wait: i64 = answered.header("retry-after").unwrap().parse().unwrap();
    rig.clock.advance_seconds(wait);
    assert_eq!(rig.reset(EMAIL).status, 200, "a new hour, a new budget");
}

#[test]
fn status_500_with_a_request_id_for_a_fault_of_the_store() {
    let rig = Rig::start();
    // One failure is made good by a second try on PostgreSQL, and on either engine background work may meet it first.
    rig.store.faults().fail_every_call();
    let again = |further: &[(&str, &str)]| reset(&rig, EMAIL, further);
    let answered = again(&[]);
    assert_eq!(answered.status, 500, "{}", answered.text);
    let others = [again(&[("Accept", "text/plain")]), again(&[("Accept", "application/problem+json")])];
    rig.store.faults().stop();
    let [text, problem] = &others;
    assert_error(&rig, &answered, 500, 13, |further| match further {
        [("Accept", "text/plain")] => text.clone(),
        _ => problem.clone(),
    });
    assert!(!answered.message().contains("asked for"), "the cause stays in the log: {}", answered.message());
    assert_eq!(rig.mails(EMAIL).len(), 0);
    assert_eq!(rig.reset(EMAIL).status, 200);
}

#[test]
fn status_504_when_the_deadline_passes_before_the_transaction_begins_and_then_nothing_happened() {
    let rig = Rig::with(|config| config.http.deadline_seconds = 1);
    let before = rig.audit().len();
    let held = rig.hold_writer();
    let again = |further: &[(&str, &str)]| reset(&rig, EMAIL, further);
    let answers = [again(&[]), again(&[("Accept", "text/plain")]), again(&[("Accept", "application/problem+json")])];
    held.let_go();
    let [answered, text, problem] = &answers;
    assert_error(&rig, answered, 504, 4, |further| match further {
        [("Accept", "text/plain")] => text.clone(),
        _ => problem.clone(),
    });
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(rig.mails(EMAIL).len(), 0);
    let resets = rig.audit()[before..].iter().filter(|(action, _, _)| action.starts_with("reset")).count();
    assert_eq!(resets, 0);
    assert_eq!(rig.reset(EMAIL).status, 200);
    let token = rig.token(EMAIL, 1);
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204);
}

#[test]
fn status_503_when_too_much_waits_for_the_writer() {
    // A quarter is kept for other tenants. On PostgreSQL a writer holds some requests while it waits for its turn, and
    // gives up after three seconds: this test counts the queue of the embedded engine.
    let mut rig = Rig::with(|config| (config.store.queue_max, config.store.postgres) = (20, None));
    let tenant = rig.tenant();
    let emails: Vec<String> = (0..30).map(|number| format!("crowd{number}@example.com")).collect();
    for email in &emails {
        rig.add_user(tenant, email, |_| {});
    }
    let held = rig.hold_writer();
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let rig = &rig;
        let asking: Vec<_> = emails.iter().map(|email| scope.spawn(move || rig.reset(email).status)).collect();
        let refused = Instant::now();
        while asking.iter().filter(|asked| asked.is_finished()).count() < 15 && refused.elapsed().as_secs() < 20 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let again = |further: &[(&str, &str)]| reset(rig, EMAIL, further);
        let answers =
            [again(&[]), again(&[("Accept", "text/plain")]), again(&[("Accept", "application/problem+json")])];
        held.let_go();
        let statuses = asking.into_iter().map(|asked| asked.join().unwrap()).collect();
        let [answered, text, problem] = &answers;
        assert_error(rig, answered, 503, 14, |further| match further {
            [("Accept", "text/plain")] => text.clone(),
            _ => problem.clone(),
        });
        statuses
    });
    statuses.sort_unstable();
    let done = statuses.iter().filter(|status| **status == 200).count();
    // The house's own work takes a place here and there.
    assert!((1..=15).contains(&done), "{statuses:?}");
    assert!(statuses[done..].iter().all(|status| *status == 503), "{statuses:?}");
    let resets =
        rig.audit().into_iter().filter(|(action, outcome, _)| action == "reset.request" && outcome == "accepted");
    assert_eq!(resets.count(), done, "who was refused left nothing");
    rig.stop();
}

#[test]
fn status_503_while_the_process_drains_and_what_was_begun_is_still_answered() {
    let mut rig = Rig::start();
    let held = rig.hold_writer();
    let address = rig.address;
    let head = format!("POST {CALL} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {}\r\n", rig.authorization());
    let rest = format!("Content-Length: 29\r\n\r\n{}", json!({ "email": EMAIL }));
    let (mut begun, mut late) = (TcpStream::connect(address).unwrap(), TcpStream::connect(address).unwrap());
    begun.write_all(format!("{head}{rest}").as_bytes()).unwrap();
    late.write_all(head.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    rig.begin_stop();
    while TcpStream::connect(address).is_ok() {
        std::thread::sleep(Duration::from_millis(10));
    }
    late.write_all(rest.as_bytes()).unwrap();
    let mut refused = String::new();
    late.read_to_string(&mut refused).unwrap();
    held.let_go();
    let mut answered = String::new();
    begun.read_to_string(&mut answered).unwrap();
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("\r\nretry-after: 5\r\n"), "{refused}");
    assert!(refused.contains("This server is shutting down."), "{refused}");
    assert!(answered.starts_with("HTTP/1.1 200 ") && answered.ends_with("\r\n\r\n{}"), "{answered}");
    rig.stop();
}

#[test]
fn status_503_while_the_disk_is_full_and_200_once_there_is_space() {
    let Some(disk) = SmallDisk::mount(8) else {
        eprintln!("left out: a small file system cannot be mounted here; run the suite as root, or with CAP_SYS_ADMIN");
        return;
    };
    let mut rig = Rig::at(&disk.path().join("data"), 0, |config| config.store.postgres = None);
    rig.wait_until_sealed();
    let filler = disk.fill();
    let accepted = std::cell::Cell::new(0);
    // The store's log has some space left, and again when it restarts; a few changes use it up.
    let refused = |further: &[(&str, &str)]| {
        let ask = |_| {
            rig.clock.advance_seconds(3600);
            let answered = reset(&rig, JANE, further);
            accepted.set(accepted.get() + i64::from(answered.status == 200));
            (answered.status != 200).then_some(answered)
        };
        (0..500).find_map(ask).expect("the disk is full some time")
    };
    let answers =
        [refused(&[]), refused(&[("Accept", "text/plain")]), refused(&[("Accept", "application/problem+json")])];
    assert_eq!(rig.get("/api/web/custom/namespaces/system/whoami").status, 200, "reading goes on");
    std::fs::remove_file(filler).unwrap();
    let [answered, text, problem] = &answers;
    assert_error(&rig, answered, 503, 14, |further| match further {
        [("Accept", "text/plain")] => text.clone(),
        _ => problem.clone(),
    });
    assert_eq!(
        answered.message(),
        "The store cannot be written at the moment. Nothing was changed; try again shortly."
    );
    assert_eq!(rig.number("SELECT COUNT(*) FROM resets", &[]), accepted.get(), "nothing was changed");
    assert_eq!(rig.reset(JANE).status, 200);
    rig.stop();
}
