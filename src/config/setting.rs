//! What a row of the table is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::public_url::is_domain;
use super::shape::Config;
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
    /// An address that mail comes from.
    Mailbox,
    /// A file or a directory; if relative, from where the process was started.
    Path,
    /// One of some words.
    Choice(&'static [&'static str]),
}

impl fmt::Display for Kind {
    /// What is allowed, so that it reads after "must be".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("an IP address and port such as 127.0.0.1:8080"),
            Self::Url => f.write_str(
                "http or https, a host and perhaps a port, such as https://{tenant}.id.example.com, without a path",
            ),
            Self::Domain => f.write_str("a domain such as id.example.com"),
            Self::Networks => f.write_str("a list of IP addresses or ranges such as 10.0.0.0/8"),
            Self::Number { least, most } => write!(f, "a whole number from {least} to {most}"),
            Self::Text => f.write_str("one line of text"),
            Self::Mailbox => f.write_str("an email address such as no-reply@example.com"),
            Self::Path => f.write_str("a path"),
            Self::Choice(words) => write!(f, "one of {}", words.join(", ")),
        }
    }
}

impl Kind {
    /// Whether `text` can be a value, as far as the type of the field behind it does not say.
    fn allows(self, text: &str) -> bool {
        let is_line = !text.is_empty() && text::check("", text).is_ok();
        match self {
            Self::Networks => true,
            Self::Number { least, most } => text.parse().is_ok_and(|number: u32| (least..=most).contains(&number)),
            Self::Domain => is_domain(text),
            Self::Mailbox => is_line && text.split_once('@').is_some_and(|(local, host)| is_mailbox(local, host)),
            Self::Choice(words) => words.contains(&text),
            Self::Address | Self::Url | Self::Text | Self::Path => is_line,
        }
    }
}

fn is_mailbox(local: &str, host: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    !local.is_empty() && local.chars().all(is_plain) && is_domain(&host.to_ascii_lowercase())
}

/// Puts a text into a field; `None` if the field's type does not take it.
pub(super) type Put = fn(&mut Config, &str) -> Option<()>;

/// One row of the table: all that is known of one setting.
pub struct Setting {
    /// Dotted, as in the file: `http.listen`.
    pub name: &'static str,
    /// What is allowed.
    pub kind: Kind,
    /// The default as one would write it, if there is a fixed one.
    pub default: Option<&'static str>,
    /// Never shown, and its file must not be readable by others.
    pub secret: bool,
    /// What it does, in a line.
    pub meaning: &'static str,
    /// The default that follows from other settings.
    pub(super) derived: Option<Derived>,
    /// What `serve` refuses.
    pub(super) refused: Option<Refused>,
    put: Put,
}

/// A default that follows from another setting.
pub(super) struct Derived {
    /// For the documentation, such as "`link.keys` in `store.data_dir`".
    pub(super) words: &'static str,
    /// The setting from which it follows.
    pub(super) from: &'static str,
    /// The value, if there is one.
    pub(super) value: fn(&Config) -> Option<String>,
}

/// A value that is allowed but that `serve` refuses.
pub(super) struct Refused {
    /// When, and why, so that it reads after "refused when".
    pub(super) when: &'static str,
    /// Whether it is so.
    pub(super) is: fn(&Config) -> bool,
}

impl Setting {
    pub(super) const fn new(name: &'static str, kind: Kind, put: Put, meaning: &'static str) -> Self {
        Self { name, kind, default: None, secret: false, meaning, derived: None, refused: None, put }
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

    pub(super) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    pub(super) const fn refused_when(mut self, when: &'static str, is: fn(&Config) -> bool) -> Self {
        self.refused = Some(Refused { when, is });
        self
    }

    /// The variable of this setting: `http.listen` is `TENANTRY_HTTP_LISTEN`.
    pub fn variable(&self) -> String {
        format!("TENANTRY_{}", self.name.replace('.', "_").to_ascii_uppercase())
    }

    /// Puts `text` into its field; `None` if it is not allowed.
    pub(super) fn put(&self, config: &mut Config, text: &str) -> Option<()> {
        if self.kind.allows(text) { (self.put)(config, text) } else { None }
    }

    /// Puts in the default that follows from other settings; the value, if there was one.
    pub(super) fn put_derived(&self, config: &mut Config) -> Option<String> {
        let text = (self.derived.as_ref()?.value)(config)?;
        self.put(config, &text).map(|()| text)
    }
}

/// Reads a field.
pub(super) fn put<T: FromStr>(field: &mut T, text: &str) -> Option<()> {
    *field = text.parse().ok()?;
    Some(())
}

/// Reads a field that may be absent.
pub(super) fn put_some<T: FromStr>(field: &mut Option<T>, text: &str) -> Option<()> {
    *field = Some(text.parse().ok()?);
    Some(())
}

/// Reads a path, which is taken as it is.
pub(super) fn put_path(field: &mut PathBuf, text: &str) -> Option<()> {
    *field = PathBuf::from(text);
    Some(())
}

/// Reads a secret.
pub(super) fn put_secret(field: &mut Option<Secret<String>>, text: &str) -> Option<()> {
    *field = Some(Secret::new(text.to_owned()));
    Some(())
}

/// Reads a list with commas between its items.
pub(super) fn put_list<T: FromStr>(field: &mut Vec<T>, text: &str) -> Option<()> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    *field = items.map(|item| item.parse().ok()).collect::<Option<_>>()?;
    Some(())
}
