//! Which texts from outside are accepted: the same rule for every input and both engines.
//!
//! Refused, with the name of the field: control characters (PostgreSQL stores no NUL, and none must act on a terminal,
//! in a mail or in a record), the line and paragraph separators of Unicode, and the characters that turn the direction
//! of the text behind them, which can make one name look like another (Unicode TR 36 § 2.9). A secret may hold anything
//! but control characters (NIST SP 800-63B-4 § 3.1.1.2 takes printing ASCII, the space and Unicode), and the few fields whose
//! text has several lines by nature also hold ends of lines.

use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

/// Every text that [`check`] takes, as an expression for the document of the API (ECMA-262, which JSON Schema § 6.4 asks for).
pub const PATTERN: &str = r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$";

/// Every text that [`check_secret`] takes, likewise.
pub const SECRET_PATTERN: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";

/// Every text that [`check_lines`] takes, likewise.
pub const LINES_PATTERN: &str = r"^(?:[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]|\r?\n)*$";

/// The fields whose text has several lines by nature.
pub const OF_LINES: [&str; 1] = ["terms_text"];

/// The most characters of a name quoted in a sentence.
const SHOWN_MAX: usize = 64;

/// Refuses a text that no field may hold.
///
/// # Errors
/// `Invalid`, with the name of the field.
pub fn check(field: &str, text: &str) -> Result<()> {
    refuse(field, text.chars().find(|c| is_control(*c) || is_separator(*c) || turns_direction(*c)))
}

/// The text of the field that is called `name`, as it is taken: checked, and where it has several lines by nature, with `\n` at
/// the end of each. `field` is what the sentence calls it.
///
/// # Errors
/// As [`check`].
pub fn taken(field: &str, name: &str, text: String) -> Result<String> {
    if !OF_LINES.contains(&name) {
        return check(field, &text).map(|()| text);
    }
    check_lines(field, &text)?;
    Ok(if text.contains('\r') { text.replace("\r\n", "\n") } else { text })
}

/// Refuses a text that no field of several lines may hold. A line ends with `\n` or `\r\n`.
///
/// # Errors
/// As [`check`].
pub fn check_lines(field: &str, text: &str) -> Result<()> {
    let mut lines = text.split_inclusive('\n');
    lines.try_for_each(|line| check(field, line.strip_suffix("\r\n").or(line.strip_suffix('\n')).unwrap_or(line)))
}

/// Refuses a password with a control character, which keyboards do not type and screens do not show.
///
/// # Errors
/// As [`check`].
pub fn check_secret(field: &str, text: &str) -> Result<()> {
    refuse(field, text.chars().find(|c| is_control(*c)))
}

/// A name from a client for use in a sentence: shortened, and without forbidden characters.
pub fn shown(name: &str) -> String {
    name.chars().filter(|c| !is_control(*c) && !is_separator(*c) && !turns_direction(*c)).take(SHOWN_MAX).collect()
}

/// As [`shown`], where the name may be empty: a sentence must not have a hole.
pub fn shown_or_empty(name: &str) -> String {
    if name.is_empty() { "\"\"".into() } else { shown(name) }
}

/// A text as it is compared in a search: letter case, width, composition and blanks do not count (Unicode § 3.13, D146, with
/// the letters of the standard library in the place of the table of foldings: `ß` and `SS` are alike, as are `ς` and `Σ`).
pub fn folded(text: &str) -> String {
    let again = fold_once(&fold_once(text)).replace("i\u{307}", "i");
    again.nfkc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `ẞ` becomes `ß` in small letters and `SS` in capital ones, hence small, capital, small.
fn fold_once(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// The name that is meant by a misspelt one: the nearest of these, if it is near enough. Letter case does not count.
pub fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let (name, far) = (name.to_ascii_lowercase(), 1 + name.len() / 4);
    names
        .map(|known| (distance(known, &name), known))
        .filter(|(distance, _)| *distance <= far)
        .min()
        .map(|(_, known)| known)
}

/// How many letters must be inserted, removed or replaced (Levenshtein), row by row.
pub fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
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

/// The embeddings, overrides and isolates of Unicode TR 9; the marks (U+200E, U+200F, U+061C) affect no other
/// character.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_that_people_take_for_the_same_fold_to_the_same() {
        for (one, other) in [
            ("Weiß", "WEISS"),
            ("ẞ", "ss"),
            ("ὈΔΥΣΣΕΎΣ", "ὀδυσσεύς"),
            ("İlker", "ilker"),
            ("Ｊａｎｅ　Roe", "  jane roe "),
            ("e\u{301}", "É"),
            ("ﬁne", "FINE"),
            ("が", "か\u{3099}"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        for (one, other) in [("Müller", "Muller"), ("か", "が"), ("jane roe", "janeroe")] {
            assert_ne!(folded(one), folded(other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_folded_stays_as_it_is(text in "\\PC{0,12}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }
    }

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
    fn a_slip_of_the_pen_is_near_and_another_word_is_not() {
        let names = ["tenant", "link", "code"];
        assert_eq!(nearest("tennant", names.into_iter()), Some("tenant"));
        assert_eq!(nearest("Lnik", names.into_iter()), Some("link"));
        assert_eq!(nearest("password", names.into_iter()), None);
    }

    #[test]
    fn a_password_may_hold_everything_but_control_characters() {
        assert!(check_secret("password", "a\u{2028}b\u{202e}c").is_ok());
        assert!(check_secret("password", "a\tb").is_err());
    }

    #[test]
    fn a_text_of_several_lines_ends_them_in_one_way() {
        for (text, wanted) in
            [("a\nb\n\nc\n", "a\nb\n\nc\n"), ("a\r\nb\r\n\r\nc\n", "a\nb\n\nc\n"), ("\r\n", "\n"), ("one", "one")]
        {
            assert_eq!(taken("x", "terms_text", text.into()).unwrap(), wanted, "{text:?}");
            assert_eq!(taken("x", "contact", text.into()).is_ok(), text == "one", "{text:?}");
        }
        for text in ["a\r", "a\rb", "a\r\r\nb", "a\n\tb", "a\n\0", "a\u{85}b", "a\u{2028}b", "a\n\u{202e}b"] {
            assert!(taken("x", "terms_text", text.into()).is_err(), "{text:?}");
        }
    }

    /// The ranges of characters that an expression of the form `^[^…]*$` excludes.
    fn excluded(pattern: &str) -> Vec<std::ops::RangeInclusive<char>> {
        let inside = pattern.strip_prefix("^[^").and_then(|rest| rest.strip_suffix("]*$")).unwrap();
        let code = |escape: &str| {
            let digits = escape.strip_prefix("\\u").unwrap();
            char::from_u32(u32::from_str_radix(digits, 16).unwrap()).unwrap()
        };
        let pairs: Vec<_> = inside.as_bytes().chunks(13).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
        pairs.iter().map(|pair| pair.split_once('-').unwrap()).map(|(from, to)| code(from)..=code(to)).collect()
    }

    #[test]
    fn the_document_tells_exactly_the_characters_that_are_refused() {
        for (pattern, taken) in [
            (PATTERN, check as fn(&str, &str) -> Result<()>),
            (SECRET_PATTERN, check_secret as fn(&str, &str) -> Result<()>),
        ] {
            let excluded = excluded(pattern);
            for c in '\0'..=char::MAX {
                let is_told = !excluded.iter().any(|range| range.contains(&c));
                assert_eq!(taken("x", c.encode_utf8(&mut [0; 4])).is_ok(), is_told, "U+{:04X}", u32::from(c));
            }
        }
    }

    #[test]
    fn the_document_tells_where_lines_may_end() {
        let one = PATTERN.strip_prefix('^').and_then(|rest| rest.strip_suffix("*$")).unwrap();
        assert_eq!(LINES_PATTERN, format!(r"^(?:{one}|\r?\n)*$"));
        for c in '\0'..=char::MAX {
            let text = c.to_string();
            assert_eq!(
                check_lines("x", &text).is_ok(),
                c == '\n' || check("x", &text).is_ok(),
                "U+{:04X}",
                u32::from(c)
            );
        }
        assert_eq!([check_lines("x", "\r\n").is_ok(), check_lines("x", "\r").is_ok()], [true, false]);
    }

    proptest! {
        #[test]
        fn what_is_shown_would_be_taken(text in any::<String>()) {
            prop_assert!(check("name", &shown(&text)).is_ok());
            prop_assert_eq!(check("name", &text).is_ok(), text.chars().eq(text.chars().filter(|c| check("x", &c.to_string()).is_ok())));
        }

        #[test]
        fn the_distance_is_the_same_both_ways(from in "[a-c]{0,8}", to in "[a-c]{0,8}") {
            prop_assert_eq!(distance(&from, &to), distance(&to, &from));
            prop_assert_eq!(distance(&from, &to) == 0, from == to);
            prop_assert!(distance(&from, &to) <= from.len().max(to.len()));
        }
    }
}
