//! The file of evidence of an incident: fetched from the server, and verified without one.

use std::path::Path;
use std::time::{Duration, Instant};

use super::verbs::{command, incident};
use crate::Result;
use crate::child::{Took, run};
use crate::crowd::Crowd;
use crate::machine::Memory;

/// The last records of many are sealed within this time.
const PATIENCE: Duration = Duration::from_secs(300);

/// What the file took.
pub struct Evidence {
    /// From the end of the passwords until the records were sealed, so that the file could be made.
    pub sealed_seconds: f64,
    pub fetched: Took,
    /// The server's peak above what it held before.
    pub server_mb: f64,
    pub file_mb: f64,
    pub verified: Took,
}

/// Fetches the file, and verifies it.
pub fn proven(crowd: &Crowd, id: &str, directory: &Path) -> Result<Evidence> {
    let (file, began) = (directory.join("evidence.jsonl"), Instant::now());
    let path = file.display().to_string();
    wait_until_sealed(crowd, id, directory)?;
    let (sealed_seconds, before) = (began.elapsed().as_secs_f64(), Memory::from_here_on(crowd.id())?);
    let fetched = run(&mut command(crowd, &["incident", "evidence", id, "--out", &path])?)?;
    let server_mb = before.grown(crowd.id())?;
    let file_mb = std::fs::metadata(&file)?.len() as f64 / 1e6;
    let verified = run(&mut command(crowd, &["audit", "verify", &path])?)?;
    std::fs::remove_file(file)?;
    Ok(Evidence { sealed_seconds, fetched, server_mb, file_mb, verified })
}

/// A server that has records to seal refuses; the first file that it gives is thrown away.
fn wait_until_sealed(crowd: &Crowd, id: &str, directory: &Path) -> Result<()> {
    let (path, since) = (directory.join("first.jsonl"), Instant::now());
    let line = ["evidence", id, "--out", &path.display().to_string()];
    loop {
        match incident(crowd, &line) {
            Ok(_) => return Ok(std::fs::remove_file(path)?),
            Err(refusal) if since.elapsed() < PATIENCE && refusal.to_string().contains("being sealed") => {
                std::thread::sleep(Duration::from_millis(500));
            }
            Err(refusal) => return Err(refusal),
        }
    }
}
