//! The URL under which people reach the server. Links in mails are made from it and from nothing else.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Where the name of the tenant goes in a public URL.
const TENANT: &str = "{tenant}";

/// Scheme, host and port, such as `https://{tenant}.id.example.com`. `{tenant}` may be the first
/// label of the host and stands for the name of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    scheme: &'static str,
    host: String,
    port: Option<u16>,
}

impl PublicUrl {
    /// The URL for one tenant, without a slash at the end.
    pub fn for_tenant(&self, tenant: &str) -> String {
        self.to_string().replace(TENANT, tenant)
    }

    /// Whether browsers reach it over TLS. Cookies take the `__Host-` prefix only then.
    pub fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    /// The host, possibly with `{tenant}` in front, without the port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, also where it is the usual one of the scheme.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.is_https() { 443 } else { 80 })
    }

    /// What follows `{tenant}.` in the host, if the host has it.
    pub fn base_domain(&self) -> Option<&str> {
        self.host.strip_prefix(TENANT)?.strip_prefix('.')
    }

    /// Whether the host can only be this machine (RFC 6761 § 6.3 for `localhost` and names beneath it).
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

/// Whether `host` can only be this machine: `localhost`, a name beneath it, or a loopback address.
pub fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost"
        || host.ends_with(".localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Whether `text` is a DNS name in lower case (RFC 1123 § 2.1), without a dot at the end.
pub fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

impl FromStr for PublicUrl {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (scheme, rest) = match text.split_once("://").ok_or(())? {
            ("https", rest) => ("https", rest),
            ("http", rest) => ("http", rest),
            _ => return Err(()),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = split_port(authority)?;
        let host = host.to_ascii_lowercase();
        let bare = host.strip_prefix("{tenant}.").unwrap_or(&host);
        let is_six = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host = is_six.map_or_else(|| is_domain(bare), |six| six.parse::<std::net::Ipv6Addr>().is_ok());
        if is_host { Ok(Self { scheme, host, port }) } else { Err(()) }
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), ()> {
    match authority.rsplit_once(':') {
        // Without this, the last group of a bare [::1] would be taken for a port.
        Some((host, port)) if !port.ends_with(']') => Ok((host, Some(port.parse().map_err(|_| ())?))),
        _ => Ok((authority, None)),
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_tenant_takes_its_place() {
        let url: PublicUrl = "https://{tenant}.ID.example.com:8443/".parse().unwrap();
        assert_eq!(url.for_tenant("acme"), "https://acme.id.example.com:8443");
        assert_eq!(url.base_domain(), Some("id.example.com"));
        assert!(url.is_https() && !url.is_loopback());
    }

    #[test]
    fn a_url_without_tenant_is_the_same_for_all() {
        let url: PublicUrl = "http://[::1]:8080".parse().unwrap();
        assert_eq!(url.for_tenant("acme"), "http://[::1]:8080");
        assert_eq!(url.base_domain(), None);
        assert!(url.is_loopback() && !url.is_https());
    }

    #[test]
    fn only_scheme_host_and_port_are_taken() {
        let refused = [
            "id.example.com",
            "ftp://id.example.com",
            "https://",
            "https://id.example.com/path",
            "https://id.example.com?x",
            "https://id.example.com#x",
            "https://jane@id.example.com",
            "https://id.{tenant}.example.com",
            "https://{tenant}",
            "https://id.example.com:port",
            "https://id..example.com",
            "https://id.example.com\r\nX: y",
        ];
        for text in refused {
            assert_eq!(text.parse::<PublicUrl>(), Err(()), "{text}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        assert!(["localhost", "{tenant}.localhost", "127.0.0.9", "[::1]", "::1"].into_iter().all(is_loopback));
        assert!(!["localhost.example.com", "notlocalhost", "10.0.0.1", ""].into_iter().any(is_loopback));
    }
}
