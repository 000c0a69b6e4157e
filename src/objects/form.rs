//! The forms that a reader may want beside an object, ready to be sent back.

use crate::error::{Error, Result};
use crate::http::Call;

/// Which form is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// None.
    None,
    /// The one that creates such an object.
    Create,
    /// The one that replaces it.
    Replace,
}

impl Form {
    /// Reads `response_format`, which comes as a number or a name.
    ///
    /// # Errors
    /// `Invalid` for any other word.
    pub fn of(call: &Call) -> Result<Self> {
        match call.query("response_format").as_deref().unwrap_or_default() {
            "" | "0" | "3" | "4" | "5" | "6" => Ok(Self::None),
            "1" | "GET_RSP_FORMAT_FOR_CREATE" => Ok(Self::Create),
            "2" | "GET_RSP_FORMAT_FOR_REPLACE" => Ok(Self::Replace),
            "GET_RSP_FORMAT_DEFAULT"
            | "GET_RSP_FORMAT_STATUS"
            | "GET_RSP_FORMAT_READ"
            | "GET_RSP_FORMAT_REFERRING_OBJECTS"
            | "GET_RSP_FORMAT_BROKEN_REFERENCES" => Ok(Self::None),
            _ => Err(Error::invalid("Field response_format is none of the known formats, 0 to 6.")),
        }
    }
}
