//! Whether an invitation is still open, asked with the link of its mail.

use serde_json::{Value, json};

use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const VALIDATE: &str = "/no_auth/login/validate_registration";
const NEW: &str = "new@example.com";

fn invited() -> (Rig, String) {
    let rig = Rig::start();
    let made = rig.post("/api/web/custom/namespaces/system/user_roles", &json!({ "email": NEW }));
    assert_eq!(made.status, 200, "{}", made.text);
    let token = rig.token(NEW, 1);
    (rig, token)
}

fn ask(rig: &Rig, email: &str, token: &str) -> Answered {
    rig.post_open(VALIDATE, &json!({ "email": email, "token": token, "tenant_type": "ENTERPRISE" }))
}

fn valid() -> Value {
    json!({ "valid_registration": true, "err": "ETOKEN_OK" })
}

fn failed() -> Value {
    json!({ "valid_registration": false, "err": "ETOKEN_FAILED" })
}

#[test]
fn an_invitation_is_valid_until_its_link_is_used_or_dead() {
    let (rig, token) = invited();
    let before = rig.audit().len();
    assert_eq!((ask(&rig, "NEW@example.com", &token).body, ask(&rig, NEW, &token).body), (valid(), valid()));
    assert_eq!(rig.audit().len(), before, "asking opens nothing");
    rig.clock.advance_seconds(24 * 3600);
    assert_eq!(ask(&rig, NEW, &token).body, failed(), "it died of age");
    let again = json!({ "email": NEW });
    assert_eq!(rig.post("/api/web/custom/namespaces/system/send_password_email", &again).status, 200);
    let newer = rig.token(NEW, 2);
    assert_eq!((ask(&rig, NEW, &token).body, ask(&rig, NEW, &newer).body), (failed(), valid()), "sent again");
    assert_eq!(rig.redeem(&newer, GOOD_PASSWORD), 204);
    assert_eq!(ask(&rig, NEW, &newer).body, failed(), "it was used");
}

#[test]
fn nobody_learns_anything_without_the_token_of_that_very_address() {
    let (rig, token) = invited();
    assert_eq!(rig.reset("jane@example.com").status, 200);
    let janes = rig.token("jane@example.com", 1);
    let forged = "A".repeat(48);
    for (email, token) in [
        (NEW, forged.as_str()),
        (NEW, "no token"),
        (NEW, &janes),
        ("jane@example.com", &token),
        ("nobody@example.com", &token),
        ("nobody@example.com", &forged),
        ("jane@example.com", &janes),
    ] {
        let answered = ask(&rig, email, token);
        assert_eq!((answered.status, answered.body), (200, failed()), "{email} {token}");
    }
    for body in [json!({ "email": NEW }), json!({ "token": token }), json!({ "email": "new", "token": token })] {
        assert_eq!(rig.post_open(VALIDATE, &body).status, 400, "{body}");
    }
}

#[test]
fn one_address_asks_no_more_than_a_bounded_number_of_times() {
    let (rig, token) = invited();
    let statuses: Vec<u16> = (0..80).map(|_| ask(&rig, NEW, &token).status).collect();
    assert!(statuses.contains(&429) && statuses[0] == 200, "{statuses:?}");
}
