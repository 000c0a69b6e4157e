//! Finds the server for a verb: by flags, a data directory, a profile, the environment, a `dev` directory here, or the profile
//! that is called `default`, in this order.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::arguments::Api;
use super::profiles::{DEFAULT, Profile, Profiles};
use crate::config::{PublicUrl, read_secret_file};
use crate::error::{Error, Result};
use crate::secret::Secret;

/// The default data directory of `dev`, where verbs also look for it.
pub const DEV_DIR: &str = "tenantry-dev";

/// A server and the token for it.
#[derive(Debug)]
pub struct Connection {
    /// Scheme, host and port.
    pub url: PublicUrl,
    /// The API token.
    pub token: Secret<String>,
    /// The authority of the server's certificate, a PEM file, where that is not one of the machine's.
    pub ca_file: Option<PathBuf>,
}

/// The part of `dev.json` that verbs need.
#[derive(Deserialize)]
struct DevJson {
    base_url: String,
    api_token: Secret<String>,
    ca_file: Option<PathBuf>,
}

impl Api {
    /// The server to speak to. URL and token come from `dev.json` together or not at all, so that the token of one
    /// server is never sent to another by accident. Fails, with the next step, if either is missing, or if the token
    /// would travel unencrypted to another machine.
    pub fn connection(&self, environment: &[(String, String)]) -> Result<Connection> {
        self.connection_beside(environment, Path::new(DEV_DIR))
    }

    fn connection_beside(&self, environment: &[(String, String)], usual: &Path) -> Result<Connection> {
        if let Some(dir) = &self.data {
            return dev_connection(dir);
        }
        let variable = |name| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let profiles = Profiles::of(environment);
        let is_named = self.url.is_some() || self.token.is_some();
        if let Some(name) = self.profile.clone().or_else(|| variable("TENANTRY_PROFILE").filter(|_| !is_named)) {
            let profiles =
                profiles.ok_or_else(|| Error::invalid("Profiles lie in the home directory, and HOME is not set."))?;
            return of_profile(profiles.get(&name)?);
        }
        let url = self.url.clone().or_else(|| variable("TENANTRY_URL"));
        let token = match self.token.clone().or_else(|| variable("TENANTRY_TOKEN")) {
            None => token_from_file(variable("TENANTRY_TOKEN_FILE"))?,
            given => given,
        };
        match (url, token) {
            (Some(url), Some(token)) => protected(&url, Secret::new(token), None),
            (None, None) if usual.join("dev.json").exists() => dev_connection(usual),
            (None, None) => match profiles.map_or(Ok(None), |known| known.all().map(|mut all| all.remove(DEFAULT)))? {
                Some(profile) => of_profile(profile),
                None => Err(unknown_server()),
            },
            (None, Some(_)) => Err(unknown_server()),
            (Some(_), None) => Err(Error::invalid(
                "There is no API token. Set TENANTRY_TOKEN_FILE to a file that holds it, or TENANTRY_TOKEN, \
                 or give --token.",
            )),
        }
    }
}

fn unknown_server() -> Error {
    Error::invalid(
        "It is not known where the server is. Give --url or set TENANTRY_URL, name the directory of `tenantry dev` with --data, \
         or keep a server with `tenantry login`.",
    )
}

fn of_profile(profile: Profile) -> Result<Connection> {
    protected(&profile.url, profile.token, profile.ca_file)
}

fn token_from_file(path: Option<String>) -> Result<Option<String>> {
    path.map(|path| read_secret_file(Path::new(&path), "environment TENANTRY_TOKEN_FILE")).transpose()
}

fn dev_connection(dir: &Path) -> Result<Connection> {
    let path = dir.join("dev.json");
    let refuse = |why: &str| Error::invalid(format!("{} {why}. Is `tenantry dev` running there?", path.display()));
    let text = std::fs::read_to_string(&path).map_err(|error| refuse("cannot be read").caused_by(error))?;
    let found: DevJson =
        serde_json::from_str(&text).map_err(|error| refuse("does not tell the server").caused_by(error))?;
    protected(&found.base_url, found.api_token, found.ca_file)
}

/// The connection to a server, on the way to which nobody can read the token.
///
/// # Errors
/// `Invalid`.
pub fn protected(url: &str, token: Secret<String>, ca_file: Option<PathBuf>) -> Result<Connection> {
    let Ok(parsed) = url.parse::<PublicUrl>() else {
        return Err(Error::invalid(format!("The URL {url:?} must be http or https and a host, without a path.")));
    };
    if !parsed.is_https() && !parsed.is_loopback() {
        return Err(Error::invalid(format!(
            "The URL {url} is not https, so anyone on the way could read the token. Nothing was sent; use https."
        )));
    }
    if token.expose().chars().any(|c| !c.is_ascii_graphic()) {
        return Err(Error::invalid("The API token has characters that no token has. Copy it again."));
    }
    Ok(Connection { url: parsed, token, ca_file })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn found(api: &Api, environment: &[(&str, &str)], usual: &Path) -> (String, String) {
        let connection = api.connection_beside(&variables(environment), usual).unwrap();
        (connection.url.to_string(), connection.token.expose().clone())
    }

    fn refusal(api: &Api, environment: &[(&str, &str)]) -> String {
        api.connection_beside(&variables(environment), Path::new("/nowhere")).unwrap_err().message
    }

    fn flags(url: Option<&str>, token: Option<&str>) -> Api {
        Api { url: url.map(str::to_owned), token: token.map(str::to_owned), data: None, profile: None }
    }

    fn dev_dir() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let text = r#"{"base_url":"http://127.0.0.1:4711","api_token":"dev-token","tenant":"x"}"#;
        std::fs::write(dir.path().join("dev.json"), text).unwrap();
        dir
    }

    const ENVIRONMENT: [(&str, &str); 2] =
        [("TENANTRY_URL", "https://id.example.com/"), ("TENANTRY_TOKEN", "environment-token")];

    #[test]
    fn flags_win_over_the_environment() {
        let api = flags(Some("http://localhost:1"), Some("flag-token"));
        let nowhere = Path::new("/nowhere");
        assert_eq!(found(&api, &ENVIRONMENT, nowhere), ("http://localhost:1".into(), "flag-token".into()));
        let expected = ("https://id.example.com".into(), "environment-token".into());
        assert_eq!(found(&Api::default(), &ENVIRONMENT, nowhere), expected);
    }

    #[test]
    fn a_data_directory_tells_both() {
        let dir = dev_dir();
        let expected: (String, String) = ("http://127.0.0.1:4711".into(), "dev-token".into());
        let api = Api { data: Some(dir.path().into()), ..Api::default() };
        assert_eq!(found(&api, &ENVIRONMENT, Path::new("/nowhere")), expected);
        assert_eq!(found(&Api::default(), &[], dir.path()), expected);
    }

    #[test]
    fn the_token_of_dev_goes_to_no_other_server() {
        let dir = dev_dir();
        let api = flags(Some("https://id.example.com"), None);
        let error = api.connection_beside(&[], dir.path()).unwrap_err();
        assert!(error.message.starts_with("There is no API token."), "{}", error.message);
    }

    #[test]
    fn a_token_comes_from_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, "file-token\n").unwrap();
        let environment = [ENVIRONMENT[0], ("TENANTRY_TOKEN_FILE", path.to_str().unwrap())];
        assert_eq!(found(&Api::default(), &environment, Path::new("/nowhere")).1, "file-token");
    }

    #[test]
    fn a_profile_is_taken_where_it_is_named_and_the_default_one_where_nothing_is() {
        let home = tempfile::tempdir().unwrap();
        let at_home = ("XDG_CONFIG_HOME", home.path().to_str().unwrap());
        let profiles = Profiles::of(&variables(&[at_home])).unwrap();
        for name in ["acme", DEFAULT] {
            let url = format!("https://{name}.example.com");
            profiles.keep(name, Profile { url, token: Secret::new(format!("{name}-token")), ca_file: None }).unwrap();
        }
        let of = |name: &str| (format!("https://{name}.example.com"), format!("{name}-token"));
        let (named, nowhere, dev) =
            (Api { profile: Some("acme".into()), ..Api::default() }, Path::new("/nowhere"), dev_dir());
        let with = |others: &[(&'static str, &'static str)]| [&[at_home], others].concat();
        assert_eq!(found(&named, &with(&ENVIRONMENT), dev.path()), of("acme"));
        assert_eq!(found(&Api::default(), &with(&[("TENANTRY_PROFILE", "acme")]), dev.path()), of("acme"));
        let flag = flags(Some("http://localhost:1"), Some("flag-token"));
        let by_flag = ("http://localhost:1".into(), "flag-token".into());
        assert_eq!(found(&flag, &with(&[("TENANTRY_PROFILE", "acme")]), nowhere), by_flag);
        assert_eq!(found(&Api::default(), &with(&ENVIRONMENT), nowhere).1, "environment-token");
        assert_eq!(found(&Api::default(), &with(&[]), dev.path()).1, "dev-token");
        assert_eq!(found(&Api::default(), &with(&[]), nowhere), of(DEFAULT));
        let unknown = Api { profile: Some("other".into()), ..Api::default() };
        let refused = unknown.connection_beside(&variables(&[at_home]), nowhere).unwrap_err();
        assert!(refused.message.contains("`tenantry login other --url URL`"), "{}", refused.message);
    }

    #[test]
    fn what_is_missing_or_unsafe_is_said() {
        assert!(refusal(&Api::default(), &[]).starts_with("It is not known where the server is."));
        let plain = refusal(&flags(Some("http://id.example.com"), Some("t")), &[]);
        assert!(plain.contains("anyone on the way could read the token"), "{plain}");
        let path = refusal(&flags(Some("https://id.example.com/api"), Some("t")), &[]);
        assert!(path.contains("without a path"), "{path}");
        let broken = refusal(&flags(Some("https://id.example.com"), Some("marker\nx")), &[]);
        assert!(!broken.contains("marker"), "{broken}");
        let dir = Api { data: Some("/nowhere".into()), ..Api::default() };
        assert!(refusal(&dir, &[]).ends_with("Is `tenantry dev` running there?"));
    }
}
