//! The `name=value` pairs of a query or a form (application/x-www-form-urlencoded). Bytes that are not UTF-8 are
//! refused, not replaced.

use percent_encoding::percent_decode;

use crate::error::{Error, Result};
use crate::text;

/// Every pair in order, decoded.
///
/// # Errors
/// `Invalid` for each pair that is not UTF-8, with its name.
pub(super) fn pairs(encoded: &[u8]) -> impl Iterator<Item = Result<(String, String)>> {
    encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(end) => (&pair[..end], &pair[end + 1..]),
            None => (pair, &pair[pair.len()..]),
        };
        let name =
            decode(name).ok_or_else(|| Error::invalid("The name of a field is not UTF-8. Check its encoding."))?;
        let value = decode(value);
        let wrong = || Error::invalid(format!("Field {} is not UTF-8. Check its encoding.", text::shown(&name)));
        Ok((name.clone(), value.ok_or_else(wrong)?))
    })
}

/// Refuses a query with characters that no text may hold.
///
/// # Errors
/// `Invalid`, with the name of the parameter.
pub(super) fn check(query: &str) -> Result<()> {
    pairs(query.as_bytes()).try_for_each(|pair| {
        let (name, value) = pair?;
        text::check("(a name in the query)", &name)?;
        text::check(&text::shown(&name), &value)
    })
}

fn decode(encoded: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    String::from_utf8(percent_decode(&spaced).collect()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pairs_are_decoded_once() {
        let read: Vec<_> = pairs(b"a=b+c&&d=%2525&e&=f&g=h=i").map(Result::unwrap).collect();
        let wanted = [("a", "b c"), ("d", "%25"), ("e", ""), ("", "f"), ("g", "h=i")];
        assert_eq!(read, wanted.map(|(name, value)| (name.to_string(), value.to_string())));
    }

    #[test]
    fn what_no_field_may_hold_is_refused_by_its_name() {
        for query in
            ["actor=a%00b", "x=1&actor=%0d%0a", "actor=%ff", "actor=%ed%a0%80", "actor=%e2%80%ae", "actor=%c2%85"]
        {
            let refused = check(query).unwrap_err();
            assert!(refused.message.starts_with("Field actor "), "{query}: {}", refused.message);
        }
        assert!(check("%00=1").is_err() && check("%ff=1").is_err());
        assert!(check("actor=a%20b&label_filter=%c3%a9+in+(a,b)&report_fields").is_ok());
    }

    proptest! {
        #[test]
        fn what_is_well_encoded_reads_as_browsers_do(names in proptest::collection::vec("[a-z]{1,3}", 0..4), value in any::<String>()) {
            let mut written = form_urlencoded::Serializer::new(String::new());
            names.iter().for_each(|name| { written.append_pair(name, &value); });
            let read: Vec<_> = pairs(written.finish().as_bytes()).map(Result::unwrap).collect();
            prop_assert_eq!(read, names.into_iter().map(|name| (name, value.clone())).collect::<Vec<_>>());
        }
    }
}
