//! The host of a request, in every spelling that means it, before every rule that looks at it.

use serde_json::json;

use crate::people::owner;
use crate::rig::Rig;
use crate::wire::{Reply, Wire};

const WHO: &str = "/api/web/custom/namespaces/system/whoami";
const RESET: &str = "/api/web/custom/password/admin_reset";
const WISH: &str = "/no_auth/send_password_email";
const PAGE: &str = "Accept: text/html\r\n";
const JSON: &str = "Content-Type: application/json\r\n";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\nAccept: text/html\r\n";

/// One way to name a host: the text before the path in the target, and the header.
#[derive(Debug, Clone)]
struct Spelt {
    target: String,
    host: String,
}

/// Every way to name `host` on this port.
fn spellings(host: &str, port: u16) -> Vec<Spelt> {
    let upper = host.to_uppercase();
    let hosts = [
        host.to_string(),
        upper.clone(),
        format!("{host}."),
        format!("{host}:{port}"),
        format!("{upper}.:{port}"),
        format!("{host}:"),
    ];
    let mut all: Vec<Spelt> = hosts.into_iter().map(|host| Spelt { target: String::new(), host }).collect();
    for target in [format!("http://{host}:{port}"), format!("HTTP://{upper}."), format!("https://{host}")] {
        // RFC 9112 § 3.2.2: the target stands over the header.
        all.push(Spelt { target, host: "neighbour.localhost".into() });
    }
    all
}

/// Two tenants, with a person and a token in each.
struct Place {
    rig: Rig,
    wire: Wire,
    neighbours_token: String,
    cookie: String,
}

impl Place {
    fn new() -> Self {
        let rig = Rig::start();
        let cookie = rig.session("admin@example.com", &rig.sample.admin_password.clone());
        let tenant = rig.add_tenant("neighbour");
        rig.add_user(tenant, "hello@example.com", |_| {});
        let neighbours_token = rig.add_member(tenant, "noah@example.net", owner());
        Self { wire: Wire::to(rig.address), rig, neighbours_token, cookie }
    }

    fn ask(&mut self, spelt: &Spelt, line: (&str, &str), headers: &str, body: &str) -> Reply {
        let ((method, path), Spelt { target, host }, length) = (line, spelt, body.len());
        let head = format!("{method} {target}{path} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {length}");
        self.wire.call(format!("{head}\r\n\r\n{body}")).unwrap_or_else(|| panic!("{spelt:?} {path} is answered"))
    }

    fn get(&mut self, spelt: &Spelt, path: &str, headers: &str) -> Reply {
        self.ask(spelt, ("GET", path), headers, "")
    }

    fn reset(&mut self, spelt: &Spelt, token: &str) -> u16 {
        let headers = format!("{JSON}Authorization: APIToken {token}\r\n");
        self.ask(spelt, ("POST", RESET), &headers, r#"{"email":"hello@example.com"}"#).status
    }

    fn sign_in_from(&mut self, spelt: &Spelt, origin: &str) -> u16 {
        let headers = format!("{FORM}Origin: {origin}\r\n");
        self.ask(spelt, ("POST", "/signin"), &headers, "email=nobody%40example.com&password=wrong").status
    }

    fn wish(&mut self, spelt: &Spelt, cname: &str) -> Reply {
        let body = json!({ "email": "hello@example.com", "cname": cname }).to_string();
        self.ask(spelt, ("POST", WISH), JSON, &body)
    }
}

/// The users with an open reset, by the names of their tenants.
fn resets(rig: &Rig) -> [i64; 2] {
    let count = "SELECT count(*) FROM resets r JOIN tenants t ON t.id = r.tenant WHERE t.name = $1";
    [rig.sample.tenant, "neighbour"].map(|name| rig.number(count, &[name.into()]))
}

#[test]
fn a_tenants_host_means_the_same_to_every_rule_however_it_is_spelt() {
    let mut place = Place::new();
    let port = place.rig.address.port();
    let (ours, theirs) = (place.rig.sample.api_token.clone(), place.neighbours_token.clone());
    let cookie = place.cookie.clone();
    let origin = format!("http://example-corp.localhost:{port}");
    for spelt in spellings("example-corp.localhost", port) {
        for path in ["/signin", "/nowhere"] {
            let page = place.get(&spelt, path, PAGE);
            assert!(page.body.contains("Example Corp"), "{spelt:?} {path}: {}", page.body);
        }
        let who = |token: &str| format!("Authorization: APIToken {token}\r\n");
        assert_eq!(place.get(&spelt, WHO, &who(&ours)).status, 200, "{spelt:?}");
        assert_eq!(place.get(&spelt, WHO, &who(&theirs)).status, 401, "{spelt:?}");
        for _ in 0..2 {
            // The second time both callers are presumed.
            assert_eq!((place.reset(&spelt, &ours), place.reset(&spelt, &theirs)), (200, 401), "{spelt:?}");
        }
        assert_eq!(place.get(&spelt, "/account", &format!("{PAGE}Cookie: {cookie}\r\n")).status, 200, "{spelt:?}");
        let is_with_port = spelt.host.contains(&port.to_string()) || spelt.target.contains(&port.to_string());
        let own = if is_with_port { origin.as_str() } else { "http://Example-Corp.localhost" };
        assert_ne!(place.sign_in_from(&spelt, own), 403, "{spelt:?}: a form of our own is looked at");
        for foreign in ["http://neighbour.localhost", "https://evil.example", "http://example-corp.localhost:1", "null"]
        {
            assert_eq!(place.sign_in_from(&spelt, foreign), 403, "{spelt:?}: {foreign}");
        }
    }
    place.rig.clock.advance_seconds(7200);
    let before = resets(&place.rig);
    for (nth, spelt) in spellings("example-corp.localhost", port).iter().enumerate() {
        place.rig.clock.advance_seconds(3600);
        assert_eq!(place.wish(spelt, "neighbour").status, 200, "{spelt:?}");
        place.rig.wait_for_mails("hello@example.com", 2 + nth);
    }
    assert_eq!(resets(&place.rig)[1], before[1], "where the host names a tenant, the name beside it means nothing");
    for mail in place.rig.mails("hello@example.com") {
        let link = mail["link"].as_str().unwrap();
        assert!(link.starts_with(&format!("{origin}/reset#")), "no link is made from a header: {link}");
    }
}

#[test]
fn one_allowance_counts_for_all_spellings_of_a_host() {
    let mut place = Place::new();
    let spellings = spellings("example-corp.localhost", place.rig.address.port());
    let statuses: Vec<u16> = spellings
        .iter()
        .cycle()
        .take(61)
        .collect::<Vec<_>>()
        .into_iter()
        .map(|spelt| place.ask(spelt, ("POST", "/reset/open"), JSON, r#"{"token":"none"}"#).status)
        .collect();
    assert_eq!((statuses[0], statuses[59], statuses[60]), (400, 400, 429));
}

#[test]
fn on_the_bare_host_a_credential_decides_and_else_cname() {
    let mut place = Place::new();
    let port = place.rig.address.port();
    let (ours, theirs) = (place.rig.sample.api_token.clone(), place.neighbours_token.clone());
    let mut bare = spellings("localhost", port);
    bare.extend(spellings("127.0.0.1", port));
    bare.extend([format!("[::1]:{port}"), "[0:0::1]".into()].map(|host| Spelt { target: String::new(), host }));
    for spelt in &bare {
        assert_eq!(place.get(spelt, "/signin", PAGE).status, 400, "{spelt:?}: whose page would it be");
        for token in [&ours, &theirs] {
            let who = place.get(spelt, WHO, &format!("Authorization: APIToken {token}\r\n"));
            assert_eq!(who.status, 200, "{spelt:?}");
        }
    }
    for (nth, cname) in ["neighbour", "NEIGHBOUR", "neighbour.", "Neighbour.localhost"].iter().enumerate() {
        let spelt = &bare[nth * 3];
        place.rig.clock.advance_seconds(3600);
        assert_eq!(place.wish(spelt, cname).status, 200, "{spelt:?} {cname}");
        place.rig.wait_for_mails("hello@example.com", nth + 1);
        assert_eq!(resets(&place.rig)[0], 0, "{spelt:?} {cname}");
    }
    for nobody in ["nobody", "not a name", "a..b", "neighbour.example.com"] {
        assert_eq!(place.wish(&bare[0], nobody).body, "{}", "{nobody}: nobody learns which tenants there are");
    }
    assert_eq!(place.wish(&bare[0], "").status, 400);
    assert_eq!(place.rig.mails("hello@example.com").len(), 4);
}

#[test]
fn what_can_be_no_host_is_400_wherever_it_is_asked_for() {
    let mut place = Place::new();
    let hosts = [
        "",
        "a b",
        "a,b",
        "a/b",
        "user@example-corp.localhost",
        "a..b",
        ".",
        "example-corp.localhost..",
        "a:b",
        "a:65536",
        "a:80:80",
        "[::1",
        "[]",
        "[a]",
        "::1",
        "[fe80::1%25eth0]",
        "example-corp.localhost\\",
        "%65xample-corp.localhost",
        "\"localhost\"",
        "example-corp.localhost#",
        "b\u{fc}cher.localhost",
    ];
    let token = format!("Authorization: APIToken {}\r\n", place.rig.sample.api_token);
    for host in hosts {
        for path in ["/signin", "/account", "/livez", "/nowhere", "/dev/mailbox", WHO] {
            let spelt = Spelt { target: String::new(), host: host.into() };
            assert_eq!(place.get(&spelt, path, &token).status, 400, "{host:?} {path}");
        }
        let spelt = Spelt { target: String::new(), host: host.into() };
        assert_eq!(place.reset(&spelt, &place.rig.sample.api_token.clone()), 400, "{host:?}");
    }
    assert_eq!(resets(&place.rig), [0, 0]);
}

#[test]
fn a_target_that_is_no_path_and_no_whole_address_is_400() {
    let mut place = Place::new();
    let targets = [
        "http://",
        "http:///signin",
        "http:/signin",
        "http:signin",
        "signin",
        "example-corp.localhost",
        "*",
        "ftp://example-corp.localhost/signin",
        "http://user@example-corp.localhost/signin",
        "http://a:b/signin",
        "http://a:99999/signin",
        "http://a..b/signin",
        "http://[::1/signin",
        "http://[a]/signin",
        "://a/signin",
        "http://a b/signin",
        "http://%61/signin",
        "http://example-corp.localhost:80:80/signin",
        "//",
    ];
    for target in &targets[..targets.len() - 1] {
        let spelt = Spelt { target: (*target).into(), host: "example-corp.localhost".into() };
        assert_eq!(place.get(&spelt, "", PAGE).status, 400, "{target}");
    }
    let spelt = Spelt { target: "http://example-corp.localhost/signin".into(), host: "a..b".into() };
    assert_eq!(
        place.get(&spelt, "", PAGE).status,
        400,
        "a header that is no host is refused even where it does not count"
    );
}

#[test]
fn probes_speak_http_1_0_without_a_host_and_nothing_else_does() {
    let mut place = Place::new();
    let ask = |place: &mut Place, path: &str, headers: &str| {
        place.wire.close();
        place.wire.call(format!("GET {path} HTTP/1.0\r\n{headers}\r\n")).expect("an answer")
    };
    for path in ["/livez", "/readyz", "/metrics"] {
        let reply = ask(&mut place, path, "");
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        assert!(reply.head.starts_with("HTTP/1.0 "), "{path}: {}", reply.head);
        assert_eq!(ask(&mut place, path, "Host: a\r\nHost: a\r\n").status, 400, "{path}");
        place.wire.close();
        let newer = place.wire.call(format!("GET {path} HTTP/1.1\r\n\r\n")).unwrap();
        assert_eq!(newer.status, 400, "{path}: RFC 9112 § 3.2");
    }
    for path in ["/signin", "/openapi.json", WHO] {
        assert_eq!(ask(&mut place, path, "").status, 400, "{path}");
    }
    assert_eq!(ask(&mut place, "/signin", "Host: example-corp.localhost\r\n").status, 200);
}
