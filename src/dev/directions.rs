//! `dev.json`: tells programs how to reach the dev mode.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::private;

/// The content of `dev.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Directions {
    /// The bare address, under which the credential names the tenant.
    pub base_url: String,
    /// The sample tenant's name.
    pub tenant: String,
    /// The sample tenant's own address.
    pub tenant_url: String,
    /// The address of the administrator, an owner of the tenant.
    pub admin_email: String,
    /// The administrator's password.
    pub admin_password: String,
    /// An API token of the administrator.
    pub api_token: String,
    /// A user whose password may be reset.
    pub user_email: String,
    /// The password of the sample users.
    pub user_password: String,
    /// The page of caught mails.
    pub mailbox_url: String,
    /// The authority of the server's certificate, a PEM file, if it speaks https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

impl Directions {
    /// Reads the file in a data directory, if there is one.
    pub fn read(data_dir: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(data_dir.join("dev.json")).ok()?).ok()
    }

    /// Writes the file. It holds a token, so only its owner may read it.
    ///
    /// # Errors
    /// `Internal` if it cannot be written.
    pub fn write(&self, data_dir: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(Error::internal)? + "\n";
        private::write(&data_dir.join("dev.json"), &text).map_err(Error::internal)
    }
}
