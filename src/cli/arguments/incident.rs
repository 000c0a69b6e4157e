//! The verbs of an incident.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Api, UserFilter};

/// `tenantry incident …`
#[derive(Debug, Subcommand)]
pub enum Incident {
    /// Plan to end the passwords of many users; nothing is changed
    Plan(Box<IncidentPlan>),
    /// End the passwords of a plan that was looked at, or ask a second person to agree
    Start(IncidentStart),
    /// Agree to a plan as the second person: its passwords begin to end
    Agree(IncidentAgree),
    /// Decline a plan as the second person
    Decline(IncidentDecline),
    /// List incidents, newest first
    List {
        /// How to reach the server.
        #[command(flatten)]
        api: Api,
    },
    /// Show an incident, and how far it has come
    Show(IncidentId),
    /// Show how far an incident has come until nothing goes on any more
    Watch(IncidentId),
    /// List the users of an incident, with what has become of each
    People(IncidentPeople),
    /// Let an incident stand still where it is
    Pause(IncidentId),
    /// Go on with an incident that was paused
    GoOn(IncidentId),
    /// Let the mails of an incident go, of all its users or of some
    Release(IncidentRelease),
    /// Try the mails again that the relay did not take
    Retry(IncidentId),
    /// Mail the link once more to users who have not chosen a password
    Remind(IncidentId),
    /// Say something else in the mails that have not left, or let them go at another pace
    Change(IncidentChange),
    /// Write what an incident has done into a file that anyone can verify by `tenantry audit verify FILE`
    Evidence(IncidentEvidence),
    /// End an incident where it is: passwords that have ended stay so, and nothing more is mailed
    Cancel(IncidentId),
}

/// `tenantry incident plan`
#[derive(Debug, Args)]
pub struct IncidentPlan {
    /// A file with the addresses of the users: one on each line, or a table with a column email
    #[arg(value_name = "FILE")]
    pub list: Option<PathBuf>,
    /// What administrators call it; users never see it
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Why it is necessary, for the record; users never see it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub reason: String,
    /// All users, instead of a filter
    #[arg(long)]
    pub all: bool,
    /// Only users whose address or name begins so; letter case does not count
    #[arg(long, value_name = "BEGINNING", default_value = "", hide_default_value = true)]
    pub beginning: String,
    /// Which users.
    #[command(flatten)]
    pub filter: UserFilter,
    /// Leave the user of this address alone; may be said several times
    #[arg(long, value_name = "EMAIL")]
    pub except: Vec<String>,
    /// Hold the mails until they are released
    #[arg(long)]
    pub hold: bool,
    /// How long a link lives from its mail, in hours: 1 to 72
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    pub link_hours: i64,
    /// How many mails leave in a minute at most; 0 for as many as the relay takes
    #[arg(long, value_name = "N", default_value_t = 240)]
    pub pace: i64,
    /// Leave your own password alone
    #[arg(long)]
    pub without_me: bool,
    /// Leave the passwords of disabled users alone
    #[arg(long)]
    pub without_disabled: bool,
    /// End the API credentials of these users too
    #[arg(long)]
    pub revoke_credentials: bool,
    /// Take away code apps that were set up at this moment or later, as a thief may have done
    #[arg(long, value_name = "TIME")]
    pub remove_factors_since: Option<String>,
    /// Say nothing at sign-in, not even in a browser in which the user has signed in before
    #[arg(long)]
    pub no_notice: bool,
    /// Say the words at sign-in to everyone who is refused, until the mails have left
    #[arg(long, conflicts_with = "no_notice", requires = "words")]
    pub notice_to_all: bool,
    /// What the mails say besides, as LANGUAGE=TEXT without a web address; may be said several times
    #[arg(long, value_name = "LANGUAGE=TEXT")]
    pub words: Vec<String>,
    /// Whom users may ask [default: the tenant's contact]
    #[arg(long, value_name = "TEXT")]
    pub contact: Option<String>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry incident start`
#[derive(Debug, Args)]
pub struct IncidentStart {
    /// The id of the incident
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// How many users its plan names; it is refused if it names another number
    #[arg(long, value_name = "N")]
    pub users: i64,
    /// The digest that the plan was shown with; it is refused if it is another one [default: that of now]
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<String>,
    /// Go on though other users match now than when the plan was made
    #[arg(long)]
    pub accept_drift: bool,
    /// Leave it to the server once it has begun
    #[arg(long)]
    pub no_wait: bool,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry incident agree`
#[derive(Debug, Args)]
pub struct IncidentAgree {
    /// The id of the incident
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// The digest that the plan was shown with; it is refused if it is another one [default: that of now]
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<String>,
    /// How many users its plan names, which the operator says too
    #[arg(long, value_name = "N", requires = "operator")]
    pub users: Option<i64>,
    /// As the operator.
    #[command(flatten)]
    pub operator: AsOperator,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry incident decline`
#[derive(Debug, Args)]
pub struct IncidentDecline {
    /// The id of the incident
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// Why, for the person who asked and for the record
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub why: String,
    /// As the operator.
    #[command(flatten)]
    pub operator: AsOperator,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// The operator of this machine, by the socket in the data directory.
#[derive(Debug, Args)]
#[command(next_help_heading = "Operator")]
pub struct AsOperator {
    /// As the operator of this machine, in the tenant of this name, where it has nobody else who could; --data then names the
    /// data directory of the server
    #[arg(long, value_name = "TENANT", conflicts_with_all = ["url", "token", "profile"])]
    pub operator: Option<String>,
    /// The configuration file [or TENANTRY_CONFIG, or tenantry.toml here]
    #[arg(long, value_name = "FILE", requires = "operator")]
    pub config: Option<PathBuf>,
}

/// `tenantry incident people`
#[derive(Debug, Args)]
pub struct IncidentPeople {
    /// The id of the incident
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// Only users of whom this has become
    #[arg(long, value_name = "OUTCOME", value_parser = ["planned", "left_out", "ended", "waiting", "mailed", "opened", "redeemed", "stuck", "superseded", "over"])]
    pub is: Option<String>,
    /// At most so many; without it all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry incident release`
#[derive(Debug, Args)]
pub struct IncidentRelease {
    /// The id of the incident
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// Only the mail to the user of this address, at once; may be said several times
    #[arg(long, value_name = "EMAIL")]
    pub email: Vec<String>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry incident change`
#[derive(Debug, Args)]
pub struct IncidentChange {
    /// The id of the incident
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// How many mails leave in a minute at most; 0 for as many as the relay takes
    #[arg(long, value_name = "N")]
    pub pace: Option<i64>,
    /// What the mails say besides, as LANGUAGE=TEXT without a web address; may be said several times
    #[arg(long, value_name = "LANGUAGE=TEXT")]
    pub words: Vec<String>,
    /// Whom users may ask; an empty text for the tenant's contact
    #[arg(long, value_name = "TEXT")]
    pub contact: Option<String>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry incident evidence`
#[derive(Debug, Args)]
pub struct IncidentEvidence {
    /// The id of the incident
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// The file to write, which must not be there yet
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// How addresses of people are told: hidden, each is a number that stands for it in this file alone
    #[arg(long, value_name = "HOW", value_parser = ["plain", "hidden"], default_value = "plain")]
    pub emails: String,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// A verb about one incident.
#[derive(Debug, Args)]
pub struct IncidentId {
    /// The id of the incident
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}
