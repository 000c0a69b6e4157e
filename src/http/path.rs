//! The one normalising step before routing: pure, and the only place that knows of the long prefix.

use crate::error::{Error, Result};

/// The path as the table knows it: decoded once, without the prefix of the documentation's server
/// template, without a trailing slash.
///
/// # Errors
/// `Invalid` for a path that decodes to something that no name may hold.
pub fn normalise(raw: &str) -> Result<String> {
    let trimmed = raw.trim_start_matches('/');
    let mut segments = trimmed.split('/').map(decode).collect::<Result<Vec<_>>>()?;
    if segments.len() > 1 && segments.last().is_some_and(String::is_empty) {
        segments.pop();
    }
    Ok(format!("/{}", without_prefix(&segments).join("/")))
}

/// `/api/v1/{domain_prefix}/{environment}/{region}/namespaces/{namespace}` in front of a path of ours.
fn without_prefix(segments: &[String]) -> &[String] {
    let is_prefixed = segments.len() > 7
        && segments[0] == "api"
        && segments[1] == "v1"
        && segments[5] == "namespaces"
        && matches!(segments[7].as_str(), "api" | "no_auth");
    if is_prefixed { &segments[7..] } else { segments }
}

fn decode(segment: &str) -> Result<String> {
    let unusable = || Error::invalid("The path holds something that no name may hold. Check how it was encoded.");
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let (high, low) = (rest.next().and_then(digit), rest.next().and_then(digit));
            high.zip(low).map(|(high, low)| high * 16 + low).ok_or_else(unusable)?
        } else {
            byte
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| unusable())?;
    let is_unusable = text == ".." || text == "." || text.chars().any(|c| c == '/' || c.is_control());
    if is_unusable { Err(unusable()) } else { Ok(text) }
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
            assert_eq!(normalise(raw).unwrap(), RESET, "{raw}");
        }
    }

    #[test]
    fn a_prefix_of_another_length_is_a_path_of_its_own() {
        let raw = "/api/v1/production/us-east-1/namespaces/default/api/web/custom/password/admin_reset";
        assert_eq!(normalise(raw).unwrap(), raw);
    }

    #[test]
    fn what_no_name_may_hold_is_refused() {
        for raw in ["/a/%2e%2e/b", "/a/..", "/a%2Fb", "/a%00", "/%", "/%zz", "/%ff"] {
            assert!(normalise(raw).is_err(), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn what_comes_out_has_no_way_upwards(raw in "[/a-c.%2fF05eE{}]{0,40}") {
            if let Ok(path) = normalise(&raw) {
                prop_assert!(path.starts_with('/'));
                prop_assert!(path.split('/').all(|segment| segment != ".." && segment != "."));
            }
        }
    }
}
