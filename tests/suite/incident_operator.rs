//! The operator as the second person of an incident: where a tenant has nobody else who could agree, and nowhere else.

use serde_json::{Value, json};
use tenantry::params;

use crate::access::{make_group, ok};
use crate::command_line::{Ended, tenantry};
use crate::incidents::{self, INCIDENTS, act, set_password, wait_while};
use crate::operator::{data, done, operator, post, records, refused};
use crate::people::{in_system, owner};
use crate::phone;
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const ADMINISTERS: &str = "ves-io-admin-role";

/// An incident that waits for a second person, asked for by the only owner.
struct Asked {
    id: String,
    plan: Value,
    session: String,
}

impl Asked {
    fn body(&self) -> Value {
        json!({ "plan": self.plan["digest"], "users": self.plan["users"] })
    }

    fn agree(&self, rig: &Rig, token: &str) -> Answered {
        post(rig, token, &format!("/example-corp/incidents/{}/agree", self.id), self.body())
    }

    fn decline(&self, rig: &Rig, token: &str) -> Answered {
        let body = json!({ "why": "Not tonight." });
        post(rig, token, &format!("/example-corp/incidents/{}/decline", self.id), body)
    }

    fn state(&self, rig: &Rig) -> String {
        incidents::shown(rig, &self.id)["state"].as_str().unwrap().to_owned()
    }

    fn start(&self, rig: &Rig) {
        let started = phone::ask(rig, &self.session, &format!("{INCIDENTS}/{}/start", self.id), &self.body());
        assert_eq!(ok(&started)["state"], "awaiting");
    }
}

/// A tenant in which nobody ends two passwords alone.
fn rig() -> Rig {
    let rig = Rig::start();
    rig.choose(|settings| settings.reset.incident_approval_above = 1);
    for name in ["a", "b"] {
        rig.add_user(rig.tenant(), &format!("many-{name}@example.com"), |_| {});
    }
    rig
}

fn asked(rig: &Rig) -> Asked {
    let session = rig.session(rig.sample.admin_email, &rig.sample.admin_password);
    let terms = json!({ "name": "Many", "filter": { "q": "many" }, "hold": true });
    let id = phone::ask(rig, &session, INCIDENTS, &terms).body["id"].as_str().unwrap().to_owned();
    let plan = wait_while(rig, &id, &["planning"])["plan"].clone();
    let asked = Asked { id, plan, session };
    asked.start(rig);
    asked
}

fn acts(rig: &Rig, action: &'static str) -> i64 {
    rig.number("SELECT COUNT(*) FROM audit WHERE action = $1", &params![action])
}

#[test]
fn for_the_only_owner_the_operator_agrees_once_and_both_logs_have_it() {
    let rig = rig();
    let (ops, asked) = (operator(&rig), asked(&rig));
    let other = json!({ "plan": "0".repeat(64), "users": 2 });
    let path = format!("/example-corp/incidents/{}/agree", asked.id);
    refused(&post(&rig, &ops, &path, other), 409, "not the plan");
    let other = json!({ "plan": asked.plan["digest"], "users": 3 });
    refused(&post(&rig, &ops, &path, other), 409, "Field users says 3 and the plan has 2");
    assert_eq!((asked.state(&rig).as_str(), acts(&rig, "incident.agree")), ("awaiting", 0));

    let agreed = asked.agree(&rig, &ops);
    let told = done(asked.agree(&rig, &ops));
    assert_eq!(agreed.body["agreed_by"], "operator ops@example.net", "{}", agreed.text);
    assert_eq!((&told["agreed_at"], &told["users"]), (&agreed.body["agreed_at"], &json!(2)));
    let found = records(&rig, agreed.header("x-request-id").unwrap());
    let of = |tenant: i64, actor: &str| (tenant, "incident.agree".to_string(), actor.to_string());
    assert_eq!(found, [of(0, "ops@example.net"), of(rig.tenant().0, "operator ops@example.net")]);
    assert_eq!(acts(&rig, "incident.agree"), 2, "asked again, nothing is recorded");

    let ended = wait_while(&rig, &asked.id, &["ending"]);
    refused(&asked.decline(&rig, &ops), 409, "have ended");
    assert_eq!((&ended["state"], &ended["progress"]["ended"]), (&json!("held"), &json!(2)), "{ended}");
    let kept = rig.get("/api/tenantry/v1/audit?action=incident.start").body;
    assert_eq!(
        (kept["items"].as_array().unwrap().len(), &kept["items"][0]["actor"]),
        (1, &json!(rig.sample.admin_email))
    );
    assert_eq!(acts(&rig, "incident.start"), 1, "what follows is an act of the owner, in the log of the tenant alone");
    rig.wait_until_sealed();
    for token in [&ops, &rig.sample.api_token] {
        let verdict = rig.as_token(token, "GET", "/api/tenantry/v1/audit/verify", None).body;
        assert_eq!((&verdict["sound"], &verdict["unsealed"]), (&json!(true), &json!(0)), "{verdict}");
    }
    let evidence = rig.post(&format!("{INCIDENTS}/{}/evidence", asked.id), &json!({ "emails": "plain" }));
    assert!(evidence.text.contains("operator ops@example.net"), "{}", evidence.text);
}

#[test]
fn while_somebody_in_the_tenant_could_agree_the_operator_is_sent_to_them() {
    let rig = rig();
    let (ops, tenant) = (operator(&rig), rig.tenant());
    let disable = |email: &'static str| {
        let statement = "UPDATE users SET disabled_at = 1 WHERE tenant = $1 AND email_key = $2";
        rig.write(move |tx| tx.run(statement, &params![tenant, email]).map(drop));
    };
    rig.add_member(tenant, "second@example.com", owner());
    rig.add_member(tenant, "chief@example.com", in_system(ADMINISTERS));
    rig.add_user(tenant, "grouped@example.com", |_| {});
    ok(&make_group(&rig, "chiefs", &["grouped@example.com"], &[("system", ADMINISTERS)]));
    // Neither a service user nor a person whose password is elsewhere can sign in here to agree.
    rig.add_user(tenant, "robot@example.com", |new| {
        (new.kind, new.grants) = (tenantry::people::Kind::Service, in_system(ADMINISTERS));
    });
    rig.add_user(tenant, "elsewhere@example.com", |new| {
        (new.sign_in_by, new.grants) = (tenantry::people::SignInBy::SingleSignOn, owner());
        new.is_owner = true;
    });
    rig.add_member(tenant, "of-a-team@example.com", vec![tenantry::access::Grant::new("production", ADMINISTERS)]);
    let asked = asked(&rig);
    for email in ["second@example.com", "chief@example.com", "grouped@example.com"] {
        for answered in [asked.agree(&rig, &ops), asked.decline(&rig, &ops)] {
            refused(&answered, 403, email);
        }
        disable(email);
    }
    assert_eq!((asked.state(&rig).as_str(), acts(&rig, "incident.agree")), ("awaiting", 0));
    assert_eq!(done(asked.agree(&rig, &ops))["agreed_by"], "operator ops@example.net");
}

#[test]
fn an_owner_who_comes_before_the_operator_is_the_one_who_agreed() {
    let rig = rig();
    let (ops, asked) = (operator(&rig), asked(&rig));
    rig.add_member(rig.tenant(), "second@example.com", owner());
    refused(&asked.agree(&rig, &ops), 403, "second@example.com is another owner");
    set_password(&rig, "second@example.com");
    let second = rig.session("second@example.com", GOOD_PASSWORD);
    let agreement = json!({ "plan": asked.plan["digest"] });
    ok(&phone::ask(&rig, &second, &format!("{INCIDENTS}/{}/agree", asked.id), &agreement));
    assert_eq!(done(asked.agree(&rig, &ops))["agreed_by"], "second@example.com");
    assert_eq!((acts(&rig, "incident.agree"), acts(&rig, "incident.start")), (1, 1));
}

#[test]
fn after_the_hour_after_the_end_and_in_a_suspended_tenant_the_operator_agrees_to_nothing() {
    let rig = rig();
    let (ops, lapsed) = (operator(&rig), asked(&rig));
    rig.clock.advance_seconds(3_601);
    for answered in [lapsed.agree(&rig, &ops), lapsed.decline(&rig, &ops)] {
        refused(&answered, 409, "has not begun");
    }
    ok(&act(&rig, &lapsed.id, "cancel", &json!({})));
    for answered in [lapsed.agree(&rig, &ops), lapsed.decline(&rig, &ops)] {
        refused(&answered, 409, "was cancelled");
    }
    let asked = asked(&rig);
    done(post(&rig, &ops, "/example-corp/suspend", json!({})));
    refused(&asked.agree(&rig, &ops), 409, "suspended");
    done(post(&rig, &ops, "/example-corp/resume", json!({})));
    let declined = done(asked.decline(&rig, &ops));
    assert_eq!((&declined["state"], &declined["why"]), (&json!("cancelled"), &json!("Not tonight.")));
    refused(&asked.agree(&rig, &ops), 409, "was cancelled");
    assert_eq!((acts(&rig, "incident.decline"), acts(&rig, "incident.agree"), acts(&rig, "incident.start")), (2, 0, 0));
}

#[test]
fn nobody_but_an_operator_agrees_as_one_and_what_is_not_there_is_not_found() {
    let rig = rig();
    let (ops, asked) = (operator(&rig), asked(&rig));
    for token in [&rig.sample.api_token, &rig.add_member(rig.tenant(), "a-user@example.com", Vec::new())] {
        refused(&asked.agree(&rig, token), 403, "Only an operator");
        refused(&asked.decline(&rig, token), 403, "Only an operator");
    }
    let nothing = "019cb821-7798-7dc9-9194-e1c74b27545f";
    for (tenant, id) in
        [("example-corp", nothing), ("example-corp", "x"), ("system", asked.id.as_str()), ("nobody", nothing)]
    {
        refused(&post(&rig, &ops, &format!("/{tenant}/incidents/{id}/agree"), asked.body()), 404, "no");
    }
    assert_eq!(asked.state(&rig), "awaiting");
}

/// A command on the machine of the server.
fn run(rig: &Rig, line: &[&str]) -> Ended {
    let data = data(rig);
    tenantry(data.parent().unwrap(), line).arg("--data").arg(&data).output().unwrap().into()
}

#[test]
fn on_the_machine_a_command_agrees_and_another_declines() {
    let rig = rig();
    let first = asked(&rig);
    let (plan, users) = (first.plan["digest"].as_str().unwrap(), first.plan["users"].to_string());
    let line = ["incident", "agree", &first.id, "--operator", "example-corp"];
    assert!(run(&rig, &line).refused().contains("give --plan and --users"));
    let told = run(&rig, &[&line[..], &["--plan", plan, "--users", &users]].concat()).done();
    assert!(told.contains("Name     Many") && told.contains("by command line"), "{told}");
    assert_eq!(wait_while(&rig, &first.id, &["ending"])["approval"]["agreed_by"], "command line");
    let by = "SELECT COUNT(*) FROM audit WHERE action = 'incident.agree' AND actor = 'command line'";
    assert_eq!(rig.number(by, &[]), 2);

    let second = asked(&rig);
    let line = ["incident", "decline", &second.id, "--operator", "example-corp", "--why", "The wrong list."];
    assert!(run(&rig, &line).done().contains("Why      The wrong list."));
    assert_eq!(second.state(&rig), "cancelled");
    rig.add_member(rig.tenant(), "second@example.com", owner());
    let third = asked(&rig);
    let line = ["incident", "decline", &third.id, "--operator", "example-corp"];
    assert!(run(&rig, &line).refused().contains("second@example.com is another owner of this tenant."));
}
