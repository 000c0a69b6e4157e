//! The elements of lists within a JSON text of any size, one after the other. The text is cut at its brackets and strings; what
//! is cut out is read by `serde_json`, and what lies between is never held.

use super::codes::Code;
use super::encoding::Text;
use super::lines::LineCount;
use super::record::{DEPTH_MAX, FileTold, RECORD_BYTES_MAX};

/// Longest name of a member that is compared with a path.
const NAME_BYTES_MAX: usize = 64;

/// A step from a value to one within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The member of this name.
    Member(&'static str),
    /// Each element of a list.
    Each,
}

/// A value that was cut out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// Which of the paths leads to it.
    pub(super) path: usize,
    /// The line on which it begins.
    pub(super) line: u64,
    /// The text; only some of it if it is too long.
    pub(super) bytes: Vec<u8>,
    /// Whether it is longer than a record may be.
    pub(super) is_too_long: bool,
}

/// A list or object that has begun and not ended.
struct Open {
    is_object: bool,
    /// How many steps of each path lead to it; `None` for a path that does not.
    on: Vec<Option<usize>>,
    /// In an object: whether the next string is a name, and the last name.
    is_name_next: bool,
    name: Vec<u8>,
}

/// What is between brackets, strings and signs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    String { is_escaped: bool },
    Scalar,
}

/// Walks through a text.
pub(super) struct Elements {
    text: Text,
    cutter: Cutter,
}

impl Elements {
    pub(super) fn new(text: Text, paths: &[&[Step]]) -> Self {
        Self { text, cutter: Cutter::new(paths) }
    }

    /// The text, for its name.
    pub(super) fn text(&self) -> &Text {
        &self.text
    }

    /// The text, to be read again from its beginning.
    pub(super) fn into_text(self) -> Text {
        self.text
    }

    /// Whether the list of a path was there, be it empty.
    pub(super) fn has_seen(&self, path: usize) -> bool {
        self.cutter.seen[path]
    }

    /// The next element; `None` at the end.
    ///
    /// # Errors
    /// `F_TRUNCATED`, `F_TOO_DEEP`, `F_OTHER_FORMAT` for what is no JSON, `F_EMPTY`, and those of the text.
    pub(super) fn next_element(&mut self) -> Result<Option<Element>, FileTold> {
        loop {
            let chunk = self.text.chunk()?;
            if chunk.is_empty() {
                return self.end();
            }
            let bytes = chunk.len();
            // The first byte that ends an element, or that cannot stand where it stands.
            let found = chunk
                .iter()
                .enumerate()
                .find_map(|(nth, byte)| self.cutter.pass(*byte).transpose().map(|found| (nth + 1, found)));
            let Some((taken, found)) = found else {
                self.text.take(bytes);
                continue;
            };
            self.text.take(taken);
            let line = self.cutter.lines.line;
            return found.map(Some).map_err(|code| self.text.told(code, format!("in line {line}")));
        }
    }

    fn end(&mut self) -> Result<Option<Element>, FileTold> {
        let Cutter { open, within, lines, has_begun, .. } = &self.cutter;
        if !open.is_empty() || matches!(within, Within::String { .. }) {
            return Err(self.text.told(Code::FileTruncated, format!("in line {}", lines.line)));
        }
        if *has_begun { Ok(None) } else { Err(self.text.told(Code::FileEmpty, "")) }
    }
}

/// What is known after each byte.
struct Cutter {
    paths: Vec<Vec<Step>>,
    open: Vec<Open>,
    within: Within,
    is_name: bool,
    lines: LineCount,
    /// What is being cut out, and how many brackets were open when it began.
    element: Option<(Element, usize)>,
    /// Whether anything of each path was there: its list, or a member of its name.
    seen: Vec<bool>,
    has_begun: bool,
}

impl Cutter {
    fn new(paths: &[&[Step]]) -> Self {
        Self {
            paths: paths.iter().map(|path| path.to_vec()).collect(),
            open: Vec::new(),
            within: Within::Nothing,
            is_name: false,
            lines: LineCount::new(),
            element: None,
            seen: vec![false; paths.len()],
            has_begun: false,
        }
    }

    /// Takes one byte; answers an element that ends with it, or that ended before it.
    fn pass(&mut self, byte: u8) -> Result<Option<Element>, Code> {
        self.lines.pass(byte);
        match self.within {
            Within::String { is_escaped } => {
                self.keep(byte);
                return Ok(self.in_string(byte, is_escaped));
            }
            Within::Scalar if !matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n') => {
                self.keep(byte);
                return if matches!(byte, b'"' | b'[' | b'{' | b':') { Err(Code::FileOtherFormat) } else { Ok(None) };
            }
            Within::Scalar => self.within = Within::Nothing,
            Within::Nothing => {}
        }
        let ended = self.ended();
        // A sign after an element never ends another one.
        Ok(self.sign(byte)?.or(ended))
    }

    fn in_string(&mut self, byte: u8, is_escaped: bool) -> Option<Element> {
        if self.is_name
            && (is_escaped || byte != b'"')
            && let Some(open) = self.open.last_mut()
            && open.name.len() <= NAME_BYTES_MAX
        {
            open.name.push(byte);
        }
        self.within = match (byte, is_escaped) {
            (b'"', false) => Within::Nothing,
            (b'\\', false) => Within::String { is_escaped: true },
            _ => Within::String { is_escaped: false },
        };
        let is_end = self.within == Within::Nothing && !std::mem::take(&mut self.is_name);
        if is_end { self.ended() } else { None }
    }

    /// The element that is being cut out, if nothing of it is open.
    fn ended(&mut self) -> Option<Element> {
        let is_over = self.within == Within::Nothing;
        self.element.take_if(|(_, depth)| is_over && *depth == self.open.len()).map(|(element, _)| element)
    }

    /// A byte outside strings and scalars.
    fn sign(&mut self, byte: u8) -> Result<Option<Element>, Code> {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.keep(byte),
            b',' => {
                self.keep(byte);
                let open = self.open.last_mut().ok_or(Code::FileOtherFormat)?;
                open.is_name_next = open.is_object;
            }
            b':' => self.keep(byte),
            b']' | b'}' => {
                let open = self.open.pop().ok_or(Code::FileOtherFormat)?;
                self.keep(byte);
                return if open.is_object == (byte == b'}') { Ok(self.ended()) } else { Err(Code::FileOtherFormat) };
            }
            b'"' if self.open.last().is_some_and(|open| open.is_name_next) => self.name_begins(),
            _ => self.value_begins(byte)?,
        }
        Ok(None)
    }

    fn name_begins(&mut self) {
        self.keep(b'"');
        self.is_name = true;
        self.within = Within::String { is_escaped: false };
        if let Some(open) = self.open.last_mut() {
            open.is_name_next = false;
            open.name.clear();
        }
    }

    fn value_begins(&mut self, byte: u8) -> Result<(), Code> {
        let is_container = matches!(byte, b'[' | b'{');
        if self.open.is_empty() && !is_container {
            return Err(Code::FileOtherFormat);
        }
        self.has_begun = true;
        let on = self.leads_here();
        self.note(&on, byte);
        self.keep(byte);
        if is_container {
            if self.open.len() == DEPTH_MAX {
                return Err(Code::FileTooDeep);
            }
            let is_object = byte == b'{';
            self.open.push(Open { is_object, on, is_name_next: is_object, name: Vec::new() });
        } else {
            self.within = if byte == b'"' { Within::String { is_escaped: false } } else { Within::Scalar };
        }
        Ok(())
    }

    /// How many steps of each path lead to the value that begins here.
    fn leads_here(&self) -> Vec<Option<usize>> {
        let Some(open) = self.open.last() else { return vec![Some(0); self.paths.len()] };
        let leads = |(path, on): (&Vec<Step>, &Option<usize>)| {
            let taken = (*on)?;
            let is_next = match path.get(taken)? {
                Step::Each => !open.is_object,
                Step::Member(name) => open.is_object && open.name == name.as_bytes(),
            };
            is_next.then_some(taken + 1)
        };
        self.paths.iter().zip(&open.on).map(leads).collect()
    }

    /// Notes that a list of a path begins, or an element of it.
    fn note(&mut self, on: &[Option<usize>], byte: u8) {
        for (nth, taken) in on.iter().enumerate() {
            let (path, Some(taken)) = (&self.paths[nth], *taken) else { continue };
            let is_list = byte == b'[' && path.get(taken) == Some(&Step::Each) && taken + 1 == path.len();
            let is_element = taken == path.len();
            self.seen[nth] |= is_list || is_element;
            if is_element && self.element.is_none() {
                let element = Element { path: nth, line: self.lines.line, bytes: Vec::new(), is_too_long: false };
                self.element = Some((element, self.open.len()));
            }
        }
    }

    fn keep(&mut self, byte: u8) {
        let Some((element, _)) = &mut self.element else { return };
        if element.bytes.len() < RECORD_BYTES_MAX {
            element.bytes.push(byte);
        } else {
            element.is_too_long = true;
        }
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
