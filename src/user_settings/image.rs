//! A user's picture: of a kind that browsers show and that runs nothing.

use base64::Engine;
use serde_json::json;

use super::{person, rows};
use crate::act::Act;
use crate::error::{Error, Kind, Result};
use crate::identity::{TenantId, UserId};
use crate::sent_picture::{self, PictureFormat, from_base64};
use crate::store::Tx;

/// Largest picture, in bytes.
pub(super) const IMAGE_MAX: usize = sent_picture::OF_A_USER_MAX;

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    /// Its media type.
    pub(super) content_type: String,
    /// The file.
    pub(super) bytes: Vec<u8>,
}

impl Image {
    /// Reads a picture from base64. Which kind it is, its first bytes say; `said` may be empty, or must agree.
    ///
    /// # Errors
    /// `Invalid` for what is no picture of the four kinds, `TooLarge` above [`IMAGE_MAX`].
    pub(super) fn read(base64: &str, said: &str) -> Result<Self> {
        let bytes = from_base64(base64)
            .ok_or_else(|| Error::invalid("Field image is not base64. Send the picture's bytes in base64."))?;
        if bytes.len() > IMAGE_MAX {
            return Err(Error::new(
                Kind::TooLarge,
                format!("The picture is larger than {IMAGE_MAX} bytes. Send a smaller one."),
            ));
        }
        let Some(found) = PictureFormat::of_a_user(&bytes).map(PictureFormat::media_type) else {
            return Err(Error::invalid("Field image must be a picture: PNG, JPEG, GIF or WebP."));
        };
        let said = said.trim().to_ascii_lowercase();
        if !said.is_empty() && said != found && (said.as_str(), found) != ("image/jpg", "image/jpeg") {
            return Err(Error::invalid(format!(
                "Field content_type does not fit: the picture is of the type {found}. Send that, or leave it out."
            )));
        }
        Ok(Self { content_type: found.into(), bytes })
    }

    /// The file in base64.
    pub(super) fn base64(&self) -> String {
        base64::engine::general_purpose::STANDARD.encode(&self.bytes)
    }
}

/// Keeps a picture of the caller.
///
/// # Errors
/// Those of [`person::calling`].
pub(super) fn set(tx: &mut Tx<'_>, act: &Act, image: &Image) -> Result<()> {
    let user = person::calling(tx, act)?;
    rows::keep_image(tx, act.tenant.id, user.id, image)?;
    let facts = json!({ "content_type": image.content_type, "bytes": image.bytes.len() });
    act.record(tx, "settings.image", &user.email, facts)
}

/// Keeps the picture of a user who comes from elsewhere.
///
/// # Errors
/// Those of the store.
pub fn bring_image(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, content_type: &str, bytes: &[u8]) -> Result<()> {
    rows::keep_image(tx, tenant, user, &Image { content_type: content_type.into(), bytes: bytes.to_vec() })
}

/// Removes the caller's picture, if there is one.
///
/// # Errors
/// Those of [`person::calling`].
pub(super) fn remove(tx: &mut Tx<'_>, act: &Act) -> Result<()> {
    let user = person::calling(tx, act)?;
    let was_there = rows::remove_image(tx, act.tenant.id, user.id)?;
    act.record(tx, "settings.image_remove", &user.email, json!({ "was_there": was_there }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

    fn base64(bytes: &[u8]) -> String {
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }

    #[test]
    fn four_kinds_of_pictures_are_known_by_their_first_bytes() {
        for (bytes, kind) in [
            (PNG, "image/png"),
            (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
            (b"GIF89arest", "image/gif"),
            (b"GIF87arest", "image/gif"),
            (b"RIFF\x10\0\0\0WEBPVP8 rest", "image/webp"),
        ] {
            let image = Image::read(&base64(bytes), "").unwrap();
            assert_eq!((&*image.content_type, &*image.bytes), (kind, bytes));
            assert_eq!(image.base64(), base64(bytes), "what is kept comes back");
            assert!(Image::read(&base64(bytes), &kind.to_uppercase()).is_ok());
        }
        assert!(Image::read(&base64(b"\xff\xd8\xff\xe0"), "image/jpg").is_ok());
    }

    #[test]
    fn what_runs_or_is_no_picture_is_refused() {
        for bytes in [&b""[..], b"<svg xmlns=", b"<html>", b"RIFF\x10\0\0\0WAVEfmt ", b"%PDF-1.7", b"GIF88a", &PNG[1..]]
        {
            assert_eq!(Image::read(&base64(bytes), "image/png").unwrap_err().kind, Kind::Invalid, "{bytes:?}");
        }
        for wrong in ["image/gif", "image/svg+xml", "text/html"] {
            assert!(Image::read(&base64(PNG), wrong).unwrap_err().message.contains("content_type"), "{wrong}");
        }
    }

    #[test]
    fn base64_is_read_in_all_forms_that_proto_json_has() {
        let bytes = [PNG, b"\xfb\xff\xfe"].concat();
        let padded = base64(&bytes);
        let plain = padded.trim_end_matches('=');
        for text in [padded.as_str(), plain, &plain.replace('+', "-").replace('/', "_")] {
            assert_eq!(Image::read(text, "").unwrap().bytes, bytes, "{text}");
        }
        for wrong in ["iVBORw0KGgo!", "iVBORw0KGgo ", "data:image/png;base64,iVBORw0KGgo="] {
            assert!(Image::read(wrong, "").unwrap_err().message.contains("not base64"), "{wrong}");
        }
    }

    #[test]
    fn a_picture_has_a_largest_size() {
        let mut bytes = PNG.to_vec();
        bytes.resize(IMAGE_MAX, 0);
        assert!(Image::read(&base64(&bytes), "").is_ok());
        bytes.push(0);
        let refused = Image::read(&base64(&bytes), "").unwrap_err();
        assert_eq!(refused.kind, Kind::TooLarge);
        assert!(refused.message.contains("1048576"), "{}", refused.message);
    }
}
