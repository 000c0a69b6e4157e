//! Files of our own lines. What was written out has a head and an end, by which a file that was cut or changed is known; a
//! hand-made one needs neither.

use sha2::{Digest, Sha256};

use super::codes::Code;
use super::draft::{Draft, Drafted};
use super::encoding::{File, Text};
use super::line::{self, End, Head, Line, VERSION};
use super::lines::{Lines, OneLine};
use super::options::Options;
use super::record::{FileTold, Key, LINE_BYTES_MAX, Reason};
use super::source::Rows;
use super::thing::Thing;

/// The files of an import.
pub(super) struct Tenantry {
    files: std::vec::IntoIter<Lines>,
    now: Option<Written>,
}

/// A file that is being read.
struct Written {
    lines: Lines,
    digest: Sha256,
    /// Lines since the head.
    records: u64,
    has_head: bool,
    has_end: bool,
}

impl Tenantry {
    /// Opens the files and reads nothing.
    ///
    /// # Errors
    /// `F_EMPTY` and `F_ENCODING`.
    pub(super) fn open(files: Vec<File>, options: &Options) -> Result<Self, FileTold> {
        let open = |file| Text::open(file, options.encoding).map(|text| Lines::new(text).up_to(LINE_BYTES_MAX));
        let files: Vec<_> = files.into_iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self { files: files.into_iter(), now: None })
    }
}

impl Rows for Tenantry {
    fn next_row(&mut self, _: &Options) -> Result<Option<Drafted>, FileTold> {
        loop {
            if let Some(written) = &mut self.now
                && let Some(drafted) = written.next_row()?
            {
                return Ok(Some(drafted));
            }
            let Some(lines) = self.files.next() else { return Ok(None) };
            self.now = Some(Written { lines, digest: Sha256::new(), records: 0, has_head: false, has_end: false });
        }
    }
}

impl Written {
    fn next_row(&mut self) -> Result<Option<Drafted>, FileTold> {
        while let Some(one) = self.lines.next_line()? {
            if one.bytes.iter().all(u8::is_ascii_whitespace) {
                self.digest.update(&one.bytes);
                self.digest.update(one.end);
                continue;
            }
            if self.has_end {
                return Err(self.told(Code::FileDigest, "there is more behind the end"));
            }
            let drafted = match one.is_too_long {
                true => Err(Reason::row(Code::TooLong).because("at most 256 KiB")),
                false => line::draft(&one.bytes, 0, one.number),
            };
            if let Ok(Drafted::Other(Line::End(end))) = &drafted {
                self.check_end(end)?;
                continue;
            }
            self.digest.update(&one.bytes);
            self.digest.update(one.end);
            match drafted {
                Ok(Drafted::Other(Line::Head(head))) => self.check_head(&head)?,
                Ok(Drafted::Other(Line::Credential)) => self.records += 1,
                other => {
                    self.records += 1;
                    return self.taken(other, &one).map(Some);
                }
            }
        }
        match self.has_head && !self.has_end {
            true => Err(self.told(Code::FileTruncated, "there is a head and no end")),
            false => Ok(None),
        }
    }

    fn taken(&self, drafted: Result<Drafted, Reason>, one: &OneLine) -> Result<Drafted, FileTold> {
        let is_first = self.records == 1 && !self.has_head;
        match drafted {
            Err(reason) if is_first && reason.code == Code::Shape && !one.bytes.starts_with(b"{") => {
                Err(self.told(Code::FileOtherFormat, "its first line is no JSON object"))
            }
            Err(reason) if is_first && reason.field == "kind" => {
                Err(self.told(Code::FileOtherFormat, "its first line has no kind"))
            }
            Err(reason) => {
                let refused = Some(reason);
                let draft = Draft { line: one.number, refused, source: Key::OURS, is_ours: true, ..Draft::default() };
                Ok(Drafted::User(Box::new(draft)))
            }
            // Of such a line there was a row elsewhere; a file has none.
            Ok(Drafted::Other(Line::Refused(_))) => self.taken(Err(Reason::field(Code::Shape, "kind")), one),
            // A line says where it stood when it was read first; here it stands where it stands.
            Ok(Drafted::User(draft)) => Ok(Drafted::User(Box::new(Draft { line: one.number, ..*draft }))),
            Ok(Drafted::Other(Line::Thing(thing))) => {
                Ok(Drafted::Other(Line::Thing(Box::new(Thing { line: one.number, ..*thing }))))
            }
            Ok(other) => Ok(other),
        }
    }

    fn check_head(&mut self, head: &Head) -> Result<(), FileTold> {
        if head.tenantry > VERSION {
            let version = head.tenantry;
            return Err(self.told(Code::FileVersion, format!("version {version}, and {VERSION} is read here")));
        }
        if self.has_head || self.records > 0 {
            return Err(self.told(Code::FileDigest, "there is a head in the middle"));
        }
        self.has_head = true;
        Ok(())
    }

    fn check_end(&mut self, end: &End) -> Result<(), FileTold> {
        self.has_end = true;
        let digest: String = self.digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if end.records != self.records {
            let (told, found) = (end.records, self.records);
            return Err(self.told(Code::FileDigest, format!("its end tells of {told} records, and {found} are there")));
        }
        match end.sha256.eq_ignore_ascii_case(&digest) {
            true => Ok(()),
            false => Err(self.told(Code::FileDigest, "the digest in its end is another")),
        }
    }

    fn told(&self, code: Code, detail: impl Into<String>) -> FileTold {
        self.lines.text().told(code, detail)
    }
}
