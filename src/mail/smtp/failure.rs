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
    /// The relay answered this to `RCPT TO`: it is about the recipient.
    pub of_recipient: bool,
    /// This connection was of no use before the relay accepted `MAIL FROM`: this mail was certainly not taken.
    pub before_mail: bool,
    /// Both sides agree on the state of the conversation, so it can go on after `RSET`.
    pub in_step: bool,
}

impl Failure {
    /// A failure that may pass, in our words.
    pub fn transient(words: impl Into<String>) -> Self {
        Self {
            permanent: false,
            words: words.into(),
            code: None,
            of_recipient: false,
            before_mail: false,
            in_step: false,
        }
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

    /// An answer to `RCPT TO`.
    pub fn recipient(reply: &Reply) -> Self {
        Self { of_recipient: true, ..Self::mail(reply) }
    }

    /// Whether the relay said that there is no such address, of which trying another mail there makes no difference: by the
    /// class of addresses where it gives an enhanced code (RFC 3463 § 3.2), else by what the basic codes mean for `RCPT TO`
    /// (RFC 5321 § 4.2.3). A full mailbox, a policy or a filter says nothing about the address.
    pub fn says_no_address(&self) -> bool {
        let enhanced = self.words.split_whitespace().nth(1).filter(|word| is_enhanced(word));
        let is_about_it = match enhanced {
            Some(code) => code.starts_with("5.1."),
            None => matches!(self.code, Some(550 | 551 | 553)),
        };
        self.permanent && self.of_recipient && is_about_it
    }

    /// The same failure, while answers to further commands are still on their way.
    pub fn out_of_step(self) -> Self {
        Self { in_step: false, ..self }
    }
}

/// Whether this word is an enhanced status code (RFC 3463 § 2).
fn is_enhanced(word: &str) -> bool {
    let parts: Vec<_> = word.split('.').collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData => Self::transient(format!("The relay failed: {error}.")),
            _ => Self::transient(format!("The connection to the relay broke: {error}.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_relay_says_of_an_address_is_told_from_what_it_says_of_a_mailbox_or_of_us() {
        let said = |words: &str, of_recipient| {
            let code = words.split(' ').next().unwrap().parse().ok();
            let permanent = code.is_some_and(|code: u16| code >= 500);
            Failure { permanent, code, of_recipient, ..Failure::transient(words) }.says_no_address()
        };
        for words in
            ["550 5.1.1 no such user", "550 5.1.10 no MX", "550 User unknown", "553 not here", "551 moved away"]
        {
            assert_eq!([said(words, true), said(words, false)], [true, false], "{words}");
        }
        for words in [
            "550 5.7.1 relaying denied",
            "552 5.2.2 mailbox full",
            "550 5.2.1 disabled",
            "554 refused",
            "450 5.1.1 later",
        ] {
            assert!(!said(words, true), "{words}");
        }
    }
}
