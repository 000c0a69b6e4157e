//! Attacks by strangers and by other tenants fail.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;
use tenantry::access::{ADMIN_ROLE, Grant};

use crate::rig::{GOOD_PASSWORD, Rig};

const EMAIL: &str = "hello@example.com";

#[test]
fn what_stands_behind_a_body_with_two_lengths_is_no_second_request() {
    let rig = Rig::start();
    for framing in
        ["Transfer-Encoding: chunked\r\nContent-Length: 5", "Content-Length: 5\r\nTransfer-Encoding: chunked"]
    {
        let mut stream = TcpStream::connect(rig.address).unwrap();
        let hidden = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let head = "POST /signout HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
        write!(stream, "{head}\r\n{framing}\r\n\r\n0\r\n\r\n{hidden}").unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{framing}: {answers}");
    }
}

#[test]
fn one_customer_of_ipv6_has_one_allowance_of_links() {
    let rig = Rig::with(|config| config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]);
    let open = |address: String| {
        let headers = [("Content-Type", "application/json"), ("X-Forwarded-For", address.as_str())];
        rig.send("POST", "/reset/open", &headers, Some(r#"{"token":"none"}"#)).status
    };
    let statuses: Vec<u16> = (0..61).map(|host| open(format!("2001:db8:1:2::{host:x}"))).collect();
    assert_eq!((statuses[0], statuses[60]), (400, 429));
    assert_eq!(open("2001:db8:1:3::1".into()), 400);
}

#[test]
fn strangers_cannot_use_up_the_mails_that_an_administrator_needs() {
    let rig = Rig::start();
    for wish in 1..=3 {
        assert_eq!(rig.post_open("/no_auth/send_password_email", &json!({ "email": EMAIL })).status, 200);
        rig.wait_for_mails(EMAIL, wish);
        rig.clock.advance_seconds(31);
    }
    for _ in 0..3 {
        assert_eq!(rig.post_open("/no_auth/send_password_email", &json!({ "email": EMAIL })).status, 200);
        rig.clock.advance_seconds(31);
        // Behind the wish in the one queue of the writer.
        rig.post("/api/web/custom/password/admin_reset", &json!({ "email": "nobody@example.com" }));
    }
    assert_eq!(rig.mails(EMAIL).len(), 3);
    assert_eq!(rig.reset(EMAIL).status, 200);
}

#[test]
fn an_administrator_of_applications_mails_no_links() {
    let rig = Rig::start();
    let grants = vec![Grant::new("*", ADMIN_ROLE)];
    let token = rig.add_member(rig.tenant(), "apps@example.com", grants);
    rig.add_user(rig.tenant(), "kim@example.com", |_| {});
    let call = "/api/web/custom/namespaces/default/send_password_email";
    let answered = rig.as_token(&token, "POST", call, Some(&json!({ "email": "kim@example.com" })));
    assert_eq!(answered.status, 403, "{}", answered.text);
    assert!(answered.message().contains("namespace system"), "{}", answered.text);
}

#[test]
fn guesses_of_strangers_do_not_lock_out_a_user_who_chose_a_password_by_a_link() {
    let rig = Rig::start();
    rig.reset(EMAIL);
    let token = rig.token(EMAIL, 1);
    let chosen = rig.post_open("/reset", &json!({ "token": token, "password": GOOD_PASSWORD }));
    let cookie = chosen.header("set-cookie").and_then(|cookie| cookie.split(';').next()).unwrap_or_default();
    while rig.sign_in(EMAIL, "a guess of a stranger") == 401 {}
    assert_eq!(rig.sign_in(EMAIL, GOOD_PASSWORD), 429);
    let headers = [("Content-Type", "application/json"), ("Cookie", cookie)];
    let body = json!({ "email": EMAIL, "password": GOOD_PASSWORD }).to_string();
    assert_eq!(rig.send("POST", "/signin", &headers, Some(&body)).status, 204);
}
