//! One-time codes at sign-in, which there are none of: what can be said of them is answered truly.

use serde_json::{Value, json};
use tenantry::people::Kind;

use crate::people::in_system;
use crate::rig::{Answered, Rig};

const RESET: &str = "/api/web/namespaces/system/user/otp/admin_reset";
const DISABLE: &str = "/api/web/namespaces/system/tenant/settings/otp/disable";
const ENABLE: &str = "/api/web/namespaces/system/tenant/settings/otp/enable";
const SETTINGS: &str = "/api/web/namespaces/system/tenant/settings";
const JANE: &str = "jane@example.com";

fn put(rig: &Rig, token: &str, path: &str, body: &Value) -> Answered {
    rig.as_token(token, "PUT", path, Some(body))
}

#[test]
fn what_is_off_is_switched_off_and_cannot_be_switched_on() {
    let rig = Rig::start();
    let owner = rig.sample.api_token.clone();
    for _ in 0..2 {
        let answered = put(&rig, &owner, DISABLE, &json!({}));
        assert_eq!((answered.status, answered.text.as_str()), (200, "{}"));
    }
    let refused = put(&rig, &owner, ENABLE, &json!({}));
    assert_eq!((refused.status, &refused.body["code"]), (501, &12.into()), "{}", refused.text);
    let settings = rig.get(SETTINGS).body;
    assert_eq!((&settings["otp_enabled"], &settings["otp_status"]), (&false.into(), &"OTP_DISABLED".into()));
    assert_eq!(put(&rig, &owner, DISABLE, &json!({ "force": true })).status, 400);
    let monitor = rig.add_member(rig.tenant(), "monitor@example.com", in_system("ves-io-monitor-role"));
    assert_eq!(put(&rig, &monitor, DISABLE, &json!({})).status, 403);
}

#[test]
fn a_user_has_no_device_before_a_reset_and_none_behind_it() {
    let rig = Rig::start();
    let owner = rig.sample.api_token.clone();
    let cookie = rig.session(JANE, &rig.sample.user_password);
    let answered = put(&rig, &owner, RESET, &json!({ "user_email": "JANE@example.com" }));
    assert_eq!((answered.status, answered.text.as_str()), (200, "{}"));
    let records = rig.audit();
    let last = records.iter().rfind(|(action, ..)| action == "user.reset_codes").unwrap();
    assert_eq!((last.1.as_str(), last.2.as_str()), ("accepted", JANE));
    let account = rig.send("GET", "/account", &[("Cookie", &cookie), ("Accept", "application/json")], None);
    assert_eq!((account.status, rig.sign_in(JANE, &rig.sample.user_password)), (200, 204), "nothing else ends");
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
