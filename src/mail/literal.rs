//! Makes foreign text safe to place in a mail: one line, bounded length, no invisible characters that affect the rest.

/// The text on one line with at most `characters_max` characters; a longer one ends in `…`.
///
/// Control characters and line separators become a space, runs of spaces become one. Characters that turn the direction
/// of the text behind them (UAX #9), the byte order mark and the tag characters are removed. The rest is literal:
/// escaping angle brackets and braces is up to the place where the text is used.
pub fn one_line(text: &str, characters_max: usize) -> String {
    let mut line = String::with_capacity(text.len().min(characters_max * 4));
    let (mut characters, mut gap) = (0, false);
    for character in text.chars().filter(|character| !is_invisible(*character)) {
        if character.is_control() || character.is_whitespace() {
            gap = characters > 0;
            continue;
        }
        if characters + usize::from(gap) >= characters_max {
            shorten(&mut line, characters, characters_max);
            return line;
        }
        if gap {
            line.push(' ');
        }
        line.push(character);
        characters += 1 + usize::from(gap);
        gap = false;
    }
    line
}

fn shorten(line: &mut String, characters: usize, characters_max: usize) {
    if characters == characters_max {
        line.pop();
    }
    line.push('…');
}

fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'
        | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_are_called_stays() {
        for name in ["Zoë O'Neil", "山田 太郎", "José María", "مريم", "👩‍👩‍👧", "<img src=x>", "{{7*7}}"]
        {
            assert_eq!(one_line(name, 80), name);
        }
    }

    #[test]
    fn lines_and_turned_text_do_not() {
        assert_eq!(one_line(" Eve\r\nBcc:\tx@y.z\u{2028}\0 ", 80), "Eve Bcc: x@y.z");
        assert_eq!(one_line("a\u{202E}b\u{2066}c\u{200F}d", 80), "abcd");
        assert_eq!(one_line("abcdef", 4), "abc…");
        assert_eq!(one_line("abcd", 4), "abcd");
        assert_eq!(one_line("abc def", 4), "abc…");
    }

    proptest! {
        #[test]
        fn it_is_one_bounded_line(text in any::<String>(), characters_max in 1_usize..40) {
            let line = one_line(&text, characters_max);
            prop_assert!(line.chars().count() <= characters_max);
            let harmless = |c: char| !(c.is_control() || is_invisible(c) || c == '\u{2028}' || c == '\u{2029}');
            prop_assert!(line.chars().all(harmless));
            prop_assert_eq!(one_line(&line, characters_max), line);
        }
    }
}
