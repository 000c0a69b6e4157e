//! All that is kept of a person, written out for administrators, on the command line and for the person.

use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use tenantry::audit::{self, Event, Outcome};
use tenantry::identity::Actor;
use tenantry::random::Random;

use crate::access::{ok, refused};
use crate::command_line::{Ended, tenantry};
use crate::erasure::{FORMER, PERSON, live};
use crate::rig::{GOOD_PASSWORD, Rig};

const EXPORT: &str = "/api/tenantry/v1/people/export";

fn actions(written: &Value, section: &str) -> Vec<String> {
    let items = written[section].as_array().unwrap().iter();
    items.map(|item| item["action"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn all_that_is_kept_of_a_person_is_written_out_and_nothing_that_opens_the_account() {
    let rig = Rig::start();
    live(&rig);
    let written = ok(&rig.post(EXPORT, &json!({ "email": PERSON.to_lowercase() }))).clone();
    let person = &written["person"];
    assert_eq!((&person["email"], &person["last_name"]), (&json!(PERSON), &json!("Quillfeather")), "{written}");
    assert_eq!((&person["former_email"], &person["keys"][0]["key"]), (&json!(FORMER), &json!("quill-by-source")));
    assert_eq!((&person["groups"], &person["credentials"].as_array().unwrap().len()), (&json!(["plume"]), &1));
    let counts = [&person["resets"], &written["mails"]].map(|section| section.as_array().unwrap().len());
    assert!(counts.iter().all(|count| *count >= 3), "{written}");
    let sign_ins = actions(&written, "sign_ins");
    assert!(sign_ins.len() >= 2 && sign_ins.iter().all(|action| action == "sign_in"), "{sign_ins:?}");
    let records = actions(&written, "records");
    for action in
        ["user.import", "address.confirm", "settings.change", "user.disable", "reset.redeem", "credential.create"]
    {
        assert!(records.iter().any(|one| one == action), "{action} in {records:?}");
    }
    assert_eq!(written["next"], Value::Null);
    for secret in ["hash", "secret", "$argon2", "/reset#", "link\""] {
        assert!(!written.to_string().contains(secret), "{secret} in {written}");
    }
    refused(&rig.post(EXPORT, &json!({ "email": "nobody@example.com" })), 404, "was not found");
    refused(&rig.post(EXPORT, &json!({ "email": PERSON, "after": "nonsense" })), 400, "after");
    assert_eq!(exports(&rig), 1);
}

fn exports(rig: &Rig) -> usize {
    rig.audit().into_iter().filter(|(action, ..)| action == "person.export").count()
}

#[test]
fn people_write_out_their_own_by_a_form_and_by_a_program() {
    let rig = Rig::start();
    live(&rig);
    // The mail of the last reset goes to the address before the change.
    let chosen = "another harbour 9920 bells";
    assert_ne!(chosen, GOOD_PASSWORD);
    assert_eq!(rig.redeem(&rig.token(FORMER, 1), chosen), 204);
    let cookie = rig.session(PERSON, chosen);
    let page = rig.send("GET", "/account", &[("Cookie", &cookie), ("Accept", "text/html")], None);
    assert!(page.text.contains(r#"action="/account/export""#), "{}", page.text);
    let by = |kind: &str, body: &str| {
        let headers = [("Cookie", cookie.as_str()), ("Content-Type", kind), ("Sec-Fetch-Site", "same-origin")];
        rig.send("POST", "/account/export", &headers, Some(body))
    };
    let (form, program) = (by("application/x-www-form-urlencoded", ""), by("application/json", "{}"));
    for own in [&form, &program] {
        assert_eq!((own.status, &own.body["person"]["email"]), (200, &json!(PERSON)), "{}", own.text);
        assert_eq!(own.header("content-disposition"), Some(r#"attachment; filename="account.json""#));
    }
    assert_eq!((exports(&rig), rig.post_open("/account/export", &json!({})).status), (2, 401));
}

/// Leaves so many records about a user.
fn leave_records(rig: &Rig, subject: &'static str, count: usize) {
    let (tenant, now, random) = (rig.tenant(), rig.clock.now(), Random::system());
    let verb = move |tx: &mut tenantry::store::Tx<'_>| {
        let actors: Vec<_> = (0..1_000)
            .map(|_| Actor {
                user: None,
                name: "test".into(),
                credential: None,
                address: Ipv4Addr::LOCALHOST.into(),
                request_id: random.uuid(now),
            })
            .collect();
        let event = |actor| Event {
            tenant,
            at: now,
            action: "user.disable",
            outcome: Outcome::Accepted,
            actor,
            subject,
            facts: json!({}),
        };
        audit::record_each(tx, &actors.iter().map(event).collect::<Vec<_>>())
    };
    for _ in 0..count / 1_000 {
        rig.write(verb.clone());
    }
}

#[test]
fn a_long_history_comes_in_pages_that_the_command_line_puts_together() {
    let rig = Rig::start();
    let email = "jane@example.com";
    leave_records(&rig, email, 12_000);
    let first = ok(&rig.post(EXPORT, &json!({ "email": email }))).clone();
    let rest = ok(&rig.post(EXPORT, &json!({ "email": email, "after": first["next"] }))).clone();
    let counts = [&first, &rest].map(|page| actions(page, "records").len());
    assert!(counts[0] >= 10_000 && counts[0] < 12_000 && counts[0] + counts[1] > 12_000, "{counts:?}");
    assert_eq!((&rest["person"], &rest["next"], exports(&rig)), (&Value::Null, &Value::Null, 1));
    let other = json!({ "email": "kenji@example.com", "after": first["next"] });
    refused(&rig.post(EXPORT, &other), 400, "not one that this listing gave you");
    let work = tempfile::tempdir().unwrap();
    let cli = |line: &[&str]| -> Ended {
        let mut command = tenantry(work.path(), line);
        let url = format!("http://{}", rig.address);
        command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", &rig.sample.api_token).output().unwrap().into()
    };
    cli(&["user", "export", email, "--out", "jane.json"]).done();
    let file = work.path().join("jane.json");
    let whole: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!((whole["person"]["email"].as_str(), whole.get("next")), (Some(email), None));
    assert!(whole["records"].as_array().unwrap().len() > 12_000);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(cli(&["user", "export", email, "--out", "jane.json"]).refused().contains("jane.json"));
    assert!(cli(&["user", "erase", email]).complaint.contains("--yes"));
    assert_eq!(rig.get(&format!("/api/tenantry/v1/users/{email}")).status, 200);
    assert!(cli(&["user", "erase", email, "--yes"]).done().contains("person:"));
    assert_eq!(rig.get(&format!("/api/tenantry/v1/users/{email}")).status, 404);
}
