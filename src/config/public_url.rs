//! The URL under which people reach the server. Links in mails are made from it and from nothing else.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::host::{is_domain, is_loopback};

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

    /// The URL without the label of a tenant, without a slash at the end.
    pub fn bare(&self) -> String {
        self.to_string().replacen(&format!("{TENANT}."), "", 1)
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
        let is_six = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host = match (is_six, host.strip_prefix("{tenant}.")) {
            (Some(six), _) => six.parse::<Ipv6Addr>().is_ok(),
            (None, Some(base)) => is_domain(base),
            (None, None) => is_domain(&host) || host.parse::<Ipv4Addr>().is_ok(),
        };
        if is_host && port != Some(0) { Ok(Self { scheme, host, port }) } else { Err(()) }
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
        assert_eq!(url.bare(), "https://id.example.com:8443");
        assert!(url.is_https() && !url.is_loopback());
    }

    #[test]
    fn a_url_without_tenant_is_the_same_for_all() {
        let url: PublicUrl = "http://[::1]:8080".parse().unwrap();
        assert_eq!(url.for_tenant("acme"), "http://[::1]:8080");
        assert_eq!((url.base_domain(), url.bare().as_str()), (None, "http://[::1]:8080"));
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
            "https://id.example.com:0",
            "https://10.0.0.256",
            "https://{tenant}.10.0.0.1",
            "https://id.example.com\r\nX: y",
        ];
        for text in refused {
            assert_eq!(text.parse::<PublicUrl>(), Err(()), "{text}");
        }
    }
}
