//! A code app beside everything else that happens to its user, and to the server.

use serde_json::json;
use tenantry::params;
use tenantry::store::Scope;

use crate::phone::{Phone, ask, begin, cookie, enrol, factor_link, page, sign_in, step};
use crate::rig::{GOOD_PASSWORD, Rig};

const JANE: &str = "jane@example.com";
const DAY: i64 = 24 * 3_600;

fn jane(rig: &Rig) -> (String, Phone, Vec<String>) {
    let session = rig.session(JANE, &rig.sample.user_password);
    let (phone, codes) = enrol(rig, &session);
    (session, phone, codes)
}

fn status(rig: &Rig, email: &str, code: &str) -> u16 {
    sign_in(rig, email, &rig.sample.user_password, code).status
}

#[test]
fn it_stays_with_the_user_through_another_address_and_a_time_of_being_locked_out() {
    let rig = Rig::start();
    let (_, phone, _) = jane(&rig);
    for way in ["disable", "enable"] {
        let locked = way == "disable";
        assert_eq!(rig.post(&format!("/api/tenantry/v1/users/{way}"), &json!({ "email": JANE })).status, 200);
        assert_eq!(rig.sign_in(JANE, &rig.sample.user_password), 401, "{way}");
        assert_eq!(status(&rig, JANE, &phone.next_code(&rig)), if locked { 401 } else { 204 }, "{way}");
    }
    let path = format!("/api/tenantry/v1/users/{JANE}/email");
    assert_eq!(rig.post(&path, &json!({ "email": "jane.roe@example.com" })).status, 200);
    let token = rig.token("jane.roe@example.com", 1);
    assert_eq!(rig.post_open("/email", &json!({ "token": token, "agreed": "yes" })).status, 204);
    assert_eq!(rig.sign_in("jane.roe@example.com", &rig.sample.user_password), 401);
    assert_eq!(status(&rig, "jane.roe@example.com", &phone.next_code(&rig)), 204);
}

#[test]
fn it_goes_with_the_user_and_is_not_that_of_one_who_comes_by_the_same_address() {
    let rig = Rig::start();
    let (_, phone, codes) = jane(&rig);
    rig.wait_for_mails(JANE, 1);
    let roles = "/api/web/custom/namespaces/system";
    assert_eq!(rig.post(&format!("{roles}/users/cascade_delete"), &json!({ "email": JANE })).status, 200);
    assert_eq!(rig.post(&format!("{roles}/user_roles"), &json!({ "email": JANE })).status, 200);
    assert_eq!(rig.redeem(&rig.token(JANE, 2), GOOD_PASSWORD), 204);
    assert_eq!(rig.sign_in(JANE, GOOD_PASSWORD), 204);
    let (other, _) = enrol(&rig, &rig.session(JANE, GOOD_PASSWORD));
    assert_ne!(other.secret, phone.secret);
    assert_eq!(
        [&phone.next_code(&rig), &codes[0]].map(|code| sign_in(&rig, JANE, GOOD_PASSWORD, code).status),
        [401, 401]
    );
    let left = rig.store.read(Scope::HOUSE, |tx| tx.all("SELECT user_id FROM second_factors", &[])).unwrap();
    assert_eq!(left.len(), 1);
}

#[test]
fn it_stays_through_a_restart_and_another_key_and_waits_while_the_tenant_is_suspended() {
    let data = tempfile::tempdir().unwrap();
    let mut rig = Rig::at(data.path(), 0, |_| {});
    let (_, phone, codes) = jane(&rig);
    tenantry::keys::rotate(&data.path().join("link.keys"), &tenantry::random::Random::system()).unwrap();
    rig.restart(data.path(), |_| {});
    assert_eq!([status(&rig, JANE, &phone.next_code(&rig)), status(&rig, JANE, &codes[0])], [204, 204]);
    let disable = |rig: &Rig, at: Option<i64>| {
        rig.write(move |tx| tx.run("UPDATE tenants SET disabled_at = $1", &params![at]).map(drop));
    };
    let (_, waiting) = step(&rig, JANE, &rig.sample.user_password);
    disable(&rig, Some(1));
    let host = [("Host", "example-corp.localhost"), ("Cookie", waiting.as_str()), ("Content-Type", "application/json")];
    let enter =
        |rig: &Rig, code: &str| rig.send("POST", "/signin/code", &host, Some(&json!({ "code": code }).to_string()));
    assert_eq!(enter(&rig, &phone.next_code(&rig)).status, 403);
    disable(&rig, None);
    assert_eq!(enter(&rig, &phone.code(&rig)).status, 204, "nothing was used up");
}

#[test]
fn a_clock_that_ran_ahead_keeps_nobody_out_and_opens_nothing_twice() {
    let rig = Rig::start();
    let (_, phone, _) = jane(&rig);
    rig.clock.advance_seconds(8 * DAY);
    let ahead = phone.code(&rig);
    assert_eq!(status(&rig, JANE, &ahead), 204);
    for _ in 0..7 {
        let _ = status(&rig, JANE, "000000");
    }
    rig.clock.advance_seconds(-8 * DAY);
    let code = phone.next_code(&rig);
    assert_eq!(status(&rig, JANE, &code), 204, "neither the step nor the wait of that time binds");
    assert_eq!(status(&rig, JANE, &code), 401);
    assert_eq!(status(&rig, JANE, &ahead), 401);
}

#[test]
fn a_copy_of_the_store_with_the_passwords_signs_nobody_in() {
    let rig = Rig::start();
    let (_, phone, codes) = jane(&rig);
    assert_eq!(status(&rig, JANE, &phone.next_code(&rig)), 204);
    let all: Vec<String> = ["second_factors", "sign_in_steps", "sessions", "audit", "mails"]
        .iter()
        .map(|table| {
            let rows = rig.store.read(Scope::HOUSE, |tx| tx.all(format!("SELECT * FROM {table}").leak(), &[]));
            format!("{:?}", rows.unwrap())
        })
        .collect();
    let text = all.join("\n");
    for secret in codes.iter().flat_map(|code| [code.clone(), code.replace('-', "")]).chain([phone.secret.clone()]) {
        assert!(!text.contains(&secret));
    }
    // Another key file: what is in the copy makes other codes.
    let directory = tempfile::tempdir().unwrap();
    let random = tenantry::random::Random::system();
    let keys = tenantry::keys::Keys::open(&directory.path().join("link.keys"), true, &random).unwrap();
    let row =
        rig.store.read(Scope::HOUSE, |tx| tx.one("SELECT tenant, user_id, seed FROM second_factors", &[])).unwrap();
    let owner = tenantry::factors::Owner { tenant: row.get(0).unwrap(), user: row.get(1).unwrap() };
    let elsewhere = tenantry::factors::App::new(&keys, owner, &row.get(2).unwrap());
    let stolen = Phone { secret: elsewhere.secret().expose().clone() };
    assert_ne!(stolen.secret, phone.secret);
    assert_eq!(status(&rig, JANE, &stolen.next_code(&rig)), 401);
}

#[test]
fn what_was_used_before_a_restore_is_not_used_again_behind_it() {
    let rig = Rig::start();
    let (_, phone, codes) = jane(&rig);
    let used = phone.next_code(&rig);
    let tenant = rig.tenant();
    // What a restore does in a copy that was made before the code was used.
    let now = rig.clock.now();
    rig.write(move |tx| tenantry::factors::end_all(tx, tenant, now).map(drop));
    assert_eq!([status(&rig, JANE, &used), status(&rig, JANE, &codes[0])], [401, 401]);
    rig.clock.advance_seconds(60);
    assert_eq!(status(&rig, JANE, &phone.code(&rig)), 204, "the app itself goes on");
}

#[test]
fn half_a_sign_in_and_half_an_app_end_with_what_they_began_with() {
    let rig = Rig::start();
    let (session, phone, _) = jane(&rig);
    // An app that is set up in one session is nothing to another, and ends with the sessions.
    let (new, both) = begin(&rig, &session);
    let of_step = both.split("; ").nth(1).unwrap().to_owned();
    let kenji = rig.session("kenji@example.com", &rig.sample.user_password);
    let foreign =
        ask(&rig, &format!("{kenji}; {of_step}"), "/account/second-factor/confirm", &json!({ "code": new.code(&rig) }));
    assert_eq!(foreign.status, 401, "{}", foreign.text);
    let as_sign_in = ask(&rig, &of_step, "/signin/enrol", &json!({ "code": new.code(&rig) }));
    assert_eq!((as_sign_in.status, cookie(&as_sign_in, "tenantry")), (401, None), "it signs nobody in");
    let as_code = ask(&rig, &of_step, "/signin/code", &json!({ "code": phone.next_code(&rig) }));
    assert_eq!((as_code.status, cookie(&as_code, "tenantry")), (401, None));
    // Taking the app away ends what is half done; the link's step sets up one app and no more.
    let (_, half) = step(&rig, JANE, &rig.sample.user_password);
    let body = json!({ "user_email": JANE });
    let path = "/api/web/namespaces/system/user/otp/admin_reset";
    assert_eq!(rig.as_token(&rig.sample.api_token, "PUT", path, Some(&body)).status, 200);
    assert_eq!(page(&rig, &half, "/signin/code").header("location"), Some("/signin"));
    let token = factor_link(&rig, JANE, 1);
    let open = || rig.post_open("/second-factor", &json!({ "token": token, "password": rig.sample.user_password }));
    let steps = [open(), open()].map(|opened| cookie(&opened, "tenantry-step").unwrap());
    let phones = [0, 1].map(|nth: usize| crate::phone::key_on(&page(&rig, &steps[nth], "/signin/enrol").text));
    let enter = |nth: usize| ask(&rig, &steps[nth], "/signin/enrol", &json!({ "code": phones[nth].code(&rig) })).status;
    assert_eq!([enter(0), enter(1), enter(0)], [200, 401, 401]);
}
