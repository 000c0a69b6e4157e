//! https by the server itself: clients that trust its authority and others, and the limits of a connection, which are those
//! of plain ones.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::json;

use crate::certificates::Authority;
use crate::command_line::{Ended, tenantry};
use crate::connections::told;
use crate::process::{Place, Process};
use crate::rig::Rig;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);
const RESET: &str = "/api/v1/api/production/us-east-1/namespaces/default/api/web/custom/password/admin_reset";
const LIVEZ: &str = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

fn curl(arguments: &[&str]) -> Ended {
    Command::new("curl").args(["--silent", "--show-error", "--noproxy", "*"]).args(arguments).output().unwrap().into()
}

/// A GET by Python's own library, trusting what is in this file.
fn python(ca_file: &Path, url: &str) -> Ended {
    let program = "import ssl, sys, urllib.request\n\
                   trust = ssl.create_default_context(cafile=sys.argv[1])\n\
                   print(urllib.request.urlopen(sys.argv[2], context=trust).status)";
    Command::new("python3").args(["-c", program]).arg(ca_file).arg(url).env("no_proxy", "*").output().unwrap().into()
}

#[test]
fn clients_that_trust_its_authority_are_served_under_every_name_and_others_refuse() {
    let place = Place::new();
    let dev = Process::start_in_tls(&place);
    let (there, port) = (&dev.directions, dev.address.port());
    let ca_file = there.ca_file.as_deref().unwrap();
    let trust = ["--cacert", ca_file.to_str().unwrap()];
    assert_eq!(there.base_url, format!("https://127.0.0.1:{port}"));
    let tenant = format!("{}.localhost:{port}:127.0.0.1", there.tenant);
    for url in [&there.base_url, &format!("https://localhost:{port}"), &there.tenant_url] {
        let said = curl(
            &[&trust[..], &["--resolve", &tenant, "--write-out", " %{http_version}"], &[&format!("{url}/livez")]]
                .concat(),
        );
        assert!(said.done().ends_with(" 1.1"), "{url}: HTTP/1.1 is what is agreed on");
        if !url.contains(&there.tenant) {
            assert_eq!(python(ca_file, &format!("{url}/livez")).done().trim(), "200", "{url}");
        }
    }
    let token = format!("Authorization: APIToken {}", there.api_token);
    let body = json!({ "email": there.user_email }).to_string();
    let json = ["--header", "Content-Type: application/json", "--data"];
    let url = format!("{}{RESET}", there.base_url);
    let reset = curl(&[&trust[..], &["--header", &token], &json, &[&body, &url]].concat());
    assert_eq!(reset.done(), "{}");
    let said: Ended = tenantry(&place.data(), &["user", "list", "--data", "."]).output().unwrap().into();
    assert!(said.done().contains(&there.user_email), "the command line finds the authority by itself");

    let other = place.data().with_file_name("other.pem");
    std::fs::write(&other, Authority::new().pem).unwrap();
    for trust in [&["--cacert", other.to_str().unwrap()][..], &[]] {
        assert_eq!(curl(&[trust, &[&there.base_url]].concat()).code, 60, "{trust:?}");
    }
    let python = python(&other, &there.base_url);
    assert!(python.code != 0 && python.complaint.contains("CERTIFICATE_VERIFY_FAILED"), "{python:?}");

    let plain = curl(&["--write-out", "%{http_code}", &format!("http://{}/livez", dev.address)]).done();
    assert!(plain.contains("Begin the URL with https://") && plain.ends_with("400"), "{plain}");
}

#[test]
fn the_authority_stays_through_a_restart_and_is_for_its_owner_alone() {
    let place = Place::new();
    let first = Process::start_in_tls(&place);
    let kept = place.data().with_file_name("kept.pem");
    std::fs::copy(first.directions.ca_file.as_deref().unwrap(), &kept).unwrap();
    assert!(first.terminate().1);
    let again = Process::start_in_tls(&place);
    let url = format!("{}/livez", again.directions.base_url);
    curl(&["--cacert", kept.to_str().unwrap(), &url]).done();
    for file in ["authority.key", "authority.pem", "dev.json"] {
        let mode = std::fs::metadata(place.data().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    assert!(again.terminate().1);
    let plain = Process::start(&place, 0);
    assert_eq!((plain.directions.ca_file.as_ref(), &plain.directions.base_url[..7]), (None, "http://"));
}

#[test]
fn cookies_are_those_of_https_and_no_browser_is_bound_to_it() {
    let place = Place::new();
    let dev = Process::start_in_tls(&place);
    let there = &dev.directions;
    let body = json!({ "email": there.user_email, "password": there.user_password }).to_string();
    let arguments = ["--include", "--header", "Content-Type: application/json", "--data", &body, "--cacert"];
    let [file, url] = [there.ca_file.as_ref().unwrap().display().to_string(), format!("{}/signin", there.base_url)];
    let said = curl(&[&arguments[..], &[&file, &url]].concat()).done().to_lowercase();
    assert!(said.contains("set-cookie: __host-tenantry=") && said.contains("; secure"), "{said}");
    assert!(
        !said.contains("strict-transport-security"),
        "other programs on this machine are called localhost too: {said}"
    );
}

/// A client that trusts the rig's own authority.
fn connect(rig: &Rig) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    let file = rig.data.as_ref().unwrap().path().join("authority.pem");
    roots.add(CertificateDer::from_pem_file(file).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), opened(rig.address))
}

fn opened(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// What is answered to these bytes, until the connection ends.
fn answer(stream: &mut (impl Read + Write), bytes: &str) -> String {
    stream.write_all(bytes.as_bytes()).unwrap();
    let mut said = Vec::new();
    let ended = stream.read_to_end(&mut said);
    let said = String::from_utf8(said).unwrap();
    assert!(ended.is_ok(), "{ended:?} behind {said}");
    said
}

#[test]
fn a_handshake_that_stalls_frees_its_place() {
    let rig = Rig::in_tls(|config| {
        (config.http.connections_max, config.http.connections_per_address_max) = (3, 3);
        config.http.header_seconds = 1;
    });
    let begun: [&[u8]; 3] = [b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"G"];
    let mut stalled: Vec<_> = begun.iter().map(|bytes| (opened(rig.address), bytes)).collect();
    for (stream, bytes) in &mut stalled {
        stream.write_all(bytes).unwrap();
    }
    for (stream, bytes) in &mut stalled {
        let _ = stream.read_to_end(&mut Vec::new());
        assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0, "{bytes:?}: the server has let go of it");
    }
    // The place is free a moment after the connection is closed.
    let mut said = (0..100).map(|_| answer(&mut connect(&rig), &LIVEZ.replace("livez", "nowhere")));
    assert!(said.any(|said| said.starts_with("HTTP/1.1 404 ")));
}

#[test]
fn beyond_the_connection_limit_probes_are_answered_inside_tls_and_others_turned_away() {
    let rig = Rig::in_tls(|config| {
        (config.http.connections_max, config.http.connections_per_address_max) = (2, 2);
        config.http.header_seconds = 60;
    });
    let idle = [opened(rig.address), opened(rig.address)];
    assert!(answer(&mut connect(&rig), LIVEZ).starts_with("HTTP/1.1 200 "));
    let said = answer(&mut connect(&rig), &LIVEZ.replace("livez", "account"));
    assert!(said.starts_with("HTTP/1.1 503 ") && said.contains("\r\nRetry-After: 1\r\n"), "{said}");
    let figures = answer(&mut connect(&rig), &LIVEZ.replace("livez", "metrics"));
    assert!(figures.contains("tenantry_http_refused_total{reason=\"connections\"} 1\n"), "{figures}");
    drop(idle);
}

#[test]
fn a_slow_request_inside_tls_is_cut_and_a_large_answer_comes_whole() {
    let rig = Rig::in_tls(|config| config.http.header_seconds = 1);
    let mut slow = connect(&rig);
    slow.write_all(b"GET /livez HTTP/1.1\r\nHo").unwrap();
    let mut said = Vec::new();
    let _ = slow.read_to_end(&mut said);
    assert!(said.is_empty(), "a head that does not come ends the connection");
    let document = answer(&mut connect(&rig), &LIVEZ.replace("livez", "openapi.json"));
    let (head, body) = document.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    assert_eq!(length, Some(body.len()));
    assert!(body.len() > 64_000, "{} bytes fit into few records", body.len());
}

#[test]
fn a_server_that_stops_closes_an_idle_connection_in_order() {
    let mut rig = Rig::in_tls(|_| {});
    let mut kept = connect(&rig);
    kept.write_all(LIVEZ.replace("Connection: close\r\n", "").as_bytes()).unwrap();
    let mut first = [0; 12];
    kept.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    rig.begin_stop();
    // An end without the notice of TLS (RFC 8446 § 6.1) would be an error.
    kept.read_to_end(&mut Vec::new()).unwrap();
}

#[test]
fn plain_http_is_told_what_to_do() {
    let rig = Rig::in_tls(|_| {});
    let said = told(&rig, LIVEZ.as_bytes());
    assert!(said.starts_with("HTTP/1.1 400 ") && said.contains("Begin the URL with https://"), "{said}");
}
