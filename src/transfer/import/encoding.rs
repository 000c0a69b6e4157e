//! The bytes of a file as UTF-8. UTF-16 is told by its byte order mark, the old encodings of one byte by the caller; nothing is
//! guessed. What cannot be decoded becomes a byte that UTF-8 does not have, so that the row in which it stands is refused.

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use super::codes::Code;
use super::options::Encoding;
use super::record::FileTold;

/// Where the bytes of a file come from. A file is read twice where one pass does not tell all.
pub trait Bytes: Read + Seek + Send {}

impl<T: Read + Seek + Send> Bytes for T {}

/// A file to be read.
pub struct File {
    /// Its name, for sentences.
    pub name: String,
    /// Its bytes.
    pub bytes: Box<dyn Bytes>,
}

impl File {
    /// A file of this name.
    pub fn new(name: impl Into<String>, bytes: impl Bytes + 'static) -> Self {
        Self { name: name.into(), bytes: Box::new(bytes) }
    }
}

/// Bytes that are read from a file at once.
const CHUNK: usize = 64 << 10;
/// The same where one row is wanted.
const LITTLE: usize = 2 << 10;
/// No text in UTF-8 has this byte.
const NO_TEXT: u8 = 0xff;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    AsIs,
    Utf16 { is_big: bool },
    Latin1,
    Windows1252,
}

/// The text of a file, read from its beginning to its end.
pub(super) struct Text {
    name: String,
    bytes: Box<dyn Bytes>,
    /// Bytes of the file when it was opened, and of its byte order mark.
    length: u64,
    mark: u64,
    form: Form,
    /// Bytes of the file that were read.
    read: u64,
    raw: Vec<u8>,
    /// What is left of a character, from one chunk to the next.
    part: Vec<u8>,
    /// Decoded bytes; those from `at` on have not been taken.
    out: Vec<u8>,
    at: usize,
}

impl Text {
    /// Opens a file.
    ///
    /// # Errors
    /// `F_EMPTY`, and `F_ENCODING` for what looks like UTF-16 or UTF-32 and has no byte order mark for it.
    pub(super) fn open(file: File, encoding: Encoding) -> Result<Self, FileTold> {
        let File { name, bytes } = file;
        let mut text = Self {
            name,
            bytes,
            length: 0,
            mark: 0,
            form: Form::AsIs,
            read: 0,
            raw: vec![0; CHUNK],
            part: Vec::new(),
            out: Vec::new(),
            at: 0,
        };
        text.length = text.end()?;
        let begins = text.beginning()?;
        (text.form, text.mark) = match (&begins[..], encoding) {
            ([], _) => return Err(text.told(Code::FileEmpty, "")),
            ([0xff, 0xfe, 0, 0] | [0, 0, 0xfe, 0xff], _) => return Err(text.told(Code::FileEncoding, "it is UTF-32")),
            ([0xff, 0xfe, ..], _) => (Form::Utf16 { is_big: false }, 2),
            ([0xfe, 0xff, ..], _) => (Form::Utf16 { is_big: true }, 2),
            ([0xef, 0xbb, 0xbf, ..], _) => (Form::AsIs, 3),
            (_, Encoding::Latin1) => (Form::Latin1, 0),
            (_, Encoding::Windows1252) => (Form::Windows1252, 0),
            ([0, ..] | [_, 0, ..], Encoding::Unicode) => {
                return Err(text.told(Code::FileEncoding, "it looks like UTF-16 without a byte order mark"));
            }
            _ => (Form::AsIs, 0),
        };
        text.seek(text.mark)?;
        Ok(text)
    }

    /// The name of the file.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether places in the text are places in the file.
    pub(super) fn is_as_it_lies(&self) -> bool {
        self.form == Form::AsIs
    }

    /// Why the file is not taken.
    pub(super) fn told(&self, code: Code, detail: impl Into<String>) -> FileTold {
        FileTold { file: self.name.clone(), code, detail: detail.into() }
    }

    /// The text from here on, as much of it as is there; nothing at the end.
    ///
    /// # Errors
    /// `F_DIGEST` if the file has become longer or shorter since it was opened, `F_TRUNCATED` if it cannot be read.
    pub(super) fn chunk(&mut self) -> Result<&[u8], FileTold> {
        while self.at == self.out.len() {
            self.out.clear();
            self.at = 0;
            if !self.more()? {
                break;
            }
        }
        Ok(&self.out[self.at..])
    }

    /// Looks at the first line, or as much of it as `most` bytes hold.
    ///
    /// # Errors
    /// As [`Text::chunk`].
    pub(super) fn peek_line(&mut self, most: usize) -> Result<&[u8], FileTold> {
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        while !self.out[self.at..].iter().any(is_end) && self.out.len() - self.at < most && self.more()? {}
        let line = &self.out[self.at..];
        let end = line.iter().position(is_end).unwrap_or(line.len());
        Ok(&line[..end])
    }

    /// Says that so many bytes of the chunk were taken.
    pub(super) fn take(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// From now on the text is read here and there: less at once.
    pub(super) fn read_little(&mut self) {
        self.raw.truncate(LITTLE);
    }

    /// Goes back to the beginning.
    ///
    /// # Errors
    /// `F_TRUNCATED` if the file cannot be read.
    pub(super) fn rewind(&mut self) -> Result<(), FileTold> {
        self.seek(self.mark)
    }

    /// Goes to a place, counted in bytes of the file.
    ///
    /// # Errors
    /// `F_TRUNCATED` if the file cannot be read.
    pub(super) fn seek(&mut self, place: u64) -> Result<(), FileTold> {
        self.out.clear();
        self.part.clear();
        self.at = 0;
        self.read = place;
        let sought = self.bytes.seek(SeekFrom::Start(place));
        sought.map(drop).map_err(|error| self.unreadable(&error))
    }

    /// Where the next byte lies in the file; nowhere if the text had to be decoded.
    pub(super) fn place(&self) -> u64 {
        match self.is_as_it_lies() {
            true => self.read - (self.out.len() - self.at) as u64,
            false => 0,
        }
    }

    fn unreadable(&self, error: &std::io::Error) -> FileTold {
        self.told(Code::FileTruncated, format!("it cannot be read: {error}"))
    }

    fn end(&mut self) -> Result<u64, FileTold> {
        self.bytes.seek(SeekFrom::End(0)).map_err(|error| self.unreadable(&error))
    }

    /// At most the first four bytes.
    fn beginning(&mut self) -> Result<Vec<u8>, FileTold> {
        self.seek(0)?;
        let mut begins = Vec::new();
        let read = (&mut self.bytes).take(4).read_to_end(&mut begins);
        read.map(|_| begins).map_err(|error| self.unreadable(&error))
    }

    /// Decodes more of the file; `false` at its end.
    fn more(&mut self) -> Result<bool, FileTold> {
        let bytes = loop {
            match self.bytes.read(&mut self.raw) {
                Ok(bytes) => break bytes,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(&error)),
            }
        };
        self.read += bytes as u64;
        if bytes == 0 {
            return self.finish();
        }
        let raw = &self.raw[..bytes];
        match self.form {
            Form::AsIs => self.out.extend_from_slice(raw),
            Form::Latin1 => raw.iter().for_each(|byte| push(&mut self.out, Some(char::from(*byte)))),
            Form::Windows1252 => raw.iter().for_each(|byte| push(&mut self.out, windows(*byte))),
            Form::Utf16 { is_big } => {
                self.part.extend_from_slice(raw);
                let taken = utf16(&self.part, is_big, &mut self.out);
                self.part.drain(..taken);
            }
        }
        Ok(true)
    }

    fn finish(&mut self) -> Result<bool, FileTold> {
        if self.end()? != self.length || self.read != self.length {
            return Err(self.told(Code::FileDigest, "its size changed"));
        }
        if self.part.is_empty() {
            return Ok(false);
        }
        self.part.clear();
        self.out.push(NO_TEXT);
        Ok(true)
    }
}

fn push(out: &mut Vec<u8>, character: Option<char>) {
    match character {
        Some(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.push(NO_TEXT),
    }
}

/// Decodes whole characters and answers how many bytes they were.
fn utf16(raw: &[u8], is_big: bool, out: &mut Vec<u8>) -> usize {
    let unit = |pair: &[u8]| if is_big { [pair[0], pair[1]] } else { [pair[1], pair[0]] };
    let mut taken = 0;
    while let Some(pair) = raw.get(taken..taken + 2) {
        let first = u16::from_be_bytes(unit(pair));
        if !(0xd800..0xdc00).contains(&first) {
            push(out, char::from_u32(first.into()));
            taken += 2;
            continue;
        }
        let Some(next) = raw.get(taken + 2..taken + 4) else { break };
        let second = u16::from_be_bytes(unit(next));
        let is_pair = (0xdc00..0xe000).contains(&second);
        let code = 0x10000 + ((u32::from(first) & 0x3ff) << 10) + (u32::from(second) & 0x3ff);
        push(out, char::from_u32(code).filter(|_| is_pair));
        taken += if is_pair { 4 } else { 2 };
    }
    taken
}

/// The bytes from 0x80 to 0x9f (WHATWG Encoding, index windows-1252, without the five that Windows leaves empty).
const WINDOWS: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•',
    '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

fn windows(byte: u8) -> Option<char> {
    match byte {
        0x80..=0x9f => Some(WINDOWS[usize::from(byte - 0x80)]).filter(|known| *known != '\0'),
        _ => Some(char::from(byte)),
    }
}

#[cfg(test)]
#[path = "encoding_tests.rs"]
mod tests;
