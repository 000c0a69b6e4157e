//! The odd cases of the catalogue about input (IN). Where its contract and the public one differ, the
//! public one counts: what is wrong with a body is 400, a wrong method 404, and the call of the main job
//! takes JSON under any content type.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::process::{Place, Process};
use crate::rig::{Answered, Rig};
use crate::wire::{Wire, request};

const CALL: &str = "/api/web/custom/password/admin_reset";

/// Everything written must come from valid requests.
fn assert_no_mail(rig: &Rig) {
    assert_eq!(rig.number("SELECT COUNT(*) FROM mails", &[]), 0, "a mail waits in the outbox");
    assert_eq!(rig.sign_in("hello@example.com", &rig.sample.user_password), 204);
}

fn send(rig: &Rig, body: &str) -> Answered {
    let authorization = rig.authorization();
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    rig.send("POST", CALL, &headers, Some(body))
}

/// Bytes as they are; the whole answer, until the server closes.
fn raw(rig: &Rig, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(rig.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // A server that refuses early may close before all is written.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn raw_call(rig: &Rig, body: &[u8]) -> String {
    let head = format!(
        "POST {CALL} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        rig.authorization(),
        body.len()
    );
    raw(rig, &[head.as_bytes(), body].concat())
}

#[test]
fn case_01_an_email_that_is_no_text_is_refused_by_the_name_of_its_field() {
    let rig = Rig::start();
    for wrong in [json!(["hello@example.com"]), json!({ "a": 1 }), json!(7), json!(true)] {
        let answered = rig.post(CALL, &json!({ "email": wrong }));
        assert_eq!((answered.status, &answered.body["code"]), (400, &json!(3)), "{wrong} {}", answered.text);
        assert_eq!(answered.message(), "Field email has the wrong type: a string is expected.", "{wrong}");
    }
    assert_no_mail(&rig);
}

#[test]
fn case_03_a_field_that_is_given_twice_is_refused() {
    let rig = Rig::start();
    let answered = send(&rig, r#"{"email":"hello@example.com","email":"jane@example.com"}"#);
    assert_eq!((answered.status, answered.message()), (400, "Field email is given twice."));
    let form = "email=hello%40example.com&email=jane%40example.com";
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")];
    let answered = rig.send("POST", "/forgot", &headers, Some(form));
    assert_eq!((answered.status, answered.message()), (400, "Field email is given twice."));
    assert_no_mail(&rig);
}

#[test]
fn case_05_an_address_with_anything_that_mail_could_misread_is_refused() {
    let rig = Rig::start();
    let local = "a".repeat(65);
    let domain = format!("{}.example.com", "b.".repeat(125));
    let wrong = [
        "hello@example.com\r\nBcc: eve@example.com",
        "hello@example.com\n",
        "hello\r@example.com",
        "hello\0@example.com",
        "hello\u{2028}@example.com",
        "hello\u{202e}@example.com",
        "\"hello\\r\\n\"@example.com",
        "\"hello\r\n\"@example.com",
        "hello@example.com,eve@example.com",
        "<hello@example.com>",
        "h\u{0435}llo@example.com",
        "hello@[127.0.0.1]",
        "hel lo@example.com",
        "hello@example.com@example.com",
        "hello",
        "@",
        &format!("{local}@example.com"),
        &format!("hello@{domain}"),
    ];
    for email in wrong {
        let answered = rig.post(CALL, &json!({ "email": email }));
        assert_eq!((answered.status, &answered.body["code"]), (400, &json!(3)), "{email:?} {}", answered.text);
        assert!(answered.message().starts_with("Field email "), "{email:?} {}", answered.text);
        assert!(!answered.message().chars().any(char::is_control), "{email:?} {}", answered.text);
        assert_eq!(rig.post_open("/forgot", &json!({ "email": email })).status, 400, "{email:?}");
    }
    assert_no_mail(&rig);
}

#[test]
fn case_07_a_body_that_is_no_json_is_refused_whatever_its_depth_and_encoding() {
    let rig = Rig::start();
    let deep = |depth: usize| format!("{{\"email\":{}", "[".repeat(depth));
    let (deep_enough, too_deep) = (deep(10_000), deep(100_000));
    let too_long = format!("{{\"email\":\"{}\"}}", "a".repeat(1 << 20));
    let refused: [(&[u8], u16); 10] = [
        (deep_enough.as_bytes(), 400),
        (too_deep.as_bytes(), 413),
        (too_long.as_bytes(), 413),
        (br#"{"email":"\ud800@example.com"}"#, 400),
        (b"{\"email\":\"\xff\xfe@example.com\"}", 400),
        (b"\xef\xbb\xbf{\"email\":\"hello@example.com\"}", 400),
        (br#"{"email":"hello@example.com"} trailing"#, 400),
        (br#"{"email":"hello@example.com"}{"email":"jane@example.com"}"#, 400),
        (br#"["hello@example.com"]"#, 400),
        (b"\0", 400),
    ];
    for (body, status) in refused {
        let answer = raw_call(&rig, body);
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{shown} {answer}");
        assert!(answer.contains("\"request_id\":"), "{shown} {answer}");
    }
    // The calls with a larger bound are no softer.
    let asked = format!("{{\"namespace_roles\":{}", "[".repeat(100_000));
    let headers = [("Authorization", rig.authorization())];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answered = rig.send("POST", "/api/web/custom/namespaces/system/user_roles", &headers, Some(&asked));
    assert_eq!(answered.status, 400, "{}", answered.text);
    assert_no_mail(&rig);
}

#[test]
fn case_07_bodies_that_are_refused_cost_no_memory() {
    let place = Place::new();
    let process = Process::start(&place, 0);
    let bodies = [10_000, 100_000, 1 << 20].map(|length| format!("{{\"email\":{}", "[".repeat(length)));
    let refuse_all = || {
        for body in &bodies {
            // The server need not read the excess of a long body, so the connection may break while it is sent.
            let answered = Wire::to(process.address).call(request("POST", CALL, &process.authorization(), body));
            assert!(answered.is_none_or(|answered| [400, 413].contains(&answered.status)));
        }
    };
    refuse_all();
    let before = process.resident_kib();
    (0..50).for_each(|_| refuse_all());
    let grown = process.resident_kib() - before;
    assert!(grown < 5_000, "{grown} KiB more");
    process.kill();
}

#[test]
fn case_09_pages_take_their_form_or_json_alone_and_no_route_takes_another_method() {
    let rig = Rig::start();
    let body = json!({ "email": "hello@example.com", "password": rig.sample.user_password }).to_string();
    for content_type in [None, Some("text/plain"), Some("multipart/form-data; boundary=x"), Some("text/html")] {
        let headers: Vec<_> = content_type.map(|content_type| ("Content-Type", content_type)).into_iter().collect();
        for path in ["/signin", "/reset", "/forgot", "/signout", "/account/password"] {
            let answered = rig.send("POST", path, &headers, Some(&body));
            assert_eq!(answered.status, 400, "{path} {content_type:?} {}", answered.text);
            assert_eq!(answered.message(), "Send the body as application/json, or as the form of the page.");
        }
    }
    let utf16: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let head = format!(
        "POST /signin HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; charset=utf-16\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        utf16.len()
    );
    let answer = raw(&rig, &[head.as_bytes(), &utf16].concat());
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("not valid JSON"), "{answer}");
    for path in [CALL, "/reset/open", "/signout"] {
        for method in ["GET", "HEAD", "PUT", "TRACE", "OPTIONS"] {
            let answered = rig.send(method, path, &[("Authorization", &rig.authorization())], None);
            assert_eq!(answered.status, 404, "{method} {path} {}", answered.text);
        }
    }
    assert_no_mail(&rig);
}

#[test]
fn two_hosts_and_a_body_of_no_certain_length_are_refused() {
    let rig = Rig::start();
    let authorization = rig.authorization();
    let body = json!({ "email": "hello@example.com" }).to_string();
    let with = |further: &str, body: &str| {
        let head = format!(
            "POST {CALL} HTTP/1.1\r\nAuthorization: {authorization}\r\nConnection: close\r\n{further}\r\n{body}"
        );
        raw(&rig, head.as_bytes())
    };
    let length = format!("Content-Length: {}\r\n", body.len());
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for (further, body) in [
        (format!("Host: a\r\nHost: b\r\n{length}"), &body),
        (format!("Host: a\r\nHost: a\r\n{length}"), &body),
        (length.clone(), &body),
        (format!("Host: a\r\n{length}Content-Length: 1\r\n"), &body),
        ("Host: a\r\nTransfer-Encoding: chunked, identity\r\n".into(), &chunked),
        ("Host: a\r\nTransfer-Encoding: chunked\r\n".into(), &"zz\r\n".into()),
        (format!("Host : a\r\n{length}"), &body),
        (format!("Host: a\r\nX: a\r\n b\r\n{length}"), &body),
        (format!("Host: a\r\nX: a\0b\r\n{length}"), &body),
    ] {
        let answer = with(&further, body);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{further:?} {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "what follows is not a second request: {answer}");
    }
    assert_no_mail(&rig);
}

#[test]
fn a_length_beside_a_transfer_coding_does_not_count_and_ends_the_connection() {
    let rig = Rig::start();
    let body = json!({ "email": "hello@example.com" }).to_string();
    let smuggled = format!("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n{}", " ".repeat(20));
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n{smuggled}", body.len());
    let length = format!("Content-Length: {}\r\n", chunked.len());
    for framing in
        [format!("{length}Transfer-Encoding: chunked\r\n"), format!("Transfer-Encoding: chunked\r\n{length}")]
    {
        let head =
            format!("POST {CALL} HTTP/1.1\r\nHost: a\r\nAuthorization: {}\r\n{framing}\r\n", rig.authorization());
        let answer = raw(&rig, format!("{head}{chunked}").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\r\nconnection: close\r\n"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "what follows is not a second request: {answer}");
    }
    assert_eq!(rig.wait_for_mails("hello@example.com", 1).len(), 1);
}
