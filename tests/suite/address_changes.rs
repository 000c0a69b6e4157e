//! A user's address is changed: what counts before, meanwhile and afterwards, and what each crossing comes to.

use serde_json::{Value, json};
use tenantry::people::SignInBy;

use crate::access::{ok, put};
use crate::people::in_system;
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const JANE: &str = "jane@example.com";
const NEW: &str = "jane.roe@example.com";
const OTHER: &str = "jroe@example.com";
const DAY: i64 = 24 * 3600;

fn path(email: &str) -> String {
    format!("/api/tenantry/v1/users/{email}/email")
}

/// An administrator asks for another address of a user.
fn give(rig: &Rig, email: &str, new: &str) -> Answered {
    rig.post(&path(email), &json!({ "email": new }))
}

/// The holder of a session asks for another address of their own.
fn ask(rig: &Rig, cookie: &str, new: &str, password: &str) -> Answered {
    let headers = [("Cookie", cookie), ("Content-Type", "application/json")];
    let body = json!({ "email": new, "current_password": password }).to_string();
    rig.send("POST", "/account/email", &headers, Some(&body))
}

fn jane(rig: &Rig) -> String {
    rig.session(JANE, &rig.sample.user_password)
}

/// The answer to the form of a link.
fn confirm(rig: &Rig, token: &str) -> Answered {
    rig.post_open("/email", &json!({ "token": token, "agreed": "yes" }))
}

/// Jane has the new address, by an administrator and her link.
fn moved(rig: &Rig) {
    assert_eq!(give(rig, JANE, NEW).status, 200);
    let confirmed = confirm(rig, &rig.token(NEW, 1));
    assert_eq!(confirmed.status, 204, "{}", confirmed.text);
}

fn shown(rig: &Rig, email: &str) -> Value {
    rig.get(&format!("/api/tenantry/v1/users/{email}")).body
}

/// Where the mail of the next reset of this user goes, beside those that came before.
fn mail_of_a_reset_goes_to(rig: &Rig, email: &str) -> Vec<&'static str> {
    rig.let_background_rest();
    let count = |email| rig.mails(email).iter().filter(|mail| mail["text"].to_string().contains("/reset#")).count();
    let before = [JANE, NEW, OTHER].map(count);
    assert_eq!(rig.reset(email).status, 200);
    rig.let_background_rest();
    let after = [JANE, NEW, OTHER].map(count);
    [JANE, NEW, OTHER].into_iter().enumerate().filter(|(nth, _)| after[*nth] > before[*nth]).map(|(_, to)| to).collect()
}

/// The records about addresses, as action and outcome, by action: those of one moment have no order.
fn records(rig: &Rig) -> Vec<(String, String)> {
    let all = rig.audit().into_iter().filter(|(action, ..)| action.starts_with("address."));
    let mut all: Vec<_> = all.map(|(action, outcome, _)| (action, outcome)).collect();
    all.sort();
    all
}

#[test]
fn a_new_address_counts_once_its_link_has_come_back_and_both_are_told() {
    let rig = Rig::start();
    let (cookie, password) = (jane(&rig), rig.sample.user_password.clone());
    assert_eq!(ask(&rig, &cookie, "Jane.Roe@Example.com", &password).status, 204);
    let (link, word) = (rig.wait_for_mails("Jane.Roe@Example.com", 1), rig.wait_for_mails(JANE, 1));
    assert!(link[0]["link"].as_str().unwrap().contains("/email#"), "{link:?}");
    assert!(word[0]["text"].as_str().unwrap().contains("Jane.Roe@Example.com"), "{word:?}");
    assert!(word[0]["link"].is_null() && !word[0].to_string().contains("/email#"), "{word:?}");
    assert_eq!((rig.sign_in(JANE, &password), rig.sign_in(NEW, &password)), (204, 401), "nothing has changed yet");
    let account = rig.send("GET", "/account", &[("Cookie", &cookie)], None).body;
    assert_eq!((&account["email"], &account["pending_email"]), (&json!(JANE), &json!("Jane.Roe@Example.com")));
    assert_eq!(shown(&rig, JANE)["pending_email_until"], "2026-03-05T09:15:27.000000Z");

    let token = rig.token("Jane.Roe@Example.com", 1);
    assert_eq!(confirm(&rig, &token).status, 204);
    assert_eq!((rig.sign_in(JANE, &password), rig.sign_in(NEW, &password)), (401, 204));
    rig.wait_for_mails(JANE, 2);
    rig.wait_for_mails("Jane.Roe@Example.com", 2);
    let now = shown(&rig, NEW);
    assert_eq!((&now["email"], &now["mail_goes_to"]), (&json!("Jane.Roe@Example.com"), &json!(JANE)), "{now}");
    assert_eq!(now["email_verified_at"], now["email_changed_at"]);
    assert_eq!((&now["pending_email"], shown(&rig, JANE)["code"].as_i64()), (&Value::Null, Some(5)));
    let account = rig.send("GET", "/account", &[("Cookie", &cookie)], None).body;
    assert_eq!(account["email"], "Jane.Roe@Example.com", "the session lives on");
    let accepted = |action: &str| (action.to_string(), "accepted".to_string());
    assert_eq!(records(&rig), [accepted("address.confirm"), accepted("address.request")]);
}

#[test]
fn each_mail_is_in_the_words_of_the_tenant() {
    let rig = Rig::start();
    let choose = |letter: &str, paragraphs: Value, labels: [&str; 2]| {
        let words = json!({ "subject": format!("{letter} of {{name}}"), "paragraphs": paragraphs,
            "link_label": labels[0], "code_label": labels[1] });
        ok(&put(&rig, &format!("/api/tenantry/v1/mail_texts/addresses.{letter}/languages/en"), &words));
    };
    let confirm_words = json!(["{from} wants {to}.", "{link}", "{lifetime}", "{code}"]);
    choose("address_to_confirm", confirm_words, ["Yes, mine", "Or type:"]);
    choose("address_requested", json!(["{from} wants {to} at {at}."]), ["", ""]);
    choose("address_changed", json!(["No more {from} but {to} at {at}. {cool_off}"]), ["", ""]);
    choose("address_left", json!(["Gone from {from} to {to} at {at}.", "{cool_off}"]), ["", ""]);
    moved(&rig);
    let (new, former) = (rig.wait_for_mails(NEW, 2), rig.wait_for_mails(JANE, 2));
    for (mail, letter, says) in [
        (&new[0], "address_to_confirm", "jane@example.com wants jane.roe@example.com.\n\nYes, mine"),
        (&former[0], "address_requested", "jane@example.com wants jane.roe@example.com at 2026-03-04 09:15 UTC.\n"),
        (&new[1], "address_changed", "at 2026-03-04 09:15 UTC. Until 2026-03-05 09:15 UTC, mail with a link"),
        (&former[1], "address_left", "at 2026-03-04 09:15 UTC.\n\nIf it was not you, you have until 2026-03-05"),
    ] {
        assert_eq!(mail["subject"], format!("{letter} of Jane Roe"));
        assert!(mail["text"].as_str().unwrap().contains(says), "{says} {mail}");
    }
}

#[test]
fn a_link_works_once_for_a_day_and_only_for_a_person_who_agrees() {
    let rig = Rig::start();
    assert_eq!(give(&rig, JANE, NEW).status, 200);
    let token = rig.token(NEW, 1);
    for method in ["GET", "HEAD"] {
        assert_eq!(rig.send(method, "/email", &[("Accept", "text/html")], None).status, 200);
    }
    assert_eq!(rig.post_open("/email", &json!({ "token": token })).status, 422, "a scanner presses buttons");
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 400, "it is no link of a password");
    rig.clock.advance_seconds(DAY - 1);
    assert_eq!(confirm(&rig, &token).status, 204);
    assert_eq!(confirm(&rig, &token).status, 400);

    assert_eq!(give(&rig, NEW, OTHER).status, 200);
    let late = rig.token(OTHER, 1);
    rig.clock.advance_seconds(DAY);
    assert_eq!(confirm(&rig, &late).status, 400);
    assert_eq!(shown(&rig, NEW)["pending_email"], Value::Null);
    assert_eq!(confirm(&rig, &"B".repeat(48)).status, 400);
}

#[test]
fn of_two_changes_the_later_one_counts_and_no_link_confirms_the_others_address() {
    let rig = Rig::start();
    assert_eq!(give(&rig, JANE, NEW).status, 200);
    let first = rig.token(NEW, 1);
    assert_eq!(give(&rig, JANE, OTHER).status, 200);
    let second = rig.token(OTHER, 1);
    assert_eq!(confirm(&rig, &first).status, 400);
    assert_eq!(confirm(&rig, &second).status, 204);
    assert_eq!(shown(&rig, OTHER)["email"], OTHER);
    assert_eq!(confirm(&rig, &first).status, 400);
}

#[test]
fn the_same_request_within_a_moment_is_done_once() {
    let rig = Rig::start();
    for _ in 0..2 {
        assert_eq!(give(&rig, JANE, NEW).status, 200);
    }
    rig.let_background_rest();
    assert_eq!((rig.mails(NEW).len(), rig.mails(JANE).len(), records(&rig).len()), (1, 1, 1));
    rig.clock.advance_seconds(31);
    assert_eq!(give(&rig, JANE, NEW).status, 200);
    assert_eq!(rig.wait_for_mails(NEW, 2).len(), 2);
}

#[test]
fn an_address_of_another_user_is_told_to_administrators_alone() {
    let rig = Rig::start();
    let (cookie, password) = (jane(&rig), rig.sample.user_password.clone());
    let taken = give(&rig, JANE, "KENJI@example.com");
    assert!(taken.status == 409 && taken.message().contains("already exist"), "{}", taken.text);
    let answers = ["nobody.yet@example.com", "kenji@example.com"].map(|new| ask(&rig, &cookie, new, &password));
    assert_eq!((answers[0].status, answers[1].status), (204, 204));
    let account = rig.send("GET", "/account", &[("Cookie", &cookie)], None).body;
    assert_eq!(account["pending_email"], "kenji@example.com");
    rig.let_background_rest();
    assert!(rig.mails("kenji@example.com").is_empty(), "and the other user is not bothered");
}

#[test]
fn a_pending_address_holds_nothing_and_one_who_takes_it_meanwhile_keeps_it() {
    let rig = Rig::start();
    assert_eq!(give(&rig, JANE, NEW).status, 200);
    let token = rig.token(NEW, 1);
    let users = "/api/web/custom/namespaces/system/user_roles";
    assert_eq!(rig.post(users, &json!({ "email": NEW })).status, 200, "the address is free");
    let refused = confirm(&rig, &token);
    assert!(refused.status == 409 && refused.message().contains("another account"), "{}", refused.text);
    assert_eq!(shown(&rig, JANE)["email"], JANE);
    let remove = "/api/web/custom/namespaces/system/users/cascade_delete";
    assert_eq!(rig.post(remove, &json!({ "email": NEW })).status, 200);
    assert_eq!(confirm(&rig, &token).status, 204, "it is free again");
    // The address is left twice: by a removal, and by this one.
    assert_eq!(rig.post(remove, &json!({ "email": NEW })).status, 200);
}

/// What ends a change that waits, by a word for it.
type Ender = (&'static str, fn(&Rig));

#[test]
fn what_ends_the_sessions_of_a_user_ends_a_change_that_waits() {
    let enders: [Ender; 4] = [
        ("a reset by an administrator", |rig| assert_eq!(rig.reset(JANE).status, 200)),
        ("a redemption", |rig| {
            assert_eq!(rig.post_open("/forgot", &json!({ "email": JANE })).status, 200);
            assert_eq!(rig.redeem(&rig.token(JANE, 2), GOOD_PASSWORD), 204);
        }),
        ("a change of the password", |rig| {
            let body = json!({ "current_password": rig.sample.user_password, "password": GOOD_PASSWORD }).to_string();
            let headers = [("Cookie", &*jane(rig)), ("Content-Type", "application/json")]
                .map(|(name, value)| (name, value.to_owned()));
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(rig.send("POST", "/account/password", &headers, Some(&body)).status, 204);
        }),
        ("disabling", |rig| {
            for verb in ["disable", "enable"] {
                let path = format!("/api/tenantry/v1/users/{verb}");
                assert_eq!(rig.post(&path, &json!({ "email": JANE })).status, 200);
            }
        }),
    ];
    for (what, end) in enders {
        let rig = Rig::start();
        let cookie = jane(&rig);
        assert_eq!(ask(&rig, &cookie, NEW, &rig.sample.user_password).status, 204);
        let token = rig.token(NEW, 1);
        rig.wait_for_mails(JANE, 1);
        end(&rig);
        assert_eq!(confirm(&rig, &token).status, 400, "{what}");
        assert_eq!(shown(&rig, JANE)["pending_email"], Value::Null, "{what}");
        assert_eq!(records(&rig)[0], ("address.confirm".into(), "refused".into()), "{what}");
    }
}

#[test]
fn a_change_that_waits_goes_with_its_user_and_can_be_taken_back() {
    let rig = Rig::start();
    let (cookie, password) = (jane(&rig), rig.sample.user_password.clone());
    let keep = |cookie: &str| {
        let headers = [("Cookie", cookie), ("Content-Type", "application/json")];
        rig.send("POST", "/account/email/cancel", &headers, Some("{}")).status
    };
    assert_eq!(keep(&cookie), 404);
    assert_eq!(ask(&rig, &cookie, NEW, &password).status, 204);
    let token = rig.token(NEW, 1);
    assert_eq!((keep(&cookie), keep(&cookie)), (204, 404));
    assert_eq!(confirm(&rig, &token).status, 400);
    assert_eq!(give(&rig, JANE, NEW).status, 200);
    let token = rig.token(NEW, 2);
    let cancel = format!("{}/cancel", path(JANE));
    assert_eq!((rig.post(&cancel, &json!({})).status, rig.post(&cancel, &json!({})).status), (200, 404));
    assert_eq!(confirm(&rig, &token).status, 400);

    assert_eq!(give(&rig, JANE, OTHER).status, 200);
    let token = rig.token(OTHER, 1);
    let remove = "/api/web/custom/namespaces/system/users/cascade_delete";
    assert_eq!(rig.post(remove, &json!({ "email": JANE })).status, 200);
    assert_eq!(confirm(&rig, &token).status, 400);
    assert_eq!(rig.number("SELECT COUNT(*) FROM address_changes", &[]), 0);
}

#[test]
fn who_has_no_address_to_change_here_is_told_so() {
    let rig = Rig::start();
    rig.add_user(rig.tenant(), "sso@example.com", |new| new.sign_in_by = SignInBy::SingleSignOn);
    rig.add_user(rig.tenant(), "robot@example.com", |new| new.kind = tenantry::people::Kind::Service);
    assert_eq!(rig.post("/api/tenantry/v1/users/disable", &json!({ "email": "kenji@example.com" })).status, 200);
    for (email, words) in [
        ("sso@example.com", "single sign-on"),
        ("robot@example.com", "service user"),
        ("kenji@example.com", "is disabled"),
        (rig.sample.admin_email, "account page"),
        (JANE, "already"),
    ] {
        let new = if email == JANE { "JANE@Example.com" } else { NEW };
        let refused = give(&rig, email, new);
        assert!(refused.status == 409 && refused.message().contains(words), "{email}: {}", refused.text);
    }
    assert_eq!(give(&rig, "absent@example.com", NEW).status, 404);
    assert_eq!(give(&rig, JANE, "no address").status, 400);
    assert!(records(&rig).is_empty());
}

#[test]
fn ones_own_address_is_changed_with_the_password_alone() {
    let rig = Rig::start();
    let (cookie, password) = (jane(&rig), rig.sample.user_password.clone());
    assert_eq!(ask(&rig, &cookie, NEW, "a wrong guess of it").status, 401);
    assert_eq!(records(&rig), [("address.request".into(), "refused".into())]);
    assert_eq!(ask(&rig, &cookie, "JANE@EXAMPLE.COM", &password).status, 409, "another spelling is no other address");
    assert_eq!(ask(&rig, &cookie, "no address", &password).status, 400);
    assert_eq!(ask(&rig, "", NEW, &password).status, 401);
    let token = rig.as_token(
        &rig.sample.api_token,
        "POST",
        "/account/email",
        Some(&json!({ "email": NEW, "current_password": "x" })),
    );
    assert_eq!(token.status, 401, "a token has no account page");
    rig.let_background_rest();
    assert!(rig.mails(NEW).is_empty());
    for nth in 0..4 {
        rig.clock.advance_seconds(31);
        let asked = ask(&rig, &cookie, &format!("jane{nth}@example.com"), &password);
        assert_eq!(asked.status, if nth < 3 { 204 } else { 429 }, "mails with a link are bounded: {}", asked.text);
    }
}

#[test]
fn until_the_cool_off_is_over_links_go_to_the_former_address() {
    let rig = Rig::start();
    moved(&rig);
    assert_eq!(mail_of_a_reset_goes_to(&rig, NEW), [JANE]);
    assert_eq!(rig.reset(JANE).status, 404, "the account has the new address");
    // The next one within half a minute would be a repeat.
    rig.clock.advance_seconds(DAY - 31);
    assert_eq!(mail_of_a_reset_goes_to(&rig, NEW), [JANE]);
    rig.clock.advance_seconds(31);
    assert_eq!(mail_of_a_reset_goes_to(&rig, NEW), [NEW]);
    assert_eq!(shown(&rig, NEW)["former_email_until"], Value::Null);
}

#[test]
fn a_shorter_cool_off_counts_at_once() {
    let rig = Rig::start();
    moved(&rig);
    let helper = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-uam-admin-role"));
    let set = |token: &str, hours| {
        rig.as_token(token, "PUT", "/api/tenantry/v1/address_cool_off", Some(&json!({ "hours": hours })))
    };
    assert_eq!(set(&helper, 0).status, 403, "an owner's decision");
    assert_eq!(set(&rig.sample.api_token, 1).body, json!({ "hours": 1 }));
    assert_eq!(mail_of_a_reset_goes_to(&rig, NEW), [JANE]);
    rig.clock.advance_seconds(31);
    for hours in [-1, 169] {
        assert_eq!(set(&rig.sample.api_token, hours).status, 400);
    }
    assert_eq!(set(&rig.sample.api_token, 0).body, json!({ "hours": 0 }));
    assert_eq!(mail_of_a_reset_goes_to(&rig, NEW), [NEW]);
    let all = rig.get("/api/tenantry/v1/audit?action=tenant.set").body;
    let facts = &all["items"][0]["facts"]["address_cool_off_hours"];
    assert_eq!(facts, &json!({ "before": 1, "after": 0 }), "{all}");
}

#[test]
fn one_who_changes_twice_does_not_outrun_the_cool_off_and_going_back_ends_it() {
    let rig = Rig::start();
    moved(&rig);
    rig.clock.advance_seconds(DAY / 2);
    assert_eq!(give(&rig, NEW, OTHER).status, 200);
    assert_eq!(confirm(&rig, &rig.token(OTHER, 1)).status, 204);
    assert_eq!(mail_of_a_reset_goes_to(&rig, OTHER), [JANE]);
    rig.clock.advance_seconds(DAY - 1);
    assert_eq!(mail_of_a_reset_goes_to(&rig, OTHER), [JANE], "counted from the last change");
    assert_eq!(give(&rig, OTHER, JANE).status, 200);
    rig.let_background_rest();
    let mails = rig.mails(JANE);
    let link =
        mails.iter().rev().find_map(|mail| mail["link"].as_str().filter(|link| link.contains("/email#"))).unwrap();
    assert_eq!(confirm(&rig, link.split_once('#').unwrap().1).status, 204);
    let back = shown(&rig, JANE);
    assert_eq!((&back["mail_goes_to"], &back["former_email_until"]), (&json!(JANE), &Value::Null), "{back}");
    assert_eq!(mail_of_a_reset_goes_to(&rig, JANE), [JANE]);
}

#[test]
fn a_misspelt_first_address_is_put_right_and_hears_nothing() {
    let rig = Rig::start();
    let (wrong, right) = ("nroa@example.org", "nora@example.org");
    assert_eq!(rig.post("/api/web/custom/namespaces/system/user_roles", &json!({ "email": wrong })).status, 200);
    let invitation = rig.token(wrong, 1);
    assert_eq!(give(&rig, wrong, right).status, 200);
    assert_eq!(confirm(&rig, &rig.token(right, 1)).status, 204);
    assert_eq!(rig.redeem(&invitation, GOOD_PASSWORD), 400, "the one who got it was not meant");
    assert_eq!(rig.post_open("/forgot", &json!({ "email": right })).status, 200);
    rig.let_background_rest();
    assert_eq!(rig.mails(wrong).len(), 1, "the invitation alone");
    let mails = rig.mails(right);
    let link = mails.iter().find_map(|mail| mail["link"].as_str().filter(|link| link.contains("/reset#"))).unwrap();
    assert_eq!(rig.redeem(link.split_once('#').unwrap().1, GOOD_PASSWORD), 204);
    assert_eq!(rig.sign_in(right, GOOD_PASSWORD), 204);
}

#[test]
fn the_link_of_an_invitation_verifies_the_first_address() {
    let rig = Rig::start();
    assert_eq!(rig.post("/api/web/custom/namespaces/system/user_roles", &json!({ "email": NEW })).status, 200);
    let link = rig.token(NEW, 1);
    rig.let_background_rest();
    assert_eq!(shown(&rig, NEW)["email_verified_at"], Value::Null);
    rig.clock.advance_seconds(60);
    assert_eq!(rig.redeem(&link, GOOD_PASSWORD), 204);
    assert_eq!(shown(&rig, NEW)["email_verified_at"], "2026-03-04T09:16:27.000000Z");
}

#[test]
fn the_open_reset_ends_with_the_address_that_its_mail_went_to() {
    let rig = Rig::start();
    let reset = rig.reset(JANE).header("tenantry-reset-id").unwrap().to_string();
    let link = rig.token(JANE, 1);
    moved(&rig);
    assert_eq!(rig.redeem(&link, GOOD_PASSWORD), 400);
    let shown = rig.get(&format!("/api/tenantry/v1/resets/{reset}")).body;
    assert_eq!((&shown["state"], &shown["email"]), (&json!("cancelled"), &json!(JANE)), "the history keeps its name");
    let listed = rig.get(&format!("/api/tenantry/v1/resets?email={NEW}")).body;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "and is found by the new one");
}

#[test]
fn a_namesake_in_another_tenant_and_a_restart_change_nothing() {
    let mut rig = Rig::start();
    let other = rig.add_tenant("other-corp");
    rig.add_user(other, NEW, |_| {});
    assert_eq!(give(&rig, JANE, NEW).status, 200);
    let token = rig.token(NEW, 1);
    let foreign = [("Content-Type", "application/json"), ("Host", "other-corp.localhost")];
    let body = json!({ "token": token, "agreed": "yes" }).to_string();
    assert_eq!(rig.send("POST", "/email", &foreign, Some(&body)).status, 400);
    let data = rig.data.take().unwrap();
    rig.restart(data.path(), |_| {});
    assert_eq!(confirm(&rig, &token).status, 204);
    assert_eq!(shown(&rig, NEW)["email"], NEW);
    assert_eq!(rig.number("SELECT COUNT(*) FROM users WHERE email_key = 'jane.roe@example.com'", &[]), 2);
}

#[test]
fn what_an_administrator_may_do_within_an_hour_goes_along_with_the_name() {
    let rig = Rig::start();
    rig.choose(|settings| settings.reset.budget_per_hour = 2);
    let token = rig.add_member(rig.tenant(), "boss@example.com", crate::people::owner());
    let reset = |email: &str| {
        let body = json!({ "email": email });
        rig.as_token(&token, "POST", "/api/web/custom/password/admin_reset", Some(&body)).status
    };
    assert_eq!((reset("hello@example.com"), reset("kenji@example.com"), reset(JANE)), (200, 200, 429));
    assert_eq!(give(&rig, "boss@example.com", "chief@example.com").status, 200);
    assert_eq!(confirm(&rig, &rig.token("chief@example.com", 1)).status, 204);
    assert_eq!(reset(JANE), 429, "a new name is no new budget");
    let me = rig.as_token(&token, "GET", "/api/web/custom/namespaces/system/whoami", None).body;
    assert_eq!(me["email"], "chief@example.com", "the token stays");
}
