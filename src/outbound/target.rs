//! A URL that may be called, as far as its text tells. Pure: where its name leads is judged at each call.

use http::Uri;
use http::uri::Scheme;

use crate::error::{Error, Result};

/// The longest URL, in bytes.
const URL_BYTES_MAX: usize = 2_048;
/// Ports below are those of services that nobody has meant for this, but for the usual ones.
const PORT_LEAST: u16 = 1_024;

/// Where a call goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub(super) is_https: bool,
    /// A name or an address, without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Host and port as the other side is told them.
    pub(super) authority: String,
    /// Path and query.
    pub(super) path: String,
}

impl Target {
    /// Reads a URL; `allows_http` where http may do ([`super::Outbound::allows_http`]).
    ///
    /// # Errors
    /// `Invalid`, one sentence that names the field `url`.
    pub fn parse(url: &str, allows_http: bool) -> Result<Self> {
        let found = Self::read(url).ok_or_else(refused)?;
        if found.is_https || allows_http {
            return Ok(found);
        }
        Err(Error::invalid(
            "Field url must be https. http is only for the networks that the operator names in outbound.allowed_networks.",
        ))
    }

    /// Host and port, as they stand in the URL.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    fn read(url: &str) -> Option<Self> {
        let is_clean = url.bytes().all(|byte| byte.is_ascii_graphic()) && !url.contains(['#', '\\']);
        let uri: Uri = url.parse().ok().filter(|_| is_clean && url.len() <= URL_BYTES_MAX)?;
        let (scheme, authority) = (uri.scheme()?, uri.authority()?);
        let (is_https, usual) = if *scheme == Scheme::HTTPS {
            (true, 443)
        } else if *scheme == Scheme::HTTP {
            (false, 80)
        } else {
            return None;
        };
        // With a user in it, the host does not stand at the beginning.
        let behind = authority.as_str().strip_prefix(authority.host())?;
        let port = match behind.strip_prefix(':') {
            Some(port) => port.parse().ok()?,
            None => usual,
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let may_be = !host.is_empty() && !behind.contains('@') && (port == usual || port >= PORT_LEAST);
        may_be.then(|| Self {
            is_https,
            host: host.to_ascii_lowercase(),
            port,
            authority: authority.as_str().to_ascii_lowercase(),
            path: if path.starts_with('/') { path.to_owned() } else { format!("/{path}") },
        })
    }
}

fn refused() -> Error {
    Error::invalid(format!(
        "Field url must be https, without user and fragment, on port 443 or above 1023, in ASCII and of at most {URL_BYTES_MAX} \
         characters."
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(url: &str) -> Option<(bool, String, u16, String, String)> {
        let Target { is_https, host, port, authority, path } = Target::parse(url, true).ok()?;
        Some((is_https, host, port, authority, path))
    }

    #[test]
    fn a_url_is_taken_apart() {
        for (url, wanted) in [
            ("https://hooks.example.com", (true, "hooks.example.com", 443, "hooks.example.com", "/")),
            ("https://Hooks.Example.com/in?a=b", (true, "hooks.example.com", 443, "hooks.example.com", "/in?a=b")),
            ("HTTPS://hooks.example.com:8443/", (true, "hooks.example.com", 8443, "hooks.example.com:8443", "/")),
            ("http://[::1]:9000/x", (false, "::1", 9000, "[::1]:9000", "/x")),
            ("http://127.0.0.1?x", (false, "127.0.0.1", 80, "127.0.0.1", "/?x")),
        ] {
            let (is_https, host, port, authority, path) = wanted;
            assert_eq!(read(url), Some((is_https, host.into(), port, authority.into(), path.into())), "{url}");
        }
    }

    #[test]
    fn whatever_else_there_is_in_it_is_refused() {
        for url in [
            "",
            "hooks.example.com",
            "/in",
            "//hooks.example.com/in",
            "ftp://hooks.example.com/",
            "file:///etc/passwd",
            "https://",
            "https:///in",
            "https://user@hooks.example.com/",
            "https://user:word@hooks.example.com/",
            "https://hooks.example.com/#part",
            "https://hooks.example.com:",
            "https://hooks.example.com:22/",
            "https://hooks.example.com:80/",
            "http://hooks.example.com:443/",
            "https://hooks.example.com:65536/",
            "https://hooks.example.com\\@10.0.0.5/",
            "https://hooks.example.com/ in",
            "https://hooks.example.com/\r\nHost: other",
            "https://hööks.example.com/",
            "https://[::1/",
        ] {
            assert_eq!(read(url), None, "{url}");
        }
        assert_eq!(read(&format!("https://hooks.example.com/{}", "a".repeat(2_100))), None);
        assert!(Target::parse("http://hooks.example.com/", false).unwrap_err().message.contains("allowed_networks"));
    }

    proptest! {
        #[test]
        fn no_text_is_too_much_for_it(text in ".{0,80}", port: u16) {
            let _ = Target::parse(&text, true);
            let found = Target::parse(&format!("https://hooks.example.com:{port}/"), false);
            prop_assert_eq!(found.is_ok(), port == 443 || port >= 1024);
        }
    }
}
