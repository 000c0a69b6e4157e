//! A user's steps in a real browser, from the mail to the account.

use serde_json::json;

use crate::browser::{Browser, ENTER, Reader, TAB};
use crate::rig::{GOOD_PASSWORD, Rig};

const EMAIL: &str = "hello@example.com";
const NEXT_PASSWORD: &str = "seven herons crossing the slow river";
const SAVE: &str = "form[action='/reset'] button.primary";

/// The address of `path` at the sample tenant.
pub fn tenant_url(rig: &Rig, path: &str) -> String {
    format!("http://{}.localhost:{}{path}", rig.sample.tenant, rig.address.port())
}

/// Resets the password; the link of the mail.
pub fn link_of_a_reset(rig: &Rig) -> String {
    let mails = rig.mails(EMAIL).len();
    assert_eq!(rig.reset(EMAIL).status, 200);
    let mails = rig.wait_for_mails(EMAIL, mails + 1);
    mails.last().and_then(|mail| mail["link"].as_str()).expect("the mail has a link").to_owned()
}

fn open_the_link_in_the_mailbox(rig: &Rig, browser: &Browser) {
    browser.goto(&format!("http://{}/dev/mailbox", rig.address));
    browser.click(".mails a");
    browser.click("#link");
    browser.wait_for_url("/reset");
}

fn choose(browser: &Browser, password: &str) {
    browser.type_keys("#password", password);
    browser.click(SAVE);
}

fn sign_in(browser: &Browser, password: &str) {
    browser.type_keys("#email", EMAIL);
    browser.type_keys("#password", password);
    browser.click("form[action='/signin'] button.primary");
    browser.wait_for_url("/account");
}

/// The click returns before the next page is there.
fn wait_for_sessions(browser: &Browser, count: u64) {
    for _ in 0..250 {
        if rows_of_sessions(browser) == count {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("the page shows {} sessions, not {count}", rows_of_sessions(browser));
}

fn rows_of_sessions(browser: &Browser) -> u64 {
    let rows = browser.execute("return document.querySelectorAll('#sessions tbody tr').length", &json!([]));
    rows.as_u64().expect("a count")
}

#[test]
fn a_person_goes_from_the_mail_to_a_new_password_and_a_tidy_account() {
    let rig = Rig::start();
    let token = link_of_a_reset(&rig).split_once('#').expect("the token is behind #").1.to_owned();
    let browser = Browser::open(Reader::default());
    open_the_link_in_the_mailbox(&rig, &browser);

    browser.wait_for("#account");
    assert_eq!(browser.url(), tenant_url(&rig, "/reset"), "the token has left the address");
    assert_eq!(browser.value("#username"), EMAIL);
    assert!(!browser.sees("#code"), "nobody needs to paste anything");
    assert!(browser.sees("#rules li"), "the rules are there before anything is typed");
    assert!(browser.title().ends_with("Example Corp"), "{}", browser.title());

    choose(&browser, "password1");
    browser.wait_for("#problems li");
    assert_eq!(browser.focus(), "problems");
    assert_eq!((browser.value("#token"), browser.value("#password")), (token, String::new()));

    choose(&browser, GOOD_PASSWORD);
    browser.wait_for(".mark.done");
    assert_eq!(browser.text("h1"), "Your password is changed");
    browser.click("a.primary");
    assert_eq!(rig.sign_in(EMAIL, GOOD_PASSWORD), 204);
    sign_in(&browser, GOOD_PASSWORD);

    assert!(browser.text("dl").contains(EMAIL), "{}", browser.text("dl"));
    assert_eq!(rows_of_sessions(&browser), 2);
    browser.click("button[value='others']");
    wait_for_sessions(&browser, 1);
    assert!(!browser.sees("button[value='others']"));

    browser.type_keys("#current_password", GOOD_PASSWORD);
    browser.type_keys("#password", NEXT_PASSWORD);
    browser.click("form[action='/account/password'] button.primary");
    browser.wait_for(".success");
    assert_eq!((rig.sign_in(EMAIL, GOOD_PASSWORD), rig.sign_in(EMAIL, NEXT_PASSWORD)), (401, 204));

    browser.click("form[action='/signout'] button");
    browser.wait_for(".mark.done");
    assert_eq!(browser.text("h1"), "You are signed out");
    browser.goto(&tenant_url(&rig, "/account"));
    browser.wait_for_url("/signin");
}

#[test]
fn a_password_is_chosen_without_script_by_pasting_the_code() {
    let rig = Rig::start();
    let token = link_of_a_reset(&rig).split_once('#').expect("the token is behind #").1.to_owned();
    let browser = Browser::open(Reader { script: false, ..Reader::default() });
    open_the_link_in_the_mailbox(&rig, &browser);
    assert!(browser.sees("#code") && browser.sees("#rules li"));
    assert!(rig.mails(EMAIL)[0]["text"].as_str().is_some_and(|text| text.contains(&format!("{token}\n"))));

    browser.type_keys("#token", &token);
    choose(&browser, "password1");
    browser.wait_for("#problems li");
    assert_eq!(browser.attribute("#token", "value"), Some(token));
    assert!(browser.text("#lives").contains("UTC"), "a moment reads well without script");

    choose(&browser, GOOD_PASSWORD);
    browser.wait_for(".mark.done");
    browser.click("a.primary");
    sign_in(&browser, GOOD_PASSWORD);
    browser.click("form[action='/signout'] button");
    browser.wait_for(".mark.done");
    assert_eq!(browser.text("h1"), "You are signed out");
}

#[test]
fn the_keyboard_alone_is_enough() {
    let rig = Rig::start();
    let browser = Browser::open(Reader::default());
    browser.goto(&link_of_a_reset(&rig));
    browser.wait_for("#account");
    assert_eq!(browser.focus(), "password");
    browser.press("password1");
    browser.press(ENTER);
    browser.wait_for("#problems li");
    assert_eq!(browser.focus(), "problems");
    browser.press(TAB);
    assert_eq!(browser.focus(), "password");
    browser.press(GOOD_PASSWORD);
    browser.press(ENTER);
    browser.wait_for(".mark.done");

    browser.press(TAB);
    browser.press(ENTER);
    browser.wait_for("form[action='/signin']");
    browser.press(TAB);
    assert_eq!(browser.focus(), "email");
    browser.press(EMAIL);
    browser.press(TAB);
    assert_eq!(browser.focus(), "password");
    browser.press(GOOD_PASSWORD);
    browser.press(ENTER);
    browser.wait_for("#sessions");

    browser.press(TAB);
    browser.press(ENTER);
    browser.wait_for(".mark.done");
    browser.wait_for(".mark.done");
    assert_eq!(browser.text("h1"), "You are signed out");
}

#[test]
fn a_dead_link_leads_to_a_fresh_one() {
    let rig = Rig::start();
    let link = link_of_a_reset(&rig);
    assert_eq!(rig.redeem(link.split_once('#').expect("a token").1, GOOD_PASSWORD), 204);
    rig.wait_for_mails(EMAIL, 2);
    rig.clock.advance_seconds(3600);

    let browser = Browser::open(Reader::default());
    browser.goto(&link);
    browser.wait_for("#dead");
    assert!(!browser.sees("#choose") && browser.title().starts_with("This link no longer works"));
    browser.type_keys("#dead #email", EMAIL);
    browser.click("#dead button.primary");
    browser.wait_for(".mark.mail");
    assert_eq!(browser.text("h1"), "Check your mail");

    browser.goto(rig.wait_for_mails(EMAIL, 3)[2]["link"].as_str().expect("a fresh link"));
    browser.wait_for("#account");
    choose(&browser, NEXT_PASSWORD);
    browser.wait_for(".mark.done");
    assert_eq!(rig.sign_in(EMAIL, NEXT_PASSWORD), 204);
}

#[test]
fn a_forgotten_password_gets_a_link_and_reveals_no_known_address() {
    let rig = Rig::start();
    let browser = Browser::open(Reader::default());
    let mut answers = Vec::new();
    for email in ["nobody@example.com", EMAIL] {
        browser.goto(&tenant_url(&rig, "/signin"));
        browser.click("a[href='/forgot']");
        browser.type_keys("#email", email);
        browser.click("form[action='/forgot'] button.primary");
        browser.wait_for(".mark.mail");
        answers.push(browser.text("body"));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(rig.sign_in(EMAIL, &rig.sample.user_password), 204, "a wish kills no password");
    browser.goto(rig.wait_for_mails(EMAIL, 1)[0]["link"].as_str().expect("a link"));
    browser.wait_for("#account");
    choose(&browser, GOOD_PASSWORD);
    browser.wait_for(".mark.done");
    assert!(rig.mails("nobody@example.com").is_empty());
}

#[test]
fn a_link_that_was_torn_on_its_way_still_leads_to_a_new_password() {
    let rig = Rig::start();
    let token = link_of_a_reset(&rig).split_once('#').expect("the token is behind #").1.to_owned();
    let browser = Browser::open(Reader::default());
    for whole in [
        "/reset%23TOKEN",
        "/reset%2523TOKEN",
        "/reset#TOKEN.",
        "/reset#TOKEN)",
        "/reset#TOKEN%3E",
        "/reset?utm_source=mail#TOKEN",
        "/reset#TOKEN?utm_source=mail&utm_id=7",
        "/reset/#TOKEN",
        "/reset#%23TOKEN",
        "/reset#TOKEN#TOKEN",
        "/reset#%2523TOKEN",
        "/reset?token=TOKEN",
        "/reset#TOKEN%20",
    ] {
        browser.goto("about:blank");
        browser.goto(&tenant_url(&rig, &whole.replace("TOKEN", &token)));
        browser.wait_for("#account");
        assert_eq!(browser.url(), tenant_url(&rig, "/reset"), "{whole}: the token has left the address");
        assert!(!browser.sees("#code") && browser.sees("#choose"), "{whole}");
    }
    for cut in [
        "/reset",
        "/reset#",
        "/reset%23CUT",
        "/reset#CUT",
        "/reset%23",
        "/reset.",
        "/reset?fbclid=SOME",
        "/reset#TOKENhttps://a.example/reset",
    ] {
        let path = cut.replace("TOKEN", &token).replace("CUT", &token[..30]).replace("SOME", &"IwAR0".repeat(13));
        browser.goto("about:blank");
        browser.goto(&tenant_url(&rig, &path));
        browser.wait_for("#code");
        assert!(browser.sees("#choose") && !browser.sees("#dead"), "{cut}");
    }
    browser.type_keys("#token", &token);
    choose(&browser, GOOD_PASSWORD);
    browser.wait_for(".mark.done");
    assert_eq!(rig.sign_in(EMAIL, GOOD_PASSWORD), 204);
}

#[test]
fn loading_a_page_again_and_going_back_never_tell_of_a_dead_link_that_has_just_worked() {
    for script in [true, false] {
        let rig = Rig::start();
        let browser = Browser::open(Reader { script, ..Reader::default() });
        let link = link_of_a_reset(&rig);
        browser.goto(&link);
        if script {
            browser.wait_for("#account");
        } else {
            browser.type_keys("#token", link.split_once('#').expect("a token").1);
        }
        choose(&browser, "password1");
        browser.wait_for("#problems");
        choose(&browser, GOOD_PASSWORD);
        browser.wait_for(".mark.done");
        let (place, text) = (browser.url(), browser.text("body"));
        browser.reload();
        browser.wait_for(".mark.done");
        assert_eq!((browser.url(), browser.text("body")), (place, text));
        // The page of the refusal: reloading it makes the browser send its form again.
        browser.back();
        browser.reload();
        let seen = browser.text("body");
        assert!(!seen.contains("no longer works"), "{seen}");
        assert_eq!(rig.sign_in(EMAIL, GOOD_PASSWORD), 204);

        browser.goto(&tenant_url(&rig, "/forgot"));
        browser.type_keys("#email", EMAIL);
        browser.click("form[action='/forgot'] button.primary");
        browser.wait_for(".mark.mail");
        let mails = rig.mails(EMAIL).len();
        browser.reload();
        browser.wait_for(".mark.mail");
        assert!(browser.url().ends_with("/forgot/sent"), "{}", browser.url());
        assert!(rig.mails(EMAIL).len() <= mails + 1, "nothing was sent a second time");
    }
}
