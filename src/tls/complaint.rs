//! Explains why a certificate is not trusted, and which one to make instead.

use std::io;

use rustls::pki_types::UnixTime;
use rustls::{CertificateError, Error};

use crate::clock::{SECOND, Timestamp};

/// The error of a failed handshake with `host`, with the next step; `setting` names the file of trusted certificates.
pub fn complaint(host: &str, setting: &str, failure: &io::Error) -> String {
    match failure.get_ref().and_then(|cause| cause.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(refused)) => of_certificate(host, setting, refused),
        Some(Error::InvalidMessage(_)) => "the other side does not speak TLS here; is the port right?".into(),
        _ => format!("{failure}."),
    }
}

fn of_certificate(host: &str, setting: &str, refused: &CertificateError) -> String {
    let make = || make(host, setting);
    match refused {
        CertificateError::UnknownIssuer => format!(
            "its certificate is signed by nobody whom this machine trusts; name the certificate of that authority in \
             {setting}, or this one itself."
        ),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("its certificate ended on {}. {}", day(*not_after), make())
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("its certificate begins on {}; are the clocks right? {}", day(*not_before), make())
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            format!("its certificate is {}. {}", for_whom(host, presented), make())
        }
        // The TLS library reports this case only in its own words.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => format!(
            "its certificate is one of an authority (CA:TRUE); name this very certificate in {setting} if it is for \
             {host}. Otherwise: {}",
            make()
        ),
        CertificateError::Other(other) if other.to_string().contains("UnsupportedCertVersion") => {
            format!("its certificate is of the old version 1. {}", make())
        }
        other => format!("its certificate cannot be used ({other}). {}", make()),
    }
}

fn for_whom(host: &str, presented: &[String]) -> String {
    match presented {
        [] => format!("not for {host}, and has no subjectAltName"),
        names => {
            let names: Vec<_> = names.iter().map(|name| bare(name)).collect();
            format!("for {}, not for {host}", names.join(", "))
        }
    }
}

/// The library shows names as `DnsName("db.example.com")`.
fn bare(name: &str) -> &str {
    name.split_once('(').map_or(name, |(_, inner)| inner).trim_matches(['"', '(', ')'])
}

fn make(host: &str, setting: &str) -> String {
    let kind = if host.parse::<std::net::IpAddr>().is_ok() { "IP" } else { "DNS" };
    format!(
        "Make one, and name it in {setting}: openssl req -x509 -newkey rsa:3072 -nodes -days 730 -keyout key.pem -out \
         cert.pem -subj /CN={host} -addext subjectAltName={kind}:{host}"
    )
}

fn day(moment: UnixTime) -> String {
    let seconds = i64::try_from(moment.as_secs()).unwrap_or(i64::MAX);
    Timestamp(seconds.saturating_mul(SECOND)).to_string().chars().take(10).collect()
}
