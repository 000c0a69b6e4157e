//! What a caller says of a group, read and checked.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::Grant;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::mail::address::Email;
use crate::people::{self, Group, User};
use crate::store::Tx;

/// Longest name of a group, in bytes. Programs that synchronise groups use up to so many, with capitals and underscores.
const NAME_MAX: usize = 128;
/// Longest display name (as in the public API), in bytes.
const DISPLAY_NAME_MAX: usize = 320;
/// Longest description (as in the public API), in bytes.
const DESCRIPTION_MAX: usize = 1200;
/// Longest id of another directory, in bytes.
const SYNC_ID_MAX: usize = 256;
/// Names of a refusal that are told; a caller mends these and learns the next ones.
pub(super) const TOLD_MAX: usize = 5;

/// A user group, as a caller describes it. An absent or empty member is none: clients of the public API send the whole group.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GroupAsk {
    /// The name: letters, digits, hyphens and underscores, at most 128.
    #[schemars(example = &"ops")]
    pub name: Option<String>,
    /// The name that people see.
    #[schemars(example = &"Operations")]
    pub display_name: Option<String>,
    /// The description, at most 1,200 bytes.
    #[schemars(example = &"Who is on call")]
    pub description: Option<String>,
    /// The id of the group in the directory that it is synchronised with.
    #[schemars(example = &"")]
    pub sync_id: Option<String>,
    /// The addresses of its members.
    #[schemars(example = ["jane@example.com"])]
    pub usernames: Option<Vec<String>>,
    /// The roles that its members hold.
    #[schemars(example = vec![Grant::new("default", "ves-io-monitor-role")])]
    pub namespace_roles: Option<Vec<Grant>>,
}

/// The same for a new group, whose name no path says.
#[derive(Debug, Deserialize)]
pub(super) struct NewGroupAsk(pub(super) GroupAsk);

impl JsonSchema for NewGroupAsk {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NewGroupAsk".into()
    }

    fn json_schema(schemas: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = GroupAsk::json_schema(schemas);
        schema.insert("required".into(), vec!["name"].into());
        schema
    }
}

/// Roles to give to a group or to take from it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct RolesAsk {
    /// The name of the group; the path names it too, and wins.
    #[schemars(example = &"ops")]
    #[allow(dead_code, reason = "the path names the group")]
    name: Option<String>,
    /// The roles.
    #[schemars(example = vec![Grant::new("shared", "ves-io-monitor-role")])]
    pub(super) namespace_roles: Option<Vec<Grant>>,
}

/// The texts of a group, checked.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    pub(super) display_name: String,
    pub(super) description: String,
    pub(super) sync_id: String,
}

impl GroupAsk {
    /// # Errors
    /// `Invalid`, with the name of the field.
    pub(super) fn texts(&self) -> Result<Texts> {
        Ok(Texts {
            display_name: line("display_name", self.display_name.as_deref(), DISPLAY_NAME_MAX)?,
            description: bounded("description", self.description.as_deref(), DESCRIPTION_MAX)?,
            sync_id: line("sync_id", self.sync_id.as_deref(), SYNC_ID_MAX)?,
        })
    }

    /// The addresses of the members, checked one by one.
    ///
    /// # Errors
    /// `Invalid` for one that is no address.
    pub(super) fn addresses(&self) -> Result<Vec<Email>> {
        let named = self.usernames.as_deref().unwrap_or_default();
        let mut read: Vec<Email> = named.iter().map(|name| Email::parse(name)).collect::<Result<_>>()?;
        read.sort_by_key(Email::key);
        read.dedup_by_key(|email| email.key());
        Ok(read)
    }
}

/// Checks the name of a new group.
///
/// # Errors
/// `Invalid`.
pub fn check_name(name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(Error::invalid("Field name should be not empty in request."));
    }
    let is_fit = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if name.len() <= NAME_MAX && name.bytes().all(is_fit) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Field name must be letters, digits, hyphens and underscores of ASCII, at most {NAME_MAX}."
    )))
}

/// Checks what a group that comes from elsewhere says of itself.
///
/// # Errors
/// `Invalid`, with the name of the field.
pub fn check_brought(group: &Group) -> Result<()> {
    check_name(&group.name)?;
    line("display_name", Some(&group.display_name), DISPLAY_NAME_MAX)?;
    bounded("description", Some(&group.description), DESCRIPTION_MAX)?;
    line("sync_id", Some(&group.sync_id), SYNC_ID_MAX).map(drop)
}

fn bounded(field: &str, text: Option<&str>, bytes_max: usize) -> Result<String> {
    let text = text.unwrap_or_default();
    if text.len() > bytes_max {
        return Err(Error::invalid(format!("Field {field} is longer than {bytes_max} bytes.")));
    }
    Ok(text.into())
}

fn line(field: &str, text: Option<&str>, bytes_max: usize) -> Result<String> {
    let text = bounded(field, text, bytes_max)?;
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(format!("Field {field} must be one line.")));
    }
    Ok(text)
}

/// The users of these addresses.
///
/// # Errors
/// `Invalid`, with the addresses of which the tenant has no user.
pub(super) fn users_of(tx: &mut Tx<'_>, act: &Act, addresses: &[Email]) -> Result<Vec<User>> {
    let (mut users, mut unknown) = (Vec::with_capacity(addresses.len()), Vec::new());
    for email in addresses {
        match people::find_by_email(tx, act.tenant.id, email)? {
            Some(user) => users.push(user),
            None if unknown.len() < TOLD_MAX => unknown.push(email.as_str().to_string()),
            None => {}
        }
    }
    if unknown.is_empty() {
        return Ok(users);
    }
    Err(Error::invalid(format!("Field usernames names users that do not exist: {}.", unknown.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_may_be_named_as_synchronising_programs_do() {
        for good in ["ops", "Ops_On-Call", "7", &"a".repeat(128)] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a.b", "ö", "a/b", &"a".repeat(129)] {
            assert!(check_name(bad).unwrap_err().message.starts_with("Field name "), "{bad}");
        }
    }

    #[test]
    fn a_member_that_is_named_twice_is_named_once() {
        let names = ["b@example.com", "A@example.com", "a@example.com"].map(String::from).to_vec();
        let ask = GroupAsk { usernames: Some(names), ..GroupAsk::default() };
        assert_eq!(ask.addresses().unwrap().len(), 2);
    }
}
