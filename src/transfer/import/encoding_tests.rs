use std::io::{Cursor, Result as IoResult};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

fn text(bytes: &[u8], encoding: Encoding) -> Result<Vec<u8>, Code> {
    let mut text = Text::open(File::new("x", Cursor::new(bytes.to_vec())), encoding).map_err(|told| told.code)?;
    let mut all = Vec::new();
    loop {
        let chunk = text.chunk().map_err(|told| told.code)?;
        if chunk.is_empty() {
            return Ok(all);
        }
        all.extend_from_slice(chunk);
        let bytes = chunk.len();
        text.take(bytes);
    }
}

fn unicode(bytes: &[u8]) -> Result<Vec<u8>, Code> {
    text(bytes, Encoding::Unicode)
}

#[test]
fn a_byte_order_mark_tells_the_encoding_and_is_no_text() {
    assert_eq!(unicode(b"\xef\xbb\xbf\"a\"").unwrap(), b"\"a\"");
    assert_eq!(unicode(b"\xff\xfea\0\xeb\0=\xd8\0\xde").unwrap(), "aë😀".as_bytes());
    assert_eq!(unicode(b"\xfe\xff\0a\0\xeb\xd8=\xde\0").unwrap(), "aë😀".as_bytes());
    assert_eq!(text(b"\xff\xfea\0", Encoding::Latin1).unwrap(), b"a");
    for (bytes, code) in [
        (&b""[..], Code::FileEmpty),
        (b"a\0b\0", Code::FileEncoding),
        (b"\0a\0b", Code::FileEncoding),
        (b"\xff\xfe\0\0a\0\0\0", Code::FileEncoding),
    ] {
        assert_eq!(unicode(bytes), Err(code), "{bytes:?}");
    }
}

#[test]
fn old_encodings_are_read_when_they_are_named_and_never_guessed() {
    assert_eq!(unicode(b"G\xfcnther").unwrap(), b"G\xfcnther");
    assert_eq!(text(b"G\xfcnther \x80", Encoding::Latin1).unwrap(), "Günther \u{80}".as_bytes());
    assert_eq!(text(b"\x80\x93\xfc", Encoding::Windows1252).unwrap(), "€“ü".as_bytes());
    assert_eq!(text(b"\x81", Encoding::Windows1252).unwrap(), [NO_TEXT]);
    for (name, encoding) in
        [("ISO-8859-1", Encoding::Latin1), ("cp1252", Encoding::Windows1252), ("utf-8", Encoding::Unicode)]
    {
        assert_eq!(Encoding::named(name), Some(encoding));
    }
    assert_eq!(Encoding::named("koi8-r"), None);
}

#[test]
fn what_is_no_utf_16_is_no_text() {
    for bytes in [&b"\xff\xfe\0\xde"[..], b"\xff\xfe\0\xd8a\0", b"\xff\xfe\0\xd8", b"\xff\xfea\0b"] {
        assert!(std::str::from_utf8(&unicode(bytes).unwrap()).is_err(), "{bytes:?}");
    }
}

#[test]
fn characters_are_whole_across_chunks() {
    let long: String = "aë😀".chars().cycle().take(3 * CHUNK).collect();
    for shift in ["", "x"] {
        let long = format!("{shift}{long}");
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend(long.encode_utf16().flat_map(u16::to_le_bytes));
        assert!(unicode(&bytes).unwrap() == long.as_bytes());
    }
}

/// A file that is longer at its end than it was when it was opened.
struct Growing(Cursor<Vec<u8>>, Arc<AtomicU64>);

impl Read for Growing {
    fn read(&mut self, into: &mut [u8]) -> IoResult<usize> {
        self.0.read(into)
    }
}

impl Seek for Growing {
    fn seek(&mut self, to: SeekFrom) -> IoResult<u64> {
        let place = self.0.seek(to)?;
        let grown = self.1.fetch_add(1, Ordering::Relaxed);
        Ok(if matches!(to, SeekFrom::End(_)) { place + grown } else { place })
    }
}

#[test]
fn a_file_that_grows_while_it_is_read_is_not_taken() {
    let file = File::new("x", Growing(Cursor::new(b"email\n".to_vec()), Arc::default()));
    let mut text = Text::open(file, Encoding::Unicode).map_err(|told| told.code).unwrap();
    assert_eq!(text.chunk().unwrap(), b"email\n");
    text.take(6);
    assert_eq!(text.chunk().unwrap_err().code, Code::FileDigest);
}
