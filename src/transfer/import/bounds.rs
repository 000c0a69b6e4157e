//! What a text of a row may be at most.

use super::codes::Code;
use super::record::{GROUPS_OF_USER_MAX, Reason};
use crate::text;

/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 256;

/// A name of a person: one line of at most 256 bytes.
///
/// # Errors
/// `NUL`, `NAME_INVALID`.
pub(super) fn name(field: &str, text: String) -> Result<String, Reason> {
    if text.contains('\0') {
        return Err(Reason::field(Code::Nul, field));
    }
    if text.len() > NAME_BYTES_MAX || text::check(field, &text).is_err() {
        return Err(Reason::field(Code::NameInvalid, field));
    }
    Ok(text)
}

/// A name of something here, in a list: any short line. Whether it exists is not known here.
///
/// # Errors
/// `NUL`, `SHAPE`.
pub(super) fn check_line(field: &str, text: &str) -> Result<(), Reason> {
    if text.contains('\0') {
        return Err(Reason::field(Code::Nul, field));
    }
    match !text.is_empty() && text.len() <= NAME_BYTES_MAX && text::check(field, text).is_ok() {
        true => Ok(()),
        false => Err(Reason::field(Code::Shape, field)),
    }
}

/// A list of no more than a user may have.
///
/// # Errors
/// `TOO_LONG`.
pub(super) fn at_most<T>(field: &str, list: Vec<T>) -> Result<Vec<T>, Reason> {
    match list.len() <= GROUPS_OF_USER_MAX {
        true => Ok(list),
        false => Err(Reason::field(Code::TooLong, field).because(format!("at most {GROUPS_OF_USER_MAX}"))),
    }
}
