//! From a handler's value or error to the answer on the wire. The only place with status codes.

mod failure;
mod numbers;
mod success;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use maud::Markup;
use schemars::JsonSchema;
use serde::Serialize;

use self::failure::Detail;
pub(super) use self::failure::{ErrorBody, Problem};
use self::numbers::{numbers, status};
pub use self::success::Success;
use crate::error::{Error, Kind, Result};
use crate::identity::Tenant;
use crate::language::Language;
use crate::pages;

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
/// Room for the headers of every answer and a few more.
const HEADERS: usize = 16;
const BODY_USUAL: usize = 1_536; // Bytes of most answers.

/// An answer before the headers that every answer has.
#[derive(Debug)]
pub struct Answer {
    pub(super) status: StatusCode,
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    /// 200 with a body.
    pub fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status: StatusCode::OK, content_type, body: body.into(), headers: Vec::new() }
    }

    /// 200 with a page. It tells this host where its reader was: browsers name no origin for forms of one that tells nobody.
    pub fn page(page: Markup) -> Self {
        Self::new("text/html; charset=utf-8", page.into_string()).with(header::REFERRER_POLICY, SAME_ORIGIN)
    }

    /// The same page, whose address nobody is told: it may hold a secret.
    #[must_use]
    pub fn unreferred(self) -> Self {
        self.with(header::REFERRER_POLICY, NO_REFERRER)
    }

    /// A page that shows what was wrong with a form.
    pub fn refused_page(page: Markup, kind: Kind) -> Self {
        Self { status: status(kind), ..Self::page(page) }
    }

    /// 204: done, nothing to say.
    pub fn done() -> Self {
        Self { status: StatusCode::NO_CONTENT, ..Self::new("", Bytes::new()) }
    }

    /// 303: the browser gets another page instead.
    pub fn see(path: &'static str) -> Self {
        let answer = Self { status: StatusCode::SEE_OTHER, ..Self::new("", Bytes::new()) };
        answer.with(header::LOCATION, HeaderValue::from_static(path))
    }

    /// 303 to an address that is only known now; `Internal` when it cannot stand in a header.
    pub fn see_at(path: &str) -> Result<Self> {
        let place = HeaderValue::from_str(path).map_err(Error::internal)?;
        Ok(Self { status: StatusCode::SEE_OTHER, ..Self::new("", Bytes::new()) }.with(header::LOCATION, place))
    }

    /// 304: the browser has it already.
    pub fn unchanged() -> Self {
        Self { status: StatusCode::NOT_MODIFIED, ..Self::new("", Bytes::new()) }
    }

    /// Whether it is served, not yet, or no more: for the probes of an orchestrator.
    pub fn unready(sentence: &'static str) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, ..Self::new("text/plain; charset=utf-8", sentence) }
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// What a handler may return.
pub trait IntoAnswer {
    /// The answer on the wire.
    ///
    /// # Errors
    /// `Internal` when the value cannot be written as JSON.
    fn into_answer(self) -> Result<Answer>;

    /// What the documentation says of it; nothing where only the row of the operation can tell.
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

/// `{}`
#[derive(Debug, Serialize, JsonSchema)]
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

/// How the caller wants to read an error.
pub(super) enum Format {
    Json,
    Problem,
    Text,
    Page(Language, Option<Arc<Tenant>>),
}

impl Format {
    /// `tenant` is asked for only where a page is wanted, `asked` is the language that the reader prefers.
    pub(super) fn of(
        accept: &str,
        is_page: bool,
        asked: Option<Language>,
        tenant: impl FnOnce() -> Option<Arc<Tenant>>,
    ) -> Self {
        if accept.contains("application/problem+json") {
            Self::Problem
        } else if accept.starts_with("text/plain") {
            Self::Text
        } else if is_page && accept.contains("text/html") {
            let tenant = tenant();
            let own = tenant.as_ref().and_then(|tenant| Language::from_tag(&tenant.settings.language));
            Self::Page(asked.or(own).unwrap_or_default(), tenant)
        } else {
            Self::Json
        }
    }
}

/// The answer for an error, in the shape that the caller reads.
pub(super) fn error(error: &Error, request_id: &str, format: &Format) -> Answer {
    let (status, code) = numbers(error.kind);
    let title = status.canonical_reason().unwrap_or_default();
    let mut answer = match format {
        Format::Json => {
            let details = error.details.iter().map(|reason| Detail { reason }).collect();
            json(&ErrorBody { code, details, message: &error.message, request_id }, "application/json")
        }
        Format::Problem => {
            let problem = Problem {
                r#type: "about:blank",
                title,
                status: status.as_u16(),
                detail: &error.message,
                code,
                reasons: &error.details,
                request_id,
            };
            json(&problem, "application/problem+json")
        }
        Format::Text => Answer::new("text/plain; charset=utf-8", error.message.clone()),
        Format::Page(language, tenant) => {
            let site = pages::Site::of(*language, tenant.as_deref());
            let sentence = pages::told::sentence(error, *language);
            Answer::page(pages::error::page(&site, (status.as_u16(), error.kind), sentence.as_deref(), request_id))
        }
    };
    answer.status = status;
    match error.kind {
        Kind::TooMany { retry_after_seconds } | Kind::Unavailable { retry_after_seconds } => {
            answer.with(header::RETRY_AFTER, HeaderValue::from(retry_after_seconds))
        }
        Kind::Unauthenticated => answer.with(header::WWW_AUTHENTICATE, HeaderValue::from_static("APIToken")),
        _ => answer,
    }
}

fn json(body: &impl Serialize, content_type: &'static str) -> Answer {
    Answer::new(content_type, serde_json::to_vec(body).unwrap_or_default())
}

/// Puts the headers on that every answer has.
pub(super) fn finish(answer: Answer, request_id: &str, is_https: bool) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    if !answer.content_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(pages::CONTENT_SECURITY_POLICY));
    headers.insert(header::REFERRER_POLICY, NO_REFERRER);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(OPENER_POLICY, SAME_ORIGIN);
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static("camera=(), geolocation=(), microphone=()"));
    if is_https {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    for (name, value) in answer.headers {
        // One answer may set several cookies (RFC 6265 § 3); of any other header there is one.
        if name == header::SET_COOKIE {
            headers.append(name, value);
        } else {
            headers.insert(name, value);
        }
    }
    response
}
