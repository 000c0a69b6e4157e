//! The answer for an error, in the format that the operation has or the client asks for.

use std::sync::Arc;

use http::header::{self, HeaderValue};
use serde::Serialize;

use super::Answer;
use super::failure::{Detail, ErrorBody, Problem, ScimError};
use super::numbers::numbers;
use crate::error::{Error, Kind};
use crate::http::form::Form;
use crate::http::page::{Failure, Pages};
use crate::identity::Tenant;
use crate::language::Language;

/// The format in which the client wants an error.
pub(in crate::http) enum Format {
    Json,
    Scim,
    Problem,
    Text,
    Page(Language, Option<Arc<Tenant>>),
}

impl Format {
    /// The operation's form, or among those of the public API the one that the client accepts. `tenant` is evaluated only
    /// for a page; `asked` is the language that the client prefers.
    pub(in crate::http) fn of(
        form: Form,
        accept: &str,
        is_page: bool,
        asked: Option<Language>,
        tenant: impl FnOnce() -> Option<Arc<Tenant>>,
    ) -> Self {
        if form == Form::Scim {
            Self::Scim
        } else if accept.contains("application/problem+json") {
            Self::Problem
        } else if accept.starts_with("text/plain") {
            Self::Text
        } else if is_page && accept.contains("text/html") {
            let tenant = tenant();
            let own = tenant.as_ref().and_then(|tenant| Language::from_tag(&tenant.settings.brand.language));
            Self::Page(asked.or(own).unwrap_or_default(), tenant)
        } else {
            Self::Json
        }
    }
}

/// The answer for an error, in the client's format.
pub(in crate::http) fn error(error: &Error, request_id: &str, format: &Format, pages: Pages) -> Answer {
    let (status, code) = numbers(error.kind);
    let title = status.canonical_reason().unwrap_or_default();
    let mut answer = match format {
        Format::Json => {
            let details = error.details.iter().map(|reason| Detail { reason }).collect();
            json(&ErrorBody { code, details, message: &error.message, request_id }, "application/json")
        }
        Format::Scim => json(&ScimError::of(error, status.as_str()), Form::Scim.media_type()),
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
            let (status, language, tenant) = (status.as_u16(), *language, tenant.as_deref());
            Answer::page((pages.of_failure)(&Failure { error, status, request_id, language, tenant }))
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
