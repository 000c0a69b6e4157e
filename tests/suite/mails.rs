//! A mail from its wording to the relay and back: it arrives as it was written (security.md case 51).

use tenantry::clock::Timestamp;
use tenantry::language::Language;
use tenantry::mail::address::Email;
use tenantry::mail::letter::Text;
use tenantry::mail::message::{Mailbox, Message};
use tenantry::mail::smtp::{Envelope, Relay, RelaySettings, Security};
use tenantry::reset::{Kind, LinkFacts, OldPassword, link_mail};

use serde_json::json;

use crate::letter::Letter;
use crate::relay::{self, Mail, Script};
use crate::rig::{GOOD_PASSWORD, Rig};

const LINK: &str =
    "https://example-corp.example.com/reset#k1.0190f0c2-7b1c-7abc-9def-0123456789ab.Zm9vYmFyYmF6cXV4Zm9vYmFy";
const HEADERS: [&str; 9] =
    ["From", "Reply-To", "To", "Subject", "Message-ID", "Date", "Auto-Submitted", "MIME-Version", "Content-Type"];

/// The text of a reset for a person of this name, as written and as it arrived.
async fn delivered(name: &str, language: Language) -> (Text, Mail) {
    let sink = relay::Relay::start(Script::default()).await;
    let settings = RelaySettings::new(sink.address.ip().to_string(), sink.address.port());
    let relay = Relay::new(RelaySettings { security: Security::None, ..settings }).unwrap();
    let text = link_mail(
        Kind::Administrator,
        &LinkFacts {
            tenant_name: name,
            person_name: name,
            link: LINK,
            code: "k1.code",
            lives_minutes: 60,
            old_password: OldPassword::Dead,
            words: None,
            contact: Some(name),
            language,
        },
    );
    let mailbox = |address| Mailbox { name: Some(name.into()), address: Email::parse(address).unwrap() };
    let message = Message {
        from: mailbox("no-reply@example.com"),
        reply_to: Some(mailbox("help@example.com")),
        to: mailbox("alice@example.com"),
        subject: text.subject.clone(),
        text: text.text.clone(),
        html: text.html.clone(),
        message_id: "0190f0c2@example.com".into(),
        date: Timestamp(1_772_615_727_004_211),
    };
    let envelope = Envelope { from: message.from.address.clone(), to: message.to.address.clone() };
    relay.send(&envelope, &message.to_bytes().unwrap()).await.unwrap();
    (text, sink.mails().remove(0))
}

#[tokio::test]
async fn every_language_arrives_as_it_was_written() {
    for language in Language::ALL {
        let (written, mail) = delivered("Zoë & 山田", language).await;
        let letter = Letter::read(&mail);
        assert_eq!((&letter.subject, &letter.text), (&written.subject, &written.text));
        assert_eq!(letter.html.trim_end(), written.html);
        assert_eq!(letter.link(), Some(LINK));
    }
}

#[tokio::test]
async fn a_hostile_name_gets_one_recipient_and_the_golden_headers() {
    let long = "x".repeat(10_240);
    for name in [
        "Eve\r\nBcc: everyone@example.com",
        "Eve\r\n.\r\nMAIL FROM:<x@example.com>",
        "\n.\n",
        "<img src=x onerror=alert(1)>",
        "{{7*7}}",
        "\u{202E}live\u{2066}",
        "\"a\" <b@example.com>, c@example.com",
        &long,
    ] {
        let (written, mail) = delivered(name, Language::English).await;
        assert_eq!(mail.to, ["alice@example.com"], "{name:?}");
        let headers: Vec<_> = mail.headers().into_iter().map(|(name, _)| name).collect();
        assert_eq!(headers, HEADERS, "{name:?}");
        assert_eq!(Letter::read(&mail).text, written.text, "{name:?}");
    }
}

const SOMEONE: &str = "hello@example.com";
const LINK_MAIL: &str = "/api/web/custom/namespaces/system/send_password_email";

/// The text of the newest mail to an address, once it has `count` mails.
fn newest(rig: &Rig, email: &str, count: usize) -> String {
    rig.wait_for_mails(email, count)[count - 1]["text"].as_str().expect("a text").to_owned()
}

fn forget(rig: &Rig) {
    assert_eq!(rig.post_open("/no_auth/send_password_email", &json!({ "email": SOMEONE })).status, 200);
}

#[test]
fn a_mail_claims_that_a_password_works_only_while_it_does() {
    let rig = Rig::start();
    forget(&rig);
    assert!(newest(&rig, SOMEONE, 1).contains("your password still works"));
    assert_eq!(rig.sign_in(SOMEONE, &rig.sample.user_password), 204);

    rig.clock.advance_seconds(31);
    assert_eq!(rig.reset(SOMEONE).status, 200);
    let text = newest(&rig, SOMEONE, 2);
    assert!(text.contains("has reset your password. The old one no longer works."), "{text}");

    rig.clock.advance_seconds(2 * 3600);
    forget(&rig);
    let text = newest(&rig, SOMEONE, 3);
    assert!(text.contains("Your old password no longer works") && !text.contains("still works"), "{text}");
    assert_eq!(rig.sign_in(SOMEONE, &rig.sample.user_password), 401);
}

#[test]
fn a_link_that_an_administrator_sends_is_told_as_theirs() {
    let rig = Rig::start();
    assert_eq!(rig.post(LINK_MAIL, &json!({ "email": SOMEONE })).status, 200);
    let text = newest(&rig, SOMEONE, 1);
    assert!(text.contains("An administrator of Example Corp has sent you this link."), "{text}");
    assert!(text.contains("The old one works until then.") && !text.contains("You asked"), "{text}");
    assert_eq!(rig.sign_in(SOMEONE, &rig.sample.user_password), 204);
    assert_eq!(rig.redeem(&rig.token(SOMEONE, 1), GOOD_PASSWORD), 204);
}

#[test]
fn a_password_that_is_too_old_to_sign_in_with_is_not_said_to_work() {
    let rig = Rig::start();
    rig.choose(|settings| settings.password.expire_password_days = 30);
    rig.clock.advance_seconds(31 * 24 * 3600);
    assert_eq!(rig.sign_in(SOMEONE, &rig.sample.user_password), 403);
    forget(&rig);
    let text = newest(&rig, SOMEONE, 1);
    assert!(text.contains("Your old password no longer works") && !text.contains("still works"), "{text}");
}

#[test]
fn a_mail_that_leaves_late_gives_the_link_its_whole_life_and_tells_it() {
    let rig = Rig::start();
    assert_eq!(rig.post_open("/dev/faults", &json!({ "mail": "refuse" })).status, 200);
    assert_eq!(rig.reset(SOMEONE).status, 200);
    rig.wait_until_none("SELECT COUNT(*) FROM resets WHERE relay_words IS NULL", &[]);
    assert_eq!(rig.post_open("/dev/faults", &json!({ "mail": "accept" })).status, 200);
    rig.clock.advance_seconds(50 * 60);
    let text = newest(&rig, SOMEONE, 1);
    assert!(text.contains("The link works once and for about 60 minutes."), "{text}");
    rig.clock.advance_seconds(59 * 60);
    assert_eq!(rig.redeem(&rig.token(SOMEONE, 1), GOOD_PASSWORD), 204);
}
