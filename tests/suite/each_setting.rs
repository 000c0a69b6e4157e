//! Each setting of a tenant, set by an administrator over the API and seen by what it does. A new setting fails here until
//! it has a line.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenantry::identity::TenantSettings;
use tenantry::params;

use crate::access::{WHOAMI, ok, refused};
use crate::asleep;
use crate::imports::open_window;
use crate::incidents::{self, INCIDENTS};
use crate::people::{in_system, owner};
use crate::phone;
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const SETTINGS: &str = "/api/tenantry/v1/settings";
const EMAIL: &str = "hello@example.com";
const OTHER: &str = "jane@example.com";
const MINUTE: i64 = 60;
const DAY: i64 = 24 * 3_600;

/// A setting by its name, with what shows that it counts.
type Shown = (&'static str, fn(&Rig));

/// Every setting.
const EACH: &[Shown] = &[
    ("address_cool_off_hours", is_an_owners_own),
    ("audit_head_mail", gets_the_heads),
    ("colour", colours_the_pages),
    ("contact", is_named_as_support),
    ("credential_days_max", bounds_new_credentials),
    ("display_name", stands_on_the_pages),
    ("import.hashes_until", lets_hashes_in),
    ("inactive_users.disable_days", |rig| asleep::disables_after_days(rig, set)),
    ("inactive_users.notice_days", |rig| asleep::tells_days_before(rig, set)),
    ("inactive_users.remove_days", |rig| asleep::removes_after_days(rig, set)),
    ("keep_password_until_redeemed", keeps_the_password),
    ("language", is_that_of_the_pages),
    ("link_lifetime_minutes", ends_links),
    ("logo", is_shown_on_the_pages),
    ("mail_from", sends_the_mails),
    ("mail_reply_to", gets_the_answers),
    ("password_policy.digits", |rig| rule(rig, "digits", GOOD_PASSWORD, "9 digits")),
    ("password_policy.expire_password", ends_passwords),
    ("password_policy.lowercase_characters", |rig| {
        rule(rig, "lowercase_characters", "A LANTERN OVER QUIET HARBOUR WATER", "9 lower-case letters");
    }),
    ("password_policy.minimum_length", |rig| rule_of(rig, "minimum_length", 60, GOOD_PASSWORD, "60 characters")),
    ("password_policy.minimum_strength", lets_weak_passwords_pass),
    ("password_policy.not_recently_used", lets_an_old_password_pass),
    ("password_policy.not_username", lets_the_address_pass),
    ("password_policy.special_characters", |rig| rule(rig, "special_characters", GOOD_PASSWORD, "9")),
    ("password_policy.uppercase_characters", |rig| rule(rig, "uppercase_characters", GOOD_PASSWORD, "9 upper-case")),
    ("incident_agree_by_token", lets_a_token_agree),
    ("incident_approval_above", bounds_what_one_person_ends),
    ("public_url", is_the_operators_own),
    ("reset_budget_per_hour", bounds_the_resets_of_one_person),
    ("reset_mails_per_hour", bounds_the_mails_to_one_user),
    ("reset_repeat_seconds", ends_the_time_of_repeats),
    ("reset_revokes_credentials", ends_tokens),
    ("second_factor_required", asks_for_a_code_app),
    ("session_absolute_minutes", ends_sessions_that_are_used),
    ("session_idle_minutes", ends_sessions_that_rest),
    ("sign_in_failures_max", bounds_wrong_guesses),
    ("terms_text", are_the_terms_that_users_accept),
    ("terms_version", are_the_terms_that_users_accept),
];

fn patch(rig: &Rig, body: &Value) -> Answered {
    rig.as_token(&rig.sample.api_token, "PATCH", SETTINGS, Some(body))
}

/// Sets one setting, and sees it set.
fn set(rig: &Rig, name: &str, value: &Value) {
    let answered = patch(rig, &json!({ name: value }));
    ok(&answered);
    assert_eq!(answered.body, rig.get(SETTINGS).body, "the answer is what is shown from now on");
    assert_eq!(shown(&answered.body, name)["value"], *value);
}

fn shown<'b>(body: &'b Value, name: &str) -> &'b Value {
    let all = body["settings"].as_array().unwrap();
    all.iter().find(|setting| setting["name"] == name).unwrap_or_else(|| panic!("no setting {name}: {body}"))
}

fn page(rig: &Rig) -> String {
    rig.send("GET", "/signin", &[("Accept", "text/html")], None).text
}

#[test]
fn each_setting_that_is_set_over_the_api_has_its_effect() {
    let known: BTreeSet<String> = EACH.iter().map(|(name, _)| (*name).to_owned()).collect();
    let all = tenantry::tenants::named(&TenantSettings::default()).unwrap();
    let all: BTreeSet<String> = all.into_iter().map(|(name, _)| name).collect();
    assert_eq!(known, all, "each setting has a line in EACH");
    for (_, has_its_effect) in EACH {
        has_its_effect(&Rig::start());
    }
}

fn colours_the_pages(rig: &Rig) {
    assert!(!page(rig).contains("/assets/accent/"));
    set(rig, "colour", &json!("#17713F"));
    let path = "/assets/accent/17713f.css";
    assert!(page(rig).contains(&format!("<link rel=\"stylesheet\" href=\"{path}\">")), "{}", page(rig));
    let sheet = rig.send("GET", path, &[], None);
    assert_eq!((sheet.status, sheet.header("content-type")), (200, Some("text/css; charset=utf-8")));
    assert!(sheet.text.contains("--accent:#17713f;"), "{}", sheet.text);
    refused(&patch(rig, &json!({ "colour": "#ffcc00" })), 400, "contrast of 4.5:1");
    assert_eq!(rig.send("GET", "/assets/accent/ffcc00.css", &[], None).status, 404);
}

fn is_named_as_support(rig: &Rig) {
    set(rig, "contact", &json!("desk@example.com"));
    let support = rig.get("/api/web/namespaces/system/tenant/support-info");
    assert_eq!(ok(&support)["support_email_address"], "desk@example.com");
}

fn bounds_new_credentials(rig: &Rig) {
    let make = |days: i64| {
        let asked = json!({ "name": "ci", "expiration_days": days, "spec": { "type": "API_TOKEN" } });
        rig.post("/api/web/namespaces/system/api_credentials", &asked)
    };
    ok(&make(11));
    set(rig, "credential_days_max", &json!(10));
    refused(&make(11), 400, "from 0 to 10");
}

fn asks_for_a_code_app(rig: &Rig) {
    set(rig, "second_factor_required", &json!(true));
    let refused = rig.post_open("/signin", &json!({ "email": OTHER, "password": rig.sample.user_password }));
    assert_eq!(refused.body["details"][0]["reason"], "SECOND_FACTOR_ENROLMENT_REQUIRED", "{}", refused.text);
}

fn stands_on_the_pages(rig: &Rig) {
    set(rig, "display_name", &json!("Acme Works"));
    assert!(page(rig).contains("Acme Works"));
}

fn keeps_the_password(rig: &Rig) {
    set(rig, "keep_password_until_redeemed", &json!(true));
    ok(&rig.reset(EMAIL));
    assert_eq!(rig.sign_in(EMAIL, &rig.sample.user_password), 204);
    set(rig, "keep_password_until_redeemed", &json!(false));
    ok(&rig.reset(OTHER));
    assert_eq!(rig.sign_in(OTHER, &rig.sample.user_password), 401);
}

fn is_that_of_the_pages(rig: &Rig) {
    assert!(page(rig).contains("<html lang=\"en\">"));
    set(rig, "language", &json!("de"));
    assert!(page(rig).contains("<html lang=\"de\">"));
}

fn ends_links(rig: &Rig) {
    set(rig, "link_lifetime_minutes", &json!(10));
    let links = [EMAIL, OTHER].map(|email| {
        ok(&rig.reset(email));
        rig.token(email, 1)
    });
    rig.clock.advance_seconds(10 * MINUTE - 1);
    assert_eq!(rig.redeem(&links[0], GOOD_PASSWORD), 204);
    rig.clock.advance_seconds(2);
    assert_ne!(rig.redeem(&links[1], GOOD_PASSWORD), 204);
}

fn is_shown_on_the_pages(rig: &Rig) {
    set(rig, "logo", &json!("/assets/icon.svg"));
    assert!(page(rig).contains("<img src=\"/assets/icon.svg\""), "{}", page(rig));
}

fn sends_the_mails(rig: &Rig) {
    set(rig, "mail_from", &json!("id@acme.example"));
    ok(&rig.reset(EMAIL));
    assert_eq!(rig.wait_for_mails(EMAIL, 1)[0]["from"], "id@acme.example");
}

fn gets_the_answers(rig: &Rig) {
    ok(&rig.reset(OTHER));
    assert_eq!(rig.wait_for_mails(OTHER, 1)[0]["reply_to"], Value::Null);
    set(rig, "mail_reply_to", &json!("desk@acme.example"));
    ok(&rig.reset(EMAIL));
    assert_eq!(rig.wait_for_mails(EMAIL, 1)[0]["reply_to"], "desk@acme.example");
}

/// What a password is answered that is chosen by a link.
fn chosen(rig: &Rig, link: &str, password: &str) -> Answered {
    rig.post_open("/reset", &json!({ "token": link, "password": password }))
}

fn link(rig: &Rig) -> String {
    ok(&rig.reset(EMAIL));
    rig.token(EMAIL, 1)
}

fn rule(rig: &Rig, name: &str, password: &str, reason: &str) {
    rule_of(rig, name, 9, password, reason);
}

/// A rule that refuses a password which is taken without it.
fn rule_of(rig: &Rig, name: &str, least: i64, password: &str, reason: &str) {
    let (link, name) = (link(rig), format!("password_policy.{name}"));
    set(rig, &name, &json!(least));
    let answered = chosen(rig, &link, password);
    assert_eq!(answered.status, 422, "{name} {}", answered.text);
    assert!(answered.text.contains(reason), "{name} {}", answered.text);
    ok(&patch(rig, &json!({ name: "" })));
    assert_eq!(chosen(rig, &link, password).status, 204, "an empty text brings the default back");
}

/// A rule that is there by default, without which a password is taken.
fn without(rig: &Rig, name: &str, value: &Value, password: &str) {
    let link = link(rig);
    let answered = chosen(rig, &link, password);
    assert_eq!(answered.status, 422, "{name} {}", answered.text);
    set(rig, &format!("password_policy.{name}"), value);
    let answered = chosen(rig, &link, password);
    assert_eq!(answered.status, 204, "{name} {}", answered.text);
}

fn lets_weak_passwords_pass(rig: &Rig) {
    without(rig, "minimum_strength", &json!(0), "mukmukmukmukmukmuk");
}

fn lets_an_old_password_pass(rig: &Rig) {
    without(rig, "not_recently_used", &json!(0), &rig.sample.user_password);
}

fn lets_the_address_pass(rig: &Rig) {
    without(rig, "not_username", &json!(false), "a hello over quiet harbour water");
}

fn ends_passwords(rig: &Rig) {
    assert_eq!(chosen(rig, &link(rig), GOOD_PASSWORD).status, 204);
    set(rig, "password_policy.expire_password", &json!(1));
    rig.clock.advance_seconds(DAY - 1);
    assert_eq!(rig.sign_in(EMAIL, GOOD_PASSWORD), 204);
    rig.clock.advance_seconds(2);
    assert_ne!(rig.sign_in(EMAIL, GOOD_PASSWORD), 204);
}

fn is_an_owners_own(rig: &Rig) {
    refused(&patch(rig, &json!({ "address_cool_off_hours": 0 })), 403, "Only an owner of the tenant sets");
    assert_eq!(shown(&rig.get(SETTINGS).body, "address_cool_off_hours")["set_by"], "owner");
    // What it does is shown in `address_changes.rs`.
    let path = "/api/tenantry/v1/address_cool_off";
    ok(&rig.as_token(&rig.sample.api_token, "PUT", path, Some(&json!({ "hours": 3 }))));
    assert_eq!(shown(&rig.get(SETTINGS).body, "address_cool_off_hours")["value"], 3);
}

fn gets_the_heads(rig: &Rig) {
    refused(&patch(rig, &json!({ "audit_head_mail": OTHER })), 403, "Only an owner of the tenant sets");
    // What it does is shown in `heads.rs`.
    let set = json!({ "email": "audit@example.net" });
    ok(&rig.as_token(&rig.sample.api_token, "PUT", "/api/tenantry/v1/audit/head_mail", Some(&set)));
    assert_eq!(shown(&rig.get(SETTINGS).body, "audit_head_mail")["value"], "audit@example.net");
}

fn lets_hashes_in(rig: &Rig) {
    refused(
        &patch(rig, &json!({ "import.hashes_until": "2026-03-05T00:00:00Z" })),
        403,
        "Only an owner of the tenant sets",
    );
    // What it does is shown in `imports.rs`.
    open_window(rig);
    let set = shown(&rig.get(SETTINGS).body, "import.hashes_until").clone();
    assert_eq!((&set["set_by"], &set["value"]), (&json!("owner"), &json!("2026-03-05T09:15:27.000000Z")));
}

fn are_the_terms_that_users_accept(rig: &Rig) {
    let tos = || rig.get("/api/web/custom/namespaces/system/tos").body;
    let before = tos();
    refused(&patch(rig, &json!({ "terms_version": "2" })), 400, "go together");
    ok(&patch(rig, &json!({ "terms_version": "2", "terms_text": "Be kind." })));
    assert_ne!(tos(), before);
    assert!(tos().to_string().contains("Be kind."), "{}", tos());
    assert_eq!(rig.get("/api/web/custom/namespaces/system/whoami").body["tos_current_version"], "2");
}

fn is_the_operators_own(rig: &Rig) {
    refused(
        &patch(rig, &json!({ "public_url": "https://id.acme.example" })),
        403,
        "Only the operator of this server sets",
    );
    assert_eq!(shown(&rig.get(SETTINGS).body, "public_url")["set_by"], "operator");
    rig.choose(|settings| settings.brand.public_url = Some("https://id.acme.example".into()));
    ok(&rig.reset(EMAIL));
    let mails = rig.wait_for_mails(EMAIL, 1);
    assert!(mails[0]["link"].as_str().unwrap().starts_with("https://id.acme.example/"), "{}", mails[0]);
}

/// An incident of two users that an owner asked for by a session: its id and its state.
fn asked_by_session(rig: &Rig) -> (String, String) {
    let session = rig.session(rig.sample.admin_email, &rig.sample.admin_password);
    let terms = json!({ "name": "Two", "emails": [EMAIL, OTHER] });
    let id = phone::ask(rig, &session, INCIDENTS, &terms).body["id"].as_str().unwrap().to_owned();
    let plan = incidents::wait_while(rig, &id, &["planning"])["plan"].clone();
    let body = json!({ "plan": plan["digest"], "users": plan["users"] });
    let begun = phone::ask(rig, &session, &format!("{INCIDENTS}/{id}/start"), &body);
    (id, ok(&begun)["state"].as_str().unwrap().to_owned())
}

fn bounds_what_one_person_ends(rig: &Rig) {
    let refusal = patch(rig, &json!({ "incident_approval_above": 1 }));
    refused(&refusal, 403, "Only the operator of this server sets");
    rig.choose(|settings| settings.reset.incident_approval_above = 1);
    assert_eq!(asked_by_session(rig).1, "awaiting");
    rig.choose(|settings| settings.reset.incident_approval_above = -1);
    assert_eq!(asked_by_session(rig).1, "ending");
}

fn lets_a_token_agree(rig: &Rig) {
    let refusal = patch(rig, &json!({ "incident_agree_by_token": true }));
    refused(&refusal, 403, "Only the operator of this server sets");
    rig.choose(|settings| settings.reset.incident_approval_above = 1);
    let second = rig.add_member(rig.tenant(), "second@example.com", owner());
    let (id, _) = asked_by_session(rig);
    let path = format!("{INCIDENTS}/{id}/agree");
    let agreement = json!({ "plan": incidents::shown(rig, &id)["plan"]["digest"] });
    refused(&rig.as_token(&second, "POST", &path, Some(&agreement)), 403, "An API token cannot agree");
    rig.choose(|settings| settings.reset.incident_agree_by_token = true);
    ok(&rig.as_token(&second, "POST", &path, Some(&agreement)));
}

fn bounds_the_resets_of_one_person(rig: &Rig) {
    set(rig, "reset_budget_per_hour", &json!(1));
    ok(&rig.reset(EMAIL));
    assert_eq!(rig.reset(OTHER).status, 429);
}

fn bounds_the_mails_to_one_user(rig: &Rig) {
    let send = || {
        rig.clock.advance_seconds(31);
        rig.post("/api/web/custom/namespaces/system/send_password_email", &json!({ "email": EMAIL })).status
    };
    set(rig, "reset_mails_per_hour", &json!(1));
    assert_eq!((send(), send()), (200, 429));
}

fn ends_the_time_of_repeats(rig: &Rig) {
    let reset = |email: &str| rig.reset(email).header("tenantry-reset-id").unwrap().to_owned();
    set(rig, "reset_repeat_seconds", &json!(10));
    let first = reset(EMAIL);
    rig.clock.advance_seconds(9);
    assert_eq!(reset(EMAIL), first);
    rig.clock.advance_seconds(2);
    assert_ne!(reset(EMAIL), first);
}

fn ends_tokens(rig: &Rig) {
    let members = ["robin@example.com", "sam@example.com"];
    let tokens = members.map(|email| rig.add_member(rig.tenant(), email, in_system("ves-io-default-role")));
    let status = |token: &str| rig.as_token(token, "GET", WHOAMI, None).status;
    ok(&rig.reset(members[0]));
    set(rig, "reset_revokes_credentials", &json!(true));
    ok(&rig.reset(members[1]));
    assert_eq!(tokens.map(|token| status(&token)), [200, 401]);
}

fn account(rig: &Rig, cookie: &str) -> u16 {
    rig.send("GET", "/account", &[("Cookie", cookie), ("Accept", "application/json")], None).status
}

fn ends_sessions_that_are_used(rig: &Rig) {
    set(rig, "session_absolute_minutes", &json!(10));
    let cookie = rig.session(EMAIL, &rig.sample.user_password);
    for _ in 0..9 {
        rig.clock.advance_seconds(MINUTE);
        assert_eq!(account(rig, &cookie), 200);
    }
    rig.clock.advance_seconds(MINUTE + 1);
    assert_eq!(account(rig, &cookie), 401);
}

fn ends_sessions_that_rest(rig: &Rig) {
    set(rig, "session_idle_minutes", &json!(5));
    let cookies = [EMAIL, OTHER].map(|email| rig.session(email, &rig.sample.user_password));
    rig.clock.advance_seconds(4 * MINUTE);
    assert_eq!(account(rig, &cookies[0]), 200);
    // Its use is noted behind the answer.
    rig.wait_until_none("SELECT 1 - COUNT(*) FROM sessions WHERE last_seen_at >= $1", &params![rig.clock.now()]);
    rig.clock.advance_seconds(MINUTE + 1);
    assert_eq!((account(rig, &cookies[0]), account(rig, &cookies[1])), (200, 401));
}

fn bounds_wrong_guesses(rig: &Rig) {
    set(rig, "sign_in_failures_max", &json!(2));
    assert_eq!((rig.sign_in(EMAIL, "wrong"), rig.sign_in(EMAIL, "wrong again")), (401, 401));
    assert_eq!(rig.sign_in(EMAIL, &rig.sample.user_password), 429);
}

#[test]
fn a_change_is_whole_named_by_its_record_and_for_administrators() {
    let rig = Rig::start();
    refused(&patch(&rig, &json!({ "link_life_minutes": 90 })), 400, "did you mean link_lifetime_minutes?");
    refused(&patch(&rig, &json!({ "contact": "x", "link_lifetime_minutes": 5 })), 400, "a number from 10 to 1440");
    refused(&patch(&rig, &json!({ "contact": { "email": "x" } })), 400, "contact must be a text");
    refused(&patch(&rig, &json!({ "password_policy.minimum_length": 6 })), 400, "from 7 to 256");
    assert_eq!(shown(&rig.get(SETTINGS).body, "contact")["value"], "help@example.com", "all holds or nothing");
    let watcher = rig.add_member(rig.tenant(), "watch@example.com", in_system("ves-io-monitor-role"));
    assert_eq!(rig.as_token(&watcher, "GET", SETTINGS, None).status, 200);
    assert_eq!(rig.as_token(&watcher, "PATCH", SETTINGS, Some(&json!({ "contact": "x" }))).status, 403);
    let asked = json!({ "contact": "", "link_lifetime_minutes": "90", "language": null, "sign_in_failures_max": 5 });
    let body = ok(&patch(&rig, &asked)).clone();
    let life = shown(&body, "link_lifetime_minutes");
    assert_eq!((&life["value"], &life["default"], &life["set_by"]), (&json!(90), &json!(60), &json!("administrator")));
    assert_eq!(life["description"], "How long a link lives, in minutes: 10 to 1,440.");
    let records = rig.get("/api/tenantry/v1/audit?action=tenant.set").body;
    let items = records["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{records}");
    let facts = json!({
        "contact": { "before": "help@example.com", "after": null },
        "link_lifetime_minutes": { "before": 60, "after": 90 },
    });
    assert_eq!(items[0]["facts"], facts, "what was set to what it was is not named");
}
