//! The one motif of the console: a thread with four beads, for a password that is dead, a link that was mailed, opened and
//! redeemed. A word always stands beside it; shape and colour only help.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use crate::language::Language;

/// How far a reset has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The mail waits.
    Requested,
    /// An incident holds the mail.
    Held,
    /// The relay took the mail.
    Mailed,
    /// The page of the link was opened.
    Opened,
    /// A new password was chosen.
    Redeemed,
    /// A later reset took its place.
    Superseded,
    /// The link died of age.
    Expired,
    /// The relay did not take the mail.
    Undeliverable,
    /// It was ended.
    Cancelled,
}

/// Where a user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They can sign in.
    Active,
    /// They are to choose their first password yet.
    Invited,
    /// Their password is dead.
    PasswordDead,
    /// They are locked out by an administrator.
    Disabled,
}

impl Stage {
    /// Its name.
    pub(super) fn name(self, language: Language) -> &'static str {
        let words = Words(language);
        match self {
            Self::Requested => words.requested(),
            Self::Held => words.held(),
            Self::Mailed => words.mailed(),
            Self::Opened => words.opened(),
            Self::Redeemed => words.redeemed(),
            Self::Superseded => words.superseded(),
            Self::Expired => words.expired(),
            Self::Undeliverable => words.undeliverable(),
            Self::Cancelled => words.cancelled(),
        }
    }

    /// The tone of its chip.
    pub(super) fn tone(self) -> &'static str {
        match self {
            Self::Requested | Self::Mailed | Self::Opened => "info",
            Self::Held => "wait",
            Self::Redeemed => "good",
            Self::Undeliverable => "bad",
            Self::Superseded | Self::Expired | Self::Cancelled => "off",
        }
    }

    fn beads(self) -> [Option<&'static str>; 4] {
        let [on, done, over, stop] = ["on", "done", "over", "stop"].map(Some);
        match self {
            Self::Requested | Self::Held => [on, None, None, None],
            Self::Mailed => [on, on, None, None],
            Self::Opened => [on, on, on, None],
            Self::Redeemed => [done; 4],
            Self::Undeliverable => [on, stop, None, None],
            Self::Expired | Self::Superseded => [on, on, over, over],
            Self::Cancelled => [on, over, over, over],
        }
    }

    /// Thread and word, as they stand in a row.
    pub(super) fn shown(self, language: Language) -> Markup {
        html! {
            span class="thread" aria-hidden="true" { @for bead in self.beads() { i class=[bead] {} } }
            span { (self.name(language)) }
        }
    }
}

impl Standing {
    /// Its chip.
    pub(super) fn chip(self, language: Language) -> Markup {
        let words = Words(language);
        let (tone, name) = match self {
            Self::Active => ("good", words.active()),
            Self::Invited => ("info", words.invited()),
            Self::PasswordDead => ("wait", words.password_dead()),
            Self::Disabled => ("bad", words.disabled()),
        };
        chip(tone, name)
    }
}

/// A word about a state.
pub(super) fn chip(tone: &str, name: &str) -> Markup {
    html! { span class={ "chip " (tone) } { (name) } }
}
