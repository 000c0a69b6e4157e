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
use crate::transfer::import::end_line;

const EXPORT: &str = "/api/tenantry/v1/export";
const PAGE: &str = "1000";
/// Where the next page begins; absent on the last.
const NEXT: &str = "tenantry-next-cursor";
/// How the first line begins, which is no record.
const HEAD: &str = r#"{"kind":"head","#;
/// What both tell of changes between the first page and the last.
const MARKS: [&str; 2] = ["tenantry-revision", "tenantry-last-record"];

/// # Errors
/// The server's refusal, that it could not be reached, or that the file cannot be written.
pub fn run(ask: &TenantExport, output: Output) -> Result<()> {
    let client = Client::of(&ask.api)?;
    let mut written = Written::new(ask, output)?;
    let (mut after, mut first) = (None, None);
    loop {
        let query = [("limit", Some(PAGE.into())), ("after", after.take())];
        // A server that is not there at all is told at once.
        let page = if first.is_none() { client.get(EXPORT, &query)? } else { client.get_patiently(EXPORT, &query)? };
        written.page(&page.text)?;
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
}

impl Written {
    fn new(ask: &TenantExport, output: Output) -> Result<Self> {
        let file = ask.out.as_ref().map(|path| {
            let opened = private::open(OpenOptions::new().write(true).create_new(true), path);
            opened.map_err(|cause| Error::invalid(format!("{} cannot be written: {cause}.", path.display())))
        });
        let file = file.transpose()?.map(BufWriter::new);
        Ok(Self { file, output, digest: Sha256::new(), lines: 0 })
    }

    fn page(&mut self, text: &str) -> Result<()> {
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
        let (Some(mut file), Some(path)) = (self.file, &ask.out) else { return Ok(()) };
        file.flush().map_err(Error::internal)?;
        file.get_ref().sync_all().map_err(Error::internal)?;
        let told: Value =
            json!({ "records": self.lines, "sha256": digest, "changed_meanwhile": is_changed, "file": path });
        self.output.object(&told, &format!("{} lines in {}, SHA-256 {digest}", self.lines, path.display()))
    }
}
