//! The verbs that write out a tenant and bring it into another one.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::import::{BadHash, FastHash};
use super::{Api, Course, GroupsChoice, Reading, UserImport};

/// `tenantry tenant export`
#[derive(Debug, Args)]
pub struct TenantExport {
    /// The file to write, which must not exist; without it, standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the hashes of passwords too, sealed for one other tenant; for owners
    #[arg(long, requires = "seal_with")]
    pub hashes: bool,
    /// The file with the key that `tenantry transfer key` has printed at that tenant
    #[arg(long, value_name = "FILE", requires = "hashes")]
    pub seal_with: Option<PathBuf>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry transfer …`
#[derive(Debug, Subcommand)]
pub enum Transfer {
    /// Print a key by which another Tenantry seals hashes of passwords for this tenant, for 7 days; for owners
    Key {
        /// How to reach the server.
        #[command(flatten)]
        api: Api,
    },
}

/// `tenantry tenant import`
#[derive(Debug, Args)]
pub struct TenantImport {
    /// The file that `tenantry tenant export` has written
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How it is planned and run.
    #[command(flatten)]
    pub course: Course,
}

impl TenantImport {
    /// The same as an import of our own lines.
    pub fn as_user_import(&self) -> UserImport {
        UserImport {
            files: vec![self.file.clone()],
            from: "tenantry".into(),
            course: self.course.clone(),
            reading: Reading {
                groups: GroupsChoice::Existing,
                roles: None,
                sso: Vec::new(),
                encoding: "utf-8".into(),
                domain: None,
                without_hashes: false,
                bad_hash: BadHash::Refuse,
                fast_hashes: FastHash::Wrap,
            },
        }
    }
}
