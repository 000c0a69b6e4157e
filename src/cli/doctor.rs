//! `tenantry doctor`: finds what is wrong with an installation, and says what to do about it.

mod standing;

use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::Serialize;

use super::arguments::{Doctor, Open};
use super::chain;
use super::opened::{Opened, has_store};
use super::output::{Output, aligned};
use crate::audit::{self, Record, sentence};
use crate::config::{Config, Loaded, is_exposed, load, process_environment};
use crate::error::{Error, Kind, Result};
use crate::house::{House, store_settings};
use crate::keys::Keys;
use crate::random::Random;
use crate::store::{Scope, Store, Tx};
use crate::tenants;

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Grade {
    Ok,
    Warn,
    Fail,
}

/// One check.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    grade: Grade,
    /// What was found and, if something is wrong, what to do.
    words: String,
}

fn finding(check: &'static str, grade: Grade, words: impl Into<String>) -> Finding {
    Finding { check, grade, words: words.into() }
}

/// # Errors
/// If a check failed; warnings do not count.
pub fn run(ask: &Doctor, output: Output) -> Result<()> {
    let findings = examine(&ask.open)?;
    let rows: Vec<_> = findings
        .iter()
        .map(|one| {
            let grade = match one.grade {
                Grade::Ok => "ok",
                Grade::Warn => "warn",
                Grade::Fail => "FAIL",
            };
            vec![grade.to_string(), one.check.into(), one.words.clone()]
        })
        .collect();
    output.object(&serde_json::json!({ "checks": findings }), &aligned(&["", "CHECK", "FINDING"], &rows))?;
    match findings.iter().filter(|one| one.grade == Grade::Fail).count() {
        0 => Ok(()),
        count => Err(Error::conflict(format!("{count} of {} checks failed.", findings.len()))),
    }
}

fn examine(open: &Open) -> Result<Vec<Finding>> {
    let loaded = load(&open.sources(process_environment()))?;
    let mut findings = vec![settings(&loaded)];
    let config = loaded.config;
    let directory = config.store.data_dir.clone();
    findings.push(rights("data directory", &directory, 0o700));
    if directory.exists() {
        findings.push(space(&directory));
    }
    findings.push(keys(&config.links.key_file));
    findings.push(relay(&config));
    findings.extend(unfinished(&config));
    findings.extend(store(config));
    Ok(findings)
}

fn settings(loaded: &Loaded) -> Finding {
    match loaded.refuse_unsafe().and_then(|()| House::check(&loaded.config)) {
        Ok(()) => finding("settings", Grade::Ok, "`serve` takes them"),
        Err(refused) => {
            let words = std::iter::once(refused.message).chain(refused.details).collect::<Vec<_>>().join(" ");
            finding("settings", Grade::Fail, words)
        }
    }
}

/// Checks that other users of this machine cannot open a file or a directory.
fn rights(check: &'static str, path: &Path, wanted: u32) -> Finding {
    let shown = path.display();
    match std::fs::metadata(path) {
        Ok(found) if found.permissions().mode() & 0o077 == 0 => finding(check, Grade::Ok, shown.to_string()),
        Ok(found) => {
            let mode = found.permissions().mode() & 0o777;
            let words =
                format!("{shown} has mode {mode:03o}, so others may get in; `chmod {wanted:o} {shown}` mends it");
            finding(check, Grade::Warn, words)
        }
        Err(cause) => finding(check, Grade::Fail, format!("{shown} cannot be read: {cause}; `tenantry init` makes it")),
    }
}

fn keys(path: &Path) -> Finding {
    let mut found = rights("key file", path, 0o600);
    match found.grade {
        Grade::Fail => return found,
        // A group may read it, as in a volume of Kubernetes.
        Grade::Warn if !is_exposed(path) => found = finding("key file", Grade::Ok, path.display().to_string()),
        _ => {}
    }
    match Keys::open(path, false, &Random::system()) {
        Ok(_) => found,
        Err(failure) => finding("key file", Grade::Fail, failure.message),
    }
}

const LEAST_KIB: u64 = 100 * 1024;
const ENOUGH_KIB: u64 = 1024 * 1024;

fn space(directory: &Path) -> Finding {
    // POSIX fixes the format of `df -P`; the standard library does not report free space.
    let asked = Command::new("df").arg("-Pk").arg(directory).output();
    let free = asked.ok().and_then(|answer| free_kib(&String::from_utf8_lossy(&answer.stdout)));
    let Some(free) = free else { return finding("disk space", Grade::Warn, "`df` does not tell how much is free") };
    let words = format!("{} MiB free", free / 1024);
    match free {
        ENOUGH_KIB.. => finding("disk space", Grade::Ok, words),
        LEAST_KIB.. => finding("disk space", Grade::Warn, format!("{words}; make room soon")),
        _ => finding("disk space", Grade::Fail, format!("{words}; make room, or writes will be refused")),
    }
}

fn free_kib(answer: &str) -> Option<u64> {
    answer.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

fn relay(config: &Config) -> Finding {
    let Some(host) = &config.smtp.host else {
        return finding("mail relay", Grade::Warn, "smtp.host is not set: no mail goes out");
    };
    let port = config.smtp.port;
    let reached = (host.as_str(), port).to_socket_addrs().and_then(|mut addresses| {
        let address = addresses.next().ok_or_else(|| std::io::Error::other("the name has no address"))?;
        TcpStream::connect_timeout(&address, Duration::from_secs(3))
    });
    match reached {
        Ok(_) => finding("mail relay", Grade::Ok, format!("{host}:{port} answers; `tenantry mail test` tries a mail")),
        Err(cause) => finding(
            "mail relay",
            Grade::Warn,
            format!("{host}:{port} cannot be reached: {cause}. Mails wait meanwhile"),
        ),
    }
}

/// The remains of an interrupted restore. They hold a copy of the store, and take space.
fn unfinished(config: &Config) -> Option<Finding> {
    // If the database cannot be reached, the next check says so.
    let places = Store::unfinished_restores(&store_settings(config)).unwrap_or_default();
    let words = format!(
        "{}: a restore is at work there, or was cut off. If none is at work, run it again, which clears that, or remove it; \
         nothing in it is served",
        places.join(" and ")
    );
    (!places.is_empty()).then(|| finding("restores", Grade::Warn, words))
}

/// The database and its chains.
fn store(config: Config) -> Vec<Finding> {
    if !has_store(&config) {
        return vec![finding("store", Grade::Fail, "there is none; `tenantry init` makes it")];
    }
    // A database server checks its own pages.
    let sound = if config.store.postgres.is_some() { "the database answers" } else { "every page is sound" };
    let opened = match Opened::of(config.clone()) {
        // A server has it open: then it is looked at beside the server.
        Err(held) if held.kind == Kind::Conflict => match Opened::beside(config) {
            Ok(opened) => opened,
            Err(_) => return vec![finding("store", Grade::Warn, format!("not examined: {}", held.message))],
        },
        Err(failure) => return vec![finding("store", Grade::Fail, failure.message)],
        Ok(opened) => opened,
    };
    let mut findings = vec![database(&opened, sound), chains(&opened), history(&opened)];
    findings.extend(fail_over(&opened));
    findings.extend(standing::asked(&opened));
    opened.store.close();
    findings
}

fn database(opened: &Opened, sound: &str) -> Finding {
    match opened.store.check() {
        Ok(wrong) if wrong.is_empty() => finding("store", Grade::Ok, sound),
        Ok(wrong) => finding("store", Grade::Fail, format!("{}; restore the latest backup", wrong.join("; "))),
        Err(failure) => finding("store", Grade::Fail, failure.message),
    }
}

/// What would be lost if one of several database servers failed.
fn fail_over(opened: &Opened) -> Option<Finding> {
    match opened.store.advice() {
        Ok(advice) => advice.map(|words| finding("fail-over", Grade::Warn, words)),
        Err(failure) => Some(finding("fail-over", Grade::Fail, failure.message)),
    }
}

fn chains(opened: &Opened) -> Finding {
    let check = "audit chains";
    let walked = match chain::walk(&opened.store, &opened.keys, &[]) {
        Ok(walked) => walked,
        Err(failure) => return finding(check, Grade::Fail, failure.message),
    };
    match walked.iter().find(|(_, found)| found.fault.is_some()) {
        Some((tenant, found)) => finding(check, Grade::Fail, format!("{tenant}: {}", sentence(found))),
        None => {
            let records: i64 = walked.iter().map(|(_, found)| found.records).sum();
            finding(check, Grade::Ok, format!("{records} sealed records are as they were written"))
        }
    }
}

const REMEMBERED_SECONDS: i64 = 90 * 24 * 3600;

/// Whether a server noticed that the database lost acknowledged changes.
fn history(opened: &Opened) -> Finding {
    let check = "history";
    match find_lost_history(opened) {
        Ok(None) => finding(check, Grade::Ok, "nothing that was acknowledged is known to be lost"),
        Ok(Some((tenant, record))) => {
            let words = format!(
                "{tenant}: on {} the database had forgotten what was acknowledged; audit record {} names the resets to \
                 look for and the time: {}",
                record.at, record.id, record.facts
            );
            finding(check, Grade::Warn, words)
        }
        Err(failure) => finding(check, Grade::Fail, failure.message),
    }
}

fn find_lost_history(opened: &Opened) -> Result<Option<(String, Record)>> {
    let since = opened.now.plus_seconds(-REMEMBERED_SECONDS);
    for tenant in opened.store.read(Scope::HOUSE, tenants::list_all)? {
        let verb = |tx: &mut Tx<'_>| audit::find_lost_history(tx, tenant.id, since);
        if let Some(record) = opened.store.read(Scope::of(tenant.id), verb)? {
            return Ok(Some((tenant.name, record)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_is_read_from_what_posix_fixes() {
        let answer = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x 100 40 60 40% /\n";
        assert_eq!(free_kib(answer), Some(60));
        assert_eq!(free_kib(""), None);
    }

    #[test]
    fn a_key_file_that_others_can_read_is_reported() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("link.keys");
        Keys::open(&path, true, &Random::seeded(1)).unwrap();
        assert_eq!(keys(&path).grade, Grade::Ok);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_ne!(keys(&path).grade, Grade::Ok);
    }

    #[test]
    fn a_check_makes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(keys(&directory.path().join("link.keys")).grade, Grade::Fail);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
