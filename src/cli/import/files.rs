//! The files of an import, and how they are read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::arguments::{BadHash, Convert, EXIT_DONE, EXIT_FAILED, FastHash, GroupsChoice, Reading, parse_role};
use crate::cli::output::{Output, complain};
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};
use crate::transfer::import::{
    BadHashes, Encoding, FastHashes, File, FileTold, Groups, Hashes, Line, Options, Password, Reader, RoleAt, Source,
    file_line,
};

/// Opens the files of an import.
///
/// # Errors
/// What is wrong with a file or an option.
pub(super) fn open(from: &str, files: &[PathBuf], reading: &Reading, now: Timestamp) -> Result<Reader> {
    open_as(from, files, Options { is_tenant: false, ..options(reading, now)? })
}

/// Opens the file of a whole tenant.
///
/// # Errors
/// As [`open`].
pub(super) fn open_tenant(from: &str, files: &[PathBuf], reading: &Reading, now: Timestamp) -> Result<Reader> {
    open_as(from, files, Options { is_tenant: true, ..options(reading, now)? })
}

fn open_as(from: &str, files: &[PathBuf], options: Options) -> Result<Reader> {
    let source = source(from)?;
    let files = all(files)?.iter().map(|path| one(path)).collect::<Result<Vec<_>>>()?;
    Reader::open(source, files, options).map_err(|told| stopped(&told))
}

/// The source of a name.
///
/// # Errors
/// `Invalid`, with every name that there is.
pub(super) fn source(from: &str) -> Result<Source> {
    Source::named(from).ok_or_else(|| {
        let names: Vec<_> = Source::ALL.iter().map(|source| source.word()).collect();
        Error::invalid(format!("--from {} is none of {}.", crate::text::shown(from), names.join(", ")))
    })
}

/// Why nothing of a file is taken.
pub(super) fn stopped(told: &FileTold) -> Error {
    Error::invalid(told.sentence()).with_details(vec![told.code.text().into()])
}

/// The files that are named, and those in directories that are named, by name.
fn all(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in named {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let entries = fs::read_dir(path).map_err(|cause| unreadable(path, &cause))?;
        let mut inside: Vec<PathBuf> = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<_>>()
            .map_err(|cause| unreadable(path, &cause))?;
        inside.retain(|path| path.is_file() && !is_result(path));
        inside.sort();
        found.append(&mut inside);
    }
    Ok(found)
}

fn is_result(path: &Path) -> bool {
    path.to_string_lossy().ends_with(super::result::ENDING)
}

fn one(path: &Path) -> Result<File> {
    let file = fs::File::open(path).map_err(|cause| unreadable(path, &cause))?;
    Ok(File::new(path.display().to_string(), file))
}

fn unreadable(path: &Path, cause: &std::io::Error) -> Error {
    Error::invalid(format!("{} cannot be read: {cause}.", crate::text::shown(&path.display().to_string())))
}

/// The options of a reader.
///
/// # Errors
/// `Invalid` for an encoding that is not known, and for a file of roles that cannot be read.
pub(super) fn options(reading: &Reading, now: Timestamp) -> Result<Options> {
    let encoding = Encoding::named(&reading.encoding)
        .ok_or_else(|| Error::invalid("--encoding must be utf-8, latin1 or windows-1252."))?;
    Ok(Options {
        now,
        encoding,
        domain: reading.domain.clone(),
        roles: reading.roles.as_deref().map_or_else(|| Ok(BTreeMap::new()), roles)?,
        groups: match reading.groups {
            GroupsChoice::Existing => Groups::Existing,
            GroupsChoice::Create => Groups::Create,
            GroupsChoice::Drop => Groups::Drop,
        },
        providers: reading.sso.iter().cloned().collect(),
        hashes: if reading.without_hashes { Hashes::Drop } else { Hashes::Take },
        bad_hashes: match reading.bad_hash {
            BadHash::Refuse => BadHashes::Refuse,
            BadHash::Invite => BadHashes::Invite,
        },
        fast_hashes: match reading.fast_hashes {
            FastHash::Wrap => FastHashes::Wrap,
            FastHash::Invite => FastHashes::Invite,
        },
        is_tenant: false,
    })
}

/// Which role here stands for one of the source.
fn roles(path: &Path) -> Result<BTreeMap<String, RoleAt>> {
    let text = fs::read_to_string(path).map_err(|cause| unreadable(path, &cause))?;
    let named: BTreeMap<String, String> = toml::from_str(&text).map_err(|cause| {
        Error::invalid(format!(
            "{} must have lines such as editor = \"shop:ves-io-monitor-role\": {}.",
            path.display(),
            cause.message()
        ))
    })?;
    let read = named.into_iter().map(|(name, role)| {
        let (namespace, role) = parse_role(&role).map_err(|why| Error::invalid(format!("{name}: {why}.")))?;
        Ok((name, RoleAt { namespace, role }))
    });
    read.collect()
}

/// `tenantry import convert`: writes a line of our own format for each user; the exit code is 1 if a row was refused.
pub(super) fn convert(ask: &Convert, output: Output) -> Result<u8> {
    let reader = open(&ask.from, &ask.files, &ask.reading, Clock::system().now())?;
    let mut refused = 0;
    for line in reader {
        match line.map_err(|told| stopped(&told))? {
            Line::User(record) => {
                // What must be laid beneath Argon2id needs the server's cost: such a hash stays behind, by its scheme.
                let hash = match &record.password {
                    Some(Password::Hash(foreign)) => foreign.kept(),
                    _ => None,
                };
                output.write(&file_line(&record, hash))?;
            }
            Line::Refused(refusal) => {
                refused += 1;
                complain(&Error::invalid(refusal.sentence()));
            }
            _ => {}
        }
    }
    Ok(if refused == 0 { EXIT_DONE } else { EXIT_FAILED })
}
