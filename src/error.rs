//! The one error type of the product and its few kinds.
//!
//! An error is raised where the rule is, as a sentence for the person who reads it, with the next
//! step. `http::respond` alone turns a kind into a status code; nothing else knows the numbers.

use std::fmt;

/// What an operation returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in the terms of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request itself is wrong; the sentence names the field.
    Invalid,
    /// The request is well formed, but its content is refused (a password that the policy rejects).
    Refused,
    /// The body is larger than this call takes.
    TooLarge,
    /// No credential, or one that does not count.
    Unauthenticated,
    /// A known caller who may not do this.
    Forbidden,
    /// No such object, or one that the caller must not know of.
    NotFound,
    /// An object of that name exists.
    Duplicate,
    /// The state of the object forbids it.
    Conflict,
    /// Too often.
    TooMany {
        /// When to try again, in seconds from now.
        retry_after_seconds: u32,
    },
    /// Known to the contract, not served here.
    NotImplemented,
    /// Overloaded, draining, or the store cannot be written.
    Unavailable {
        /// When to try again, in seconds from now.
        retry_after_seconds: u32,
    },
    /// The deadline passed before the work began; nothing was done.
    Timeout,
    /// The caller is no longer who they were taken for. The gate is asked again, and nobody else hears of it.
    Outdated,
    /// Our fault. The client gets a neutral sentence, the log gets the cause.
    Internal,
}

/// What people on a page are told, in the language of the page. An error that reaches a page and has none of these is told
/// there by its kind alone: its sentence is English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Address or password is wrong; which is not said.
    SignInRefused,
    /// The present password is wrong.
    WrongPassword,
    /// Guesses have to wait.
    TooOften,
    /// The password is older than the tenant allows.
    PasswordTooOld,
    /// What was typed is no address.
    NoAddress,
    /// There is no password to change.
    NoPasswordHere,
    /// Someone else was quicker.
    ChangedMeanwhile,
    /// The form came from another site.
    ForeignForm,
    /// The host names no tenant.
    UnknownTenant,
    /// The host names no tenant, and there are several.
    SeveralTenants,
}

impl Told {
    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::SignInRefused,
        Self::WrongPassword,
        Self::TooOften,
        Self::PasswordTooOld,
        Self::NoAddress,
        Self::NoPasswordHere,
        Self::ChangedMeanwhile,
        Self::ForeignForm,
        Self::UnknownTenant,
        Self::SeveralTenants,
    ];
}

/// A failure with a sentence for whoever reads it.
#[derive(Debug)]
pub struct Error {
    /// What went wrong.
    pub kind: Kind,
    /// One plain sentence without internals, secrets or line breaks.
    pub message: String,
    /// Further sentences, such as each reason why a password was refused.
    pub details: Vec<String>,
    /// What people on a page are told instead of the sentence.
    pub told: Option<Told>,
    /// What happened below; logged, never sent.
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), details: Vec::new(), told: None, cause: None }
    }

    /// The request is wrong. Name the field in the sentence.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, message)
    }

    /// The caller is not known.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(Kind::Unauthenticated, message)
    }

    /// The caller is known and may not.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, message)
    }

    /// There is no such thing for this caller.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, message)
    }

    /// The name is taken. Real clients search the sentence for `already exist`, so say that.
    pub fn duplicate(message: impl Into<String>) -> Self {
        Self::new(Kind::Duplicate, message)
    }

    /// The state of the object forbids it.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, message)
    }

    /// Too often; try again after `retry_after_seconds`.
    pub fn too_many(message: impl Into<String>, retry_after_seconds: u32) -> Self {
        Self::new(Kind::TooMany { retry_after_seconds }, message)
    }

    /// Not now; try again after `retry_after_seconds`.
    pub fn unavailable(message: impl Into<String>, retry_after_seconds: u32) -> Self {
        Self::new(Kind::Unavailable { retry_after_seconds }, message)
    }

    /// The caller was let in as who they were a moment ago, and that is over. Nothing was done.
    pub fn outdated() -> Self {
        Self::new(Kind::Outdated, "Your rights were changed at this moment. Nothing was changed; try again.")
    }

    /// Our fault, with what happened below.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            kind: Kind::Internal,
            message: "Something went wrong on our side. Nothing was changed. Try again, and if it stays, \
                      give your administrator the request id."
                .into(),
            details: Vec::new(),
            told: None,
            cause: Some(cause.into()),
        }
    }

    /// The same for a further one who waits for it: kind and sentence, without details and cause.
    pub fn retold(&self) -> Self {
        Self { kind: self.kind, message: self.message.clone(), details: Vec::new(), told: self.told, cause: None }
    }

    /// The same error with what people on a page are told.
    #[must_use]
    pub fn told(mut self, told: Told) -> Self {
        self.told = Some(told);
        self
    }

    /// The same error with what happened below, for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The same error with further sentences.
    #[must_use]
    pub fn with_details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}
