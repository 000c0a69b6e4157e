//! `tenantry tenant export`: the pages of a tenant, one after the other into a file, between a head and an end by which a file
//! that was cut or changed is known.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::answered::Answered;
use super::arguments::TenantExport;
use super::client::Client;
use super::output::{Output, complain};
use crate::error::{Error, Result};
use crate::private;
use crate::secret::Secret;
use crate::transfer::import::end_line;

const EXPORT: &str = "/api/tenantry/v1/export";
const PAGE: &str = "1000";
const PAGE_LINES: i64 = 1_000;
/// Where the next page begins; absent on the last.
const NEXT: &str = "tenantry-next-cursor";
/// How many users of a page have a sealed hash.
const HASHES: &str = "tenantry-hashes";
/// How the first line begins, which is no record.
const HEAD: &str = r#"{"kind":"head","#;
/// What both tell of changes between the first page and the last.
const MARKS: [&str; 2] = ["tenantry-revision", "tenantry-last-record"];

/// # Errors
/// The server's refusal, that it could not be reached, or that the file cannot be written.
pub fn run(ask: &TenantExport, output: Output) -> Result<()> {
    let client = Client::of(&ask.api)?;
    let pages = Pages::new(&client, ask)?;
    let mut written = Written::new(ask, output)?;
    let (mut after, mut first) = (None, None);
    loop {
        // A server that is not there at all is told at once.
        let page = pages.read(after.take(), first.is_none())?;
        written.page(&page)?;
        let marks = MARKS.map(|name| page.header(name).map(str::to_owned));
        let began = first.get_or_insert_with(|| marks.clone());
        after = next(&page);
        if after.is_none() {
            let is_changed = *began != marks;
            return written.end(ask, is_changed);
        }
        output.progress(&format!("{} lines", written.lines));
    }
}

/// Where the pages come from.
struct Pages<'a> {
    client: &'a Client,
    /// The key of the target, if hashes come along.
    key: Option<Secret<String>>,
}

impl<'a> Pages<'a> {
    fn new(client: &'a Client, ask: &TenantExport) -> Result<Self> {
        let key = ask.seal_with.as_deref().map(|path| {
            let text = std::fs::read_to_string(path).map(|text| Secret::new(text.trim().to_owned()));
            text.map_err(|cause| Error::invalid(format!("{} cannot be read: {cause}.", path.display())))
        });
        Ok(Self { client, key: key.transpose()? })
    }

    fn read(&self, after: Option<String>, is_first: bool) -> Result<Answered> {
        let Some(key) = &self.key else {
            let query = [("limit", Some(PAGE.into())), ("after", after)];
            return match is_first {
                true => self.client.get(EXPORT, &query),
                false => self.client.get_patiently(EXPORT, &query),
            };
        };
        let asked = json!({ "seal_with": key.expose(), "limit": PAGE_LINES, "after": after });
        // The first one leaves a record; those behind it only read.
        let path = format!("{EXPORT}/hashes");
        if is_first { self.client.post(&path, &asked) } else { self.client.patiently("POST", &path, Some(&asked)) }
    }
}

fn next(page: &Answered) -> Option<String> {
    page.header(NEXT).map(str::to_owned)
}

/// What was written so far.
struct Written {
    file: Option<BufWriter<File>>,
    output: Output,
    digest: Sha256,
    /// Without the head.
    lines: u64,
    /// Users with a sealed hash, if hashes come along.
    hashes: Option<u64>,
}

impl Written {
    fn new(ask: &TenantExport, output: Output) -> Result<Self> {
        let file = ask.out.as_ref().map(|path| {
            let opened = private::open(OpenOptions::new().write(true).create_new(true), path);
            opened.map_err(|cause| Error::invalid(format!("{} cannot be written: {cause}.", path.display())))
        });
        let file = file.transpose()?.map(BufWriter::new);
        Ok(Self { file, output, digest: Sha256::new(), lines: 0, hashes: None })
    }

    fn page(&mut self, page: &Answered) -> Result<()> {
        let text = &page.text;
        if let Some(hashes) = page.header(HASHES).and_then(|hashes| hashes.parse::<u64>().ok()) {
            *self.hashes.get_or_insert_default() += hashes;
        }
        self.digest.update(text.as_bytes());
        self.lines += text.lines().filter(|line| !line.starts_with(HEAD)).count() as u64;
        self.put(text)
    }

    fn put(&mut self, text: &str) -> Result<()> {
        match &mut self.file {
            Some(file) => file.write_all(text.as_bytes()).map_err(Error::internal),
            None if text.is_empty() => Ok(()),
            None => self.output.write(text),
        }
    }

    fn end(mut self, ask: &TenantExport, is_changed: bool) -> Result<()> {
        let digest: String = self.digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self.put(&format!("{}\n", end_line(self.lines, &digest)))?;
        self.output.progress("");
        if is_changed {
            complain(&Error::conflict(
                "Something was done in this tenant while it was written out: changes of that time may be in the file or not. \
                 For an exact copy, write it out again while nobody works.",
            ));
        }
        let of_hashes = self.hashes.map_or(String::new(), |hashes| format!(", {hashes} of them with a sealed hash"));
        let (Some(mut file), Some(path)) = (self.file, &ask.out) else {
            if self.hashes.is_some() {
                self.output.note(&format!("{} lines{of_hashes}.", self.lines));
            }
            return Ok(());
        };
        file.flush().map_err(Error::internal)?;
        file.get_ref().sync_all().map_err(Error::internal)?;
        let told: Value = json!({ "records": self.lines, "hashes": self.hashes, "sha256": digest, "changed_meanwhile": is_changed,
                    "file": path });
        let text = format!("{} lines in {}{of_hashes}, SHA-256 {digest}", self.lines, path.display());
        self.output.object(&told, &text)
    }
}
