//! The page of an error, which the house hands in: this floor knows neither its words nor its looks.

use maud::Markup;

use crate::error::Error;
use crate::identity::Tenant;
use crate::language::Language;

/// An error that a person is going to read as a page.
pub struct Failure<'f> {
    /// The error.
    pub error: &'f Error,
    /// The HTTP status.
    pub status: u16,
    /// The id of the request.
    pub request_id: &'f str,
    /// The language of the page.
    pub language: Language,
    /// The tenant whose name the page carries, if host or session tell it.
    pub tenant: Option<&'f Tenant>,
}

/// What this floor needs of the pages, whose words and looks it does not know.
#[derive(Clone, Copy)]
pub struct Pages {
    /// Makes the page of an error.
    pub of_failure: fn(&Failure<'_>) -> Markup,
    /// The policy that every answer carries (Content Security Policy Level 3).
    pub content_security_policy: &'static str,
}
