//! Letters beyond ASCII before the `@`: those of identifiers (UTS 39), so that no two addresses look alike that are not.

use unicode_normalization::char::is_combining_mark;
use unicode_security::{GeneralSecurityProfile, RestrictionLevel, RestrictionLevelDetection};

use super::refuse;
use crate::error::Result;

/// Refuses a local part with letters that are invisible, belong to nothing, or could be taken for others.
///
/// # Errors
/// `Invalid`.
pub(super) fn check(local: &str) -> Result<()> {
    let mut before = '.';
    for c in local.chars() {
        let has_letter = !is_combining_mark(c) || before.is_alphanumeric() || is_combining_mark(before);
        if !(c.is_ascii() || is_letter(c) && has_letter) {
            return refuse(&format!(
                "has U+{:04X} before the @: beyond ASCII, only letters, digits and their marks are taken there, none that is \
                 another form of a plain one.",
                u32::from(c)
            ));
        }
        before = c;
    }
    let letters: String = local.chars().filter(|c| c.is_ascii_alphanumeric() || !c.is_ascii()).collect();
    if letters.check_restriction_level(RestrictionLevel::HighlyRestrictive) {
        return Ok(());
    }
    refuse("has letters of several scripts before the @, which can look like another address; write it in one script.")
}

/// A letter, a digit or a mark that identifiers may have (UTS 39 § 3.1, table 1): in use today, visible, and in the form that
/// NFKC keeps.
fn is_letter(c: char) -> bool {
    c.identifier_allowed() && (c.is_alphanumeric() || is_combining_mark(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::address::{Email, is_atext};

    fn sentence(text: &str) -> String {
        Email::parse(text).map_or_else(|error| error.message, |email| panic!("{email:?} was taken"))
    }

    #[test]
    fn letters_of_any_script_are_taken_before_the_at_and_kept() {
        for text in [
            "jöhn@example.com",
            "Jürgen.O'Neil+news@xn--mnchen-3ya.de",
            "山田太郎@example.jp",
            "ヤマダ@example.jp",
            "taro.山田@example.jp",
            "иван-2@example.ru",
            "νίκος@example.gr",
            "محمد@example.com",
            "דוד1@example.com",
            "हिन्दी@example.in",
            "nguyễn@example.vn",
            "김철수@example.kr",
        ] {
            let email = Email::parse(text).unwrap_or_else(|refused| panic!("{text}: {refused}"));
            assert_eq!((email.as_str(), email.is_ascii()), (text, false));
        }
    }

    #[test]
    fn what_is_invisible_or_looks_like_another_is_refused_before_the_at() {
        for text in [
            "jo\u{ad}hn",
            "jo\u{200b}hn",
            "jo\u{200c}hn",
            "jo\u{200d}hn",
            "jo\u{2060}hn",
            "jo\u{34f}hn",
            "jo\u{3164}hn",
            "jo\u{115f}hn",
            "jo\u{fe0f}hn",
            "jo\u{e0101}hn",
            "jo\u{180b}hn",
            "jo\u{202e}hn",
            "jo\u{2066}hn",
            "jo\u{200f}hn",
            "jo\u{61c}hn",
            "\u{301}john",
            "jo.\u{301}hn",
            "jo+\u{301}hn",
            "jo\u{a0}hn",
            "jo\u{3000}hn",
            "jo\u{2028}hn",
            "jo\u{85}hn",
            "☃",
            "💩",
            "jo’hn",
            "ﬁn",
            "①",
            "x²",
            "𝐣ohn",
            "jo\u{fffd}hn",
            "jo\u{378}hn",
            "jo\u{e000}hn",
            "ﾔﾏ",
        ] {
            let sentence = sentence(&format!("{text}@example.com"));
            assert!(sentence.contains(" before the @: beyond ASCII, only letters"), "{text:?}: {sentence}");
        }
        for text in ["j\u{43e}hn", "раypal", "ροot", "johnمحمد", "דjohn", "иван.山田", "αб"] {
            let sentence = sentence(&format!("{text}@example.com"));
            assert!(sentence.contains("letters of several scripts before the @"), "{text:?}: {sentence}");
        }
    }

    proptest! {
        #[test]
        fn no_local_part_holds_what_could_end_a_line_a_command_or_a_header(local in "\\PC{1,12}|[a-zä-ÿа-я\u{200b}-\u{2069}]{1,8}") {
            if let Ok(email) = Email::parse(&format!("{local}@example.com")) {
                let is_harmless = |c: char| c == '.' || (!c.is_ascii() && is_letter(c)) || u8::try_from(c).is_ok_and(is_atext);
                prop_assert!(email.local_part().chars().all(is_harmless), "{:?}", email);
            }
        }
    }
}
