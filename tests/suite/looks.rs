//! Every page as people see it: narrow, wide, dark, without script, in each language.

use serde_json::{Value, json};

use crate::browser::{Browser, ENTER, Reader};
use crate::journeys::{link_of_a_reset, tenant_url};
use crate::phone::{Phone, factor_link};
use crate::rig::{GOOD_PASSWORD, Rig};

const EMAIL: &str = "hello@example.com";

/// Leads a reader over every page in the order in which they come; `look` gets each with its name.
fn tour(reader: Reader, mut look: impl FnMut(&Browser, &str)) {
    let rig = Rig::start();
    let link = link_of_a_reset(&rig);
    let token = link.split_once('#').expect("a token").1;
    let browser = Browser::open(reader);
    let mut see = |name: &str, path: &str| {
        if !path.is_empty() {
            browser.goto(path);
        }
        browser.wait_for("h1");
        look(&browser, name);
    };
    let mailbox = format!("http://{}/dev/mailbox", rig.address);
    see("mailbox", &mailbox);
    see("mail", &format!("{mailbox}/1"));
    see("reset", &link);
    if reader.script {
        browser.wait_for("#account");
        browser.type_keys("#password", "Harbour 12");
        see("reset-typed", "");
    } else {
        browser.type_keys("#token", token);
    }
    choose(&browser, "password1");
    browser.wait_for("#problems");
    see("refused", "");
    choose(&browser, GOOD_PASSWORD);
    browser.wait_for(".mark.done");
    see("done", "");
    // From the page at the same address the link would be a step within it.
    browser.goto("about:blank");
    see("dead", &link);
    if !reader.script {
        browser.type_keys("#token", token);
        choose(&browser, GOOD_PASSWORD);
        browser.wait_for(".mark.done");
        see("done-before", "");
    }
    see("forgot", &tenant_url(&rig, "/forgot"));
    browser.type_keys("#email", "nobody@example.com");
    browser.click("button.primary");
    browser.wait_for(".mark.mail");
    see("sent", "");
    see("signin", &tenant_url(&rig, "/signin"));
    sign_in(&browser, "wrong");
    browser.wait_for("#problems");
    see("signin-refused", "");
    assert_eq!(rig.sign_in(EMAIL, GOOD_PASSWORD), 204);
    browser.goto(&tenant_url(&rig, "/signin"));
    sign_in(&browser, GOOD_PASSWORD);
    browser.wait_for("#sessions");
    see("account", "");
    browser.type_keys("#current_password", "wrong");
    choose(&browser, "one lighthouse and some gulls");
    browser.wait_for("#problems");
    see("account-refused", "");
    see("error", &tenant_url(&rig, "/nowhere"));
    browser.goto(&tenant_url(&rig, "/account"));
    browser.click("form[action='/signout'] button");
    browser.wait_for(".mark.done");
    see("signed-out", "");
}

/// The pages about a code app, likewise.
fn tour_of_codes(reader: Reader, mut look: impl FnMut(&Browser, &str)) {
    let rig = Rig::start();
    let browser = Browser::open(reader);
    let mut see = |name: &str| {
        browser.wait_for("h1");
        look(&browser, name);
    };
    let enter = |code: &str| {
        browser.execute("document.getElementById('code').value = ''", &json!([]));
        browser.type_keys("#code", code);
        browser.press(ENTER);
    };
    let arrive = || {
        browser.goto(&tenant_url(&rig, "/signin"));
        sign_in(&browser, &rig.sample.user_password);
    };
    arrive();
    browser.wait_for("#sessions");
    browser.goto(&tenant_url(&rig, "/account/second-factor"));
    see("no-app");
    browser.click("form[action='/account/second-factor/begin'] button");
    browser.wait_for(".qr");
    see("new-app");
    enter("000000");
    browser.wait_for("#problems");
    see("new-app-refused");
    let phone = Phone { secret: browser.text(".secret-key code").replace(' ', "") };
    enter(&phone.code(&rig));
    browser.wait_for(".codes");
    see("recovery-codes");
    browser.goto(&tenant_url(&rig, "/account/second-factor"));
    see("app");
    browser.goto(&tenant_url(&rig, "/account"));
    browser.click("form[action='/signout'] button");
    browser.wait_for(".mark.done");
    arrive();
    browser.wait_for_url("/signin/code");
    see("code");
    enter("000000");
    browser.wait_for("#problems");
    see("code-refused");
    enter(&phone.next_code(&rig));
    browser.wait_for_url("/account");
    browser.goto(&tenant_url(&rig, "/prove?back=%2Faccount%2Fsecond-factor"));
    see("prove");
    browser.type_keys("#password", "wrong");
    enter("000000");
    browser.wait_for("#problems");
    see("prove-refused");
    let path = "/api/web/namespaces/system/user/otp/admin_reset";
    let taken_away = rig.as_token(&rig.sample.api_token, "PUT", path, Some(&json!({ "user_email": EMAIL })));
    assert_eq!(taken_away.status, 200, "{}", taken_away.text);
    browser.goto(&tenant_url(&rig, &format!("/second-factor#{}", factor_link(&rig, EMAIL, 1))));
    see("link-of-app");
    arrive();
    browser.wait_for_url("/account");
    browser.goto(&tenant_url(&rig, "/account/second-factor"));
    see("app-taken-away");
}

fn choose(browser: &Browser, password: &str) {
    browser.execute("document.getElementById('password').value = ''", &json!([]));
    browser.type_keys("#password", password);
    browser.click("form:has(#password) button.primary");
}

fn sign_in(browser: &Browser, password: &str) {
    browser.execute("document.getElementById('email').value = ''", &json!([]));
    browser.type_keys("#email", EMAIL);
    browser.type_keys("#password", password);
    browser.click("form[action='/signin'] button.primary");
}

/// The faults of the present page, as the browser sees it.
const FAULTS: &str = "
    const faults = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) faults.push(`scrolls sideways: ${root.scrollWidth} px`);
    if (root.lang !== arguments[0]) faults.push(`speaks ${root.lang}`);
    if (!document.title.includes(' · ')) faults.push(`is called ${document.title}`);
    for (const it of document.querySelectorAll('input, button, a')) {
      if (!it.checkVisibility()) continue;
      const name = it.ariaLabel || it.innerText || [...(it.labels || [])].map((label) => label.innerText).join();
      if (!name.trim() && !it.getAttribute('aria-label')) faults.push(`${it.outerHTML} has no name`);
      if (it.localName === 'input' && !it.autocomplete) faults.push(`${it.outerHTML} has no autocomplete`);
    }
    return faults";

fn look_through(reader: Reader) {
    let language = reader.language;
    let look = |browser: &Browser, name: &str| {
        let faults: Value = browser.execute(FAULTS, &json!([language]));
        assert_eq!(faults, json!([]), "{name} for {reader:?}");
    };
    tour(reader, look);
    tour_of_codes(reader, look);
}

#[test]
fn every_page_fits_a_narrow_screen_in_the_longest_language() {
    look_through(Reader { width: 320, language: "de", ..Reader::default() });
}

#[test]
fn every_page_fits_a_wide_screen() {
    look_through(Reader { width: 1920, ..Reader::default() });
}

#[test]
fn every_page_speaks_japanese_to_a_japanese_browser() {
    look_through(Reader { dark: true, language: "ja", ..Reader::default() });
}

#[test]
fn every_page_works_without_script_on_a_narrow_screen() {
    look_through(Reader { script: false, width: 320, language: "fr", ..Reader::default() });
}

/// Parts of the sessions that are cut off or lie beyond the card.
const CUT: &str = "
    const faults = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) faults.push(`scrolls sideways: ${root.scrollWidth} px`);
    const card = document.querySelector('#sessions').getBoundingClientRect();
    for (const it of document.querySelectorAll('#sessions tbody td, #sessions tbody td > *, #sessions button')) {
      if (it.classList.contains('unseen') || !it.checkVisibility()) continue;
      const box = it.getBoundingClientRect();
      if (box.left < card.left || box.right > card.right + 0.5) faults.push(`${it.outerHTML} lies beyond the card`);
      if (it.scrollWidth > it.clientWidth + 1 && it.clientWidth) faults.push(`${it.outerHTML} is cut off`);
      if (it.localName === 'bdi' && box.height > 60) faults.push(`${it.outerHTML} is broken into ${box.height} px`);
    }
    return faults";

#[test]
fn the_sessions_fit_every_width_between_a_telephone_and_a_table() {
    let rig = Rig::with(|config| config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]);
    for address in ["2001:db8:1234:5678:9abc:def0:1234:5678", "203.0.113.254"] {
        let body = json!({ "email": EMAIL, "password": rig.sample.user_password }).to_string();
        let headers = [("Content-Type", "application/json"), ("X-Forwarded-For", address)];
        assert_eq!(rig.send("POST", "/signin", &headers, Some(&body)).status, 204);
    }
    for language in ["en", "de", "fr", "ja"] {
        let browser = Browser::open(Reader { language, ..Reader::default() });
        browser.goto(&tenant_url(&rig, "/signin"));
        sign_in(&browser, &rig.sample.user_password);
        browser.wait_for("#sessions");
        for width in (320..=800).step_by(20) {
            browser.widen(width);
            let faults: Value = browser.execute(CUT, &json!([]));
            assert_eq!(faults, json!([]), "{language} at {width} px");
        }
    }
}

#[test]
fn the_button_that_shows_a_password_says_which() {
    let rig = Rig::start();
    let browser = Browser::open(Reader::default());
    browser.goto(&tenant_url(&rig, "/signin"));
    sign_in(&browser, &rig.sample.user_password);
    browser.wait_for("#sessions");
    let names = || {
        let tree = browser.devtools("Accessibility.getFullAXTree", json!({}));
        let nodes = tree["nodes"].as_array().expect("a tree").iter();
        let buttons = nodes.filter(|node| node["role"]["value"] == "button");
        let names = buttons.map(|node| node["name"]["value"].as_str().unwrap_or_default().to_owned());
        names.filter(|name| name.starts_with("Show") || name.starts_with("Hide")).collect::<Vec<_>>()
    };
    // The last one is that of the form for a new address.
    assert_eq!(names(), ["Show: Current password", "Show: New password", "Show: Current password"]);
    browser.click("[data-reveal=password]");
    assert_eq!(names(), ["Show: Current password", "Hide: New password", "Show: Current password"]);
    assert_eq!(browser.text("[data-reveal=password]"), "Hide");
}
