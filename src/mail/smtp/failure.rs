//! Why a mail was not taken, and what that says about the mail and about the connection.

use std::io;

use super::reply::Reply;

/// What functions on a connection return.
pub type Outcome<T> = Result<T, Failure>;

/// Why a mail was not taken, and what that says about the connection.
#[derive(Debug)]
pub struct Failure {
    /// Trying again is in vain.
    pub permanent: bool,
    /// What the relay said, or what happened.
    pub words: String,
    /// The code of what it said.
    pub code: Option<u16>,
    /// The connection failed before the relay accepted `MAIL FROM`: this mail was surely not taken.
    pub before_mail: bool,
    /// Both sides know where the conversation is, so that it can go on after `RSET`.
    pub in_step: bool,
}

impl Failure {
    /// Something that may pass, in our words.
    pub fn transient(words: impl Into<String>) -> Self {
        Self { permanent: false, words: words.into(), code: None, before_mail: false, in_step: false }
    }

    /// An answer while the connection was being prepared. It is about us or the relay, not about the mail, so that
    /// even 535 (wrong password) is not a reason to give a mail up.
    pub fn setup(reply: &Reply) -> Self {
        Self { code: Some(reply.code), ..Self::transient(reply.words()) }
    }

    /// An answer to a part of the mail. 530 to 538 ask for a login or for encryption (RFC 4954 § 6, RFC 3207 § 4),
    /// which is again about us. After 421 the relay hangs up.
    pub fn mail(reply: &Reply) -> Self {
        let permanent = reply.code >= 500 && !(530..=538).contains(&reply.code);
        Self { permanent, in_step: reply.code != 421 && reply.code >= 400, ..Self::setup(reply) }
    }

    /// The same, where answers to further commands are still under way.
    pub fn out_of_step(self) -> Self {
        Self { in_step: false, ..self }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData => Self::transient(format!("The relay failed: {error}.")),
            _ => Self::transient(format!("The connection to the relay broke: {error}.")),
        }
    }
}
