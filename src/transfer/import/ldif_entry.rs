//! The entries of an LDIF file (RFC 2849): folded lines, comments, values in base64, options of attributes. Values that lie at
//! an address (`:<`) are never fetched.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::lines::Lines;
use super::record::{FileTold, RECORD_BYTES_MAX};

/// A value of an attribute.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// The attribute in small letters.
    pub(super) name: String,
    /// Its options in small letters, with the semicolons between them; mostly none.
    pub(super) options: String,
    /// `None` for a value that lies elsewhere, or is no base64.
    pub(super) bytes: Option<Vec<u8>>,
}

/// An entry, or a change record.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// The line on which it begins.
    pub(super) line: u64,
    /// Its values in the order of the file, the name of the entry among them.
    pub(super) values: Vec<Value>,
    /// Whether it is longer than a record may be. Its values are then not all there.
    pub(super) is_too_long: bool,
    /// Whether a line in it is none of the format.
    pub(super) is_odd: bool,
}

impl Entry {
    /// All values of an attribute; those without an option if there is any.
    pub(super) fn all(&self, name: &str) -> Vec<&Value> {
        let named: Vec<_> = self.values.iter().filter(|value| value.name == name).collect();
        let plain: Vec<_> = named.iter().copied().filter(|value| value.options.is_empty()).collect();
        if plain.is_empty() { named } else { plain }
    }

    /// The first value of an attribute as a text; what is not UTF-8 is marked by a sign that no name may have.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = self.all(name).into_iter().next()?.bytes.as_ref()?;
        Some(String::from_utf8(value.clone()).unwrap_or_else(|_| NO_TEXT.into()))
    }

    /// All values of an attribute that are texts.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let bytes = self.values.iter().filter(|value| value.name == name).filter_map(|value| value.bytes.clone());
        bytes.filter_map(|bytes| String::from_utf8(bytes).ok()).collect()
    }

    /// Whether one of the classes of the entry, in any case, is this.
    pub(super) fn is_a(&self, classes: &[&str]) -> bool {
        let of = |class: &String| classes.iter().any(|known| class.eq_ignore_ascii_case(known));
        self.texts("objectclass").iter().any(of)
    }
}

/// Stands for a value that is not UTF-8.
pub(super) const NO_TEXT: &str = "\u{fffd}\0";

/// The entries of a file, one after the other.
pub(super) struct Entries {
    lines: Lines,
    /// A line that was read to see whether it goes on.
    ahead: Option<(u64, Vec<u8>, bool)>,
    is_over: bool,
}

impl Entries {
    pub(super) fn new(lines: Lines) -> Self {
        Self { lines, ahead: None, is_over: false }
    }

    /// The lines, for the name of the file.
    pub(super) fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Begins again.
    ///
    /// # Errors
    /// As [`Lines::rewind`].
    pub(super) fn rewind(&mut self) -> Result<(), FileTold> {
        (self.ahead, self.is_over) = (None, false);
        self.lines.rewind()
    }

    /// The next entry.
    ///
    /// # Errors
    /// As [`Lines::next_line`].
    pub(super) fn next_entry(&mut self) -> Result<Option<Entry>, FileTold> {
        let mut entry = Entry::default();
        let mut bytes = 0;
        while let Some((number, line, is_too_long)) = self.unfolded()? {
            if line.is_empty() {
                if entry.line > 0 {
                    break;
                }
                continue;
            }
            let is_head = entry.line == 0 && line.to_ascii_lowercase().starts_with(b"version:");
            if line.starts_with(b"#") || is_head {
                continue;
            }
            if entry.line == 0 {
                entry.line = number;
            }
            bytes += line.len();
            entry.is_too_long |= is_too_long || bytes > RECORD_BYTES_MAX;
            match value(&line) {
                _ if entry.is_too_long => {}
                Some(value) => entry.values.push(value),
                // A hyphen parts the changes of a change record.
                None => entry.is_odd |= line != b"-",
            }
        }
        Ok((entry.line > 0).then_some(entry))
    }

    /// A line with those that go on from it: they begin with a blank.
    fn unfolded(&mut self) -> Result<Option<(u64, Vec<u8>, bool)>, FileTold> {
        let Some((number, mut line, mut is_too_long)) = self.raw()? else { return Ok(None) };
        while let Some((next, more, is_long)) = self.raw()? {
            let Some(rest) = more.strip_prefix(b" ").filter(|_| !line.is_empty()) else {
                self.ahead = Some((next, more, is_long));
                break;
            };
            let room = RECORD_BYTES_MAX.saturating_sub(line.len());
            is_too_long |= is_long || rest.len() > room;
            line.extend_from_slice(&rest[..rest.len().min(room)]);
        }
        Ok(Some((number, line, is_too_long)))
    }

    fn raw(&mut self) -> Result<Option<(u64, Vec<u8>, bool)>, FileTold> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        Ok(self.lines.next_line()?.map(|line| (line.number, line.bytes, line.is_too_long)))
    }
}

/// `name: text`, `name:: base64` or `name:< address`.
fn value(line: &[u8]) -> Option<Value> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let described = std::str::from_utf8(&line[..colon]).ok()?.to_lowercase();
    let (name, options) = described.split_once(';').unwrap_or((&described, ""));
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let rest = &line[colon + 1..];
    let bytes = match rest.first() {
        Some(b':') => STANDARD.decode(rest[1..].trim_ascii()).ok(),
        Some(b'<') => None,
        // Blanks behind the colon are no part of the value (RFC 2849, FILL); those at its end are.
        _ => Some(rest.trim_ascii_start().to_vec()),
    };
    Some(Value { name: name.into(), options: options.into(), bytes })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::transfer::import::encoding::{File, Text};
    use crate::transfer::import::options::Encoding;

    fn entries(text: &str) -> Vec<Entry> {
        let text = Text::open(File::new("x", Cursor::new(text.to_owned())), Encoding::Unicode);
        let mut entries = Entries::new(Lines::new(text.map_err(|told| told.code).unwrap()));
        let mut all = Vec::new();
        while let Some(entry) = entries.next_entry().unwrap() {
            all.push(entry);
        }
        all
    }

    #[test]
    fn folds_comments_base64_and_options_are_read() {
        let all = entries(
            "version: 1\n\n# a comment\n  that goes on\ndn: uid=a,\r\n dc=x\r\ncn;lang-de:: SsO8cmdl\n bg==\nCN:plain\n\
             photo:< file:///etc/passwd\nbad:: !!\n\n\ndn: uid=b,dc=x\nno colon\n",
        );
        assert_eq!((all.len(), all[0].line, all[1].line), (2, 5, 14));
        let first = &all[0];
        assert_eq!(first.text("dn").as_deref(), Some("uid=a,dc=x"));
        assert_eq!(first.text("cn").as_deref(), Some("plain"), "the value without an option");
        assert_eq!(first.texts("cn"), ["Jürgen", "plain"]);
        assert!(first.all("photo")[0].bytes.is_none() && first.all("bad")[0].bytes.is_none());
        assert!(!first.is_odd && all[1].is_odd);
    }

    #[test]
    fn an_entry_that_is_too_long_is_not_held() {
        let long = format!("dn: uid=a,dc=x\nphoto: {}\n", "x".repeat(3 * RECORD_BYTES_MAX));
        let folded = format!("dn: uid=a,dc=x\nphoto: {}", "x\n ".repeat(RECORD_BYTES_MAX));
        let many = format!("dn: uid=a,dc=x\n{}", "note: yyyyyyyyyyyyyyyyyy\n".repeat(RECORD_BYTES_MAX / 16));
        for text in [long, folded, many] {
            let all = entries(&format!("{text}\n\ndn: uid=b,dc=x\nmail: b@example.com\n"));
            assert_eq!((all.len(), all[0].is_too_long, all[1].is_too_long), (2, true, false));
            let held: usize = all[0].values.iter().map(|value| value.bytes.as_ref().map_or(0, Vec::len)).sum();
            assert!(held <= RECORD_BYTES_MAX, "{held}");
            assert_eq!(all[1].text("mail").as_deref(), Some("b@example.com"));
        }
    }
}
