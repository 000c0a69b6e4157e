//! The names of objects.

use crate::error::{Error, Result};

/// Longest name of an object (RFC 1035 § 2.3.4, a label).
pub const NAME_MAX: usize = 63;

/// Checks the name of an object: a small letter, then small letters, digits and hyphens (RFC 1035 § 2.3.1).
///
/// # Errors
/// `Invalid`, with the name of the field.
pub fn check_name(field: &str, name: &str, length_max: usize) -> Result<()> {
    if name.is_empty() {
        return Err(Error::invalid(format!("Field {field} should be not empty in request.")));
    }
    let is_fit = name.len() <= length_max
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if is_fit {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Field {field} must be a small letter, then small letters, digits and hyphens, at most {length_max}."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_label_of_a_host_name() {
        for good in ["a", "team-a", "x1"] {
            assert!(check_name("metadata.name", good, NAME_MAX).is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        for bad in ["", "-a", "a-", "A", "1a", "a_b", "*", "a.b", &long] {
            let refused = check_name("metadata.name", bad, NAME_MAX).unwrap_err();
            assert!(refused.message.starts_with("Field metadata.name "), "{bad}");
        }
    }
}
