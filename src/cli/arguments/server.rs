//! The verbs that run, set up and examine a server.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Open;
use crate::config::Sources;

/// `tenantry dev`
#[derive(Debug, Args)]
pub struct Dev {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where to keep the data; dev.json in it tells programs their way
    #[arg(long, value_name = "DIR", default_value = crate::cli::connection::DEV_DIR)]
    pub data: PathBuf,
    /// Make this many users (user00001@example.com …) instead of a few
    #[arg(long, value_name = "N")]
    pub users: Option<u32>,
    /// Keep the store in this PostgreSQL database instead, such as postgres://user@localhost/tenantry
    #[arg(long, value_name = "URL")]
    pub postgres: Option<String>,
    /// Speak https instead of http, by a certificate of an authority of its own (authority.pem in the data directory)
    #[arg(long)]
    pub tls: bool,
    /// Listen beyond this machine: anyone who can reach it can read all mail and sign in as any user
    #[arg(long)]
    pub allow_remote: bool,
}

/// `tenantry serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// The configuration file [or TENANTRY_CONFIG, or tenantry.toml here]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where to listen, instead of the configured address
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// The data directory, instead of the configured one
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// `tenantry init`
#[derive(Debug, Args)]
pub struct Init {
    /// The tenant's name: lower-case letters, digits and hyphens
    #[arg(long, value_name = "NAME")]
    pub tenant: String,
    /// The email address of the tenant's first owner
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
    /// The URL that the link begins with, instead of the configured one
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Where the store is.
    #[command(flatten)]
    pub open: Open,
}

/// `tenantry doctor`
#[derive(Debug, Args)]
pub struct Doctor {
    /// Where the store is.
    #[command(flatten)]
    pub open: Open,
}

/// `tenantry config …`
#[derive(Debug, Subcommand)]
pub enum ConfigVerb {
    /// Show every setting, where its value came from, and what `serve` would refuse
    Check(ConfigCheck),
}

/// `tenantry config check`
#[derive(Debug, Args)]
pub struct ConfigCheck {
    /// What `serve` would be started with.
    #[command(flatten)]
    pub serve: Serve,
    /// Write the page about all settings instead, which needs no configuration
    #[arg(long, conflicts_with_all = ["json", "config", "listen", "data"])]
    pub markdown: bool,
}

/// `tenantry compat`
#[derive(Debug, Args)]
pub struct Compat {
    /// Only operations with this text in their group, method and path, or id
    #[arg(value_name = "FILTER")]
    pub filter: Option<String>,
    /// Only operations that are not served
    #[arg(long)]
    pub not_served: bool,
}

/// The sources of settings for a verb with these flags.
fn setting_flags(sources: Sources, listen: Option<&String>, data: Option<&PathBuf>) -> Sources {
    sources.with_flag("http.listen", "--listen", listen).with_flag(
        "store.data_dir",
        "--data",
        data.map(|dir| dir.display()),
    )
}

impl Serve {
    /// Where the settings of the server come from.
    pub fn sources(&self, environment: Vec<(String, String)>) -> Sources {
        setting_flags(Sources::new(self.config.clone(), environment), self.listen.as_ref(), self.data.as_ref())
    }
}

impl Init {
    /// Where the settings come from; `--public-url` is one of them.
    pub fn sources(&self, environment: Vec<(String, String)>) -> Sources {
        self.open.sources(environment).with_flag("http.public_url", "--public-url", self.public_url.as_ref())
    }
}

impl Open {
    /// Where the settings of a verb that opens the store come from.
    pub fn sources(&self, environment: Vec<(String, String)>) -> Sources {
        setting_flags(Sources::new(self.config.clone(), environment), None, self.data.as_ref())
    }
}
