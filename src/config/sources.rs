//! The sources of a configuration. The only code that asks the process for its environment.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Variables that are not settings of the server: the path of the configuration file, and those of the commands that
/// speak to a server.
pub const CLIENT_VARIABLES: &[&str] = &["TENANTRY_CONFIG", "TENANTRY_URL", "TENANTRY_TOKEN", "TENANTRY_TOKEN_FILE"];

/// The file that is read if none is named and this one exists.
const USUAL_FILE: &str = "tenantry.toml";

/// A longer file is not a secret but some other file.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// A setting from the command line.
#[derive(Debug, Clone)]
pub struct Flag {
    /// The setting's name, such as `http.listen`.
    pub setting: &'static str,
    /// How the flag is spelt, such as `--listen`.
    pub spelt: &'static str,
    /// What was given.
    pub value: String,
}

/// The layers above the defaults.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The TOML file. If one is named, it must be readable.
    pub file: Option<PathBuf>,
    /// Name and value of each variable; those that do not begin with `TENANTRY_` are ignored.
    pub environment: Vec<(String, String)>,
    /// From the command line; these win over all others.
    pub flags: Vec<Flag>,
}

impl Sources {
    /// The file is `named`, or else what `TENANTRY_CONFIG` names, or else `tenantry.toml` in the
    /// working directory if it exists.
    pub fn new(named: Option<PathBuf>, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let environment: Vec<_> = environment.into_iter().collect();
        let variable = environment.iter().find(|(name, _)| name == "TENANTRY_CONFIG");
        let usual = || Some(PathBuf::from(USUAL_FILE)).filter(|file| file.exists());
        let file = named.or_else(|| variable.map(|(_, value)| value.into())).or_else(usual);
        Self { file, environment, flags: Vec::new() }
    }

    /// Adds a setting from the command line, if it was given there.
    #[must_use]
    pub fn with_flag(mut self, setting: &'static str, spelt: &'static str, value: Option<impl ToString>) -> Self {
        let flag = value.map(|value| Flag { setting, spelt, value: value.to_string() });
        self.flags.extend(flag);
        self
    }
}

/// The environment of this process. Bytes that are not Unicode become U+FFFD, which no setting accepts: leaving the
/// variable out would look as if nobody had set it.
#[allow(clippy::disallowed_methods, reason = "the one place that asks the process")]
pub fn process_environment() -> Vec<(String, String)> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// The content of a secret's file without the line break at its end. Fails, naming `origin`, if the file cannot be
/// read, is empty, or is longer than 64 KiB.
pub fn read_secret_file(path: &Path, origin: &str) -> Result<String> {
    let refuse = |why: &str| Error::invalid(format!("The file {} ({origin}) {why}.", path.display()));
    let mut text = String::new();
    let file = File::open(path).map_err(|error| refuse(&format!("cannot be read: {error}")).caused_by(error))?;
    file.take(SECRET_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|error| refuse("cannot be read as UTF-8 text").caused_by(error))?;
    let value = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    match () {
        () if text.len() as u64 > SECRET_BYTES_MAX => Err(refuse("is longer than 64 KiB, so it can hardly be a value")),
        () if value.is_empty() => Err(refuse("is empty")),
        () => Ok(value.to_owned()),
    }
}

/// Where container engines mount secrets; the second path is another name of the first.
const MOUNTS: [&str; 2] = ["/run/secrets", "/var/run/secrets"];

/// Whether any user of this machine may read or write the file. Files that really lie in `/run/secrets` do not count:
/// the engine fixes their owner and mode (Docker: root and 0444), and the container has no other users. Group access is
/// allowed: Kubernetes gives a secret to the process by the group of the volume (0440).
pub fn is_exposed(path: &Path) -> bool {
    let mode = std::fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
    // By its real path: a link in that directory may lead anywhere.
    mode & 0o006 != 0 && !path.canonicalize().is_ok_and(|real| is_mounted(&real))
}

fn is_mounted(real: &Path) -> bool {
    MOUNTS.iter().any(|mount| real.starts_with(mount))
}

/// How to close a file to other users; files mounted by Kubernetes get their mode from the volume.
pub(super) fn how_to_close(path: &Path) -> String {
    let is_volume = path.parent().is_some_and(|directory| directory.join("..data").exists());
    if is_volume {
        "`defaultMode: 0440` of the volume mends it".into()
    } else {
        format!("`chmod 600 {}` mends it", path.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_really_in_the_secrets_mount_may_be_readable_by_all() {
        for real in ["/run/secrets/smtp", "/run/secrets/a/..data/b", "/var/run/secrets/kubernetes.io/token"] {
            assert!(is_mounted(Path::new(real)), "{real}");
        }
        for real in ["/run/secret", "/run/secretsx/smtp", "/etc/run/secrets/smtp", "/home/run/secrets"] {
            assert!(!is_mounted(Path::new(real)), "{real}");
        }
    }
}
