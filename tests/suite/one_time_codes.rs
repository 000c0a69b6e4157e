//! A code app that the tenant requires, and one that an administrator takes away.

use serde_json::{Value, json};
use tenantry::people::Kind;

use crate::people::in_system;
use crate::phone::{Phone, ask, cookie, enrol, form, key_on, page, sign_in, step};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const RESET: &str = "/api/web/namespaces/system/user/otp/admin_reset";
const DISABLE: &str = "/api/web/namespaces/system/tenant/settings/otp/disable";
const ENABLE: &str = "/api/web/namespaces/system/tenant/settings/otp/enable";
const SETTINGS: &str = "/api/web/namespaces/system/tenant/settings";
const OWN: &str = "/api/web/namespaces/system/user/settings";
const JANE: &str = "jane@example.com";
const SECOND_FACTOR: &str = "/account/second-factor";

fn put(rig: &Rig, token: &str, path: &str, body: &Value) -> Answered {
    rig.as_token(token, "PUT", path, Some(body))
}

fn owner_puts(rig: &Rig, path: &str, body: &Value) {
    let answered = put(rig, &rig.sample.api_token, path, body);
    assert_eq!((answered.status, answered.text.as_str()), (200, "{}"), "{path}");
}

/// An administrator takes Jane's app away.
fn take_away(rig: &Rig) {
    owner_puts(rig, RESET, &json!({ "user_email": JANE }));
}

/// The token of the newest link to set up another app.
fn link(rig: &Rig, mails: usize) -> String {
    let mails = rig.wait_for_mails(JANE, mails);
    let link = mails.iter().rev().find_map(|mail| mail["link"].as_str()).unwrap();
    assert!(link.contains("/second-factor#"), "{link}");
    link.split_once('#').unwrap().1.into()
}

fn open_link(rig: &Rig, token: &str, password: &str) -> Answered {
    rig.post_open("/second-factor", &json!({ "token": token, "password": password }))
}

/// Goes from the cookie of a step to a session, by the first code of the app on its page.
fn enrol_at_sign_in(rig: &Rig, step: &str) -> (Phone, String) {
    let phone = key_on(&page(rig, step, "/signin/enrol").text);
    let entered = form(rig, step, "/signin/enrol", &[("code", &phone.code(rig))]);
    assert_eq!((entered.status, entered.text.matches("<li><code>").count()), (200, 10), "{}", entered.text);
    (phone, cookie(&entered, "tenantry").expect("a session"))
}

#[test]
fn what_the_tenant_requires_is_set_up_at_the_next_sign_in_and_the_session_comes_with_it() {
    let rig = Rig::start();
    let password = rig.sample.user_password.clone();
    let before = rig.session(JANE, &password);
    owner_puts(&rig, ENABLE, &json!({}));
    let settings = rig.get(SETTINGS).body;
    assert_eq!((&settings["otp_enabled"], &settings["otp_status"]), (&true.into(), &"OTP_ENABLED".into()));
    assert_eq!(page(&rig, &before, "/account").status, 200, "sessions go on");
    let counted = rig.get("/api/tenantry/v1/second_factors").body;
    assert_eq!((&counted["required"], &counted["without"]), (&json!(true), &counted["people"]), "{counted}");

    let program = rig.post_open("/signin", &json!({ "email": JANE, "password": password }));
    assert_eq!(program.body["details"][0]["reason"], "SECOND_FACTOR_ENROLMENT_REQUIRED", "{}", program.text);
    let (place, step_of_jane) = step(&rig, JANE, &password);
    assert_eq!(place, "/signin/enrol");
    let wrong = form(&rig, &step_of_jane, "/signin/enrol", &[("code", "000000")]);
    assert_eq!((wrong.status, cookie(&wrong, "tenantry")), (401, None), "{}", wrong.text);
    let (_, other) = step(&rig, JANE, &password);
    let keys = [&step_of_jane, &other].map(|step| key_on(&page(&rig, step, "/signin/enrol").text).secret);
    assert_ne!(keys[0], keys[1], "nobody else who signs in sees the same key");
    let (phone, session) = enrol_at_sign_in(&rig, &step_of_jane);
    assert_eq!(page(&rig, &session, "/account").status, 200);
    let late = form(&rig, &other, "/signin/enrol", &[("code", &Phone { secret: keys[1].clone() }.code(&rig))]);
    assert_eq!((late.status, cookie(&late, "tenantry")), (401, None), "there is an app by now: {}", late.text);

    let counted = rig.get("/api/tenantry/v1/second_factors").body;
    assert_eq!(counted["without"].as_i64().unwrap() + 1, counted["people"].as_i64().unwrap());
    let removed = ask(&rig, &session, "/account/second-factor/remove", &json!({}));
    assert_eq!((removed.status, removed.message().contains("requires")), (409, true), "{}", removed.text);
    for _ in 0..2 {
        owner_puts(&rig, DISABLE, &json!({}));
    }
    assert_eq!(rig.sign_in(JANE, &password), 401, "an own app is asked for still");
    assert_eq!(sign_in(&rig, JANE, &password, &phone.next_code(&rig)).status, 204);
    assert_eq!(put(&rig, &rig.sample.api_token, DISABLE, &json!({ "force": true })).status, 400);
    let monitor = rig.add_member(rig.tenant(), "monitor@example.com", in_system("ves-io-monitor-role"));
    for path in [ENABLE, DISABLE] {
        assert_eq!(put(&rig, &monitor, path, &json!({})).status, 403);
    }
    let changed = put(&rig, &rig.sample.api_token, SETTINGS, &json!({ "otp_enabled": true }));
    assert_eq!((changed.status, &changed.body["otp_status"]), (200, &json!("OTP_ENABLED")), "{}", changed.text);
}

#[test]
fn what_an_administrator_took_away_needs_the_link_and_the_password() {
    let rig = Rig::start();
    let password = rig.sample.user_password.clone();
    let session = rig.session(JANE, &password);
    let (old, codes) = enrol(&rig, &session);
    owner_puts(&rig, ENABLE, &json!({}));
    let (_, half_way) = step(&rig, JANE, &password);
    take_away(&rig);
    assert_eq!(page(&rig, &session, "/account").header("location"), Some("/signin"), "sessions have ended");
    let by_code = ask(&rig, &half_way, "/signin/code", &json!({ "code": old.next_code(&rig) }));
    assert_eq!(by_code.status, 401, "so have half-finished sign-ins");
    for code in [&old.next_code(&rig), &codes[0]] {
        assert_eq!(sign_in(&rig, JANE, &password, code).status, 401);
    }
    let (place, held) = step(&rig, JANE, &password);
    let shown = page(&rig, &held, &place).text;
    assert!(shown.contains("We have mailed you a link") && !shown.contains("secret-key"), "{shown}");
    let without = ask(&rig, &held, "/signin/enrol", &json!({ "code": "123456" }));
    assert_eq!((without.status, cookie(&without, "tenantry")), (409, None), "{}", without.text);

    let token = link(&rig, 2);
    assert_eq!(open_link(&rig, &token, "not the password").status, 401);
    assert_eq!(open_link(&rig, &"A".repeat(48), &password).status, 400);
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 400, "it is no link of a password");
    let opened = open_link(&rig, &token, &password);
    assert_eq!((opened.status, cookie(&opened, "tenantry")), (204, None), "{}", opened.text);
    let (phone, _) = enrol_at_sign_in(&rig, &cookie(&opened, "tenantry-step").unwrap());
    assert_eq!(open_link(&rig, &token, &password).status, 400, "it works once");
    assert_eq!(sign_in(&rig, JANE, &password, &phone.next_code(&rig)).status, 204);
    let records = rig.audit();
    let last = records.iter().rfind(|(action, ..)| action == "user.reset_codes").unwrap();
    assert_eq!((last.1.as_str(), last.2.as_str()), ("accepted", JANE));
}

#[test]
fn a_fresh_link_ends_the_older_one_and_an_hour_ends_each() {
    let rig = Rig::start();
    let password = rig.sample.user_password.clone();
    enrol(&rig, &rig.session(JANE, &password));
    owner_puts(&rig, ENABLE, &json!({}));
    take_away(&rig);
    let first = link(&rig, 2);
    let (_, held) = step(&rig, JANE, &password);
    assert_eq!(form(&rig, &held, "/second-factor/link", &[]).header("location"), Some("/signin/enrol"));
    let second = link(&rig, 3);
    assert_eq!([open_link(&rig, &first, &password).status, open_link(&rig, &second, &password).status], [400, 204]);
    rig.clock.advance_seconds(3_601);
    assert_eq!(open_link(&rig, &second, &password).status, 400);
    let nobody = rig.post_open("/second-factor/link", &json!({}));
    assert_eq!(nobody.status, 401, "who has shown nothing gets no mail: {}", nobody.text);
    for _ in 0..8 {
        let (_, held) = step(&rig, JANE, &password);
        let _ = ask(&rig, &held, "/second-factor/link", &json!({}));
    }
    assert!(rig.mails(JANE).len() <= 7, "a bound holds: {}", rig.mails(JANE).len());
}

#[test]
fn where_nothing_is_required_the_password_signs_in_again_and_sets_up_no_app() {
    let rig = Rig::start();
    let password = rig.sample.user_password.clone();
    enrol(&rig, &rig.session(JANE, &password));
    take_away(&rig);
    let session = rig.session(JANE, &password);
    let begun = ask(&rig, &session, "/account/second-factor/begin", &json!({}));
    assert_eq!((begun.status, begun.message().contains("link")), (409, true), "{}", begun.text);
    assert!(page(&rig, &session, SECOND_FACTOR).text.contains("We have mailed you a link"));
    let shown = rig.get(&format!("/api/tenantry/v1/users/{JANE}")).body;
    assert_eq!((&shown["second_factor_needs_link"], &shown["second_factor_since"]), (&json!(true), &Value::Null));
    let opened = open_link(&rig, &link(&rig, 2), &password);
    enrol_at_sign_in(&rig, &cookie(&opened, "tenantry-step").unwrap());
    assert_eq!(rig.sign_in(JANE, &password), 401);
}

#[test]
fn who_has_no_app_loses_none() {
    let rig = Rig::start();
    let owner = rig.sample.api_token.clone();
    let cookie = rig.session(JANE, &rig.sample.user_password);
    owner_puts(&rig, RESET, &json!({ "user_email": "JANE@example.com" }));
    let account = rig.send("GET", "/account", &[("Cookie", &cookie), ("Accept", "application/json")], None);
    assert_eq!((account.status, rig.sign_in(JANE, &rig.sample.user_password)), (200, 204), "nothing ends");
    assert!(rig.mails(JANE).is_empty());
    rig.add_user(rig.tenant(), "robot@service.invalid", |new| new.kind = Kind::Service);
    for (body, status) in [
        (json!({ "user_email": "nobody@example.com" }), 404),
        (json!({ "user_email": "robot@service.invalid" }), 409),
        (json!({}), 400),
        (json!({ "user_email": JANE, "email": JANE }), 400),
    ] {
        let refused = put(&rig, &owner, RESET, &body);
        assert_eq!(refused.status, status, "{body} {}", refused.text);
    }
}

#[test]
fn a_password_reset_leaves_the_app_and_signs_nobody_in() {
    let rig = Rig::start();
    let (phone, _) = enrol(&rig, &rig.session(JANE, &rig.sample.user_password));
    assert_eq!(rig.reset(JANE).status, 200);
    let redeemed = rig.post_open("/reset", &json!({ "token": rig.token(JANE, 2), "password": GOOD_PASSWORD }));
    assert_eq!((redeemed.status, cookie(&redeemed, "tenantry")), (204, None));
    assert_eq!(rig.sign_in(JANE, GOOD_PASSWORD), 401, "the code is asked for still");
    // A mail that is under way while the clock moves on is sent once more.
    rig.let_background_rest();
    assert_eq!(sign_in(&rig, JANE, GOOD_PASSWORD, &phone.next_code(&rig)).status, 204);
    assert_eq!(rig.post_open("/forgot", &json!({ "email": JANE })).status, 200);
    let redeemed =
        rig.post_open("/reset", &json!({ "token": rig.token(JANE, 4), "password": "another quiet lantern at sea" }));
    assert_eq!(redeemed.status, 204, "{}", redeemed.text);
    assert_eq!(rig.sign_in(JANE, "another quiet lantern at sea"), 401);
}

#[test]
fn the_own_settings_tell_it_and_switch_it_off_but_by_no_token() {
    let rig = Rig::start();
    let session = rig.session(JANE, &rig.sample.user_password);
    let put_own = |body: &Value| {
        let headers = [("Cookie", session.as_str()), ("Content-Type", "application/json")];
        rig.send("PUT", OWN, &headers, Some(&body.to_string()))
    };
    let refused = put_own(&json!({ "otp_enabled": true }));
    assert_eq!((refused.status, refused.message().contains("account page")), (409, true), "{}", refused.text);
    assert_eq!(put_own(&json!({ "otp_enabled": false })).status, 200);
    enrol(&rig, &session);
    let shown = rig.send("GET", OWN, &[("Cookie", &session)], None).body;
    assert_eq!((&shown["otp_enabled"], &shown["otp_status"]), (&json!(true), &json!("OTP_ENABLED")));
    let made = json!({ "name": "robot", "spec": { "type": "API_TOKEN" } });
    let token = ask(&rig, &session, "/api/web/namespaces/system/api_credentials", &made).body["data"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(put(&rig, &token, OWN, &json!({ "otp_enabled": false })).status, 403);
    rig.clock.advance_seconds(901);
    let stale = put_own(&json!({ "otp_enabled": false }));
    assert_eq!((stale.status, &stale.body["details"][0]["reason"]), (403, &json!("PROVE_AGAIN")), "{}", stale.text);
    assert_eq!(put_own(&json!({ "otp_enabled": true })).status, 200, "it is so already");
}
