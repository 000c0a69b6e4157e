//! Where a user and their password stand, each in one word, which is also the word of the API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::people::User;
use crate::terms::Word;

/// Whether a password opens the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PasswordState {
    /// There has never been one.
    None,
    /// It does.
    Live,
    /// It did, until a reset.
    Dead,
}

/// Where a user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// They are to choose their first password yet.
    Invited,
    /// They can sign in, or could before a reset.
    Active,
    /// They are locked out.
    Disabled,
}

impl Word for UserState {
    const ALL: &'static [Self] = &[Self::Invited, Self::Active, Self::Disabled];

    fn word(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

impl UserState {
    pub(super) fn of(is_disabled: bool, needs_password: bool, has_password: bool) -> Self {
        match (is_disabled, needs_password && !has_password) {
            (true, _) => Self::Disabled,
            (false, true) => Self::Invited,
            (false, false) => Self::Active,
        }
    }
}

impl PasswordState {
    pub(super) fn of(user: &User) -> Self {
        match (&user.password_hash, user.password_dead_at) {
            (None, _) => Self::None,
            (Some(_), Some(_)) => Self::Dead,
            (Some(_), None) => Self::Live,
        }
    }
}
