//! Many passwords at once: planned, looked at, agreed to, ended in order, and mailed when they are released.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::params;

use crate::access::{make_group, ok, refused};
use crate::bulk::{reasons, records};
use crate::people::{in_system, owner};
use crate::phone;
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

pub const INCIDENTS: &str = "/api/tenantry/v1/incidents";
const JANE: &str = "jane@example.com";

/// An incident of one user.
pub fn of_jane() -> Value {
    json!({ "name": "Jane's laptop", "emails": [JANE] })
}

/// The same, whose mail is held.
pub fn of_jane_held() -> Value {
    json!({ "name": "Jane's laptop", "emails": [JANE], "hold": true })
}

/// Declares an incident by a token whose list is begun, and not complete; its id.
pub fn listing(rig: &Rig, token: &str) -> String {
    let declared =
        rig.as_token(token, "POST", INCIDENTS, Some(&json!({ "name": "List", "lines": true, "emails": [JANE] })));
    assert_eq!(declared.status, 201, "{}", declared.text);
    declared.body["id"].as_str().unwrap().to_owned()
}

/// Declares an incident by a token, and waits until all its users are found; its id.
pub fn planned(rig: &Rig, token: &str, terms: &Value) -> String {
    let begun = rig.as_token(token, "POST", INCIDENTS, Some(terms));
    assert_eq!(begun.status, 201, "{}", begun.text);
    let id = begun.body["id"].as_str().unwrap().to_owned();
    assert_eq!(begun.header("location"), Some(format!("{INCIDENTS}/{id}").as_str()));
    let made = wait_while_as(rig, token, &id, &["planning"]);
    assert_eq!(made["state"], "planned", "{made}");
    id
}

/// What is shown of it.
pub fn shown(rig: &Rig, id: &str) -> Value {
    let answered = rig.get(&format!("{INCIDENTS}/{id}"));
    ok(&answered);
    answered.body
}

/// Waits while it is in one of these states; what is shown of it then.
pub fn wait_while(rig: &Rig, id: &str, states: &[&str]) -> Value {
    wait_while_as(rig, &rig.sample.api_token, id, states)
}

/// The same in the tenant of a token.
fn wait_while_as(rig: &Rig, token: &str, id: &str, states: &[&str]) -> Value {
    for _ in 0..6_000 {
        let found = rig.as_token(token, "GET", &format!("{INCIDENTS}/{id}"), None).body;
        if !states.contains(&found["state"].as_str().unwrap()) {
            return found;
        }
        sleep(Duration::from_millis(10));
    }
    panic!("it is so still: {}", shown(rig, id));
}

/// Lets seconds of the clock go by until all mails have left; what is shown of it then. Many leave only as the clock goes on.
pub fn wait_until_mailed(rig: &Rig, id: &str) -> Value {
    for _ in 0..6_000 {
        let found = shown(rig, id);
        if found["state"] != "mailing" {
            return found;
        }
        rig.clock.advance_seconds(1);
        sleep(Duration::from_millis(10));
    }
    panic!("its mails have not left: {}", shown(rig, id));
}

/// Begins a plan as it is shown.
pub fn start(rig: &Rig, token: &str, id: &str) -> Answered {
    rig.as_token(token, "POST", &format!("{INCIDENTS}/{id}/start"), Some(&start_of(rig, id)))
}

/// The same, though other users match by now.
pub fn start_whatever_came(rig: &Rig, token: &str, id: &str) -> Answered {
    let mut body = start_of(rig, id);
    body["accept_drift"] = json!(true);
    rig.as_token(token, "POST", &format!("{INCIDENTS}/{id}/start"), Some(&body))
}

fn start_of(rig: &Rig, id: &str) -> Value {
    let plan = shown(rig, id)["plan"].clone();
    json!({ "plan": plan["digest"], "users": plan["users"] })
}

pub fn act(rig: &Rig, id: &str, verb: &str, body: &Value) -> Answered {
    rig.post(&format!("{INCIDENTS}/{id}/{verb}"), body)
}

/// Plans an incident by the owner's token and begins it; its id.
pub fn begun(rig: &Rig, terms: &Value) -> String {
    let token = rig.sample.api_token.clone();
    let id = planned(rig, &token, terms);
    ok(&start(rig, &token, &id));
    id
}

/// What has become of each user, by address.
pub fn outcomes(rig: &Rig, id: &str) -> BTreeMap<String, String> {
    let page = rig.get(&format!("{INCIDENTS}/{id}/people?limit=1000"));
    let one = |one: &Value| Some((one["email"].as_str()?.to_owned(), one["outcome"].as_str()?.to_owned()));
    page.body["items"].as_array().unwrap().iter().filter_map(one).collect()
}

/// Brings a plan to where an operation has something to do; the body with which it does it.
pub fn ready(rig: &Rig, operation: &str, id: &str) -> Option<Value> {
    let hold = || {
        ok(&start(rig, &rig.sample.api_token, id));
        wait_while(rig, id, &["ending"]);
    };
    match operation.strip_prefix("tenantry.incidents.")? {
        "start" => Some(start_of(rig, id)),
        verb @ ("agree" | "decline") => {
            asked_by_another(rig, id);
            let agrees = verb == "agree";
            Some(if agrees {
                json!({ "plan": shown(rig, id)["plan"]["digest"] })
            } else {
                json!({ "why": "Not today." })
            })
        }
        "pause" | "release" => {
            hold();
            Some(json!({}))
        }
        "retry" => {
            hold();
            ok(&act(rig, id, "release", &json!({})));
            wait_while(rig, id, &["mailing"]);
            Some(json!({}))
        }
        "evidence" => {
            hold();
            Some(json!({ "emails": "hidden" }))
        }
        "remind" => {
            hold();
            ok(&act(rig, id, "change", &json!({ "pace_per_minute": 0 })));
            ok(&act(rig, id, "release", &json!({})));
            wait_while(rig, id, &["mailing"]);
            rig.clock.advance_seconds(3_601);
            Some(json!({}))
        }
        "go_on" => {
            hold();
            ok(&act(rig, id, "pause", &json!({})));
            Some(json!({}))
        }
        _ => None,
    }
}

/// Lets another owner have asked for a second person, who may agree by a token.
fn asked_by_another(rig: &Rig, id: &str) {
    rig.choose(|settings| settings.reset.incident_agree_by_token = true);
    let (tenant, now, id) = (rig.tenant(), rig.clock.now(), uuid::Uuid::parse_str(id).unwrap());
    rig.add_member(tenant, "asker@example.com", owner());
    let asked = "UPDATE incidents SET asked_at = $3, credential = NULL, actor = (SELECT id FROM users WHERE tenant = $1
        AND email_key = 'asker@example.com'), session_epoch = 0 WHERE tenant = $1 AND id = $2";
    rig.write(move |tx| tx.run(asked, &params![tenant, &id, now]).map(drop));
}

/// Users of every standing, whom the filter `crew` finds; the token of the helper among them.
fn crew(rig: &Rig) -> String {
    let tenant = rig.tenant();
    for email in ["crew-a@example.com", "crew-b@example.com", "crew-c@example.com"] {
        rig.add_user(tenant, email, |_| {});
    }
    ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": "crew-b@example.com" })));
    rig.add_member(tenant, "crew-boss@example.com", owner());
    rig.add_member(tenant, "crew-chief@example.com", in_system("ves-io-admin-role"));
    rig.add_member(tenant, "crew-helper@example.com", in_system("ves-io-uam-admin-role"))
}

fn sleep_a_little() {
    sleep(Duration::from_millis(1_500));
}

#[test]
fn a_plan_changes_nothing_and_tells_whom_it_leaves_out_and_why() {
    let rig = Rig::start();
    let helper = crew(&rig);
    let terms = json!({ "name": "Crew", "filter": { "q": "crew" }, "except": ["crew-c@example.com"], "include_me": false,
        "include_disabled": false });
    let before = rig.audit().len();
    let id = planned(&rig, &helper, &terms);
    let plan = shown(&rig, &id)["plan"].clone();
    assert_eq!(plan["users"], 1, "{plan}");
    let left_out = [("above_rank", 2), ("disabled", 1), ("excepted", 1), ("yourself", 1)];
    assert_eq!(reasons(&plan["left_out"]), left_out.map(|(reason, users)| (reason.to_owned(), users)).into());
    assert_eq!(rig.audit().len(), before + 1, "the one record of the plan");
    assert_eq!(outcomes(&rig, &id).values().filter(|outcome| *outcome == "left_out").count(), 5);

    // By the owner's rights all of them, in the order in which their passwords end.
    let id = planned(&rig, &rig.sample.api_token.clone(), &json!({ "name": "Crew", "filter": { "q": "crew" } }));
    let plan = shown(&rig, &id)["plan"].clone();
    let class = |class: &Value| (class["class"].as_str().unwrap().to_owned(), class["users"].as_i64().unwrap());
    let classes: Vec<_> = plan["classes"].as_array().unwrap().iter().map(class).collect();
    let wanted = [("owners", 1), ("administrators", 2), ("others", 3)];
    assert_eq!(classes, wanted.map(|(class, users)| (class.to_owned(), users)));
    assert_eq!((&plan["disabled"], &plan["users"]), (&json!(1), &json!(6)));
    let refusal = rig.post(INCIDENTS, &json!({ "name": "Nobody" }));
    refused(&refusal, 400, "choose nobody");
}

#[test]
fn passwords_end_in_the_order_of_rank_each_with_one_record_and_the_person_who_acts_comes_last() {
    let rig = Rig::start();
    crew(&rig);
    let session = rig.session(JANE, &rig.sample.user_password);
    let id = begun(&rig, &json!({ "name": "Everyone", "all": true, "pace_per_minute": 0 }));
    let ended = wait_while(&rig, &id, &["ending", "mailing"]);
    assert_eq!(ended["progress"]["sessions_ended"], 1, "{ended}");
    let users = ended["plan"]["users"].as_i64().unwrap();
    assert_eq!(ended["progress"]["ended"], users);
    let who = rig.send("GET", "/api/web/custom/namespaces/system/whoami", &[("Cookie", &session)], None);
    assert_eq!((who.status, rig.sign_in(JANE, &rig.sample.user_password)), (401, 401));

    let kept = rig.get("/api/tenantry/v1/audit?action=reset.request&limit=1000").body;
    let mut items: Vec<Value> = kept["items"].as_array().unwrap().to_vec();
    items.reverse();
    let subjects: Vec<_> = items.iter().map(|item| item["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects.first(), Some(&"crew-boss@example.com"));
    assert_eq!(subjects.last(), Some(&rig.sample.admin_email));
    for item in &items {
        assert_eq!((&item["facts"]["incident"], &item["facts"]["kind"]), (&json!(id), &json!("incident")), "{item}");
        let reset = item["facts"]["reset"].as_str().unwrap().replace('-', "");
        assert_eq!(item["id"], reset, "a second one would meet the first");
    }
    assert_eq!(items.len() as i64, users - 1);
    let alone = records(&rig, "reset.end_password");
    assert_eq!(
        alone,
        [("crew-b@example.com".to_owned(), 1)].into(),
        "the password of a disabled user ends without a link"
    );
    for step in ["incident.declare", "incident.start", "incident.end", "incident.mail"] {
        assert_eq!(records(&rig, step).get(&id), Some(&1), "{step}");
    }
    // Mails leave at once unless they are held, and the link is the only way in.
    let token = rig.token(JANE, 1);
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204);
    assert_eq!(rig.sign_in(JANE, GOOD_PASSWORD), 204);
    assert_eq!(outcomes(&rig, &id)[JANE], "redeemed");
    assert_eq!(outcomes(&rig, &id)["crew-b@example.com"], "ended");
    rig.wait_until_sealed();
    assert_eq!(rig.get("/api/tenantry/v1/audit/verify").body["sound"], true);
}

#[test]
fn nothing_leaves_for_a_user_who_is_held_by_any_door() {
    let rig = Rig::start();
    let terms = json!({ "name": "Leak", "emails": [JANE, "nobody@example.com"], "hold": true,
        "words": { "en": "A copy of our list was stolen." }, "contact": "security@example.com" });
    let id = begun(&rig, &terms);
    let held = wait_while(&rig, &id, &["ending"]);
    assert_eq!((&held["state"], &held["progress"]["ended"]), (&json!("held"), &json!(1)), "{held}");
    assert_eq!(
        outcomes(&rig, &id),
        [(JANE, "waiting"), ("nobody@example.com", "left_out")]
            .map(|(email, outcome)| (email.into(), outcome.into()))
            .into()
    );
    let reset = rig.get(&format!("/api/tenantry/v1/resets?email={JANE}")).body["items"][0].clone();
    assert_eq!(
        (&reset["state"], &reset["held"], &reset["incident"]),
        (&json!("requested"), &json!(true), &json!(id)),
        "{reset}"
    );

    let sentence = "is held by the incident \u{201c}Leak\u{201d}";
    refused(&rig.reset(JANE), 409, sentence);
    refused(&rig.post("/api/tenantry/v1/resets", &json!({ "email": JANE })), 409, sentence);
    refused(
        &rig.post("/api/web/custom/namespaces/system/send_password_email", &json!({ "email": JANE })),
        409,
        sentence,
    );
    let path = format!("/api/tenantry/v1/resets/{}", reset["id"].as_str().unwrap());
    refused(&rig.post(&format!("{path}/resend"), &json!({})), 409, sentence);
    refused(&rig.post(&format!("{path}/cancel"), &json!({})), 409, sentence);
    // A wish has the answer of every wish, and leaves nothing.
    let records_before = rig.audit().len();
    ok(&rig.post_open("/no_auth/send_password_email", &json!({ "email": JANE })));
    rig.wait_until_none("SELECT COUNT(*) FROM link_wishes WHERE tenant = $1", &params![rig.tenant()]);
    // One who is locked out and let in again is held still.
    ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": JANE })));
    ok(&rig.post("/api/tenantry/v1/users/enable", &json!({ "email": JANE })));
    ok(&rig.post_open("/no_auth/send_password_email", &json!({ "email": JANE })));
    rig.clock.advance_seconds(7_200);
    ok(&rig.post_open("/no_auth/send_password_email", &json!({ "email": JANE })));
    sleep_a_little();
    assert_eq!(rig.mails(JANE).len(), 0);
    assert_eq!(rig.audit().len(), records_before + 2, "those of the administrator");

    rig.clock.advance_seconds(3 * 24 * 3_600);
    ok(&act(&rig, &id, "release", &json!({})));
    let mail = rig.wait_for_mails(JANE, 1).remove(0);
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("A copy of our list was stolen.") && text.contains("security@example.com"), "{text}");
    assert!(text.contains("24 hours") && !text.contains("Leak"), "{text}");
    let mailed = wait_while(&rig, &id, &["mailing"]);
    assert_eq!((&mailed["state"], &mailed["progress"]["queued"]), (&json!("mailed"), &json!(1)), "{mailed}");
    // A wish mails that very link again; a single reset takes its place.
    let token = rig.token(JANE, 1);
    ok(&rig.post_open("/no_auth/send_password_email", &json!({ "email": JANE })));
    assert_eq!(rig.token(JANE, 2), token);
    ok(&rig.reset(JANE));
    assert_ne!(rig.token(JANE, 3), token);
    assert_eq!(outcomes(&rig, &id)[JANE], "superseded");
    rig.clock.advance_seconds(25 * 3_600);
    assert_eq!(shown(&rig, &id)["state"], "done");
}

#[test]
fn a_list_of_ten_thousand_is_one_part_and_terms_name_a_thousand() {
    let rig = Rig::start();
    let emails: Vec<_> = (0..1_000).map(|nth| format!("{}-{nth:04}@example.com", "n".repeat(58))).collect();
    let terms = json!({ "name": "Named", "all": true, "except": emails });
    assert_eq!(shown(&rig, &planned(&rig, &rig.sample.api_token, &terms))["terms"]["excepted"], 1_000);
    let declared = rig.post(INCIDENTS, &json!({ "name": "List", "lines": true }));
    let id = declared.body["id"].as_str().unwrap().to_owned();
    let mut text: String = (0..10_000).map(|nth| format!("nobody-{nth:05}@example.com\n")).collect();
    text.push_str("jane@example.com\n");
    let headers = [("Authorization", &*rig.authorization()), ("Content-Type", "application/x-ndjson")];
    let sent = rig.send("PUT", &format!("{INCIDENTS}/{id}/lines/1"), &headers, Some(&text));
    assert_eq!((sent.status, &sent.body["kept"]), (200, &json!(10_001)), "{}", sent.text);
    ok(&act(&rig, &id, "plan", &json!({})));
    let plan = wait_while(&rig, &id, &["planning"])["plan"].clone();
    assert_eq!(plan["users"], 1, "{plan}");
    assert_eq!(reasons(&plan["left_out"]), [("unknown".into(), 10_000)].into());
}

#[test]
fn a_list_comes_in_parts_of_any_form_until_the_plan_is_made() {
    let rig = Rig::start();
    let (tenant, token) = (rig.tenant(), rig.sample.api_token.clone());
    for email in ["list-a@example.com", "list-b@example.com", "list-c@example.com"] {
        rig.add_user(tenant, email, |_| {});
    }
    ok(&make_group(&rig, "ops", &["list-a@example.com", "list-b@example.com"], &[]));
    let terms = json!({ "name": "List", "lines": true, "filter": { "group": "ops" } });
    let declared = rig.post(INCIDENTS, &terms);
    assert_eq!((declared.status, &declared.body["state"]), (201, &json!("collecting")), "{}", declared.text);
    let id = declared.body["id"].as_str().unwrap().to_owned();
    refused(&act(&rig, &id, "plan", &json!({})), 409, "is empty");
    let send = |part: u32, text: &str| {
        let headers = [("Authorization", &*rig.authorization()), ("Content-Type", "application/x-ndjson")];
        rig.send("PUT", &format!("{INCIDENTS}/{id}/lines/{part}"), &headers, Some(text))
    };
    let first = send(1, "\u{feff}name;email\r\n\"List, A\";LIST-A@example.com\r\nNobody;\r\n");
    assert_eq!((&first.body["kept"], &first.body["bad"][0]["line"]), (&json!(1), &json!(3)), "{}", first.text);
    ok(&send(2, "list-z@example.com\n"));
    // The same part again takes the place of the first.
    let again = send(2, "list-b@example.com\nlist-c@example.com\nunknown@example.com\nlist-a@example.com\n");
    assert_eq!(again.body["listed"], 4, "{}", again.text);
    refused(&send(1_000, "a@example.com"), 400, "from 1 to 999");
    refused(&send(3, &"a@example.com\n".repeat(80_000)), 413, "larger than 1048576 bytes");
    refused(&send(3, "a@exam\u{0}ple.com"), 400, "NUL");
    ok(&act(&rig, &id, "plan", &json!({})));
    let plan = wait_while(&rig, &id, &["planning"])["plan"].clone();
    assert_eq!((&plan["users"], &plan["listed"]), (&json!(2), &json!(4)), "{plan}");
    assert_eq!(reasons(&plan["left_out"]), [("no_match".into(), 1), ("unknown".into(), 1)].into());
    refused(&send(3, "list-c@example.com\n"), 409, "is complete");
    ok(&start(&rig, &token, &id));
    let ended = wait_while(&rig, &id, &["ending", "mailing"]);
    assert_eq!(ended["progress"]["ended"], 2);
    // The list goes with its end, whatever that is.
    let lines = "SELECT COUNT(*) FROM incident_lines WHERE tenant = $1";
    assert_eq!(rig.number(lines, &params![tenant]), 0);
    let cancelled = listing(&rig, &token);
    assert_eq!(rig.number(lines, &params![tenant]), 1);
    ok(&act(&rig, &cancelled, "cancel", &json!({})));
    rig.wait_until_none(lines, &params![tenant]);
}

#[test]
fn each_user_is_judged_again_when_their_password_ends() {
    let rig = Rig::start();
    let (tenant, now) = (rig.tenant(), rig.clock.now());
    let helper = rig.add_member(tenant, "helper@example.com", in_system("ves-io-uam-admin-role"));
    let email = |name: &str| format!("sleepy-{name}@example.com");
    for name in ["changed", "disabled", "gone", "same", "promoted"] {
        rig.add_user(tenant, &email(name), |_| {});
    }
    let set =
        "UPDATE users SET password_hash = 'x', password_changed_at = $2 WHERE tenant = $1 AND email_key LIKE 'sleepy%'";
    rig.write(move |tx| tx.run(set, &params![tenant, now]).map(drop));
    let terms = json!({ "name": "Old passwords", "include_disabled": false, "hold": true,
        "filter": { "q": "sleepy", "password_before": now.plus_seconds(60).to_string() } });
    let id = planned(&rig, &helper, &terms);
    assert_eq!(shown(&rig, &id)["plan"]["users"], 5);
    rig.clock.advance_seconds(3_600);
    let later = rig.clock.now();
    let changed =
        "UPDATE users SET password_changed_at = $2 WHERE tenant = $1 AND email_key = 'sleepy-changed@example.com'";
    rig.write(move |tx| tx.run(changed, &params![tenant, later]).map(drop));
    ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": email("disabled") })));
    ok(&rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &json!({ "email": email("gone") })));
    rig.give(&email("promoted"), in_system("ves-io-admin-role"));
    rig.add_user(tenant, &email("new"), |_| {});
    rig.add_user(tenant, &email("gone"), |_| {});
    ok(&start_whatever_came(&rig, &helper, &id));
    let ended = wait_while(&rig, &id, &["ending"]);
    let dropped = [("above_rank", 1), ("disabled", 1), ("gone", 1), ("password_newer", 1)];
    assert_eq!(
        reasons(&ended["progress"]["dropped"]),
        dropped.map(|(reason, users)| (reason.to_owned(), users)).into()
    );
    assert_eq!(records(&rig, "reset.request"), [(email("same"), 1)].into());
}

#[test]
fn a_plan_is_begun_by_who_made_it_as_it_was_read_within_a_day_and_one_at_a_time() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let second = rig.add_member(rig.tenant(), "second@example.com", owner());
    let id = planned(&rig, &token, &of_jane());
    refused(&start(&rig, &second, &id), 403, "has made this plan");
    let path = format!("{INCIDENTS}/{id}/start");
    let mut body = start_of(&rig, &id);
    body["users"] = json!(7);
    refused(&rig.post(&path, &body), 409, "says 7 and the plan has 1");
    body["users"] = json!(1);
    body["plan"] = json!("0".repeat(64));
    refused(&rig.post(&path, &body), 409, "not the plan");
    let other = planned(&rig, &token, &json!({ "name": "Other", "emails": ["second@example.com"] }));
    let stale = planned(&rig, &token, &json!({ "name": "Stale", "emails": [JANE] }));
    ok(&start(&rig, &token, &id));
    ok(&start(&rig, &token, &id));
    assert_eq!(records(&rig, "incident.start").get(&id), Some(&1), "asked again nothing is done");
    wait_while(&rig, &id, &["ending"]);
    ok(&start(&rig, &token, &other));
    rig.clock.advance_seconds(24 * 3_600 + 1);
    assert_eq!(shown(&rig, &stale)["state"], "lapsed");
    refused(&start(&rig, &token, &stale), 409, "older than 24 hours");
}

#[test]
fn above_the_limit_a_second_person_agrees_and_begins_it() {
    let rig = Rig::start();
    let tenant = rig.tenant();
    rig.choose(|settings| settings.reset.incident_approval_above = 2);
    rig.add_member(tenant, "witness@example.com", owner());
    rig.add_member(tenant, "chief@example.com", in_system("ves-io-admin-role"));
    for name in ["a", "b", "c"] {
        rig.add_user(tenant, &format!("many-{name}@example.com"), |_| {});
    }
    let admin = rig.session(rig.sample.admin_email, &rig.sample.admin_password);
    let declared = phone::ask(&rig, &admin, INCIDENTS, &json!({ "name": "Many", "filter": { "q": "many" } }));
    let id = declared.body["id"].as_str().unwrap().to_owned();
    wait_while(&rig, &id, &["planning"]);
    let path = |verb: &str| format!("{INCIDENTS}/{id}/{verb}");
    let asked = phone::ask(&rig, &admin, &path("start"), &start_of(&rig, &id));
    assert_eq!(ok(&asked)["state"], "awaiting");
    let told = rig.wait_for_mails("witness@example.com", 1).remove(0);
    assert!(
        told["text"].as_str().unwrap().contains("Many") && !told["text"].as_str().unwrap().contains("http"),
        "{told}"
    );
    let agreement = json!({ "plan": shown(&rig, &id)["plan"]["digest"] });
    refused(&phone::ask(&rig, &admin, &path("agree"), &agreement), 403, "someone else must agree");
    refused(&rig.post(&path("agree"), &agreement), 403, "An API token cannot agree");
    set_password(&rig, "chief@example.com");
    let chief = rig.session("chief@example.com", GOOD_PASSWORD);
    refused(&phone::ask(&rig, &chief, &path("agree"), &agreement), 403, "Another owner");
    set_password(&rig, "witness@example.com");
    let witness = rig.session("witness@example.com", GOOD_PASSWORD);
    let other = json!({ "plan": "0".repeat(64) });
    refused(&phone::ask(&rig, &witness, &path("agree"), &other), 409, "not the plan");
    let agreed = phone::ask(&rig, &witness, &path("agree"), &agreement);
    assert_eq!(ok(&agreed)["approval"]["agreed_by"], "witness@example.com");
    ok(&phone::ask(&rig, &witness, &path("agree"), &agreement));
    let ended = wait_while(&rig, &id, &["ending", "mailing"]);
    assert_eq!(ended["progress"]["ended"], 3, "{ended}");
    for (action, actor) in [("incident.agree", "witness@example.com"), ("incident.start", rig.sample.admin_email)] {
        let kept = rig.get(&format!("/api/tenantry/v1/audit?action={action}")).body;
        assert_eq!(kept["items"].as_array().unwrap().len(), 1);
        assert_eq!(kept["items"][0]["actor"], actor);
    }
}

/// Gives a user without a password one.
pub fn set_password(rig: &Rig, email: &str) {
    let before = rig.mails(email).len();
    ok(&rig.reset(email));
    let token = rig.token(email, before + 1);
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204);
}

#[test]
fn a_request_for_a_second_person_is_declined_or_lapses_and_by_a_token_the_budget_is_the_limit() {
    let rig = Rig::start();
    let (tenant, token) = (rig.tenant(), rig.sample.api_token.clone());
    rig.choose(|settings| settings.reset.budget_per_hour = 2);
    for name in ["a", "b", "c", "d"] {
        rig.add_user(tenant, &format!("many-{name}@example.com"), |_| {});
    }
    let of = |name: &str| json!({ "name": name, "filter": { "q": format!("many-{name}") } });
    // Two are within the budget, and are spent.
    for name in ["a", "b"] {
        let id = begun(&rig, &of(name));
        assert_eq!(wait_while(&rig, &id, &["ending", "mailing"])["state"], "mailed");
    }
    assert_eq!(rig.reset(JANE).status, 429);
    let id = planned(&rig, &token, &of("c"));
    assert_eq!(ok(&start(&rig, &token, &id))["state"], "awaiting");
    rig.clock.advance_seconds(3_601);
    assert_eq!(wait_while(&rig, &id, &["awaiting"])["state"], "planned");
    // The hour is over, and the budget is whole again.
    assert_eq!(ok(&start(&rig, &token, &id))["state"], "ending");
    wait_while(&rig, &id, &["ending", "mailing"]);
    rig.choose(|settings| settings.reset.budget_per_hour = 1);
    let id = planned(&rig, &token, &of("d"));
    assert_eq!(ok(&start(&rig, &token, &id))["state"], "awaiting");
    ok(&act(&rig, &id, "decline", &json!({ "why": "Not today." })));
    let declined = shown(&rig, &id);
    assert_eq!((&declined["state"], &declined["why"]), (&json!("cancelled"), &json!("Not today.")));
    refused(&start(&rig, &token, &id), 409, "was cancelled");
    assert_eq!(rig.mails("many-d@example.com").len(), 0);
}

#[test]
fn mails_are_let_go_of_some_at_once_and_after_a_cancellation_of_those_whose_passwords_have_ended() {
    let rig = Rig::start();
    let tenant = rig.tenant();
    for name in ["a", "b", "c"] {
        rig.add_user(tenant, &format!("some-{name}@example.com"), |_| {});
    }
    let id = begun(&rig, &json!({ "name": "Some", "filter": { "q": "some" }, "hold": true }));
    wait_while(&rig, &id, &["ending"]);
    refused(&act(&rig, &id, "release", &json!({ "emails": [JANE] })), 400, "does not hold");
    ok(&act(&rig, &id, "release", &json!({ "emails": ["some-a@example.com"] })));
    rig.wait_for_mails("some-a@example.com", 1);
    refused(&act(&rig, &id, "release", &json!({ "emails": ["some-a@example.com"] })), 400, "does not hold");
    ok(&act(&rig, &id, "pause", &json!({})));
    ok(&act(&rig, &id, "go_on", &json!({})));
    ok(&act(&rig, &id, "cancel", &json!({})));
    refused(&act(&rig, &id, "pause", &json!({})), 409, "was cancelled");
    // Strangers are held still; an administrator may reset one of them.
    ok(&rig.post_open("/no_auth/send_password_email", &json!({ "email": "some-b@example.com" })));
    sleep_a_little();
    assert_eq!(rig.mails("some-b@example.com").len(), 0);
    ok(&rig.reset("some-b@example.com"));
    rig.wait_for_mails("some-b@example.com", 1);
    ok(&act(&rig, &id, "release", &json!({})));
    rig.wait_for_mails("some-c@example.com", 1);
    let mailed = wait_while(&rig, &id, &["mailing"]);
    assert_eq!((&mailed["progress"]["queued"], &mailed["progress"]["passed"]), (&json!(2), &json!(2)), "{mailed}");
    assert_eq!(rig.mails("some-a@example.com").len(), 1, "no mail twice");
}

#[test]
fn mails_leave_at_the_pace_and_a_pause_holds_them() {
    let rig = Rig::start();
    let tenant = rig.tenant();
    for n in 0..30 {
        rig.add_user(tenant, &format!("pace-{n:02}@example.com"), |_| {});
    }
    let id = begun(&rig, &json!({ "name": "Pace", "filter": { "q": "pace" }, "pace_per_minute": 60 }));
    wait_while(&rig, &id, &["ending"]);
    let queued = || shown(&rig, &id)["progress"]["queued"].as_i64().unwrap();
    sleep_a_little();
    assert_eq!(queued(), 1, "one in a second");
    for expected in 2..6 {
        rig.clock.advance_seconds(1);
        for _ in 0..500 {
            if queued() == expected {
                break;
            }
            sleep(Duration::from_millis(10));
        }
        assert_eq!(queued(), expected);
    }
    ok(&act(&rig, &id, "pause", &json!({})));
    rig.clock.advance_seconds(10);
    sleep_a_little();
    assert_eq!(queued(), 5);
    ok(&act(&rig, &id, "change", &json!({ "pace_per_minute": 0 })));
    ok(&act(&rig, &id, "go_on", &json!({})));
    let mailed = wait_while(&rig, &id, &["mailing"]);
    assert_eq!(mailed["progress"]["queued"], 30, "{mailed}");
}

#[test]
fn a_later_incident_takes_the_place_of_an_earlier_one_that_holds() {
    let rig = Rig::start();
    let earlier = begun(&rig, &json!({ "name": "Earlier", "emails": [JANE], "hold": true }));
    wait_while(&rig, &earlier, &["ending"]);
    let later = begun(&rig, &json!({ "name": "Later", "emails": [JANE], "hold": true }));
    wait_while(&rig, &later, &["ending"]);
    assert_eq!(outcomes(&rig, &earlier)[JANE], "superseded");
    refused(&rig.reset(JANE), 409, "\u{201c}Later\u{201d}");
    ok(&act(&rig, &earlier, "release", &json!({})));
    let passed = wait_while(&rig, &earlier, &["mailing"]);
    assert_eq!((&passed["progress"]["queued"], &passed["progress"]["passed"]), (&json!(0), &json!(1)));
    assert_eq!(rig.mails(JANE).len(), 0);
    ok(&act(&rig, &later, "release", &json!({})));
    rig.wait_for_mails(JANE, 1);
}

#[test]
fn a_plan_from_which_the_tenant_has_drifted_is_begun_only_by_one_who_says_so() {
    let rig = Rig::start();
    let (tenant, token) = (rig.tenant(), rig.sample.api_token.clone());
    for name in ["a", "b"] {
        rig.add_user(tenant, &format!("drift-{name}@example.com"), |_| {});
    }
    let id = planned(&rig, &token, &json!({ "name": "Drift", "filter": { "q": "drift" }, "hold": true }));
    rig.add_user(tenant, "drift-new@example.com", |_| {});
    rig.add_user(tenant, "drift-newer@example.com", |_| {});
    ok(&rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &json!({ "email": "drift-a@example.com" })));
    refused(&start(&rig, &token, &id), 409, "not in it: 2; users in it who match no longer: 1.");
    ok(&start_whatever_came(&rig, &token, &id));
    let held = wait_while(&rig, &id, &["ending"]);
    assert_eq!(held["progress"]["ended"], 1, "{held}");
    assert_eq!(outcomes(&rig, &id).get("drift-new@example.com"), None);
    // Of a list too.
    let id = planned(&rig, &token, &json!({ "name": "List", "emails": ["drift-b@example.com", "later@example.com"] }));
    rig.add_user(tenant, "later@example.com", |_| {});
    refused(&start(&rig, &token, &id), 409, "not in it: 1; users in it who match no longer: 0.");
}

#[test]
fn mails_that_were_given_up_are_tried_again_with_a_whole_life_of_their_links() {
    let rig = Rig::start();
    let (tenant, token) = (rig.tenant(), rig.sample.api_token.clone());
    let id =
        planned(&rig, &token, &json!({ "name": "Stuck", "emails": [JANE, "hello@example.com"], "pace_per_minute": 0 }));
    refused(&act(&rig, &id, "retry", &json!({})), 409, "has not begun");
    ok(&start(&rig, &token, &id));
    wait_while(&rig, &id, &["ending", "mailing"]);
    rig.wait_for_mails(JANE, 1);
    rig.wait_for_mails("hello@example.com", 1);
    let now = rig.clock.now();
    let fail =
        "UPDATE mails SET sent_at = NULL, failed_at = $2, relay_words = '550 full' WHERE tenant = $1 AND reset_id IN
        (SELECT id FROM resets WHERE tenant = $1 AND email = 'jane@example.com')";
    let stuck =
        "UPDATE resets SET mailed_at = NULL, undeliverable_at = $2 WHERE tenant = $1 AND email = 'jane@example.com'";
    rig.write(move |tx| {
        tx.run(fail, &params![tenant, now])?;
        tx.run(stuck, &params![tenant, now]).map(drop)
    });
    assert_eq!(outcomes(&rig, &id)[JANE], "stuck");
    assert_eq!(shown(&rig, &id)["progress"]["links"]["stuck"], 1);
    rig.clock.advance_seconds(30 * 3_600);
    let retried = act(&rig, &id, "retry", &json!({}));
    assert_eq!(ok(&retried)["users"], 1);
    rig.wait_for_mails(JANE, 2);
    assert_eq!(shown(&rig, &id)["state"], "mailed", "links are alive again");
    assert_eq!(rig.redeem(&rig.token(JANE, 2), GOOD_PASSWORD), 204);
    assert_eq!(ok(&act(&rig, &id, "retry", &json!({})))["users"], 0);
    assert_eq!(records(&rig, "incident.retry").get(&id), Some(&2));
}
