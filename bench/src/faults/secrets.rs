//! I5: a link's secret or a password stands nowhere but in the mail. Looks through every file of the installation.

use std::fs;
use std::path::Path;

use memchr::memmem;

use super::ledger::Findings;
use super::place::Place;
use super::sink::Sink;
use crate::Result;

/// Secrets of links that are looked for.
const SAMPLE: usize = 200;
/// Files that may hold a secret: the directions of the sample, and the greeting.
const MAY: [&str; 2] = ["dev.json", "bench.log"];

/// Looks for the secrets of links that were mailed and for `words`, and at whether a mail changed when it came again.
pub fn look_for(place: &Place, sink: &Sink, words: &[String]) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut secrets = words.to_vec();
    for (reset, mails) in &sink.seen().by_reset {
        let is_same = mails.iter().all(|mail| mail.token == mails[0].token && mail.message_id == mails[0].message_id);
        findings.demand(is_same, || format!("the mail of reset {reset} came again with another link or Message-ID"));
        if secrets.len() < words.len() + SAMPLE {
            secrets.extend(mails.first().map(|mail| mail.token.clone()));
        }
    }
    let mut files = vec![place.log()];
    files.extend(fs::read_dir(place.data())?.filter_map(|entry| Some(entry.ok()?.path())));
    for file in files.iter().filter(|file| file.is_file() && !is_allowed(file)) {
        let bytes = fs::read(file)?;
        for secret in secrets.iter().filter(|secret| memmem::find(&bytes, secret.as_bytes()).is_some()) {
            let name = file.file_name().unwrap_or_default().display();
            findings.broken.push(format!("I5: {name} holds a secret: {secret}"));
        }
    }
    Ok(findings)
}

fn is_allowed(file: &Path) -> bool {
    MAY.iter().any(|name| file.file_name().is_some_and(|file| file == *name))
}
