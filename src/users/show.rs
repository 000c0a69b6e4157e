//! One user in full, for an administrator who must understand what is going on.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::access::Grant;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::Tenant;
use crate::language::Language;
use crate::mail::address::Email;
use crate::params;
use crate::people::{User, get_by_email, grants_of};
use crate::sessions::{self, UserSession};
use crate::store::Tx;
use crate::terms::{IdmType, UserType};

/// All that is kept of a user, but no secret.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UserInFull {
    /// The id.
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    pub uid: String,
    /// The address.
    #[schemars(example = &"jane@example.com")]
    pub email: String,
    /// First name.
    #[schemars(example = &"Jane")]
    pub first_name: String,
    /// Last name.
    #[schemars(example = &"Roe")]
    pub last_name: String,
    /// `USER` or `SERVICE`.
    #[schemars(with = "UserType")]
    pub r#type: &'static str,
    /// `VOLTERRA_MANAGED` or `SSO`.
    #[schemars(with = "IdmType")]
    pub idm_type: &'static str,
    /// The language of mails and pages, if chosen.
    #[schemars(with = "Option<Language>")]
    pub language: Option<&'static str>,
    /// Whether an owner of the tenant.
    pub domain_owner: bool,
    /// Roles in namespaces.
    pub namespace_roles: Vec<Grant>,
    /// Where they stand, in one word.
    #[schemars(example = UserState::Active)]
    pub state: UserState,
    /// Whether the password counts.
    #[schemars(example = PasswordState::Live)]
    pub password: PasswordState,
    /// When the password was set.
    pub password_changed_at: Option<Timestamp>,
    /// Since when the password no longer counts.
    pub password_dead_since: Option<Timestamp>,
    /// The open reset; null when its link is dead of age.
    pub open_reset_id: Option<String>,
    /// Until when it can be redeemed.
    pub open_reset_expires_at: Option<Timestamp>,
    /// The latest reset, whatever became of it.
    pub last_reset_id: Option<String>,
    /// Whether locked out.
    pub disabled: bool,
    /// Since when.
    pub disabled_at: Option<Timestamp>,
    /// By whom.
    pub disabled_by: Option<String>,
    /// Live sessions.
    pub sessions: Vec<UserSession>,
    /// When created.
    pub created_at: Timestamp,
    /// By whom.
    #[schemars(example = &"owner@example.com")]
    pub created_by: String,
    /// When last changed by an administrator.
    pub modified_at: Option<Timestamp>,
    /// Last successful sign-in.
    pub last_login_at: Option<Timestamp>,
}

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// They are to choose their first password yet.
    Invited,
    /// They can sign in, or could before a reset.
    Active,
    /// They are locked out.
    Disabled,
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

fn password_state(user: &User) -> PasswordState {
    match (&user.password_hash, user.password_dead_at) {
        (None, _) => PasswordState::None,
        (Some(_), Some(_)) => PasswordState::Dead,
        (Some(_), None) => PasswordState::Live,
    }
}

/// Shows one user.
///
/// # Errors
/// `NotFound`.
pub fn show(tx: &mut Tx<'_>, tenant: &Tenant, email: &Email, now: Timestamp) -> Result<UserInFull> {
    let user = get_by_email(tx, tenant.id, email)?;
    let more = tx.one(
        "SELECT disabled_by, open_reset_expires_at, last_reset FROM users WHERE tenant = $1 AND id = $2",
        &params![tenant.id, user.id],
    )?;
    let expires_at: Option<Timestamp> = more.get(1)?;
    let open_reset = user.open_reset.zip(expires_at).filter(|(_, expires_at)| *expires_at > now);
    let namespace_roles = grants_of(tx, tenant.id, user.id)?;
    let sessions = if user.disabled_at.is_some() { Vec::new() } else { sessions::live_of(tx, tenant, user.id, now)? };
    Ok(UserInFull {
        uid: user.uid.to_string(),
        state: UserState::of(user.disabled_at.is_some(), user.has_local_password(), user.password_hash.is_some()),
        password: password_state(&user),
        password_changed_at: user.password_changed_at,
        password_dead_since: user.password_hash.as_ref().and(user.password_dead_at),
        email: user.email,
        first_name: user.first_name,
        last_name: user.last_name,
        r#type: user.kind.word(),
        idm_type: user.sign_in_by.word(),
        language: user.language.map(Language::tag),
        domain_owner: user.owner_since.is_some(),
        namespace_roles,
        open_reset_id: open_reset.map(|(id, _)| id.to_string()),
        open_reset_expires_at: open_reset.map(|(_, expires_at)| expires_at),
        last_reset_id: more.get::<Option<Uuid>>(2)?.map(|id| id.to_string()),
        disabled: user.disabled_at.is_some(),
        disabled_at: user.disabled_at,
        disabled_by: more.get(0)?,
        sessions,
        created_at: user.created_at,
        created_by: user.created_by,
        modified_at: user.modified_at,
        last_login_at: user.last_login_at,
    })
}
