//! How a suspended tenant answers: a stranger as any tenant would, and a caller who proves to be one of its users with the truth.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tenantry::store::Scope;
use tenantry::tenants;

use crate::operator::{TENANTS, WHOAMI, member, operator, post};
use crate::phone::{enrol, factor_link, form, page, step};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};
use crate::suspension::{at_the_host, deactivate, is_told, resume};
use crate::sweeps::{Named, Row, asks, furnish, table_of};

const HOST: &str = "example-corp.localhost";
const JANE: &str = "jane@example.com";
const KENJI: &str = "kenji@example.com";

/// What a stranger can tell of an answer: all but what is drawn anew for each.
type Told = (u16, Vec<(String, String)>, String);

fn told(rig: &Rig, answered: &Answered) -> Told {
    let uid = uid(rig);
    let id = answered.header("x-request-id").unwrap_or("-").to_string();
    let masked = |text: &str| text.replace(&id, "ID").replace(&uid, "UID");
    let plain = |(name, value): &(String, String)| {
        let value = if name == "set-cookie" { value.split('=').next().unwrap().into() } else { masked(value) };
        (name.clone(), value)
    };
    let is_same = |(name, _): &&(String, String)| !["date", "x-request-id", "etag"].contains(&name.as_str());
    let headers = answered.headers.iter().filter(is_same).map(plain).collect();
    (answered.status, headers, masked(&answered.text))
}

/// Every operation of the house, by a client without a credential, with a wrong one, and with one of another tenant.
fn ask_everything(rig: &Rig, rows: &[Row], theirs: &str) -> Vec<(String, Told)> {
    let named = Named { email: JANE.into(), ..Named::nothing() };
    let asks: BTreeMap<_, _> = asks(&named, "no password of hers at all");
    let forged = format!("APIToken {}", "x".repeat(theirs.len()));
    let foreign = format!("APIToken {theirs}");
    let mut answers = Vec::new();
    for row in rows {
        let path = named.fill(row).replace("{tenant}", "example-corp").replace("{number}", "9");
        let body = row.body.as_ref().map(|_| asks.get(row.id.as_str()).map_or(json!({}), |(_, body)| body.clone()));
        for (accept, credential) in
            [("application/json", None), ("text/html", None), ("*/*", Some(&forged)), ("*/*", Some(&foreign))]
        {
            let mut headers = vec![("Host", HOST), ("Content-Type", "application/json"), ("Accept", accept)];
            headers.extend(credential.map(|credential| ("Authorization", credential.as_str())));
            let answered = rig.send(&row.method, &path, &headers, body.as_ref().map(Value::to_string).as_deref());
            answers.push((format!("{} {path} {accept} {credential:?}", row.method), told(rig, &answered)));
        }
    }
    answers
}

/// What strangers try at the pages, with addresses that are known and that are not; and how many passwords were hashed for it.
fn try_the_pages(rig: &Rig) -> (Vec<Told>, u64) {
    let before = rig.hashes();
    let uid = format!("/no_auth/tenant/idm/settings/password_policy?realm_id={}", uid(rig));
    let mut answers = vec![rig.send("GET", &uid, &[("Host", HOST)], None)];
    for email in [JANE, "absent@example.com", "no address"] {
        for path in ["/signin", "/forgot", "/reset/fresh", "/no_auth/send_password_email"] {
            let mut body = json!({ "email": email, "cname": "example-corp" });
            if path == "/signin" {
                body = json!({ "email": email, "password": "no password of hers at all" });
            }
            answers.push(rig.post_open(path, &body));
            answers.push(at_the_host(rig, "POST", path, Some(&body)));
        }
        for _ in 0..6 {
            answers.push(form_here(rig, "/signin", &[("email", email), ("password", "guessed")]));
        }
        answers.push(form_here(rig, "/forgot", &[("email", email)]));
    }
    for path in
        ["/signin", "/signin/code", "/signin/enrol", "/forgot", "/reset", "/email", "/second-factor", "/account"]
    {
        let cookies = "tenantry=12.AAAA; tenantry-step=12.AAAA";
        answers.push(rig.send("GET", path, &[("Host", HOST), ("Cookie", cookies), ("Accept", "text/html")], None));
    }
    (answers.iter().map(|answered| told(rig, answered)).collect(), rig.hashes() - before)
}

/// A form of a page at the tenant's host.
fn form_here(rig: &Rig, path: &str, fields: &[(&str, &str)]) -> Answered {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    rig.send("POST", path, &[("Host", HOST), kind, ("Accept", "text/html")], Some(&body))
}

fn uid(rig: &Rig) -> String {
    let read = |tx: &mut tenantry::store::Tx<'_>| tenants::get_standing(tx, "example-corp");
    rig.store.read(Scope::HOUSE, read).unwrap().tenant.uid
}

#[test]
fn a_stranger_cannot_tell_a_suspended_tenant_from_one_that_is_served() {
    let [served, asleep] = [Rig::start(), Rig::start()];
    let rows = table_of(&served.get("/openapi.json").body);
    // What says the same whatever tenant there is, and what tells of the moment at which the process is.
    let rows: Vec<_> = rows.into_iter().filter(|row| !["/metrics", "/readyz"].contains(&&*row.path)).collect();
    let theirs = [&served, &asleep].map(|rig| member(rig, rig.add_tenant("other-corp"), "boss@other.example"));
    deactivate(&asleep);
    let [there, here] =
        [(&served, &theirs[0]), (&asleep, &theirs[1])].map(|(rig, token)| ask_everything(rig, &rows, token));
    assert!(there.len() > 400, "{}", there.len());
    for ((call, there), (_, here)) in there.iter().zip(&here) {
        assert_eq!(there, here, "{call}");
    }
    let [there, here] = [&served, &asleep].map(try_the_pages);
    for (there, here) in there.0.iter().zip(&here.0) {
        assert_eq!(there, here);
    }
    assert!(there.0.iter().any(|(status, ..)| *status == 429) && there.1 > 10, "{}", there.1);
    assert_eq!(there.1, here.1, "a wrong password costs the same");
    assert!(here.0.iter().all(|(status, _, text)| *status != 403 && !text.contains("suspended")));
}

#[test]
fn a_link_that_a_stranger_asks_for_waits_and_leaves_when_the_tenant_is_resumed() {
    let rig = Rig::start();
    deactivate(&rig);
    assert_eq!(rig.post_open("/forgot", &json!({ "email": JANE })).status, 200);
    assert_eq!(rig.post_open("/forgot", &json!({ "email": "absent@example.com" })).status, 200);
    rig.wait_until_none("SELECT COUNT(*) FROM link_wishes", &[]);
    rig.clock.advance_seconds(3 * 3_600);
    assert!(rig.mails(JANE).is_empty());
    resume(&rig);
    assert_eq!(rig.redeem(&rig.token(JANE, 1), GOOD_PASSWORD), 204);
}

/// The sentence on a page, in the language of a browser.
fn is_told_on_a_page(answered: &Answered) {
    assert_eq!(answered.status, 403, "{}", answered.text);
    assert!(answered.text.contains("This tenant is suspended. Ask the operator"), "{}", answered.text);
    assert!(answered.header("content-type").unwrap().starts_with("text/html"), "{:?}", answered.headers);
}

#[test]
fn who_knows_the_password_is_told_and_nobody_else_and_it_is_recorded() {
    let rig = Rig::start();
    let password = rig.sample.user_password.clone();
    let disabled = json!({ "email": KENJI });
    assert_eq!(rig.post("/api/tenantry/v1/users/disable", &disabled).status, 200);
    deactivate(&rig);
    let enter =
        |email: &str, password: &str| rig.post_open("/signin", &json!({ "email": email, "password": password }));
    assert_eq!(enter(JANE, "no password of hers at all").status, 401);
    assert_eq!(enter(KENJI, &password).status, 401, "a user who is disabled is nobody");
    is_told(&enter(JANE, &password));
    let fields = [("email", JANE), ("password", password.as_str())];
    let answered = form(&rig, "", "/signin", &fields);
    is_told_on_a_page(&answered);
    assert!(answered.text.contains("name=\"password\"") && answered.header("set-cookie").is_none());
    assert_eq!(rig.number("SELECT COUNT(*) FROM sessions", &[]), 0);
    let facts = "SELECT COUNT(*) FROM audit WHERE action = 'sign_in' AND facts LIKE '%tenant suspended%'";
    assert_eq!(rig.number(facts, &[]), 2);
    resume(&rig);
    assert_eq!(rig.sign_in(JANE, &password), 204);
}

#[test]
fn who_has_a_valid_token_session_or_link_is_told_and_it_is_good_again_afterwards() {
    let rig = Rig::start();
    let (named, cookie) = furnish(&rig);
    let own = rig.sample.api_token.clone();
    let old = rig.session(JANE, &rig.sample.user_password);
    let out = rig.send("POST", "/signout", &[("Cookie", &old), ("Content-Type", "application/json")], Some("{}"));
    assert_eq!(out.status, 204, "{}", out.text);
    let other = member(&rig, rig.add_tenant("other-corp"), "boss@other.example");
    // Within half a minute it would be the same reset once more.
    rig.clock.advance_seconds(60);
    assert_eq!(rig.reset(KENJI).status, 200);
    let link = rig.token(KENJI, 2);
    deactivate(&rig);
    let by = |token: &str, host: &str| {
        rig.send("GET", WHOAMI, &[("Host", host), ("Authorization", &format!("Bearer {token}"))], None)
    };
    for host in [HOST, "localhost"] {
        is_told(&by(&own, host));
        is_told(&rig.send("GET", WHOAMI, &[("Host", host), ("Cookie", &cookie)], None));
        assert_eq!(rig.send("GET", WHOAMI, &[("Host", host), ("Cookie", &old)], None).status, 401, "ended before");
    }
    assert_eq!(by(&own, "other-corp.localhost").status, 401);
    assert_eq!(by(&other, HOST).status, 401);
    assert_eq!(by(&other, "other-corp.localhost").status, 200);
    is_told_on_a_page(&page(&rig, &cookie, "/signin"));
    let redeem = json!({ "token": link, "password": GOOD_PASSWORD });
    let (open, registered) = (json!({ "token": link }), json!({ "email": KENJI, "token": link }));
    let confirm = json!({ "token": named.address_link, "agreed": "yes" });
    let asked = [
        ("/reset", &redeem),
        ("/reset/open", &open),
        ("/no_auth/login/validate_registration", &registered),
        ("/email", &confirm),
    ];
    for (path, body) in asked {
        is_told(&rig.post_open(path, body));
        is_told(&at_the_host(&rig, "POST", path, Some(body)));
    }
    is_told_on_a_page(&form(&rig, "", "/reset", &[("token", &link), ("password", GOOD_PASSWORD)]));
    is_told_on_a_page(&form(&rig, "", "/email", &[("token", &named.address_link), ("agreed", "yes")]));
    let superseded = json!({ "token": named.link, "password": GOOD_PASSWORD });
    assert_eq!(rig.post_open("/reset", &superseded).status, 400, "a dead link is no proof");
    keeps_no_session_awake(&rig, &cookie);
    resume(&rig);
    assert_eq!([by(&own, HOST).status, rig.post_open("/reset", &redeem).status], [200, 204]);
    assert_eq!(rig.post_open("/email", &confirm).status, 204);
    assert_eq!(rig.send("GET", WHOAMI, &[("Cookie", &cookie)], None).status, 200);
    ends_once_it_has_lain_idle(&rig, &cookie);
}

fn keeps_no_session_awake(rig: &Rig, cookie: &str) {
    rig.clock.advance_seconds(61);
    is_told(&rig.send("GET", WHOAMI, &[("Cookie", cookie)], None));
    assert_eq!(rig.number("SELECT COUNT(*) FROM sessions WHERE last_seen_at > started_at", &[]), 0);
}

fn ends_once_it_has_lain_idle(rig: &Rig, cookie: &str) {
    rig.clock.advance_seconds(2 * 3_600);
    deactivate(rig);
    assert_eq!(rig.send("GET", WHOAMI, &[("Cookie", cookie)], None).status, 401);
}

#[test]
fn who_is_between_two_steps_of_a_sign_in_is_told() {
    let rig = Rig::start();
    let password = rig.sample.user_password.clone();
    let (phone, _) = enrol(&rig, &rig.session(JANE, &password));
    enrol(&rig, &rig.session(KENJI, &password));
    let reset = json!({ "user_email": KENJI });
    let path = "/api/web/namespaces/system/user/otp/admin_reset";
    assert_eq!(rig.as_token(&rig.sample.api_token, "PUT", path, Some(&reset)).status, 200);
    let link = factor_link(&rig, KENJI, 1);
    let (_, waiting) = step(&rig, JANE, &password);
    deactivate(&rig);
    let before = rig.number("SELECT COUNT(*) FROM sessions", &[]);
    is_told_on_a_page(&page(&rig, &waiting, "/signin/code"));
    is_told_on_a_page(&form(&rig, &waiting, "/signin/code", &[("code", &phone.next_code(&rig))]));
    let open = |token: &str| rig.post_open("/second-factor", &json!({ "token": token, "password": "guessed" }));
    is_told(&open(&link));
    assert_eq!(open(&"A".repeat(48)).status, 400);
    is_told(&rig.post_open("/signin", &json!({ "email": JANE, "password": password, "code": phone.code(&rig) })));
    assert_eq!(rig.number("SELECT COUNT(*) FROM sessions", &[]), before);
    resume(&rig);
    let entered = form(&rig, &waiting, "/signin/code", &[("code", &phone.code(&rig))]);
    assert_eq!(entered.header("location"), Some("/account"), "nothing was used up: {}", entered.text);
}

#[test]
fn a_token_that_is_over_is_told_nothing_of_the_suspension() {
    let rig = Rig::start();
    let [expired, disabled] = ["old@example.com", "gone@example.com"].map(|email| {
        let user = rig.add_user(rig.tenant(), email, |_| {});
        let seconds = if email.starts_with("old") { 60 } else { 3_600 };
        rig.add_token(rig.tenant(), &user, rig.clock.now().plus_seconds(seconds))
    });
    assert_eq!(rig.post("/api/tenantry/v1/users/disable", &json!({ "email": "gone@example.com" })).status, 200);
    rig.clock.advance_seconds(60);
    deactivate(&rig);
    for token in [expired, disabled] {
        assert_eq!(rig.as_token(&token, "GET", WHOAMI, None).status, 401);
    }
    is_told(&rig.get(WHOAMI));
}

#[test]
fn a_removed_tenant_answers_as_a_suspended_one_and_as_none_once_it_is_being_deleted() {
    let rig = Rig::start();
    let ops = operator(&rig);
    let cookie = rig.session(JANE, &rig.sample.user_password);
    rig.add_tenant("other-corp");
    assert_eq!(post(&rig, &ops, "/example-corp/remove", json!({ "grace_days": 1 })).status, 200);
    is_told(&rig.get(WHOAMI));
    is_told(&rig.send("GET", WHOAMI, &[("Cookie", &cookie)], None));
    assert_eq!(at_the_host(&rig, "GET", "/signin", None).status, 200);
    let begin = "UPDATE tenants SET removal_begun_at = removal_due_at WHERE name = 'example-corp'";
    rig.write(move |tx| tx.run(begin, &[]).map(drop));
    assert_eq!(rig.get(WHOAMI).status, 401);
    assert_eq!(rig.send("GET", WHOAMI, &[("Cookie", &cookie)], None).status, 401);
    let [there, nowhere] = [HOST, "no-such-corp.localhost"]
        .map(|host| rig.send("GET", "/signin", &[("Host", host), ("Accept", "application/json")], None));
    assert_eq!((there.status, there.message()), (404, nowhere.message()));
    let shown = rig.as_token(&ops, "GET", &format!("{TENANTS}/example-corp"), None);
    assert_eq!(shown.body["state"], "removed", "{}", shown.text);
}
