//! Which users `tenantry user list` lists, and `tenantry bulk` is about.

use clap::{Args, ValueEnum};

use super::Api;
use super::people::parse_time;
use crate::clock::Timestamp;

/// `tenantry user list`
#[derive(Debug, Args)]
pub struct UserList {
    /// Only users whose address or name begins so; letter case does not count
    #[arg(value_name = "BEGINNING", default_value = "", hide_default_value = true)]
    pub beginning: String,
    /// Which of them.
    #[command(flatten)]
    pub filter: UserFilter,
    /// At most so many; without it all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// Which users are meant, beside how their address or name begins.
#[derive(Debug, Clone, Args)]
pub struct UserFilter {
    /// Only users who stand so
    #[arg(long, value_enum)]
    pub state: Option<Standing>,
    /// Only users who sign in so
    #[arg(long, value_enum)]
    pub sign_in_by: Option<SignsInBy>,
    /// Only users who hold this role, themselves or by a group
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
    /// Only users of whom a role counts in this namespace; with --role, that one
    #[arg(long, value_name = "NAME")]
    pub namespace: Option<String>,
    /// Only users who are in this group
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
    /// Only users who signed in at or after this time, such as 2026-03-04T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub signed_in_after: Option<Timestamp>,
    /// Only users who have not signed in since this time, or never
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub signed_in_before: Option<Timestamp>,
    /// Only users whose password was set at or after this time
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub password_after: Option<Timestamp>,
    /// Only users whose password was set before this time
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub password_before: Option<Timestamp>,
    /// Only users who have a second factor, or only users who have none
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub second_factor: Option<bool>,
}

/// Where a user stands.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Standing {
    /// They are to choose their first password yet
    Invited,
    /// They can sign in, or could before a reset
    Active,
    /// They are locked out
    Disabled,
}

/// How a user signs in.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SignsInBy {
    /// By a password that is kept here
    Password,
    /// At a provider of single sign-on
    Sso,
}
