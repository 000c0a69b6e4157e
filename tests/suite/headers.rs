//! The headers that guard browsers, on every kind of answer.

use serde_json::json;
use tenantry::pages::{CONTENT_SECURITY_POLICY, assets, mailbox};

use crate::rig::{Answered, Rig};

const PAGE: (&str, &str) = ("Accept", "text/html");

/// A page with forms sends its address to this host alone; every other page, above all that of the link, to nobody.
fn referrer(answered: &Answered, what: &str) -> &'static str {
    let is_page = answered.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    let is_secret = matches!(what, "/reset" | "a head alone") || what.starts_with("/dev/mailbox");
    if is_page && !is_secret { "same-origin" } else { "no-referrer" }
}

fn check(answered: &Answered, what: &str, policy: &str, cache: &str) {
    let expected = [
        ("content-security-policy", policy),
        ("x-content-type-options", "nosniff"),
        ("cache-control", cache),
        ("referrer-policy", referrer(answered, what)),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
    ];
    for (name, value) in expected {
        assert_eq!(answered.header(name), Some(value), "{name} of {what}");
        let times = answered.headers.iter().filter(|(known, _)| known == name).count();
        assert_eq!(times, 1, "{name} of {what} stands once");
    }
    assert!(answered.header("x-request-id").is_some(), "{what}");
    assert_eq!(answered.header("server"), None, "{what} names no product");
}

fn strict(answered: &Answered, status: u16, what: &str) {
    assert_eq!(answered.status, status, "{what}: {}", answered.text);
    check(answered, what, CONTENT_SECURITY_POLICY, "no-store");
}

#[test]
fn every_kind_of_answer_has_the_strict_headers() {
    let rig = Rig::start();
    rig.reset("hello@example.com");
    rig.wait_for_mails("hello@example.com", 1);
    for path in ["/reset", "/signin", "/forgot"] {
        strict(&rig.send("GET", path, &[PAGE], None), 200, path);
    }
    strict(&rig.send("GET", "/account", &[PAGE], None), 303, "a way to another page");
    strict(&rig.send("GET", "/nowhere", &[PAGE], None), 404, "the page of an error");
    strict(&rig.send("GET", "/nowhere", &[], None), 404, "an error");
    strict(&rig.send("GET", "/nowhere", &[("Accept", "text/plain")], None), 404, "an error in plain text");
    strict(&rig.send("DELETE", "/reset", &[], None), 404, "an unknown method");
    strict(&rig.send("HEAD", "/reset", &[], None), 200, "a head alone");
    strict(&rig.get("/api/web/custom/namespaces/system/whoami"), 200, "an answer of the API");
    strict(&rig.post_open("/api/web/custom/password/admin_reset", &json!({})), 401, "a refusal of the API");
    strict(&rig.post("/api/web/custom/password/admin_reset", &json!({})), 400, "an invalid call");
    let form = [PAGE, ("Content-Type", "application/x-www-form-urlencoded")];
    strict(&rig.send("POST", "/reset", &form, Some("token=none&password=none")), 400, "the page of a dead link");
    let refused = rig.send("POST", "/signin", &form, Some("email=hello%40example.com&password=wrong"));
    strict(&refused, 401, "a form that is shown again");
    let token = rig.token("hello@example.com", 1);
    let weak = rig.send("POST", "/reset", &form, Some(&format!("token={token}&password=short")));
    strict(&weak, 422, "/reset");
    let signed_in = rig.post_open("/signin", &json!({ "email": "hello@example.com", "password": "wrong" }));
    strict(&signed_in, 401, "a refused sign-in");

    for path in ["/dev/mailbox", "/dev/mailbox/1"] {
        let page = rig.send("GET", path, &[PAGE], None);
        assert_eq!(page.status, 200, "{path}");
        check(&page, path, mailbox::CONTENT_SECURITY_POLICY, "no-store");
    }
}

#[test]
fn a_browser_keeps_the_files_of_pages_and_asks_each_time() {
    let rig = Rig::start();
    for asset in assets::all() {
        let first = rig.send("GET", asset.path, &[], None);
        assert_eq!((first.status, first.text.as_str()), (200, &*asset.body));
        assert_eq!(first.header("content-type"), Some(asset.content_type));
        check(&first, asset.path, CONTENT_SECURITY_POLICY, "no-cache");
        let etag = first.header("etag").expect("a validator");
        let again = rig.send("GET", asset.path, &[("If-None-Match", etag)], None);
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{}", asset.path);
        check(&again, asset.path, CONTENT_SECURITY_POLICY, "no-cache");
    }
}

#[test]
fn the_page_of_an_error_carries_the_name_and_the_language_of_the_tenant() {
    let rig = Rig::start();
    let headers = [PAGE, ("Accept-Language", "de")];
    for (method, path, status) in [("GET", "/nowhere", 404), ("GET", "/signout", 404), ("POST", "/signin", 400)] {
        let page = rig.send(method, path, &headers, None);
        assert_eq!(page.status, status, "{path}");
        assert!(page.text.contains("<html lang=\"de\">") && page.text.contains("Example Corp"), "{}", page.text);
        assert!(!page.text.contains("API Group"), "{}", page.text);
    }
}

#[test]
fn the_page_about_an_address_without_a_tenant_has_its_style() {
    let mut rig = Rig::start();
    let asked = |path: &str| rig.send("GET", path, &[("Host", "nobody.localhost"), PAGE], None);
    let page = asked("/signin");
    assert_eq!(page.status, 404, "{}", page.text);
    let (_, style) = page.text.split_once("<link rel=\"stylesheet\" href=\"").expect("the page has a style");
    let style = asked(style.split('"').next().unwrap());
    assert_eq!((style.status, style.header("content-type")), (200, Some("text/css; charset=utf-8")), "{}", style.text);
    rig.stop();
}
