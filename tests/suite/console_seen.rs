//! The console as people see and use it, in Chromium: by keyboard, by mouse, without script, narrow and wide, light and dark.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::browser::{Browser, ENTER, Reader};
use crate::generated_clients::node;
use crate::installed::{beside, installed, run};
use crate::journeys::tenant_url;
use crate::rig::Rig;
use crate::webhooks::{delivered, steer};

const JANE: &str = "jane@example.com";

/// A browser in which the owner is signed in, on the first page of the console.
fn at_the_console(rig: &Rig, reader: Reader) -> Browser {
    let browser = Browser::open(reader);
    browser.goto(&tenant_url(rig, "/console"));
    browser.type_keys("#email", rig.sample.admin_email);
    browser.type_keys("#password", &rig.sample.admin_password);
    browser.press(ENTER);
    browser.wait_for(".figures");
    browser
}

fn assert_jane_is_reset(rig: &Rig, browser: &Browser) {
    browser.wait_for(".line .k-dead");
    assert!(browser.text("#stand").contains("Cannot sign in now."));
    assert_eq!(rig.sign_in(JANE, &rig.sample.user_password), 401);
    rig.wait_for_mails(JANE, 1);
}

/// Whether the page is there whose heading has this text. A key that is pressed before belongs to the page that is left.
fn wait_for_heading(browser: &Browser, text: &str) {
    for _ in 0..750 {
        if browser.sees("h1") && browser.text("h1").contains(text) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("{text} is no heading of {}", browser.url());
}

/// Four keys beside the address: `/`, Enter, `r`, Enter.
#[test]
fn a_password_is_reset_by_four_keys_and_an_address() {
    let rig = Rig::start();
    let browser = at_the_console(&rig, Reader { width: 1280, ..Reader::default() });
    browser.press("/");
    assert_eq!(browser.focus(), "find");
    browser.press(JANE);
    browser.press(ENTER);
    wait_for_heading(&browser, "Jane Roe");
    browser.press("r");
    wait_for_heading(&browser, "Reset this password?");
    browser.press(ENTER);
    assert_jane_is_reset(&rig, &browser);
}

/// Three clicks beside the address, with script and without.
#[test]
fn a_password_is_reset_by_three_clicks_and_an_address() {
    for script in [true, false] {
        let rig = Rig::start();
        let browser = at_the_console(&rig, Reader { width: 1280, script, ..Reader::default() });
        browser.type_keys("#find", JANE);
        browser.click(".side .find button");
        wait_for_heading(&browser, "Jane Roe");
        browser.click(".head a.primary");
        wait_for_heading(&browser, "Reset this password?");
        browser.click("main form button.primary");
        assert_jane_is_reset(&rig, &browser);
        // What was done may be loaded again, and going back keeps the filter.
        browser.reload();
        browser.wait_for(".line .k-dead");
        browser.goto(&tenant_url(&rig, "/console/users?q=jane"));
        browser.click(".rows .main a");
        wait_for_heading(&browser, "Jane Roe");
        browser.back();
        wait_for_heading(&browser, "Users");
        assert_eq!(browser.value("#q"), "jane");
    }
}

/// The folder of programs that read pages, as their lock file pins them.
pub fn readers() -> PathBuf {
    let (folder, (node, npm)) = (beside("console"), node());
    installed("readers", &folder.join("package-lock.json"), |into| {
        for file in ["package.json", "package-lock.json", ".npmrc"] {
            std::fs::copy(folder.join(file), into.join(file)).unwrap();
        }
        let ci = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        run(Command::new(&node).arg(npm).args(ci).current_dir(into));
    })
}

fn axe() -> String {
    std::fs::read_to_string(readers().join("node_modules/axe-core/axe.min.js")).unwrap()
}

/// Faults that axe finds, and whether the page scrolls sideways.
const FAULTS: &str = "
    const done = arguments[arguments.length - 1];
    const wide = document.documentElement.scrollWidth > innerWidth ? ['scrolls sideways'] : [];
    axe.run(document, { resultTypes: ['violations'] }).then((found) => done(wide.concat(
      found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`))))";

/// Every page of the console, with where it leads to.
fn pages(rig: &Rig) -> Vec<(&'static str, String)> {
    let user = rig.get(&format!("/api/tenantry/v1/users/{JANE}")).body["uid"].as_str().unwrap().to_owned();
    let reset = rig.get("/api/tenantry/v1/resets").body["items"][0]["id"].as_str().unwrap().to_owned();
    let group = json!({ "name": "ops", "usernames": [JANE],
                        "namespace_roles": [{ "namespace": "default", "role": "ves-io-monitor-role" }] });
    let made = rig.post("/api/web/custom/namespaces/system/user_groups", &group);
    assert!(matches!(made.status, 200 | 409), "{}", made.text);
    let tokens = rig.get("/api/web/namespaces/system/api_credentials").body;
    let token = tokens["items"][0]["name"].as_str().unwrap();
    vec![
        ("overview", "/console".into()),
        ("users", "/console/users".into()),
        ("users-empty", "/console/users?q=zzz".into()),
        ("user", format!("/console/users/{user}")),
        ("reset-asked", format!("/console/users/{user}/reset")),
        ("resets", "/console/resets".into()),
        ("reset", format!("/console/resets/{reset}")),
        ("webhooks-empty", "/console/webhooks".into()),
        ("audit", "/console/audit".into()),
        ("credentials", "/console/credentials".into()),
        ("user-new", "/console/users/new".into()),
        ("user-roles", format!("/console/users/{user}/roles")),
        ("groups", "/console/groups".into()),
        ("group", "/console/groups/ops".into()),
        ("group-remove", "/console/groups/ops/remove".into()),
        ("group-new", "/console/new/group".into()),
        ("roles", "/console/roles".into()),
        ("role", "/console/roles/ves-io-admin-role".into()),
        ("role-new", "/console/new/role".into()),
        ("rank", "/console/roles/rank?who=ves-io-uam-admin-role&whom=ves-io-admin-role".into()),
        ("namespaces", "/console/namespaces".into()),
        ("namespace", "/console/namespaces/default".into()),
        ("namespace-new", "/console/new/namespace".into()),
        ("credentials-empty", "/console/credentials?q=zzz".into()),
        ("credential-new", "/console/credentials/new".into()),
        ("credential", format!("/console/credentials/{token}")),
        ("credential-renew", format!("/console/credentials/{token}/renew")),
        ("credential-revoke", format!("/console/credentials/{token}/revoke")),
    ]
}

/// The pages that a webhook fills, which is made here.
fn pages_of_a_webhook(rig: &Rig) -> Vec<(&'static str, String)> {
    let (id, _) = delivered(rig, rig.tenant(), &rig.sample.api_token);
    steer(rig, &id, "on", &json!({}));
    vec![("webhooks", "/console/webhooks".into()), ("webhook", format!("/console/webhooks/{id}"))]
}

/// The folder for a picture of each page, where one is named.
#[expect(clippy::disallowed_methods, reason = "who runs the suite says so; it is no setting of the product")]
fn pictures() -> Option<std::ffi::OsString> {
    std::env::var_os("TENANTRY_TEST_PICTURES")
}

fn look_through(reader: Reader) {
    let rig = Rig::start();
    rig.reset(JANE);
    rig.wait_for_mails(JANE, 1);
    let (browser, axe) = (at_the_console(&rig, reader), axe());
    let shots = pictures();
    let look = |(name, path): (&str, String)| {
        browser.goto(&tenant_url(&rig, &path));
        browser.wait_for("h1");
        if let Some(folder) = &shots {
            let theme = if reader.dark { "dark" } else { "light" };
            browser.screenshot(&std::path::Path::new(folder).join(format!("{name}-{theme}-{}.png", reader.width)));
        }
        browser.execute(&axe, &json!([]));
        let faults: Value = browser.execute_async(FAULTS, &json!([]));
        assert_eq!(faults, json!([]), "{name} for {reader:?}");
    };
    pages(&rig).into_iter().for_each(look);
    pages_of_a_webhook(&rig).into_iter().for_each(look);
}

#[test]
fn no_page_of_the_console_has_a_fault_on_a_wide_light_screen() {
    look_through(Reader { width: 1280, ..Reader::default() });
}

#[test]
fn no_page_of_the_console_has_a_fault_on_a_dark_phone() {
    look_through(Reader { width: 360, dark: true, ..Reader::default() });
}

#[test]
fn no_page_of_the_console_scrolls_sideways_at_any_width_in_the_longest_words_and_in_those_without_spaces() {
    let rig = Rig::start();
    rig.reset(JANE);
    for language in ["de", "ja"] {
        let browser = at_the_console(&rig, Reader { width: 320, language, ..Reader::default() });
        for (name, path) in pages(&rig).into_iter().chain(pages_of_a_webhook(&rig)) {
            browser.goto(&tenant_url(&rig, &path));
            for width in [320, 360, 480, 600, 768, 900, 1024, 1280, 1600] {
                browser.widen(width);
                let wide = browser.execute("return document.documentElement.scrollWidth - innerWidth", &json!([]));
                assert!(wide.as_i64().unwrap() <= 0, "{name} in {language} at {width}: {wide} px too wide");
            }
        }
    }
}
