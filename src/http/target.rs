//! The host that a request is for (RFC 9112 § 3.2).

use http::header::{self, HeaderMap};
use http::request::Parts;
use http::{Method, Version};

use super::host::Host;
use crate::error::{Error, Result};

/// The host, and whether the request names one (HTTP/1.0 need not). An error if the host is named twice, is missing or
/// cannot be a host, if the target has another form, or if a line of the head ends in LF alone (`is_clean`).
pub(super) fn host(request: &Parts, is_clean: bool) -> (Host, Result<bool>) {
    match if is_clean { read(request) } else { Err(bare_line_end()) } {
        Ok(host) => (host.clone().unwrap_or_default(), Ok(host.is_some())),
        Err(failure) => (Host::default(), Err(failure)),
    }
}

fn read(Parts { version, method, uri, headers, .. }: &Parts) -> Result<Option<Host>> {
    let named = named(*version, headers)?;
    match (uri.scheme_str(), uri.authority()) {
        // § 3.2.2: the target takes precedence over the header.
        (Some("http" | "https"), Some(authority)) => {
            Host::parse(authority.as_str()).map(Some).ok_or_else(|| invalid("The host in the target"))
        }
        (None, Some(_)) if *method == Method::CONNECT => Ok(named),
        (None, None) if uri.path() != "*" || *method == Method::OPTIONS => Ok(named),
        _ => Err(Error::invalid("The target of the request is no path. Send one that begins with a slash.")),
    }
}

fn named(version: Version, headers: &HeaderMap) -> Result<Option<Host>> {
    let mut named = headers.get_all(header::HOST).iter();
    match (named.next(), named.next()) {
        (Some(host), None) => {
            let host = host.to_str().ok().and_then(Host::parse);
            host.map(Some).ok_or_else(|| invalid("The header Host"))
        }
        (None, _) if version < Version::HTTP_11 => Ok(None),
        _ => Err(unnamed()),
    }
}

fn bare_line_end() -> Error {
    Error::invalid("A line of the head ends in LF alone. End each in CR LF (RFC 9112 § 2.2).")
}

/// The error for a request that must name its host and does not.
pub(super) fn unnamed() -> Error {
    Error::invalid("The request must name its host exactly once.")
}

fn invalid(what: &str) -> Error {
    Error::invalid(format!("{what} is no host. Send a name or an address, and perhaps a port."))
}
