//! The verbs about a file that the server reads by itself.

use std::path::PathBuf;

use clap::Args;

use super::{Api, ErasedChoice, Part, Reading};

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
    /// What is taken over of users who came from this source before
    #[arg(long, value_name = "PARTS", value_enum, value_delimiter = ',')]
    pub update: Vec<Part>,
    /// What becomes of a row whose person was erased
    #[arg(long, value_enum, default_value = "refuse")]
    pub erased: ErasedChoice,
    /// How the file is read.
    #[command(flatten)]
    pub reading: Reading,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
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
