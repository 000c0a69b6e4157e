//! The whole command line, as clap reads it. Nothing here does anything.
//!
//! Verbs that do what the API does take [`Api`] and speak to a running server. Those of the operator take [`Open`]: they ask
//! the server that runs on the data directory, and open the store where none does. So do verbs that repair the store; its lock
//! makes sure that no server has it open.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

mod administer;
mod bulk;
mod directory;
mod import;
mod incident;
mod keep;
mod mail;
mod mail_text;
mod people;
mod person;
mod server;
mod shell;
mod upload;
mod user_list;
mod webhook;
mod whole_tenant;

pub use administer::{
    Audit, AuditExport, AuditFilter, AuditQuery, AuditTail, AuditVerify, Tenant, TenantCreate, TenantSet,
};
pub use bulk::{Bulk, BulkAct, BulkId, BulkKind, BulkPlan, BulkUsers};
pub use directory::{Group, GroupCreate, GroupMembers, Named, Namespace, Role, Setting};
pub use import::{
    AllowHashes, BadHash, Convert, Course, ErasedChoice, FastHash, GroupsChoice, Import, ImportId, Invite, Invited,
    Inviting, Part, Reading, Resume, UserImport,
};
pub use incident::{
    AsOperator, Incident, IncidentAgree, IncidentChange, IncidentDecline, IncidentEvidence, IncidentId, IncidentPeople,
    IncidentPlan, IncidentRelease, IncidentStart,
};
pub use keep::{Backup, Key, KeyNumber, Move, Passwords, Restore};
pub use mail::{Mail, MailId, MailQueue, MailTest};
pub use mail_text::{MailText, TextOf, TextSet, TextTried};
pub use people::{
    Can, Email, Reset, ResetId, ResetList, ResetState, ResetVerb, ResetWait, Token, TokenCreate, TokenRevoke, User,
    UserAdd, parse_role,
};
pub use person::{PersonErase, PersonExport};
pub use server::{Compat, ConfigCheck, ConfigVerb, Dev, Doctor, Init, Serve};
pub use shell::{Completions, Login, Logout, Man};
pub use upload::{RunPlan, Upload};
pub use user_list::{SignsInBy, Standing, UserFilter, UserList};
pub use webhook::{
    Webhook, WebhookAdd, WebhookChange, WebhookDeliveries, WebhookId, WebhookOn, WebhookResend, WebhookTerms,
};
pub use whole_tenant::{TenantExport, TenantImport, Transfer};

/// The verb succeeded.
pub const EXIT_DONE: u8 = 0;
/// It failed; a sentence on standard error says why.
pub const EXIT_FAILED: u8 = 1;
/// The command line itself is wrong, and nothing was tried. clap ends with the same code.
pub const EXIT_USAGE: u8 = 2;

const ABOUT_EXIT_CODES: &str = "\
To see what it does:           tenantry try
To play with it:               tenantry dev
Then, in a second terminal:    tenantry reset user@example.com

Exit codes: 0 done, 1 failed (standard error says why), 2 wrong command line.";

/// The command line as typed.
#[derive(Debug, Parser)]
#[command(
    name = "tenantry",
    version,
    about = "Self-hosted, multi-tenant identity administration: reset passwords by a one-time link, and prove it",
    after_help = ABOUT_EXIT_CODES
)]
pub struct Arguments {
    /// Write JSON instead of text, for programs
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Show the whole way of a reset in one go, on data that is thrown away
    Try,
    /// Run a server to play with: sample users, a mailbox that catches all mail
    Dev(Dev),
    /// Run the server for real
    Serve(Serve),
    /// Make a tenant and print the one-time link for its first owner
    Init(Init),
    /// Reset a user's password, or follow and steer earlier resets
    Reset(Reset),
    /// Add, list, show, disable, enable and import users
    #[command(subcommand)]
    User(User),
    /// Look at imports of users, go on with one, end one, and let hashes of passwords in
    #[command(subcommand)]
    Import(Import),
    /// Disable, enable or remove many users at once, or give and take roles and groups: planned, looked at, then done
    #[command(subcommand)]
    Bulk(Bulk),
    /// End the passwords of many users at once: planned, looked at, agreed to, ended, then mailed
    #[command(subcommand)]
    Incident(Incident),
    /// Tell whether a user may make a call, and why (exit code 1 if not)
    Can(Can),
    /// List, create and fill user groups
    #[command(subcommand)]
    Group(Group),
    /// List, create and change roles
    #[command(subcommand)]
    Role(Role),
    /// List, create and remove namespaces
    #[command(subcommand)]
    Namespace(Namespace),
    /// List and change the settings of your tenant
    #[command(subcommand)]
    Setting(Setting),
    /// Choose the words of your tenant's mails, look at them and try them
    #[command(subcommand)]
    MailText(MailText),
    /// Create, list and revoke API tokens
    #[command(subcommand)]
    Token(Token),
    /// Create, list, show and set up tenants, write yours out and bring it elsewhere
    #[command(subcommand)]
    Tenant(Tenant),
    /// Take hashes of passwords along when a tenant moves here
    #[command(subcommand)]
    Transfer(Transfer),
    /// Read the record of all that was done, and prove that it is whole
    #[command(subcommand)]
    Audit(Audit),
    /// Tell other servers what happens: add webhooks, look at their deliveries, test and steer them
    #[command(subcommand)]
    Webhook(Webhook),
    /// Look at the mail that waits and steer it, or send a test mail
    #[command(subcommand)]
    Mail(Mail),
    /// Write everything into one file, while the server runs
    Backup(Backup),
    /// Make a store from a backup; what may have ended since is ended in it
    Restore(Restore),
    /// Take a store to another place or engine, with all that is alive in it
    Move(Move),
    /// Show, add and remove the keys from which links are made
    #[command(subcommand)]
    Key(Key),
    /// Show the release, the engine, the keys and the housekeeping of the server that runs here, and what waits
    State(Open),
    /// Take away what is over now, as a server does every ten minutes
    Tidy(Open),
    /// Find out what is wrong with an installation
    Doctor(Doctor),
    /// Explain the settings
    #[command(subcommand)]
    Config(ConfigVerb),
    /// List the operations of the public API that are served, and those that are not with the reason
    Compat(Compat),
    /// Keep a server and its token under a name; the token is read from standard input
    Login(Login),
    /// Forget a server and its token
    Logout(Logout),
    /// List the servers that are kept
    Profiles,
    /// Print what completes this command line in a shell
    Completions(Completions),
    /// Print the manual page, or write one for each verb
    Man(Man),
}

/// How to reach a running server.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Server")]
pub struct Api {
    /// The server's URL [or TENANTRY_URL]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The API token, visible to others on this machine [or TENANTRY_TOKEN, TENANTRY_TOKEN_FILE]
    #[arg(long, value_name = "TOKEN")]
    pub token: Option<String>,
    /// The data directory of `tenantry dev`, whose dev.json has both
    #[arg(long, value_name = "DIR", conflicts_with_all = ["url", "token", "profile"])]
    pub data: Option<PathBuf>,
    /// A server that `tenantry login` has kept [or TENANTRY_PROFILE]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["url", "token"])]
    pub profile: Option<String>,
}

/// How to find the store.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Store")]
pub struct Open {
    /// The configuration file [or TENANTRY_CONFIG, or tenantry.toml here]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The data directory, instead of the configured one
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

#[cfg(test)]
mod tests;
