//! From where a form or a call may come: our own pages in every browser, and nothing from elsewhere.

use serde_json::json;
use tenantry::params;
use tenantry::store::Scope;

use crate::browser::{Browser, Reader};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const EMAIL: &str = "hello@example.com";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const PAGE: (&str, &str) = ("Accept", "text/html");
/// Forms whose handlers use the session.
const HELD: [&str; 5] = ["/signin", "/signout", "/forgot", "/account/password", "/account/sessions/end"];
/// Forms whose handlers use the body alone.
const TOLD: [&str; 3] = ["/reset", "/reset/open", "/reset/fresh"];

/// A server whose pages lie where no browser says from which site a form comes: under http, and not on this machine as far as
/// the browser knows.
fn insecure() -> Rig {
    Rig::with(|config| {
        let port = config.http.listen.port();
        config.http.public_url = format!("http://{{tenant}}.id.test:{port}").parse().ok();
        config.http.base_domain = "id.test".into();
    })
}

fn at(rig: &Rig, path: &str) -> String {
    format!("http://{}.id.test:{}{path}", rig.sample.tenant, rig.address.port())
}

/// The browser's report of where this form came from: its origin, and the site.
fn said(browser: &Browser, url: &str) -> (Option<String>, Option<String>) {
    let requests = browser.requests();
    let posted = requests.iter().rev().find(|request| request.method == "POST" && request.url == url);
    let posted = posted.unwrap_or_else(|| panic!("{url} was sent"));
    let header = |name: &str| posted.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    (header("origin"), header("sec-fetch-site"))
}

#[test]
fn our_own_forms_work_where_a_browser_says_nothing_of_the_site() {
    for script in [true, false] {
        let rig = insecure();
        let own = (Some(at(&rig, "")), None);
        rig.reset(EMAIL);
        let token = rig.token(EMAIL, 1);
        let browser = Browser::open(Reader { script, ..Reader::default() });
        let open_the_link = || {
            browser.goto(&at(&rig, "/forgot"));
            browser.goto(&at(&rig, &format!("/reset#{token}")));
            if !script {
                browser.type_keys("#token", &token);
            }
        };
        open_the_link();
        browser.type_keys("#password", GOOD_PASSWORD);
        browser.click("form[action='/reset'] button.primary");
        browser.wait_for(".mark.done");
        assert_eq!(
            said(&browser, &at(&rig, "/reset")),
            (Some("null".into()), None),
            "the page of the link tells nobody"
        );

        browser.goto(&at(&rig, "/signin"));
        browser.type_keys("#email", EMAIL);
        browser.type_keys("#password", GOOD_PASSWORD);
        browser.click("form[action='/signin'] button.primary");
        browser.wait_for_url("/account");
        assert_eq!(said(&browser, &at(&rig, "/signin")), own);
        browser.click("form[action='/signout'] button");
        browser.wait_for(".mark.done");
        assert_eq!(said(&browser, &at(&rig, "/signout")), own);

        // Longer than a form that comes again is taken for one that was sent twice.
        rig.clock.advance_seconds(11 * 60);
        open_the_link();
        if !script {
            browser.type_keys("#password", GOOD_PASSWORD);
            browser.click("form[action='/reset'] button.primary");
        }
        browser.wait_for("form[action='/reset/fresh'] button");
        browser.type_keys("#email", EMAIL);
        browser.click("form[action='/reset/fresh'] button.primary");
        browser.wait_for(".mark.mail");
        if script {
            assert_eq!(said(&browser, &at(&rig, "/reset/fresh")), (Some("null".into()), None));
        }
    }
}

#[test]
fn a_page_elsewhere_posts_nothing_where_a_browser_says_nothing_of_the_site() {
    let rig = insecure();
    let browser = Browser::open(Reader::default());
    let send = "const form = document.createElement('form'); form.method = 'post'; form.action = arguments[0];
        for (const [name, value] of Object.entries(arguments[1])) {
          const input = document.createElement('input'); input.name = name; input.value = value; form.append(input);
        }
        document.body.append(form); form.submit()";
    let fields = json!({ "email": rig.sample.admin_email, "password": rig.sample.admin_password });
    for path in HELD {
        browser.goto("data:text/html,<title>Elsewhere</title><h1>Elsewhere</h1>");
        browser.execute(send, &json!([at(&rig, path), fields]));
        browser.wait_for(".status");
        assert_eq!(browser.text(".status"), "403", "{path}");
        assert_eq!(said(&browser, &at(&rig, path)), (Some("null".into()), None), "{path}");
    }
}

fn post(rig: &Rig, path: &str, headers: &[(&str, &str)]) -> Answered {
    let mut all = vec![FORM, PAGE];
    all.extend(headers);
    rig.send("POST", path, &all, Some("email=hello%40example.com"))
}

#[test]
fn a_form_without_an_origin_is_accepted_if_the_secret_in_its_body_authorises_it() {
    let rig = Rig::start();
    let host = rig.address.to_string();
    let (own, elsewhere) = (format!("http://{host}"), format!("http://localhost:{}", rig.address.port()));
    for path in HELD.iter().chain(&TOLD) {
        let status = |headers: &[(&str, &str)]| post(&rig, path, headers).status;
        assert_eq!(status(&[("Origin", "null")]) == 403, HELD.contains(path), "{path}");
        for ours in [&[("Origin", own.as_str())][..], &[("Referer", &own)], &[("Sec-Fetch-Site", "same-origin")], &[]] {
            assert_ne!(status(ours), 403, "{path} {ours:?}");
        }
        let null = ("Origin", "null");
        for foreign in [
            &[("Origin", "https://evil.example")][..],
            &[("Origin", &elsewhere)],
            &[("Origin", "")],
            &[("Origin", "nonsense")],
            &[("Referer", "https://evil.example/a")],
            &[null, ("Sec-Fetch-Site", "cross-site")],
            &[null, ("Sec-Fetch-Site", "same-site")],
        ] {
            assert_eq!(status(foreign), 403, "{path} {foreign:?}");
        }
    }
}

#[test]
fn who_is_signed_in_makes_no_difference_to_a_link() {
    let rig = Rig::start();
    let cookie = rig.session("admin@example.com", &rig.sample.admin_password.clone());
    rig.reset(EMAIL);
    let token = rig.token(EMAIL, 1);
    let headers = [("Content-Type", "application/json"), ("Cookie", cookie.as_str()), ("Origin", "null")];
    let body = json!({ "token": token, "password": GOOD_PASSWORD }).to_string();
    let answered = rig.send("POST", "/reset", &headers, Some(&body));
    assert_eq!(answered.status, 204, "{}", answered.text);
    let id = uuid::Uuid::parse_str(answered.header("x-request-id").unwrap()).unwrap();
    let actor: String = rig
        .store
        .read(Scope::HOUSE, |tx| tx.one("SELECT actor FROM audit WHERE id = $1", &params![&id])?.get(0))
        .unwrap();
    assert_eq!(actor, "anonymous");
}

#[test]
fn a_name_that_leads_here_from_elsewhere_neither_steers_the_dev_mode_nor_reads_its_mails() {
    let rig = Rig::start();
    rig.reset(EMAIL);
    rig.wait_for_mails(EMAIL, 1);
    let port = rig.address.port();
    let ask = |method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>| {
        rig.send(method, path, headers, body).status
    };
    let (clock, faults) = (r#"{"advance_seconds":1}"#, r#"{"mail":"refuse"}"#);
    let named =
        [format!("127.0.0.1:{port}"), format!("example-corp.localhost:{port}"), "localhost".into(), "[::1]".into()];
    for host in named.iter().map(String::as_str) {
        assert_eq!(ask("GET", "/dev/mailbox", &[("Host", host)], None), 200, "{host}");
        assert_eq!(ask("POST", "/dev/clock", &[("Host", host)], Some(clock)), 200, "{host}");
    }
    let now = rig.clock.now();
    let rebound =
        [format!("evil.example:{port}"), "localhost.evil.example".into(), "192.0.2.1".into(), "0.0.0.0".into()];
    for host in rebound.iter().map(String::as_str) {
        for path in ["/dev/mailbox", "/dev/mailbox/1"] {
            assert_eq!(ask("GET", path, &[("Host", host)], None), 403, "{host} {path}");
        }
        let own = format!("http://{host}");
        for (path, body) in [("/dev/clock", clock), ("/dev/faults", faults)] {
            let headers = [("Host", host), ("Origin", &own), ("Sec-Fetch-Site", "same-origin")];
            assert_eq!(ask("POST", path, &headers, Some(body)), 403, "{host} {path}");
        }
    }
    assert_eq!(rig.clock.now(), now);
}

#[test]
fn a_page_elsewhere_sends_nothing_to_the_dev_mode() {
    let rig = Rig::start();
    let (port, now) = (rig.address.port(), rig.clock.now());
    let ask = |path: &str, headers: &[(&str, &str)], body| rig.send("POST", path, headers, Some(body)).status;
    let (clock, faults) = (r#"{"advance_seconds":1}"#, r#"{"mail":"refuse"}"#);
    for (path, body) in [("/dev/clock", clock), ("/dev/faults", faults)] {
        for foreign in [
            [("Origin", "https://evil.example"), ("Content-Type", "text/plain")],
            [("Origin", "null"), ("Content-Type", "text/plain")],
            [("Origin", "http://localhost:3000"), ("Content-Type", "application/json")],
            [("Sec-Fetch-Site", "cross-site"), ("Origin", "null")],
            [("Sec-Fetch-Site", "same-site"), ("Content-Type", "text/plain")],
            [("Referer", "https://evil.example/"), ("Content-Type", "text/plain")],
        ] {
            assert_eq!(ask(path, &foreign, body), 403, "{path} {foreign:?}");
        }
    }
    assert_eq!(rig.clock.now(), now);
    let browser = Browser::open(Reader::default());
    browser.goto("data:text/html,<title>Elsewhere</title>");
    let fetched = "return fetch(arguments[0], { method: 'POST', mode: 'no-cors', body: arguments[1] })
        .then((answer) => answer.type, (failure) => failure.name)";
    browser.execute(fetched, &json!([format!("http://127.0.0.1:{port}/dev/clock"), clock]));
    assert_eq!(rig.clock.now(), now);
    let read = "return fetch(arguments[0]).then((answer) => answer.text(), (failure) => failure.name)";
    let seen = browser.execute(read, &json!([format!("http://127.0.0.1:{port}/dev/mailbox")]));
    assert_eq!(seen, json!("TypeError"));
}
