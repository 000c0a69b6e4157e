//! Users are looked for by the beginning of their address or name, and by filters, page by page.

use serde_json::{Value, json};
use tenantry::access::Grant;
use tenantry::identity::TenantId;
use tenantry::params;
use tenantry::people::{Kind, SignInBy};

use crate::people::{in_system, owner};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const USERS: &str = "/api/tenantry/v1/users";

fn ask(rig: &Rig, query: &[(&str, &str)]) -> Answered {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    rig.get(&format!("{USERS}?{query}"))
}

fn emails(answered: &Answered) -> Vec<String> {
    assert_eq!(answered.status, 200, "{}", answered.text);
    let items = answered.body["items"].as_array().unwrap();
    items.iter().map(|item| item["email"].as_str().unwrap().to_owned()).collect()
}

/// Everyone whom this question finds, on one page.
fn found(rig: &Rig, query: &[(&str, &str)]) -> Vec<String> {
    let answered = ask(rig, query);
    assert_eq!(answered.body["next"], Value::Null, "{}", answered.text);
    emails(&answered)
}

fn add_named(rig: &Rig, email: &str, first: &str, last: &str) {
    rig.add_user(rig.tenant(), email, |new| (new.first_name, new.last_name) = (first.into(), last.into()));
}

#[test]
fn people_are_found_by_how_address_or_name_begin_in_any_case_and_script() {
    let rig = Rig::start();
    add_named(&rig, "Gabo@example.org", "Gabriel José", "García Márquez");
    add_named(&rig, "weiss@xn--bcher-kva.example", "Jörg", "Weiß");
    add_named(&rig, "taro@example.org", "太郎", "山田");
    add_named(&rig, "odysseus@example.org", "Οδυσσεύς", "ΙΘΆΚΗ");
    add_named(&rig, "istanbul@example.org", "İlker", "Işık");
    for (typed, email) in [
        ("gabo@", "Gabo@example.org"),
        ("GABO", "Gabo@example.org"),
        ("  ｇａｂｏ@example ", "Gabo@example.org"),
        ("gabriel  JOS", "Gabo@example.org"),
        ("jose\u{301} g", "Gabo@example.org"),
        ("márq", "Gabo@example.org"),
        ("García Márquez Gab", "Gabo@example.org"),
        ("WEISS", "weiss@xn--bcher-kva.example"),
        ("weiß", "weiss@xn--bcher-kva.example"),
        ("weiss@BÜCH", "weiss@xn--bcher-kva.example"),
        ("weiss@xn--b", "weiss@xn--bcher-kva.example"),
        ("山", "taro@example.org"),
        ("太郎 山", "taro@example.org"),
        ("οδυσσευ\u{301}ς", "odysseus@example.org"),
        ("ΟΔΥΣΣΕΎΣ", "odysseus@example.org"),
        ("ilker", "istanbul@example.org"),
    ] {
        assert_eq!(found(&rig, &[("q", typed)]), [email], "{typed:?}");
    }
    for typed in ["abo", "osé", "nobody", "%", "_", "xample"] {
        assert_eq!(found(&rig, &[("q", typed)]), [""; 0], "{typed:?}");
    }
    assert_eq!(found(&rig, &[("q", " ")]).len(), found(&rig, &[]).len(), "blanks are no question");
}

#[test]
fn each_user_comes_once_and_in_the_order_of_what_was_looked_for() {
    let rig = Rig::start();
    add_named(&rig, "x-ann@example.org", "Ann", "Ann");
    add_named(&rig, "ann@example.org", "Ann", "Berg");
    add_named(&rig, "anna@example.org", "", "");
    assert_eq!(found(&rig, &[("q", "ann")]), ["x-ann@example.org", "ann@example.org", "anna@example.org"]);
    let sorted = found(&rig, &[]);
    assert!(sorted.is_sorted() && sorted.len() > 4, "{sorted:?}");
}

#[test]
fn service_users_and_users_of_other_tenants_are_not_found() {
    let rig = Rig::start();
    let other = rig.add_tenant("other-corp");
    rig.add_user(other, "zoe@example.org", |_| {});
    rig.add_user(rig.tenant(), "zorro@example.org", |new| new.kind = Kind::Service);
    assert_eq!(found(&rig, &[("q", "zo")]), [""; 0]);
    assert!(!found(&rig, &[]).iter().any(|email| email.starts_with("zo")));
    let boss = rig.add_member(other, "boss@example.org", owner());
    let theirs = rig.as_token(&boss, "GET", &format!("{USERS}?q=zo"), None);
    assert_eq!(emails(&theirs), ["zoe@example.org"]);
}

#[test]
fn only_administrators_of_users_may_look_for_them() {
    let rig = Rig::start();
    let status = |role: &str| {
        let token = rig.add_member(rig.tenant(), &format!("{role}@example.com"), in_system(role));
        rig.as_token(&token, "GET", USERS, None).status
    };
    assert_eq!((status("ves-io-uam-admin-role"), status("ves-io-default-role")), (200, 403));
}

#[test]
fn what_is_said_of_a_user_goes_along_with_the_user() {
    let rig = Rig::start();
    let user_roles = "/api/web/custom/namespaces/system/user_roles";
    let new = json!({ "email": "nora@example.org", "first_name": "Nora", "last_name": "Quist" });
    assert_eq!(rig.post(user_roles, &new).status, 200);
    assert_eq!(found(&rig, &[("q", "quist")]), ["nora@example.org"]);
    let renamed = json!({ "email": "nora@example.org", "last_name": "Lund" });
    assert_eq!(rig.post(&format!("{user_roles}/nora@example.org"), &renamed).status, 200);
    assert_eq!(
        (found(&rig, &[("q", "quist")]), found(&rig, &[("q", "lund")])),
        (vec![], vec!["nora@example.org".into()])
    );
    let asked = rig.post("/api/tenantry/v1/users/nora@example.org/email", &json!({ "email": "nl@example.org" }));
    assert_eq!(asked.status, 200, "{}", asked.text);
    let confirmed = rig.post_open("/email", &json!({ "token": rig.token("nl@example.org", 1), "agreed": "yes" }));
    assert_eq!(confirmed.status, 204, "{}", confirmed.text);
    assert_eq!(found(&rig, &[("q", "nora@")]), [""; 0]);
    assert_eq!((found(&rig, &[("q", "nl@")]), found(&rig, &[("q", "lund")]).len()), (vec!["nl@example.org".into()], 1));
    let words = || {
        let words =
            "SELECT COUNT(*) FROM user_words WHERE word LIKE '%nora%' OR word LIKE '%lund%' OR word LIKE 'nl@%'";
        rig.number(words, &[])
    };
    assert_eq!(words(), 4);
    let remove = "/api/web/custom/namespaces/system/users/cascade_delete";
    assert_eq!(rig.post(remove, &json!({ "email": "nl@example.org" })).status, 200);
    assert_eq!((found(&rig, &[("q", "lund")]).len(), words()), (0, 0), "nothing of the user stays");
}

#[test]
fn each_filter_leaves_those_whom_it_names() {
    let rig = Rig::start();
    let tenant = rig.tenant();
    rig.add_user(tenant, "f-sso@example.org", |new| new.sign_in_by = SignInBy::SingleSignOn);
    rig.add_user(tenant, "f-invited@example.org", |new| new.grants = vec![Grant::new("*", "ves-io-monitor-role")]);
    rig.add_user(tenant, "f-grouped@example.org", |_| {});
    let groups = "/api/web/custom/namespaces/system/user_groups";
    let group = json!({ "name": "night-shift", "usernames": ["f-grouped@example.org"],
        "namespace_roles": [{ "namespace": "default", "role": "ves-io-power-developer-role" }] });
    let made = rig.post(groups, &group);
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(rig.post("/api/tenantry/v1/users/disable", &json!({ "email": "f-sso@example.org" })).status, 200);
    let of = |query: &[(&str, &str)]| found(&rig, &[&[("q", "f-")][..], query].concat());
    let [sso, invited, grouped] = ["f-sso@example.org", "f-invited@example.org", "f-grouped@example.org"];
    assert_eq!(of(&[]), [grouped, invited, sso]);
    assert_eq!(of(&[("state", "invited")]), [grouped, invited]);
    assert_eq!(of(&[("state", "disabled")]), [sso]);
    assert_eq!(of(&[("idm_type", "SSO")]), [sso]);
    assert_eq!(of(&[("idm_type", "VOLTERRA_MANAGED")]), [grouped, invited]);
    assert_eq!(of(&[("group", "night-shift")]), [grouped]);
    assert_eq!(of(&[("group", "day-shift")]), [""; 0]);
    assert_eq!(of(&[("role", "ves-io-monitor-role")]), [invited]);
    assert_eq!(of(&[("role", "ves-io-power-developer-role")]), [grouped], "by a group");
    assert_eq!(of(&[("namespace", "default")]), [grouped, invited], "* counts there too");
    assert_eq!(of(&[("namespace", "system")]), [""; 0], "and not in those of the tenant itself");
    assert_eq!(of(&[("namespace", "default"), ("role", "ves-io-monitor-role")]), [invited]);
    assert_eq!(of(&[("namespace", "other"), ("role", "ves-io-power-developer-role")]), [""; 0]);
    assert_eq!(of(&[("state", "invited"), ("group", "night-shift"), ("idm_type", "SSO")]), [""; 0], "all of them");
}

#[test]
fn users_with_and_without_a_second_factor_are_told_apart() {
    let rig = Rig::start();
    let session = rig.session("jane@example.com", &rig.sample.user_password);
    crate::phone::enrol(&rig, &session);
    assert_eq!(found(&rig, &[("second_factor", "true")]), ["jane@example.com"]);
    let without = found(&rig, &[("second_factor", "false")]);
    assert!(without.contains(&"kenji@example.com".into()) && !without.contains(&"jane@example.com".into()));
    assert_eq!(found(&rig, &[("q", "ja"), ("second_factor", "false")]), [""; 0]);
    let shown = ask(&rig, &[("q", "jane@")]).body;
    assert_eq!(shown["items"][0]["has_second_factor"], true, "{shown}");
}

#[test]
fn sign_ins_and_passwords_are_asked_for_by_time() {
    let rig = Rig::start();
    let at = |seconds| {
        let moment = rig.clock.now().plus_seconds(seconds).to_string();
        move |name: &str| [("q".to_owned(), "jane@".to_owned()), (name.to_owned(), moment.clone())]
    };
    let is_found = |query: [(String, String); 2]| {
        let query: Vec<_> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        !found(&rig, &query).is_empty()
    };
    assert!(is_found(at(0)("signed_in_before")), "who has never signed in has not since");
    assert!(!is_found(at(0)("signed_in_after")));
    rig.clock.advance_seconds(100);
    rig.session("jane@example.com", &rig.sample.user_password);
    let signed_in = ["signed_in_after", "signed_in_before"];
    assert_eq!(signed_in.map(|name| is_found(at(0)(name))), [true, false], "that very moment is not before it");
    assert_eq!(signed_in.map(|name| is_found(at(1)(name))), [false, true]);
    let password = ["password_after", "password_before"];
    assert_eq!(password.map(|name| is_found(at(-100)(name))), [true, false]);
    assert_eq!(password.map(|name| is_found(at(-99)(name))), [false, true]);
    assert_eq!(rig.post_open("/forgot", &json!({ "email": "jane@example.com" })).status, 200);
    assert_eq!(rig.redeem(&rig.token("jane@example.com", 1), GOOD_PASSWORD), 204);
    assert_eq!(password.map(|name| is_found(at(0)(name))), [true, false]);
    add_named(&rig, "invited@example.org", "", "");
    let before = rig.clock.now().plus_seconds(1).to_string();
    assert_eq!(
        found(&rig, &[("q", "invited"), ("password_before", &before)]),
        [""; 0],
        "who has none is not asked for"
    );
}

/// All pages of a question, each of so many at most.
fn pages(rig: &Rig, query: &[(&str, &str)], mut between: impl FnMut(usize)) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let answered = ask(rig, &[query, &[("cursor", &cursor)]].concat());
        pages.push(emails(&answered));
        between(pages.len());
        match answered.body["next"].as_str() {
            Some(next) => cursor = next.into(),
            None => return pages,
        }
        assert!(pages.len() < 100, "{pages:?}");
    }
}

#[test]
fn pages_go_on_behind_each_other_whatever_changes_meanwhile() {
    let rig = Rig::start();
    for nth in 0..9 {
        add_named(&rig, &format!("p{nth}@example.org"), "Pia", "Pape");
    }
    for query in [&[("q", "p")][..], &[("q", "p"), ("state", "invited")], &[("q", "pa"), ("limit", "1")], &[]] {
        let limit = [("limit", "2")];
        let limited = [query, if query.iter().any(|(name, _)| *name == "limit") { &[] } else { &limit[..] }].concat();
        let whole: Vec<_> = query.iter().filter(|(name, _)| *name != "limit").copied().collect();
        assert_eq!(pages(&rig, &limited, |_| {}).concat(), found(&rig, &whole), "{query:?}");
    }
    let remove = "/api/web/custom/namespaces/system/users/cascade_delete";
    let seen = pages(&rig, &[("q", "p"), ("limit", "3")], |page| match page {
        // The last one of the page before, by whom the cursor was made, and one who is to come.
        1 => ["p2@example.org", "p4@example.org"].iter().for_each(|email| {
            assert_eq!(rig.post(remove, &json!({ "email": email })).status, 200);
        }),
        2 => add_named(&rig, "p6z@example.org", "", ""),
        _ => {}
    });
    let seen = seen.concat();
    let expected = ["p0", "p1", "p2", "p3", "p5", "p6", "p6z", "p7", "p8"].map(|name| format!("{name}@example.org"));
    assert_eq!(seen, expected);
}

#[test]
fn a_cursor_counts_for_its_own_question_in_its_own_tenant() {
    let rig = Rig::start();
    let first = ask(&rig, &[("q", "example"), ("limit", "1")]);
    assert_eq!(first.body["next"], Value::Null);
    let first = ask(&rig, &[("limit", "1")]);
    let cursor = first.body["next"].as_str().unwrap();
    assert!(!cursor.contains('@'));
    assert_eq!(
        ask(&rig, &[("cursor", cursor), ("limit", "7"), ("count", "true")]).status,
        200,
        "pages may differ in length"
    );
    let refused = |query: &[(&str, &str)]| {
        let answered = ask(&rig, query);
        assert!(answered.status == 400 && answered.message().contains("Field cursor"), "{query:?} {}", answered.text);
    };
    refused(&[("cursor", cursor), ("q", "j")]);
    refused(&[("cursor", cursor), ("state", "active")]);
    refused(&[("cursor", &cursor[1..])]);
    refused(&[("cursor", "x")]);
    let other = rig.add_member(rig.add_tenant("other-corp"), "boss@example.org", owner());
    assert_eq!(rig.as_token(&other, "GET", &format!("{USERS}?cursor={cursor}"), None).status, 400);
}

#[test]
fn wrong_words_are_refused_by_the_name_of_their_field() {
    let rig = Rig::start();
    for (name, value) in [
        ("state", "asleep"),
        ("idm_type", "LDAP"),
        ("signed_in_before", "yesterday"),
        ("password_after", "2026"),
        ("count", "yes"),
        ("second_factor", "yes"),
        ("limit", "0"),
        ("limit", "1001"),
        ("q", "ja\u{0}ne"),
        ("role", "a\u{202e}b"),
    ] {
        let answered = ask(&rig, &[(name, value)]);
        assert!(answered.status == 400 && answered.message().contains(name), "{name} {}", answered.text);
    }
    let long = "a".repeat(500);
    assert_eq!(found(&rig, &[("q", &long)]), [""; 0]);
}

/// Users as a release wrote them that knew no words.
fn add_many(rig: &Rig, tenant: TenantId, count: i64) {
    rig.write(move |tx| {
        tx.run(
            "INSERT INTO users (tenant, id, uid, email, email_key, first_name, last_name, kind, idm_type, created_at,
                 created_by, session_epoch, reset_mail_times)
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $2)
             SELECT u.tenant, n, u.uid, 'many' || n || '@example.org', 'many' || n || '@example.org', 'Many', 'More', 'USER',
                 'VOLTERRA_MANAGED', 0, 'test', 0, ''
             FROM numbers CROSS JOIN users u WHERE u.tenant = $1 AND u.email_key = 'jane@example.com'",
            &params![tenant, count],
        )
    });
}

#[test]
fn users_of_before_an_upgrade_are_read_in_and_many_are_counted_and_looked_at_in_parts() {
    const MANY: usize = 12_500;
    let mut rig = Rig::start();
    add_many(&rig, rig.tenant(), MANY as i64);
    rig.add_user(rig.tenant(), "zzz@example.org", |new| new.sign_in_by = SignInBy::SingleSignOn);
    let early = ask(&rig, &[("q", "many")]);
    assert_eq!((emails(&early).len(), &early.body["is_reading_in"]), (0, &json!(true)));
    assert_eq!(ask(&rig, &[]).body["is_reading_in"], false, "the list of all needs no words");

    // Whom a filter leaves out is looked at in parts, so that no page takes long.
    let rare = pages(&rig, &[("idm_type", "SSO")], |_| {});
    assert!(rare.len() == 3 && rare[..2].iter().all(Vec::is_empty), "{rare:?}");
    assert_eq!(rare[2], ["zzz@example.org"]);
    let count = |query: &[(&str, &str)]| {
        ask(&rig, &[query, &[("count", "true"), ("limit", "1")]].concat()).body["count"].clone()
    };
    assert_eq!(count(&[]), json!({ "count": 10_000, "more": true }));
    assert_eq!(count(&[("idm_type", "SSO")]), json!({ "count": 1, "more": false }));
    assert_eq!(ask(&rig, &[]).body["count"], Value::Null);

    let data = rig.data.take().unwrap();
    rig.restart(data.path(), |_| {});
    for until in [5_000, 10_000] {
        rig.wait_until_none("SELECT COUNT(*) FROM users WHERE found_by IS NULL AND id < $1", &params![until]);
    }
    // A round makes the words of 10,000; the next one begins in some seconds, or with the server.
    rig.restart(data.path(), |_| {});
    rig.wait_until_none("SELECT COUNT(*) FROM users WHERE found_by IS NULL", &[]);
    let found = ask(&rig, &[("q", "MORE many"), ("limit", "1000"), ("count", "true")]);
    assert_eq!((emails(&found).len(), &found.body["is_reading_in"]), (1_000, &json!(false)));
    assert_eq!(found.body["count"], json!({ "count": 10_000, "more": true }));
    assert_eq!(emails(&ask(&rig, &[("q", "many12345@")])), ["many12345@example.org"]);
}
