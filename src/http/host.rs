//! The host that a request, an `Origin` or a `cname` names. It is normalised here and nowhere else, so that all rules
//! about hosts see the same form.

use std::net::{IpAddr, Ipv6Addr};

/// A host and an optional port: lower case, without the dot that ends a full name (RFC 1034 § 3.1), an IPv6 address in
/// brackets and in canonical form (RFC 5952). The default stands for a request that names no host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    /// Reads `uri-host [ ":" port ]` (RFC 9110 § 7.2). `None` for text that is neither a name nor an address: user
    /// information, an empty label, a port above 65535, a zone (RFC 6874 § 4), letters outside ASCII.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, rest) = rest.split_once(']')?;
                (format!("[{}]", address.parse::<Ipv6Addr>().ok()?), rest)
            }
            None => {
                let (name, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
                let name = name.strip_suffix('.').unwrap_or(name);
                is_name(name).then(|| (name.to_ascii_lowercase(), rest))?
            }
        };
        let port = match rest {
            // RFC 3986 § 3.2.3: a colon without digits means no port.
            "" | ":" => None,
            _ => Some(port(rest.strip_prefix(':')?)?),
        };
        Some(Self { name, port })
    }

    /// Reads the host of an absolute URL, such as an `Origin` or a `Referer`, with the scheme's port if it names none.
    pub fn of_url(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let default = default_port(scheme)?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host = Self::parse(authority)?;
        Some(Self { port: host.port.or(Some(default)), ..host })
    }

    /// Without the port.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a page at this address, from [`Host::of_url`], belongs to `other`, the host of a request. If that names
    /// no port, any scheme's default port matches: only the proxy in front knows the scheme.
    pub fn is_page_of(&self, other: &Self) -> bool {
        let is_default = matches!(self.port, Some(80 | 443));
        self.name == other.name && (self.port == other.port || other.port.is_none() && is_default)
    }

    /// The name in front of the base domain; `None` for the bare host, and if no base domain is set.
    pub fn tenant_under(&self, base_domain: &str) -> Option<&str> {
        let beneath = self.name.strip_suffix(base_domain).filter(|_| !base_domain.is_empty());
        beneath?.strip_suffix('.')
    }

    /// The IP address, if the host is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.name.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// RFC 1123 § 2.1, and underscores, which names inside clusters and compositions have.
fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(is_plain);
    text.len() <= 253 && text.split('.').all(is_label)
}

fn port(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn host(text: &str) -> Host {
        Host::parse(text).unwrap_or_else(|| panic!("{text} is a host"))
    }

    #[test]
    fn one_host_has_one_form() {
        for text in ["acme.localhost", "ACME.LocalHost", "acme.localhost.", "Acme.localhost.:"] {
            assert_eq!(host(text), Host { name: "acme.localhost".into(), port: None }, "{text}");
        }
        assert_eq!(host("acme.localhost.:8080"), Host { name: "acme.localhost".into(), port: Some(8080) });
        for text in ["[::1]:80", "[0:0::0:1]:080", "[0000:0000:0000:0000:0000:0000:0000:0001]:80"] {
            assert_eq!(host(text), Host { name: "[::1]".into(), port: Some(80) }, "{text}");
        }
        assert_eq!(host("[2001:DB8::A]").name(), "[2001:db8::a]");
        assert_eq!(host("web_1:8080").name(), "web_1");
    }

    #[test]
    fn what_can_be_no_host_is_none() {
        let (long, longer) = ("a".repeat(64), vec!["abc"; 70].join("."));
        let plain = ". .. :80 a..b .a a... a,b a/b a@b a?b a#b a\\b a%62 \"a\" 'a' <a> a;b a=b a* é a:b a:80:80 a:65536 a:-1 \
                     a:+1 ::1 [::1 ::1] [] [::1]x [::1]80 [a] [127.0.0.1] [fe80::1%25eth0] [fe80::1%eth0] [v1.a] http://a";
        let further = ["", "a b", "a\tb", "a\0", "a: 80", &long, &longer];
        for text in plain.split(' ').chain(further) {
            assert_eq!(Host::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_tenant_stands_in_front_of_the_base_domain_and_nowhere_else() {
        let tenant = |text: &str, base: &str| host(text).tenant_under(base).map(str::to_owned);
        assert_eq!(tenant("ACME.id.example.com.:443", "id.example.com").as_deref(), Some("acme"));
        assert_eq!(tenant("a.b.id.example.com", "id.example.com").as_deref(), Some("a.b"), "no tenant has such a name");
        for text in ["id.example.com", "id.example.com.", "acmeid.example.com", "127.0.0.1", "[::1]"] {
            assert_eq!(tenant(text, "id.example.com"), None, "{text}");
        }
        assert_eq!((tenant("acme.", ""), tenant("acme.localhost", "")), (None, None));
    }

    #[test]
    fn a_page_is_of_the_host_that_it_came_from() {
        let is_page = |url: &str, of: &str| Host::of_url(url).is_some_and(|page| page.is_page_of(&host(of)));
        let ours = [
            ("http://acme.localhost:8080", "ACME.localhost.:8080"),
            ("HTTPS://Acme.Example.com", "acme.example.com"),
            ("https://acme.example.com", "acme.example.com:443"),
            ("http://acme.example.com", "acme.example.com:80"),
            ("https://acme.example.com/signin?x=1", "acme.example.com"),
            ("http://[0:0::1]:8080", "[::1]:8080"),
        ];
        let foreign = [
            ("null", "acme.example.com"),
            ("https://evil.example", "acme.example.com"),
            ("https://acme.example.com.evil.example", "acme.example.com"),
            ("https://acme.example.com@evil.example", "acme.example.com"),
            ("https://acme.example.com:8443", "acme.example.com"),
            ("https://acme.example.com", "acme.example.com:8443"),
            ("http://acme.example.com", "acme.example.com:443"),
            ("ftp://acme.example.com", "acme.example.com"),
            ("acme.example.com", "acme.example.com"),
            ("https://", "acme.example.com"),
        ];
        ours.iter().for_each(|(url, of)| assert!(is_page(url, of), "{url} is of {of}"));
        foreign.iter().for_each(|(url, of)| assert!(!is_page(url, of), "{url} is not of {of}"));
    }

    proptest! {
        #[test]
        fn a_form_that_was_found_is_found_again(text in "[A-Za-z0-9._:\\[\\]-]{0,30}") {
            if let Some(found) = Host::parse(&text) {
                prop_assert_eq!(Host::parse(found.name()).map(|host| host.name), Some(found.name));
            }
        }
    }
}
