//! Files of evidence: fetched from a server, and verified without one.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::answered::Answered;
use super::arguments::{AuditVerify, IncidentEvidence};
use super::client::Client;
use super::heads::notes;
use super::output::Output;
use crate::error::{Error, Result};
use crate::evidence::{self, Given, NotSound, Sound, sentences};
use crate::hex::hex;
use crate::private;
use crate::signing::VerifierKey;

/// The header that tells, this once, the key under which addresses are hidden.
const KEY: &str = "tenantry-evidence-key";

/// `tenantry incident evidence`: into a file beside the one that is asked for, which takes its name once it is complete.
///
/// # Errors
/// The server's refusal, that it could not be reached, or that the file cannot be written.
pub fn fetch(ask: &IncidentEvidence, output: Output) -> Result<()> {
    let (client, part) = (Client::of(&ask.api)?, beside(&ask.out));
    if ask.out.exists() {
        return Err(Error::invalid(format!("{} is there already. Name another file.", ask.out.display())));
    }
    let fetched = write(&client, ask, &part);
    if fetched.is_err() {
        // What is incomplete proves nothing.
        let _ = std::fs::remove_file(&part);
    }
    let answered = fetched?;
    let file = ask.out.display().to_string();
    let key = answered.header(KEY);
    let hidden = key.map(|key| {
        format!(
            "\nIts addresses are hidden under this key, which is told this once. Each is the HMAC-SHA256 of an address under \
             it:\n  {key}"
        )
    });
    let said = format!(
        "Evidence in {file}. Anyone verifies it by: tenantry audit verify {file}{}",
        hidden.unwrap_or_default()
    );
    output.object(&json!({ "file": file, "key": key }), &said)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    path.with_file_name(name)
}

fn write(client: &Client, ask: &IncidentEvidence, part: &Path) -> Result<Answered> {
    let unwritten = |cause| Error::invalid(format!("{} cannot be written: {cause}.", part.display()));
    let opened = private::open(OpenOptions::new().write(true).create(true).truncate(true), part);
    let mut file = BufWriter::new(opened.map_err(unwritten)?);
    let path = format!("/api/tenantry/v1/incidents/{}/evidence", ask.id);
    let answered = client.post_into(&path, &json!({ "emails": ask.emails }), &mut file)?;
    file.flush().map_err(unwritten)?;
    file.get_ref().sync_all().map_err(unwritten)?;
    std::fs::rename(part, &ask.out).map_err(unwritten)?;
    Ok(answered)
}

/// `tenantry audit verify FILE`.
///
/// # Errors
/// If it is not sound, or cannot be read.
pub fn verify(file: &Path, ask: &AuditVerify, output: Output) -> Result<()> {
    let unread = |path: &Path, cause| Error::invalid(format!("{} cannot be read: {cause}.", path.display()));
    let keys = ask.key.iter().map(|key| VerifierKey::parse(key)).collect::<Result<_>>()?;
    let heads = notes(&ask.head)?;
    let opened = File::open(file).map_err(|cause| unread(file, cause))?;
    match evidence::verify(BufReader::new(opened), &Given { keys, heads })? {
        Ok(sound) => output.object(&shown(&sound), &sentences(&sound)),
        Err(NotSound(why)) => Err(Error::conflict(format!("Not sound: {why}."))),
    }
}

fn shown(sound: &Sound) -> serde_json::Value {
    json!({
        "sound": true,
        "installation": sound.header.installation,
        "tenant": sound.header.tenant,
        "incident": sound.header.incident,
        "made_at": sound.header.made_at,
        "emails": sound.header.emails,
        "totals": sound.totals,
        "records": sound.records,
        "erased": sound.erased,
        "links": [sound.links.0, sound.links.1],
        "head": hex(&sound.head),
        "heads": sound.heads,
        "heads_agree": sound.heads_agree,
        "signed_by": sound.signed_by.to_string(),
        "is_key_given": sound.is_key_given,
    })
}
