//! What ends or opens an account asks the holder of a session again who they are.

use serde_json::{Value, json};

use crate::phone::{ask, cookie, enrol, form, page};
use crate::rig::Rig;

const OLD: i64 = 901;
const CREDENTIALS: &str = "/api/web/namespaces/system/api_credentials";

/// Every row that asks for a fresh proof, with a body.
fn fresh(rig: &Rig) -> Vec<(&'static str, Value)> {
    let token = json!({ "name": "robot", "spec": { "type": "API_TOKEN" } });
    let service = json!({ "name": "robot", "type": "SERVICE_API_TOKEN", "api_token": {} });
    let renewed = json!({ "name": "none-abcdefgh", "namespace": "system", "expiration_days": 3 });
    let owner = json!({ "email": "jane@example.com" });
    let address = json!({ "email": "moved@example.com", "current_password": rig.sample.admin_password });
    vec![
        (CREDENTIALS, token),
        ("/api/web/namespaces/system/renew/api_credentials", renewed.clone()),
        ("/api/web/namespaces/system/service_credentials", service),
        ("/api/web/namespaces/system/renew/service_credentials", renewed),
        ("/api/web/namespaces/system/tenant/domain_owner/assign", owner.clone()),
        ("/api/web/namespaces/system/tenant/domain_owner/unassign", owner),
        (
            "/api/tenantry/v1/bulk/019cb821-7798-7dc9-9194-e1c74b27545c/act",
            json!({ "plan": "0".repeat(64), "users": 1 }),
        ),
        (
            "/api/tenantry/v1/incidents/019cb821-7798-7dc9-9194-e1c74b27545c/start",
            json!({ "plan": "0".repeat(64), "users": 1 }),
        ),
        ("/api/tenantry/v1/incidents/019cb821-7798-7dc9-9194-e1c74b27545c/agree", json!({ "plan": "0".repeat(64) })),
        ("/api/tenantry/v1/incidents/019cb821-7798-7dc9-9194-e1c74b27545c/cancel", json!({})),
        ("/api/tenantry/v1/incidents/019cb821-7798-7dc9-9194-e1c74b27545c/release", json!({})),
        ("/api/tenantry/v1/webhooks", json!({ "name": "x", "url": "https://hooks.example.com/", "events": ["*"] })),
        ("/api/tenantry/v1/webhooks/019cb821-7798-7dc9-9194-e1c74b27545c/rotate", json!({})),
        ("/api/tenantry/v1/webhooks/019cb821-7798-7dc9-9194-e1c74b27545c/on", json!({})),
        ("/api/tenantry/v1/webhooks/019cb821-7798-7dc9-9194-e1c74b27545c/off", json!({})),
        ("/api/tenantry/v1/webhooks/019cb821-7798-7dc9-9194-e1c74b27545c/remove", json!({})),
        ("/api/web/namespaces/system/tenant/request-delete", json!({ "name": "another-corp" })),
        ("/api/tenantry/v1/people/erase", json!({ "email": "nobody@example.com" })),
        ("/account/email", address),
        ("/account/second-factor/begin", json!({})),
        ("/account/second-factor/confirm", json!({ "code": "000000" })),
        ("/account/second-factor/recovery", json!({})),
        ("/account/second-factor/remove", json!({})),
    ]
}

fn admin(rig: &Rig) -> (String, String) {
    (rig.sample.admin_email.into(), rig.sample.admin_password.clone())
}

#[test]
fn an_old_session_proves_itself_first_and_a_token_does_not() {
    let rig = Rig::start();
    let (email, password) = admin(&rig);
    let session = rig.session(&email, &password);
    rig.clock.advance_seconds(OLD);
    for (path, body) in fresh(&rig) {
        let refused = ask(&rig, &session, path, &body);
        assert_eq!((refused.status, &refused.body["code"]), (403, &7.into()), "{path} {}", refused.text);
        assert_eq!(refused.body["details"][0]["reason"], "PROVE_AGAIN", "{path}");
        if path.starts_with("/api/") {
            let by_token = rig.post(path, &body);
            assert!(!by_token.text.contains("PROVE_AGAIN"), "{path} {}", by_token.text);
        }
    }
    assert!(rig.audit().iter().all(|(action, ..)| action != "access.refuse"), "nobody tried what they may not");
    assert_eq!(ask(&rig, &session, "/prove", &json!({ "password": "wrong" })).status, 401);
    assert_eq!(ask(&rig, &session, "/prove", &json!({ "password": password })).status, 204);
    for (path, body) in fresh(&rig) {
        let answered = ask(&rig, &session, path, &body);
        assert!(!answered.text.contains("PROVE_AGAIN"), "{path} {}", answered.text);
    }
    rig.clock.advance_seconds(899);
    assert_eq!(ask(&rig, &session, "/account/second-factor/begin", &json!({})).status, 200);
    rig.clock.advance_seconds(1);
    assert_eq!(ask(&rig, &session, "/account/second-factor/begin", &json!({})).status, 403);
}

#[test]
fn a_browser_is_led_to_the_proof_and_back_to_one_of_our_pages() {
    let rig = Rig::start();
    let (email, password) = admin(&rig);
    let session = rig.session(&email, &password);
    rig.clock.advance_seconds(OLD);
    let sent = form(&rig, &session, "/account/second-factor/begin", &[]);
    assert_eq!((sent.status, sent.header("location")), (303, Some("/prove?back=/account/second-factor")));
    let shown = page(&rig, &session, "/prove?back=/account/second-factor");
    assert!(shown.text.contains("name=\"back\" value=\"/account/second-factor\""), "{}", shown.text);
    for elsewhere in ["//evil.example", "https://evil.example/", "/account/../x", "/signin", "/account?x"] {
        let path = format!("/prove?back={}", elsewhere.replace('/', "%2F").replace('?', "%3F"));
        assert!(page(&rig, &session, &path).text.contains("name=\"back\" value=\"/account\""), "{elsewhere}");
        let fields = [("password", password.as_str()), ("back", elsewhere)];
        assert_eq!(form(&rig, &session, "/prove", &fields).header("location"), Some("/account"), "{elsewhere}");
    }
    let wrong = form(&rig, &session, "/prove", &[("password", "wrong"), ("back", "/account/second-factor")]);
    assert_eq!((wrong.status, wrong.text.contains("value=\"/account/second-factor\"")), (401, true), "{}", wrong.text);
    assert_eq!(page(&rig, "", "/prove").header("location"), Some("/signin"));
}

#[test]
fn where_there_is_an_app_the_proof_needs_its_code_too() {
    let rig = Rig::start();
    let (email, password) = admin(&rig);
    let session = rig.session(&email, &password);
    let (phone, _) = enrol(&rig, &session);
    rig.clock.advance_seconds(OLD);
    let prove = |code: &str| ask(&rig, &session, "/prove", &json!({ "password": password, "code": code }));
    let missing = ask(&rig, &session, "/prove", &json!({ "password": password }));
    assert_eq!(missing.body["details"][0]["reason"], "SECOND_FACTOR_REQUIRED", "{}", missing.text);
    assert!(page(&rig, &session, "/prove").text.contains("one-time-code"));
    let code = phone.code(&rig);
    assert_eq!([prove("000000").status, prove(&code).status], [401, 204]);
    assert_eq!(prove(&code).status, 401, "no code counts twice, here neither");
    let used = crate::phone::sign_in(&rig, &email, &password, &code);
    assert_eq!((used.status, cookie(&used, "tenantry")), (401, None));
}

#[test]
fn a_wrong_password_at_the_proof_is_counted_and_recorded_with_a_code_and_without() {
    let rig = Rig::start();
    let (email, password) = admin(&rig);
    let session = rig.session(&email, &password);
    let (phone, _) = enrol(&rig, &session);
    let refused = || {
        let records = rig.audit();
        records.iter().filter(|(action, outcome, _)| action == "session.prove" && outcome == "refused").count()
    };
    let guess = |body: Value| ask(&rig, &session, "/prove", &body);
    let mut wrong = 0;
    let locked = loop {
        let code = phone.next_code(&rig);
        let body = match wrong % 2 {
            0 => json!({ "password": "wrong" }),
            _ => json!({ "password": "wrong", "code": code }),
        };
        let answered = guess(body);
        assert!(!answered.text.contains("SECOND_FACTOR"), "{}", answered.text);
        match answered.status {
            401 => wrong += 1,
            429 => break answered,
            other => panic!("{other} {}", answered.text),
        }
        assert_eq!(refused(), wrong);
        assert!(wrong < 100, "nothing counts them");
    };
    assert!(locked.header("retry-after").is_some(), "{}", locked.text);
    let waits = guess(json!({ "password": password, "code": phone.code(&rig) }));
    assert_eq!(waits.status, 429, "the right one waits too: {}", waits.text);
    rig.clock.advance_seconds(901);
    let before = refused();
    assert_eq!(guess(json!({ "password": password })).status, 401);
    assert_eq!(refused(), before + 1, "a right password without its code is recorded");
    assert_eq!(guess(json!({ "password": password, "code": phone.next_code(&rig) })).status, 204);
}

#[test]
fn every_sign_in_is_a_proof_of_its_own_session_alone() {
    let rig = Rig::start();
    let (email, password) = admin(&rig);
    let old = rig.session(&email, &password);
    rig.clock.advance_seconds(OLD);
    let new = rig.session(&email, &password);
    let begin = |session: &str| ask(&rig, session, "/account/second-factor/begin", &json!({})).status;
    assert_eq!([begin(&old), begin(&new)], [403, 200]);
    // A clock that ran ahead leaves no proof that would come back.
    rig.clock.advance_seconds(3 * 24 * 3_600);
    let ahead = rig.session(&email, &password);
    rig.clock.advance_seconds(-3 * 24 * 3_600);
    assert_eq!(begin(&ahead), 403);
}
