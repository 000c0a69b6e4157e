//! Data added by browsers and proxies: foreign cookies and credentials, and the client's address.

use serde_json::json;

use crate::connections::told;
use crate::installation::Site;
use crate::rig::Rig;

const WHO: &str = "/api/web/custom/namespaces/system/whoami";

/// The status of a GET with these lines in its head, which may hold any bytes.
fn status(rig: &Rig, path: &str, lines: &[&[u8]]) -> u16 {
    let mut head = format!("GET {path} HTTP/1.1\r\nHost: example-corp.localhost\r\nConnection: close\r\n").into_bytes();
    for line in lines {
        head.extend_from_slice(line);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    told(rig, &head)[9..12].parse().unwrap()
}

fn line(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn our_cookie_is_found_between_any_foreign_cookies() {
    let rig = Rig::start();
    let cookie = rig.session("admin@example.com", &rig.sample.admin_password.clone());
    let (own, (name, value)) = (cookie.as_bytes(), cookie.split_once('=').unwrap());
    let quoted = format!("{name}=\"{value}\"");
    let lines = [
        line(&[b"Cookie: ", own]),
        line(&[b"cookie:", own]),
        line(&["Cookie: firma=Müller; ".as_bytes(), own]),
        line(&[b"Cookie: ", own, "; name=José".as_bytes()]),
        line(&[b"Cookie: firma=M\xfcller; ", own]),
        line(&[b"Cookie: x=\xff\xfe; ", own, b"; y=\x80\t\x81"]),
        line(&[b"Cookie: \xe4\xf6=1;", own]),
        line(&[b"Cookie: bare; =nameless; ;; ", own, b";"]),
        line(&[b"Cookie: q=\"a b\"; j={\"k\":[1,2]}; ", own]),
        line(&[b"Cookie: open=\"never closed; ", own]),
        line(&[b"Cookie: a=b\t;\t", own, b"\t;c=d"]),
        line(&[b"Cookie: ", quoted.as_bytes()]),
        line(&[b"Cookie: tenantry-device=x.y; ", own]),
        line(&[b"Cookie: tenantry=; tenantry=1; tenantry=\xff; ", own]),
        line(&[b"Cookie: tenantry=1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; ", own]),
        line(&[b"Cookie: ", "p".repeat(16_000).as_bytes(), b"=1; ", own]),
    ];
    for line in &lines {
        let seen = String::from_utf8_lossy(&line[..line.len().min(90)]).into_owned();
        assert_eq!(status(&rig, WHO, &[line]), 200, "{seen}");
    }
    for (first, second) in [(&lines[0], &b"Cookie: a=\xff"[..]), (&b"Cookie: a=\xff".to_vec(), &lines[0][..])] {
        assert_eq!(status(&rig, WHO, &[first, second]), 200, "several headers");
    }
    for others in [&b"Cookie: xtenantry="[..], b"Cookie: tenantryx=", b"Cookie: Tenantry=", b"Cookie: a="] {
        assert_eq!(status(&rig, WHO, &[&line(&[others, value.as_bytes()])]), 401, "a cookie of another name");
    }
}

#[test]
fn a_known_device_is_recognised_among_foreign_cookies() {
    let rig = Rig::start();
    let (email, password) = ("hello@example.com", rig.sample.user_password.clone());
    let answered = rig.post_open("/signin", &json!({ "email": email, "password": password }));
    let device = answered.headers.iter().find(|(_, value)| value.starts_with("tenantry-device=")).unwrap();
    let device = device.1.split(';').next().unwrap().to_string();
    while rig.sign_in(email, "a guess of a stranger") == 401 {}
    let body = json!({ "email": email, "password": password }).to_string();
    for (before, behind) in [("", ""), ("firma=Müller; ", ""), ("tenantry-device=a.b; ", "; name=José")] {
        let head = format!(
            "POST /signin HTTP/1.1\r\nHost: example-corp.localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Cookie: {before}{device}{behind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        assert!(told(&rig, head.as_bytes()).starts_with("HTTP/1.1 204 "), "{before}{behind}");
    }
}

#[test]
fn a_credential_that_is_not_ours_or_over_changes_nothing_on_pages_and_open_calls() {
    let rig = Rig::start();
    let cookie = format!("Cookie: {}", rig.session("admin@example.com", &rig.sample.admin_password.clone()));
    let tenant = rig.tenant();
    let user = rig.add_user(tenant, "expired@example.com", |_| {});
    let expired = rig.add_token(tenant, &user, tenantry::clock::Timestamp(1));
    let other = rig.add_tenant("neighbour");
    let foreign = rig.add_member(other, "noah@example.net", crate::people::owner());
    let given: [Vec<u8>; 12] = [
        b"Authorization: Basic dXNlcjpwYXNz".to_vec(),
        b"Authorization: Digest username=\"a\"".to_vec(),
        b"Authorization: Negotiate YII=".to_vec(),
        b"Authorization: Bearer eyJhbGciOiJub25lIn0.e30.".to_vec(),
        format!("Authorization: APIToken {expired}").into_bytes(),
        format!("Authorization: Bearer {foreign}").into_bytes(),
        b"Authorization: APIToken".to_vec(),
        b"Authorization: ".to_vec(),
        b"Authorization: nonsense".to_vec(),
        b"Authorization: APIToken \xff\xfe".to_vec(),
        b"Authorization: \x80\x81\t".to_vec(),
        b"Authorization: Basic dXNlcjpwYXNz\r\nAuthorization: Bearer x".to_vec(),
    ];
    for line in &given {
        let seen = String::from_utf8_lossy(line).into_owned();
        let (page, signed_in) = (&b"Accept: text/html"[..], cookie.as_bytes());
        assert_eq!(status(&rig, "/account", &[page, signed_in, line]), 200, "{seen}");
        assert_eq!(status(&rig, "/account", &[page, line]), 303, "{seen}: nobody is signed in");
        for path in ["/signin", "/reset", "/forgot", "/dev/mailbox", "/livez", "/openapi.json"] {
            assert_eq!(status(&rig, path, &[page, line]), 200, "{seen} {path}");
        }
        assert_eq!(status(&rig, WHO, &[line]), 401, "{seen}: a call that asks for a credential refuses this one");
    }
    for (nth, line) in given.iter().enumerate() {
        rig.clock.advance_seconds(3600);
        let body = json!({ "email": "hello@example.com" }).to_string();
        let mut request = format!(
            "POST /no_auth/send_password_email HTTP/1.1\r\nHost: example-corp.localhost\r\nConnection: close\r\n\
             Content-Length: {}\r\n",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(&[line, format!("\r\n\r\n{body}").as_bytes()].concat());
        assert!(told(&rig, &request).starts_with("HTTP/1.1 200 "), "{}", String::from_utf8_lossy(line));
        rig.wait_for_mails("hello@example.com", nth + 1);
    }
}

#[test]
fn a_proxy_that_does_not_tell_its_clients_is_named_in_the_log_once_for_each_form() {
    let site = Site::new();
    site.init();
    let served = site.serve(&[("TENANTRY_HTTP_TRUSTED_PROXIES", "127.0.0.1")]);
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let ask = |name: &str, value: &str| {
        let asked = agent.get(format!("http://127.0.0.1:{}/signin", served.port)).header(name, value).call();
        assert_eq!(asked.unwrap().status(), 200, "{name}: {value}");
    };
    let lines = || {
        let log = std::fs::read_to_string(site.log()).unwrap();
        log.lines()
            .filter(|line| line.contains("did not tell the client's address"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for value in ["192.0.2.7", "[2001:db8::7]:80", "10.0.0.1, 192.0.2.7:80"] {
        ask("X-Forwarded-For", value);
        ask("Forwarded", &format!("for=\"{value}\"").replace(", ", "\", for=\""));
    }
    assert!(lines().is_empty(), "{:?}", lines());
    let forms = [
        ("X-Forwarded-For", "192.0.2.7, unknown", "unknown"),
        ("Forwarded", "for=_hidden", "obfuscated"),
        ("X-Forwarded-For", "x", "no IP address"),
    ];
    for (nth, (name, value, words)) in forms.into_iter().enumerate() {
        for _ in 0..3 {
            ask(name, value);
        }
        let lines = lines();
        assert_eq!(lines.len(), nth + 1, "{lines:?}");
        let line = &lines[nth];
        assert!(line.contains(words) && line.contains(name) && line.contains("127.0.0.1"), "{line}");
        assert!(!line.contains("192.0.2.7"), "{line}");
    }
}
