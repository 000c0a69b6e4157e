//! The two calls that list who signed in or was refused, over HTTP.

use serde_json::{Value, json};
use tenantry::clock::Timestamp;

use crate::people::{in_system, owner};
use crate::rig::{Answered, GOOD_PASSWORD, Rig, START};

const LOGIN: &str = "/api/web/namespaces/system/tenant/idm/events/login";
const IN_TIME: &str = "/api/web/namespaces/system/tenant/idm/events/login_in_time";
const DAY: i64 = 24 * 3600;
const JANE: &str = "jane@example.com";

/// The events of a user, of an answer whose only member is the map.
fn of<'a>(answered: &'a Answered, email: &str) -> &'a [Value] {
    assert_eq!((answered.status, answered.body.as_object().unwrap().len()), (200, 1), "{}", answered.text);
    answered.body["login_events_map"][email]["login_events"].as_array().map_or(&[], Vec::as_slice)
}

fn users(answered: &Answered) -> Vec<&String> {
    answered.body["login_events_map"].as_object().unwrap().keys().collect()
}

/// The times of the events of Jane in this frame, as seconds after the start.
fn seconds(answered: &Answered) -> Vec<i64> {
    let at = |event: &Value| Timestamp::parse(event["time"].as_str().unwrap()).unwrap().seconds_since(START);
    of(answered, JANE).iter().map(at).collect()
}

/// Jane signs in four times, ten seconds apart, the first time after ten.
fn four_times() -> Rig {
    let rig = Rig::start();
    for _ in 0..4 {
        rig.clock.advance_seconds(10);
        assert_eq!(rig.sign_in(JANE, &rig.sample.user_password), 204);
    }
    rig
}

#[test]
fn each_try_of_a_known_user_is_an_event_and_one_at_an_unknown_address_is_none() {
    let rig = Rig::start();
    assert_eq!(rig.get(LOGIN).text, r#"{"login_events_map":{}}"#);
    assert_eq!(rig.sign_in(JANE, "not the password at all"), 401);
    assert_eq!(rig.sign_in("nobody@example.com", "not the password at all"), 401);
    assert_eq!(rig.sign_in("no address", "not the password at all"), 401);
    rig.clock.advance_seconds(5);
    let cookie = rig.session("JANE@example.com", &rig.sample.user_password);
    let told = rig.get(LOGIN);
    assert_eq!(users(&told), [JANE]);
    let shown = rig.send("GET", "/account", &[("Cookie", &cookie), ("Accept", "application/json")], None).body;
    let event = |seconds, session: &Value, error| {
        json!({
            "time": START.plus_seconds(seconds).to_string(), "ip_address": "127.0.0.1", "auth_method": "PASSWORD",
            "session_id": session, "username": JANE, "error": error,
        })
    };
    let wanted = [event(5, &shown["sessions"][0]["id"], ""), event(0, &"".into(), "wrong password")];
    assert_eq!(of(&told, JANE), wanted, "the newest first");
}

#[test]
fn a_refusal_says_why_no_password_would_have_done() {
    let rig = Rig::start();
    assert_eq!(rig.post("/api/tenantry/v1/users/disable", &json!({ "email": JANE })).status, 200);
    assert_eq!(rig.sign_in(JANE, &rig.sample.user_password), 401);
    assert_eq!(rig.reset("kenji@example.com").status, 200);
    assert_eq!(rig.sign_in("kenji@example.com", &rig.sample.user_password), 401);
    let told = rig.get(LOGIN);
    assert_eq!(of(&told, JANE)[0]["error"], "disabled");
    assert_eq!(of(&told, "kenji@example.com")[0]["error"], "password was reset");
    assert_eq!(rig.redeem(&rig.token("kenji@example.com", 1), GOOD_PASSWORD), 204);
    assert_eq!(rig.sign_in("kenji@example.com", GOOD_PASSWORD), 204);
    assert_eq!(of(&rig.get(LOGIN), "kenji@example.com").len(), 2, "using a link is no sign-in");
}

#[test]
fn a_try_beyond_the_bound_of_guesses_leaves_no_event() {
    let rig = Rig::start();
    let tries: Vec<u16> = (0..20).map(|_| rig.sign_in(JANE, "not the password at all")).collect();
    let refused = tries.iter().filter(|status| **status == 401).count();
    assert!(refused < 20 && tries.contains(&429), "{tries:?}");
    assert_eq!(of(&rig.get(LOGIN), JANE).len(), refused);
}

#[test]
fn a_page_begins_and_ends_where_it_is_asked_to() {
    let rig = four_times();
    assert_eq!(rig.sign_in("hello@example.com", &rig.sample.user_password), 204);
    let page = |query: &str| seconds(&rig.get(&format!("{LOGIN}?{query}")));
    assert_eq!(page("first=&max=0"), [40, 30, 20, 10]);
    assert_eq!(page("max=2"), [40], "the newest of all is another user's");
    assert_eq!(page("first=2&max=2"), [30, 20]);
    assert_eq!(page("first=5"), [0_i64; 0]);
    for wrong in ["first=-1", "first=100001", "max=-1", "max=1001", "max=many", "first=1.5"] {
        let refused = rig.get(&format!("{LOGIN}?{wrong}"));
        assert_eq!(refused.status, 400, "{wrong} {}", refused.text);
    }
}

#[test]
fn a_frame_has_its_start_in_it_and_not_its_end() {
    let rig = four_times();
    let at = |after: i64| START.plus_seconds(after).to_string();
    let ask = |body: Value| rig.post(IN_TIME, &body);
    assert_eq!(seconds(&ask(json!({ "start": at(20), "end": at(40), "first": 0, "max": 0 }))), [30, 20]);
    assert_eq!(seconds(&ask(json!({ "start": at(20), "end": at(40), "first": "1", "max": "1" }))), [20]);
    assert_eq!(seconds(&ask(json!({ "end": at(30) }))), [20, 10]);
    assert_eq!(seconds(&ask(json!({ "start": at(31), "end": null }))), [40]);
    assert_eq!(seconds(&ask(json!({}))), [40, 30, 20, 10]);
    for wrong in [json!({ "start": at(2), "end": at(1) }), json!({ "end": "yesterday" }), json!({ "max": 1_001 })] {
        let refused = ask(wrong.clone());
        assert_eq!((refused.status, &refused.body["code"]), (400, &3.into()), "{wrong} {}", refused.text);
    }
}

#[test]
fn events_are_shown_for_ninety_days() {
    let rig = four_times();
    rig.clock.advance_seconds(90 * DAY - 20);
    assert_eq!(seconds(&rig.get(LOGIN)), [40, 30, 20]);
    let older = json!({ "start": START.to_string(), "end": START.plus_seconds(25).to_string() });
    assert_eq!(seconds(&rig.post(IN_TIME, &older)), [20]);
    rig.clock.advance_seconds(DAY);
    assert_eq!(rig.get(LOGIN).text, r#"{"login_events_map":{}}"#);
}

#[test]
fn a_caller_needs_the_right_and_sees_its_own_tenant_alone() {
    let rig = four_times();
    let other = rig.add_tenant("other-corp");
    let theirs = rig.add_member(other, "boss@other.example", owner());
    assert_eq!(rig.as_token(&theirs, "GET", LOGIN, None).text, r#"{"login_events_map":{}}"#);
    assert_eq!(rig.as_token(&theirs, "POST", IN_TIME, Some(&json!({}))).text, r#"{"login_events_map":{}}"#);
    for (role, status) in [("ves-io-monitor-role", 200), ("ves-io-power-developer-role", 403)] {
        let token = rig.add_member(rig.tenant(), &format!("{role}@example.com"), in_system(role));
        assert_eq!(rig.as_token(&token, "GET", LOGIN, None).status, status, "{role}");
        assert_eq!(rig.as_token(&token, "POST", IN_TIME, Some(&json!({}))).status, status, "{role}");
    }
    let removed = rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &json!({ "email": JANE }));
    assert_eq!(removed.status, 200, "{}", removed.text);
    assert_eq!(seconds(&rig.get(LOGIN)), [40, 30, 20, 10], "what a removed user did stays");
}
