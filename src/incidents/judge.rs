//! Whether the password of a user is among those that end, judged when the plan is made. When it ends the verb judges again.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::listed::Class;
use super::terms::Terms;
use crate::access::{Rights, may_touch};
use crate::act::Act;
use crate::error::Result;
use crate::mail::address::Email;
use crate::people::SignInBy;
use crate::reset::Why;
use crate::store::Tx;
use crate::terms::Word;
use crate::users::{Filter, FoundUser, UserState};

/// Why a user is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "IncidentReason")]
pub(super) enum Reason {
    /// It is the person who acts, and they have left themselves out.
    Yourself,
    /// They were named as an exception.
    Excepted,
    /// They sign in through single sign-on, so there is no password.
    Sso,
    /// It is a service user, which has no password.
    Service,
    /// They are disabled, and disabled users were left out.
    Disabled,
    /// They have a right that the person who acts lacks.
    AboveRank,
    /// They stand in the list and do not pass the filter.
    NoMatch,
    /// Nobody has this address of the list.
    Unknown,
    /// They were removed since the plan.
    Gone,
    /// They have chosen a new password since the plan.
    PasswordNewer,
}

impl Word for Reason {
    const ALL: &'static [Self] = &[
        Self::Yourself,
        Self::Excepted,
        Self::Sso,
        Self::Service,
        Self::Disabled,
        Self::AboveRank,
        Self::NoMatch,
        Self::Unknown,
        Self::Gone,
        Self::PasswordNewer,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Yourself => "yourself",
            Self::Excepted => "excepted",
            Self::Sso => "sso",
            Self::Service => "service",
            Self::Disabled => "disabled",
            Self::AboveRank => "above_rank",
            Self::NoMatch => "no_match",
            Self::Unknown => "unknown",
            Self::Gone => "gone",
            Self::PasswordNewer => "password_newer",
        }
    }
}

impl From<Why> for Reason {
    fn from(why: Why) -> Self {
        match why {
            Why::Gone => Self::Gone,
            Why::Sso => Self::Sso,
            Why::Service => Self::Service,
            Why::Disabled => Self::Disabled,
            Why::PasswordNewer => Self::PasswordNewer,
            Why::AboveRank => Self::AboveRank,
        }
    }
}

/// Judges users for the person who plans.
pub(super) struct Judge<'a> {
    act: &'a Act,
    terms: &'a Terms,
    filter: Filter,
    except: HashSet<String>,
    mine: Rights,
}

impl<'a> Judge<'a> {
    /// # Errors
    /// `Unauthenticated` when the access of the person who plans has ended.
    pub(super) fn new(tx: &mut Tx<'_>, act: &'a Act, terms: &'a Terms) -> Result<Self> {
        // A person who was erased has a pseudonym in the place of the address, which is nobody's.
        let key = |email: &String| Email::parse(email).ok().map(|email| email.key());
        let except = terms.except.iter().filter_map(key).collect();
        Ok(Self { act, terms, filter: terms.filter.filter(), except, mine: act.rights_now(tx)? })
    }

    /// In which class the password of the user ends, or why it does not.
    pub(super) fn judge(&self, user: &FoundUser, theirs: &Rights) -> Result<Class, Reason> {
        let is_me = user.id == self.act.caller.user;
        if !self.filter.takes(user) {
            Err(Reason::NoMatch)
        } else if Email::parse(&user.email).is_ok_and(|email| self.except.contains(&email.key())) {
            Err(Reason::Excepted)
        } else if is_me && !self.terms.include_me {
            Err(Reason::Yourself)
        } else if user.sign_in_by != SignInBy::Password {
            Err(Reason::Sso)
        } else if user.state == UserState::Disabled && !self.terms.include_disabled {
            Err(Reason::Disabled)
        } else if !is_me && may_touch(&self.mine, theirs, user.is_owner).is_err() {
            Err(Reason::AboveRank)
        } else {
            Ok(Class::of(is_me, user.is_owner, theirs))
        }
    }
}
