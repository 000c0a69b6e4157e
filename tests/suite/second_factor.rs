//! A code app beside the password: set up, asked for at sign-in, replaced and switched off.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::phone::{Phone, ask, begin, cookie, enrol, form, key_on, page, sign_in, step};
use crate::rig::{GOOD_PASSWORD, Rig};

const JANE: &str = "jane@example.com";
const CONFIRM: &str = "/account/second-factor/confirm";
const SECOND_FACTOR: &str = "/account/second-factor";

/// Jane has an app.
fn jane(rig: &Rig) -> (String, Phone, Vec<String>) {
    let session = rig.session(JANE, &rig.sample.user_password);
    let (phone, codes) = enrol(rig, &session);
    (session, phone, codes)
}

fn reason(body: &Value) -> &str {
    body["details"][0]["reason"].as_str().unwrap_or_default()
}

fn status(rig: &Rig, code: &str) -> u16 {
    sign_in(rig, JANE, &rig.sample.user_password, code).status
}

#[test]
fn an_app_is_set_up_and_asked_for_at_the_next_sign_in() {
    let rig = Rig::start();
    let password = rig.sample.user_password.clone();
    let session = rig.session(JANE, &password);
    assert_eq!(page(&rig, &session, SECOND_FACTOR).status, 200);
    let (phone, both) = begin(&rig, &session);
    assert_eq!(rig.sign_in(JANE, &password), 204, "nothing is asked before the first code");
    for wrong in [json!({ "code": "000000" }), json!({ "code": "" }), json!({})] {
        assert_eq!(ask(&rig, &both, CONFIRM, &wrong).status, 401, "{wrong}");
    }
    let confirmed = ask(&rig, &both, CONFIRM, &json!({ "code": phone.code(&rig) }));
    assert_eq!(confirmed.body["recovery_codes"].as_array().unwrap().len(), 10, "{}", confirmed.text);
    let again = ask(&rig, &both, CONFIRM, &json!({ "code": phone.next_code(&rig) }));
    assert_eq!(again.status, 401, "the step is used up: {}", again.text);
    assert!(rig.wait_for_mails(JANE, 1)[0]["text"].as_str().unwrap().contains("code app was set up"));

    let asked = rig.post_open("/signin", &json!({ "email": JANE, "password": password }));
    assert_eq!((asked.status, &asked.body["code"]), (401, &16.into()));
    assert_eq!(
        (asked.message(), reason(&asked.body)),
        ("Enter the code from your authenticator app, or a recovery code.", "SECOND_FACTOR_REQUIRED")
    );
    let wrong = rig.post_open("/signin", &json!({ "email": JANE, "password": "wrong", "code": phone.code(&rig) }));
    assert!(!wrong.text.contains("SECOND_FACTOR") && wrong.message().contains("password"), "{}", wrong.text);
    assert_eq!(status(&rig, &phone.next_code(&rig)), 204);
    let shown = rig.get(&format!("/api/tenantry/v1/users/{JANE}")).body;
    assert_eq!((&shown["recovery_codes_left"], shown["second_factor_since"].is_string()), (&10.into(), true));
    let listed = rig.get("/api/web/custom/namespaces/system/user_roles").body;
    let one =
        |email: &str| listed["items"].as_array().unwrap().iter().find(|user| user["email"] == email).unwrap().clone();
    assert_eq!((&one(JANE)["otp_enabled"], &one("kenji@example.com")["otp_enabled"]), (&json!(true), &json!(false)));
    let account = rig.send("GET", "/account", &[("Cookie", &session)], None).body;
    assert_eq!(account["has_second_factor"], true);
}

#[test]
fn a_browser_goes_from_the_password_to_the_code_and_has_no_session_between() {
    let rig = Rig::start();
    let (_, phone, _) = jane(&rig);
    let (place, cookie_of_step) = step(&rig, JANE, &rig.sample.user_password);
    assert_eq!(place, "/signin/code");
    let shown = page(&rig, &cookie_of_step, "/signin/code");
    assert!(shown.text.contains("autocomplete=\"one-time-code\""), "{}", shown.text);
    assert_eq!(page(&rig, &cookie_of_step, "/account").header("location"), Some("/signin"));
    assert_eq!(page(&rig, "", "/signin/code").header("location"), Some("/signin"));
    let wrong = form(&rig, &cookie_of_step, "/signin/code", &[("code", "12 34 56 7")]);
    assert_eq!((wrong.status, wrong.text.contains("The code is not right")), (401, true), "{}", wrong.text);
    let code = phone.next_code(&rig);
    let spaced = format!(" {} {}", &code[..3], &code[3..]);
    let entered = form(&rig, &cookie_of_step, "/signin/code", &[("code", &spaced)]);
    assert_eq!((entered.status, entered.header("location")), (303, Some("/account")), "{}", entered.text);
    let session = cookie(&entered, "tenantry").unwrap();
    assert_eq!(page(&rig, &session, "/account").status, 200);
    let again = form(&rig, &cookie_of_step, "/signin/code", &[("code", &phone.next_code(&rig))]);
    assert_eq!((again.status, cookie(&again, "tenantry")), (401, None), "a step is used once");
}

#[test]
fn a_step_ends_by_its_time_and_by_all_that_ends_sessions() {
    let rig = Rig::start();
    let (session, phone, _) = jane(&rig);
    let password = rig.sample.user_password.clone();
    let fails = |rig: &Rig, step: &str| {
        let answered = ask(rig, step, "/signin/code", &json!({ "code": phone.next_code(rig) }));
        assert_eq!((answered.status, cookie(&answered, "tenantry")), (401, None), "{}", answered.text);
    };
    let (_, late) = step(&rig, JANE, &password);
    rig.clock.advance_seconds(270);
    fails(&rig, &late);
    let (_, before) = step(&rig, JANE, &password);
    let proof = json!({ "password": password, "code": phone.next_code(&rig) });
    assert_eq!(ask(&rig, &session, "/prove", &proof).status, 204);
    let change = json!({ "current_password": password, "password": GOOD_PASSWORD });
    assert_eq!(ask(&rig, &session, "/account/password", &change).status, 204);
    fails(&rig, &before);
    let (_, before) = step(&rig, JANE, GOOD_PASSWORD);
    for way in ["disable", "enable"] {
        assert_eq!(rig.post(&format!("/api/tenantry/v1/users/{way}"), &json!({ "email": JANE })).status, 200);
    }
    fails(&rig, &before);
    let (_, before) = step(&rig, JANE, GOOD_PASSWORD);
    assert_eq!(rig.reset(JANE).status, 200);
    fails(&rig, &before);
}

#[test]
fn a_step_that_is_taken_to_another_tenant_is_nothing_there() {
    let rig = Rig::start();
    let (_, phone, _) = jane(&rig);
    let (_, stolen) = step(&rig, JANE, &rig.sample.user_password);
    let other = rig.add_tenant("other-corp");
    let renamed = stolen.replacen(&format!("{}.", rig.tenant().0), &format!("{}.", other.0), 1);
    assert_ne!(stolen, renamed);
    let enter = |tenant: &str, step: &str, code: &str| {
        let host = format!("{tenant}.localhost:{}", rig.address.port());
        let headers = [("Cookie", step), ("Content-Type", "application/json"), ("Host", &host)];
        rig.send("POST", "/signin/code", &headers, Some(&json!({ "code": code }).to_string())).status
    };
    let code = phone.next_code(&rig);
    assert_eq!([enter("other-corp", &stolen, &code), enter("other-corp", &renamed, &code)], [401, 401]);
    assert_eq!(enter("example-corp", &stolen, &code), 204, "it was not used up");
}

#[test]
fn a_code_counts_in_its_half_minute_and_beside_it_and_never_twice() {
    let rig = Rig::start();
    let (_, phone, _) = jane(&rig);
    let at = |seconds: i64| phone.code_at(rig.clock.now().plus_seconds(seconds));
    rig.clock.advance_seconds(90);
    assert_eq!([status(&rig, &at(-60)), status(&rig, &at(60))], [401, 401], "two steps away");
    assert_eq!(status(&rig, &at(-30)), 204, "the one before");
    assert_eq!(status(&rig, &at(-30)), 401, "twice");
    assert_eq!(status(&rig, &at(30)), 204, "the one after");
    assert_eq!(status(&rig, &at(0)), 401, "an earlier one than the last");
    rig.clock.advance_seconds(60);
    assert_eq!(status(&rig, &at(0)), 204);
}

#[test]
fn what_is_no_code_signs_nobody_in() {
    let rig = Rig::start();
    let (_, phone, codes) = jane(&rig);
    let password = rig.sample.user_password.clone();
    for code in [Value::Null, json!(""), json!("  ")] {
        let refused = rig.post_open("/signin", &json!({ "email": JANE, "password": password, "code": code }));
        assert_eq!((refused.status, reason(&refused.body)), (401, "SECOND_FACTOR_REQUIRED"), "{code}");
    }
    let of_seven = format!("{}1", phone.next_code(&rig));
    for code in [of_seven.as_str(), "12345", "０１２３４５", &codes[0][..18]] {
        rig.clock.advance_seconds(900);
        let refused = sign_in(&rig, JANE, &password, code);
        assert_eq!((refused.status, reason(&refused.body)), (401, ""), "{code} {}", refused.text);
    }
    for code in [json!(492_039), json!(["492039"]), json!({})] {
        let refused = rig.post_open("/signin", &json!({ "email": JANE, "password": password, "code": code }));
        assert_eq!(refused.status, 400, "{code}");
    }
    assert_eq!(status(&rig, &phone.next_code(&rig)), 204);
}

#[test]
fn what_is_no_code_ends_no_step_on_its_page() {
    let rig = Rig::start();
    let (_, phone, _) = jane(&rig);
    let (_, cookie_of_step) = step(&rig, JANE, &rig.sample.user_password);
    for body in [json!({}), json!({ "code": null }), json!({ "code": "" }), json!({ "code": "  " })] {
        let refused = ask(&rig, &cookie_of_step, "/signin/code", &body);
        assert_eq!((refused.status, reason(&refused.body)), (401, "SECOND_FACTOR_REQUIRED"), "{body}");
        assert!(cookie(&refused, "tenantry").is_none());
    }
    for fields in [&[][..], &[("code", "")][..]] {
        let refused = form(&rig, &cookie_of_step, "/signin/code", fields);
        assert_eq!((refused.status, cookie(&refused, "tenantry")), (401, None), "{}", refused.text);
        assert!(refused.text.contains("Enter the code"), "{}", refused.text);
    }
    for code in [json!(492_039), json!(["492039"]), json!({})] {
        assert_eq!(ask(&rig, &cookie_of_step, "/signin/code", &json!({ "code": code })).status, 400, "{code}");
    }
    let of_seven = format!("{}1", phone.next_code(&rig));
    let by_program = ask(&rig, &cookie_of_step, "/signin/code", &json!({ "code": of_seven }));
    let by_page = form(&rig, &cookie_of_step, "/signin/code", &[("code", &of_seven)]);
    assert_eq!([by_program.status, by_page.status], [401, 401]);
    assert!([&by_program, &by_page].iter().all(|refused| cookie(refused, "tenantry").is_none()));
    let entered = form(&rig, &cookie_of_step, "/signin/code", &[("code", &phone.code(&rig))]);
    assert_eq!(entered.status, 303, "the step waited: {}", entered.text);
}

#[test]
fn a_recovery_code_counts_once_and_its_owner_is_told() {
    let rig = Rig::start();
    let (session, _, codes) = jane(&rig);
    assert_eq!(status(&rig, &codes[3].to_lowercase()), 204);
    assert_eq!(status(&rig, &codes[3]), 401, "twice");
    assert_eq!(status(&rig, &codes[4].replace('-', " ")), 204);
    let told = rig.wait_for_mails(JANE, 3);
    // Those of one moment have no order.
    assert!(told.iter().any(|mail| mail["text"].as_str().unwrap().contains("8 recovery codes are left")), "{told:?}");
    let renewed = ask(&rig, &session, "/account/second-factor/recovery", &json!({}));
    assert_eq!(renewed.body["recovery_codes"].as_array().unwrap().len(), 10, "{}", renewed.text);
    assert_eq!(status(&rig, &codes[5]), 401, "the former ones are dead");
    assert_eq!(status(&rig, renewed.body["recovery_codes"][0].as_str().unwrap()), 204);
    let events = rig.get("/api/web/namespaces/system/tenant/idm/events/login").body;
    let mut methods: Vec<_> = events["login_events_map"][JANE]["login_events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["error"] == "")
        .map(|event| event["auth_method"].as_str().unwrap().to_owned())
        .collect();
    // Those of one moment have no order.
    methods.sort();
    assert_eq!(methods, ["PASSWORD", "RECOVERY_CODE", "RECOVERY_CODE", "RECOVERY_CODE"]);
}

#[test]
fn the_same_code_at_once_begins_one_session() {
    let rig = Rig::with(|config| {
        config.passwords.queue_max = 10_000;
        config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    });
    let (_, phone, _) = jane(&rig);
    let (code, password) = (phone.next_code(&rig), rig.sample.user_password.clone());
    let (entered, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (rig, code, password, entered, refused) = (&rig, &code, &password, &entered, &refused);
            scope.spawn(move || {
                for nth in 0..25 {
                    let body = json!({ "email": JANE, "password": password, "code": code }).to_string();
                    let from = format!("10.1.{thread}.{nth}");
                    let headers = [("Content-Type", "application/json"), ("X-Forwarded-For", from.as_str())];
                    match rig.send("POST", "/signin", &headers, Some(&body)).status {
                        204 => entered.fetch_add(1, Ordering::SeqCst),
                        401 | 429 => refused.fetch_add(1, Ordering::SeqCst),
                        other => panic!("{other}"),
                    };
                }
            });
        }
    });
    assert_eq!((entered.into_inner(), refused.into_inner()), (1, 199));
}

#[test]
fn guesses_at_once_over_page_and_program_are_answered_by_five_checks() {
    let rig = Rig::with(|config| {
        config.passwords.queue_max = 10_000;
        config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    });
    let (_, phone, codes) = jane(&rig);
    let password = rig.sample.user_password.clone();
    let steps: Vec<_> = (0..8).map(|_| step(&rig, JANE, &password).1).collect();
    let checked = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for (thread, step) in steps.iter().enumerate() {
            let (rig, password, checked) = (&rig, &password, &checked);
            scope.spawn(move || {
                for nth in 0..64 {
                    let (code, from) = (format!("{:06}", 64 * thread + nth), format!("10.2.{thread}.{nth}"));
                    let headers = [
                        ("Content-Type", "application/json"),
                        ("X-Forwarded-For", from.as_str()),
                        ("Cookie", step.as_str()),
                    ];
                    let (path, body) = match nth % 2 {
                        0 => ("/signin", json!({ "email": JANE, "password": password, "code": code })),
                        _ => ("/signin/code", json!({ "code": code })),
                    };
                    match rig.send("POST", path, &headers, Some(&body.to_string())).status {
                        401 => _ = checked.fetch_add(1, Ordering::SeqCst),
                        429 => {}
                        other => panic!("{other}"),
                    }
                }
            });
        }
    });
    assert_eq!(checked.into_inner(), 5);
    let waits = sign_in(&rig, JANE, &password, &phone.next_code(&rig));
    assert!(waits.status == 204, "half a minute later the right one counts: {}", waits.text);
    assert_eq!(status(&rig, &codes[0]), 204);
}

#[test]
fn behind_a_hundred_wrong_codes_an_app_is_dead_and_recovery_codes_are_not() {
    let rig = Rig::start();
    let (_, phone, codes) = jane(&rig);
    let wrong = |rig: &Rig| {
        rig.clock.advance_seconds(900);
        status(rig, "000000")
    };
    assert!((0..100).all(|_| wrong(&rig) == 401));
    rig.clock.advance_seconds(900);
    let locked = sign_in(&rig, JANE, &rig.sample.user_password, &phone.next_code(&rig));
    assert_eq!((locked.status, locked.message().contains("locked")), (403, true), "{}", locked.text);
    assert_eq!(status(&rig, &codes[0]), 204);
    assert_eq!(status(&rig, &phone.next_code(&rig)), 403, "the code opened the account and not the app");
}

#[test]
fn another_app_takes_the_place_of_the_first_with_its_first_code_and_not_before() {
    let rig = Rig::start();
    let (session, old, codes) = jane(&rig);
    let (new, both) = begin(&rig, &session);
    assert_eq!(status(&rig, &old.next_code(&rig)), 204, "the old one counts still");
    assert_eq!(status(&rig, &new.code(&rig)), 401);
    let confirmed = ask(&rig, &both, CONFIRM, &json!({ "code": new.code(&rig) }));
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    assert_eq!([status(&rig, &old.next_code(&rig)), status(&rig, &codes[0])], [401, 401]);
    assert_eq!(status(&rig, &new.code(&rig)), 204);
    let removed = ask(&rig, &session, "/account/second-factor/remove", &json!({}));
    assert_eq!(removed.status, 204, "{}", removed.text);
    assert_eq!(rig.sign_in(JANE, &rig.sample.user_password), 204);
    assert_eq!(ask(&rig, &session, "/account/second-factor/remove", &json!({})).status, 409);
}

#[test]
fn pages_alone_do_it_too() {
    let rig = Rig::start();
    let session = rig.session(JANE, &rig.sample.user_password);
    let begun = form(&rig, &session, "/account/second-factor/begin", &[]);
    assert_eq!(begun.header("location"), Some(SECOND_FACTOR), "{}", begun.text);
    let both = format!("{session}; {}", cookie(&begun, "tenantry-step").unwrap());
    let shown = page(&rig, &both, SECOND_FACTOR);
    assert!(shown.text.contains("<svg class=\"qr\" role=\"img\""), "{}", shown.text);
    let phone = key_on(&shown.text);
    let wrong = form(&rig, &both, CONFIRM, &[("code", "000000")]);
    assert_eq!((wrong.status, key_on(&wrong.text).secret), (401, phone.secret.clone()));
    let confirmed = form(&rig, &both, CONFIRM, &[("code", &phone.code(&rig))]);
    assert_eq!((confirmed.status, confirmed.text.matches("<li><code>").count()), (200, 10), "{}", confirmed.text);
    let codes = form(&rig, &session, "/account/second-factor/recovery", &[]);
    assert_eq!(codes.text.matches("<li><code>").count(), 10);
    let off = form(&rig, &session, "/account/second-factor/remove", &[]);
    assert_eq!(off.header("location"), Some(SECOND_FACTOR));
    assert!(page(&rig, &session, SECOND_FACTOR).text.contains("Nothing but your password"));
}
