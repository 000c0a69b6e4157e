//! The one Unicode form in which passwords are judged, hashed and compared.

use unicode_normalization::UnicodeNormalization;

/// The typed text in Unicode's form NFKC (UAX #15; NIST SP 800-63B-4 § 3.1.1.2), one code point at a time. Keyboards
/// and systems spell `é` as one code point or as two, and use full-width letters or ligatures for the same letters.
pub(super) fn normal(typed: &str) -> impl Iterator<Item = char> {
    typed.nfkc()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(typed: &str) -> String {
        normal(typed).collect()
    }

    #[test]
    fn other_spellings_of_the_same_letters_are_the_same() {
        for (typed, expected) in [
            ("e\u{301}", "é"),
            ("ﬁ", "fi"),
            ("Ａｂ１", "Ab1"),
            ("ｶﾞ", "ガ"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
            ("a\u{a0}b", "a b"),
        ] {
            assert_eq!(text(typed), expected, "{typed}");
        }
        for kept in ["  two blanks ", "a\0b", "🦀", "ß", "İ"] {
            assert_eq!(text(kept), kept);
        }
    }

    proptest! {
        #[test]
        fn the_form_of_the_form_is_itself_and_so_is_that_of_its_parts(typed in any::<String>()) {
            let one = text(&typed);
            prop_assert_eq!(&text(&one), &one);
            prop_assert_eq!(&text(&typed.nfd().collect::<String>()), &one);
            prop_assert_eq!(&text(&typed.nfkd().collect::<String>()), &one);
        }
    }
}
