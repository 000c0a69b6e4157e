//! Whole numbers as JSON has them: `10`, `10.0` and `1e1` are the same one (RFC 8259 § 6).

/// Above this, not every whole number has a floating-point form of its own.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

/// The whole number equal to a floating-point one; `None` for one with a fraction, and for one too large to be exact.
pub fn whole(number: f64) -> Option<i64> {
    let is_whole = number.fract() == 0.0 && number.abs() < EXACT_BELOW;
    #[allow(clippy::cast_possible_truncation, reason = "it is whole and far below the bounds of the type")]
    is_whole.then_some(number as i64)
}

/// Parses a whole number, in any form that JSON allows.
pub fn parse_whole(text: &str) -> Option<i64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if !is_number {
        return None;
    }
    text.parse().ok().or_else(|| whole(text.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_number_is_read_from_all_its_spellings() {
        for text in ["10", "10.0", "1e1", "1E+1", "100e-1", "010"] {
            assert_eq!(parse_whole(text), Some(10), "{text}");
        }
        for text in ["", "1.5", "1e", "ten", "inf", "nan", "1e400", "1e17", " 1", "1_0", "9223372036854775808", "0x10"]
        {
            assert_eq!(parse_whole(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_number_is_read_as_itself(number: i64) {
            prop_assert_eq!(parse_whole(&number.to_string()), Some(number));
        }

        #[test]
        fn what_is_whole_stays_the_same(number: f64) {
            if let Some(read) = whole(number) {
                prop_assert_eq!(read as f64, number);
            }
        }
    }
}
