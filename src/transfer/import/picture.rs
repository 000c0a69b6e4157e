//! The picture of a user in a line of our own format: a media type, and the file in base64.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::codes::Code;
use super::members::Members;
use super::record::Reason;
use crate::sent_picture::{OF_A_USER_MAX, PictureFormat, from_base64};

/// The most bytes that a picture takes in a line.
pub(super) const PICTURE_BYTES_MAX: usize = OF_A_USER_MAX.div_ceil(3) * 4;

/// A picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its media type, as its first bytes tell it.
    pub media_type: &'static str,
    /// The file.
    pub content: Vec<u8>,
}

impl Picture {
    /// A picture of these bytes; `None` for what is none.
    pub fn of(content: Vec<u8>) -> Option<Self> {
        let format = PictureFormat::of_a_user(&content).filter(|_| content.len() <= OF_A_USER_MAX)?;
        Some(Self { media_type: format.media_type(), content })
    }

    /// Takes the member out; the picture, and how many bytes of the line it took.
    ///
    /// # Errors
    /// `SHAPE` for what is no picture of a known kind; `TOO_LONG`.
    pub(super) fn read(members: &mut Members) -> Result<(Option<Self>, usize), Reason> {
        let Some(mut picture) = members.object("picture")? else { return Ok((None, 0)) };
        picture.any("media_type");
        let data = picture.text("data")?.unwrap_or_default();
        if let Some(name) = picture.unknown() {
            return Err(Reason::field(Code::Shape, name).because("this format has no such member"));
        }
        let too_long = || Reason::field(Code::TooLong, "picture").because(format!("at most {OF_A_USER_MAX} bytes"));
        let wrong = || Reason::field(Code::Shape, "picture").because("it must be a PNG, JPEG, GIF or WebP in base64");
        if data.len() > PICTURE_BYTES_MAX {
            return Err(too_long());
        }
        let content = from_base64(&data).ok_or_else(wrong)?;
        if content.len() > OF_A_USER_MAX {
            return Err(too_long());
        }
        Self::of(content).map(|picture| (Some(picture), data.len())).ok_or_else(wrong)
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.media_type, self.content.len())
    }
}

impl Serialize for Picture {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("Picture", 2)?;
        members.serialize_field("media_type", self.media_type)?;
        members.serialize_field("data", &STANDARD.encode(&self.content))?;
        members.end()
    }
}
