//! Why a password is refused, in the user's language.

mod words;

pub use self::words::Words;
use crate::error::{Error, Kind};
use crate::language::Language;

/// A rule that a password breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Fewer Unicode code points than this.
    TooShort(u32),
    /// More code points than this, or more bytes than a password may have.
    TooLong(u32),
    /// Fewer digits than this.
    TooFewDigits(u32),
    /// Fewer lower-case letters than this.
    TooFewLowercase(u32),
    /// Fewer upper-case letters than this.
    TooFewUppercase(u32),
    /// Fewer characters that are neither letter nor digit than this.
    TooFewSpecial(u32),
    /// It is or holds the email address, or the part before the @.
    Username,
    /// It holds a word of the user's name or the organisation's.
    ContextWord,
    /// It is known from leaks.
    Leaked,
    /// The strength estimate is too low.
    TooWeak,
    /// It is among this many last passwords. Reported by code that can read the history.
    RecentlyUsed(u32),
}

impl Reason {
    /// The code of each reason, as returned by [`Reason::code`].
    pub const CODES: [&'static str; 11] = [
        "too-short",
        "too-long",
        "too-few-digits",
        "too-few-lowercase",
        "too-few-uppercase",
        "too-few-special",
        "username",
        "context-word",
        "leaked",
        "too-weak",
        "recently-used",
    ];

    /// A stable name for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort(_) => "too-short",
            Self::TooLong(_) => "too-long",
            Self::TooFewDigits(_) => "too-few-digits",
            Self::TooFewLowercase(_) => "too-few-lowercase",
            Self::TooFewUppercase(_) => "too-few-uppercase",
            Self::TooFewSpecial(_) => "too-few-special",
            Self::Username => "username",
            Self::ContextWord => "context-word",
            Self::Leaked => "leaked",
            Self::TooWeak => "too-weak",
            Self::RecentlyUsed(_) => "recently-used",
        }
    }

    /// One sentence for the user.
    pub fn sentence(self, language: Language) -> String {
        let words = Words(language);
        match self {
            Self::TooShort(n) => words.too_short(n),
            Self::TooLong(n) => words.too_long(n),
            Self::TooFewDigits(n) => words.too_few_digits(n),
            Self::TooFewLowercase(n) => words.too_few_lowercase(n),
            Self::TooFewUppercase(n) => words.too_few_uppercase(n),
            Self::TooFewSpecial(n) => words.too_few_special(n),
            Self::Username => words.username().into(),
            Self::ContextWord => words.context_word().into(),
            Self::Leaked => words.leaked().into(),
            Self::TooWeak => words.too_weak().into(),
            Self::RecentlyUsed(n) => words.recently_used(n),
        }
    }
}

/// The error for a password that breaks rules: `Refused`, with one sentence for each reason as details.
pub fn refused(reasons: &[Reason], language: Language) -> Error {
    let sentences = reasons.iter().map(|reason| reason.sentence(language)).collect();
    Error::new(Kind::Refused, Words(language).refused()).with_details(sentences)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const EVERY: [Reason; 11] = [
        Reason::TooShort(12),
        Reason::TooLong(256),
        Reason::TooFewDigits(1),
        Reason::TooFewLowercase(2),
        Reason::TooFewUppercase(1),
        Reason::TooFewSpecial(2),
        Reason::Username,
        Reason::ContextWord,
        Reason::Leaked,
        Reason::TooWeak,
        Reason::RecentlyUsed(3),
    ];

    #[test]
    fn every_reason_has_its_own_code_and_its_own_sentence_in_every_language() {
        assert_eq!(EVERY.map(Reason::code), Reason::CODES);
        assert_eq!(Reason::CODES.iter().collect::<HashSet<_>>().len(), EVERY.len());
        let sentences: HashSet<_> =
            Language::ALL.into_iter().flat_map(|language| EVERY.map(|reason| reason.sentence(language))).collect();
        assert_eq!(sentences.len(), EVERY.len() * Language::ALL.len());
        assert!(sentences.iter().all(|sentence| sentence.ends_with(['.', '。'])));
    }

    #[test]
    fn one_and_many_are_told_apart() {
        assert_eq!(Reason::TooFewDigits(1).sentence(Language::English), "Use at least 1 digit.");
        assert_eq!(Reason::TooFewDigits(2).sentence(Language::German), "Verwenden Sie mindestens 2 Ziffern.");
        assert_eq!(Reason::TooFewSpecial(2).sentence(Language::French), "Utilisez au moins 2 caractères spéciaux.");
        assert_eq!(Reason::RecentlyUsed(1).sentence(Language::English), "Do not use your last password again.");
    }

    #[test]
    fn a_refusal_says_each_reason() {
        let error = refused(&[Reason::TooShort(15), Reason::Leaked], Language::English);
        assert_eq!(error.kind, Kind::Refused);
        assert_eq!(
            error.details,
            ["Use at least 15 characters.", "Do not use a password that is known from data leaks."]
        );
    }
}
