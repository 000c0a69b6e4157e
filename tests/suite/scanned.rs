//! A code app as a person meets it: the picture on the page is scanned from a photograph of the screen, and another program
//! makes the codes.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use tenantry::clock::SECOND;

use crate::browser::{Browser, ENTER, Reader, TAB};
use crate::installed::{beside, python, run};
use crate::journeys::tenant_url;
use crate::phone::{self, ask, cookie};
use crate::rig::Rig;

const EMAIL: &str = "jane@example.com";
const BEGIN: &str = "form[action='/account/second-factor/begin'] button";

/// The code of oathtool, which knows nothing of us, at the server's time.
fn code(rig: &Rig, secret: &str) -> String {
    let now =
        format!("--now={} UTC", rig.clock.now().to_string().replace(['T', 'Z'], " ").trim().split('.').next().unwrap());
    run(Command::new("oathtool").args(["--totp", "--base32", &now, secret])).trim().to_owned()
}

/// What a phone reads from a picture of the screen.
fn scan(browser: &Browser, file: &Path) -> String {
    browser.screenshot(file);
    run(Command::new("zbarimg").args(["--quiet", "--raw"]).arg(file)).trim().to_owned()
}

fn sign_in(rig: &Rig, browser: &Browser) {
    browser.goto(&tenant_url(rig, "/signin"));
    browser.type_keys("#email", EMAIL);
    browser.type_keys("#password", &rig.sample.user_password);
    browser.press(ENTER);
}

#[test]
fn a_phone_scans_the_picture_and_its_codes_sign_in_with_and_without_script() {
    for script in [true, false] {
        let rig = Rig::start();
        let browser = Browser::open(Reader { script, ..Reader::default() });
        sign_in(&rig, &browser);
        browser.wait_for_url("/account");
        browser.goto(&tenant_url(&rig, "/account/second-factor"));
        browser.click(BEGIN);
        browser.wait_for(".qr");
        let directory = tempfile::tempdir().unwrap();
        let read = scan(&browser, &directory.path().join("page.png"));
        assert!(read.starts_with("otpauth://totp/Example%20Corp:jane%40example.com?secret="), "{read}");
        let secret = read.split("secret=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        assert_eq!(browser.text(".secret-key code").replace(' ', ""), secret);
        browser.type_keys("#code", &code(&rig, &secret));
        browser.press(ENTER);
        browser.wait_for(".codes");

        browser.goto(&tenant_url(&rig, "/account"));
        browser.click("form[action='/signout'] button");
        browser.wait_for_url("/signed-out");
        rig.clock.advance_seconds(30);
        sign_in(&rig, &browser);
        browser.wait_for_url("/signin/code");
        browser.type_keys("#code", "000000");
        browser.press(ENTER);
        browser.wait_for("#problems li");
        browser.type_keys("#code", &code(&rig, &secret));
        browser.press(ENTER);
        browser.wait_for_url("/account");
    }
}

#[test]
fn an_app_that_other_people_wrote_reads_the_address_and_makes_the_same_codes() {
    const PYOTP: &str = "import sys, pyotp; app = pyotp.parse_uri(sys.argv[1]); \
                         print(app.at(int(sys.argv[2])), app.issuer, app.name, app.digits, app.interval, sep='|')";
    let (tools, rig) = (python("published", &beside("programs/requirements.txt")), Rig::start());
    let session = rig.session(EMAIL, &rig.sample.user_password);
    let begun = ask(&rig, &session, "/account/second-factor/begin", &json!({}));
    let both = format!("{session}; {}", cookie(&begun, "tenantry-step").unwrap());
    let shown = |rig: &Rig| {
        let mut python = Command::new(tools.join("python"));
        python.args(["-c", PYOTP, begun.body["address"].as_str().unwrap(), &(rig.clock.now().0 / SECOND).to_string()]);
        let said = run(&mut python);
        let (code, rest) = said.trim().split_once('|').unwrap();
        assert_eq!(rest, "Example Corp|jane@example.com|6|30");
        code.to_owned()
    };
    let confirmed = ask(&rig, &both, "/account/second-factor/confirm", &json!({ "code": shown(&rig) }));
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    for _ in 0..3 {
        rig.clock.advance_seconds(30);
        let code = shown(&rig);
        let enter = || phone::sign_in(&rig, EMAIL, &rig.sample.user_password, &code).status;
        assert_eq!([enter(), enter()], [204, 401]);
    }
}

#[test]
fn a_keyboard_alone_sets_an_app_up() {
    let rig = Rig::start();
    let browser = Browser::open(Reader::default());
    sign_in(&rig, &browser);
    browser.wait_for_url("/account");
    browser.goto(&tenant_url(&rig, "/account/second-factor"));
    browser.press(TAB);
    browser.press(ENTER);
    browser.wait_for(".qr");
    let secret = browser.text(".secret-key code").replace(' ', "");
    browser.press(TAB);
    assert_eq!(browser.focus(), "code");
    browser.press(&code(&rig, &secret));
    browser.press(ENTER);
    browser.wait_for(".codes");
}
