//! Flags of the verbs that set up the command line itself: completions, manual pages, and the servers that it knows.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// `tenantry completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell that completes
    pub shell: Shell,
}

/// `tenantry man`.
#[derive(Debug, Args)]
pub struct Man {
    /// Write a page for each verb into this directory, instead of the page of all to standard output
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `tenantry login`.
#[derive(Debug, Args)]
pub struct Login {
    /// How the server is called from now on; verbs that name no server use `default`
    #[arg(value_name = "PROFILE", default_value = "default")]
    pub name: String,
    /// The server's URL
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// The authority of the server's certificate, a PEM file, where it is none of this machine's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// `tenantry logout`.
#[derive(Debug, Args)]
pub struct Logout {
    /// The server to forget
    #[arg(value_name = "PROFILE", default_value = "default")]
    pub name: String,
}
