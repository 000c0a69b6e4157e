//! The page after a form was sent: it can be reloaded, and is in the reader's language.

use std::collections::BTreeSet;

use serde_json::json;

use crate::pages::form_actions;
use crate::phone::{cookie as cookie_of, enrol, factor_link, step};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};
use crate::words::{OTHERS, speaks};

const EMAIL: &str = "hello@example.com";
const NEXT_PASSWORD: &str = "seven herons crossing the slow river";
/// Sends a form as a browser does.
fn post(rig: &Rig, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answered {
    in_language(rig, "en", path, cookie, fields)
}

fn in_language(rig: &Rig, language: &str, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answered {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "text/html"),
        ("Accept-Language", language),
        ("Cookie", cookie),
    ];
    rig.send("POST", path, &headers, Some(&form))
}

fn get(rig: &Rig, path: &str, cookie: &str) -> Answered {
    rig.send("GET", path, &[("Accept", "text/html"), ("Cookie", cookie)], None)
}

/// The session that an answer begins, as a browser sends it back.
fn session_of(answered: &Answered) -> Option<String> {
    let cookies = answered.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value);
    let session = cookies.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.starts_with("tenantry="));
    session.map(str::to_owned)
}

/// The token of a new reset; `count` is that of the mails there are then.
fn token_of_a_reset(rig: &Rig, count: usize) -> String {
    assert_eq!(rig.reset(EMAIL).status, 200);
    rig.token(EMAIL, count)
}

#[test]
fn every_form_that_was_taken_leads_to_a_page_that_may_be_loaded_again() {
    let rig = Rig::start();
    let token = token_of_a_reset(&rig, 1);
    let mut asked = BTreeSet::new();
    let mut check = |path: &'static str, cookie: &str, fields: &[(&str, &str)]| -> String {
        let answered = post(&rig, path, cookie, fields);
        assert_eq!(answered.status, 303, "{path}: {}", answered.text);
        let place = answered.header("location").unwrap();
        for (_, secret) in fields {
            assert!(!place.contains(secret), "{path} leads to {place}");
        }
        let cookie = session_of(&answered).unwrap_or_else(|| cookie.to_owned());
        let seen = [get(&rig, place, &cookie), get(&rig, place, &cookie)];
        assert_eq!((seen[0].status, seen[1].status), (200, 200), "{path} leads to {place}");
        assert_eq!(seen[0].text, seen[1].text, "{path} leads to {place}");
        asked.insert(path);
        cookie
    };
    check("/reset", "", &[("token", &token), ("username", EMAIL), ("password", GOOD_PASSWORD)]);
    check("/reset/fresh", "", &[("email", EMAIL)]);
    check("/forgot", "", &[("email", "nobody@example.com")]);
    let cookie = check("/signin", "", &[("email", EMAIL), ("password", GOOD_PASSWORD)]);
    let fields = [("current_password", GOOD_PASSWORD), ("password", NEXT_PASSWORD)];
    check("/account/password", &cookie, &fields);
    let (password, address) = (("current_password", NEXT_PASSWORD), ("email", "jane.roe@example.com"));
    check("/account/email", &cookie, &[address, password]);
    rig.wait_for_mails("jane.roe@example.com", 1);
    check("/account/email/cancel", &cookie, &[]);
    rig.clock.advance_seconds(31);
    check("/account/email", &cookie, &[address, password]);
    let link = rig.token("jane.roe@example.com", 2);
    check("/email", "", &[("token", &link), ("agreed", "yes")]);
    check("/account/sessions/end", &cookie, &[("session", "others")]);
    check("/signout", &cookie, &[]);
    let (email, password) = (("email", "jane.roe@example.com"), ("password", NEXT_PASSWORD));
    let cookie = check("/signin", "", &[email, password]);
    check("/account/second-factor/begin", &cookie, &[]);
    let (phone, _) = enrol(&rig, &cookie);
    check("/prove", &cookie, &[password, ("code", &phone.next_code(&rig))]);
    check("/account/second-factor/remove", &cookie, &[]);
    let (phone, _) = enrol(&rig, &cookie);
    check("/signin/code", &step(&rig, email.1, NEXT_PASSWORD).1, &[("code", &phone.next_code(&rig))]);
    for (path, body) in
        [("user/otp/admin_reset", json!({ "user_email": email.1 })), ("tenant/settings/otp/enable", json!({}))]
    {
        let path = format!("/api/web/namespaces/system/{path}");
        assert_eq!(rig.as_token(&rig.sample.api_token, "PUT", &path, Some(&body)).status, 200);
    }
    // Until the cool-off is over, mail goes to the former address.
    factor_link(&rig, EMAIL, 1);
    // The bound of mails with a link is one of an hour.
    rig.clock.advance_seconds(3_600);
    check("/second-factor/link", &step(&rig, email.1, NEXT_PASSWORD).1, &[]);
    let link = factor_link(&rig, EMAIL, 2);
    let opened = post(&rig, "/second-factor", "", &[("token", &link), password]);
    assert_eq!(opened.header("location"), Some("/signin/enrol"), "{}", opened.text);
    assert_eq!(get(&rig, "/signin/enrol", &cookie_of(&opened, "tenantry-step").unwrap()).status, 200);
    asked.insert("/second-factor");
    // Answered by the page with the recovery codes, which are shown this once.
    asked.extend(["/signin/enrol", "/account/second-factor/confirm", "/account/second-factor/recovery"]);
    // Answered by a file; the page stays.
    asked.insert("/account/export");
    assert_eq!(asked, form_actions().iter().map(String::as_str).collect(), "every form of every page");
}

#[test]
fn a_form_of_the_link_that_is_sent_twice_does_not_say_that_the_link_is_dead() {
    let rig = Rig::start();
    let token = token_of_a_reset(&rig, 1);
    let send = |password| post(&rig, "/reset", "", &[("token", &token), ("password", password)]);
    assert_eq!(send("password1").status, 422);
    let first = send(GOOD_PASSWORD);
    assert_eq!(first.status, 303, "{}", first.text);
    assert!(get(&rig, first.header("location").unwrap(), "").text.contains("<h1>Your password is changed</h1>"));
    let second = send(NEXT_PASSWORD);
    assert_eq!(second.status, 303, "{}", second.text);
    let page = get(&rig, second.header("location").unwrap(), "").text;
    assert!(page.contains("changed already") && page.contains("changed nothing"), "{page}");
    assert_eq!((rig.sign_in(EMAIL, GOOD_PASSWORD), rig.sign_in(EMAIL, NEXT_PASSWORD)), (204, 401));
    assert_eq!(rig.redeem(&token, NEXT_PASSWORD), 400, "programs are told as before");
    rig.clock.advance_seconds(10 * 60);
    let late = send(NEXT_PASSWORD);
    assert!(late.status == 400 && late.text.contains("This link no longer works"), "{}", late.text);
}

#[test]
fn a_change_of_the_password_that_is_sent_twice_is_done_once_and_not_refused() {
    let rig = Rig::start();
    let cookie = rig.session(EMAIL, &rig.sample.user_password);
    let change = |current: &str, next: &str| {
        post(&rig, "/account/password", &cookie, &[("current_password", current), ("password", next)])
    };
    for _ in 0..2 {
        let changed = change(&rig.sample.user_password, GOOD_PASSWORD);
        assert_eq!((changed.status, changed.header("location")), (303, Some("/account?changed=1")), "{}", changed.text);
    }
    assert_eq!(rig.wait_for_mails(EMAIL, 1).len(), 1, "it was changed once");
    assert_eq!(change(&rig.sample.user_password, NEXT_PASSWORD).status, 401);
    rig.clock.advance_seconds(60);
    assert_eq!(change(&rig.sample.user_password, GOOD_PASSWORD).status, 401);
    assert_eq!((rig.sign_in(EMAIL, GOOD_PASSWORD), rig.sign_in(EMAIL, NEXT_PASSWORD)), (204, 401));
}

#[test]
fn a_session_that_is_ended_twice_is_ended() {
    let rig = Rig::start();
    let cookie = rig.session(EMAIL, &rig.sample.user_password);
    rig.session(EMAIL, &rig.sample.user_password);
    let account = rig.send("GET", "/account", &[("Accept", "application/json"), ("Cookie", &cookie)], None).body;
    let other = account["sessions"].as_array().unwrap().iter().find(|session| session["this_one"] == false).unwrap();
    for _ in 0..2 {
        let ended = post(&rig, "/account/sessions/end", &cookie, &[("session", other["id"].as_str().unwrap())]);
        assert_eq!((ended.status, ended.header("location")), (303, Some("/account")), "{}", ended.text);
    }
}

#[test]
fn an_address_from_elsewhere_makes_no_page_say_what_did_not_happen() {
    let rig = Rig::start();
    let open = rig.reset(EMAIL).header("tenantry-reset-id").unwrap().to_string();
    for path in ["/reset/done".to_string(), "/reset/done?reset=x".into(), format!("/reset/done?reset={open}")] {
        let answered = get(&rig, &path, "");
        assert_eq!((answered.status, answered.header("location")), (303, Some("/signin")), "{path}");
    }
    let jane = rig.session("jane@example.com", &rig.sample.user_password);
    assert_eq!(get(&rig, "/signed-out", &jane).header("location"), Some("/account"), "they are not signed out");
    assert_eq!(get(&rig, "/account", &jane).status, 200);
}

#[test]
fn a_torn_link_leads_to_the_page_with_the_field_for_the_code() {
    let rig = Rig::start();
    let token = token_of_a_reset(&rig, 1);
    let field = "name=\"token\" value=\"\"";
    for path in
        ["/reset%23", "/reset%2523", "/reset%3Ftoken=", "/reset?token=", "/reset/%23", "//reset%23", "/RESET%23"]
    {
        for behind in ["", ".", ")", "%3E", "%23", "?utm_source=mail&utm_id=7", "%20and%20more", "%"] {
            for text in [&token, &token[..30], ""] {
                let page = get(&rig, &format!("{path}{text}{behind}"), "");
                assert!(page.status == 200 && page.text.contains(field), "{path}{text}{behind}: {}", page.text);
                assert!(text.is_empty() || !page.text.contains(text), "the token is in the mail alone");
            }
        }
    }
    for path in
        ["/reset.", "/reset)", "/reset%3E", "/reset,", "/reset]", "/reset%0A", "/reset%FF", "/reset%", "/reset&"]
    {
        assert!(get(&rig, path, "").text.contains("name=\"token\""), "{path}");
        assert_eq!(rig.send("POST", path, &[], Some("{}")).status / 100, 4, "{path}: nothing is posted there");
    }
    for path in ["/resets", "/reset-me", "/rese", "/reset/further", "/forgot%23"] {
        assert_eq!(get(&rig, path, "").status, 404, "{path}");
    }
    let around = format!(" https://a.example/reset#{} {}.", &token[..20], &token[20..]);
    let chosen = post(&rig, "/reset", "", &[("token", &around), ("password", GOOD_PASSWORD)]);
    assert_eq!(chosen.status, 303, "{}", chosen.text);
    assert_eq!(rig.sign_in(EMAIL, GOOD_PASSWORD), 204);
}

#[test]
fn a_code_that_is_not_whole_is_asked_for_again() {
    let rig = Rig::start();
    let token = token_of_a_reset(&rig, 1);
    for code in ["", "what code?", &token[..47]] {
        let answered = post(&rig, "/reset", "", &[("token", code), ("password", GOOD_PASSWORD)]);
        assert_eq!(answered.status, 400, "{code:?}");
        let page = answered.text;
        assert!(page.contains("This code is not whole.") && page.contains("id=\"token\""), "{code:?}: {page}");
        assert!(!page.contains("action=\"/reset/fresh\"") || page.contains("id=\"choose\""), "{code:?}: {page}");
    }
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204);
}

#[test]
fn every_error_of_a_form_is_shown_in_the_language_of_the_page() {
    for language in OTHERS {
        let tag = language.tag();
        let speaks = |what: &str, answered: &Answered, status: u16| {
            assert_eq!(answered.status, status, "{what} in {tag}: {}", answered.text);
            speaks(language, what, answered);
        };
        let rig = Rig::start();
        let token = token_of_a_reset(&rig, 1);
        let jane = rig.session("jane@example.com", &rig.sample.user_password);
        let check = |what: &str, path: &str, fields: &[(&str, &str)], status: u16| {
            speaks(what, &in_language(&rig, tag, path, &jane, fields), status);
        };
        check("a password against the rules", "/reset", &[("token", &token), ("password", "short")], 422);
        check("a dead link", "/reset", &[("token", &"A".repeat(48)), ("password", GOOD_PASSWORD)], 400);
        check("a code that is cut off", "/reset", &[("token", &token[..9]), ("password", GOOD_PASSWORD)], 400);
        check("no address", "/forgot", &[("email", "nobody")], 400);
        check("nothing for an address", "/reset/fresh", &[("email", "")], 400);
        check("a field too many", "/forgot", &[("email", EMAIL), ("x", "y")], 400);
        check("a field twice", "/forgot", &[("email", EMAIL), ("email", EMAIL)], 400);
        check("a body that is too large", "/forgot", &[("email", &"x".repeat(20_000))], 413);
        let fields = [("current_password", "wrong"), ("password", NEXT_PASSWORD)];
        for _ in 0..5 {
            check("a wrong present password", "/account/password", &fields, 401);
        }
        check("too many of them", "/account/password", &fields, 429);
        for _ in 0..5 {
            check("a wrong sign-in", "/signin", &[("email", EMAIL), ("password", "wrong")], 401);
        }
        check("a lock-out", "/signin", &[("email", EMAIL), ("password", "wrong")], 429);
        check("no such page", "/nowhere", &[], 404);

        let page = [("Accept", "text/html"), ("Accept-Language", tag)];
        let with = |method: &str, path: &str, header: (&str, &str)| {
            let form = ("Content-Type", "application/x-www-form-urlencoded");
            rig.send(
                method,
                path,
                &[page[0], page[1], form, header],
                (method == "POST").then_some("email=a%40b.example"),
            )
        };
        let foreign = with("POST", "/forgot", ("Sec-Fetch-Site", "cross-site"));
        speaks("a form of another site", &foreign, 403);
        let unknown = with("GET", "/signin", ("Host", "nobody.localhost"));
        speaks("an address without a tenant", &unknown, 404);
        speaks("a method that is not there", &with("DELETE", "/signin", ("X-A", "b")), 404);

        rig.choose(|settings| settings.password.expire_password_days = 30);
        rig.clock.advance_seconds(31 * 24 * 3600);
        let right = [("email", "kenji@example.com"), ("password", rig.sample.user_password.as_str())];
        check("a password that is too old", "/signin", &right, 403);
        for _ in 0..60 {
            in_language(&rig, tag, "/forgot", "", &[("email", "nobody")]);
        }
        check("too many wishes from one address", "/forgot", &[("email", "nobody")], 429);
        let busy = json!({ "next_calls": { "count": 1, "status": 503 } });
        assert_eq!(rig.post_open("/dev/faults", &busy).status, 200);
        check("a server that is busy", "/signin", &right, 503);
    }
}

#[test]
fn password_managers_are_led_to_where_a_password_is_changed() {
    let rig = Rig::start();
    let led = get(&rig, "/.well-known/change-password", "");
    assert_eq!((led.status, led.header("location")), (303, Some("/account#password-card")), "{}", led.text);
    let cookie = rig.session(EMAIL, &rig.sample.user_password);
    assert!(get(&rig, "/account", &cookie).text.contains("id=\"password-card\""));
    assert_eq!(get(&rig, "/account", "").header("location"), Some("/signin"));
    // https://w3c.github.io/webappsec-change-password-url/#semantics asks that paths that do not exist answer so.
    assert_eq!(
        get(&rig, "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200", "").status,
        404
    );
}

#[test]
fn an_address_of_ipv4_is_shown_as_one_wherever_it_comes_from() {
    let rig = Rig::with(|config| config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]);
    let token = token_of_a_reset(&rig, 1);
    let from = |path: &str, body: serde_json::Value| {
        let headers = [("Content-Type", "application/json"), ("X-Forwarded-For", "::ffff:192.0.2.1")];
        rig.send("POST", path, &headers, Some(&body.to_string()))
    };
    assert_eq!(from("/reset", json!({ "token": token, "password": GOOD_PASSWORD })).status, 204);
    let signed_in = from("/signin", json!({ "email": EMAIL, "password": GOOD_PASSWORD }));
    let cookies = signed_in.headers.iter().filter(|(name, _)| name == "set-cookie");
    let cookie: Vec<_> = cookies.map(|(_, value)| value.split(';').next().unwrap()).collect();
    let seen = [
        rig.wait_for_mails(EMAIL, 2)[1]["text"].to_string(),
        get(&rig, "/account", &cookie.join("; ")).text,
        rig.get("/api/tenantry/v1/audit").text,
        rig.get("/api/tenantry/v1/resets").text,
        rig.get(&format!("/api/tenantry/v1/users/{EMAIL}")).text,
    ];
    for text in seen {
        assert!(text.contains("192.0.2.1") && !text.contains("::ffff:"), "{text}");
    }
}
