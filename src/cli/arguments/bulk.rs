//! The verbs by which many users are changed at once.

use clap::{Args, Subcommand, ValueEnum};

use super::{Api, UserFilter};

/// `tenantry bulk …`
#[derive(Debug, Subcommand)]
pub enum Bulk {
    /// Plan what is done to all users who pass a filter; nothing is changed
    Plan(Box<BulkPlan>),
    /// Act by a plan that was looked at, and show how far it has come (exit code 1 if it is stopped)
    Act(BulkAct),
    /// List plans and runs, newest first
    List {
        /// How to reach the server.
        #[command(flatten)]
        api: Api,
    },
    /// Show a plan, or how far its run has come
    Show(BulkId),
    /// List the users of a plan, with what becomes of each and why one is left out, for 30 days
    Users(BulkUsers),
    /// End a plan or a run; what was done stays
    Stop(BulkId),
}

/// What is done to each user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BulkKind {
    /// Lock them out
    Disable,
    /// Let them in again
    Enable,
    /// Remove them
    Remove,
    /// Give them a role
    AssignRole,
    /// Take a role from them
    UnassignRole,
    /// Put them into a group
    JoinGroup,
    /// Take them out of a group
    LeaveGroup,
}

/// `tenantry bulk plan`
#[derive(Debug, Args)]
pub struct BulkPlan {
    /// What is done to each of them
    #[arg(value_name = "ACT", value_enum)]
    pub act: BulkKind,
    /// The role, as NAMESPACE:ROLE, or the name of the group, where the act is about one
    #[arg(value_name = "ROLE|GROUP")]
    pub about: Option<String>,
    /// All users, instead of a filter
    #[arg(long)]
    pub all: bool,
    /// Only users whose address or name begins so; letter case does not count
    #[arg(long, value_name = "BEGINNING", default_value = "", hide_default_value = true)]
    pub beginning: String,
    /// Which users.
    #[command(flatten)]
    pub filter: UserFilter,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry bulk act`
#[derive(Debug, Args)]
pub struct BulkAct {
    /// The id of the plan
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// How many users it names; it is refused if it names another number [default: as many as it names now]
    #[arg(long, value_name = "N")]
    pub users: Option<i64>,
    /// The digest that the plan was shown with; it is refused if it is another one [default: that of now]
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<String>,
    /// Leave it to the server once it has begun
    #[arg(long)]
    pub no_wait: bool,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry bulk users`
#[derive(Debug, Args)]
pub struct BulkUsers {
    /// The id of the plan
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// Only users who are left out
    #[arg(long)]
    pub left_out: bool,
    /// At most so many; without it all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// A verb about one plan.
#[derive(Debug, Args)]
pub struct BulkId {
    /// The id of the plan
    #[arg(value_name = "ID")]
    pub id: uuid::Uuid,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}
