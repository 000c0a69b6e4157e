//! The verbs about a file that the server reads by itself.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::import::parse_pair;
use super::{Api, BadHash, ErasedChoice, GroupsChoice, Part};

/// `tenantry import upload`
#[derive(Debug, Args)]
pub struct Upload {
    /// The file; several, where a source has written several
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// What has written it: csv, tenantry, ldif, keycloak, auth0, kratos, zitadel, authentik, okta, shadow
    #[arg(long, value_name = "SOURCE")]
    pub from: String,
    /// Only make the plan; the server keeps the file for an hour
    #[arg(long)]
    pub dry_run: bool,
    /// What becomes of groups
    #[arg(long, value_enum, default_value = "existing")]
    pub groups: GroupsChoice,
    /// What is taken over of users who came from this source before
    #[arg(long, value_name = "PARTS", value_enum, value_delimiter = ',')]
    pub update: Vec<Part>,
    /// What becomes of a row whose person was erased
    #[arg(long, value_enum, default_value = "refuse")]
    pub erased: ErasedChoice,
    /// Which role here stands for one of the source; may be repeated
    #[arg(long = "role", value_name = "NAME=NAMESPACE:ROLE", value_parser = parse_pair)]
    pub roles: Vec<(String, String)>,
    /// Which provider here stands for one of the source; may be repeated
    #[arg(long, value_name = "NAME=PROVIDER", value_parser = parse_pair)]
    pub sso: Vec<(String, String)>,
    /// How texts are written: utf-8, latin1 or windows-1252
    #[arg(long, value_name = "ENCODING", default_value = "utf-8")]
    pub encoding: String,
    /// The domain of addresses, for sources that know only login names
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// Leave all hashes behind
    #[arg(long)]
    pub without_hashes: bool,
    /// What becomes of rows whose hash is not taken
    #[arg(long, value_enum, default_value = "refuse")]
    pub bad_hash: BadHash,
    /// What becomes of hashes that are quick to guess
    #[arg(long, value_enum, default_value = "wrap")]
    pub fast_hashes: UploadedFastHash,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// What becomes of hashes in an uploaded file that are quick to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UploadedFastHash {
    /// They are laid beneath Argon2id, by the server
    Wrap,
    /// They are left behind
    Invite,
}

/// `tenantry import run`
#[derive(Debug, Args)]
pub struct RunPlan {
    /// The plan, by its first letters, at least eight
    #[arg(value_name = "PLAN")]
    pub plan: String,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}
