//! The servers that this user of the machine has signed in to, each under a name, with its token: a file that only its owner
//! may open.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::is_exposed;
use crate::error::{Error, Result};
use crate::private;
use crate::secret::Secret;

/// The profile of verbs that name no server.
pub const DEFAULT: &str = "default";

/// A server and the token for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Scheme, host and port.
    pub url: String,
    /// The API token.
    #[serde(serialize_with = "exposed")]
    pub token: Secret<String>,
    /// The authority of the server's certificate, a PEM file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

/// The file is the one place where it is meant to be written.
fn exposed<S: serde::Serializer>(token: &Secret<String>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

/// The file, of which nothing need be there.
#[derive(Debug, Clone)]
pub struct Profiles(PathBuf);

impl Profiles {
    /// The file of the user whose environment this is (XDG Base Directory Specification): none without a home.
    pub fn of(environment: &[(String, String)]) -> Option<Self> {
        let variable = |name| environment.iter().find(|(key, value)| key == name && !value.is_empty());
        let home = || variable("HOME").map(|(_, home)| Path::new(home).join(".config"));
        let directory = variable("XDG_CONFIG_HOME").map(|(_, path)| PathBuf::from(path)).or_else(home)?;
        Some(Self(directory.join("tenantry").join("profiles.toml")))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// All of them, by their names.
    ///
    /// # Errors
    /// One sentence if the file cannot be read, or others may read it.
    pub fn all(&self) -> Result<BTreeMap<String, Profile>> {
        let path = self.0.display();
        let text = match std::fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(cause) => return Err(Error::invalid(format!("{path} cannot be read: {cause}.")).caused_by(cause)),
        };
        if is_exposed(&self.0) {
            return Err(Error::invalid(format!(
                "Others may read {path}, and it holds API tokens. Close it with `chmod 600 {path}`, and revoke its tokens if \
                 somebody else uses this machine."
            )));
        }
        // The error of the parser quotes the line, in which a token may stand.
        toml::from_str(&text)
            .map_err(|_| Error::invalid(format!("{path} is no file of profiles. Remove it and log in again.")))
    }

    /// One of them.
    ///
    /// # Errors
    /// `NotFound`; as [`Profiles::all`].
    pub fn get(&self, name: &str) -> Result<Profile> {
        self.all()?.remove(name).ok_or_else(|| {
            Error::not_found(format!("There is no profile {name}. Make it with `tenantry login {name} --url URL`."))
        })
    }

    /// Keeps one, in the place of an earlier one of this name.
    ///
    /// # Errors
    /// As [`Profiles::all`]; one sentence if the file cannot be written.
    pub fn keep(&self, name: &str, profile: Profile) -> Result<()> {
        let mut all = self.all()?;
        all.insert(name.to_owned(), profile);
        self.write(&all)
    }

    /// Forgets one; the one that was there.
    ///
    /// # Errors
    /// As [`Profiles::keep`]; `NotFound`.
    pub fn forget(&self, name: &str) -> Result<Profile> {
        let forgotten = self.get(name)?;
        let mut all = self.all()?;
        all.remove(name);
        self.write(&all).map(|()| forgotten)
    }

    fn write(&self, all: &BTreeMap<String, Profile>) -> Result<()> {
        let text = toml::to_string(all).map_err(Error::internal)?;
        let directory = self.0.parent().unwrap_or(Path::new("."));
        private::make_directories(directory).and_then(|()| private::write(&self.0, &text)).map_err(|cause| {
            Error::invalid(format!("{} cannot be written: {cause}.", self.0.display())).caused_by(cause)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn profile(url: &str) -> Profile {
        Profile { url: url.into(), token: Secret::new("marker-token".into()), ca_file: None }
    }

    #[test]
    fn what_is_kept_is_found_again_by_its_name_and_by_nobody_else() {
        let home = tempfile::tempdir().unwrap();
        let environment = [("HOME".to_owned(), home.path().display().to_string())];
        let profiles = Profiles::of(&environment).unwrap();
        assert!(profiles.all().unwrap().is_empty());
        profiles.keep("acme", profile("https://id.example.com")).unwrap();
        profiles.keep(DEFAULT, profile("http://localhost:1")).unwrap();
        profiles.keep("acme", profile("https://id.example.org")).unwrap();
        assert_eq!(profiles.get("acme").unwrap().url, "https://id.example.org");
        assert_eq!(profiles.get("acme").unwrap().token.expose(), "marker-token");
        let mode = std::fs::metadata(profiles.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        profiles.forget("acme").unwrap();
        assert!(profiles.get("acme").unwrap_err().message.contains("`tenantry login acme --url URL`"));
        assert_eq!(profiles.all().unwrap().len(), 1);
    }

    #[test]
    fn a_file_that_others_may_read_or_that_is_broken_is_refused_without_its_tokens() {
        let home = tempfile::tempdir().unwrap();
        let environment = [("XDG_CONFIG_HOME".to_owned(), home.path().display().to_string())];
        let profiles = Profiles::of(&environment).unwrap();
        profiles.keep("acme", profile("https://id.example.com")).unwrap();
        std::fs::set_permissions(profiles.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(profiles.all().unwrap_err().message.contains("chmod 600"));
        std::fs::set_permissions(profiles.path(), std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(profiles.path(), "[acme]\ntoken = marker-token").unwrap();
        let refused = profiles.all().unwrap_err();
        assert!(!format!("{refused:?}").contains("marker-token"), "{refused:?}");
    }

    #[test]
    fn without_a_home_there_are_none() {
        assert!(Profiles::of(&[("HOME".into(), String::new())]).is_none());
    }
}
