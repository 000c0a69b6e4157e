//! The verbs about tenants and the audit trail.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::people::{parse_email, parse_time};
use super::{Api, Open, TenantExport, TenantImport};
use crate::clock::Timestamp;
use crate::tenants;

/// `tenantry tenant …`
#[derive(Debug, Subcommand)]
pub enum Tenant {
    /// Make a tenant; `init` makes one together with its first owner
    Create(TenantCreate),
    /// List tenants
    List {
        /// Where the store is.
        #[command(flatten)]
        open: Open,
    },
    /// Show one tenant and its settings
    Show {
        /// The tenant's name
        #[arg(value_name = "NAME")]
        name: String,
        /// Where the store is.
        #[command(flatten)]
        open: Open,
    },
    /// Change settings of a tenant
    Set(TenantSet),
    /// Give a tenant another name, and with it another host; links that were mailed before are dead
    Rename {
        /// The tenant's name
        #[arg(value_name = "NAME")]
        name: String,
        /// The new one
        #[arg(value_name = "NEW")]
        new: String,
        /// Where the store is.
        #[command(flatten)]
        open: Open,
    },
    /// Take a tenant out of service and delete it after some days; until then `resume` takes it back
    Remove {
        /// The tenant's name
        #[arg(value_name = "NAME")]
        name: String,
        /// For how many days it can be taken back
        #[arg(long, value_name = "N", default_value_t = 30)]
        grace_days: u32,
        /// Where the store is.
        #[command(flatten)]
        open: Open,
    },
    /// Give a tenant that has no owner its first one, and print the one-time link; for `system` it makes an operator
    Owner {
        /// The tenant's name
        #[arg(value_name = "NAME")]
        name: String,
        /// The owner's address
        #[arg(value_name = "EMAIL", value_parser = parse_email)]
        email: String,
        /// Where the store is.
        #[command(flatten)]
        open: Open,
    },
    /// Suspend a tenant: nobody comes in and no mail leaves until it is resumed
    Suspend {
        /// The tenant's name
        #[arg(value_name = "NAME")]
        name: String,
        /// Why; the tenant's record keeps it
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Where the store is.
        #[command(flatten)]
        open: Open,
    },
    /// Write out your tenant: settings, namespaces, roles, groups and users, and nothing that opens an account
    Export(TenantExport),
    /// Bring what `export` has written into your tenant, normally an empty one
    Import(TenantImport),
    /// Serve a tenant again that was suspended or removed, and take away a request to delete it
    Resume {
        /// The tenant's name
        #[arg(value_name = "NAME")]
        name: String,
        /// Where the store is.
        #[command(flatten)]
        open: Open,
    },
}

/// `tenantry tenant create`
#[derive(Debug, Args)]
pub struct TenantCreate {
    /// The tenant's name: lower-case letters, digits and hyphens; part of its host
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What people read on pages and in mails
    #[arg(long, value_name = "TEXT")]
    pub display_name: Option<String>,
    /// Where the store is.
    #[command(flatten)]
    pub open: Open,
}

/// `tenantry tenant set`
#[derive(Debug, Args)]
#[command(after_long_help = about_settings())]
pub struct TenantSet {
    /// The tenant's name
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What to change; `--help` lists the keys. An empty value brings the default back
    #[arg(value_name = "KEY=VALUE", required = true, value_parser = parse_change)]
    pub changes: Vec<(String, String)>,
    /// Where the store is.
    #[command(flatten)]
    pub open: Open,
}

/// Each key of `tenant set`, with what it does.
fn about_settings() -> String {
    let all = tenants::described().unwrap_or_default();
    let lines = all.iter().map(|setting| format!("  {}\n          {}", setting.name, setting.about));
    format!("Keys:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// `tenantry audit …`
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Show the latest records
    Tail(AuditTail),
    /// Search the records, newest first
    Query(AuditQuery),
    /// Write records as JSON lines, oldest first
    Export(AuditExport),
    /// Prove that no record was changed, removed, reordered or added
    Verify(AuditVerify),
    /// List the signed ends of the log, newest first; with --json their notes too
    Heads(AuditHeads),
}

/// `tenantry audit heads`
#[derive(Debug, Args)]
pub struct AuditHeads {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry audit tail`
#[derive(Debug, Args)]
pub struct AuditTail {
    /// How many
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
    pub lines: u32,
    /// Go on and show new records as they are written
    #[arg(long, short)]
    pub follow: bool,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// Which records.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Which records")]
pub struct AuditFilter {
    /// Only what this one did: an address or the name of a credential
    #[arg(long, value_name = "WHO")]
    pub actor: Option<String>,
    /// Only what was done to this one
    #[arg(long, value_name = "WHOM")]
    pub target: Option<String>,
    /// Only this action, such as reset.request
    #[arg(long, value_name = "ACTION")]
    pub action: Option<String>,
    /// Only records at or after this time, such as 2026-03-04T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub since: Option<Timestamp>,
    /// Only records before this time
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub until: Option<Timestamp>,
}

/// `tenantry audit query`
#[derive(Debug, Args)]
pub struct AuditQuery {
    /// Which records.
    #[command(flatten)]
    pub filter: AuditFilter,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry audit export`
#[derive(Debug, Args)]
pub struct AuditExport {
    /// Which records.
    #[command(flatten)]
    pub filter: AuditFilter,
    /// The file to write, which must not exist; without it, standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry audit verify`
#[derive(Debug, Args)]
pub struct AuditVerify {
    /// A file of `tenantry incident evidence`, verified without a server
    #[arg(value_name = "FILE", conflicts_with_all = ["offline", "anchor"])]
    pub file: Option<PathBuf>,
    /// With FILE or --head: the public key of the server, from its /.well-known/tenantry-keys; may be said several times
    #[arg(long, value_name = "KEY")]
    pub key: Vec<String>,
    /// A file with heads of the chain that you were sent and have kept, in whatever form; may be said several times. The first that
    /// differs is told
    #[arg(long, value_name = "FILE")]
    pub head: Vec<PathBuf>,
    /// The anchor of an earlier verification, kept elsewhere: shows that nothing was cut off since
    #[arg(long, value_name = "NUMBER:HASH", value_parser = parse_anchor, conflicts_with = "offline")]
    pub anchor: Option<(String, String)>,
    /// Read the store itself, all tenants, without a server
    #[arg(long, conflicts_with_all = ["url", "token"])]
    pub offline: bool,
    /// With --offline: the configuration file [or TENANTRY_CONFIG, or tenantry.toml here]
    #[arg(long, value_name = "FILE", requires = "offline")]
    pub config: Option<PathBuf>,
    /// How to reach the server; with --offline, --data is the store's directory.
    #[command(flatten)]
    pub api: Api,
}

impl AuditVerify {
    /// The store to read, if it is to be read without a server.
    pub fn open(&self) -> Option<Open> {
        self.offline.then(|| Open { config: self.config.clone(), data: self.api.data.clone() })
    }
}

fn parse_anchor(text: &str) -> Result<(String, String), String> {
    let anchor = text.split_once(':').filter(|(number, hash)| !number.is_empty() && !hash.is_empty());
    anchor
        .map(|(number, hash)| (number.into(), hash.into()))
        .ok_or_else(|| "give it as it was shown, NUMBER:HASH".into())
}

pub(super) fn parse_change(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.into(), value.into())),
        _ => Err("give a key and a value with = between them, such as display_name=Acme".into()),
    }
}
