//! Pictures that callers send: how they are written in JSON, and which are taken, told by their first bytes. What can carry a
//! script, as SVG can, or be taken for a page is not among them.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// The bytes of a picture in base64, of either alphabet (RFC 4648 §§ 4 and 5), padded or not: JSON of protocol buffers allows
/// all of these. `None` for anything else.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) { URL_SAFE } else { STANDARD };
    GeneralPurpose::new(&alphabet, lenient).decode(text).ok()
}

/// Largest picture of a user, in bytes.
pub const OF_A_USER_MAX: usize = 1024 * 1024;

/// A format of pictures that browsers show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    /// PNG (third edition § 5.2).
    Png,
    /// JPEG (ITU-T T.81 § B.1.1.3: the marker SOI and the next one).
    Jpeg,
    /// GIF 87a and 89a.
    Gif,
    /// WebP (RFC 9649 § 2.4).
    Webp,
    /// An icon of Windows, which browsers take as a favicon.
    Ico,
}

impl PictureFormat {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Png, Self::Jpeg, Self::Gif, Self::Webp, Self::Ico];

    /// The format of a picture; `None` for anything else.
    pub fn of(content: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|format| match format {
            Self::Png => content.starts_with(b"\x89PNG\r\n\x1a\n"),
            Self::Jpeg => content.starts_with(&[0xff, 0xd8, 0xff]),
            Self::Gif => content.starts_with(b"GIF87a") || content.starts_with(b"GIF89a"),
            Self::Webp => content.starts_with(b"RIFF") && content.get(8..14) == Some(b"WEBPVP"),
            // Type 1 is an icon; an icon without pictures in it is none.
            Self::Ico => content.starts_with(&[0, 0, 1, 0]) && content.get(4..6).is_some_and(|count| count != [0, 0]),
        })
    }

    /// The format of a picture of a user; an icon is none.
    pub fn of_a_user(content: &[u8]) -> Option<Self> {
        Self::of(content).filter(|format| *format != Self::Ico)
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Ico => "image/x-icon",
        }
    }

    /// The format of this media type.
    pub fn from_media_type(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.media_type() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_told_by_its_first_bytes() {
        for (content, format) in [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), PictureFormat::Png),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", PictureFormat::Jpeg),
            (b"GIF87a\x01\0", PictureFormat::Gif),
            (b"GIF89a\x01\0", PictureFormat::Gif),
            (b"RIFF\x24\0\0\0WEBPVP8 ", PictureFormat::Webp),
            (b"\0\0\x01\0\x01\0\x10\x10", PictureFormat::Ico),
        ] {
            assert_eq!(PictureFormat::of(content), Some(format));
            assert_eq!(PictureFormat::from_media_type(format.media_type()), Some(format));
        }
    }

    #[test]
    fn nothing_else_is_a_picture() {
        for content in [
            b"".as_slice(),
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"<!doctype html><script>",
            b"\xef\xbb\xbf<svg/>",
            b"GIF90a",
            b"RIFF\x24\0\0\0WAVEfmt ",
            b"\0\0\x01\0\0\0",
            b"\0\0\x02\0\x01\0",
            b"%PDF-1.7",
            b" \x89PNG\r\n\x1a\n",
        ] {
            assert_eq!(PictureFormat::of(content), None, "{content:?}");
        }
    }
}
