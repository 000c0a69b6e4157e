//! The erasure of a person: what is gone at once, what is rewritten in slices, what is left to be found, and that the records still
//! verify.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tenantry::params;

use crate::access::{make_group, ok, refused};
use crate::engine::database_of;
use crate::imports::{bring, line};
use crate::operator::data;
use crate::people::{in_system, owner};
use crate::postgres::server;
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

pub const ERASE: &str = "/api/tenantry/v1/people/erase";
pub const VERIFY: &str = "/api/tenantry/v1/audit/verify";
const USERS: &str = "/api/tenantry/v1/users";
pub const PERSON: &str = "Xaverine.Quillfeather@import.example";
pub const FORMER: &str = "quill-of-old@import.example";
/// By what the person would be found, in lower case.
const MARKS: [&str; 5] = ["xaverine", "quillfeather", "quill-of-old", "quill-by-source", "zephyrtoken"];
pub const UNDER_WAY: &str = "SELECT COUNT(*) FROM erasures_under_way";

pub fn erase(rig: &Rig, email: &str) -> Answered {
    rig.post(ERASE, &json!({ "email": email }))
}

/// Erases a person to the end; the pseudonym.
pub fn erase_wholly(rig: &Rig, email: &str) -> String {
    let pseudonym = ok(&erase(rig, email))["pseudonym"].as_str().unwrap().to_owned();
    let_go_on(rig);
    pseudonym
}

/// Waits until every erasure is over. What was under way when one began has a minute to end.
pub fn let_go_on(rig: &Rig) {
    rig.wait_until_none("SELECT COUNT(*) FROM erasures_under_way WHERE SUBSTR(place, 1, 1) < $1", &params![&[2u8]]);
    rig.clock.advance_seconds(61);
    rig.wait_until_none(UNDER_WAY, &[]);
}

pub fn verified(rig: &Rig) -> Value {
    rig.wait_until_sealed();
    let verdict = ok(&rig.get(VERIFY)).clone();
    assert_eq!(verdict["sound"], true, "{verdict}");
    verdict
}

/// The files of a store in which one of these is found, in any case of letters; the mailbox of the dev mode stands for the world.
pub fn holders(data: &Path, marks: &[&str]) -> Vec<(PathBuf, String)> {
    if let Some(url) = database_of(data) {
        server().dump(&url, &data.join("database.sql")).unwrap();
    }
    let files = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.is_file() && !path.ends_with("mailbox.jsonl"));
    files.flat_map(|file| held(&file, marks)).collect()
}

fn held(file: &Path, marks: &[&str]) -> Vec<(PathBuf, String)> {
    let bytes = std::fs::read(file).unwrap().to_ascii_lowercase();
    let is_in = |mark: &&&str| bytes.windows(mark.len()).any(|window| window == mark.as_bytes());
    marks.iter().filter(is_in).map(|mark| (file.to_owned(), (*mark).to_owned())).collect()
}

fn after_a_second(rig: &Rig) {
    rig.clock.advance_seconds(1);
}

/// A person of whom something stands wherever something can: brought by an import, moved to another address, who has acted upon
/// others, upon whom others have acted, with sessions, links, a token, groups and names that were others before.
pub fn live(rig: &Rig) {
    let key =
        json!({ "first_name": "Xaverine", "last_name": "Q", "keys": ["csv:quill-by-source"], "groups": ["plume"] });
    assert_eq!(make_group(rig, "plume", &[], &[]).status, 200);
    bring(rig, &json!({}), &[vec![line(FORMER, &key), line("other@import.example", &json!({}))]]);
    let changed =
        json!({ "first_name": "Xaverine", "last_name": "Quill", "keys": ["csv:quill-by-source"], "groups": ["plume"] });
    bring(rig, &json!({ "update": ["names"] }), &[vec![line(FORMER, &changed)]]);
    ok(&rig.reset(FORMER));
    assert_eq!(rig.redeem(&rig.token(FORMER, 1), GOOD_PASSWORD), 204);
    after_a_second(rig);
    ok(&rig.post(&format!("{USERS}/{FORMER}/email"), &json!({ "email": PERSON })));
    assert_eq!(rig.post_open("/email", &json!({ "token": rig.token(PERSON, 1), "agreed": "yes" })).status, 204);
    after_a_second(rig);
    rig.give(PERSON, in_system("ves-io-admin-role"));
    act(rig);
    be_acted_upon(rig);
    rig.let_background_rest();
}

fn act(rig: &Rig) {
    let cookie = rig.session(PERSON, GOOD_PASSWORD);
    let in_session = |method: &str, path: &str, body: &Value| {
        let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
        rig.send(method, path, &headers, Some(&body.to_string()))
    };
    let names = json!({ "first_name": "Xaverine", "last_name": "Quillfeather" });
    ok(&in_session("PUT", "/api/web/namespaces/system/user/settings", &names));
    let token =
        json!({ "name": "zephyrtoken", "namespace": "system", "expiration_days": 3, "spec": { "type": "API_TOKEN" } });
    let made = in_session("POST", "/api/web/namespaces/system/api_credentials", &token);
    let token = ok(&made)["data"].as_str().unwrap().to_owned();
    for verb in ["disable", "enable"] {
        let body = json!({ "email": "other@import.example" });
        ok(&rig.as_token(&token, "POST", &format!("{USERS}/{verb}"), Some(&body)));
    }
    ok(&rig.as_token(
        &token,
        "POST",
        "/api/web/custom/password/admin_reset",
        Some(&json!({ "email": "other@import.example" })),
    ));
    assert_eq!(rig.sign_in(PERSON, "not the password at all"), 401);
    assert_eq!(rig.post_open("/forgot", &json!({ "email": PERSON })).status, 200);
    assert_eq!(rig.post_open("/forgot", &json!({ "email": FORMER })).status, 200);
    let made = rig.as_token(&token, "POST", "/api/web/namespaces", Some(&json!({ "metadata": { "name": "plumes" } })));
    ok(&made);
    rig.let_background_rest();
}

fn be_acted_upon(rig: &Rig) {
    after_a_second(rig);
    let roles = [json!({ "namespace": "system", "role": "ves-io-monitor-role" })];
    let replaced = json!({ "email": PERSON, "first_name": "Xaverine", "last_name": "Quillfeather",
                           "namespace_roles": roles });
    let path = "/api/web/custom/namespaces/system/user_roles";
    ok(&rig.as_token(&rig.sample.api_token, "PUT", path, Some(&replaced)));
    let body = json!({ "email": PERSON });
    ok(&rig.post(&format!("{USERS}/disable"), &body));
    ok(&rig.post(&format!("{USERS}/enable"), &body));
    ok(&rig.reset(PERSON));
    let wished = json!({ "email": "wish-of-xaverine@import.example" });
    ok(&rig.post(&format!("{USERS}/{PERSON}/email"), &wished));
}

/// A backup made by the command line.
fn backup(rig: &Rig, name: &str) -> PathBuf {
    let (data, file) = (data(rig), data(rig).with_extension(name));
    let to = file.to_str().unwrap();
    let line = vec!["backup", "--to", to, "--force", "--data", data.to_str().unwrap()];
    let mut command = crate::command_line::tenantry(&data, &line);
    command.envs(database_of(&data).map(|url| ("TENANTRY_STORE_POSTGRES", url)));
    crate::command_line::Ended::from(command.output().unwrap()).done();
    file
}

#[test]
fn nothing_of_a_person_is_found_in_the_store_nor_in_a_backup_made_afterwards_and_the_records_verify() {
    let rig = Rig::start();
    live(&rig);
    let before = verified(&rig);
    let found = backup(&rig, "before");
    for mark in MARKS {
        assert!(!held(&found, &[mark]).is_empty(), "{mark} stands nowhere, so that it is not found proves nothing");
    }
    let pseudonym = erase_wholly(&rig, PERSON);
    assert_eq!(holders(&data(&rig), &MARKS), []);
    assert_eq!(held(&backup(&rig, "after"), &MARKS), []);
    let after = verified(&rig);
    assert!(after["erased"].as_i64().unwrap() > 15, "{after}");
    assert!(after["sentence"].as_str().unwrap().contains("from which a person was erased"), "{after}");
    assert!(after["records"].as_i64() > before["records"].as_i64());
    for (statement, least) in [
        ("SELECT COUNT(*) FROM resets WHERE email = $1", 3),
        ("SELECT COUNT(*) FROM resets WHERE requested_by = $1", 1),
        ("SELECT COUNT(*) FROM namespaces WHERE created_by = $1", 1),
        ("SELECT COUNT(*) FROM audit WHERE actor = $1 AND address = ''", 5),
        ("SELECT COUNT(*) FROM audit WHERE subject = $1", 10),
    ] {
        assert!(rig.number(statement, &params![&pseudonym]) >= least, "{statement}");
    }
    let told = ok(&rig.get(&format!("/api/tenantry/v1/audit?action=person.erase&subject={pseudonym}"))).clone();
    let steps: Vec<_> = told["items"].as_array().unwrap().iter().map(|item| &item["facts"]["step"]).collect();
    assert!(steps[0] == &json!("ended") && steps.contains(&&json!("begun")), "{told}");
    assert_eq!(told["items"][0]["facts"]["records"], after["erased"]);
    std::fs::remove_file(found).unwrap();
    std::fs::remove_file(data(&rig).with_extension("after")).unwrap();
}

#[test]
fn who_may_erase_whom_is_asked_and_whom_nobody_may() {
    let rig = Rig::start();
    let admin = rig.add_member(rig.tenant(), "clerk@example.com", in_system("ves-io-uam-admin-role"));
    let reader = rig.add_member(rig.tenant(), "reader@example.com", in_system("ves-io-default-role"));
    rig.add_member(rig.tenant(), "owner@example.com", owner());
    rig.add_user(rig.tenant(), "robot@example.com", |new| new.kind = tenantry::people::Kind::Service);
    let by = |token: &str, email: &str| rig.as_token(token, "POST", ERASE, Some(&json!({ "email": email })));
    refused(&erase(&rig, "owner@example.com"), 403, "Hand the tenant over");
    refused(&erase(&rig, rig.sample.admin_email), 409, "You cannot erase yourself");
    refused(&erase(&rig, "robot@example.com"), 409, "no person");
    refused(&erase(&rig, "nobody@example.com"), 404, "was not found");
    refused(&rig.post(ERASE, &json!({})), 400, "email");
    assert_eq!(by(&reader, "jane@example.com").status, 403);
    rig.give("jane@example.com", in_system("ves-io-admin-role"));
    refused(&by(&admin, "jane@example.com"), 403, "which you do not have");
    assert_eq!(rig.number("SELECT COUNT(*) FROM erasures", &[]), 0);
    ok(&erase(&rig, "jane@example.com"));
    refused(&erase(&rig, "jane@example.com"), 404, "was not found");
    let cookie = rig.session(rig.sample.admin_email, rig.sample.admin_password.as_str());
    rig.clock.advance_seconds(16 * 60);
    let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
    let stale = rig.send("POST", ERASE, &headers, Some(r#"{"email":"kenji@example.com"}"#));
    assert_eq!((stale.status, &stale.body["details"][0]["reason"]), (403, &json!("PROVE_AGAIN")), "{}", stale.text);
}

#[test]
fn one_byte_changed_in_an_erased_record_is_found() {
    let rig = Rig::start();
    ok(&rig.post(&format!("{USERS}/disable"), &json!({ "email": "jane@example.com" })));
    let pseudonym = erase_wholly(&rig, "jane@example.com");
    verified(&rig);
    let is_found = |change: &str, back: &str, of: &str| {
        rig.tamper(&format!("UPDATE audit SET {change} WHERE {of}"));
        let verdict = ok(&rig.get(VERIFY)).clone();
        assert_eq!((&verdict["sound"], &verdict["fault"]["what"]), (&json!(false), &json!("changed")), "{change}");
        rig.tamper(&format!("UPDATE audit SET {back} WHERE {of}"));
        assert_eq!(verified(&rig)["sound"], true);
    };
    let of = format!("action = 'user.disable' AND subject = '{pseudonym}'");
    is_found("outcome = 'Accepted'", "outcome = 'accepted'", &of);
    is_found("at = at + 1", "at = at - 1", &of);
    // Who vouches for a record cannot be another record that happens to be there.
    let voucher = "(SELECT MAX(a.id) FROM audit a WHERE a.action = 'person.erase' AND a.facts LIKE '%rewritten%')";
    let begun = "(SELECT MAX(a.id) FROM audit a WHERE a.action = 'person.erase' AND a.facts LIKE '%begun%')";
    if !crate::engine::is_postgres() {
        is_found(&format!("erased_by = {begun}"), &format!("erased_by = {voucher}"), &of);
        is_found("erased_by = NULL", &format!("erased_by = {voucher}"), &of);
    }
    // Nor can a record that vouches be made to vouch for something else.
    let of = "action = 'person.erase' AND facts LIKE '%rewritten%'";
    is_found(
        "facts = REPLACE(facts, 'signature', 'Signature')",
        "facts = REPLACE(facts, 'Signature', 'signature')",
        of,
    );
}

#[test]
fn an_address_comes_again_as_another_user_while_the_erasure_goes_on() {
    let rig = Rig::start();
    let email = "jane@example.com";
    ok(&rig.post(&format!("{USERS}/disable"), &json!({ "email": email })));
    let pseudonym = ok(&erase(&rig, email))["pseudonym"].as_str().unwrap().to_owned();
    rig.clock.advance_seconds(1);
    let new = json!({ "email": email, "first_name": "J", "last_name": "R", "namespace_roles": [] });
    ok(&rig.post("/api/web/custom/namespaces/system/user_roles", &new));
    let_go_on(&rig);
    verified(&rig);
    let subject = |action: &str| {
        rig.audit()
            .into_iter()
            .filter(|(recorded, ..)| recorded == action)
            .map(|(_, _, subject)| subject)
            .collect::<Vec<_>>()
    };
    assert_eq!((subject("user.create"), subject("user.disable")), (vec![email.to_owned()], vec![pseudonym]));
    assert_eq!(rig.redeem(&rig.token(email, 1), GOOD_PASSWORD), 204);
    assert_eq!(rig.sign_in(email, GOOD_PASSWORD), 204);
    let history = ok(&rig.get(&format!("/api/tenantry/v1/resets?email={email}"))).clone();
    assert_eq!(history["items"].as_array().unwrap().len(), 1, "nothing of the person before: {history}");
}

#[test]
fn who_was_removed_before_is_erased_too_and_a_neighbour_with_a_longer_address_is_left_alone() {
    let rig = Rig::start();
    let neighbour = "mary-jane@example.com";
    rig.add_user(rig.tenant(), neighbour, |_| {});
    for email in ["jane@example.com", neighbour] {
        ok(&rig.post(&format!("{USERS}/disable"), &json!({ "email": email })));
    }
    let removed = json!({ "email": "jane@example.com" });
    ok(&rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &removed));
    let pseudonym = erase_wholly(&rig, "JANE@example.com");
    verified(&rig);
    let subjects: Vec<_> =
        rig.audit().into_iter().filter(|(action, ..)| action.starts_with("user.")).map(|(.., of)| of).collect();
    assert_eq!(subjects.iter().filter(|of| **of == pseudonym).count(), 2, "{subjects:?}");
    assert_eq!(subjects.iter().filter(|of| **of == neighbour).count(), 1, "{subjects:?}");
}

#[test]
fn killed_between_any_two_slices_it_goes_on_and_the_records_verify_after_each() {
    let data = tempfile::tempdir().unwrap();
    let mut rig = Rig::at(data.path(), 0, |_| {});
    let token = rig.sample.api_token.clone();
    // More records than one slice looks at, and more of the person than one rewrites.
    for nth in 0..1_300 {
        let verb = if nth % 2 == 0 { "disable" } else { "enable" };
        let email = if nth % 3 == 0 { "kenji@example.com" } else { "jane@example.com" };
        ok(&rig.as_token(&token, "POST", &format!("{USERS}/{verb}"), Some(&json!({ "email": email }))));
        rig.clock.advance_seconds(1);
    }
    let of_jane = "SELECT COUNT(*) FROM audit WHERE subject = 'jane@example.com'";
    let begin = rig.number(of_jane, &[]);
    ok(&erase(&rig, "jane@example.com"));
    let (mut left, mut steps) = (begin, 0);
    while left > 0 {
        // The next process does what this one has left.
        rig.restart(data.path(), |_| {});
        for _ in 0..500 {
            if rig.number(of_jane, &[]) < left {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        left = rig.number(of_jane, &[]);
        steps += 1;
        verified(&rig);
    }
    let_go_on(&rig);
    let verdict = verified(&rig);
    assert_eq!(verdict["erased"], begin, "{verdict}");
    eprintln!("{begin} records in {steps} lives of the server");
    rig.stop();
}

#[test]
fn each_call_into_the_store_that_fails_meanwhile_is_overcome() {
    let rig = Rig::start();
    live(&rig);
    ok(&erase(&rig, PERSON));
    for call in 1..60 {
        rig.store.faults().fail_call(call);
        std::thread::sleep(std::time::Duration::from_millis(3));
        rig.store.faults().stop();
    }
    let_go_on(&rig);
    assert_eq!(holders(&data(&rig), &MARKS), []);
    verified(&rig);
}
