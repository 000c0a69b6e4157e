//! The types of a row in the table of settings.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::host::{host, is_domain};
use super::shape::Config;
use crate::address::Email;
use crate::secret::Secret;
use crate::text;

/// The type of a setting: what is allowed as its value.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// IP address and port.
    Address,
    /// Scheme, host and port.
    Url,
    /// A DNS name.
    Domain,
    /// A machine: a DNS name or an IP address.
    Host,
    /// IP addresses and CIDR ranges, in the environment with commas between them.
    Networks,
    /// A whole number in a range, both ends included.
    Number {
        /// The least that is allowed.
        least: u32,
        /// The most that is allowed.
        most: u32,
    },
    /// One line of text.
    Text,
    /// One line of text with any characters, as in a password.
    Anything,
    /// What a client can send as a bearer (RFC 6750).
    Token,
    /// The address of a database.
    Database,
    /// An address that mail comes from.
    Mailbox,
    /// A file; if relative, from where the process was started.
    File,
    /// A directory; if relative, from where the process was started.
    Directory,
    /// One of some words.
    Choice(&'static [&'static str]),
}

impl fmt::Display for Kind {
    /// The allowed values, worded to follow "must be".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("an IP address and port such as 127.0.0.1:8080"),
            Self::Url => f.write_str(
                "http or https, a host and perhaps a port, such as https://{tenant}.id.example.com, without a path",
            ),
            Self::Domain => f.write_str("a domain such as id.example.com"),
            Self::Host => f.write_str("a host name such as mail.example.com, or an IP address, without a port"),
            Self::Networks => f.write_str("a list of IP addresses or ranges such as 10.0.0.0/8"),
            Self::Number { least, most } => write!(f, "a whole number from {least} to {most}"),
            Self::Text | Self::Anything => f.write_str("one line of text"),
            Self::Token => f.write_str("visible ASCII characters without blanks"),
            Self::Database => f.write_str("an address such as postgres://user:password@host/database"),
            Self::Mailbox => f.write_str("an email address in ASCII such as no-reply@example.com"),
            Self::File => f.write_str("the path of a file, whole or from where the server is started, without ~"),
            Self::Directory => {
                f.write_str("the path of a directory, whole or from where the server is started, without ~")
            }
            Self::Choice(words) => write!(f, "one of {}", words.join(", ")),
        }
    }
}

impl Kind {
    /// Whether `text` can be a value, as far as the kind decides; the type of the field decides the rest.
    fn allows(self, text: &str) -> bool {
        let is_unicode = !text.contains(char::REPLACEMENT_CHARACTER);
        let is_line = !text.is_empty() && is_unicode && text::check("", text).is_ok();
        let is_plain = is_line && blemish(text).is_none();
        match self {
            Self::Networks => text.is_empty() || is_line,
            Self::Number { least, most } => text.parse().is_ok_and(|number: u32| (least..=most).contains(&number)),
            Self::Domain => is_domain(&text.to_ascii_lowercase()),
            Self::Host => host(text).is_some(),
            Self::Token => is_plain && text.chars().all(|c| c.is_ascii_graphic()),
            // Every relay on the way must carry it, for each recipient.
            Self::Mailbox => Email::parse(text).is_ok_and(|email| email.is_ascii()),
            Self::Choice(words) => words.contains(&text),
            Self::Anything => is_line,
            Self::Database => is_plain && !text.contains(char::is_whitespace),
            Self::File | Self::Directory => is_plain && !text.starts_with('~'),
            Self::Address | Self::Url | Self::Text => is_plain,
        }
    }
}

/// Finds what a shell, an editor or a file without a shell added to a value; returns the advice for the error.
pub(super) fn blemish(text: &str) -> Option<&'static str> {
    const QUOTES: [char; 7] = ['"', '\'', '`', '“', '”', '‘', '’'];
    if text.starts_with(QUOTES) || text.ends_with(QUOTES) {
        return Some("The quotes are part of the value; write it without them.");
    }
    if text.trim() != text {
        return Some("A blank at its end or beginning is part of the value; write it without.");
    }
    None
}

/// Parses a text into a field; `None` if the field's type refuses it.
pub(super) type Put = fn(&mut Config, &str) -> Option<()>;

/// One row of the table: everything known about one setting.
pub struct Setting {
    /// Dotted, as in the file: `http.listen`.
    pub name: &'static str,
    /// The allowed values.
    pub kind: Kind,
    /// The default as written in a configuration, if it is fixed.
    pub default: Option<&'static str>,
    /// Never shown; and its file must not be readable by other users.
    pub secret: bool,
    /// Whether a running server applies a new value at SIGHUP, or has no need to, since only new tenants read it.
    pub live: bool,
    /// The meaning, in a line.
    pub meaning: &'static str,
    /// A default that is computed from other settings.
    pub(super) derived: Option<Derived>,
    /// Values that `serve` refuses.
    pub(super) refused: Option<Refused>,
    put: Put,
}

/// A default that is computed from another setting.
pub(super) struct Derived {
    /// For the documentation, such as "`link.keys` in `store.data_dir`".
    pub(super) words: &'static str,
    /// The setting from which it is computed.
    pub(super) from: &'static str,
    /// The value, if there is one.
    pub(super) value: fn(&Config) -> Option<String>,
}

/// A value that is valid but refused by `serve`.
pub(super) struct Refused {
    /// The condition and its reason, worded to follow "refused when".
    pub(super) when: &'static str,
    /// Whether the condition holds.
    pub(super) is: fn(&Config) -> bool,
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Setting {
    pub(super) const fn new(name: &'static str, kind: Kind, put: Put, meaning: &'static str) -> Self {
        Self { name, kind, default: None, secret: false, live: false, meaning, derived: None, refused: None, put }
    }

    pub(super) const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    pub(super) const fn derived(
        mut self,
        words: &'static str,
        from: &'static str,
        value: fn(&Config) -> Option<String>,
    ) -> Self {
        self.derived = Some(Derived { words, from, value });
        self
    }

    pub(super) const fn live(mut self) -> Self {
        self.live = true;
        self
    }

    pub(super) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    pub(super) const fn refused_when(mut self, when: &'static str, is: fn(&Config) -> bool) -> Self {
        self.refused = Some(Refused { when, is });
        self
    }

    /// The environment variable of this setting: `http.listen` is `TENANTRY_HTTP_LISTEN`.
    pub fn variable(&self) -> String {
        format!("TENANTRY_{}", self.name.replace('.', "_").to_ascii_uppercase())
    }

    /// Parses `text` into its field; `None` if it is not allowed.
    pub(super) fn put(&self, config: &mut Config, text: &str) -> Option<()> {
        if self.kind.allows(text) { (self.put)(config, text) } else { None }
    }

    /// Fills the field with the computed default; returns the value, if there is one.
    pub(super) fn put_derived(&self, config: &mut Config) -> Option<String> {
        let text = (self.derived.as_ref()?.value)(config)?;
        self.put(config, &text).map(|()| text)
    }
}

/// Parses a field.
pub(super) fn put<T: FromStr>(field: &mut T, text: &str) -> Option<()> {
    *field = text.parse().ok()?;
    Some(())
}

/// Parses an optional field.
pub(super) fn put_some<T: FromStr>(field: &mut Option<T>, text: &str) -> Option<()> {
    *field = Some(text.parse().ok()?);
    Some(())
}

/// Parses the name of a machine.
pub(super) fn put_host(field: &mut Option<String>, text: &str) -> Option<()> {
    *field = Some(host(text)?);
    Some(())
}

/// Parses a domain, ignoring case.
pub(super) fn put_domain(field: &mut String, text: &str) -> Option<()> {
    *field = text.to_ascii_lowercase();
    Some(())
}

/// Takes a path as it is.
pub(super) fn put_path(field: &mut PathBuf, text: &str) -> Option<()> {
    *field = PathBuf::from(text);
    Some(())
}

/// Takes a secret.
pub(super) fn put_secret(field: &mut Option<Secret<String>>, text: &str) -> Option<()> {
    *field = Some(Secret::new(text.to_owned()));
    Some(())
}

/// Parses a list with commas between its items.
pub(super) fn put_list<T: FromStr>(field: &mut Vec<T>, text: &str) -> Option<()> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    *field = items.map(|item| item.parse().ok()).collect::<Option<_>>()?;
    Some(())
}
