//! Why a mail was refused, and what follows for the mail and for the connection.

use std::io;

use super::reply::Reply;

/// What functions on a connection return.
pub type Outcome<T> = Result<T, Failure>;

/// Why a mail was refused, and what follows for the connection.
#[derive(Debug)]
pub struct Failure {
    /// Trying again is useless.
    pub permanent: bool,
    /// The relay's words, or a sentence on what happened.
    pub words: String,
    /// The relay's code.
    pub code: Option<u16>,
    /// This connection was of no use before the relay accepted `MAIL FROM`: this mail was certainly not taken.
    pub before_mail: bool,
    /// Both sides agree on the state of the conversation, so it can go on after `RSET`.
    pub in_step: bool,
}

impl Failure {
    /// A failure that may pass, in our words.
    pub fn transient(words: impl Into<String>) -> Self {
        Self { permanent: false, words: words.into(), code: None, before_mail: false, in_step: false }
    }

    /// An answer while the connection was being prepared. It concerns us or the relay, not the mail, so that even 535
    /// (wrong password) is no reason to give the mail up.
    pub fn setup(reply: &Reply) -> Self {
        Self { code: Some(reply.code), ..Self::transient(reply.words()) }
    }

    /// An answer to a part of the mail. 530 to 538 ask for a login or for encryption (RFC 4954 § 6, RFC 3207 § 4),
    /// which again concerns us. After 421 the relay hangs up.
    pub fn mail(reply: &Reply) -> Self {
        let permanent = reply.code >= 500 && !(530..=538).contains(&reply.code);
        Self { permanent, in_step: reply.code != 421 && reply.code >= 400, ..Self::setup(reply) }
    }

    /// The same failure, while answers to further commands are still on their way.
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
