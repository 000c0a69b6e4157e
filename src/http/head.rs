//! What is known of a request before its body is read.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use http::{HeaderMap, Method, header};
use uuid::Uuid;

use super::host::Host;
use super::pairs;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::text;

/// Headers whose values are stored with the call's result.
const KEPT_HEADERS: [&str; 1] = ["idempotency-key"];

/// The request without its body.
pub struct Head {
    /// The method.
    pub method: Method,
    /// The host that the request names.
    pub host: Host,
    /// The path as routed.
    pub path: Arc<str>,
    /// The query, without the question mark.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The path's value for each `{name}` of the operation.
    pub params: Vec<(String, String)>,
    /// The client's address. Forwarding headers count only when they come from a configured proxy.
    pub address: IpAddr,
    /// Whether the call came by the socket in the data directory, which nobody but the owner of the files can open.
    pub is_local: bool,
    /// The id of the request; also the key of its audit record.
    pub request_id: Uuid,
    /// The present time, read once for the whole request.
    pub now: Timestamp,
    /// A write that has not begun by this time is not begun.
    pub deadline: Instant,
}

impl Head {
    /// A header as text; `None` if it is absent or is not text.
    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The path's value for `{name}`.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(param, _)| param == name).map(|(_, value)| value.as_str())
    }

    /// Refuses characters that no text may hold, in the query and in the headers whose values are stored. The query of
    /// a page is exempt: mail programs append what they like to a link, and pages ignore it.
    ///
    /// # Errors
    /// `Invalid`, with the name of the parameter or header.
    pub(super) fn check_texts(&self, is_page: bool) -> Result<()> {
        for name in KEPT_HEADERS {
            let is_text = |value: &http::HeaderValue| value.to_str().is_ok_and(|text| text::check(name, text).is_ok());
            if !self.headers.get_all(name).iter().all(is_text) {
                return Err(Error::invalid(format!("The header {name} holds something other than printing ASCII.")));
            }
        }
        if is_page { Ok(()) } else { pairs::check(&self.query) }
    }

    /// All values of a cookie, without quotes. There may be several, since another host of our domain can set a cookie
    /// of the same name. Other cookies in the header may hold any bytes (RFC 6265 § 5.4 allows them).
    pub fn cookies(&self, name: &str) -> impl Iterator<Item = &str> {
        let lines = self.headers.get_all(header::COOKIE).iter().map(http::HeaderValue::as_bytes);
        let pairs = lines.flat_map(|line| line.split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
        pairs.filter_map(move |pair| {
            let value = std::str::from_utf8(pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?).ok()?;
            Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
        })
    }
}
