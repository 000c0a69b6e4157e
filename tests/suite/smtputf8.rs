//! Addresses with letters beyond ASCII before the `@` (RFC 6531), at a relay that takes them and at one that does not.

use std::process::Command;

use serde_json::{Value, json};
use tenantry::mail::address::Email;
use tenantry::mail::message::{Mailbox, Message};
use tenantry::mail::smtp::{Accepted, Envelope, Refused, Relay, RelaySettings, Security};

use crate::command_line::Ended;
use crate::installation::Site;
use crate::relay::{self, Script};
use crate::rig::GOOD_PASSWORD;

const JOHN: &str = "jöhn@example.com";
const ALLY: &str = "ally@example.com";
const SENTENCE: &str = "The relay does not take addresses with letters beyond ASCII (SMTPUTF8, RFC 6531). Have it switched on \
    there, or give the user an address in ASCII.";

fn relay(sink: &relay::Relay) -> Relay {
    let (host, port) = (sink.address.ip().to_string(), sink.address.port());
    let settings = RelaySettings { security: Security::None, timeout_seconds: 5, ..RelaySettings::new(host, port) };
    Relay::new(RelaySettings { connections_max: 1, ..settings }).unwrap()
}

async fn send(relay: &Relay, to: &str) -> Result<Accepted, Refused> {
    let (from, to) = (Email::parse("id@example.com").unwrap(), Email::parse(to).unwrap());
    let message = Message {
        from: Mailbox::bare(from.clone()),
        reply_to: None,
        to: Mailbox { name: Some("Jöhn Döe".into()), address: to.clone() },
        subject: "Grüße".into(),
        text: "Schöne Grüße".into(),
        html: "<p>Schöne Grüße</p>".into(),
        message_id: "1@example.com".into(),
        date: tenantry::clock::Timestamp(0),
    };
    relay.send(&Envelope { from, to }, &message.to_bytes().unwrap()).await
}

#[tokio::test]
async fn a_relay_that_offers_it_gets_the_address_as_it_is_and_is_told_only_where_it_is_needed() {
    for pipelining in [true, false] {
        let sink = relay::Relay::start(Script { utf8: true, pipelining, ..Script::default() }).await;
        let relay = relay(&sink);
        for to in [JOHN, ALLY, "Jöhn@MÜNCHEN.de", "ally@münchen.de"] {
            send(&relay, to).await.unwrap();
        }
        let mails = sink.mails();
        let parameters: Vec<_> = mails.iter().map(|mail| mail.parameters.as_str()).collect();
        assert_eq!(parameters, ["BODY=8BITMIME SMTPUTF8", "", "BODY=8BITMIME SMTPUTF8", ""]);
        let to: Vec<_> = mails.iter().map(|mail| mail.to[0].as_str()).collect();
        assert_eq!(to, [JOHN, ALLY, "Jöhn@xn--mnchen-3ya.de", "ally@xn--mnchen-3ya.de"]);
        let header = mails[0].header("To").unwrap();
        assert!(header.ends_with(" <jöhn@example.com>") && header.starts_with("=?utf-8?"), "{header}");
        assert!(mails[1].raw.is_ascii() && mails[3].raw.is_ascii(), "nothing else leaves ASCII");
        assert_eq!(sink.connections(), 1);
    }
}

#[tokio::test]
async fn a_relay_that_does_not_offer_it_is_told_nothing_of_such_a_mail_and_the_next_one_goes() {
    for pipelining in [true, false] {
        let sink = relay::Relay::start(Script { pipelining, ..Script::default() }).await;
        let relay = relay(&sink);
        send(&relay, ALLY).await.unwrap();
        let refused = send(&relay, JOHN).await.unwrap_err();
        assert_eq!((refused.permanent, refused.code, refused.words.as_str()), (true, None, SENTENCE));
        send(&relay, "ally@münchen.de").await.unwrap();
        // It is asked anew before the mail is given up; that connection serves the next mail, and needs no RSET.
        let commands: Vec<_> = sink.commands().iter().map(|line| line.split(':').next().unwrap().to_owned()).collect();
        let mail = ["MAIL FROM", "RCPT TO", "DATA"];
        assert_eq!(commands, [&["EHLO localhost"][..], &mail, &["EHLO localhost"], &mail].concat());
        assert_eq!((sink.taken(), sink.connections()), (2, 2));
        sink.set_utf8(true);
        send(&relay, JOHN).await.unwrap();
        assert_eq!((sink.taken(), sink.connections()), (3, 3));
    }
}

fn api(site: &Site, token: &str, line: &[&str]) -> Ended {
    let mut command: Command = site.command(line);
    command.env("TENANTRY_URL", format!("http://127.0.0.1:{}", site.port)).env("TENANTRY_TOKEN", token);
    command.output().unwrap().into()
}

/// The resets of this user as the administrator sees them, once one of them has this state.
fn history(site: &Site, token: &str, email: &str, state: &str) -> Value {
    for _ in 0..1_000 {
        let listed = api(site, token, &["reset", "list", "--email", email, "--json"]).done();
        let listed: Value = serde_json::from_str(&listed).unwrap();
        if listed["items"].as_array().unwrap().iter().any(|reset| reset["state"] == state) {
            return listed["items"].clone();
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("no reset of {email} is {state}");
}

#[test]
fn the_history_of_a_reset_says_that_the_relay_does_not_take_the_address_and_other_mail_goes_on() {
    let site = Site::new();
    let first = site.init();
    let server = site.serve(&[]);
    assert_eq!(server.post("/reset", "", &json!({ "token": first, "password": GOOD_PASSWORD })).0, 204);
    let token = server.owners_token(GOOD_PASSWORD);
    api(&site, &token, &["user", "add", JOHN]).done();
    let invitation = history(&site, &token, JOHN, "undeliverable");
    assert!(invitation.to_string().contains(SENTENCE), "{invitation}");
    api(&site, &token, &["user", "add", ALLY]).done();
    assert!(site.mail(ALLY, 1).raw.is_ascii());
    let said = api(&site, &token, &["reset", "list", "--state", "undeliverable"]).done();
    assert!(said.contains(JOHN), "{said}");
    let id = invitation[0]["id"].as_str().unwrap();
    let given_up = api(&site, &token, &["audit", "query", "--target", id, "--json"]).done();
    assert!(given_up.contains("mail.give_up") && given_up.contains(SENTENCE), "{given_up}");
    let tried = site.run(&["mail", "test", "--to", JOHN]).refused();
    assert!(tried.contains(SENTENCE), "{tried}");

    // The relay learns it, and the administrator mails the same link again.
    site.relay.set_utf8(true);
    site.relay.hang_up();
    api(&site, &token, &["reset", "resend", id]).done();
    let mail = site.mail(JOHN, 1);
    assert!(mail.parameters.contains("SMTPUTF8") && mail.header("To").unwrap().contains(JOHN), "{mail:?}");
    history(&site, &token, JOHN, "mailed");
    site.run(&["mail", "test", "--to", JOHN]).done();
}

#[test]
fn a_sender_has_an_address_that_every_relay_carries() {
    let site = Site::new();
    site.init();
    for setting in ["mail_from=jöhn@example.com", "mail_reply_to=jöhn@example.com"] {
        let refused = site.run(&["tenant", "set", "acme", setting]).refused();
        assert!(refused.contains("in ASCII before the @"), "{refused}");
    }
    let mut check = site.command(&["config", "check"]);
    let refused = Ended::from(check.env("TENANTRY_SMTP_FROM", JOHN).output().unwrap()).refused();
    assert!(refused.contains("smtp.from") && refused.contains("an email address in ASCII"), "{refused}");
}
