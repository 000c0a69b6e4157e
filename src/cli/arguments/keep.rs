//! The verbs that keep a store safe: backup, restore, move and keys.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Open;
use crate::config::Sources;

/// `tenantry backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write; it gets its name when it is whole
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
    /// Where the store is.
    #[command(flatten)]
    pub open: Open,
}

/// `tenantry restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// The file that `tenantry backup` wrote
    #[arg(long, value_name = "FILE")]
    pub from: PathBuf,
    /// Put the store that is there aside, under another name, instead of refusing
    #[arg(long)]
    pub replace: bool,
    /// A later backup, for the people who were erased since the one that is restored; the store that is replaced is asked anyway
    #[arg(long, value_name = "FILE")]
    pub erasures: Option<PathBuf>,
    /// What becomes of passwords: some may have been reset or changed since the backup was made
    #[arg(long, value_name = "FATE", value_enum, default_value_t = Passwords::Dead)]
    pub passwords: Passwords,
    /// The URL that the owners' links begin with, instead of the configured one
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Where the store is to be.
    #[command(flatten)]
    pub open: Open,
}

/// The fate of the passwords in a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Passwords {
    /// Each user chooses a new one by a link
    Dead,
    /// They are as they were; one that has ended since is alive again
    Keep,
}

/// `tenantry move`
#[derive(Debug, Args)]
pub struct Move {
    /// Where the store is: sqlite:DIR, postgres://…, or postgres: for the configured database
    #[arg(long, value_name = "STORE")]
    pub from: String,
    /// Where it is to go, an empty place of the same forms
    #[arg(long, value_name = "STORE")]
    pub to: String,
    /// The configuration file [or TENANTRY_CONFIG, or tenantry.toml here]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `tenantry key …`
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Show which keys there are, and how many live links each has made
    List {
        /// Where the store and the key file are.
        #[command(flatten)]
        open: Open,
        /// Print the public keys alone, by which others verify what was signed here, the newest first
        #[arg(long)]
        public: bool,
    },
    /// Add a key, which makes all new links; a running server takes it within a second
    Rotate {
        /// Where the key file is.
        #[command(flatten)]
        open: Open,
    },
    /// Add a key that only verifies until `key use`, so that every machine can have it first
    Add {
        /// Where the key file is.
        #[command(flatten)]
        open: Open,
    },
    /// Let a key make all new links
    Use(KeyNumber),
    /// Take a key away that has no live links
    Remove(KeyNumber),
}

/// `tenantry key use` and `tenantry key remove`
#[derive(Debug, Args)]
pub struct KeyNumber {
    /// The number of the key
    #[arg(value_name = "NUMBER")]
    pub number: i64,
    /// Where the store and the key file are.
    #[command(flatten)]
    pub open: Open,
}

impl Restore {
    /// Where the settings come from; `--public-url` is one of them.
    pub fn sources(&self, environment: Vec<(String, String)>) -> Sources {
        self.open.sources(environment).with_flag("http.public_url", "--public-url", self.public_url.as_ref())
    }
}
