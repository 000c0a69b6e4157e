//! Which names a person may have.

use crate::error::{Error, Result};

/// Longest name, in bytes.
const NAME_MAX: usize = 256;

/// A name of a person: any text of one line, none if it is absent.
///
/// # Errors
/// `Invalid`, with the name of the field.
pub fn check_name(field: &str, name: Option<&str>) -> Result<String> {
    let name = name.unwrap_or_default();
    if name.len() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Error::invalid(format!("Field {field} must be one line of at most {NAME_MAX} bytes.")));
    }
    Ok(name.into())
}
