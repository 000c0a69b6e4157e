//! A role given to several users at once, and one user put into groups or taken out of them.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::create::read_address;
use crate::access::Grant;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::mail::address::Email;
use crate::people::{self, User, get_by_email};
use crate::store::Tx;
use crate::{giving, groups};

/// A role, the namespaces where it is given, and the users who get it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["namespaces_role", "username"]))]
pub struct GiveAsk {
    /// The addresses of the users.
    #[schemars(with = "Vec<String>", example = ["jane@example.com"])]
    username: Option<Vec<String>>,
    #[schemars(with = "NamespacesRole")]
    namespaces_role: Option<NamespacesRole>,
}

/// A role in several namespaces.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["namespaces", "role"]))]
struct NamespacesRole {
    /// The namespaces.
    #[schemars(with = "Vec<String>", example = ["default"])]
    namespaces: Option<Vec<String>>,
    /// The role.
    #[schemars(example = &"ves-io-monitor-role")]
    role: String,
}

impl GiveAsk {
    /// The users and the grants.
    ///
    /// # Errors
    /// `Invalid` for an address that is none, and where nobody, no role or no namespace is named.
    pub(super) fn read(&self) -> Result<(Vec<Email>, Vec<Grant>)> {
        let named = self.username.as_deref().unwrap_or_default();
        let role = self.namespaces_role.clone().unwrap_or_default();
        let namespaces = role.namespaces.unwrap_or_default();
        let empty = [
            ("username", named.is_empty()),
            ("namespaces_role.role", role.role.is_empty()),
            ("namespaces_role.namespaces", namespaces.is_empty()),
        ];
        if let Some((field, _)) = empty.into_iter().find(|(_, is_empty)| *is_empty) {
            return Err(Error::invalid(format!("Field {field} should be not empty in request.")));
        }
        let emails = named.iter().map(|email| read_address("username", Some(email))).collect::<Result<Vec<_>>>()?;
        let grants = namespaces.into_iter().map(|namespace| Grant::new(namespace, role.role.clone())).collect();
        Ok((emails, grants))
    }
}

/// Gives users further roles: all of them, or none.
///
/// # Errors
/// `NotFound` for a user who is not there; `Forbidden` for a user of higher rank; those of [`giving::check`].
pub fn give_role(tx: &mut Tx<'_>, emails: &[Email], grants: &[Grant], act: &Act) -> Result<()> {
    let grants = giving::check(tx, act, grants, &[])?;
    let mut seen = BTreeSet::new();
    let mut users = Vec::with_capacity(emails.len());
    for email in emails.iter().filter(|email| seen.insert(email.key())) {
        let user = get_by_email(tx, act.tenant.id, email)?;
        act.outrank(tx, &user)?;
        users.push(user);
    }
    let ids: Vec<_> = users.iter().map(|user| user.id).collect();
    people::add_grants(tx, act.tenant.id, &ids, &grants)?;
    let names: Vec<_> = users.iter().map(|user| &user.email).collect();
    let subject = if let [only] = names[..] { only.clone() } else { format!("{} users", names.len()) };
    act.record(tx, "user.give_role", &subject, json!({ "namespace_roles": grants, "users": names }))
}

/// A user and the groups to put them into, or to take them out of.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["username", "group_names"]))]
pub struct MembershipAsk {
    /// The address of the user.
    #[schemars(with = "String", example = &"jane@example.com")]
    username: Option<String>,
    /// The names of the groups.
    #[schemars(with = "Vec<String>", example = ["ops"])]
    group_names: Option<Vec<String>>,
}

impl MembershipAsk {
    /// # Errors
    /// `Invalid` where no user or no group is named.
    pub(super) fn read(&self) -> Result<(Email, Vec<String>)> {
        let email = read_address("username", self.username.as_deref())?;
        let names = self.group_names.clone().unwrap_or_default();
        if names.is_empty() {
            return Err(Error::invalid("Field group_names should be not empty in request."));
        }
        Ok((email, names))
    }
}

/// Puts a user into groups, beside those that the user is in.
///
/// # Errors
/// `NotFound`; `Forbidden` for a user of higher rank; those of [`groups::join`].
pub fn group_add(tx: &mut Tx<'_>, email: &Email, names: &[String], act: &Act) -> Result<()> {
    change_membership(tx, email, names, act, groups::join, "user.group_add")
}

/// Takes a user out of groups.
///
/// # Errors
/// `NotFound`; `Forbidden` for a user of higher rank; those of [`groups::leave`].
pub fn group_remove(tx: &mut Tx<'_>, email: &Email, names: &[String], act: &Act) -> Result<()> {
    change_membership(tx, email, names, act, groups::leave, "user.group_remove")
}

type Change = fn(&mut Tx<'_>, &Act, &User, &[String]) -> Result<()>;

fn change_membership(
    tx: &mut Tx<'_>,
    email: &Email,
    names: &[String],
    act: &Act,
    change: Change,
    action: &'static str,
) -> Result<()> {
    let user = get_by_email(tx, act.tenant.id, email)?;
    act.outrank(tx, &user)?;
    change(tx, act, &user, names)?;
    act.record(tx, action, &user.email, json!({ "group_names": names }))
}
