//! Why a password is refused, in the user's language.

use crate::error::{Error, Kind};
use crate::language::Language;

/// A rule that a password breaks. Each sentence is worded as a rule, so that hints and refusals say the same.
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
        match language {
            Language::English => self.english(),
            Language::German => self.german(),
            Language::French => self.french(),
            Language::Japanese => self.japanese(),
        }
    }

    fn english(self) -> String {
        match self {
            Self::TooShort(n) => format!("Use at least {}.", counted(n, "character", "characters")),
            Self::TooLong(n) => format!("Use at most {}.", counted(n, "character", "characters")),
            Self::TooFewDigits(n) => format!("Use at least {}.", counted(n, "digit", "digits")),
            Self::TooFewLowercase(n) => {
                format!("Use at least {}.", counted(n, "lower-case letter", "lower-case letters"))
            }
            Self::TooFewUppercase(n) => {
                format!("Use at least {}.", counted(n, "upper-case letter", "upper-case letters"))
            }
            Self::TooFewSpecial(n) => {
                format!("Use at least {}.", counted(n, "special character", "special characters"))
            }
            Self::Username => "Do not use your email address or the part before the @.".into(),
            Self::ContextWord => "Do not use your name or the name of your organisation.".into(),
            Self::Leaked => "Do not use a password that is known from data leaks.".into(),
            Self::TooWeak => "Make it hard to guess: several unrelated words do better than one with digits.".into(),
            Self::RecentlyUsed(1) => "Do not use your last password again.".into(),
            Self::RecentlyUsed(n) => format!("Do not use one of your last {n} passwords."),
        }
    }

    fn german(self) -> String {
        match self {
            Self::TooShort(n) => format!("Verwenden Sie mindestens {n} Zeichen."),
            Self::TooLong(n) => format!("Verwenden Sie höchstens {n} Zeichen."),
            Self::TooFewDigits(n) => format!("Verwenden Sie mindestens {}.", counted(n, "Ziffer", "Ziffern")),
            Self::TooFewLowercase(n) => {
                format!("Verwenden Sie mindestens {}.", counted(n, "Kleinbuchstaben", "Kleinbuchstaben"))
            }
            Self::TooFewUppercase(n) => {
                format!("Verwenden Sie mindestens {}.", counted(n, "Großbuchstaben", "Großbuchstaben"))
            }
            Self::TooFewSpecial(n) => format!("Verwenden Sie mindestens {n} Sonderzeichen."),
            Self::Username => "Verwenden Sie weder Ihre E-Mail-Adresse noch den Teil vor dem @.".into(),
            Self::ContextWord => "Verwenden Sie weder Ihren Namen noch den Ihrer Organisation.".into(),
            Self::Leaked => "Verwenden Sie kein Passwort, das aus Datenlecks bekannt ist.".into(),
            Self::TooWeak => {
                "Wählen Sie etwas schwer zu Erratendes: Mehrere Wörter ohne Zusammenhang sind besser als eines mit Ziffern."
                    .into()
            }
            Self::RecentlyUsed(1) => "Verwenden Sie nicht noch einmal Ihr letztes Passwort.".into(),
            Self::RecentlyUsed(n) => format!("Verwenden Sie keines Ihrer letzten {n} Passwörter."),
        }
    }

    fn french(self) -> String {
        match self {
            Self::TooShort(n) => format!("Utilisez au moins {}.", counted(n, "caractère", "caractères")),
            Self::TooLong(n) => format!("Utilisez au plus {}.", counted(n, "caractère", "caractères")),
            Self::TooFewDigits(n) => format!("Utilisez au moins {}.", counted(n, "chiffre", "chiffres")),
            Self::TooFewLowercase(n) => format!("Utilisez au moins {}.", counted(n, "minuscule", "minuscules")),
            Self::TooFewUppercase(n) => format!("Utilisez au moins {}.", counted(n, "majuscule", "majuscules")),
            Self::TooFewSpecial(n) => {
                format!("Utilisez au moins {}.", counted(n, "caractère spécial", "caractères spéciaux"))
            }
            Self::Username => "N’utilisez ni votre adresse e-mail ni la partie qui précède le @.".into(),
            Self::ContextWord => "N’utilisez ni votre nom ni celui de votre organisation.".into(),
            Self::Leaked => "N’utilisez pas un mot de passe connu par des fuites de données.".into(),
            Self::TooWeak => {
                "Choisissez-le difficile à deviner : plusieurs mots sans rapport valent mieux qu’un mot et des chiffres."
                    .into()
            }
            Self::RecentlyUsed(1) => "N’utilisez pas de nouveau votre dernier mot de passe.".into(),
            Self::RecentlyUsed(n) => format!("N’utilisez aucun de vos {n} derniers mots de passe."),
        }
    }

    fn japanese(self) -> String {
        match self {
            Self::TooShort(n) => format!("{n}文字以上にしてください。"),
            Self::TooLong(n) => format!("{n}文字以内にしてください。"),
            Self::TooFewDigits(n) => format!("数字を{n}文字以上含めてください。"),
            Self::TooFewLowercase(n) => format!("小文字を{n}文字以上含めてください。"),
            Self::TooFewUppercase(n) => format!("大文字を{n}文字以上含めてください。"),
            Self::TooFewSpecial(n) => format!("記号を{n}文字以上含めてください。"),
            Self::Username => "メールアドレスや@より前の部分は使用しないでください。".into(),
            Self::ContextWord => "お名前や組織の名前は使用しないでください。".into(),
            Self::Leaked => "漏えいしたことが知られているパスワードは使用しないでください。".into(),
            Self::TooWeak => {
                "推測されにくいものにしてください。単語と数字の組み合わせより、関連のない複数の単語が安全です。".into()
            }
            Self::RecentlyUsed(1) => "前回のパスワードは使用しないでください。".into(),
            Self::RecentlyUsed(n) => format!("直近{n}回分のパスワードは使用しないでください。"),
        }
    }
}

/// The error for a password that breaks rules: `Refused`, with one sentence for each reason as details.
pub fn refused(reasons: &[Reason], language: Language) -> Error {
    let message = match language {
        Language::English => "This password does not fit the rules. Choose another one.",
        Language::German => "Dieses Passwort entspricht nicht den Regeln. Wählen Sie ein anderes.",
        Language::French => "Ce mot de passe ne respecte pas les règles. Choisissez-en un autre.",
        Language::Japanese => "このパスワードは条件を満たしていません。別のパスワードを選んでください。",
    };
    let sentences = reasons.iter().map(|reason| reason.sentence(language)).collect();
    Error::new(Kind::Refused, message).with_details(sentences)
}

fn counted(n: u32, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
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
