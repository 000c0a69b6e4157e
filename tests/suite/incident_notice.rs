//! What people learn at sign-in of an incident that has ended their password, and code apps that go with it.

use serde_json::{Value, json};

use crate::access::ok;
use crate::bulk::records;
use crate::incidents::{act, begun, planned, set_password, shown, start, wait_while};
use crate::phone;
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const JANE: &str = "jane@example.com";
const NEXT_PASSWORD: &str = "seven herons crossing the slow river";
const WORDS: &str = "We have reset all passwords that were in the copy.";

/// The cookie of a browser in which Jane has signed in, without the session.
fn device(rig: &Rig) -> String {
    ok(&rig.reset(JANE));
    assert_eq!(rig.redeem(&rig.token(JANE, 1), GOOD_PASSWORD), 204);
    let answered = rig.post_open("/signin", &json!({ "email": JANE, "password": GOOD_PASSWORD }));
    let cookies = answered.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value.as_str());
    let device =
        cookies.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.contains("device=")).unwrap();
    device.to_owned()
}

fn sign_in(rig: &Rig, cookie: &str, email: &str, password: &str) -> Answered {
    let body = json!({ "email": email, "password": password }).to_string();
    rig.send("POST", "/signin", &[("Content-Type", "application/json"), ("Cookie", cookie)], Some(&body))
}

fn page(rig: &Rig, cookie: &str, language: &str) -> String {
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Cookie", cookie),
        ("Accept-Language", language),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    rig.send("POST", "/signin", &headers, Some("email=jane%40example.com&password=wrong")).text
}

fn leak(more: &Value) -> Value {
    let mut terms = json!({ "name": "Leak", "emails": [JANE], "hold": true, "words": { "en": WORDS, "de": "Alle." } });
    for (name, value) in more.as_object().unwrap() {
        terms[name] = value.clone();
    }
    terms
}

#[test]
fn only_a_device_of_the_user_is_told_while_the_password_is_dead() {
    let rig = Rig::start();
    let device = device(&rig);
    let before = sign_in(&rig, &device, JANE, "wrong");
    assert!(before.status == 401 && !before.text.contains("ENDED"), "{}", before.text);
    let id = begun(&rig, &leak(&json!({})));
    wait_while(&rig, &id, &["ending"]);
    // Held: with the old password and with a wrong one alike.
    for password in [GOOD_PASSWORD, "wrong"] {
        let told = sign_in(&rig, &device, JANE, password);
        assert_eq!(told.status, 401);
        assert_eq!(told.body["details"], json!([{ "reason": "PASSWORD_ENDED" }, { "reason": WORDS }]), "{}", told.text);
    }
    let (english, german) = (page(&rig, &device, "en"), page(&rig, &device, "de"));
    assert!(english.contains("has ended your password") && english.contains(WORDS), "{english}");
    assert!(german.contains("Passwort beendet") && german.contains("Alle."), "{german}");
    // Nobody else is: not with the old password, and not by the device of another user.
    let strangers = ["", device.as_str()].map(|cookie| {
        let email = if cookie.is_empty() { JANE } else { "hello@example.com" };
        sign_in(&rig, cookie, email, GOOD_PASSWORD).body["details"].clone()
    });
    let nobody = sign_in(&rig, "", "nobody@example.com", GOOD_PASSWORD);
    assert!(strangers.iter().all(|details| *details == nobody.body["details"]), "{strangers:?}");
    assert!(!page(&rig, "", "en").contains(WORDS));
    // Mailed, then chosen: it is over.
    rig.clock.advance_seconds(3_600);
    ok(&act(&rig, &id, "release", &json!({ "emails": [JANE] })));
    assert_eq!(sign_in(&rig, &device, JANE, "wrong").body["details"][0]["reason"], "PASSWORD_ENDED");
    assert_eq!(rig.redeem(&rig.token(JANE, 3), NEXT_PASSWORD), 204);
    assert!(!sign_in(&rig, &device, JANE, "wrong").text.contains("ENDED"));
    assert_eq!(sign_in(&rig, &device, JANE, NEXT_PASSWORD).status, 204);
}

#[test]
fn where_the_incident_says_so_no_device_is_told_and_a_single_reset_tells_none() {
    let rig = Rig::start();
    let device = device(&rig);
    let id = begun(&rig, &leak(&json!({ "notice": "nobody" })));
    wait_while(&rig, &id, &["ending"]);
    assert!(!sign_in(&rig, &device, JANE, "wrong").text.contains("ENDED"));
    ok(&act(&rig, &id, "cancel", &json!({})));
    ok(&rig.reset(JANE));
    assert!(!sign_in(&rig, &device, JANE, "wrong").text.contains("ENDED"));
}

/// Of one whose password has ended, of one whose has not, and of nobody.
fn refusals(rig: &Rig) -> [Value; 3] {
    [JANE, "hello@example.com", "nobody@example.com"]
        .map(|email| sign_in(rig, "", email, "wrong").body["details"].clone())
}

#[test]
fn where_it_speaks_to_everyone_all_who_are_refused_read_the_same_until_the_mails_have_left() {
    let rig = Rig::start();
    rig.choose(|settings| settings.sign_in.failures_max = 20);
    let silent = refusals(&rig);
    assert!(!silent[0].to_string().contains(WORDS) && silent.iter().all(|one| *one == silent[0]), "{silent:?}");
    let id = planned(&rig, &rig.sample.api_token.clone(), &leak(&json!({ "notice": "everyone" })));
    assert_eq!(refusals(&rig), silent, "a plan says nothing");
    ok(&start(&rig, &rig.sample.api_token, &id));
    wait_while(&rig, &id, &["ending"]);
    let said = json!([{ "reason": "INCIDENT" }, { "reason": WORDS }]);
    assert_eq!(refusals(&rig), [said.clone(), said.clone(), said]);
    let (english, german) = (page(&rig, "", "en"), page(&rig, "", "de"));
    assert!(english.contains(WORDS) && german.contains("Alle."), "{english} {german}");
    ok(&act(&rig, &id, "release", &json!({})));
    assert_eq!(wait_while(&rig, &id, &["mailing"])["state"], "mailed");
    assert_eq!(refusals(&rig), silent);
    // One that is cancelled says nothing any more, whether passwords have ended or not.
    let other = begun(&rig, &leak(&json!({ "notice": "everyone", "emails": ["hello@example.com"] })));
    wait_while(&rig, &other, &["ending"]);
    assert_ne!(refusals(&rig), silent);
    ok(&act(&rig, &other, "cancel", &json!({})));
    assert_eq!(refusals(&rig), silent);
}

#[test]
fn code_apps_that_were_set_up_since_a_moment_go_with_the_password_and_older_ones_stay() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let (old, new) = ("old@example.com", "new@example.com");
    let enrol = |email: &str| phone::enrol(&rig, &rig.session(email, GOOD_PASSWORD));
    for email in [old, new] {
        rig.add_user(rig.tenant(), email, |_| {});
        set_password(&rig, email);
    }
    enrol(old);
    rig.clock.advance_seconds(3_600);
    let since = rig.clock.now().to_string();
    enrol(new);
    let has_one = |email: &str| {
        rig.get("/api/tenantry/v1/users?second_factor=true").body["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|user| user["email"] == email)
    };
    assert!(has_one(old) && has_one(new));
    let terms = json!({ "name": "Leak", "emails": [old, new, JANE], "remove_factors_since": since });
    let id = planned(&rig, &token, &terms);
    assert_eq!(shown(&rig, &id)["plan"]["factors"], 1);
    assert!(has_one(new), "a plan changes nothing");
    ok(&start(&rig, &token, &id));
    let after = wait_while(&rig, &id, &["ending", "mailing"]);
    assert_eq!(after["progress"]["factors_removed"], 1, "{after}");
    assert!(has_one(old) && !has_one(new));
    assert_eq!(records(&rig, "user.reset_codes"), [(new.into(), 1)].into());
}
