//! Of which notices a user wants mail. This server mails three; two of them guard accounts, so nobody can switch them off,
//! least of all with a credential that was stolen. A choice about any other code is kept for the client that made it.

use std::collections::BTreeMap;

use serde_json::json;

use super::rows::Kept;
use super::{person, rows};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::store::Tx;

/// A user's choices: whether a notice is wanted, by its code.
pub(super) type Choices = BTreeMap<String, bool>;

/// To whom a notice goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    /// To the user whom it is about: `notifications`.
    Own,
    /// To the owners of the tenant: `admin_notifications`.
    OfOwners,
}

/// A notice that this server mails.
struct Notice {
    code: &'static str,
    label: &'static str,
    description: &'static str,
    list: List,
    can_be_off: bool,
}

/// The code of the mail to owners about a user who asks for access.
pub(super) const ACCESS_REQUEST: &str = "access-request";

const NOTICES: [Notice; 3] = [
    Notice {
        code: "password-changed",
        label: "Your password was changed",
        description: "A mail to you after each change of your password. It guards your account and is always on.",
        list: List::Own,
        can_be_off: false,
    },
    Notice {
        code: ACCESS_REQUEST,
        label: "A user asks for access",
        description: "A mail to the owners of the tenant when a user asks for access.",
        list: List::OfOwners,
        can_be_off: true,
    },
    Notice {
        code: "reset-budget",
        label: "A person has reset many passwords",
        description: "A mail to the owners of the tenant when a person has used half of their hourly resets. It is how a \
                      stolen credential is noticed, and always on.",
        list: List::OfOwners,
        can_be_off: false,
    },
];

/// What is said of a code that this server sends nothing under.
const KEPT: &str = "Nothing is sent under this code here. The choice is kept for clients.";
/// Longest code, in bytes.
const CODE_MAX: usize = 64;
/// The most choices that are kept in a list.
const CHOICES_MAX: usize = 100;

/// A notice with the user's choice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) code: String,
    pub(super) label: String,
    pub(super) description: &'static str,
    pub(super) enabled: bool,
}

/// A list as a user sees it: the notices of this server, then what is kept for clients. A notice is on until it is switched
/// off.
pub(super) fn shown(list: List, choices: &Choices) -> Vec<Shown> {
    let ours = NOTICES.iter().filter(|notice| notice.list == list).map(|notice| Shown {
        code: notice.code.into(),
        label: notice.label.into(),
        description: notice.description,
        enabled: is_on(notice, choices),
    });
    let others = choices.iter().filter(|(code, _)| known(code).is_none()).map(|(code, enabled)| Shown {
        code: code.clone(),
        label: code.clone(),
        description: KEPT,
        enabled: *enabled,
    });
    ours.chain(others).collect()
}

fn known(code: &str) -> Option<&'static Notice> {
    NOTICES.iter().find(|notice| notice.code == code)
}

fn is_on(notice: &Notice, choices: &Choices) -> bool {
    !notice.can_be_off || choices.get(notice.code).copied().unwrap_or(true)
}

/// Whether a user wants the mail about those who ask for access.
///
/// # Errors
/// Those of the store.
pub(super) fn wants_access_requests(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<bool> {
    let kept = rows::find(tx, tenant, user)?;
    Ok(known(ACCESS_REQUEST).is_none_or(|notice| is_on(notice, &kept.admin_notifications)))
}

impl Kept {
    fn choices(&mut self, list: List) -> &mut Choices {
        match list {
            List::Own => &mut self.notifications,
            List::OfOwners => &mut self.admin_notifications,
        }
    }

    /// The list that has this code; one that neither has goes to the user's own.
    fn list_of(&self, code: &str) -> List {
        let is_kept_for_owners = self.admin_notifications.contains_key(code) && !self.notifications.contains_key(code);
        known(code).map_or(if is_kept_for_owners { List::OfOwners } else { List::Own }, |notice| notice.list)
    }

    fn choose(&mut self, list: List, code: &str, enabled: bool) -> Result<()> {
        check_code(code)?;
        match known(code) {
            Some(notice) if notice.list != list => {
                let other = if list == List::Own { "admin_notifications" } else { "notifications" };
                Err(Error::invalid(format!("The notice {code} is one of {other}. Send it there.")))
            }
            Some(notice) if !notice.can_be_off => {
                if enabled {
                    return Ok(());
                }
                Err(Error::conflict(format!(
                    "The notice {code} guards accounts and cannot be switched off. Leave it out. Nothing was changed."
                )))
            }
            _ => {
                self.choices(list).insert(code.into(), enabled);
                if self.choices(list).len() > CHOICES_MAX {
                    return Err(Error::invalid(format!(
                        "At most {CHOICES_MAX} choices about notices are kept. Unset some that are no longer needed."
                    )));
                }
                Ok(())
            }
        }
    }

    /// Switches the notices with these codes on, and the others of the user's own list off, but for those always on.
    pub(super) fn enable_only(&mut self, codes: &[String]) -> Result<()> {
        let others: Vec<_> = shown(List::Own, &self.notifications).into_iter().map(|notice| notice.code).collect();
        for code in others.iter().filter(|code| !codes.contains(code)) {
            if known(code).is_none_or(|notice| notice.can_be_off) {
                self.choose(List::Own, code, false)?;
            }
        }
        codes.iter().try_for_each(|code| self.choose(List::Own, code, true))
    }
}

fn check_code(code: &str) -> Result<()> {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if !code.is_empty() && code.len() <= CODE_MAX && code.bytes().all(is_fit) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "The code of a notice must be 1 to {CODE_MAX} letters, digits, full stops, hyphens or underscores."
    )))
}

/// Keeps choices of the caller; with no list given, each in the list that has its code. All of them or none.
///
/// # Errors
/// `Invalid` for a code that is none or is one of the other list; `Conflict` for switching off what is always on; those of
/// [`person::calling`].
pub(super) fn choose(tx: &mut Tx<'_>, act: &Act, list: Option<List>, asked: &Choices) -> Result<()> {
    let user = person::calling(tx, act)?;
    let mut kept = rows::find(tx, act.tenant.id, user.id)?;
    for (code, enabled) in asked {
        let list = list.unwrap_or_else(|| kept.list_of(code));
        kept.choose(list, code, *enabled)?;
    }
    rows::keep_choices(tx, act.tenant.id, user.id, &kept.notifications, &kept.admin_notifications)?;
    act.record(tx, "settings.notifications", &user.email, json!({ "chosen": asked }))
}

/// Takes back a choice of the caller: a notice of this server is on again, any other code is forgotten.
///
/// # Errors
/// `Invalid` for what is no code; those of [`person::calling`].
pub(super) fn unset(tx: &mut Tx<'_>, act: &Act, list: List, code: &str) -> Result<()> {
    let user = person::calling(tx, act)?;
    check_code(code)?;
    let mut kept = rows::find(tx, act.tenant.id, user.id)?;
    let was = kept.choices(list).remove(code);
    rows::keep_choices(tx, act.tenant.id, user.id, &kept.notifications, &kept.admin_notifications)?;
    act.record(tx, "settings.notifications", &user.email, json!({ "unset": code, "was": was }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(list: List, kept: &mut Kept) -> Vec<(String, bool)> {
        shown(list, kept.choices(list)).into_iter().map(|notice| (notice.code, notice.enabled)).collect()
    }

    #[test]
    fn a_notice_is_on_until_it_is_switched_off_and_a_foreign_code_is_as_it_was_chosen() {
        let mut kept = Kept::default();
        assert_eq!(on(List::Own, &mut kept), [("password-changed".into(), true)]);
        kept.choose(List::OfOwners, ACCESS_REQUEST, false).unwrap();
        kept.choose(List::Own, "alerts.email", true).unwrap();
        let of_owners = [("access-request".into(), false), ("reset-budget".into(), true)];
        assert_eq!(on(List::OfOwners, &mut kept), of_owners);
        assert_eq!(on(List::Own, &mut kept), [("password-changed".into(), true), ("alerts.email".into(), true)]);
        assert_eq!(shown(List::Own, &kept.notifications)[1].description, KEPT);
    }

    #[test]
    fn nothing_switches_off_what_guards_accounts() {
        let mut kept = Kept::default();
        for (list, code) in [(List::Own, "password-changed"), (List::OfOwners, "reset-budget")] {
            kept.choose(list, code, true).unwrap();
            assert_eq!(kept.choose(list, code, false).unwrap_err().kind, crate::error::Kind::Conflict);
        }
        kept.enable_only(&[]).unwrap();
        assert_eq!(on(List::Own, &mut kept), [("password-changed".into(), true)]);
        kept.notifications.insert("password-changed".into(), false);
        assert_eq!(on(List::Own, &mut kept), [("password-changed".into(), true)], "whatever a store may hold");
    }

    #[test]
    fn a_whole_list_switches_off_what_it_does_not_name() {
        let mut kept = Kept::default();
        kept.enable_only(&["a".into(), "b".into()]).unwrap();
        kept.enable_only(&["b".into(), "c".into()]).unwrap();
        let chosen: Vec<_> = kept.notifications.iter().map(|(code, enabled)| (&**code, *enabled)).collect();
        assert_eq!(chosen, [("a", false), ("b", true), ("c", true)]);
    }

    #[test]
    fn each_code_has_its_list() {
        let mut kept = Kept::default();
        assert!(kept.choose(List::Own, ACCESS_REQUEST, true).unwrap_err().message.contains("admin_notifications"));
        assert!(kept.choose(List::OfOwners, "password-changed", true).unwrap_err().message.contains("notifications"));
        kept.choose(List::OfOwners, "theirs", true).unwrap();
        let lists = ["theirs", "new", "reset-budget", "password-changed"].map(|code| kept.list_of(code));
        assert_eq!(lists, [List::OfOwners, List::Own, List::OfOwners, List::Own]);
    }

    #[test]
    fn codes_and_their_number_are_bounded() {
        let mut kept = Kept::default();
        for wrong in ["", "a b", "ä", "a/b", &"x".repeat(CODE_MAX + 1)] {
            assert!(kept.choose(List::Own, wrong, true).is_err(), "{wrong}");
        }
        kept.choose(List::Own, &"x".repeat(CODE_MAX), true).unwrap();
        (1..CHOICES_MAX).for_each(|nth| kept.choose(List::Own, &format!("code-{nth}"), true).unwrap());
        let refused = kept.choose(List::Own, "one-more", true).unwrap_err();
        assert!(refused.message.contains("At most 100"), "{}", refused.message);
    }
}
