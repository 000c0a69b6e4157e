//! What users set for themselves: names, picture, view, notices, and the terms of service that they accept.

use serde_json::{Value, json};
use tenantry::people::{Kind, SignInBy};

use crate::access::{WHOAMI, ok, refused};
use crate::people::in_system;
use crate::rig::{Answered, Rig};

pub const SETTINGS: &str = "/api/web/namespaces/system/user/settings";
const IMAGE: &str = "/api/web/namespaces/system/user/settings/image";
const VIEW: &str = "/api/web/namespaces/system/user/settings/view_preference";
pub const REQUEST: &str = "/api/web/namespaces/system/user/settings/request_initial_access";
const OWN: &str = "/api/web/namespaces/system/user/notifications";
pub const OF_OWNERS: &str = "/api/web/namespaces/system/user/admin_notifications";
const COMBINED: &str = "/api/web/namespaces/system/user/combined_notifications";
const TOS: &str = "/api/web/custom/namespaces/system/tos";
pub const ACCEPT: &str = "/api/web/custom/namespaces/system/accept_tos";
const SYNC: &str = "/api/web/custom/idm/user/sync";
const GIF: &str = "R0lGODlhAQABAAAAACw=";
pub const JANE: &str = "jane.doe@example.com";
pub const DAY: i64 = 24 * 3600;

/// A user with a token, and calls by it.
pub struct Me<'a> {
    pub rig: &'a Rig,
    pub token: String,
}

impl<'a> Me<'a> {
    pub fn new(rig: &'a Rig, email: &str) -> Self {
        Self { rig, token: rig.add_member(rig.tenant(), email, Vec::new()) }
    }

    pub fn get(&self, path: &str) -> Value {
        ok(&self.rig.as_token(&self.token, "GET", path, None)).clone()
    }

    pub fn put(&self, path: &str, body: Value) -> Answered {
        self.rig.as_token(&self.token, "PUT", path, Some(&body))
    }

    pub fn post(&self, path: &str, body: Value) -> Answered {
        self.rig.as_token(&self.token, "POST", path, Some(&body))
    }

    fn choose(&self, path: &str, choices: Value) -> Answered {
        self.put(path, json!({ "ntfn_preferences_map": choices }))
    }

    /// The codes of a list, each with whether it is on.
    fn notices(&self, path: &str) -> Vec<(String, bool)> {
        let listed = self.get(path)["notifications"].as_array().unwrap().clone();
        let notice = |one: &Value| (one["code"].as_str().unwrap().to_string(), one["enabled"].as_bool().unwrap());
        listed.iter().map(notice).collect()
    }
}

fn notices(expected: &[(&str, bool)]) -> Vec<(String, bool)> {
    expected.iter().map(|(code, on)| (code.to_string(), *on)).collect()
}

#[test]
fn a_user_without_a_role_has_settings_of_their_own() {
    let rig = Rig::start();
    let (jane, john) = (Me::new(&rig, JANE), Me::new(&rig, "john@example.com"));
    let untouched = json!({
        "image": "", "is_next_request_allowed": true, "otp_enabled": false, "otp_status": "OTP_DISABLED",
        "initial_access": { "requested": false, "email_sent": false, "last_requesting_time": null },
        "notifications": jane.get(OWN)["notifications"],
    });
    assert_eq!(jane.get(SETTINGS), untouched);
    let asked = json!({ "first_name": "Jane", "last_name": "Doe", "image": GIF, "otp_enabled": false,
                        "enabled_notifications": ["alerts"] });
    assert_eq!(ok(&jane.put(SETTINGS, asked)), &json!({}));
    assert_eq!(jane.get(SETTINGS)["image"], GIF);
    assert_eq!(jane.notices(OWN), notices(&[("password-changed", true), ("alerts", true)]));
    let me = jane.get(WHOAMI);
    assert_eq!((&me["first_name"], &me["last_name"]), (&json!("Jane"), &json!("Doe")));
    // What is absent, null or empty stays.
    ok(&jane.put(SETTINGS, json!({ "first_name": "", "image": null, "last_name": "Roe" })));
    let me = jane.get(WHOAMI);
    assert_eq!((&me["first_name"], &me["last_name"]), (&json!("Jane"), &json!("Roe")));
    assert_eq!(jane.get(SETTINGS)["image"], GIF);
    ok(&jane.put(SETTINGS, json!({ "enabled_notifications": [] })));
    assert_eq!(jane.notices(OWN), notices(&[("password-changed", true), ("alerts", false)]));
    assert_eq!(john.get(SETTINGS), untouched, "nobody else's");
    assert_eq!(john.get(WHOAMI)["first_name"], "");
}

#[test]
fn settings_that_do_not_fit_change_nothing() {
    let rig = Rig::start();
    let jane = Me::new(&rig, JANE);
    let before = (jane.get(SETTINGS), jane.get(WHOAMI), rig.audit().len());
    let long = "x".repeat(257);
    for (asked, status, part) in [
        (json!({ "first_name": "Ja\u{7}ne" }), 400, "first_name"),
        (json!({ "first_name": "Jane", "last_name": long }), 400, "last_name"),
        (json!({ "first_name": "Jane", "image": "PHN2Zz4=" }), 400, "PNG, JPEG, GIF or WebP"),
        (json!({ "first_name": "Jane", "image": "%" }), 400, "not base64"),
        (json!({ "first_name": "Jane", "enabled_notifications": ["a b"] }), 400, "The code of a notice"),
        (json!({ "first_name": "Jane", "enabled_notifications": ["access-request"] }), 400, "admin_notifications"),
        (json!({ "first_name": "Jane", "otp_enabled": true }), 409, "has no code app"),
    ] {
        refused(&jane.put(SETTINGS, asked), status, part);
    }
    assert_eq!((jane.get(SETTINGS), jane.get(WHOAMI), rig.audit().len()), before);
}

#[test]
fn a_picture_comes_back_as_it_was_sent_until_it_is_removed() {
    let rig = Rig::start();
    let (jane, john) = (Me::new(&rig, JANE), Me::new(&rig, "john@example.com"));
    let none = json!({ "content_type": "", "data": "", "extensions": [] });
    assert_eq!(jane.get(IMAGE), none);
    assert_eq!(ok(&jane.put(IMAGE, json!({ "content_type": "image/gif", "image": GIF }))), &json!({}));
    let shown = rig.as_token(&jane.token, "GET", IMAGE, None);
    assert_eq!(ok(&shown), &json!({ "content_type": "image/gif", "data": GIF, "extensions": [] }));
    assert_eq!(shown.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(shown.header("content-type"), Some("application/json"));
    ok(&jane.put(IMAGE, json!({ "image": "iVBORw0KGgpyZXN0" })));
    assert_eq!(jane.get(IMAGE)["content_type"], "image/png", "the bytes say what it is");
    assert_eq!(john.get(IMAGE), none);
    for (asked, part) in [
        (json!({ "image": "" }), "Field image should be not empty"),
        (json!({ "image": "PGh0bWw+" }), "PNG, JPEG, GIF or WebP"),
        (json!({ "content_type": "image/svg+xml", "image": GIF }), "content_type"),
    ] {
        refused(&jane.put(IMAGE, asked), 400, part);
    }
    assert_eq!(jane.get(IMAGE)["content_type"], "image/png");
    for _ in 0..2 {
        assert_eq!(ok(&rig.as_token(&jane.token, "DELETE", IMAGE, None)), &json!({}));
        assert_eq!(jane.get(IMAGE), none);
    }
}

/// A PNG of this many bytes, in base64.
fn picture(bytes: usize) -> String {
    // "iVBORw0KGgpBQUFB" is the signature and four letters A; each "QUFB" is three more.
    assert_eq!(bytes % 3, 0);
    format!("iVBORw0KGgpB{}", "QUFB".repeat(bytes / 3 - 3))
}

#[test]
fn a_picture_of_one_mebibyte_is_taken_and_no_larger_one() {
    let rig = Rig::start();
    let jane = Me::new(&rig, JANE);
    let largest = picture(1024 * 1024 - 1);
    ok(&jane.put(IMAGE, json!({ "image": largest })));
    assert_eq!(jane.get(IMAGE)["data"], largest);
    let larger = jane.put(IMAGE, json!({ "image": picture(1024 * 1024 + 2) }));
    refused(&larger, 413, "larger than 1048576 bytes");
    refused(&jane.put(SETTINGS, json!({ "image": picture(1_100_001) })), 413, "The body is larger than");
    assert_eq!(jane.get(IMAGE)["data"], largest);
    ok(&jane.put(SETTINGS, json!({ "image": largest })));
}

#[test]
fn a_view_is_set_as_a_whole_and_kept() {
    let rig = Rig::start();
    let jane = Me::new(&rig, JANE);
    let personas = |on: &[&str]| {
        let all = ["billing", "dev_ops", "developer", "master", "net_ops", "sec_ops"];
        all.iter().map(|one| (one.to_string(), json!(on.contains(one)))).collect::<serde_json::Map<_, _>>()
    };
    let shown = |advanced: bool, initialized: bool, on: &[&str]| json!({ "advanced_view": advanced, "initialized": initialized, "persona_preferences": personas(on) });
    assert_eq!(jane.get(VIEW), shown(false, false, &[]));
    let asked = json!({ "advanced_view": true, "persona_preferences": { "sec_ops": true, "master": true } });
    assert_eq!(ok(&jane.put(VIEW, asked)), &json!({}));
    assert_eq!(jane.get(VIEW), shown(true, true, &["master", "sec_ops"]));
    ok(&jane.put(VIEW, json!({ "persona_preferences": null })));
    assert_eq!(jane.get(VIEW), shown(false, true, &[]));
    refused(&jane.put(VIEW, json!({ "persona_preferences": { "billing": "yes" } })), 400, "billing");
}

#[test]
fn notices_are_chosen_in_their_lists_and_together() {
    let rig = Rig::start();
    let (jane, john) = (Me::new(&rig, JANE), Me::new(&rig, "john@example.com"));
    let of_owners = [("access-request", true), ("reset-budget", true)];
    assert_eq!(jane.notices(OWN), notices(&[("password-changed", true)]));
    assert_eq!(jane.notices(OF_OWNERS), notices(&of_owners));
    assert_eq!(jane.notices(COMBINED), [jane.notices(OWN), jane.notices(OF_OWNERS)].concat());
    ok(&jane.choose(OWN, json!({ "alerts": true, "password-changed": true })));
    ok(&jane.choose(OF_OWNERS, json!({ "bills": false })));
    ok(&jane.choose(COMBINED, json!({ "access-request": false, "bills": true, "news": false })));
    assert_eq!(jane.notices(OWN), notices(&[("password-changed", true), ("alerts", true), ("news", false)]));
    let chosen = [("access-request", false), ("reset-budget", true), ("bills", true)];
    assert_eq!(jane.notices(OF_OWNERS), notices(&chosen));
    let listed = jane.get(OWN)["notifications"].clone();
    assert_eq!(listed[0]["label"], "Your password was changed");
    assert!(listed[1]["description"].as_str().unwrap().contains("kept for clients"), "{listed}");
    ok(&jane.put(OF_OWNERS, json!({ "ntfn_preferences_map": null })));
    let unset = |path: &str, code: &str| jane.put(&format!("{path}/unset"), json!({ "ntfn_to_unset": code }));
    for (path, code) in [(OF_OWNERS, "access-request"), (OF_OWNERS, "bills"), (OWN, "news"), (OWN, "never-chosen")] {
        assert_eq!(ok(&unset(path, code)), &json!({}), "{code}");
    }
    assert_eq!(jane.notices(OF_OWNERS), notices(&of_owners));
    assert_eq!(jane.notices(OWN), notices(&[("password-changed", true), ("alerts", true)]));
    refused(&unset(OWN, ""), 400, "The code of a notice");
    assert_eq!(john.notices(COMBINED), notices(&[("password-changed", true), of_owners[0], of_owners[1]]));
}

#[test]
fn what_guards_accounts_cannot_be_switched_off_and_one_wrong_choice_spoils_all() {
    let rig = Rig::start();
    let jane = Me::new(&rig, JANE);
    for (path, code) in [(OWN, "password-changed"), (OF_OWNERS, "reset-budget"), (COMBINED, "reset-budget")] {
        refused(&jane.choose(path, json!({ "a": true, code: false })), 409, "cannot be switched off");
    }
    refused(&jane.choose(OWN, json!({ "a": true, "reset-budget": true })), 400, "admin_notifications");
    refused(&jane.choose(OF_OWNERS, json!({ "a": true, "password-changed": true })), 400, "notifications");
    refused(&jane.choose(COMBINED, json!({ "a": true, "no spaces": true })), 400, "The code of a notice");
    refused(&jane.choose(OWN, json!({ "a": "yes" })), 400, "ntfn_preferences_map");
    refused(&jane.choose(OWN, json!({ "a\u{7}b": true })), 400, "U+0007");
    let many: serde_json::Map<_, _> = (0..101).map(|nth| (format!("code-{nth}"), json!(true))).collect();
    refused(&jane.choose(OWN, Value::Object(many)), 400, "At most 100");
    assert_eq!(jane.notices(OWN), notices(&[("password-changed", true)]));
    ok(&jane.put(SETTINGS, json!({ "enabled_notifications": [] })));
    assert_eq!(jane.notices(OWN), notices(&[("password-changed", true)]));
}

#[test]
fn the_present_terms_are_accepted_and_whoami_says_so() {
    let rig = Rig::start();
    let (jane, john) = (Me::new(&rig, JANE), Me::new(&rig, "john@example.com"));
    let seen = |me: &Me<'_>| {
        let me = me.get(WHOAMI);
        ["tos_accepted", "tos_version", "tos_current_version", "tos_accepted_at"].map(|member| me[member].clone())
    };
    assert_eq!(jane.get(TOS), json!({ "text": "", "version": "" }));
    assert_eq!(seen(&jane), [json!(""), json!(""), json!(""), json!(null)]);
    refused(&jane.post(ACCEPT, json!({})), 400, "tos_version");
    rig.choose(|settings| {
        (settings.terms.text, settings.terms.version) = ("Be kind.\nPay in time.".into(), "2".into());
    });
    assert_eq!(jane.get(TOS), json!({ "text": "Be kind.\nPay in time.", "version": "2" }));
    refused(&jane.post(ACCEPT, json!({ "tos_version": "1" })), 409, "version 2 now");
    assert_eq!(seen(&jane), [json!(""), json!(""), json!("2"), json!(null)]);
    assert_eq!(ok(&jane.post(ACCEPT, json!({ "namespace": "system", "tos_version": "2" }))), &json!({}));
    assert_eq!(seen(&jane), [json!("2"), json!("2"), json!("2"), json!("2026-03-04T09:15:27.000000Z")]);
    let asked = json!({ "tos_accepted": "yes", "tos_accepted_at": "1772615000123", "tos_version": "" });
    ok(&jane.post(ACCEPT, asked));
    assert_eq!(seen(&jane), [json!("yes"), json!("2"), json!("2"), json!("2026-03-04T09:03:20.123000Z")]);
    refused(&jane.post(ACCEPT, json!({ "tos_accepted_at": 1_772_715_000_123_i64 })), 400, "tos_accepted_at");
    refused(&jane.post(ACCEPT, json!({ "tos_accepted": "x".repeat(65) })), 400, "tos_accepted is longer");
    rig.choose(|settings| settings.terms.version = "3".into());
    assert_eq!(seen(&jane)[1..3], [json!("2"), json!("3")], "a new version is yet to be accepted");
    assert_eq!(seen(&john)[..2], [json!(""), json!("")]);
    let user = rig.as_token(&rig.sample.api_token, "PUT", crate::access::USERS, Some(&json!({ "email": JANE })));
    assert_eq!(ok(&user)["spec"]["gc_spec"]["tos_version"], "2");
}

#[test]
fn a_service_user_has_no_settings_and_one_of_single_sign_on_nothing_to_take_over() {
    let rig = Rig::start();
    let service = rig.add_user(rig.tenant(), "robot@service.example", |new| new.kind = Kind::Service);
    let service = Me { rig: &rig, token: rig.add_token(rig.tenant(), &service, rig.clock.now().plus_seconds(DAY)) };
    assert_eq!(service.get(VIEW)["initialized"], false);
    for (path, body) in [
        (SETTINGS, json!({ "first_name": "Robot" })),
        (IMAGE, json!({ "image": GIF })),
        (VIEW, json!({})),
        (OWN, json!({})),
        (REQUEST, json!({})),
    ] {
        refused(&service.put(path, body), 403, "A service user has no settings");
    }
    refused(&service.post(ACCEPT, json!({ "tos_version": "1" })), 403, "A service user has no settings");
    assert_eq!(service.get(WHOAMI)["first_name"], "");
    let sso = rig.add_user(rig.tenant(), "sso@example.com", |new| new.sign_in_by = SignInBy::SingleSignOn);
    let sso = Me { rig: &rig, token: rig.add_token(rig.tenant(), &sso, rig.clock.now().plus_seconds(DAY)) };
    refused(&sso.post(SYNC, json!({})), 501, "No identity provider");
    let before = rig.audit().len();
    assert_eq!(ok(&Me::new(&rig, JANE).post(SYNC, json!({}))), &json!({}));
    assert_eq!(rig.audit().len(), before);
}

#[test]
fn a_user_who_is_removed_leaves_nothing_and_comes_back_without_it() {
    let rig = Rig::start();
    let jane = Me::new(&rig, JANE);
    ok(&jane.put(SETTINGS, json!({ "image": GIF, "enabled_notifications": ["alerts"] })));
    ok(&jane.post(ACCEPT, json!({ "tos_version": "1" })));
    let tenant = rig.tenant();
    let rows = || {
        ["SELECT COUNT(*) FROM user_settings WHERE tenant = $1", "SELECT COUNT(*) FROM user_images WHERE tenant = $1"]
            .map(|count| rig.number(count, &tenantry::params![tenant]))
    };
    assert_eq!(rows(), [1, 1]);
    let john = Me::new(&rig, "john@example.com");
    ok(&john.put(VIEW, json!({ "advanced_view": true })));
    ok(&rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &json!({ "email": JANE })));
    assert_eq!(rows(), [1, 0], "those of others stay");
    let again = Me { rig: &rig, token: rig.add_member(rig.tenant(), JANE, in_system("ves-io-default-role")) };
    assert_eq!(again.get(SETTINGS)["image"], "");
    assert_eq!(again.get(WHOAMI)["tos_version"], "");
}
