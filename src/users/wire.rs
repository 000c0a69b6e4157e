//! Users as they are answered: in the list, in the words of the public API, and in full, in our own.

use schemars::JsonSchema;
use serde::Serialize;

use super::{ListedUser, OpenReset, PasswordState, ShownUser, UserState};
use crate::access::Grant;
use crate::clock::Timestamp;
use crate::factors::Factor;
use crate::identity::Tenant;
use crate::language::Language;
use crate::sessions::UserSession;
use crate::terms::{IdmType, SyncMode, TenantType, UserType};

/// The list of users, for the document: it is written item by item.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) struct UserList {
    items: Vec<UserItem>,
}

/// A user in the list.
#[derive(Serialize, JsonSchema)]
pub(super) struct UserItem {
    #[schemars(example = &"system")]
    namespace: &'static str,
    #[schemars(example = &"jane@example.com")]
    name: String,
    #[schemars(example = &"jane@example.com")]
    email: String,
    #[schemars(example = &"Jane")]
    first_name: String,
    #[schemars(example = &"Roe")]
    last_name: String,
    #[schemars(with = "UserType")]
    r#type: &'static str,
    namespace_roles: Vec<Grant>,
    #[schemars(example = &"example-corp-abcdefgh")]
    tenant: String,
    #[schemars(with = "TenantType")]
    tenant_type: &'static str,
    #[schemars(with = "IdmType")]
    idm_type: &'static str,
    domain_owner: bool,
    otp_enabled: bool,
    disabled: bool,
    /// Our own: the public API has no word for it.
    #[schemars(example = UserState::Active)]
    state: UserState,
    creation_timestamp: Timestamp,
    last_login_timestamp: Option<Timestamp>,
    #[schemars(example = ["ops"])]
    group_names: Vec<String>,
    #[schemars(with = "SyncMode")]
    sync_mode: &'static str,
}

impl UserItem {
    pub(super) fn new(user: ListedUser, tenant: &Tenant) -> Self {
        Self {
            namespace: "system",
            name: user.email.clone(),
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            r#type: user.kind.word(),
            namespace_roles: user.grants,
            tenant: tenant.uid.clone(),
            tenant_type: "ENTERPRISE",
            idm_type: user.sign_in_by.word(),
            domain_owner: user.is_owner,
            otp_enabled: user.has_factor,
            disabled: user.is_disabled,
            state: user.state,
            creation_timestamp: user.created_at,
            last_login_timestamp: user.last_login_at,
            group_names: user.groups,
            sync_mode: "SELF",
        }
    }
}

/// All that is kept of a user, but no secret.
#[derive(Serialize, JsonSchema)]
pub(super) struct UserInFull {
    /// The id.
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    uid: String,
    /// The address.
    #[schemars(example = &"jane@example.com")]
    email: String,
    /// Since when a link that was mailed to the address is known to have come back.
    email_verified_at: Option<Timestamp>,
    /// When the address was last changed.
    email_changed_at: Option<Timestamp>,
    /// The new address that is not confirmed yet.
    #[schemars(example = &"jane.roe@example.com")]
    pending_email: Option<String>,
    /// Until when its link works.
    pending_email_until: Option<Timestamp>,
    /// Where mail to the user goes: for some hours after a change to the former address.
    #[schemars(example = &"jane@example.com")]
    mail_goes_to: String,
    /// Until when mail goes to the former address; null when it goes to the present one.
    former_email_until: Option<Timestamp>,
    /// First name.
    #[schemars(example = &"Jane")]
    first_name: String,
    /// Last name.
    #[schemars(example = &"Roe")]
    last_name: String,
    /// `USER` or `SERVICE`.
    #[schemars(with = "UserType")]
    r#type: &'static str,
    /// `VOLTERRA_MANAGED` or `SSO`.
    #[schemars(with = "IdmType")]
    idm_type: &'static str,
    /// The language of mails and pages, if chosen.
    #[schemars(with = "Option<Language>")]
    language: Option<&'static str>,
    /// Whether an owner of the tenant.
    domain_owner: bool,
    /// Roles in namespaces.
    namespace_roles: Vec<Grant>,
    /// The user groups that they are in, which may give further roles.
    #[schemars(example = &["operations"])]
    group_names: Vec<String>,
    /// Where they stand, in one word.
    #[schemars(example = UserState::Active)]
    state: UserState,
    /// Whether the password counts.
    #[schemars(example = PasswordState::Live)]
    password: PasswordState,
    /// When the password was set.
    password_changed_at: Option<Timestamp>,
    /// Since when the password no longer counts.
    password_dead_since: Option<Timestamp>,
    /// Since when they have a code app; null where they have none.
    second_factor_since: Option<Timestamp>,
    /// Recovery codes that can still be used.
    #[schemars(example = 10)]
    recovery_codes_left: u32,
    /// Whether a code app was taken away, so that another one needs the link that was mailed.
    second_factor_needs_link: bool,
    /// The open reset; null when its link is dead of age.
    open_reset_id: Option<String>,
    /// Until when it can be redeemed.
    open_reset_expires_at: Option<Timestamp>,
    /// The latest reset, whatever became of it.
    last_reset_id: Option<String>,
    /// Whether locked out.
    pub(super) disabled: bool,
    /// Since when.
    disabled_at: Option<Timestamp>,
    /// By whom.
    pub(super) disabled_by: Option<String>,
    /// Live sessions.
    sessions: Vec<UserSession>,
    /// When created.
    created_at: Timestamp,
    /// By whom.
    #[schemars(example = &"owner@example.com")]
    created_by: String,
    /// When last changed by an administrator.
    modified_at: Option<Timestamp>,
    /// Last successful sign-in.
    last_login_at: Option<Timestamp>,
    /// When last active: a sign-in, the use of a session, or of a token (to a day).
    last_active_at: Option<Timestamp>,
    /// When a mail left that told them that they are disabled for being inactive unless they sign in.
    inactivity_told_at: Option<Timestamp>,
    /// Since when they are disabled for being inactive.
    asleep_since: Option<Timestamp>,
}

impl UserInFull {
    pub(super) fn new(shown: ShownUser) -> Self {
        let (state, password) = (shown.state(), shown.password());
        let ShownUser {
            user,
            grants,
            groups,
            disabled_by,
            open_reset,
            last_reset,
            sessions,
            address_change,
            mail_goes_to,
            last_active_at,
            sleep,
            factor,
        } = shown;
        let pending_email_until = address_change.as_ref().map(|change| change.expires_at);
        Self {
            uid: user.uid.to_string(),
            email: user.email,
            email_verified_at: user.email_verified_at,
            email_changed_at: user.email_changed_at,
            pending_email: address_change.map(|change| change.email),
            pending_email_until,
            mail_goes_to: mail_goes_to.0,
            former_email_until: mail_goes_to.1,
            first_name: user.first_name,
            last_name: user.last_name,
            r#type: user.kind.word(),
            idm_type: user.sign_in_by.word(),
            language: user.language.map(Language::tag),
            domain_owner: user.owner_since.is_some(),
            namespace_roles: grants,
            group_names: groups,
            state,
            password,
            password_changed_at: user.password_changed_at,
            password_dead_since: user.password_hash.and(user.password_dead_at),
            second_factor_since: factor.as_ref().and_then(|factor| factor.confirmed_at),
            recovery_codes_left: factor.as_ref().map_or(0, Factor::codes_left),
            second_factor_needs_link: factor.is_some_and(|factor| factor.taken_away_at.is_some()),
            open_reset_id: open_reset.map(|OpenReset { id, .. }| id.to_string()),
            open_reset_expires_at: open_reset.map(|open| open.expires_at),
            last_reset_id: last_reset.map(|id| id.to_string()),
            disabled: user.disabled_at.is_some(),
            disabled_at: user.disabled_at,
            disabled_by,
            sessions,
            created_at: user.created_at,
            created_by: user.created_by,
            modified_at: user.modified_at,
            last_login_at: user.last_login_at,
            last_active_at,
            inactivity_told_at: sleep.told_at,
            asleep_since: sleep.asleep_since,
        }
    }
}
