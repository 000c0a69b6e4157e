//! Rows that are the elements of lists in JSON files.

use super::codes::Code;
use super::draft::{Draft, Drafted};
use super::encoding::{File, Text};
use super::json::{Element, Elements, Step};
use super::members::Members;
use super::options::Options;
use super::record::{FileTold, Reason};
use super::source::Rows;

/// How the rows of one product are found and read.
pub(super) struct Shape {
    /// The word of the source, for keys.
    pub(super) source: &'static str,
    /// The field of the address, for sentences.
    pub(super) email: &'static str,
    /// The ways to the lists of rows.
    pub(super) paths: &'static [&'static [Step]],
    /// A member that the first row has; without it the file is of another product.
    pub(super) sure: &'static str,
    /// Reads a row that was found on the path of this number. What is read of a row that is refused names it.
    pub(super) fill: fn(usize, &mut Draft, Members) -> Result<(), Reason>,
}

impl Shape {
    /// The row of a text.
    pub(super) fn draft(&self, path: usize, line: u64, bytes: &[u8], is_too_long: bool) -> Draft {
        let mut draft = Draft { line, source: self.source, email_field: self.email, ..Draft::default() };
        let read = if is_too_long {
            Err(Reason::row(Code::TooLong).because("at most 256 KiB"))
        } else if std::str::from_utf8(bytes).is_err() {
            Err(Reason::row(Code::Encoding))
        } else {
            Members::read(bytes).and_then(|members| (self.fill)(path, &mut draft, members))
        };
        draft.refused = read.err();
        draft
    }

    /// Whether a text has the member that shows the product. What cannot be read shows nothing.
    pub(super) fn is_sure(&self, bytes: &[u8]) -> bool {
        Members::read(bytes).is_ok_and(|members| members.has(self.sure))
    }
}

/// The rows of a product whose files are read one after the other and need nothing else.
pub(super) struct Lists {
    shape: &'static Shape,
    files: std::vec::IntoIter<Text>,
    now: Option<Elements>,
    is_first: bool,
}

impl Lists {
    /// Opens the files and reads nothing.
    ///
    /// # Errors
    /// `F_EMPTY` and `F_ENCODING`.
    pub(super) fn open(shape: &'static Shape, files: Vec<File>, options: &Options) -> Result<Self, FileTold> {
        let files: Vec<_> =
            files.into_iter().map(|file| Text::open(file, options.encoding)).collect::<Result<_, _>>()?;
        Ok(Self { shape, files: files.into_iter(), now: None, is_first: true })
    }

    /// The next row.
    ///
    /// # Errors
    /// Why nothing of the import is taken.
    pub(super) fn next_draft(&mut self) -> Result<Option<Draft>, FileTold> {
        loop {
            if let Some(elements) = &mut self.now {
                if let Some(element) = elements.next_element()? {
                    return self.draft(&element).map(Some);
                }
                if !(0..self.shape.paths.len()).any(|path| elements.has_seen(path)) {
                    return Err(self.other_format("there is no list of users where it must be"));
                }
            }
            let Some(text) = self.files.next() else { return Ok(None) };
            self.now = Some(Elements::new(text, self.shape.paths));
            self.is_first = true;
        }
    }

    fn draft(&mut self, element: &Element) -> Result<Draft, FileTold> {
        let is_first = std::mem::take(&mut self.is_first);
        if is_first && !element.is_too_long && !self.shape.is_sure(&element.bytes) {
            return Err(self.other_format(&format!("its first user has no member {}", self.shape.sure)));
        }
        Ok(self.shape.draft(element.path, element.line, &element.bytes, element.is_too_long))
    }

    fn other_format(&self, detail: &str) -> FileTold {
        let text = self.now.as_ref().map(Elements::text);
        text.map(|text| text.told(Code::FileOtherFormat, detail)).unwrap_or_else(|| FileTold {
            file: self.shape.source.into(),
            code: Code::FileOtherFormat,
            detail: detail.into(),
        })
    }
}

impl Rows for Lists {
    fn next_row(&mut self, _: &Options) -> Result<Option<Drafted>, FileTold> {
        Ok(self.next_draft()?.map(|draft| Drafted::User(Box::new(draft))))
    }
}
