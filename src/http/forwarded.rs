//! The client's address as trusted proxies report it: `X-Forwarded-For`, and `Forwarded` (RFC 7239).
//!
//! Each proxy appends the address of its peer. So the list is read from its end, and the first hop that is not a
//! trusted proxy is the client; the hops before it may be forged. If a hop cannot be read as an address, the client is
//! unknown. Limits and records then use the proxy's own address, so that unknown clients share one allowance, and the
//! log gives the reason once for each form.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU8, Ordering};

use http::header::{self, HeaderMap};

/// Reads the headers, and remembers which unreadable forms have been logged.
#[derive(Default)]
pub(super) struct Forwarded {
    told: AtomicU8,
}

/// Why the client is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Unknown = 1,
    Obfuscated = 2,
    Unreadable = 4,
    Nameless = 8,
    Disagreeing = 16,
}

/// What one of the two headers says about the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    Client(IpAddr),
    No(Form),
}

impl Form {
    fn words(self) -> &'static str {
        match self {
            Self::Unknown => "the word unknown (RFC 7239 § 6.2)",
            Self::Obfuscated => "an obfuscated name such as _hidden (RFC 7239 § 6.3)",
            Self::Unreadable => "something that is no IP address",
            Self::Nameless => "an element without for=",
            Self::Disagreeing => "another client than the other header",
        }
    }
}

impl Forwarded {
    /// The client of a request from `peer`.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
        let peer = peer.to_canonical();
        if !is_trusted(peer) {
            return peer;
        }
        let both = [
            ("X-Forwarded-For", nearest(&x_forwarded_for(headers), &is_trusted)),
            ("Forwarded", nearest(&forwarded(headers), &is_trusted)),
        ];
        let header = both.iter().find(|(_, said)| matches!(said, Said::No(_))).map_or("Forwarded", |(name, _)| name);
        match agreed(both[0].1, both[1].1) {
            Said::Client(client) => client,
            Said::Nothing => peer,
            Said::No(form) => {
                self.tell(peer, header, form);
                peer
            }
        }
    }

    fn tell(&self, proxy: IpAddr, header: &str, form: Form) {
        if self.told.fetch_or(form as u8, Ordering::Relaxed) & form as u8 != 0 {
            return;
        }
        tracing::warn!(
            %proxy, header, holds = form.words(),
            "a proxy of http.trusted_proxies did not tell the client's address: its own stands for it in limits and records. \
             Let it write the address, and remove the header that it does not write. This is said once."
        );
    }
}

/// A proxy passes on a header that it does not write itself, as the client sent it. So if both headers are present,
/// they must agree.
fn agreed(one: Said, other: Said) -> Said {
    match (one, other) {
        (said, Said::Nothing) | (Said::Nothing, said) => said,
        (Said::Client(one), Said::Client(other)) if one == other => Said::Client(one),
        (Said::Client(_), Said::Client(_)) => Said::No(Form::Disagreeing),
        (Said::No(form), _) | (_, Said::No(form)) => Said::No(form),
    }
}

/// The last hop that is not a trusted proxy; if all are, the first hop.
fn nearest(hops: &[Result<IpAddr, Form>], is_trusted: impl Fn(IpAddr) -> bool) -> Said {
    let mut nearest = Said::Nothing;
    for hop in hops.iter().rev() {
        match hop {
            Ok(address) if is_trusted(*address) => nearest = Said::Client(*address),
            Ok(address) => return Said::Client(*address),
            Err(form) => return Said::No(*form),
        }
    }
    nearest
}

fn x_forwarded_for(headers: &HeaderMap) -> Vec<Result<IpAddr, Form>> {
    let lines = headers.get_all("x-forwarded-for").iter().map(http::HeaderValue::as_bytes);
    // RFC 9110 § 5.6.1: empty elements of a list do not count.
    let elements = lines.flat_map(|line| line.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    elements.filter(|element| !element.is_empty()).map(|element| node(unquoted(element))).collect()
}

fn unquoted(element: &[u8]) -> &[u8] {
    element.strip_prefix(b"\"").and_then(|element| element.strip_suffix(b"\"")).unwrap_or(element)
}

/// The nodes of `for=`; empty if no element has one, since such a header is about other things.
fn forwarded(headers: &HeaderMap) -> Vec<Result<IpAddr, Form>> {
    let lines = headers.get_all(header::FORWARDED).iter().map(http::HeaderValue::as_bytes);
    let hops: Vec<_> =
        lines.flat_map(|line| split(line, b',')).filter(|element| !element.is_empty()).map(hop).collect();
    if hops.iter().all(|hop| *hop == Err(Form::Nameless)) { Vec::new() } else { hops }
}

/// One element: pairs separated by semicolons (RFC 7239 § 4). Each must be well formed: an unclosed quote could hide
/// what the proxy wrote.
fn hop(element: &[u8]) -> Result<IpAddr, Form> {
    let mut nodes = Vec::new();
    for pair in split(element, b';').into_iter().filter(|pair| !pair.is_empty()) {
        let at = pair.iter().position(|byte| *byte == b'=').ok_or(Form::Unreadable)?;
        let (name, value) = (pair[..at].trim_ascii(), unescaped(pair[at + 1..].trim_ascii()));
        let value = value.filter(|_| !name.contains(&b'"')).ok_or(Form::Unreadable)?;
        if name.eq_ignore_ascii_case(b"for") {
            nodes.push(value);
        }
    }
    match nodes.as_slice() {
        [] => Err(Form::Nameless),
        [only] => node(only),
        _ => Err(Form::Unreadable),
    }
}

/// The parts between separators, ignoring separators inside quotes.
fn split(text: &[u8], separator: u8) -> Vec<&[u8]> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let parts = text.split(|byte| {
        let is_end = *byte == separator && !is_quoted;
        is_quoted ^= *byte == b'"' && !is_escaped;
        is_escaped = is_quoted && *byte == b'\\' && !is_escaped;
        is_end
    });
    parts.map(<[u8]>::trim_ascii).collect()
}

/// A token as it is, or the content of a quoted string (RFC 9110 § 5.6.4).
fn unescaped(value: &[u8]) -> Option<Vec<u8>> {
    let Some(rest) = value.strip_prefix(b"\"") else { return (!value.contains(&b'"')).then(|| value.to_vec()) };
    let (mut text, mut rest) = (Vec::new(), rest.iter());
    loop {
        match rest.next()? {
            b'"' => return rest.as_slice().is_empty().then_some(text),
            b'\\' => text.push(*rest.next()?),
            byte => text.push(*byte),
        }
    }
}

/// The address in `address`, `address:port`, `[address]` or `[address]:port`. A zone is dropped: it names a network
/// link of the proxy.
fn node(text: &[u8]) -> Result<IpAddr, Form> {
    let text = std::str::from_utf8(text).map_err(|_| Form::Unreadable)?;
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or(Form::Unreadable)?,
        None if text.matches(':').count() == 1 => text.split_at(text.find(':').unwrap_or_default()),
        None => (text, ""),
    };
    if !(port.is_empty() || port.strip_prefix(':').is_some_and(is_port)) {
        return Err(Form::Unreadable);
    }
    if name.eq_ignore_ascii_case("unknown") {
        return Err(Form::Unknown);
    }
    if name.starts_with('_') {
        return Err(Form::Obfuscated);
    }
    let is_six_alone = text.starts_with('[');
    let address = without_zone(name).parse::<IpAddr>().ok().filter(|address| !is_six_alone || address.is_ipv6());
    address.map(|address| address.to_canonical()).ok_or(Form::Unreadable)
}

fn without_zone(name: &str) -> &str {
    match name.split_once('%') {
        Some((address, zone)) if !zone.is_empty() && address.parse::<Ipv6Addr>().is_ok() => address,
        _ => name,
    }
}

/// A number, or an obfuscated name for one (RFC 7239 § 6).
fn is_port(text: &str) -> bool {
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    match text.strip_prefix('_') {
        Some(name) => !name.is_empty() && is_name(name),
        None => text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok(),
    }
}

#[cfg(test)]
#[path = "forwarded_tests.rs"]
mod tests;
