//! What a text from outside may hold: the same for every way in, and for every engine that may keep it.
//!
//! Refused, with the name of the field: control characters (PostgreSQL keeps no NUL, and what stands in a record, a
//! mail or on a terminal must not steer it), the line and paragraph separators of Unicode, and the characters that turn
//! the direction of the text behind them, by which a name could be read as another (Unicode TR 36 § 2.9). A secret may
//! hold anything but control characters (NIST SP 800-63B-4 § 3.1.1.2 takes printing ASCII, the space and Unicode).

use crate::error::{Error, Result};

/// Longest part of a name in a sentence, in characters.
const SHOWN_MAX: usize = 64;

/// Refuses a text that no field may hold.
///
/// # Errors
/// `Invalid`, by the name of the field.
pub fn check(field: &str, text: &str) -> Result<()> {
    refuse(field, text.chars().find(|c| is_control(*c) || is_separator(*c) || turns_direction(*c)))
}

/// Refuses a password that has a control character: it is not written with a keyboard and not seen when it is shown.
///
/// # Errors
/// As [`check`].
pub fn check_secret(field: &str, text: &str) -> Result<()> {
    refuse(field, text.chars().find(|c| is_control(*c)))
}

/// A name that someone sent, for a sentence: bounded, and without what no text may hold.
pub fn shown(name: &str) -> String {
    name.chars().filter(|c| !is_control(*c) && !is_separator(*c) && !turns_direction(*c)).take(SHOWN_MAX).collect()
}

fn refuse(field: &str, found: Option<char>) -> Result<()> {
    let Some(found) = found else { return Ok(()) };
    let what = if is_control(found) {
        "control characters"
    } else if is_separator(found) {
        "line separators"
    } else {
        "characters that turn the direction of text"
    };
    Err(Error::invalid(format!("Field {field} holds U+{:04X}: {what} are not taken. Leave it out.", u32::from(found))))
}

/// Unicode category Cc, NUL among them.
fn is_control(c: char) -> bool {
    c.is_control()
}

/// Unicode categories Zl and Zp.
fn is_separator(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// The embeddings, overrides and isolates of Unicode TR 9; the marks (U+200E, U+200F, U+061C) turn nothing but themselves.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_that_could_steer_its_reader_is_refused_by_the_name_of_its_field() {
        for c in [
            '\0', '\u{1}', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}', '\u{9f}', '\u{2028}', '\u{202e}', '\u{2066}',
        ] {
            let refused = check("first_name", &format!("Ja{c}ne")).unwrap_err();
            let begin = format!("Field first_name holds U+{:04X}: ", u32::from(c));
            assert!(refused.message.starts_with(&begin), "{}", refused.message);
            assert!(refused.message.chars().all(|c| c.is_ascii_graphic() || c == ' '), "{}", refused.message);
            assert_eq!(shown(&format!("Ja{c}ne")), "Jane");
        }
    }

    #[test]
    fn every_script_is_taken() {
        for text in
            ["", "Zoë O'Neil-Łukasz", "山田 太郎", "‏אבג‎", "a\u{200d}b", "\u{10ffff}\u{e000}\u{fdd0}\u{378}", "🦀"]
        {
            assert!(check("first_name", text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn a_password_may_hold_everything_but_control_characters() {
        assert!(check_secret("password", "a\u{2028}b\u{202e}c").is_ok());
        assert!(check_secret("password", "a\tb").is_err());
    }

    proptest! {
        #[test]
        fn what_is_shown_would_be_taken(text in any::<String>()) {
            prop_assert!(check("name", &shown(&text)).is_ok());
            prop_assert_eq!(check("name", &text).is_ok(), text.chars().eq(text.chars().filter(|c| check("x", &c.to_string()).is_ok())));
        }
    }
}
