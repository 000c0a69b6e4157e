//! Programs that open a link before its reader, listen on the way, or post from elsewhere.

use serde_json::{Value, json};

use crate::browser::{Browser, Reader, Request};
use crate::journeys::{link_of_a_reset, tenant_url};
use crate::rig::{GOOD_PASSWORD, Rig};

const EMAIL: &str = "hello@example.com";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

fn token_of(link: &str) -> &str {
    link.split_once('#').expect("the token is behind #").1
}

#[test]
fn a_link_survives_whatever_scans_mails() {
    let rig = Rig::start();
    let link = link_of_a_reset(&rig);
    for _ in 0..20 {
        assert_eq!(rig.send("GET", "/reset", &[("Accept", "text/html")], None).status, 200);
    }
    assert_eq!(rig.send("HEAD", "/reset", &[], None).status, 200);
    assert!(rig.send("OPTIONS", "/reset", &[], None).status >= 400);
    assert_eq!(rig.send("POST", "/reset", &[FORM], Some("")).status, 400);

    let browser = Browser::open(Reader::default());
    for _ in 0..2 {
        browser.goto("about:blank");
        browser.goto(&link);
        browser.wait_for("#account");
        let press_all = "for (const it of document.querySelectorAll('button')) it.click()";
        browser.execute(press_all, &json!([]));
        assert!(browser.sees("#choose"), "no button sends an empty password");
        // As a scanner that ignores the required fields of a form.
        browser.execute("document.querySelector('form[action=\"/reset\"]').submit()", &json!([]));
        browser.wait_for("#problems");
    }
    assert_eq!(rig.redeem(token_of(&link), GOOD_PASSWORD), 204);
}

#[test]
fn the_token_goes_to_this_server_alone_and_in_bodies_alone() {
    let rig = Rig::start();
    let link = link_of_a_reset(&rig);
    let (token, own) = (token_of(&link), tenant_url(&rig, ""));
    let browser = Browser::open(Reader::default());
    browser.goto(&link);
    browser.wait_for("#account");
    browser.type_keys("#password", GOOD_PASSWORD);
    browser.click("form[action='/reset'] button.primary");
    browser.wait_for(".mark.done");
    browser.click("a.primary");
    browser.wait_for_url("/signin");

    let requests = browser.requests();
    for request in requests.iter().filter(|request| request.url.starts_with("http")) {
        assert!(request.url.starts_with(&own), "{} is elsewhere", request.url);
        let headers: String = request.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        assert!(!headers.contains(token), "{headers}");
        let referrer = request.headers.iter().find(|(name, _)| name == "referer").map(|(_, url)| url.as_str());
        assert!(referrer.is_none_or(|url| url.starts_with(&own)), "{headers}");
        // The first navigation has the fragment; it stays in the browser.
        let sent = request.url.split('#').next().unwrap_or_default();
        assert!(!sent.contains(token), "{sent}");
    }
    let bodies: Vec<&Request> =
        requests.iter().filter(|request| request.body.as_ref().is_some_and(|body| body.contains(token))).collect();
    let posts: Vec<(&str, &str)> =
        bodies.iter().map(|request| (request.method.as_str(), &request.url[own.len()..])).collect();
    assert_eq!(posts, [("POST", "/reset/open"), ("POST", "/reset")]);
    let sent = requests.iter().position(|request| request.method == "POST" && request.url.ends_with("/reset")).unwrap();
    let is_told = |request: &Request| {
        request.url.starts_with("http") && request.headers.iter().any(|(name, _)| name == "referer")
    };
    let told: Vec<&Request> = requests[..=sent].iter().filter(|request| is_told(request)).collect();
    assert!(told.is_empty(), "the page of the link lets nobody refer to it: {told:?}");
    let history = browser.execute("return [location.href, document.referrer]", &json!([]));
    assert_eq!(history[0], tenant_url(&rig, "/signin"));
    let referrer = history[1].as_str().unwrap();
    assert!(referrer.starts_with(&tenant_url(&rig, "/reset/done?reset=")) && !referrer.contains(token), "{referrer}");
}

#[test]
fn a_page_of_another_origin_posts_nothing_here() {
    let rig = Rig::start();
    let link = link_of_a_reset(&rig);
    let browser = Browser::open(Reader::default());
    for path in [
        "/reset",
        "/email",
        "/signin",
        "/signout",
        "/forgot",
        "/account/password",
        "/account/email",
        "/account/sessions/end",
    ] {
        browser.goto("data:text/html,<title>Elsewhere</title><h1>Elsewhere</h1>");
        let send = "const form = document.createElement('form');
            form.method = 'post'; form.action = arguments[0];
            for (const [name, value] of Object.entries(arguments[1])) {
              const input = document.createElement('input');
              input.name = name; input.value = value; form.append(input);
            }
            document.body.append(form); form.submit()";
        let fields: Value = json!({ "token": token_of(&link), "password": GOOD_PASSWORD });
        browser.execute(send, &json!([tenant_url(&rig, path), fields]));
        browser.wait_for(".status");
        assert_eq!(browser.text(".status"), "403", "{path}");
        assert!(browser.text("body").contains("Example Corp"), "the page of an error carries the tenant's name");
    }
    browser.goto("data:text/html,<title>Elsewhere</title><h1>Elsewhere</h1>");
    let fetched = "return fetch(arguments[0], { method: 'POST', mode: 'no-cors', body: arguments[1] })
        .then((answer) => answer.type, (failure) => failure.name)";
    let body = json!({ "token": token_of(&link), "password": GOOD_PASSWORD }).to_string();
    browser.execute(fetched, &json!([tenant_url(&rig, "/reset"), body]));
    let plain = [("Content-Type", "text/plain"), ("Accept", "application/json")];
    assert_eq!(rig.send("POST", "/reset", &plain, Some(&body)).status, 400, "text/plain is no body of ours");
    for header in
        [("Origin", "https://evil.example"), ("Referer", "https://evil.example/"), ("Sec-Fetch-Site", "same-site")]
    {
        let sent = rig.send("POST", "/reset", &[("Content-Type", "application/json"), header], Some(&body));
        assert_eq!(sent.status, 403, "{header:?}");
    }
    assert_eq!(rig.redeem(token_of(&link), GOOD_PASSWORD), 204, "nothing of it used the link up");
    assert_eq!(rig.sign_in(EMAIL, GOOD_PASSWORD), 204);
}
