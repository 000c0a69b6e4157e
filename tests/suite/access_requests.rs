//! A user asks for access: the owners get a mail, unless they have switched it off.

use serde_json::json;

use crate::access::{ok, put, refused};
use crate::people::owner;
use crate::rig::Rig;
use crate::user_settings::{DAY, JANE, Me, OF_OWNERS, REQUEST, SETTINGS};

#[test]
fn a_request_for_access_reaches_the_owners_who_want_it() {
    let rig = Rig::start();
    let other_owner = rig.add_member(rig.tenant(), "second@example.com", owner());
    let off = json!({ "ntfn_preferences_map": { "access-request": false } });
    ok(&rig.as_token(&other_owner, "PUT", OF_OWNERS, Some(&off)));
    let jane = Me::new(&rig, JANE);
    assert_eq!(ok(&jane.put(REQUEST, json!({}))), &json!({}));
    let mail = rig.wait_for_mails("admin@example.com", 1).remove(0);
    assert!(mail.to_string().contains("jane.doe@example.com asks for access"), "{mail}");
    assert!(mail["link"].is_null(), "{mail}");
    rig.let_background_rest();
    let settings = jane.get(SETTINGS);
    let access =
        json!({ "requested": true, "email_sent": true, "last_requesting_time": "2026-03-04T09:15:27.000000Z" });
    assert_eq!((&settings["initial_access"], &settings["is_next_request_allowed"]), (&access, &json!(false)));
    let again = jane.put(REQUEST, json!({}));
    refused(&again, 429, "Ask again tomorrow");
    assert_eq!(again.header("retry-after"), Some("86400"));
    rig.clock.advance_seconds(DAY - 1);
    refused(&jane.put(REQUEST, json!({})), 429, "Ask again tomorrow");
    rig.clock.advance_seconds(1);
    assert_eq!(jane.get(SETTINGS)["is_next_request_allowed"], true);
    // The owner who did not want it does now.
    let unset = json!({ "ntfn_to_unset": "access-request" });
    ok(&rig.as_token(&other_owner, "PUT", &format!("{OF_OWNERS}/unset"), Some(&unset)));
    ok(&jane.put(REQUEST, json!({})));
    rig.wait_for_mails("admin@example.com", 2);
    assert_eq!(rig.wait_for_mails("second@example.com", 1).len(), 1, "the first one was not for them");
}

#[test]
fn the_mail_about_a_request_is_in_the_language_of_the_tenant() {
    let rig = Rig::start();
    rig.choose(|settings| settings.brand.language = "de".into());
    ok(&Me::new(&rig, JANE).put(REQUEST, json!({})));
    let mail = rig.wait_for_mails("admin@example.com", 1).remove(0);
    assert!(mail.to_string().contains("bittet um Zugriff"), "{mail}");
}

#[test]
fn the_mail_about_a_request_is_in_the_words_of_the_tenant() {
    let rig = Rig::start();
    let words = json!({ "subject": "{tenant} needs {name}", "paragraphs": ["{asker} knocked, {at}."] });
    let path = "/api/tenantry/v1/mail_texts/user_settings.access_requested/languages/en";
    ok(&put(&rig, path, &words));
    ok(&Me::new(&rig, JANE).put(REQUEST, json!({})));
    let mail = rig.wait_for_mails("admin@example.com", 1).remove(0);
    assert!(mail["subject"].as_str().unwrap().starts_with("Example Corp needs "), "{mail}");
    assert!(
        mail["text"].as_str().unwrap().starts_with("jane.doe@example.com knocked, 2026-03-04 09:15 UTC."),
        "{mail}"
    );
}

#[test]
fn twenty_users_of_a_tenant_may_ask_in_an_hour() {
    let rig = Rig::start();
    let users: Vec<_> = (0..21).map(|nth| Me::new(&rig, &format!("user{nth}@example.com"))).collect();
    for user in &users[..20] {
        ok(&user.put(REQUEST, json!({})));
    }
    let refused_one = users[20].put(REQUEST, json!({}));
    refused(&refused_one, 429, "Too many users");
    assert_eq!(refused_one.header("retry-after"), Some("3600"));
    assert_eq!(users[20].get(SETTINGS)["initial_access"]["requested"], false);
    let other = rig.add_tenant("other-corp");
    let elsewhere = rig.add_member(other, "elsewhere@example.com", Vec::new());
    ok(&rig.as_token(&elsewhere, "PUT", REQUEST, Some(&json!({}))));
    rig.clock.advance_seconds(3_600);
    ok(&users[20].put(REQUEST, json!({})));
}
