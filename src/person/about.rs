//! What is found by the row of a person.

use schemars::JsonSchema;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Tenant, TenantId, UserId};
use crate::mail::address::Email;
use crate::people::{self, User};
use crate::store::Tx;
use crate::terms::IdmType;
use crate::{addresses, credentials, factors, reset, sessions, transfer};

/// A person, and what is found by their row.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PersonExported")]
pub(super) struct About {
    /// The id.
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    uid: String,
    /// The address.
    #[schemars(example = &"jane@example.com")]
    email: String,
    /// The address before the last change.
    former_email: Option<String>,
    /// A new address that is not confirmed yet.
    pending_email: Option<String>,
    /// First name.
    #[schemars(example = &"Jane")]
    first_name: String,
    /// Last name.
    #[schemars(example = &"Roe")]
    last_name: String,
    /// `VOLTERRA_MANAGED` or `SSO`.
    #[schemars(with = "IdmType")]
    idm_type: &'static str,
    /// The language of mails and pages, if chosen.
    language: Option<String>,
    /// Since when an owner of the tenant.
    owner_since: Option<Timestamp>,
    /// When created.
    created_at: Timestamp,
    /// By whom.
    #[schemars(example = &"owner@example.com")]
    created_by: String,
    /// When last changed.
    modified_at: Option<Timestamp>,
    /// Since when disabled.
    disabled_at: Option<Timestamp>,
    /// Since when the address is known to be the person's.
    email_verified_at: Option<Timestamp>,
    /// When the address was last changed.
    email_changed_at: Option<Timestamp>,
    /// When the password was set.
    password_changed_at: Option<Timestamp>,
    /// Last successful sign-in.
    last_login_at: Option<Timestamp>,
    /// The version of the terms of service that the person has accepted.
    terms_version: Option<String>,
    /// When they did.
    terms_accepted_at: Option<Timestamp>,
    /// Since when there is a code app.
    second_factor_since: Option<Timestamp>,
    /// Roles, and the user group by which each is held.
    roles: Vec<RoleOf>,
    /// User groups.
    #[schemars(example = &["operations"])]
    groups: Vec<String>,
    /// By which keys other products know the person.
    keys: Vec<SourceKey>,
    /// Live sessions.
    sessions: Vec<SessionOf>,
    /// API credentials, without their secrets.
    credentials: Vec<CredentialOf>,
    /// Resets of the password and invitations, the newest first.
    resets: Vec<reset::Shown>,
}

/// A role of a person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PersonRole")]
struct RoleOf {
    /// The namespace in which it counts, or `*`.
    #[schemars(example = &"default")]
    namespace: String,
    /// The role.
    #[schemars(example = &"ves-io-monitor-role")]
    role: String,
    /// The user group by which it is held; null for a role given to the person.
    group: Option<String>,
}

/// A key by which another product knows a person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PersonKey")]
struct SourceKey {
    /// The product.
    #[schemars(example = &"csv")]
    source: String,
    /// The key.
    #[schemars(example = &"0012")]
    key: String,
}

/// A session of a person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PersonSession")]
struct SessionOf {
    /// The sign-in.
    started_at: Timestamp,
    /// The last request.
    last_seen_at: Timestamp,
    /// The client's address.
    #[schemars(example = &"203.0.113.7")]
    address: String,
}

/// A credential of a person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PersonCredential")]
struct CredentialOf {
    /// The name.
    #[schemars(example = &"ci-token-abcdefgh")]
    name: String,
    /// When it was made.
    created_at: Timestamp,
    /// When it ends.
    expires_at: Timestamp,
    /// Whether it is switched on.
    #[schemars(example = true)]
    active: bool,
}

/// What is found by the row of a user, with up to so many resets.
///
/// # Errors
/// Those of the store.
pub(super) fn about(tx: &mut Tx<'_>, tenant: &Tenant, user: &User, resets_max: i64, now: Timestamp) -> Result<About> {
    let rights = people::rights_of(tx, tenant.id, user.id)?;
    let held = rights.held().iter().map(|held| RoleOf {
        namespace: held.grant.namespace.clone(),
        role: held.grant.role.clone(),
        group: held.through.clone(),
    });
    let seen_after = now.plus_seconds(-tenant.settings.session.idle_minutes * 60);
    let sessions = sessions::list(tx, tenant.id, user.id, seen_after, now)?;
    let email = Email::parse(&user.email).map_err(|refused| Error::internal(refused.message))?;
    Ok(About {
        uid: user.uid.to_string(),
        email: user.email.clone(),
        former_email: user.former_email.clone(),
        pending_email: addresses::pending_of(tx, tenant.id, user, now)?.map(|change| change.email),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        idm_type: user.sign_in_by.word(),
        language: user.language.map(|language| language.tag().to_owned()),
        owner_since: user.owner_since,
        created_at: user.created_at,
        created_by: user.created_by.clone(),
        modified_at: user.modified_at,
        disabled_at: user.disabled_at,
        email_verified_at: user.email_verified_at,
        email_changed_at: user.email_changed_at,
        password_changed_at: user.password_changed_at,
        last_login_at: user.last_login_at,
        terms_version: Some(user.terms.version.clone()).filter(|version| !version.is_empty()),
        terms_accepted_at: user.terms.at,
        second_factor_since: factors::find(tx, tenant.id, user.id)?.and_then(|factor| factor.confirmed_at),
        roles: held.collect(),
        groups: rights.user_groups().to_vec(),
        keys: keys(tx, tenant.id, user.id)?,
        sessions: sessions.into_iter().map(SessionOf::from).collect(),
        credentials: credentials::of_user(tx, tenant.id, user.id)?.into_iter().map(CredentialOf::from).collect(),
        resets: reset::shown_of(tx, tenant.id, &email, resets_max, now)?,
    })
}

fn keys(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<Vec<SourceKey>> {
    let keys = transfer::keys_of_user(tx, tenant, user)?;
    Ok(keys.into_iter().map(|key| SourceKey { source: key.source, key: key.id }).collect())
}

impl From<sessions::Session> for SessionOf {
    fn from(session: sessions::Session) -> Self {
        Self { started_at: session.started_at, last_seen_at: session.last_seen_at, address: session.address }
    }
}

impl From<credentials::Credential> for CredentialOf {
    fn from(credential: credentials::Credential) -> Self {
        let active = credential.inactive_at.is_none();
        let (name, created_at, expires_at) = (credential.name, credential.created_at, credential.expires_at);
        Self { name, created_at, expires_at, active }
    }
}
