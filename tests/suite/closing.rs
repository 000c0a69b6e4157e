//! The end of a connection: how answers announce it, what causes it, and how it happens.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::connections::told;
use crate::people::in_system;
use crate::rig::Rig;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);
const RESET: &str = "/api/web/custom/password/admin_reset";
/// Longer than the part of an unread body that is drained.
const LARGE: usize = 1 << 20;

struct Line(BufReader<TcpStream>);

struct Said {
    status: u16,
    head: String,
}

impl Said {
    fn closes(&self) -> bool {
        self.head.to_lowercase().contains("\r\nconnection: close\r\n")
    }
}

impl Line {
    fn to(rig: &Rig) -> Self {
        let stream = TcpStream::connect(rig.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// The next answer; its body is read and forgotten.
    fn hear(&mut self) -> Said {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).unwrap(), 0, "closed without an answer: {head:?}");
        }
        let status = head[9..12].parse().unwrap();
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        self.0.read_exact(&mut vec![0; length.unwrap_or(0)]).unwrap();
        Said { status, head }
    }

    fn is_over(&mut self) -> bool {
        // Goes on behind a signal, which a bare read does not.
        self.0.by_ref().take(1).read_to_end(&mut Vec::new()).unwrap() == 0
    }

    /// Checks that the announcement was true: a connection that is kept carries another request, and one that is not is
    /// closed in order.
    fn check(&mut self, said: &Said, what: &str) {
        if said.closes() {
            assert!(self.is_over(), "{what}: nothing comes behind the last answer");
        } else {
            self.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
            assert_eq!(self.hear().status, 200, "{what}: the connection goes on");
        }
    }
}

/// A call that is refused before its body is read.
struct Refused {
    status: u16,
    line: String,
    headers: String,
}

fn refusals(rig: &Rig) -> Vec<Refused> {
    let reader = rig.add_member(rig.tenant(), "reader@example.com", in_system("ves-io-monitor-role"));
    let json = "Content-Type: application/json\r\n".to_string();
    let refused =
        |status, line: &str, headers: &str| Refused { status, line: line.into(), headers: json.clone() + headers };
    let reset = format!("POST {RESET}");
    vec![
        refused(401, &reset, ""),
        refused(401, "GET /api/web/custom/namespaces/system/whoami", ""),
        refused(403, &reset, &format!("Authorization: APIToken {reader}\r\n")),
        refused(403, "POST /signin", "Origin: https://evil.example\r\n"),
        refused(404, "POST /nowhere", ""),
        refused(404, "DELETE /signin", ""),
        refused(501, "DELETE /api/register/namespaces/system/tokens/a", ""),
        refused(400, "POST http://a..b/signin", ""),
        refused(200, "GET /livez", ""),
        refused(200, "GET /openapi.json", ""),
    ]
}

fn check_refusal(rig: &Rig, Refused { status, line, headers }: &Refused) {
    let head = |further: &str| format!("{line} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}{further}\r\n");
    for length in [0, 2, 9_000] {
        let mut small = Line::to(rig);
        small.send(head(&format!("Content-Length: {length}\r\n")) + &" ".repeat(length));
        let said = small.hear();
        assert_eq!((said.status, said.closes()), (*status, false), "{line} with {length} bytes: {}", said.head);
        small.check(&said, line);
    }
    let mut large = Line::to(rig);
    large.send(head(&format!("Content-Length: {LARGE}\r\n")));
    let said = large.hear();
    large.send(" ".repeat(LARGE));
    let expected = if said.status == 413 && line.starts_with("POST /") { 413 } else { *status };
    assert_eq!((said.status, said.closes()), (expected, true), "{line} with a large body: {}", said.head);
    large.check(&said, line);
    let mut held_back = Line::to(rig);
    held_back.send(head("Expect: 100-continue\r\nContent-Length: 2\r\n"));
    let said = held_back.hear();
    assert_eq!((said.status, said.closes()), (*status, true), "{line}: nobody asks for a body that nobody reads");
    held_back.check(&said, line);
    let mut chunked = Line::to(rig);
    chunked.send(head("Transfer-Encoding: chunked\r\n") + "2\r\n{}\r\n0\r\n\r\n");
    let said = chunked.hear();
    assert_eq!(said.status, *status, "{line} in chunks");
    chunked.check(&said, line);
}

#[test]
fn a_call_that_is_refused_before_its_body_says_whether_its_connection_goes_on() {
    let rig = Rig::start();
    for refused in refusals(&rig) {
        check_refusal(&rig, &refused);
    }
}

#[test]
fn so_does_one_for_which_there_is_no_room() {
    for status in [429, 503] {
        let rig = Rig::start();
        let planned = json!({ "next_calls": { "count": 1_000, "status": status } });
        assert_eq!(rig.post_open("/dev/faults", &planned).status, 200);
        let line = format!("POST {RESET}");
        check_refusal(&rig, &Refused { status, line, headers: format!("Authorization: {}\r\n", rig.authorization()) });
    }
    let rig = Rig::start();
    while rig.post_open("/reset/open", &json!({ "token": "none" })).status != 429 {}
    let headers = "Content-Type: application/json\r\n".into();
    check_refusal(&rig, &Refused { status: 429, line: "POST /reset/open".into(), headers });
}

#[test]
fn a_body_beyond_the_bound_is_thrown_away_while_that_is_cheap() {
    let rig = Rig::start();
    let head = |length: usize| {
        let authorization = rig.authorization();
        format!(
            "POST {RESET} HTTP/1.1\r\nHost: a\r\nAuthorization: {authorization}\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    for (length, closes) in [(17 * 1024, false), (64 * 1024, false), (65 * 1024, true), (LARGE, true)] {
        let mut line = Line::to(&rig);
        line.send(head(length));
        line.send(" ".repeat(length));
        let said = line.hear();
        assert_eq!((said.status, said.closes()), (413, closes), "{length}: {}", said.head);
        line.check(&said, &length.to_string());
    }
    let mut line = Line::to(&rig);
    line.send(head(2).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n"));
    assert_eq!(line.hear().status, 100, "what will be read is asked for");
    line.send("{}");
    let said = line.hear();
    assert_eq!((said.status, said.closes()), (400, false), "{}", said.head);
    line.check(&said, "a body that was asked for");
}

#[test]
fn an_older_client_is_told_the_same() {
    let rig = Rig::start();
    let mut line = Line::to(&rig);
    let head = |length: usize| {
        format!("POST /nowhere HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nContent-Length: {length}\r\n\r\n")
    };
    line.send(head(2) + "{}");
    let said = line.hear();
    assert!(said.head.to_lowercase().contains("\r\nconnection: keep-alive\r\n"), "{}", said.head);
    line.check(&said, "kept");
    let mut line = Line::to(&rig);
    line.send(head(LARGE));
    let said = line.hear();
    assert!(said.closes() && !said.head.contains("keep-alive"), "{}", said.head);
}

#[test]
fn a_line_of_a_head_that_ends_in_lf_alone_is_400_wherever_it_stands() {
    let rig = Rig::start();
    let clean = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";
    let post = "POST /signin HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n{\n\n}";
    for bare in [
        "GET /livez HTTP/1.1\nHost: a\n\n",
        "GET /livez HTTP/1.1\nHost: a\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\r\n\n",
        "\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /livez HTTP/1.0\n\n",
        "POST /signin HTTP/1.1\r\nHost: a\nContent-Length: 40\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n        ",
    ] {
        for before in ["", clean, post, "\r\n\r\n"] {
            let said = told(&rig, format!("{before}{bare}{clean}").as_bytes());
            let answers: Vec<&str> = said.match_indices("HTTP/1.").map(|(at, _)| &said[at + 9..at + 12]).collect();
            let expected: &[&str] = if before == clean {
                &["200", "400"]
            } else if before == post {
                &["400", "400"]
            } else {
                &["400"]
            };
            assert_eq!(answers, expected, "{before:?} {bare:?} {said}");
            assert!(said.contains("ends in LF alone") && said.contains("connection: close"), "{said}");
        }
    }
    let mut pieces = Line::to(&rig);
    for byte in format!("{post}{clean}\r\n{clean}").bytes() {
        pieces.send([byte]);
    }
    let statuses = [pieces.hear().status, pieces.hear().status, pieces.hear().status];
    assert_eq!(statuses, [400, 200, 200], "LF in a body is content");
}

/// Waits for longer than `seconds`.
fn sleep_beyond(seconds: u64) {
    std::thread::sleep(Duration::from_millis(seconds * 1000 + 400));
}

#[test]
fn an_idle_connection_is_kept_for_its_own_time_and_a_request_at_its_end_is_answered() {
    let ask = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";
    let rig = Rig::with(|config| (config.http.header_seconds, config.http.idle_seconds) = (1, 60));
    let mut kept = Line::to(&rig);
    kept.send(ask);
    assert_eq!(kept.hear().status, 200);
    sleep_beyond(1);
    kept.send(ask);
    assert_eq!(kept.hear().status, 200, "the time of a head is not that of an idle connection");
    kept.send("GET /livez HT");
    assert!(kept.is_over(), "a head that does not come has its own time");
    assert!(Line::to(&rig).is_over(), "and so has the first one");

    let rig = Rig::with(|config| (config.http.header_seconds, config.http.idle_seconds) = (60, 1));
    let (mut late, mut idle) = (Line::to(&rig), Line::to(&rig));
    for line in [&mut late, &mut idle] {
        line.send(ask);
        assert_eq!(line.hear().status, 200);
    }
    late.send("GET /livez HT");
    assert!(idle.is_over(), "nothing more came");
    late.send("TP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(late.hear().status, 200, "what has begun is answered");
    assert!(late.is_over());
}
