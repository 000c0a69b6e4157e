//! What a file of evidence tells of users whose first link was not the end of it: links that reminders brought, and code apps that
//! went with the password.

use std::fs;

use serde_json::{Value, json};
use tenantry::evidence::{Sound, sentences};
use tenantry::params;

use crate::access::ok;
use crate::erasure::erase_wholly;
use crate::evidence::{checked, every_byte_counts_in, fetch, keys, lines, python, user};
use crate::incident_reminders::reminded;
use crate::incidents::{begun, outcomes, set_password, shown, wait_while};
use crate::phone;
use crate::rig::{GOOD_PASSWORD, Rig};

const JANE: &str = "jane@example.com";
const KENJI: &str = "kenji@example.com";

/// An incident whose links have died, and whose users were reminded then; its id.
fn of_dead_links(rig: &Rig, emails: &[&str]) -> String {
    let id = begun(rig, &json!({ "name": "Leak", "emails": emails, "pace_per_minute": 0 }));
    wait_while(rig, &id, &["ending", "mailing"]);
    emails.iter().for_each(|email| drop(rig.wait_for_mails(email, 1)));
    remind_after_a_day(rig, &id, emails, 2);
    id
}

/// A round after all links have died, in which these users get their so-manieth mail.
fn remind_after_a_day(rig: &Rig, id: &str, emails: &[&str], mails: usize) {
    rig.clock.advance_seconds(25 * 3_600);
    reminded(rig, id);
    emails.iter().for_each(|email| drop(rig.wait_for_mails(email, mails)));
}

/// What the file says, once a stranger's program has found it sound too.
pub fn sound(rig: &Rig, text: &str) -> Sound {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let (is_sound, said) = python(file.path(), &keys(rig)[0]);
    assert!(is_sound, "{said}");
    checked(rig, text).unwrap()
}

/// The incident that a record of the file names.
fn incident_of(record: &Value) -> Value {
    let facts: Value = serde_json::from_str(record["facts"].as_str().unwrap()).unwrap();
    facts["incident"].clone()
}

#[test]
fn who_chose_by_the_link_of_a_reminder_is_counted_with_the_records_of_that_link() {
    let rig = Rig::start();
    let id = of_dead_links(&rig, &[JANE, KENJI]);
    let before = fetch(&rig, &id, "plain");
    assert_eq!((sound(&rig, &before).totals.redeemed, sound(&rig, &before).totals.renewed), (0, 2));
    assert_eq!(rig.redeem(&rig.token(JANE, 2), GOOD_PASSWORD), 204);
    assert_eq!(outcomes(&rig, &id)[JANE], "redeemed");
    let text = fetch(&rig, &id, "plain");
    let found = sound(&rig, &text);
    assert_eq!(found.totals.redeemed, shown(&rig, &id)["progress"]["links"]["redeemed"]);
    let said = sentences(&found);
    assert!(said.contains("1 chose a new password by their link.") && said.contains("2 links had died"), "{said}");
    let lines = lines(&text);
    let jane = user(&lines, JANE);
    let renewed = &jane["reminders"][0];
    assert_eq!((&jane["state"], &renewed["round"]), (&json!("redeemed"), &json!(1)), "{jane}");
    assert_eq!(incident_of(&renewed["record"]), json!(id));
    assert_eq!(renewed["redeem"]["action"], "reset.redeem");
    assert_eq!(renewed["redeemed_at"], json!(rig.clock.now()));
    assert!(jane["redeemed_at"].is_null() && jane["redeem"].is_null(), "the first link was of no use");
    assert!(user(&lines, KENJI)["reminders"][0]["redeem"].is_null());
    every_byte_counts_in(&rig, &text);
}

#[test]
fn each_round_has_its_link_and_only_the_one_that_was_used_counts() {
    let rig = Rig::start();
    let id = of_dead_links(&rig, &[JANE]);
    for mails in [3, 4] {
        remind_after_a_day(&rig, &id, &[JANE], mails);
    }
    assert_eq!(rig.redeem(&rig.token(JANE, 4), GOOD_PASSWORD), 204);
    let text = fetch(&rig, &id, "plain");
    let totals = sound(&rig, &text).totals;
    assert_eq!((totals.redeemed, totals.renewed, totals.mailed), (1, 3, 1));
    let jane = user(&lines(&text), JANE).clone();
    let told: Vec<_> = jane["reminders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["round"].as_i64().unwrap(), one["redeem"].is_null(), one["mailed_at"].is_null()))
        .collect();
    assert_eq!(told, [(1, true, false), (2, true, false), (3, false, false)]);
}

#[test]
fn a_live_link_that_went_again_is_no_other_link_and_a_single_reset_is_not_of_the_incident() {
    let rig = Rig::start();
    let emails = [JANE, KENJI];
    let id = begun(&rig, &json!({ "name": "Leak", "emails": emails, "pace_per_minute": 0 }));
    wait_while(&rig, &id, &["ending", "mailing"]);
    emails.iter().for_each(|email| drop(rig.wait_for_mails(email, 1)));
    rig.clock.advance_seconds(3_601);
    assert_eq!(reminded(&rig, &id), 2);
    assert_eq!(rig.redeem(&rig.token(JANE, 2), GOOD_PASSWORD), 204);
    ok(&rig.reset(KENJI));
    assert_eq!(rig.redeem(&rig.token(KENJI, 3), GOOD_PASSWORD), 204);
    let text = fetch(&rig, &id, "plain");
    let totals = sound(&rig, &text).totals;
    assert_eq!((totals.redeemed, totals.renewed), (1, 0));
    let lines = lines(&text);
    assert!(user(&lines, JANE)["reminders"].is_null() && !user(&lines, JANE)["redeem"].is_null());
    assert_eq!(user(&lines, KENJI)["state"], "redeemed", "by whatever link");
    assert!(user(&lines, KENJI)["redeem"].is_null());
}

#[test]
fn hidden_addresses_stay_hidden_beside_reminders() {
    let rig = Rig::start();
    let id = of_dead_links(&rig, &[JANE]);
    assert_eq!(rig.redeem(&rig.token(JANE, 2), GOOD_PASSWORD), 204);
    let text = fetch(&rig, &id, "hidden");
    assert!(!text.contains("@example.com") && !text.contains("Leak") && !text.contains("\"relay\""), "{text}");
    let totals = sound(&rig, &text).totals;
    assert_eq!((totals.redeemed, totals.renewed), (1, 1));
}

#[test]
fn a_record_of_a_reminder_that_was_changed_or_taken_out_is_named() {
    let rig = Rig::start();
    let id = of_dead_links(&rig, &[JANE, KENJI]);
    for email in [JANE, KENJI] {
        assert_eq!(rig.redeem(&rig.token(email, 2), GOOD_PASSWORD), 204);
    }
    sound(&rig, &fetch(&rig, &id, "plain"));
    let refused_after = |statement: &'static str, wanted: &str| {
        let tenant = rig.tenant();
        assert_eq!(rig.write(move |tx| tx.run(statement, &params![tenant])), 1);
        let why = checked(&rig, &fetch(&rig, &id, "plain")).unwrap_err();
        assert!(why.contains(wanted), "{why}");
    };
    refused_after(
        "UPDATE audit SET address = '203.0.113.9' WHERE tenant = $1 AND id = (
            SELECT r.id FROM resets r WHERE r.tenant = $1 ORDER BY r.id DESC LIMIT 1)",
        "is not the one in link",
    );
    refused_after(
        "DELETE FROM audit WHERE tenant = $1 AND id = (
            SELECT r.id FROM resets r WHERE r.tenant = $1 ORDER BY r.id DESC LIMIT 1)",
        "tells the link of a reminder without its record",
    );
    refused_after(
        "UPDATE resets SET redeem_record = (
            SELECT o.redeem_record FROM resets o WHERE o.tenant = $1 AND o.email = 'kenji@example.com' AND o.redeemed_at IS NOT NULL)
         WHERE tenant = $1 AND email = 'jane@example.com' AND redeemed_at IS NOT NULL",
        "tells the redemption of another link",
    );
}

#[test]
fn a_person_who_is_erased_has_no_name_in_what_reminders_brought() {
    let rig = Rig::start();
    let id = of_dead_links(&rig, &[JANE, KENJI]);
    assert_eq!(rig.redeem(&rig.token(JANE, 2), GOOD_PASSWORD), 204);
    let pseudonym = erase_wholly(&rig, JANE);
    let text = fetch(&rig, &id, "plain");
    assert!(!text.contains(JANE), "{text}");
    let found = sound(&rig, &text);
    assert_eq!((found.erased, found.totals.redeemed, found.totals.renewed), (3, 1, 2));
    let lines = lines(&text);
    assert_eq!(user(&lines, &pseudonym)["reminders"][0]["record"]["erased"], true);
    // One who is erased between two rounds gets no further link, and the one they had is told.
    let kenji = erase_wholly(&rig, KENJI);
    remind_after_a_day(&rig, &id, &[], 0);
    let text = fetch(&rig, &id, "plain");
    assert_eq!(user(&self::lines(&text), &kenji)["reminders"].as_array().unwrap().len(), 1);
    assert_eq!(sound(&rig, &text).totals.renewed, 2);
}

#[test]
fn code_apps_that_went_with_the_password_stand_beside_their_users() {
    let rig = Rig::start();
    let (new, none) = ("new@example.com", "none@example.com");
    for email in [new, none] {
        rig.add_user(rig.tenant(), email, |_| {});
        set_password(&rig, email);
    }
    let since = rig.clock.now().to_string();
    phone::enrol(&rig, &rig.session(new, GOOD_PASSWORD));
    let terms = json!({ "name": "Leak", "emails": [new, none], "remove_factors_since": since, "pace_per_minute": 0 });
    let id = begun(&rig, &terms);
    let after = wait_while(&rig, &id, &["ending", "mailing"]);
    let text = fetch(&rig, &id, "plain");
    let found = sound(&rig, &text);
    assert_eq!(after["progress"]["factors_removed"], found.totals.code_apps, "{after}");
    assert!(sentences(&found).contains("1 code app was taken away with the password."), "{}", sentences(&found));
    let lines = lines(&text);
    let app = &user(&lines, new)["code_app"];
    assert_eq!((&app["action"], incident_of(app)), (&json!("user.reset_codes"), json!(id)), "{app}");
    assert!(user(&lines, none)["code_app"].is_null());
    every_byte_counts_in(&rig, &text);
    let hidden = fetch(&rig, &id, "hidden");
    assert!(!hidden.contains("@example.com"), "{hidden}");
    assert_eq!(sound(&rig, &hidden).totals.code_apps, 1);
    let tenant = rig.tenant();
    let delete = "DELETE FROM audit WHERE tenant = $1 AND action = 'user.reset_codes'";
    rig.write(move |tx| tx.run(delete, &params![tenant]).map(drop));
    let why = checked(&rig, &fetch(&rig, &id, "plain")).unwrap_err();
    assert!(why.contains("tells 0 code apps that were taken away"), "{why}");
}
