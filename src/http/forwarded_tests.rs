use proptest::prelude::*;

use super::*;

const PROXY: &str = "10.0.0.1";

/// All of 10.0.0.0/8 are trusted proxies.
fn is_trusted(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.octets()[0] == 10)
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn headers(lines: &[(&str, &[u8])]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name: header::HeaderName = name.parse().unwrap();
        headers.append(name, http::HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

fn client(lines: &[(&str, &[u8])]) -> IpAddr {
    Forwarded::default().client(address(PROXY), &headers(lines), is_trusted)
}

fn told(lines: &[(&str, &[u8])]) -> u8 {
    let forwarded = Forwarded::default();
    forwarded.client(address(PROXY), &headers(lines), is_trusted);
    forwarded.told.into_inner()
}

#[test]
fn an_address_is_read_in_every_form_that_proxies_write() {
    let forms = [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("[192.0.2.7]", ""),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:DB8:0::7]:4711", "2001:db8::7"),
        ("\"[2001:db8::7]:4711\"", "2001:db8::7"),
        ("fe80::7%eth0", "fe80::7"),
        ("[fe80::7%25eth0]:80", "fe80::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("[::ffff:192.0.2.7]:80", "192.0.2.7"),
        ("192.0.2.7:_port", "192.0.2.7"),
        ("192.0.2.7%eth0", ""),
        ("192.0.2.7:99999", ""),
        ("192.0.2.7:", ""),
        ("192.0.2.7:80:80", ""),
        ("192.0.2", ""),
        ("192.0.2.007", ""),
        ("[2001:db8::7", ""),
        ("[2001:db8::7]80", ""),
        ("2001:db8::7%", ""),
        ("client.example.com", ""),
        ("unknown", ""),
        ("_hidden", ""),
    ];
    for (written, read) in forms {
        let expected = if read.is_empty() { PROXY } else { read };
        assert_eq!(client(&[("x-forwarded-for", written.as_bytes())]), address(expected), "{written}");
        let quoted = format!("For=\"{}\"", written.trim_matches('"'));
        assert_eq!(client(&[("forwarded", quoted.as_bytes())]), address(expected), "{quoted}");
    }
}

#[test]
fn the_client_is_the_last_hop_that_is_no_proxy_of_ours() {
    let chains = [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 10.0.0.9, 10.0.0.8:80", "192.0.2.7"),
        ("203.0.113.1, 192.0.2.7, 10.0.0.9", "192.0.2.7"),
        ("nonsense, _hidden, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.9, 10.0.0.8", "10.0.0.9"),
        (", 192.0.2.7, ,", "192.0.2.7"),
        ("203.0.113.1, unknown", PROXY),
        ("203.0.113.1, unknown, 10.0.0.9", PROXY),
        ("203.0.113.1, 1.2.3, 10.0.0.9", PROXY),
        ("", PROXY),
        (" , ", PROXY),
    ];
    for (written, expected) in chains {
        assert_eq!(client(&[("x-forwarded-for", written.as_bytes())]), address(expected), "{written}");
        let elements = written.split(',').map(str::trim).filter(|hop| !hop.is_empty());
        let elements: Vec<_> = elements.map(|hop| format!("proto=https;for=\"{hop}\"")).collect();
        let line = elements.join(", ");
        assert_eq!(client(&[("forwarded", line.as_bytes())]), address(expected), "{line}");
    }
    let lines: [(&str, &[u8]); 2] = [("x-forwarded-for", b"203.0.113.1"), ("x-forwarded-for", b"\xff, 192.0.2.7")];
    assert_eq!(client(&lines), address("192.0.2.7"), "lines are one list, and its end is never cut off");
    let stranger = Forwarded::default().client(address("192.0.2.1"), &headers(&lines), is_trusted);
    assert_eq!(stranger, address("192.0.2.1"), "from anyone else the header means nothing");
}

#[test]
fn forwarded_is_read_as_its_grammar_says() {
    let lines = [
        ("for=192.0.2.7;proto=http;by=10.0.0.1", "192.0.2.7"),
        ("by=203.0.113.1;FOR=192.0.2.7", "192.0.2.7"),
        ("for=\"192.0.\\2.7\"", "192.0.2.7"),
        ("host=\"a,b;for=203.0.113.1\";for=192.0.2.7", "192.0.2.7"),
        ("for=203.0.113.1, for=192.0.2.7", "192.0.2.7"),
        ("for=203.0.113.1, for=\", for=192.0.2.7", PROXY),
        ("for=203.0.113.1;by=\", for=192.0.2.7", PROXY),
        ("for=203.0.113.1;by=a\", for=192.0.2.7", PROXY),
        ("for=203.0.113.1;\"=, for=192.0.2.7", PROXY),
        ("for=203.0.113.1;by=\"\\\", for=192.0.2.7", PROXY),
        ("for=203.0.113.1, proto=https", PROXY),
        ("for=192.0.2.7;for=203.0.113.1", PROXY),
        ("for=\"192.0.2.7\"x", PROXY),
        ("xfor=192.0.2.7", PROXY),
        ("for", PROXY),
        (";for=192.0.2.7;", "192.0.2.7"),
    ];
    for (line, expected) in lines {
        assert_eq!(client(&[("forwarded", line.as_bytes())]), address(expected), "{line}");
    }
}

#[test]
fn two_headers_are_believed_where_they_say_the_same() {
    let both =
        |x: &str, forwarded: &str| client(&[("x-forwarded-for", x.as_bytes()), ("forwarded", forwarded.as_bytes())]);
    assert_eq!(both("192.0.2.7", "for=203.0.113.1, for=192.0.2.7:80"), address("192.0.2.7"));
    assert_eq!(both("192.0.2.7", "proto=https"), address("192.0.2.7"));
    assert_eq!(both("192.0.2.7", "for=203.0.113.1"), address(PROXY));
    assert_eq!(both("192.0.2.7", "for=unknown"), address(PROXY));
}

#[test]
fn each_form_is_told_once() {
    let forms: [(&[u8], Form); 4] = [
        (b"unknown", Form::Unknown),
        (b"Unknown:80", Form::Unknown),
        (b"_hidden", Form::Obfuscated),
        (b"x\xff", Form::Unreadable),
    ];
    for (written, form) in forms {
        assert_eq!(told(&[("x-forwarded-for", written)]), form as u8, "{written:?}");
    }
    assert_eq!(told(&[("forwarded", b"for=192.0.2.7, proto=https")]), Form::Nameless as u8);
    assert_eq!(told(&[("x-forwarded-for", b"192.0.2.7")]) + told(&[]), 0);
}

proptest! {
    #[test]
    fn a_client_cannot_choose_its_own_address(written in prop::collection::vec(any::<u8>(), 0..40)) {
        let written: Vec<u8> = written.into_iter().filter(|byte| *byte >= b' ' && *byte != 127).collect();
        let added = [&written[..], b", 192.0.2.7"].concat();
        prop_assert_eq!(client(&[("x-forwarded-for", &added)]), address("192.0.2.7"));
        let added = [&written[..], b", for=192.0.2.7"].concat();
        let seen = client(&[("forwarded", &added)]);
        prop_assert!([address("192.0.2.7"), address(PROXY)].contains(&seen), "{}", seen);
    }
}
