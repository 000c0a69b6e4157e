//! Who guards an incident: what one person ends alone, what a token does, who agreed, and who sets the limit.

use serde_json::json;
use tenantry::params;
use tenantry::store::Scope;

use crate::access::{ok, refused};
use crate::bulk::reasons;
use crate::incident_traps::{crowd, of_the_crowd};
use crate::incidents::{self, INCIDENTS, act, outcomes, planned, set_password, shown, start, wait_while};
use crate::people::owner;
use crate::phone;
use crate::rig::{GOOD_PASSWORD, Rig};

const JANE: &str = "jane@example.com";
const HELLO: &str = "hello@example.com";

/// What an owner asks for by a session: the state after the start.
fn started_by(rig: &Rig, session: &str, email: &str) -> String {
    let terms = json!({ "name": email, "emails": [email], "pace_per_minute": 0 });
    let id = phone::ask(rig, session, INCIDENTS, &terms).body["id"].as_str().unwrap().to_owned();
    let plan = wait_while(rig, &id, &["planning"])["plan"].clone();
    let body = json!({ "plan": plan["digest"], "users": plan["users"] });
    let begun = phone::ask(rig, session, &format!("{INCIDENTS}/{id}/start"), &body);
    ok(&begun);
    wait_while(rig, &id, &["ending", "mailing"])["state"].as_str().unwrap().to_owned()
}

#[test]
fn what_one_person_ends_alone_is_added_up_over_a_day() {
    let rig = Rig::start();
    rig.choose(|settings| settings.reset.incident_approval_above = 2);
    let emails = crowd(&rig, 4);
    let session = || rig.session(rig.sample.admin_email, &rig.sample.admin_password);
    let first = session();
    let states: Vec<_> = emails[..3].iter().map(|email| started_by(&rig, &first, email)).collect();
    assert_eq!(states, ["mailed", "mailed", "awaiting"]);
    rig.clock.advance_seconds(23 * 3_600);
    assert_eq!(started_by(&rig, &session(), &emails[3]), "awaiting", "within a day");
    rig.clock.advance_seconds(3_601);
    assert_eq!(started_by(&rig, &session(), &emails[3]), "mailed", "a day later");
}

#[test]
fn a_token_that_a_token_has_made_ends_no_more_than_the_budget_of_their_user() {
    let rig = Rig::start();
    rig.choose(|settings| settings.reset.budget_per_hour = 2);
    let emails = crowd(&rig, 4);
    let new = json!({ "name": "ci", "namespace": "system", "expiration_days": 10, "spec": { "type": "API_TOKEN" } });
    let made = rig.post("/api/web/namespaces/system/api_credentials", &new);
    let second = ok(&made)["data"].as_str().unwrap().to_owned();
    let ends = |token: &str, emails: &[String]| {
        let id = planned(&rig, token, &json!({ "name": "Some", "emails": emails, "pace_per_minute": 0 }));
        let begun = start(&rig, token, &id);
        ok(&begun);
        let state = wait_while(&rig, &id, &["ending", "mailing"])["state"].as_str().unwrap().to_owned();
        (state, id)
    };
    assert_eq!(ends(&rig.sample.api_token, &emails[..2]).0, "mailed");
    let (state, id) = ends(&second, &emails[2..]);
    assert_eq!(state, "awaiting");
    for token in [&second, &rig.sample.api_token] {
        let agreement = json!({ "plan": shown(&rig, &id)["plan"]["digest"] });
        let agreed = rig.as_token(token, "POST", &format!("{INCIDENTS}/{id}/agree"), Some(&agreement));
        refused(&agreed, 403, "An API token cannot agree");
    }
}

#[test]
fn who_agreed_ends_at_the_release_and_may_be_disabled_at_once() {
    for is_disabled in [false, true] {
        let rig = Rig::start();
        let tenant = rig.tenant();
        rig.choose(|settings| settings.reset.incident_approval_above = 1);
        rig.add_member(tenant, "crowd-witness@example.com", owner());
        set_password(&rig, "crowd-witness@example.com");
        crowd(&rig, 3);
        let admin = rig.session(rig.sample.admin_email, &rig.sample.admin_password);
        let terms = of_the_crowd(&json!({ "hold": true, "pace_per_minute": 0 }));
        let id = phone::ask(&rig, &admin, INCIDENTS, &terms).body["id"].as_str().unwrap().to_owned();
        let plan = wait_while(&rig, &id, &["planning"])["plan"].clone();
        let begin = json!({ "plan": plan["digest"], "users": plan["users"] });
        ok(&phone::ask(&rig, &admin, &format!("{INCIDENTS}/{id}/start"), &begin));
        let witness = rig.session("crowd-witness@example.com", GOOD_PASSWORD);
        let agreement = json!({ "plan": plan["digest"] });
        ok(&phone::ask(&rig, &witness, &format!("{INCIDENTS}/{id}/agree"), &agreement));
        if is_disabled {
            let disable =
                "UPDATE users SET disabled_at = 1 WHERE tenant = $1 AND email_key = 'crowd-witness@example.com'";
            rig.write(move |tx| tx.run(disable, &params![tenant]).map(drop));
        }
        let held = wait_while(&rig, &id, &["ending"]);
        assert_eq!((&held["state"], &held["progress"]["ended"]), (&json!("held"), &json!(3)), "{held}");
        assert_eq!(outcomes(&rig, &id)["crowd-witness@example.com"], "planned", "signed in until the release");
        ok(&act(&rig, &id, "release", &json!({})));
        let mailed = wait_while(&rig, &id, &["mailing"]);
        let alone = i64::from(is_disabled);
        assert_eq!(
            (&mailed["progress"]["ended"], &mailed["progress"]["without_mail"], &mailed["progress"]["queued"]),
            (&json!(4), &json!(alone), &json!(4 - alone)),
            "{mailed}"
        );
        assert!(reasons(&mailed["progress"]["dropped"]).is_empty(), "{mailed}");
    }
}

#[test]
fn no_owner_raises_the_limit_of_an_incident_by_any_door() {
    let rig = Rig::start();
    rig.choose(|settings| settings.reset.incident_approval_above = 1);
    let session = rig.session(rig.sample.admin_email, &rig.sample.admin_password);
    let settings = "/api/tenantry/v1/settings";
    let stored = || {
        let of = "SELECT settings FROM tenants WHERE id = $1";
        let tenant = rig.tenant();
        rig.store.read(Scope::HOUSE, |tx| tx.one(of, &params![tenant])?.get::<String>(0)).unwrap()
    };
    let before = stored();
    for body in [
        json!({ "incident_approval_above": -1 }),
        json!({ "incident_approval_above": 0 }),
        json!({ "incident_agree_by_token": true }),
    ] {
        let by_session = rig.send(
            "PATCH",
            settings,
            &[("Cookie", &session), ("Content-Type", "application/json"), ("Sec-Fetch-Site", "same-origin")],
            Some(&body.to_string()),
        );
        for answered in [by_session, rig.as_token(&rig.sample.api_token, "PATCH", settings, Some(&body))] {
            refused(&answered, 403, "Only the operator of this server sets");
        }
        let by_operator = format!("/api/tenantry/v1/system/tenants/{}/settings", "example-corp");
        refused(&rig.as_token(&rig.sample.api_token, "PATCH", &by_operator, Some(&body)), 403, "Only an operator");
    }
    assert_eq!(stored(), before);
    assert_eq!(started_by(&rig, &session, JANE), "mailed");
    assert_eq!(started_by(&rig, &session, HELLO), "awaiting", "the limit is as it was");
}

#[test]
fn words_that_name_a_page_are_refused_when_an_incident_is_planned_and_when_they_are_changed() {
    let rig = Rig::start();
    for words in ["Go to https://evil.example/in", "See www.evil.example", "Choose it at evil.example now."] {
        let terms = json!({ "name": "Leak", "emails": [JANE], "words": { "en": words } });
        refused(&rig.post(INCIDENTS, &terms), 400, "holds a web address");
        let id = planned(&rig, &rig.sample.api_token.clone(), &incidents::of_jane_held());
        refused(
            &act(&rig, &id, "change", &json!({ "words": { "de": words } })),
            400,
            "Field words.de holds a web address",
        );
        refused(&act(&rig, &id, "change", &json!({ "contact": words })), 400, "Field contact holds a web address");
        assert_eq!(shown(&rig, &id)["words"], json!({}));
    }
}
