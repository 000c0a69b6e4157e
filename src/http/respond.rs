//! Turns a handler's value or error into the answer on the wire. The only place with status codes.

mod failure;
mod format;
mod numbers;
mod success;

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use maud::Markup;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) use self::failure::{ErrorBody, Problem, ScimError};
pub(super) use self::format::{Format, error};
use self::numbers::status;
pub use self::success::Success;
use super::admission::Place;
use super::content::Content;
use super::form::Form;
use crate::error::{Error, Kind, Result};

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
/// Capacity for the headers of every answer and a few more.
const HEADERS: usize = 16;
const BODY_USUAL: usize = 1_536; // Most answers fit into this many bytes.

/// An answer without the headers that all answers share.
#[derive(Debug)]
pub struct Answer {
    pub(super) status: StatusCode,
    pub(super) content_type: &'static str,
    pub(super) body: Content,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    /// 200 with a body.
    pub fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status: StatusCode::OK, content_type, body: body.into().into(), headers: Vec::new() }
    }

    /// The same answer, which keeps the place of its call until all of it is made.
    pub(super) fn holding(mut self, place: Option<Place>) -> Self {
        self.body.hold_place(place);
        self
    }

    /// 200 with a page. Its referrer policy tells our own host the page's address: without it browsers send no `Origin`
    /// with forms.
    pub fn page(page: Markup) -> Self {
        Self::new("text/html; charset=utf-8", page.into_string()).with(header::REFERRER_POLICY, SAME_ORIGIN)
    }

    /// Hides the page's address from every host, since it may hold a secret.
    #[must_use]
    pub fn unreferred(self) -> Self {
        self.with(header::REFERRER_POLICY, NO_REFERRER)
    }

    /// The page again, with the errors of its form, under the status of `kind`.
    pub fn refused_page(page: Markup, kind: Kind) -> Self {
        Self { status: status(kind), ..Self::page(page) }
    }

    /// 204: done, no body.
    pub fn done() -> Self {
        Self { status: StatusCode::NO_CONTENT, ..Self::new("", Bytes::new()) }
    }

    /// 303: sends the browser to another page.
    pub fn see(path: &'static str) -> Self {
        let answer = Self { status: StatusCode::SEE_OTHER, ..Self::new("", Bytes::new()) };
        answer.with(header::LOCATION, HeaderValue::from_static(path))
    }

    /// 303 to a path that was made at run time; `Internal` if it cannot stand in a header.
    pub fn see_at(path: &str) -> Result<Self> {
        let place = HeaderValue::from_str(path).map_err(Error::internal)?;
        Ok(Self { status: StatusCode::SEE_OTHER, ..Self::new("", Bytes::new()) }.with(header::LOCATION, place))
    }

    /// 304: the browser's copy is current.
    pub fn unchanged() -> Self {
        Self { status: StatusCode::NOT_MODIFIED, ..Self::new("", Bytes::new()) }
    }

    /// The same answer with its validator, in quotes, or 304 if that is among those which the client knows (RFC 9110 § 8.8.3
    /// and § 13.1.2). The client asks each time, so that it never shows what is no more.
    ///
    /// # Errors
    /// `Internal` if the validator cannot stand in a header.
    pub fn validated(self, etag: &str, known: Option<&str>) -> Result<Self> {
        let value = HeaderValue::from_str(etag).map_err(Error::internal)?;
        let is_known =
            known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag));
        let answer = if is_known { Self::unchanged() } else { self };
        Ok(answer.with(header::ETAG, value).with(header::CACHE_CONTROL, HeaderValue::from_static("no-cache")))
    }

    /// 503 with one sentence, for readiness probes while the server starts or stops.
    pub fn unready(sentence: &'static str) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, ..Self::new("text/plain; charset=utf-8", sentence) }
    }

    /// The same answer; what it says in JSON has the media type of the form.
    pub(super) fn in_form(mut self, form: Form) -> Self {
        if self.content_type == Form::Api.media_type() {
            self.content_type = form.media_type();
        }
        self
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// A value that a handler may return.
pub trait IntoAnswer {
    /// The answer on the wire.
    ///
    /// # Errors
    /// `Internal` when the value cannot be written as JSON.
    fn into_answer(self) -> Result<Answer>;

    /// The answers on success for the documentation; empty if only the operation's row can tell.
    fn successes() -> Vec<Success>;
}

impl IntoAnswer for Answer {
    fn into_answer(self) -> Result<Answer> {
        Ok(self)
    }

    fn successes() -> Vec<Success> {
        Vec::new()
    }
}

/// 200 with a JSON object.
pub struct Json<T>(pub T);

impl<T: Serialize + JsonSchema> IntoAnswer for Json<T> {
    fn into_answer(self) -> Result<Answer> {
        let mut body = Vec::with_capacity(BODY_USUAL);
        serde_json::to_writer(&mut body, &self.0).map_err(Error::internal)?;
        Ok(Answer::new("application/json", body))
    }

    fn successes() -> Vec<Success> {
        vec![Success::json::<T>()]
    }
}

/// 201 with a JSON object: it was made, and is found at `location` (RFC 9110 § 15.3.2).
pub struct Created<T> {
    /// The object.
    pub value: T,
    /// Its path or URL.
    pub location: String,
}

impl<T: Serialize + JsonSchema> IntoAnswer for Created<T> {
    fn into_answer(self) -> Result<Answer> {
        let location = HeaderValue::from_str(&self.location).map_err(Error::internal)?;
        let answer = Json(self.value).into_answer()?.with(header::LOCATION, location);
        Ok(Answer { status: StatusCode::CREATED, ..answer })
    }

    fn successes() -> Vec<Success> {
        vec![Success::created::<T>()]
    }
}

/// `{}`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EmptyObject {}

/// 200 with `{}`.
#[derive(Default)]
pub struct Empty {
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Empty {
    /// `{}` with a header.
    pub fn with(name: HeaderName, value: HeaderValue) -> Self {
        Self::default().and(name, value)
    }

    /// One more header.
    #[must_use]
    pub fn and(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl IntoAnswer for Empty {
    fn into_answer(self) -> Result<Answer> {
        Ok(Answer { headers: self.headers, ..Answer::new("application/json", Bytes::from_static(b"{}")) })
    }

    fn successes() -> Vec<Success> {
        vec![Success::json::<EmptyObject>()]
    }
}

/// Adds the headers that all answers share.
pub(super) fn finish(answer: Answer, request_id: &str, policy: &'static str, demands_https: bool) -> Response<Content> {
    let mut response = Response::new(answer.body);
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    if !answer.content_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::REFERRER_POLICY, NO_REFERRER);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(OPENER_POLICY, SAME_ORIGIN);
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static("camera=(), geolocation=(), microphone=()"));
    if demands_https {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    for (name, value) in answer.headers {
        // An answer may set several cookies (RFC 6265 § 3); any other header occurs once.
        if name == header::SET_COOKIE {
            headers.append(name, value);
        } else {
            headers.insert(name, value);
        }
    }
    response
}
