//! The verbs that bring users here from elsewhere.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::people::parse_time;
use super::{Api, RunPlan, Upload};
use crate::clock::Timestamp;

/// `tenantry user import`
#[derive(Debug, Clone, Args)]
pub struct UserImport {
    /// The files, in the order in which they are read; of a directory, those in it
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// What has written them: csv, tenantry, ldif, keycloak, auth0, kratos, zitadel, authentik, okta, shadow
    #[arg(long, value_name = "SOURCE")]
    pub from: String,
    /// How it is planned and run.
    #[command(flatten)]
    pub course: Course,
    /// How the files are read.
    #[command(flatten)]
    pub reading: Reading,
}

/// How an import is planned and run, whatever it brings.
#[derive(Debug, Clone, Args)]
pub struct Course {
    /// Only say what would become of each row; nothing is changed
    #[arg(long, conflicts_with = "plan")]
    pub dry_run: bool,
    /// Run this plan of an earlier --dry-run; its first letters do
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<String>,
    /// Of users who came from the same source before and differ now, take this over
    #[arg(long, value_name = "PARTS", value_enum, value_delimiter = ',')]
    pub update: Vec<Part>,
    /// What becomes of new rows about people who were erased here
    #[arg(long, value_name = "WHAT", value_enum, default_value = "refuse")]
    pub erased: ErasedChoice,
    /// Who is invited.
    #[command(flatten)]
    pub inviting: Inviting,
    /// Where to write what became of each row [default: FILE.result.csv]
    #[arg(long, value_name = "FILE")]
    pub result: Option<PathBuf>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// What becomes of a row about a person who was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ErasedChoice {
    /// It is refused
    Refuse,
    /// It is taken as any other
    Allow,
}

/// Who is invited once an import is done.
#[derive(Debug, Clone, Args)]
pub struct Inviting {
    /// Which of the users get a link by mail once all rows are done, some at a time
    #[arg(long, value_name = "WHOM", value_enum, default_value = "none")]
    pub invite: Invited,
    /// How many of these mails leave in an hour [default: 500]
    #[arg(long, value_name = "NUMBER", requires = "invite")]
    pub invite_per_hour: Option<i64>,
}

/// Which users of an import are invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Invited {
    /// None, or none any more
    None,
    /// Users without a password
    WithoutPassword,
    /// All who have not signed in yet
    All,
}

/// How files are read and understood.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Reading")]
pub struct Reading {
    /// What becomes of groups
    #[arg(long, value_enum, default_value = "existing")]
    pub groups: GroupsChoice,
    /// A file with a line for each role of the source: name = "NAMESPACE:ROLE"
    #[arg(long, value_name = "FILE")]
    pub roles: Option<PathBuf>,
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
    pub fast_hashes: FastHash,
}

/// What becomes of groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GroupsChoice {
    /// Groups that exist are joined; others refuse the row
    Existing,
    /// Groups that do not exist are made, without roles
    Create,
    /// They are left behind
    Drop,
}

/// What is taken over of users who came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// First and last name
    Names,
    /// Whether they may sign in
    State,
    /// Their groups, all of them
    Groups,
    /// The roles given to them, all of them
    Roles,
}

/// What becomes of rows whose hash is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BadHash {
    /// They are refused
    Refuse,
    /// They are taken without a password
    Invite,
}

/// What becomes of hashes that are quick to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FastHash {
    /// They are laid beneath Argon2id, by the machine that reads the file
    Wrap,
    /// They are left behind
    Invite,
}

/// `tenantry import …`
#[derive(Debug, Subcommand)]
pub enum Import {
    /// List imports, newest first
    List {
        /// How to reach the server.
        #[command(flatten)]
        api: Api,
    },
    /// Show one import: where it stands, and what became of its rows so far
    Show(ImportId),
    /// Upload a file of at most 16 MiB, which the server reads, plans and imports by itself
    Upload(Upload),
    /// Run the plan of an uploaded file
    Run(RunPlan),
    /// Go on with an import that was interrupted, with the same files and options
    Resume(Box<Resume>),
    /// List the rows of an import that were refused or of which something is told, for 30 days
    Rows(ImportId),
    /// End an import before its time; what was done stays
    Stop(ImportId),
    /// Invite users of an import that has ended by mail, some at a time; or end that
    Invite(Invite),
    /// Show who of an import is invited, and how many were
    Invitations(ImportId),
    /// Write the users of other files as lines of our own format; nothing is sent
    Convert(Convert),
    /// Set until when imports may bring hashes of passwords, at most 7 days ahead; for owners
    AllowHashes(AllowHashes),
}

/// A verb about one import.
#[derive(Debug, Args)]
pub struct ImportId {
    /// The import's id
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry import resume`
#[derive(Debug, Args)]
pub struct Resume {
    /// The import's id
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// The files and options, as the import was begun with.
    #[command(flatten)]
    pub import: UserImport,
}

/// `tenantry import invite`
#[derive(Debug, Args)]
pub struct Invite {
    /// The import's id
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// Which of its users
    #[arg(long, value_name = "WHOM", value_enum, default_value = "without-password")]
    pub whom: Invited,
    /// How many mails leave in an hour [default: 500]
    #[arg(long, value_name = "NUMBER")]
    pub per_hour: Option<i64>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry import convert`
#[derive(Debug, Args)]
pub struct Convert {
    /// The files, in the order in which they are read; of a directory, those in it
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// What has written them: csv, ldif, keycloak, auth0, kratos, zitadel, authentik, okta, shadow
    #[arg(long, value_name = "SOURCE")]
    pub from: String,
    /// How the files are read.
    #[command(flatten)]
    pub reading: Reading,
}

/// `tenantry import allow-hashes`
#[derive(Debug, Args)]
pub struct AllowHashes {
    /// Until this time, such as 2026-03-04T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_time, required_unless_present = "never")]
    pub until: Option<Timestamp>,
    /// No longer
    #[arg(long, conflicts_with = "until")]
    pub never: bool,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// Reads `NAME=PROVIDER`.
fn parse_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.into(), value.into())),
        _ => Err("give a name of the source and one of here with = between them, such as google=corporate".into()),
    }
}
