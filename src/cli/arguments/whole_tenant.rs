//! The verbs that write out a tenant and bring it into another one.

use std::path::PathBuf;

use clap::Args;

use super::import::{BadHash, FastHash};
use super::{Api, GroupsChoice, Inviting, Part, Reading, UserImport};

/// `tenantry tenant export`
#[derive(Debug, Args)]
pub struct TenantExport {
    /// The file to write, which must not exist; without it, standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry tenant import`
#[derive(Debug, Args)]
pub struct TenantImport {
    /// The file that `tenantry tenant export` has written
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only say what would become of each row; nothing is changed
    #[arg(long, conflicts_with = "plan")]
    pub dry_run: bool,
    /// Run this plan of an earlier --dry-run; its first letters do
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<String>,
    /// Of users who came from this tenant before and differ now, take this over
    #[arg(long, value_name = "PARTS", value_enum, value_delimiter = ',')]
    pub update: Vec<Part>,
    /// Who is invited.
    #[command(flatten)]
    pub inviting: Inviting,
    /// Where to write what became of each row [default: FILE.result.csv]
    #[arg(long, value_name = "FILE")]
    pub result: Option<PathBuf>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

impl TenantImport {
    /// The same as an import of our own lines.
    pub fn as_user_import(&self) -> UserImport {
        UserImport {
            files: vec![self.file.clone()],
            from: "tenantry".into(),
            dry_run: self.dry_run,
            plan: self.plan.clone(),
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
            update: self.update.clone(),
            inviting: self.inviting.clone(),
            result: self.result.clone(),
            api: self.api.clone(),
        }
    }
}
