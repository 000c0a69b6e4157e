//! The page of an error, as `http` is given it.

use maud::Markup;

use crate::http::{Failure, Pages};
use crate::pages::{CONTENT_SECURITY_POLICY, Site, error, told};

/// The pages that `http` cannot make itself, since it knows neither words nor looks.
pub const PAGES: Pages = Pages { of_failure, content_security_policy: CONTENT_SECURITY_POLICY };

fn of_failure(failure: &Failure<'_>) -> Markup {
    let site = Site::of(failure.language, failure.tenant);
    let sentence = told::sentence(failure.error, failure.language);
    error::page(&site, (failure.status, failure.error.kind), sentence.as_deref(), failure.request_id)
}
