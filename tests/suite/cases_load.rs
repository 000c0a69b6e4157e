//! The odd cases of the catalogue about too much of everything (OV).

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::people::owner;
use crate::rig::Rig;

const CALL: &str = "/api/web/custom/password/admin_reset";

/// How a client wastes a connection.
#[derive(Clone, Copy)]
enum Slow {
    Idle,
    Head,
    Body,
    NeverReads,
}

/// Whether the server has closed this connection, ignoring what it sent before.
fn is_closed(stream: &mut TcpStream) -> bool {
    let mut bytes = [0; 4096];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(failure) => return !matches!(failure.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }
}

/// Goes on as slowly as before; whether the connection is still open.
fn goes_on(stream: &mut TcpStream, slow: Slow) -> bool {
    let page = "GET /assets/tenantry.css HTTP/1.1\r\nHost: a\r\n\r\n".repeat(50);
    match slow {
        Slow::Idle => !is_closed(stream),
        Slow::Head | Slow::Body => {
            let _ = stream.write(b"x");
            !is_closed(stream)
        }
        // It never reads, so only a failing write can tell.
        Slow::NeverReads => {
            !stream.write(page.as_bytes()).is_err_and(|failure| failure.kind() != ErrorKind::WouldBlock)
        }
    }
}

#[test]
fn case_91_three_hundred_slow_clients_are_closed_and_nobody_else_notices() {
    let rig = Rig::with(|config| {
        config.http.connections_per_address_max = 400;
        (config.http.header_seconds, config.http.body_seconds) = (2, 2);
    });
    let head = format!("POST {CALL} HTTP/1.1\r\nHost: a\r\nAuthorization: {}\r\n", rig.authorization());
    let mut clients: Vec<(TcpStream, Slow)> = (0..300)
        .map(|number| {
            let mut stream = TcpStream::connect(rig.address).unwrap();
            let slow = [Slow::Idle, Slow::Head, Slow::Body, Slow::NeverReads][number % 4];
            match slow {
                Slow::Idle | Slow::NeverReads => {}
                Slow::Head => stream.write_all(format!("{head}X-Slow: ").as_bytes()).unwrap(),
                Slow::Body => stream.write_all(format!("{head}Content-Length: 9000\r\n\r\n{{").as_bytes()).unwrap(),
            }
            stream.set_nonblocking(true).unwrap();
            (stream, slow)
        })
        .collect();
    let began = Instant::now();
    let mut asked = 0;
    while !clients.is_empty() && began.elapsed() < Duration::from_secs(15) {
        clients.retain_mut(|(stream, slow)| goes_on(stream, *slow));
        let email = ["hello@example.com", "jane@example.com", "kenji@example.com"][asked % 3];
        assert_eq!(rig.reset(email).status, 200, "a normal client is served");
        asked += 1;
        std::thread::sleep(Duration::from_millis(200));
    }
    let left = |wanted: fn(&Slow) -> bool| clients.iter().filter(|(_, slow)| wanted(slow)).count();
    assert_eq!(left(|slow| matches!(slow, Slow::Idle)), 0, "silent clients are closed");
    assert_eq!(left(|slow| matches!(slow, Slow::Head)), 0, "clients with an endless head are closed");
    assert_eq!(left(|slow| matches!(slow, Slow::Body)), 0, "clients with an endless body are closed");
    assert_eq!(left(|slow| matches!(slow, Slow::NeverReads)), 0, "clients that never read are closed");
}

#[test]
fn three_hundred_idle_connections_leave_room_for_a_reset_and_connections_beyond_the_limit_get_503() {
    let rig = Rig::with(|config| {
        config.http.connections_per_address_max = 310;
        config.http.header_seconds = 60;
    });
    let idle: Vec<TcpStream> = (0..300).map(|_| TcpStream::connect(rig.address).unwrap()).collect();
    assert_eq!(rig.reset("hello@example.com").status, 200);
    assert_eq!(rig.wait_for_mails("hello@example.com", 1).len(), 1);
    let further: Vec<TcpStream> = (0..9).map(|_| TcpStream::connect(rig.address).unwrap()).collect();
    let mut beyond = TcpStream::connect(rig.address).unwrap();
    let mut told = String::new();
    beyond.read_to_string(&mut told).unwrap();
    assert!(told.starts_with("HTTP/1.1 503 ") && told.contains("\r\nRetry-After: 1\r\n"), "{told}");
    drop((idle, further));
}

#[test]
fn case_95_one_address_gets_no_more_mails_than_allowed_however_many_ask_however_often() {
    let rig = Rig::start();
    let tenant = rig.tenant();
    let names = ["one", "two", "three", "four"];
    let admins: Vec<String> =
        names.iter().map(|name| rig.add_member(tenant, &format!("{name}@example.com"), owner())).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let ask @ ..1_000 = next.fetch_add(1, Ordering::SeqCst) {
                    let token = &admins[ask % admins.len()];
                    let answered = rig.as_token(token, "POST", CALL, Some(&json!({ "email": "hello@example.com" })));
                    assert_eq!(answered.status, 200, "the end of a password is never refused: {}", answered.text);
                }
            });
        }
    });
    let count = |statement| rig.number(statement, &[]);
    assert!(rig.mails("hello@example.com").len() <= 5);
    assert_eq!(count("SELECT COUNT(*) FROM users WHERE open_reset IS NOT NULL"), 1);
    let on_record = count("SELECT COUNT(*) FROM audit WHERE action = 'reset.request' AND outcome = 'accepted'");
    assert_eq!(on_record, count("SELECT COUNT(*) FROM resets"), "each says who");
    rig.clock.advance_seconds(3600);
    rig.wait_for_mails("hello@example.com", 1);
    rig.let_background_rest();
    assert!(rig.mails("hello@example.com").len() <= 6, "and of all that waited one");
}
