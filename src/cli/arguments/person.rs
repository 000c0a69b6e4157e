//! The verbs about all that is kept of one person.

use std::path::PathBuf;

use clap::Args;

use super::Api;
use super::people::parse_email;

/// `tenantry user export EMAIL`
#[derive(Debug, Args)]
pub struct PersonExport {
    /// The address of the person
    #[arg(value_name = "EMAIL", value_parser = parse_email)]
    pub email: String,
    /// The file to make; nobody else may read it [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry user erase EMAIL --yes`
#[derive(Debug, Args)]
pub struct PersonErase {
    /// The address of the person
    #[arg(value_name = "EMAIL", value_parser = parse_email)]
    pub email: String,
    /// Say that you mean it: nothing brings a person back who was erased
    #[arg(long, required = true)]
    pub yes: bool,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}
