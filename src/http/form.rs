//! The form in which an operation answers: which media type its JSON has, and what an error looks like.

/// The form of an operation's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// As the public API answers. A client may ask for errors in another form (RFC 9457, text).
    #[default]
    Api,
    /// As SCIM 2.0 answers (RFC 7644 § 3.12), whatever the client accepts.
    Scim,
}

/// Where the public API has its SCIM operations.
const SCIM: &str = "/api/scim/";

impl Form {
    /// The form of the answer to a request that no row serves, by its path as the table spells it.
    pub(super) fn of_path(path: &str) -> Self {
        if path.starts_with(SCIM) { Self::Scim } else { Self::Api }
    }

    /// The media type of its JSON.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Api => "application/json",
            Self::Scim => "application/scim+json",
        }
    }
}
