//! Connections: their limits, which requests are answered beyond these, and which protocols are refused.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::overload::refused;
use crate::process::{Place, Process};
use crate::rig::Rig;
use crate::wire::{Wire, request};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The answer to these bytes on a new connection.
pub fn told(rig: &Rig, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(rig.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(bytes).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    said
}

#[test]
fn probes_do_not_depend_on_caller_or_tenant() {
    let rig = Rig::start();
    for path in ["/livez", "/readyz", "/metrics"] {
        // To find whose host this is would need the store.
        let said = told(
            &rig,
            format!("GET {path} HTTP/1.1\r\nHost: nobody.localhost\r\nConnection: close\r\n\r\n").as_bytes(),
        );
        assert!(said.starts_with("HTTP/1.1 200 "), "{path}: {said}");
    }
    assert!(
        told(&rig, b"GET /signin HTTP/1.1\r\nHost: nobody.localhost\r\nConnection: close\r\n\r\n")
            .starts_with("HTTP/1.1 404 ")
    );
}

#[test]
fn probes_are_answered_beyond_the_connection_limit_and_other_requests_are_refused() {
    let mut rig = Rig::with(|config| {
        (config.http.connections_max, config.http.connections_per_address_max) = (4, 4);
        config.http.header_seconds = 60;
    });
    let idle: Vec<TcpStream> = (0..4).map(|_| TcpStream::connect(rig.address).unwrap()).collect();
    for path in ["/livez", "/readyz", "/metrics"] {
        let said = told(&rig, format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
        assert!(said.starts_with("HTTP/1.1 200 "), "{path}: {said}");
    }
    for others in ["GET /account HTTP/1.1\r\nHost: a\r\n\r\n", "GET /livezz HTTP/1.1\r\nHost: a\r\n\r\n", "x"] {
        let said = told(&rig, others.as_bytes());
        assert!(said.starts_with("HTTP/1.1 503 ") && said.contains("\r\nRetry-After: 1\r\n"), "{others}: {said}");
    }
    let twice = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /account HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(told(&rig, twice.as_bytes()).matches("HTTP/1.1 ").count(), 1, "a probe and nothing behind it");
    drop(idle);
    let began = Instant::now();
    while rig.reset("jane@example.com").status != 200 && began.elapsed() < PATIENCE {}
    assert_eq!((refused(&rig, "connections") >= 3, rig.reset("kenji@example.com").status), (true, 200));
    rig.stop();
}

#[test]
fn case_91_connections_never_take_the_files_that_the_store_and_the_relay_need() {
    let place = Place::new();
    let process = Process::start_with_open_files(&place, 200);
    let mut kept = Wire::to(process.address);
    let reset = |number: usize| {
        let email = ["hello@example.com", "jane@example.com", "kenji@example.com"][number % 3];
        let body = serde_json::json!({ "email": email }).to_string();
        request("POST", "/api/web/custom/password/admin_reset", &process.authorization(), &body)
    };
    assert_eq!(kept.call(reset(0)).unwrap().status, 200);
    let mut idle = Vec::new();
    for _ in 0..400 {
        idle.push(TcpStream::connect(process.address).unwrap());
    }
    for number in 0..6 {
        assert_eq!(kept.call(reset(number)).unwrap().status, 200, "reset {number}");
    }
    let files = process.open_files();
    assert!(files < 180, "{files} of 200 files are open: too few are left for the store and the relay");
    drop(idle);
    process.kill();
}

#[test]
fn a_proxy_of_ours_may_open_more_connections_than_a_client() {
    let connections = |trusted: &[&str]| {
        let rig = Rig::with(|config| {
            config.http.connections_per_address_max = 3;
            config.http.trusted_proxies = trusted.iter().map(|proxy| proxy.parse().unwrap()).collect();
        });
        let idle: Vec<TcpStream> = (0..6).map(|_| TcpStream::connect(rig.address).unwrap()).collect();
        let said = told(&rig, b"GET /signin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        drop(idle);
        said[..12].to_string()
    };
    assert_eq!(connections(&[]), "HTTP/1.1 503");
    assert_eq!(connections(&["127.0.0.1"]), "HTTP/1.1 200");
}

#[test]
fn case_93_http_2_is_not_spoken_and_a_client_that_begins_it_loses_the_connection() {
    let rig = Rig::start();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    // HEADERS of stream 1 without their end, and a thousand continuations that never end it either.
    let begun = [0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82];
    let endless = [0, 0, 1, 9, 0, 0, 0, 0, 1, 0x84].repeat(1_000);
    for bytes in [preface.to_vec(), [&preface[..], &settings, &begun, &endless].concat()] {
        let mut stream = TcpStream::connect(rig.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let _ = stream.write_all(&bytes);
        let mut said = Vec::new();
        // Closed in order, or reset since there was more to read: either way it is closed.
        let ended = stream.read_to_end(&mut said);
        assert!(ended.is_ok() || ended.is_err_and(|cause| cause.kind() == std::io::ErrorKind::ConnectionReset));
        assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 400 "), "{}", String::from_utf8_lossy(&said));
    }
    let upgrade = b"GET /signin HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\n\
                    HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n";
    assert!(told(&rig, upgrade).starts_with("HTTP/1.1 200 "), "an offer to change is not taken up");
    assert_eq!(rig.reset("jane@example.com").status, 200);
}

#[test]
fn a_request_accepted_while_a_server_stops_is_answered() {
    for _ in 0..5 {
        let mut rig = Rig::start();
        let who = request("GET", "/api/web/custom/namespaces/system/whoami", &authorization(&rig), "");
        let address = rig.address;
        let clients: Vec<_> = (0..8)
            .map(|_| {
                let who = who.clone();
                std::thread::spawn(move || {
                    let (mut answered, mut unanswered) = (0, 0);
                    loop {
                        let mut wire = Wire::to(address);
                        if wire.open().is_err() {
                            return (answered, unanswered);
                        }
                        match wire.call(who.clone()) {
                            Some(reply) if reply.status == 200 => answered += 1,
                            // A client that was refused goes elsewhere.
                            Some(reply) => {
                                assert_eq!((reply.status, reply.header("connection")), (503, Some("close")));
                                return (answered, unanswered);
                            }
                            None => unanswered += 1,
                        }
                    }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(200));
        rig.stop();
        let told: Vec<_> = clients.into_iter().map(|client| client.join().unwrap()).collect();
        assert!(told.iter().all(|(answered, unanswered)| *answered > 0 && *unanswered == 0), "{told:?}");
    }
}

fn authorization(rig: &Rig) -> String {
    format!("Authorization: {}\r\n", rig.authorization())
}
