//! The connection to a server: direct, or through the proxy that the environment names, with the rules of curl and most
//! other programs.
//!
//! This machine is never reached through a proxy, and names that mean this machine are not looked up: the token would
//! travel unencrypted to whatever machine a proxy or name server chose.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::config::{Network, PublicUrl};
use crate::error::{Error, Result};

/// For https only, since http is not used beyond this machine. If both spellings are set, the lower-case one counts.
const PROXIES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// The proxy for a server, if there is one.
///
/// # Errors
/// `Invalid` if the environment names an unusable proxy: a direct connection might not be what was meant.
pub fn proxy(url: &PublicUrl, environment: &[(String, String)]) -> Result<Option<ureq::Proxy>> {
    let Some((name, address)) = first(&PROXIES, environment) else { return Ok(None) };
    let exceptions = first(&EXCEPTIONS, environment).map_or("", |(_, list)| list);
    if url.is_loopback() || is_excepted(url, exceptions) {
        return Ok(None);
    }
    let proxy = ureq::Proxy::new(address).map_err(|cause| {
        Error::invalid(format!("{name} names no proxy; it looks like http://proxy.example.com:3128.")).caused_by(cause)
    });
    proxy.map(Some)
}

fn first<'a>(names: &[&'a str], environment: &'a [(String, String)]) -> Option<(&'a str, &'a str)> {
    let value = |name| environment.iter().find(|(known, value)| known == name && !value.trim().is_empty());
    names.iter().find_map(|name| value(*name).map(|(_, value)| (*name, value.trim())))
}

/// Whether a list such as `.example.com, 10.0.0.0/8, db:5432` or `*` exempts a server from the proxy.
fn is_excepted(url: &PublicUrl, list: &str) -> bool {
    list.split([',', ' ']).filter(|item| !item.is_empty()).any(|item| matches(url, &item.to_ascii_lowercase()))
}

fn matches(url: &PublicUrl, item: &str) -> bool {
    if item == "*" {
        return true;
    }
    let host = url.host().trim_start_matches('[').trim_end_matches(']');
    let (name, port) = split_port(item);
    if port.is_some_and(|port| port != url.port()) {
        return false;
    }
    let name = name.trim_start_matches('[').trim_end_matches(']');
    match (host.parse::<IpAddr>(), name.parse::<Network>()) {
        (Ok(address), Ok(network)) => network.contains(address),
        (Err(_), Err(())) => is_beneath(host, name),
        _ => false,
    }
}

/// A domain exempts itself and all names beneath it, with or without a dot or a star in front.
fn is_beneath(host: &str, name: &str) -> bool {
    let domain = name.trim_start_matches('*').trim_start_matches('.').trim_end_matches('.');
    let above = host.strip_suffix(domain);
    !domain.is_empty() && above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// Splits `host:port` and `[address]:port`; a bare IPv6 address has colons but no port.
fn split_port(item: &str) -> (&str, Option<u16>) {
    match item.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (item, None),
        },
        _ => (item, None),
    }
}

/// Looks names up, except those that always mean this machine (RFC 6761 § 6.3), which a name server might answer
/// differently.
#[derive(Debug)]
pub struct Names;

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        if host != "localhost" && !host.ends_with(".localhost") {
            return DefaultResolver::default().resolve(uri, config, timeout);
        }
        let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(usual);
        let mut found = self.empty();
        found.push((Ipv4Addr::LOCALHOST, port).into());
        found.push((Ipv6Addr::LOCALHOST, port).into());
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> PublicUrl {
        text.parse().unwrap()
    }

    fn is_proxied(server: &str, variables: &[(&str, &str)]) -> bool {
        let environment: Vec<_> = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        proxy(&url(server), &environment).unwrap().is_some()
    }

    #[test]
    fn this_machine_has_no_proxy() {
        for server in
            ["http://127.0.0.1:8080", "http://[::1]", "http://localhost", "https://acme.localhost", "https://127.9.9.9"]
        {
            for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
                assert!(!is_proxied(server, &[(name, "http://proxy.example.com:3128")]), "{name} for {server}");
            }
        }
    }

    #[test]
    fn https_beyond_it_has_the_proxy_of_https() {
        let server = "https://id.example.com";
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            assert!(is_proxied(server, &[(name, "http://proxy.example.com:3128")]), "{name}");
            assert!(!is_proxied(server, &[(name, " ")]), "{name}");
        }
        assert!(!is_proxied(server, &[("HTTP_PROXY", "http://proxy.example.com:3128")]));
        let both = [("HTTPS_PROXY", "http://large:1"), ("https_proxy", "http://small:1")];
        let both = both.map(|(name, value)| (name.to_string(), value.to_string()));
        assert_eq!(proxy(&url(server), &both).unwrap().unwrap().host(), "small");
        let none = [("HTTPS_PROXY".to_string(), "proxy of the company".to_string())];
        assert!(proxy(&url(server), &none).unwrap_err().message.starts_with("HTTPS_PROXY names no proxy"));
    }

    #[test]
    fn exceptions_are_domains_addresses_ranges_and_ports() {
        let cases: [(&str, &[&str], &[&str]); 4] = [
            (
                "https://id.example.com",
                &[
                    "*",
                    "example.com",
                    ".example.com",
                    "*.example.com",
                    "ID.Example.Com",
                    "id.example.com:443",
                    "a, example.com",
                    "a example.com",
                    "example.com.",
                ],
                &[
                    "",
                    "ample.com",
                    "le.com",
                    "id.example.com:8443",
                    "x.id.example.com",
                    "10.0.0.0/8",
                    "com.example",
                    ".",
                ],
            ),
            (
                "https://id.example.com:8443",
                &["id.example.com:8443", ".example.com:8443", "example.com"],
                &["example.com:443"],
            ),
            (
                "https://10.1.2.3:8443",
                &["10.1.2.3", "10.0.0.0/8", "10.1.2.3:8443", "127.0.0.1,10.1.2.0/24", "0.0.0.0/0"],
                &["10.1.2.4", "10.2.0.0/16", "10.1.2.3:443", "2.3", "10.1.2", "10.1.2.3/33", "::/0"],
            ),
            (
                "https://[2001:db8::7]:8443",
                &["2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:8443", "2001:db8::/32", "2001:DB8:0::7"],
                &["2001:db8::8", "[2001:db8::7]:443", "2001:db9::/32", "::1"],
            ),
        ];
        for (server, excepted, not) in cases {
            let is = |list: &str| !is_proxied(server, &[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", list)]);
            excepted.iter().for_each(|list| assert!(is(list), "{list} for {server}"));
            not.iter().for_each(|list| assert!(!is(list), "{list} for {server}"));
        }
    }
}
