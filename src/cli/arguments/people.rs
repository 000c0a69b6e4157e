//! The verbs about users, their resets and their tokens. All speak to a running server.

use clap::{Args, Subcommand, ValueEnum};

use super::{Api, PersonErase, PersonExport, UserImport, UserList};
use crate::clock::Timestamp;

/// `tenantry reset EMAIL` and `tenantry reset list|show|…`. An address has an `@`, so it is never mistaken for a
/// subcommand.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Reset {
    /// Whose password to reset: it dies at once, and a one-time link goes out by mail
    #[arg(value_name = "EMAIL", required = true, value_parser = parse_email_or_word)]
    pub email: Option<String>,
    /// Wait until the user has chosen a new password (exit code 1 if the reset ends otherwise)
    #[arg(long)]
    pub wait: bool,
    /// End the user's API credentials too: programs that use them stop
    #[arg(long)]
    pub revoke_credentials: bool,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
    /// Something else than a new reset.
    #[command(subcommand)]
    pub verb: Option<ResetVerb>,
}

/// The verbs about earlier resets.
#[derive(Debug, Subcommand)]
pub enum ResetVerb {
    /// List resets, newest first
    List(ResetList),
    /// Show one reset: what happened when, with the mail relay's own words
    Show(ResetId),
    /// Make the link of a reset useless; the old password stays dead
    Cancel(ResetId),
    /// Mail the same link again
    Resend(ResetId),
    /// Wait until a reset comes to its end, and say to which
    Wait(ResetWait),
}

/// The states of a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the states are explained where they belong, with the reset")]
pub enum ResetState {
    Requested,
    Mailed,
    Opened,
    Redeemed,
    Superseded,
    Expired,
    Undeliverable,
    Cancelled,
}

/// `tenantry reset list`
#[derive(Debug, Args)]
pub struct ResetList {
    /// Only resets in this state
    #[arg(long, value_enum)]
    pub state: Option<ResetState>,
    /// Only resets of this user
    #[arg(long, value_name = "EMAIL", value_parser = parse_email)]
    pub email: Option<String>,
    /// Only resets asked for at or after this time, such as 2026-03-04T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub since: Option<Timestamp>,
    /// Only resets asked for before this time
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub until: Option<Timestamp>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// A verb about one reset.
#[derive(Debug, Args)]
pub struct ResetId {
    /// The reset's id, as `reset` and `reset list` print it
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry reset wait`
#[derive(Debug, Args)]
pub struct ResetWait {
    /// The reset's id, as `reset` and `reset list` print it
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// Be content with this state already (1 if the reset ends in another)
    #[arg(long = "for", value_enum, value_name = "STATE", default_value = "redeemed")]
    pub state: ResetState,
    /// Give up after so long (then the exit code is 1)
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    pub timeout_seconds: u32,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry can WHO CALL`
#[derive(Debug, Args)]
pub struct Can {
    /// The address of the user
    #[arg(value_name = "EMAIL", value_parser = parse_email)]
    pub who: String,
    /// The id of the operation, or its method and path in quotes: 'POST /api/web/custom/password/admin_reset'
    #[arg(value_name = "CALL")]
    pub call: String,
    /// The namespace of the call
    #[arg(long = "in", value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// The address of the user on whom it would act
    #[arg(long = "to", value_name = "EMAIL", value_parser = parse_email)]
    pub target: Option<String>,
    /// The name of a token of the user, by which the call would be made
    #[arg(long = "by", value_name = "TOKEN")]
    pub credential: Option<String>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry user …`
#[derive(Debug, Subcommand)]
pub enum User {
    /// Add a user and mail them a link to choose a password
    Add(UserAdd),
    /// Bring users here from a file that another product has written, with their passwords
    Import(Box<UserImport>),
    /// List users
    List(UserList),
    /// Show one user: names, roles, sessions, latest resets
    Show(Email),
    /// Lock a user out: sessions end, no sign-in, no reset
    Disable(Email),
    /// Let a disabled user in again
    Enable(Email),
    /// Give a user another address; it counts once they confirm the link that is mailed to it
    ChangeEmail(ChangeEmail),
    /// Take back a new address that is not confirmed yet
    KeepEmail(Email),
    /// Remove a user; the record of what was done stays, and the same address can come again as another user
    Remove(Email),
    /// Write out all that is kept of a person as JSON, but for what opens the account
    Export(PersonExport),
    /// Erase a person for good: the account, and what names them anywhere, records included
    Erase(PersonErase),
    /// Tell how many users with a password here have a code app, and whether your tenant requires one
    SecondFactors {
        /// How to reach the server.
        #[command(flatten)]
        api: Api,
    },
}

/// `tenantry user change-email`
#[derive(Debug, Args)]
pub struct ChangeEmail {
    /// The user's address
    #[arg(value_name = "EMAIL", value_parser = parse_email)]
    pub email: String,
    /// The new one
    #[arg(value_name = "NEW", value_parser = parse_email)]
    pub new: String,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry user add`
#[derive(Debug, Args)]
pub struct UserAdd {
    /// The address they sign in with and get mail at
    #[arg(value_name = "EMAIL", value_parser = parse_email)]
    pub email: String,
    /// First name
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub first_name: String,
    /// Last name
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub last_name: String,
    /// A role and where it holds, such as system:ves-io-monitor-role; may be repeated
    #[arg(long = "role", value_name = "NAMESPACE:ROLE", value_parser = parse_role)]
    pub roles: Vec<(String, String)>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// A verb about one user.
#[derive(Debug, Args)]
pub struct Email {
    /// The user's address
    #[arg(value_name = "EMAIL", value_parser = parse_email)]
    pub email: String,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry token …`
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Create an API token of your own; it is shown once
    Create(TokenCreate),
    /// List API tokens
    List {
        /// How to reach the server.
        #[command(flatten)]
        api: Api,
    },
    /// Revoke an API token at once
    Revoke(TokenRevoke),
}

/// `tenantry token create`
#[derive(Debug, Args)]
pub struct TokenCreate {
    /// What to call it; a few random letters are added
    #[arg(value_name = "NAME")]
    pub name: String,
    /// How long it counts
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub expiration_days: u32,
    /// Only for the calls of these API groups, such as ves-io-uam-read
    #[arg(long, value_name = "GROUPS", value_delimiter = ',')]
    pub api_groups: Option<Vec<String>>,
    /// Only for calls in these namespaces
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub namespaces: Option<Vec<String>>,
    /// Only for calls from these addresses or networks, such as 192.0.2.0/24
    #[arg(long, value_name = "NETWORKS", value_delimiter = ',')]
    pub networks: Option<Vec<String>>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry token revoke`
#[derive(Debug, Args)]
pub struct TokenRevoke {
    /// The token's full name, as `token list` prints it
    #[arg(value_name = "NAME")]
    pub name: String,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// Reads `NAMESPACE:ROLE`.
pub fn parse_role(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((namespace, role)) if !namespace.is_empty() && !role.is_empty() => Ok((namespace.into(), role.into())),
        _ => Err("give a namespace and a role with a colon between them, such as system:ves-io-monitor-role".into()),
    }
}

/// The server validates addresses; this only tells an address from a misspelt subcommand.
pub(super) fn parse_email(text: &str) -> Result<String, String> {
    if text.contains(['@', '＠', '﹫']) { Ok(text.into()) } else { Err("an email address has an @".into()) }
}

/// The argument of `reset` is an address, or a subcommand that clap would have recognised.
fn parse_email_or_word(text: &str) -> Result<String, String> {
    parse_email(text).map_err(|why| format!("{why}, and the words here are list, show, cancel, resend and wait"))
}

/// Reads an RFC 3339 time.
pub(super) fn parse_time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "give date, time and zone, such as 2026-03-04T09:00:00Z".into())
}
