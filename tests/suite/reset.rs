//! The main job, over HTTP.

use serde_json::json;

use crate::rig::{GOOD_PASSWORD, Rig};

const EMAIL: &str = "hello@example.com";

#[test]
fn a_reset_kills_the_old_password_and_its_link_sets_the_new_one_once() {
    let rig = Rig::start();
    let old = rig.sample.user_password.clone();
    assert_eq!(rig.sign_in(EMAIL, &old), 204);

    let answered = rig.reset(EMAIL);
    assert_eq!((answered.status, answered.text.as_str()), (200, "{}"));
    assert!(answered.header("tenantry-reset-id").is_some());
    assert_eq!(rig.sign_in(EMAIL, &old), 401);

    let token = rig.token(EMAIL, 1);
    assert_eq!(rig.redeem(&token, "short"), 422);
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204);
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 400);
    assert_eq!(rig.sign_in(EMAIL, &old), 401);
    assert_eq!(rig.sign_in(EMAIL, GOOD_PASSWORD), 204);
}

#[test]
fn the_call_works_behind_the_prefix_and_with_any_content_type() {
    let rig = Rig::start();
    let prefixed = "/api/v1/api/production/us-east-1/namespaces/default/api/web/custom/password/admin_reset";
    let authorization = rig.authorization();
    for content_type in ["application/json", "application/x-www-form-urlencoded", "application/data"] {
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", content_type)];
        let body = json!({ "email": EMAIL }).to_string();
        let answered = rig.send("POST", prefixed, &headers, Some(&body));
        assert_eq!((answered.status, answered.text.as_str()), (200, "{}"), "{content_type}");
    }
    assert_eq!(rig.wait_for_mails(EMAIL, 1).len(), 1, "repeats within 30 s are one reset");
}

#[test]
fn a_clock_that_was_set_back_does_not_make_a_repeat_of_a_wish() {
    let rig = Rig::start();
    let reset = || rig.reset(EMAIL).header("tenantry-reset-id").unwrap().to_string();
    let first = reset();
    rig.clock.advance_seconds(-20);
    assert_eq!(reset(), first, "twenty seconds apart, whichever way");
    rig.clock.advance_seconds(-3_600);
    // Housekeeping would bring the first one back to this moment, of which the second would be a repeat.
    rig.clock.was_set_back();
    let second = reset();
    assert_ne!(second, first, "an hour apart is another wish");
    let (first, second) = (rig.get(&format!("/api/tenantry/v1/resets/{first}")), second);
    assert_eq!(first.body["state"], "superseded");
    assert_eq!(rig.get(&format!("/api/tenantry/v1/resets/{second}")).status, 200);
}
