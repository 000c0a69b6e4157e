//! `tenantry login`, `logout` and `profiles`: servers that are known by a name.

use std::io::{IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use serde_json::{Value, json};

use super::arguments::{Login, Logout};
use super::client::Client;
use super::connection::protected;
use super::output::{Output, person};
use super::profiles::{Profile, Profiles};
use crate::config::process_environment;
use crate::error::{Error, Result};
use crate::secret::Secret;

const WHOAMI: &str = "/api/web/custom/namespaces/system/whoami";
/// A token is much shorter.
const BYTES_MAX: u64 = 64 * 1024;

/// Asks for the token, tries it, and keeps it.
///
/// # Errors
/// The server's refusal, or that it could not be reached; then nothing is kept.
pub fn login(ask: &Login, output: Output) -> Result<()> {
    let profiles = known()?;
    let ca_file = ask.ca_file.as_ref().map(std::path::absolute).transpose().map_err(Error::internal)?;
    let token = read_token()?;
    let connection = protected(&ask.url, token.clone(), ca_file.clone())?;
    let url = connection.url.to_string();
    let who = Client::to(connection)?.get(WHOAMI, &[])?.json();
    profiles.keep(&ask.name, Profile { url: url.clone(), token, ca_file })?;
    let told = told(&who, &ask.name, &url, &profiles);
    output.object(&json!({ "profile": ask.name, "url": url, "email": who["email"] }), &told)
}

fn told(who: &Value, name: &str, url: &str, profiles: &Profiles) -> String {
    let path = profiles.path().display();
    format!(
        "You are {} at {url}. It is kept as profile {name} in {path}, which only you may open.",
        person(&who["email"])
    )
}

/// Forgets a server.
///
/// # Errors
/// `NotFound`.
pub fn logout(ask: &Logout, output: Output) -> Result<()> {
    let forgotten = known()?.forget(&ask.name)?;
    let told = format!(
        "The profile {} of {} is forgotten. Its token still works: end it with `tenantry token revoke NAME`.",
        ask.name, forgotten.url
    );
    output.object(&json!({ "profile": ask.name, "url": forgotten.url }), &told)
}

/// Lists the servers.
///
/// # Errors
/// Those of the file.
pub fn list(output: Output) -> Result<()> {
    let all = known()?.all()?;
    let rows: Vec<_> = all.iter().map(|(name, profile)| vec![name.clone(), profile.url.clone()]).collect();
    let items: Vec<_> = all.iter().map(|(name, profile)| json!({ "profile": name, "url": profile.url })).collect();
    output.table(&json!({ "items": items }), &["PROFILE", "URL"], &rows, "No profiles. Make one with `tenantry login`.")
}

fn known() -> Result<Profiles> {
    Profiles::of(&process_environment())
        .ok_or_else(|| Error::invalid("It is not known where to keep profiles. Set HOME, or XDG_CONFIG_HOME."))
}

/// The token from standard input: typed unseen, or what another program has written.
fn read_token() -> Result<Secret<String>> {
    let input = std::io::stdin();
    let mut text = String::new();
    if input.is_terminal() {
        let _ = write!(std::io::stderr(), "API token: ");
        let _unseen = Unseen::begin()?;
        input.read_line(&mut text).map_err(Error::internal)?;
        let _ = writeln!(std::io::stderr());
    } else {
        let taken = input.lock().take(BYTES_MAX).read_to_string(&mut text);
        taken.map_err(|cause| Error::invalid("The token is no text. Copy it again.").caused_by(cause))?;
    }
    match text.trim() {
        "" => Err(Error::invalid("There is no token. Make one on your account page or with `tenantry token create`.")),
        token => Ok(Secret::new(token.to_owned())),
    }
}

/// A terminal shows what is typed again when this is dropped.
struct Unseen(Termios);

impl Unseen {
    fn begin() -> Result<Self> {
        let before = tcgetattr(std::io::stdin()).map_err(Error::internal)?;
        let mut unseen = before.clone();
        unseen.local_modes.remove(LocalModes::ECHO);
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &unseen).map_err(Error::internal)?;
        Ok(Self(before))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}
