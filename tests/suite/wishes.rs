//! One wish after another: an answer of 200 means that the call's promise is true now, whatever was asked before.

use serde_json::{Value, json};

use crate::people::owner;
use crate::rig::{Answered, GOOD_PASSWORD, Rig, START};

const JANE: &str = "jane@example.com";
const LINK_MAIL: &str = "/api/web/custom/namespaces/system/send_password_email";
const ADMIN_RESET: &str = "/api/web/custom/password/admin_reset";

fn link_mail(rig: &Rig, email: &str) -> Answered {
    rig.post(LINK_MAIL, &json!({ "email": email }))
}

fn id(answered: &Answered) -> String {
    assert_eq!(answered.status, 200, "{}", answered.text);
    answered.header("tenantry-reset-id").unwrap().to_string()
}

/// A session of jane, and whether it and her password are alive.
struct Access {
    cookie: String,
}

impl Access {
    fn of_jane(rig: &Rig) -> Self {
        Self { cookie: rig.session(JANE, &rig.sample.user_password) }
    }

    fn statuses(&self, rig: &Rig) -> (u16, u16) {
        let who = rig.send("GET", "/api/web/custom/namespaces/system/whoami", &[("Cookie", &self.cookie)], None);
        (rig.sign_in(JANE, &rig.sample.user_password), who.status)
    }
}

const ALIVE: (u16, u16) = (204, 200);
const DEAD: (u16, u16) = (401, 401);

/// A request before a reset.
type Wish<'a> = &'a dyn Fn(&Rig, &Access) -> Answered;

#[test]
fn a_reset_ends_password_and_sessions_whatever_was_asked_before_it() {
    let own = |rig: &Rig, access: &Access| {
        let headers =
            [("Cookie", access.cookie.as_str()), ("Content-Type", "application/json"), ("Origin", &origin(rig))];
        rig.send("POST", "/api/web/custom/password/reset", &headers, Some("{}"))
    };
    let forgot = |rig: &Rig| rig.post_open("/forgot", &json!({ "email": JANE }));
    let forgot_by_administrator = |rig: &Rig| rig.post("/no_auth/send_password_email", &json!({ "email": JANE }));
    let before: [(&str, Wish<'_>); 4] = [
        ("a link mail", &|rig, _| link_mail(rig, JANE)),
        ("an own wish", &own),
        ("a wish of anyone", &|rig, _| forgot(rig)),
        ("a wish under the administrator's own token", &|rig, _| forgot_by_administrator(rig)),
    ];
    for (what, wish) in before {
        let rig = Rig::start();
        let access = Access::of_jane(&rig);
        assert_eq!(wish(&rig, &access).status, 200, "{what}");
        rig.wait_for_mails(JANE, 1);
        assert_eq!(access.statuses(&rig), ALIVE, "{what}");
        let reset = id(&rig.reset(JANE));
        assert_eq!(access.statuses(&rig), DEAD, "after {what}");
        rig.wait_for_mails(JANE, 2);
        assert_eq!(id(&rig.reset(JANE)), reset, "and then a repeat is one");
    }
}

fn origin(rig: &Rig) -> String {
    format!("http://{}", rig.address)
}

#[test]
fn a_reset_of_an_invited_user_is_one_though_the_invitation_was_sent_a_moment_ago() {
    let rig = Rig::start();
    let made = rig.post("/api/web/custom/namespaces/system/user_roles", &json!({ "email": "new@example.com" }));
    assert_eq!(made.status, 200, "{}", made.text);
    let invitation = rig.token("new@example.com", 1);
    let reset = id(&rig.reset("new@example.com"));
    let shown = rig.get(&format!("/api/tenantry/v1/resets/{reset}")).body;
    assert_eq!((&shown["kind"], &shown["kills_password"]), (&json!("administrator"), &json!(false)));
    assert_eq!(rig.redeem(&invitation, GOOD_PASSWORD), 400, "its link is dead");
    assert_eq!(rig.get("/api/tenantry/v1/users/new@example.com").body["password"], "none", "none has died");
}

#[test]
fn a_repeat_is_one_only_while_all_that_it_would_do_still_holds() {
    let rig = Rig::start();
    rig.choose(|settings| settings.reset.keep_password_until_redeemed = true);
    let access = Access::of_jane(&rig);
    let first = id(&rig.reset(JANE));
    assert_eq!(access.statuses(&rig), (204, 401), "the password is kept, the sessions are not");
    rig.clock.advance_seconds(1);
    let second = id(&rig.reset(JANE));
    assert_ne!(second, first, "someone has signed in since: their session must end");
    assert_eq!(id(&rig.reset(JANE)), second, "nobody has");
    rig.choose(|settings| settings.reset.keep_password_until_redeemed = false);
    let third = id(&rig.reset(JANE));
    assert_ne!(third, second, "the password is to die now");
    assert_eq!(access.statuses(&rig), DEAD);
    rig.choose(|settings| settings.reset.keep_password_until_redeemed = true);
    assert_eq!(id(&rig.reset(JANE)), third, "the stronger one was done");
    rig.let_background_rest();
    assert_eq!(rig.redeem(&rig.token(JANE, 1), GOOD_PASSWORD), 204);
    assert_ne!(id(&rig.reset(JANE)), third, "a new password was chosen since");
}

#[test]
fn no_number_of_wishes_delays_or_refuses_an_administrator() {
    let rig = Rig::start();
    rig.choose(|settings| settings.reset.mails_per_hour = 1);
    let access = Access::of_jane(&rig);
    for nth in 0..5 {
        let headers =
            [("Cookie", access.cookie.as_str()), ("Content-Type", "application/json"), ("Origin", &origin(&rig))];
        let own = rig.send("POST", "/api/web/custom/password/reset", &headers, Some("{}"));
        assert_eq!(own.status, if nth == 0 { 200 } else { 429 }, "{}", own.text);
        assert_eq!(rig.post_open("/forgot", &json!({ "email": JANE })).status, 200);
        rig.wait_for_mails(JANE, 1);
        rig.clock.advance_seconds(31);
    }
    let reset = id(&rig.reset(JANE));
    assert_eq!(access.statuses(&rig), DEAD);
    let shown = rig.get(&format!("/api/tenantry/v1/resets/{reset}")).body;
    assert_eq!(shown["mail_waits_until"], Value::Null, "{shown}");
    rig.wait_for_mails(JANE, 2);
}

#[test]
fn beyond_the_bound_of_mails_a_reset_ends_everything_and_its_one_mail_waits() {
    let rig = Rig::start();
    rig.choose(|settings| settings.reset.mails_per_hour = 2);
    for sent in 1..=2 {
        assert_eq!(link_mail(&rig, JANE).status, 200);
        rig.wait_for_mails(JANE, sent);
        rig.clock.advance_seconds(60);
    }
    let access = Access::of_jane(&rig);
    let older = rig.token(JANE, 2);
    let first = id(&rig.reset(JANE));
    assert_eq!(access.statuses(&rig), DEAD);
    assert_eq!(rig.redeem(&older, GOOD_PASSWORD), 400, "older links are dead too");
    rig.clock.advance_seconds(60);
    let second = id(&rig.reset(JANE));
    assert_ne!(first, second);
    let mail_alone = link_mail(&rig, JANE);
    assert_eq!(
        mail_alone.status, 429,
        "a mail that waits is not the mail that this call promises: {}",
        mail_alone.text
    );
    let path = format!("/api/tenantry/v1/resets/{second}");
    let shown = rig.get(&path).body;
    assert_eq!(shown["mail_waits_until"], "2026-03-04T10:15:27.000000Z", "an hour after the first mail: {shown}");
    let waiting = shown["timeline"].as_array().unwrap().iter().find(|moment| moment["what"] == "waiting").unwrap();
    assert!(waiting["words"].as_str().unwrap().contains("2026-03-04T10:15:27"), "{waiting}");
    rig.clock.advance_seconds(3600 - 5 * 60);
    rig.let_background_rest();
    assert_eq!(rig.mails(JANE).len(), 2);
    rig.clock.advance_seconds(2 * 60);
    let link = rig.token(JANE, 3);
    rig.let_background_rest();
    assert_eq!(rig.mails(JANE).len(), 3, "of the mails that waited one leaves");
    rig.clock.advance_seconds(3600 - 2);
    assert_eq!(rig.get(&path).body["state"], "mailed", "the link lives from its mail");
    assert_eq!(rig.redeem(&link, GOOD_PASSWORD), 204);
}

#[test]
fn removing_a_user_and_making_them_again_gives_no_further_mails_and_hides_no_reset() {
    let rig = Rig::start();
    rig.choose(|settings| settings.reset.mails_per_hour = 2);
    let email = json!({ "email": "New@Example.com" });
    for nth in 0..4 {
        let made = rig.post("/api/web/custom/namespaces/system/user_roles", &email);
        assert_eq!(made.status, 200, "{}", made.text);
        rig.let_background_rest();
        assert_eq!(rig.mails("New@Example.com").len(), (nth + 1).min(2), "invitations count in the bound");
        let removed = rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &email);
        assert_eq!(removed.status, 200, "{}", removed.text);
    }
    let listed = rig.get("/api/tenantry/v1/resets?email=new@example.COM").body;
    assert_eq!(listed["items"].as_array().unwrap().len(), 4, "found by the address: {listed}");
    rig.clock.advance_seconds(3601);
    assert_eq!(rig.post("/api/web/custom/namespaces/system/user_roles", &email).status, 200);
    rig.wait_for_mails("New@Example.com", 3);
    let listed = rig.get("/api/tenantry/v1/resets?email=new@example.com").body;
    assert_eq!(listed["items"].as_array().unwrap().len(), 5);
}

#[test]
fn a_wish_mails_the_link_that_an_administrator_has_given_and_shortens_nothing() {
    let rig = Rig::start();
    let reset = id(&rig.reset(JANE));
    let path = format!("/api/tenantry/v1/resets/{reset}");
    let (link, before) = (rig.token(JANE, 1), rig.get(&path).body);
    rig.clock.advance_seconds(50 * 60);
    let records = rig.audit().len();
    assert_eq!(rig.post_open("/forgot", &json!({ "email": JANE })).status, 200);
    assert_eq!(rig.token(JANE, 2), link, "that very link");
    assert_eq!(rig.post_open("/forgot", &json!({ "email": JANE })).status, 200);
    rig.let_background_rest();
    assert_eq!(rig.mails(JANE).len(), 2, "a moment later it is a repeat");
    assert_eq!(rig.audit()[records..], [("reset.resend".into(), "accepted".into(), JANE.into())]);
    let after = rig.get(&path).body;
    assert_eq!((&after["expires_at"], &after["kind"]), (&before["expires_at"], &json!("administrator")));
    assert_eq!(rig.redeem(&link, GOOD_PASSWORD), 204);
}

#[test]
fn a_resend_renews_the_life_of_the_link() {
    let rig = Rig::start();
    let reset = id(&rig.reset(JANE));
    let link = rig.token(JANE, 1);
    rig.clock.advance_seconds(59 * 60);
    let resent = rig.post(&format!("/api/tenantry/v1/resets/{reset}/resend"), &json!({}));
    assert_eq!(resent.body["expires_at"], "2026-03-04T11:14:27.000000Z", "{}", resent.text);
    rig.wait_for_mails(JANE, 2);
    rig.clock.advance_seconds(59 * 60);
    assert_eq!(rig.redeem(&link, GOOD_PASSWORD), 204);
}

#[test]
fn a_redemption_is_a_new_beginning_for_every_device() {
    let rig = Rig::start();
    let known = rig.post_open("/signin", &json!({ "email": JANE, "password": rig.sample.user_password }));
    let device = known.headers.iter().find(|(_, value)| value.contains("device=")).unwrap().1.clone();
    let device = device.split(';').next().unwrap().to_string();
    let guess = |password: &str, cookie: &str| {
        let headers = [("Content-Type", "application/json"), ("Cookie", cookie)];
        rig.send("POST", "/signin", &headers, Some(&json!({ "email": JANE, "password": password }).to_string())).status
    };
    for cookie in ["", device.as_str()] {
        let wrong: Vec<u16> = (0..6).map(|nth| guess(&format!("a wrong one {nth}"), cookie)).collect();
        assert_eq!(wrong, [401, 401, 401, 401, 401, 429]);
    }
    assert_eq!(rig.post_open("/forgot", &json!({ "email": JANE })).status, 200);
    assert_eq!(rig.redeem(&rig.token(JANE, 1), GOOD_PASSWORD), 204);
    assert_eq!((guess(GOOD_PASSWORD, &device), guess(GOOD_PASSWORD, "")), (204, 204));
}

fn keyed(rig: &Rig, token: &str, path: &str, key: &str, body: &str) -> Answered {
    let authorization = format!("APIToken {token}");
    let headers =
        [("Authorization", authorization.as_str()), ("Content-Type", "application/json"), ("Idempotency-Key", key)];
    rig.send("POST", path, &headers, Some(body))
}

#[test]
fn an_idempotency_key_names_one_call_for_a_day() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let ask = |key: &str, body: &str| keyed(&rig, &token, ADMIN_RESET, key, body);
    let first = id(&rig.reset(JANE));
    assert_eq!(id(&ask("k", r#"{"email":"jane@example.com"}"#)), first, "a repeat, whose key is kept too");
    rig.clock.advance_seconds(31);
    let replayed = ask("k", "{ \"email\" : \"JANE@example.com\" }");
    assert_eq!((id(&replayed), replayed.header("idempotent-replayed")), (first.clone(), Some("true")));
    for (path, body) in [
        (ADMIN_RESET, r#"{"email":"kenji@example.com"}"#),
        (LINK_MAIL, r#"{"email":"jane@example.com"}"#),
        ("/api/tenantry/v1/resets", r#"{"email":"jane@example.com"}"#),
    ] {
        let other = keyed(&rig, &token, path, "k", body);
        assert_eq!(other.status, 422, "{path} {}", other.text);
        assert!(other.message().contains("was used for another call"), "{}", other.text);
    }
    assert_eq!(ask("refused", r#"{"email":"absent@example.com"}"#).status, 404);
    let made = rig.post("/api/web/custom/namespaces/system/user_roles", &json!({ "email": "absent@example.com" }));
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(ask("refused", r#"{"email":"absent@example.com"}"#).status, 200, "a refused call may be made again");
    rig.clock.advance_seconds(24 * 3600 - 31);
    let later = ask("k", r#"{"email":"kenji@example.com"}"#);
    assert_ne!(id(&later), first, "after a day the key means nothing, whether its row is there or not");
    assert_eq!(later.header("idempotent-replayed"), None);
    assert_eq!(id(&ask("k", r#"{"email":"kenji@example.com"}"#)), id(&later));
}

#[test]
fn keys_and_budgets_are_those_of_the_person_over_all_their_credentials() {
    let rig = Rig::start();
    rig.choose(|settings| settings.reset.budget_per_hour = 2);
    let issued = |name: &str| {
        let asked = json!({ "name": name, "spec": { "type": "API_TOKEN" } });
        let made = rig.post("/api/web/namespaces/system/api_credentials", &asked);
        made.body["data"].as_str().unwrap().to_string()
    };
    let (one, other) = (issued("one"), issued("other"));
    let body = r#"{"email":"jane@example.com"}"#;
    let first = id(&keyed(&rig, &one, ADMIN_RESET, "k", body));
    assert_eq!(id(&keyed(&rig, &other, ADMIN_RESET, "k", body)), first);
    let ask = |token: &str, email: &str| rig.as_token(token, "POST", ADMIN_RESET, Some(&json!({ "email": email })));
    assert_eq!(ask(&other, "kenji@example.com").status, 200);
    let refused = ask(&issued("third"), "hello@example.com");
    assert_eq!(refused.status, 429, "{}", refused.text);
    assert!(refused.message().contains("reset_budget_per_hour"), "the way on: {}", refused.text);
    let second = rig.add_member(rig.tenant(), "second@example.com", owner());
    assert_eq!(ask(&second, "hello@example.com").status, 200, "another person has a budget of their own");
}

#[test]
fn credentials_outlive_a_reset_unless_it_is_to_end_them() {
    let rig = Rig::start();
    let token = rig.add_member(rig.tenant(), "robot@example.com", owner());
    let works = || rig.as_token(&token, "GET", "/api/web/custom/namespaces/system/whoami", None).status;
    let first = id(&rig.reset("robot@example.com"));
    assert_eq!(works(), 200);
    assert_eq!(rig.get(&format!("/api/tenantry/v1/resets/{first}")).body["credentials_alive"], 1);
    let asked = json!({ "email": "robot@example.com", "revoke_credentials": true });
    let second = id(&rig.post("/api/tenantry/v1/resets", &asked));
    assert_ne!(first, second, "it does more than the one before");
    assert_eq!(works(), 401);
    let shown = rig.get(&format!("/api/tenantry/v1/resets/{second}")).body;
    assert_eq!((&shown["credentials_alive"], &shown["credentials_revoked"]), (&json!(0), &json!(1)));
    assert_eq!(id(&rig.post("/api/tenantry/v1/resets", &asked)), second);
    rig.choose(|settings| settings.reset.revokes_credentials = true);
    let token = rig.add_member(rig.tenant(), "other@example.com", owner());
    id(&rig.reset("other@example.com"));
    assert_eq!(rig.as_token(&token, "GET", "/api/web/custom/namespaces/system/whoami", None).status, 401);
}

#[test]
fn records_name_the_user_as_stored_and_are_found_however_the_address_is_spelt() {
    let rig = Rig::start();
    assert_eq!(rig.reset("JANE@Example.com").status, 200);
    let found = rig.get("/api/tenantry/v1/audit?subject=Jane@example.COM&action=reset.request").body;
    let items = found["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["subject"]), (1, &json!(JANE)), "{found}");
    assert_eq!(rig.sign_in("jAne@example.com", "not this one"), 401);
    assert!(rig.audit().contains(&("sign_in".into(), "refused".into(), JANE.into())));
}

#[test]
fn what_is_shown_is_true_at_the_moment_of_the_answer() {
    let rig = Rig::start();
    let reset = id(&rig.reset(JANE));
    rig.wait_for_mails(JANE, 1);
    let user = || rig.get("/api/tenantry/v1/users/jane@example.com").body;
    assert_eq!((&user()["open_reset_id"], &user()["password"]), (&json!(reset), &json!("dead")));
    rig.clock.advance_seconds(3601);
    assert_eq!((&user()["open_reset_id"], &user()["open_reset_expires_at"]), (&Value::Null, &Value::Null));
    assert_eq!(user()["last_reset_id"], json!(reset));
}

#[test]
fn a_wish_that_was_answered_by_a_process_that_died_is_carried_out() {
    let rig = Rig::start();
    // The state after a kill between the answer and its effect.
    rig.write(|tx| {
        tx.run(
            "INSERT INTO link_wishes (tenant, id, email, wished_at, wished_by, address)
             SELECT id, $1, 'jane@example.com', $2, 'anonymous', '192.0.2.1' FROM tenants",
            &tenantry::params![&uuid::Uuid::from_u128(7), START],
        )
        .map(drop)
    });
    rig.let_background_rest();
    assert_eq!(rig.redeem(&rig.token(JANE, 1), GOOD_PASSWORD), 204);
}

#[test]
fn known_and_unknown_addresses_are_answered_after_the_same_commit() {
    let rig = Rig::with(|config| config.http.deadline_seconds = 1);
    for email in [JANE, "absent@example.com"] {
        let held = rig.hold_writer();
        let answered = rig.post_open("/forgot", &json!({ "email": email }));
        held.let_go();
        assert_eq!(answered.status, 504, "what is not kept yet is not answered: {email}");
        assert_eq!(rig.post_open("/forgot", &json!({ "email": email })).status, 200);
        rig.let_background_rest();
    }
    assert_eq!(rig.mails(JANE).len(), 1);
}
