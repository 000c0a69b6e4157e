//! The way out, against a relay that behaves in every way a relay can (security.md V53, V54; cases 51 to 57).

use std::sync::Arc;

use tenantry::mail::address::Email;
use tenantry::mail::smtp::{Accepted, Envelope, Refused, Relay, RelaySettings, Security, WORDS_CHARACTERS_MAX};
use tenantry::secret::Secret;
use tokio::task::JoinSet;

use crate::certificates::{Authority, self_signed};
use crate::relay::{self, Act, Fault, Script, Step};

const MESSAGE: &[u8] = b"From: a@example.com\r\nSubject: hello\r\n\r\n.hidden dot\r\n.\r\nend\r\n";

fn settings(relay: &relay::Relay) -> RelaySettings {
    let (host, port) = (relay.address.ip().to_string(), relay.address.port());
    RelaySettings { security: Security::None, timeout_seconds: 1, ..RelaySettings::new(host, port) }
}

fn protected(relay: &relay::Relay, security: Security, authority: &Authority) -> RelaySettings {
    RelaySettings {
        host: "localhost".into(),
        security,
        extra_roots_pem: Some(authority.pem.clone()),
        timeout_seconds: 10,
        ..settings(relay)
    }
}

async fn send(relay: &Relay) -> Result<Accepted, Refused> {
    let email = |text| Email::parse(text).unwrap();
    relay.send(&Envelope { from: email("a@example.com"), to: email("Bob@example.org") }, MESSAGE).await
}

/// Sends one mail to a relay with these faults and returns the refusal.
async fn refusal(faults: Vec<Fault>) -> Refused {
    let sink = relay::Relay::start(Script { faults, ..Script::default() }).await;
    send(&Relay::new(settings(&sink)).unwrap()).await.unwrap_err()
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_sent() {
    for pipelining in [true, false] {
        let sink = relay::Relay::start(Script { pipelining, ..Script::default() }).await;
        let accepted = send(&Relay::new(settings(&sink)).unwrap()).await.unwrap();
        assert_eq!(accepted.reply, "250 2.0.0 taken as 1234");
        let mails = sink.mails();
        assert_eq!(mails.len(), 1);
        assert_eq!((mails[0].from.as_str(), &mails[0].to), ("a@example.com", &vec!["Bob@example.org".to_owned()]));
        assert_eq!(mails[0].raw, MESSAGE);
        assert_eq!(mails[0].header("subject").as_deref(), Some("hello"));
    }
}

#[tokio::test]
async fn the_body_arrives_in_one_read() {
    let message = [MESSAGE, &b"A line of an ordinary mail with its link and its code.\r\n".repeat(150)].concat();
    let authority = Authority::new();
    for security in [Security::None, Security::StartTls] {
        let tls = (security != Security::None).then(|| authority.valid("localhost"));
        let sink = relay::Relay::start(Script { tls, ..Script::default() }).await;
        let relay = Relay::new(protected(&sink, security, &authority)).unwrap();
        for _ in 0..5 {
            let envelope = Envelope { from: "a@example.com".parse().unwrap(), to: "b@example.com".parse().unwrap() };
            relay.send(&envelope, &message).await.unwrap();
        }
        for mail in sink.mails() {
            // Its two dots doubled, and the final one.
            assert_eq!(mail.reads, [message.len() + 2 + 3], "{security:?}");
        }
    }
}

#[tokio::test]
async fn connections_are_kept_and_bounded() {
    let sink = relay::Relay::start(Script::default()).await;
    let relay = Arc::new(Relay::new(RelaySettings { connections_max: 3, ..settings(&sink) }).unwrap());
    for _ in 0..5 {
        send(&relay).await.unwrap();
    }
    assert_eq!(sink.connections(), 1);
    let sends: Vec<_> = (0..40)
        .map(|_| {
            tokio::spawn({
                let relay = relay.clone();
                async move { send(&relay).await }
            })
        })
        .collect();
    for sent in sends {
        sent.await.unwrap().unwrap();
    }
    assert_eq!(sink.taken(), 45);
    assert!(sink.connections() <= 3, "{}", sink.connections());
    relay.rest().await;
    assert_eq!(sink.commands().iter().filter(|command| *command == "QUIT").count(), sink.connections());
}

#[tokio::test]
async fn a_connection_that_died_resting_costs_nothing() {
    let sink = relay::Relay::start(Script::default()).await;
    let relay = Relay::new(settings(&sink)).unwrap();
    send(&relay).await.unwrap();
    sink.hang_up();
    send(&relay).await.unwrap();
    assert_eq!((sink.taken(), sink.connections()), (2, 2));
    sink.set_faults(vec![Fault::new(Step::Mail, Act::Say("421 4.3.2 going down")).times(1)]);
    send(&relay).await.unwrap();
    assert_eq!((sink.taken(), sink.connections()), (3, 3));
    sink.set_faults(vec![Fault::new(Step::Mail, Act::Silence).times(1)]);
    send(&relay).await.unwrap();
    assert_eq!((sink.taken(), sink.connections()), (4, 4));
}

#[tokio::test]
async fn a_fresh_connection_is_tried_once_only() {
    let sink = relay::Relay::start(Script::default()).await;
    let relay = Relay::new(settings(&sink)).unwrap();
    send(&relay).await.unwrap();
    sink.set_faults(vec![Fault::new(Step::Mail, Act::HangUp)]);
    let refused = send(&relay).await.unwrap_err();
    assert_eq!((refused.permanent, refused.code), (false, None));
    assert_eq!(sink.connections(), 2);
}

#[tokio::test]
async fn the_relays_own_words_come_back() {
    for (at, line, permanent) in [
        (Step::Greeting, "421 4.3.2 too busy", false),
        (Step::Greeting, "554 5.7.1 not from you", false),
        (Step::Hello, "550 5.7.1 no", false),
        (Step::Mail, "450 4.7.1 greylisted", false),
        (Step::Mail, "553 5.1.8 bad sender", true),
        (Step::Mail, "530 5.7.0 authentication required", false),
        (Step::Recipient, "450 4.2.0 greylisted", false),
        (Step::Recipient, "550 5.1.1 no such user", true),
        (Step::Data, "451 4.3.0 disk full", false),
        (Step::Data, "554 5.7.1 no", true),
        (Step::Body, "451 4.3.0 try later", false),
        (Step::Body, "552 5.2.2 mailbox full", true),
        (Step::Body, "421 4.3.2 going down", false),
    ] {
        for pipelining in [true, false] {
            let faults = vec![Fault::new(at, Act::Say(line))];
            let sink = relay::Relay::start(Script { pipelining, faults, ..Script::default() }).await;
            let refused = send(&Relay::new(settings(&sink)).unwrap()).await.unwrap_err();
            let code = line[..3].parse().ok();
            assert_eq!(
                refused,
                Refused { permanent, code, is_no_address: line.contains(" 5.1.1 "), ..Refused::for_now(line) },
                "{at:?}"
            );
            assert_eq!(sink.taken(), 0);
        }
    }
}

#[tokio::test]
async fn a_refused_recipient_does_not_cost_the_connection() {
    for pipelining in [true, false] {
        let faults = vec![Fault::new(Step::Recipient, Act::Say("550 5.1.1 no such user")).times(2)];
        let sink = relay::Relay::start(Script { pipelining, faults, ..Script::default() }).await;
        let relay = Relay::new(settings(&sink)).unwrap();
        assert!(send(&relay).await.unwrap_err().permanent);
        assert!(send(&relay).await.unwrap_err().permanent);
        send(&relay).await.unwrap();
        assert_eq!((sink.taken(), sink.connections()), (1, 1));
        assert_eq!(sink.mails()[0].to.len(), 1);
    }
}

#[tokio::test]
async fn greylisting_passes() {
    let faults = vec![Fault::new(Step::Recipient, Act::Say("450 4.7.1 greylisted")).times(2)];
    let sink = relay::Relay::start(Script { faults, ..Script::default() }).await;
    let relay = Relay::new(settings(&sink)).unwrap();
    for _ in 0..2 {
        assert!(!send(&relay).await.unwrap_err().permanent);
    }
    send(&relay).await.unwrap();
    assert_eq!(sink.taken(), 1);
}

#[tokio::test]
async fn a_mail_whose_fate_is_unknown_is_not_sent_again_from_here() {
    let faults = vec![Fault::new(Step::Body, Act::HangUp).after(1).times(1)];
    let sink = relay::Relay::start(Script { faults, ..Script::default() }).await;
    let relay = Relay::new(settings(&sink)).unwrap();
    send(&relay).await.unwrap();
    let refused = send(&relay).await.unwrap_err();
    assert_eq!((refused.permanent, refused.code), (false, None));
    assert_eq!(sink.commands().iter().filter(|command| *command == "DATA").count(), 2);
}

#[tokio::test]
async fn what_is_said_before_hanging_up_is_heard() {
    for at in [Step::Mail, Step::Recipient, Step::Data, Step::Body] {
        let refused = refusal(vec![Fault::new(at, Act::SayAndHangUp("554 5.7.1 go away"))]).await;
        assert_eq!((refused.permanent, refused.words.as_str()), (true, "554 5.7.1 go away"), "{at:?}");
    }
}

#[tokio::test]
async fn a_relay_that_stalls_is_cut_and_the_place_is_free_again() {
    let mut stalls = JoinSet::new();
    for (at, act) in [
        (Step::Greeting, Act::Silence),
        (Step::Hello, Act::Drip),
        (Step::Mail, Act::Drip),
        (Step::Data, Act::Silence),
        (Step::Body, Act::Silence),
        (Step::Body, Act::Drip),
    ] {
        stalls.spawn(async move {
            let faults = vec![Fault::new(at, act).times(1)];
            let sink = relay::Relay::start(Script { faults, ..Script::default() }).await;
            let relay = Relay::new(RelaySettings { connections_max: 1, ..settings(&sink) }).unwrap();
            let refused = send(&relay).await.unwrap_err();
            assert_eq!((refused.permanent, refused.code), (false, None), "{at:?}");
            assert!(refused.words.contains("within 1 seconds"), "{}", refused.words);
            send(&relay).await.unwrap();
        });
    }
    stalls.join_all().await;
}

#[tokio::test]
async fn nobody_waits_for_a_connection_for_longer_than_the_lease_of_a_mail() {
    let faults = vec![Fault::new(Step::Greeting, Act::Silence)];
    let sink = relay::Relay::start(Script { faults, ..Script::default() }).await;
    let relay = Arc::new(Relay::new(RelaySettings { connections_max: 1, ..settings(&sink) }).unwrap());
    let mut waiting = JoinSet::new();
    for _ in 0..6 {
        let relay = Arc::clone(&relay);
        waiting.spawn(async move { send(&relay).await.unwrap_err() });
    }
    let refusals = waiting.join_all().await;
    assert!(refusals.iter().all(|refused| !refused.permanent));
    assert!(refusals.iter().any(|refused| refused.words.ends_with("was busy.")), "{refusals:?}");
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let sink = relay::Relay::start(Script::default()).await;
    let relay = Relay::new(protected(&sink, Security::StartTls, &Authority::new())).unwrap();
    let refused = send(&relay).await.unwrap_err();
    assert_eq!((refused.permanent, refused.code), (false, None));
    assert!(refused.words.contains("does not offer STARTTLS"), "{}", refused.words);
    assert_eq!(sink.commands(), ["EHLO localhost"]);
}

#[tokio::test]
async fn a_refused_starttls_is_not_gone_around() {
    let authority = Authority::new();
    for act in [Act::Say("454 4.7.0 TLS not available"), Act::Say("220 go ahead\r\n250 slipped in"), Act::HangUp] {
        let faults = vec![Fault::new(Step::StartTls, act)];
        let sink =
            relay::Relay::start(Script { tls: Some(authority.valid("localhost")), faults, ..Script::default() }).await;
        let relay = Relay::new(protected(&sink, Security::StartTls, &authority)).unwrap();
        assert!(!send(&relay).await.unwrap_err().permanent);
        assert_eq!(sink.commands(), ["EHLO localhost", "STARTTLS"]);
    }
}

#[tokio::test]
async fn a_bad_certificate_gets_nothing() {
    let (trusted, foreign) = (Authority::new(), Authority::new());
    for (tls, word) in [
        (self_signed("localhost"), "signed by nobody whom this machine trusts"),
        (foreign.valid("localhost"), "signed by nobody whom this machine trusts"),
        (trusted.valid("mail.example.net"), "for mail.example.net, not for localhost"),
        (trusted.expired("localhost"), "ended on 2021-01-01. Make one, and name it in smtp.ca_file: openssl req -x509"),
    ] {
        for (security, implicit_tls) in [(Security::StartTls, false), (Security::Tls, true)] {
            let sink = relay::Relay::start(Script { tls: Some(tls.clone()), implicit_tls, ..Script::default() }).await;
            let refused = send(&Relay::new(protected(&sink, security, &trusted)).unwrap()).await.unwrap_err();
            assert_eq!((refused.permanent, refused.code), (false, None));
            assert!(refused.words.contains(word), "{word}: {}", refused.words);
            assert!(sink.mails().is_empty() && !sink.commands().iter().any(|command| command.starts_with("MAIL")));
        }
    }
}

#[tokio::test]
async fn a_good_certificate_gets_the_mail_encrypted() {
    let authority = Authority::new();
    for (security, implicit_tls) in [(Security::StartTls, false), (Security::Tls, true)] {
        let tls = Some(authority.valid("localhost"));
        let sink = relay::Relay::start(Script { tls, implicit_tls, ..Script::default() }).await;
        let relay = Relay::new(protected(&sink, security, &authority)).unwrap();
        for _ in 0..3 {
            send(&relay).await.unwrap();
        }
        assert_eq!((sink.taken(), sink.connections()), (3, 1));
        assert!(sink.mails().iter().all(|mail| mail.encrypted && mail.raw == MESSAGE));
    }
}

#[tokio::test]
async fn it_logs_in_by_what_is_offered() {
    let authority = Authority::new();
    for (mechanisms, password, outcome) in [
        ("PLAIN LOGIN", "s3cret pass", Ok(())),
        ("LOGIN CRAM-MD5", "s3cret pass", Ok(())),
        ("PLAIN", "Wr0ng", Err(Some(535))),
        ("LOGIN", "Wr0ng", Err(Some(535))),
        ("CRAM-MD5", "s3cret pass", Err(None)),
    ] {
        let login = Some(("postmaster", "s3cret pass"));
        let tls = Some(authority.valid("localhost"));
        let sink = relay::Relay::start(Script { tls, login, mechanisms, ..Script::default() }).await;
        let mut settings = protected(&sink, Security::StartTls, &authority);
        settings.username = Some("postmaster".into());
        settings.password = Some(Secret::new(password.into()));
        let sent = send(&Relay::new(settings).unwrap()).await;
        if let Err(refused) = &sent {
            assert!(!refused.permanent && !refused.words.contains(password), "{refused:?}");
        }
        assert_eq!(sent.map(|_| ()).map_err(|refused| refused.code), outcome, "{mechanisms} {password}");
    }
}

#[tokio::test]
async fn a_login_that_is_wanted_and_missing_is_not_the_mails_fault() {
    let sink = relay::Relay::start(Script { login: Some(("a", "b")), ..Script::default() }).await;
    let refused = send(&Relay::new(settings(&sink)).unwrap()).await.unwrap_err();
    assert_eq!((refused.permanent, refused.code), (false, Some(530)));
}

#[tokio::test]
async fn hostile_words_come_back_harmless() {
    let long: &'static str = Box::leak(format!("550 \u{1b}[31m\u{202E}<b>{}", "x".repeat(2_000)).into_boxed_str());
    let refused = refusal(vec![Fault::new(Step::Mail, Act::Say(long))]).await;
    assert!(refused.permanent && refused.words.starts_with("550 [31m<b>xxx"), "{}", refused.words);
    assert_eq!(refused.words.chars().count(), WORDS_CHARACTERS_MAX);
    for line in ["HTTP/1.1 400 Bad Request", "25", "250_ok", Box::leak("250-more\r\n".repeat(2_000).into_boxed_str())] {
        let refused = refusal(vec![Fault::new(Step::Mail, Act::Say(line))]).await;
        assert_eq!((refused.permanent, refused.code), (false, None));
    }
}

#[tokio::test]
async fn a_relay_that_is_away_may_come_back() {
    let sink = relay::Relay::start(Script::default()).await;
    let (address, relay) = (sink.address, Relay::new(settings(&sink)).unwrap());
    sink.stop().await;
    let refused = send(&relay).await.unwrap_err();
    assert!(!refused.permanent && refused.words.contains("cannot be reached"), "{}", refused.words);
    let sink = relay::Relay::start_at(address, Script::default()).await;
    send(&relay).await.unwrap();
    assert_eq!(sink.taken(), 1);
}

#[tokio::test]
async fn an_unsafe_relay_is_refused_before_anything_else() {
    let refused = Relay::new(RelaySettings { security: Security::None, ..RelaySettings::new("smtp.example.com", 25) });
    assert!(refused.err().unwrap().message.contains("only to a relay on this machine"));
}
