//! Test mails with the words of a tenant: to whom they go, how many there may be, and that their link opens nothing.

use serde_json::{Value, json};
use tenantry::access::OWNER_ROLE;
use tenantry::people::NewUser;

use crate::access::{ok, put, refused};
use crate::mail_texts::{ADMIN, GERMAN, german, newest, records, text};
use crate::people::in_system;
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

fn send_test(rig: &Rig, token: &str, body: &Value) -> Answered {
    rig.as_token(token, "POST", &format!("{GERMAN}/test"), Some(body))
}

#[test]
fn a_test_mail_goes_to_the_caller_and_its_link_opens_nothing() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let sent = send_test(&rig, &token, &json!({ "words": german() }));
    assert_eq!(ok(&sent), &json!({ "to": ADMIN }));
    let mail = newest(&rig, ADMIN, 1);
    let subject = text(&mail, "subject").to_owned();
    assert!(subject.starts_with("Probe: Example Corp & Söhne: neues Passwort für "), "{mail}");
    assert!(text(&mail, "link").ends_with("/reset#sample"), "{mail}");
    let opened = rig.post_open("/reset/open", &json!({ "token": "sample" }));
    for status in [opened.status, rig.redeem("sample", GOOD_PASSWORD)] {
        assert!((400..500).contains(&status), "{status} {}", opened.text);
    }
    assert_eq!(rig.number("SELECT COUNT(*) FROM resets", &[]), 0);
    assert_eq!(records(&rig), [("mail_text.try".into(), "accepted".into(), "reset.administrator".into())]);

    // Without words those that count are sent; and what was tried does not count.
    ok(&send_test(&rig, &token, &json!({})));
    assert_eq!(newest(&rig, ADMIN, 2)["subject"], "Probe: Wählen Sie ein neues Passwort für Example Corp");
    ok(&put(&rig, GERMAN, &german()));
    ok(&send_test(&rig, &token, &json!({})));
    assert_eq!(newest(&rig, ADMIN, 3)["subject"], subject);
}

#[test]
fn test_mails_are_as_few_in_an_hour_as_other_mails_to_one_person() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    // At the beginning of an hour, so that what follows is in one.
    rig.clock.advance_seconds(3600 - rig.clock.now().0 / 1_000_000 % 3600);
    for _ in 0..5 {
        ok(&send_test(&rig, &token, &json!({})));
    }
    let refusal = send_test(&rig, &token, &json!({}));
    refused(&refusal, 429, "already got 5 test mails");
    let wait: i64 = refusal.header("retry-after").unwrap().parse().unwrap();
    let owner = rig.add_member(rig.tenant(), "olga@example.com", in_system(OWNER_ROLE));
    ok(&send_test(&rig, &owner, &json!({})));
    rig.clock.advance_seconds(wait - 2);
    assert_eq!(send_test(&rig, &token, &json!({})).status, 429);
    rig.clock.advance_seconds(2);
    ok(&send_test(&rig, &token, &json!({})));
    assert_eq!((rig.wait_for_mails(ADMIN, 6).len(), rig.wait_for_mails("olga@example.com", 1).len()), (6, 1));
}

#[test]
fn a_service_user_gets_no_test_mail() {
    let rig = Rig::start();
    let be_service = |new: &mut NewUser| {
        (new.kind, new.grants) = (tenantry::people::Kind::Service, in_system("ves-io-uam-admin-role"));
    };
    let robot = rig.add_user(rig.tenant(), "robot@example.com", be_service);
    let token = rig.add_token(rig.tenant(), &robot, rig.clock.now().plus_seconds(3600));
    refused(&send_test(&rig, &token, &json!({})), 409, "a service user has no mailbox");
    assert_eq!(rig.number("SELECT COUNT(*) FROM mails", &[]), 0);
}
