//! The one error type of the product and its few kinds.
//!
//! An error is raised where the rule is, as a sentence for the person who reads it, with the next
//! step. `http::respond` alone turns a kind into a status code; nothing else knows the numbers.

use std::fmt;

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an error, from the caller's point of view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request itself is wrong; the sentence names the field.
    Invalid,
    /// The request is well formed, but its content is refused, such as a password that the policy rejects.
    Refused,
    /// The body is larger than this operation accepts.
    TooLarge,
    /// No credential, or an invalid one.
    Unauthenticated,
    /// The caller is known but may not do this.
    Forbidden,
    /// There is no such object, or the caller must not know of it.
    NotFound,
    /// An object of that name exists.
    Duplicate,
    /// The state of the object forbids it.
    Conflict,
    /// The caller may do this, but has to prove again first who they are.
    Stale,
    /// Too often.
    TooMany {
        /// When to try again, in seconds from now.
        retry_after_seconds: u32,
    },
    /// Part of the contract, but not served here.
    NotImplemented,
    /// Overloaded, draining, or the store cannot be written.
    Unavailable {
        /// When to try again, in seconds from now.
        retry_after_seconds: u32,
    },
    /// The deadline passed before the work began; nothing was done.
    Timeout,
    /// The caller's rights have changed since the gate looked them up. The request goes through the gate again; no
    /// client sees this.
    Outdated,
    /// Our fault. The client gets a neutral sentence, the log gets the cause.
    Internal,
}

/// An error that pages word in their own language. A page tells any other error by its kind alone, since its sentence
/// is English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The address or the password is wrong; the page does not say which.
    SignInRefused,
    /// The present password is wrong.
    WrongPassword,
    /// Guesses have to wait.
    TooOften,
    /// The password is older than the tenant allows.
    PasswordTooOld,
    /// The password must be replaced by another.
    PasswordMustChange,
    /// An incident has ended the password, which only a known device is told.
    PasswordEnded,
    /// The text typed is not an email address.
    NoAddress,
    /// The user has no password to change.
    NoPasswordHere,
    /// Another change came first.
    ChangedMeanwhile,
    /// The new address is the one that the account has.
    SameAddress,
    /// Another account has the new address.
    AddressTaken,
    /// No change of the address waits for its link.
    NoAddressChange,
    /// The form came from another site.
    ForeignForm,
    /// The host names no tenant.
    UnknownTenant,
    /// The host names no tenant, and there are several.
    SeveralTenants,
    /// The tenant is suspended.
    Suspended,
    /// A code is asked for.
    CodeMissing,
    /// The code is wrong, or was used.
    WrongCode,
    /// Codes have to wait.
    TooManyCodes,
    /// The code app is dead.
    CodesLocked,
    /// The half-finished sign-in is over.
    StepOver,
    /// The tenant requires a code app, and the account has none.
    FactorMissing,
    /// The account has no code app.
    NoFactor,
    /// The account waits for no link to set up a code app.
    NoFactorLink,
    /// Another code app needs the link that was mailed.
    FactorLinkFirst,
    /// The tenant requires the code app.
    FactorRequired,
    /// The link to set up a code app no longer works.
    FactorLinkDead,
    /// The caller has to prove again who they are.
    ProveAgain,
}

impl Told {
    /// Every one.
    pub const ALL: [Self; 28] = [
        Self::SignInRefused,
        Self::WrongPassword,
        Self::TooOften,
        Self::PasswordTooOld,
        Self::PasswordMustChange,
        Self::PasswordEnded,
        Self::NoAddress,
        Self::NoPasswordHere,
        Self::ChangedMeanwhile,
        Self::SameAddress,
        Self::AddressTaken,
        Self::NoAddressChange,
        Self::ForeignForm,
        Self::UnknownTenant,
        Self::SeveralTenants,
        Self::Suspended,
        Self::CodeMissing,
        Self::WrongCode,
        Self::TooManyCodes,
        Self::CodesLocked,
        Self::StepOver,
        Self::FactorMissing,
        Self::NoFactor,
        Self::NoFactorLink,
        Self::FactorLinkFirst,
        Self::FactorRequired,
        Self::FactorLinkDead,
        Self::ProveAgain,
    ];
}

/// A failure, with a sentence for its reader.
#[derive(Debug)]
pub struct Error {
    /// The kind.
    pub kind: Kind,
    /// One plain sentence without internals, secrets or line breaks.
    pub message: String,
    /// Further sentences, such as each reason why a password was refused.
    pub details: Vec<String>,
    /// The error as pages word it, instead of the sentence.
    pub told: Option<Told>,
    /// The word that SCIM has for it, where the kind does not tell (RFC 7644 § 3.12, table 9).
    pub scim_type: Option<&'static str>,
    /// The underlying cause; logged, never sent.
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), details: Vec::new(), told: None, scim_type: None, cause: None }
    }

    /// The request is wrong. The sentence should name the field.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, message)
    }

    /// The caller is not known.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(Kind::Unauthenticated, message)
    }

    /// The caller is known but may not do this.
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

    /// The caller's rights have changed since the gate looked them up. Nothing was done.
    pub fn outdated() -> Self {
        Self::new(Kind::Outdated, "Your rights were changed at this moment. Nothing was changed; try again.")
    }

    /// Our fault; `cause` is for the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            kind: Kind::Internal,
            message: "Something went wrong on our side. Nothing was changed. Try again, and if it stays, \
                      give your administrator the request id."
                .into(),
            details: Vec::new(),
            told: None,
            scim_type: None,
            cause: Some(cause.into()),
        }
    }

    /// A copy for another caller who waits for the same result: kind and sentence, without details and cause.
    pub fn retold(&self) -> Self {
        Self { told: self.told, scim_type: self.scim_type, ..Self::new(self.kind, self.message.clone()) }
    }

    /// The same error with the words for pages.
    #[must_use]
    pub fn told(mut self, told: Told) -> Self {
        self.told = Some(told);
        self
    }

    /// The same error with the word that SCIM has for it, such as `invalidFilter`.
    #[must_use]
    pub fn scim_type(mut self, word: &'static str) -> Self {
        self.scim_type = Some(word);
        self
    }

    /// The same error with the underlying cause, for the log.
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
