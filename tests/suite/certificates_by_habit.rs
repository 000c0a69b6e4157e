//! Certificates as administrators make them by habit: trusted where the settings name them, and nowhere else.

use rcgen::{CertificateParams, SanType, date_time_ymd};
use tenantry::mail::address::Email;
use tenantry::mail::smtp::{Envelope, Relay, RelaySettings, Security};
use testbed::postgres::Server;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, by_habit};
use crate::postgres_start::{open, refusal, set};
use crate::relay::{self, Script};

/// Sends one mail to a relay with this certificate, with `named` as the file of trusted certificates; returns the
/// refusal.
async fn sent(tls: &TlsAcceptor, named: &[u8], implicit_tls: bool) -> Result<(), String> {
    let sink = relay::Relay::start(Script { tls: Some(tls.clone()), implicit_tls, ..Script::default() }).await;
    let settings = RelaySettings {
        security: if implicit_tls { Security::Tls } else { Security::StartTls },
        extra_roots_pem: Some(named.to_vec()),
        ..RelaySettings::new("localhost", sink.address.port())
    };
    let email = |text| Email::parse(text).unwrap();
    let envelope = Envelope { from: email("a@example.com"), to: email("b@example.com") };
    let outcome = Relay::new(settings).unwrap().send(&envelope, b"Subject: x\r\n\r\nx\r\n").await;
    assert_eq!(sink.taken(), usize::from(outcome.is_ok()));
    outcome.map(drop).map_err(|refused| refused.words)
}

fn named(name: &str) -> impl FnOnce(&mut CertificateParams) {
    let name = SanType::DnsName(name.try_into().unwrap());
    move |params| params.subject_alt_names.push(name)
}

fn long_over(params: &mut CertificateParams) {
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
}

#[tokio::test]
async fn a_relays_certificate_by_habit_is_trusted_when_it_is_named() {
    let authority = Authority::new();
    for implicit_tls in [false, true] {
        for (what, (tls, [pem, _])) in [
            ("CA:TRUE", by_habit("whatever", named("localhost"))),
            ("CA:TRUE, the name in the subject alone", by_habit("localhost", |_| {})),
            (
                "the name in the subject alone, in capitals",
                by_habit("LOCALHOST", |params| params.is_ca = rcgen::IsCa::NoCa),
            ),
        ] {
            assert_eq!(sent(&tls, pem.as_bytes(), implicit_tls).await, Ok(()), "{what}");
            let refusal = sent(&tls, &authority.pem, implicit_tls).await.unwrap_err();
            assert!(refusal.contains("smtp.ca_file"), "{what}, and another one named: {refusal}");
        }
        let tls = authority.of_common_name("localhost");
        assert_eq!(
            sent(&tls, &authority.pem, implicit_tls).await,
            Ok(()),
            "signed by a named one, without alternatives"
        );
    }
}

#[tokio::test]
async fn a_relays_certificate_that_is_named_must_still_be_in_date_and_for_its_name() {
    for (what, (tls, [pem, _]), says) in [
        ("over", by_habit("localhost", long_over), "ended on 2021-01-01. Make one"),
        ("another subject", by_habit("mail.example.net", |_| {}), "for mail.example.net, not for localhost. Make one"),
        ("another name beside it", by_habit("localhost", named("mail.example.net")), "for mail.example.net, not for"),
    ] {
        let refusal = sent(&tls, pem.as_bytes(), false).await.unwrap_err();
        assert!(refusal.contains(says), "{what}: {refusal}");
        let command = "openssl req -x509 -newkey rsa:3072 -nodes";
        assert!(refusal.contains(command), "{what}: {refusal}");
    }
    // A key that nobody named, under the name and the subject of one that was.
    let (tls, _) = by_habit("localhost", named("localhost"));
    let (_, [pem, _]) = by_habit("localhost", named("localhost"));
    assert!(sent(&tls, pem.as_bytes(), false).await.is_err());
}

#[test]
fn a_database_servers_certificate_by_habit_is_trusted_when_it_is_named() {
    let server = Server::start().unwrap();
    let url = format!("{}?sslmode=verify-full", server.database("start").unwrap());
    let folder = tempfile::tempdir().unwrap();
    let show = |nth: usize, [pem, key]: [String; 2]| {
        let certificate = server.keep(&format!("{nth}.crt"), pem.as_bytes()).unwrap();
        let key = server.keep(&format!("{nth}.key"), key.as_bytes()).unwrap();
        set(&server, "ssl_cert_file", certificate.to_str().unwrap());
        set(&server, "ssl_key_file", key.to_str().unwrap());
        set(&server, "ssl", "on");
        let named = folder.path().join(format!("{nth}.pem"));
        std::fs::write(&named, pem).unwrap();
        named
    };
    let named = show(1, by_habit("127.0.0.1", |_| {}).1);
    drop(open(url.clone(), Some(&named)).unwrap());
    let by_address = format!("{url}&sslrootcert={}", named.display());
    drop(open(by_address, None).unwrap());
    let sentence = refusal(url.clone(), None);
    assert!(sentence.contains("store.postgres_ca_file"), "{sentence}");
    for (nth, habit, says) in [
        (2, by_habit("127.0.0.1", long_over), "ended on 2021-01-01"),
        (3, by_habit("db.example.com", |_| {}), "for db.example.com, not for 127.0.0.1"),
    ] {
        let named = show(nth, habit.1);
        let sentence = refusal(url.clone(), Some(&named));
        assert!(sentence.contains(says) && sentence.contains("subjectAltName=IP:127.0.0.1"), "{sentence}");
    }
}
