//! The verbs about groups, roles, namespaces and settings of a tenant. All speak to a running server.

use clap::{Args, Subcommand};

use super::administer::parse_change;
use super::people::parse_email;
use super::{Api, parse_role};

/// `tenantry group …`
#[derive(Debug, Subcommand)]
pub enum Group {
    /// List user groups
    List {
        /// How to reach the server.
        #[command(flatten)]
        api: Api,
    },
    /// Show one group with its members and roles
    Show(Named),
    /// Create a group
    Create(GroupCreate),
    /// Remove a group; its members lose the roles that they hold by it
    Delete(Named),
    /// Put users into a group
    Add(GroupMembers),
    /// Take users out of a group
    Remove(GroupMembers),
    /// Give a group further roles
    Give(GroupRoles),
    /// Take roles from a group
    Take(GroupRoles),
}

/// A verb about one thing.
#[derive(Debug, Args)]
pub struct Named {
    /// Its name
    #[arg(value_name = "NAME")]
    pub name: String,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry group create`
#[derive(Debug, Args)]
pub struct GroupCreate {
    /// The name: letters, digits, hyphens and underscores
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The name that people see
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub display_name: String,
    /// What the group is for
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub description: String,
    /// A member; may be repeated
    #[arg(long = "member", value_name = "EMAIL", value_parser = parse_email)]
    pub members: Vec<String>,
    /// A role and where it holds, such as system:ves-io-monitor-role; may be repeated
    #[arg(long = "role", value_name = "NAMESPACE:ROLE", value_parser = parse_role)]
    pub roles: Vec<(String, String)>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry group add|remove`
#[derive(Debug, Args)]
pub struct GroupMembers {
    /// The group
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The users
    #[arg(value_name = "EMAIL", required = true, value_parser = parse_email)]
    pub members: Vec<String>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry group give|take`
#[derive(Debug, Args)]
pub struct GroupRoles {
    /// The group
    #[arg(value_name = "NAME")]
    pub name: String,
    /// A role and where it holds, such as system:ves-io-monitor-role
    #[arg(value_name = "NAMESPACE:ROLE", required = true, value_parser = parse_role)]
    pub roles: Vec<(String, String)>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry role …`
#[derive(Debug, Subcommand)]
pub enum Role {
    /// List the roles of every tenant and your own
    List {
        /// How to reach the server.
        #[command(flatten)]
        api: Api,
    },
    /// Show one role with its API groups
    Show(Named),
    /// Create a role
    Create(RoleGroups),
    /// Say the API groups of a role anew, for all who hold it
    Set(RoleGroups),
    /// Remove a role that nobody holds
    Delete(Named),
}

/// `tenantry role create|set`
#[derive(Debug, Args)]
pub struct RoleGroups {
    /// The role
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The sets of calls that it allows, such as ves-io-uam-read,ves-io-uam-admin-read
    #[arg(long, value_name = "GROUPS", value_delimiter = ',', required = true)]
    pub api_groups: Vec<String>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry namespace …`
#[derive(Debug, Subcommand)]
pub enum Namespace {
    /// List the namespaces in which you have a role
    List {
        /// How to reach the server.
        #[command(flatten)]
        api: Api,
    },
    /// Show one namespace
    Show(Named),
    /// Create a namespace
    Create(NamespaceCreate),
    /// Remove a namespace with all that is in it, and the roles that were given there
    Delete(Named),
}

/// `tenantry namespace create`
#[derive(Debug, Args)]
pub struct NamespaceCreate {
    /// The name: lower-case letters, digits and hyphens
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What it is for
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub description: String,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry setting …`
#[derive(Debug, Subcommand)]
pub enum Setting {
    /// List every setting of your tenant with its value and what it does
    List {
        /// How to reach the server.
        #[command(flatten)]
        api: Api,
    },
    /// Change settings; those that are left out stay as they are
    Set(SettingSet),
    /// Set for how many hours after a change of an address mail goes to the former one; for owners
    AddressCoolOff(CoolOff),
    /// Set the address to which the signed ends of the audit log are mailed; for owners
    AuditHeadMail(HeadMail),
}

/// `tenantry setting audit-head-mail`
#[derive(Debug, Args)]
pub struct HeadMail {
    /// Any address; without one they are mailed no more
    #[arg(value_name = "EMAIL")]
    pub email: Option<String>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry setting address-cool-off`
#[derive(Debug, Args)]
pub struct CoolOff {
    /// 0 to 168; 0 for no time at all
    #[arg(value_name = "HOURS")]
    pub hours: u32,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}

/// `tenantry setting set`
#[derive(Debug, Args)]
pub struct SettingSet {
    /// A setting and its value; an empty value brings the default back
    #[arg(value_name = "NAME=VALUE", required = true, value_parser = parse_change)]
    pub changes: Vec<(String, String)>,
    /// How to reach the server.
    #[command(flatten)]
    pub api: Api,
}
