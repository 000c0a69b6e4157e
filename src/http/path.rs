//! Normalises a path before routing. Pure, and the only code that knows the documentation's long prefix.

use crate::error::{Error, Result};
use crate::text;

/// Replaces a path segment that decodes to text that no name may hold, so that the operation is still found and the
/// error can name the part.
const UNUSABLE: &str = "\u{fffd}";

/// What [`check`] takes, as an expression for the document (ECMA-262): a text that may be, without `/`, and no way upwards.
pub(super) const PATTERN: &str = r"^(?!\.{1,2}$)[^/\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufffd]+$";

/// The path as the table spells it: decoded once, without the prefix of the documentation's server template, without a
/// trailing slash. Unusable segments are replaced by [`UNUSABLE`], which [`check`] refuses.
pub(super) fn normalise(raw: &str) -> String {
    let trimmed = raw.trim_start_matches('/');
    let decoded = trimmed.split('/').map(|segment| decode(segment).unwrap_or_else(|| UNUSABLE.into()));
    let mut segments: Vec<String> = decoded.collect();
    if segments.len() > 1 && segments.last().is_some_and(String::is_empty) {
        segments.pop();
    }
    format!("/{}", without_prefix(&segments).join("/"))
}

/// Refuses a value of a path's variable part that no name may be.
///
/// # Errors
/// `Invalid`, with the name of the part.
pub(super) fn check(name: &str, value: &str) -> Result<()> {
    let field = format!("{name} in the path");
    text::check(&field, value)?;
    if is_segment(value) {
        return Ok(());
    }
    Err(Error::invalid(format!("Field {field} holds something that no name may hold. Check how it was encoded.")))
}

/// Refuses a path that matches no operation and holds an unusable segment.
///
/// # Errors
/// `Invalid`.
pub(super) fn check_whole(path: &str) -> Result<()> {
    if path.split('/').all(|segment| segment != UNUSABLE) {
        return Ok(());
    }
    Err(Error::invalid("The path holds something that no name may hold. Check how it was encoded."))
}

/// Strips `/api/v1/{domain_prefix}/{environment}/{region}/namespaces/{namespace}` from the front of one of our paths.
fn without_prefix(segments: &[String]) -> &[String] {
    let is_prefixed = segments.len() > 7
        && segments[0] == "api"
        && segments[1] == "v1"
        && segments[5] == "namespaces"
        && segments[..7].iter().all(|segment| segment != UNUSABLE)
        && matches!(segments[7].as_str(), "api" | "no_auth");
    if is_prefixed { &segments[7..] } else { segments }
}

fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let (high, low) = (rest.next().and_then(digit)?, rest.next().and_then(digit)?);
            high * 16 + low
        } else {
            byte
        });
    }
    let text = String::from_utf8(bytes).ok()?;
    (is_segment(&text) && !text.contains(char::is_control)).then_some(text)
}

/// Whether a text can be exactly one segment of a path.
fn is_segment(text: &str) -> bool {
    text != ".." && text != "." && text != UNUSABLE && !text.contains('/')
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RESET: &str = "/api/web/custom/password/admin_reset";

    #[test]
    fn the_prefix_of_the_documentation_is_dropped() {
        for raw in [
            "/api/web/custom/password/admin_reset",
            "//api/web/custom/password/admin_reset/",
            "/api/v1/api/production/us-east-1/namespaces/default/api/web/custom/password/admin_reset",
            "/api/v1/internal/feature-123/eu/namespaces/%7Bnamespace%7D/api/web/custom/password/admin%5Freset",
        ] {
            assert_eq!(normalise(raw), RESET, "{raw}");
        }
    }

    #[test]
    fn a_prefix_of_another_length_is_a_path_of_its_own() {
        let raw = "/api/v1/production/us-east-1/namespaces/default/api/web/custom/password/admin_reset";
        assert_eq!(normalise(raw), raw);
    }

    #[test]
    fn what_no_name_may_hold_is_refused() {
        for raw in ["/a/%2e%2e/b", "/a/..", "/a%2Fb", "/a%00", "/%", "/%zz", "/%ff"] {
            assert!(check_whole(&normalise(raw)).is_err(), "{raw}");
        }
        for value in ["..", ".", "a/b", "a\0", "a\u{202e}", UNUSABLE] {
            let refused = check("name", value).unwrap_err();
            assert!(refused.message.starts_with("Field name in the path holds "), "{}", refused.message);
        }
    }

    proptest! {
        #[test]
        fn what_comes_out_has_no_way_upwards(raw in "[/a-c.%2fF05eE{}]{0,40}") {
            let path = normalise(&raw);
            prop_assert!(path.starts_with('/'));
            prop_assert!(path.split('/').all(|segment| segment != ".." && segment != "."));
        }
    }
}
