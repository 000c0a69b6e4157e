//! `dev.json`: how programs find their way into the dev mode.

use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::private;

/// What stands in `dev.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Directions {
    /// The bare address; the credential decides the tenant.
    pub base_url: String,
    /// The sample tenant's name.
    pub tenant: String,
    /// The sample tenant's own address.
    pub tenant_url: String,
    /// The administrator, an owner of the tenant.
    pub admin_email: String,
    /// Their password.
    pub admin_password: String,
    /// An API token of theirs.
    pub api_token: String,
    /// A user whose password may be reset.
    pub user_email: String,
    /// The password of the sample users.
    pub user_password: String,
    /// Where every mail is caught.
    pub mailbox_url: String,
}

impl Directions {
    /// Reads the file of a data directory, if there is one.
    pub fn read(data_dir: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(data_dir.join("dev.json")).ok()?).ok()
    }

    /// Writes the file; it holds a token, so only its owner may read it.
    ///
    /// # Errors
    /// `Internal` when it cannot be written.
    pub fn write(&self, data_dir: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(Error::internal)? + "\n";
        let (path, new) = (data_dir.join("dev.json"), data_dir.join("dev.json.new"));
        // Whole or not at all: programs wait for this file.
        let how = &mut std::fs::OpenOptions::new();
        let mut file = private::open(how.write(true).create(true).truncate(true), &new).map_err(Error::internal)?;
        file.write_all(text.as_bytes()).map_err(Error::internal)?;
        std::fs::rename(new, path).map_err(Error::internal)
    }
}
