//! SQL over credentials that several rooms need.

use uuid::Uuid;

use super::narrowed::stay_within;
use crate::access::{ApiGroup, Narrowing, SYSTEM};
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Caller, TenantId, UserId};
use crate::params;
use crate::people;
use crate::store::{Row, Tx};
use crate::terms::CredentialType;

/// The kinds of credential that are issued here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// A token of a person.
    Token,
    /// A token of a service user, which exists for this credential alone and goes with it.
    ServiceToken,
}

impl CredentialKind {
    /// The word of the public API, which is also stored.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Token => "API_TOKEN",
            Self::ServiceToken => "SERVICE_API_TOKEN",
        }
    }

    /// The same among the words of the public API for credentials of all kinds.
    pub const fn told(self) -> CredentialType {
        match self {
            Self::Token => CredentialType::ApiToken,
            Self::ServiceToken => CredentialType::ServiceApiToken,
        }
    }
}

/// The values of a new credential.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// The name, with its random suffix.
    pub name: String,
    /// The public id.
    pub uid: Uuid,
    /// The kind.
    pub kind: CredentialKind,
    /// The user.
    pub user: UserId,
    /// The hash of its secret.
    pub secret_hash: [u8; 32],
    /// When it expires.
    pub expires_at: Timestamp,
    /// What it may do at most; all that its user may if that is not said.
    pub narrowed_to: Option<Narrowing>,
}

/// Inserts a credential.
///
/// # Errors
/// Those of the store.
pub fn insert(tx: &mut Tx<'_>, tenant: TenantId, new: &NewCredential, created_by: &str, now: Timestamp) -> Result<()> {
    let narrowed_to = new.narrowed_to.as_ref().map(serde_json::to_string).transpose().map_err(Error::internal)?;
    tx.run(
        "INSERT INTO credentials (tenant, name, uid, kind, user_id, secret_hash, created_at, created_by, expires_at,
                                  narrowed_to)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &params![
            tenant,
            &new.name,
            &new.uid,
            new.kind.word(),
            new.user,
            &new.secret_hash,
            now,
            created_by,
            new.expires_at,
            narrowed_to.as_deref(),
        ],
    )
    .map(drop)
}

/// Resets the times of credentials stamped in the future, by a clock that ran ahead, to now: otherwise they would live
/// too long.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE credentials SET expires_at = expires_at - (created_at - $2), created_at = $2
         WHERE tenant = $1 AND created_at > $3",
        &params![tenant, now, now.with_skew()],
    )
    .map(drop)
}

/// A credential as shown to its owner and administrators.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The name, with its random suffix.
    pub name: String,
    /// The public id.
    pub uid: Uuid,
    /// As the contract names it.
    pub kind: String,
    /// The user.
    pub user: UserId,
    /// The user's address.
    pub user_email: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: String,
    /// When it expires.
    pub expires_at: Timestamp,
    /// When it was switched off.
    pub inactive_at: Option<Timestamp>,
    /// What it may do at most; all that its user may if that is not said.
    pub narrowed_to: Option<Narrowing>,
}

/// As the store keeps it.
pub(super) fn read_narrowing(kept: Option<String>) -> Result<Option<Narrowing>> {
    kept.map(|text| serde_json::from_str(&text)).transpose().map_err(Error::internal)
}

/// How the credential of this name is narrowed, of whatever kind, if it is that user's and the caller may see it.
///
/// # Errors
/// `NotFound`.
pub fn narrowing_of(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    (user, name): (UserId, &str),
    caller: &Caller,
) -> Result<Option<Narrowing>> {
    if caller.user != user && !caller.rights.allow(ApiGroup::UamAdminRead, SYSTEM) {
        return Err(not_found(name));
    }
    let row = tx.maybe(
        "SELECT narrowed_to FROM credentials WHERE tenant = $1 AND name = $2 AND user_id = $3",
        &params![tenant, name, user],
    )?;
    row.ok_or_else(|| not_found(name)).and_then(|row| read_narrowing(row.get(0)?))
}

fn not_found(name: &str) -> Error {
    let shown: String = name.chars().take(80).collect();
    Error::not_found(format!("Credential {shown} was not found in this tenant."))
}

macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT c.name, c.uid, c.kind, c.user_id, u.email, c.created_at, c.created_by, c.expires_at, c.inactive_at,
                    c.narrowed_to
             FROM credentials c JOIN users u ON u.tenant = c.tenant AND u.id = c.user_id
             WHERE c.tenant = $1 AND c.kind = $2 ",
            $where
        )
    };
}

fn read(row: &Row) -> Result<Credential> {
    let mut row = row.columns();
    Ok(Credential {
        name: row.take()?,
        uid: row.take()?,
        kind: row.take()?,
        user: row.take()?,
        user_email: row.take()?,
        created_at: row.take()?,
        created_by: row.take()?,
        expires_at: row.take()?,
        inactive_at: row.take()?,
        narrowed_to: read_narrowing(row.take()?)?,
    })
}

/// All credentials of a kind in a tenant, by name; expired ones too, until they are revoked.
///
/// # Errors
/// Those of the store.
pub fn list(tx: &mut Tx<'_>, tenant: TenantId, kind: CredentialKind) -> Result<Vec<Credential>> {
    tx.all(select!("ORDER BY c.name"), &params![tenant, kind.word()])?.iter().map(read).collect()
}

/// The tokens of one person, by name.
///
/// # Errors
/// Those of the store.
pub fn of_user(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<Vec<Credential>> {
    let asked = params![tenant, CredentialKind::Token.word(), user];
    tx.all(select!("AND c.user_id = $3 ORDER BY c.name"), &asked)?.iter().map(read).collect()
}

/// The credentials of a kind that the caller may see, by name: everyone's for an administrator, else the caller's own tokens.
///
/// # Errors
/// Those of the store.
pub fn list_for(tx: &mut Tx<'_>, tenant: TenantId, kind: CredentialKind, caller: &Caller) -> Result<Vec<Credential>> {
    match caller.rights.allow(ApiGroup::UamAdminRead, SYSTEM) {
        true => list(tx, tenant, kind),
        false => of_user(tx, tenant, caller.user),
    }
}

/// The credential of this kind and name, if the caller may see it.
///
/// # Errors
/// `NotFound`, with the same sentence whether it does not exist or the caller must not know of it.
pub fn find_visible(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    (kind, name): (CredentialKind, &str),
    caller: &Caller,
) -> Result<Credential> {
    let row = tx.maybe(select!("AND c.name = $3"), &params![tenant, kind.word(), name])?;
    let found = row.map(|row| read(&row)).transpose()?;
    let sees_all = caller.rights.allow(ApiGroup::UamAdminRead, SYSTEM);
    found.filter(|credential| sees_all || credential.user == caller.user).ok_or_else(|| not_found(name))
}

/// The credential of this kind and name, if the caller may change it: the caller's own, or, for an administrator, that of a user
/// of no higher rank. By a narrowed token only what is narrowed as much of the caller's own.
///
/// # Errors
/// `NotFound` if the caller cannot see it; `Forbidden` if they can only see it.
pub(super) fn find_changeable(tx: &mut Tx<'_>, kind: CredentialKind, name: &str, act: &Act) -> Result<Credential> {
    let credential = find_visible(tx, act.tenant.id, (kind, name), &act.caller)?;
    if credential.user == act.caller.user {
        // By a narrowed token its user is someone of more rights.
        stay_within(credential.narrowed_to.as_ref(), act)?;
        return Ok(credential);
    }
    if !act.caller.rights.allow(ApiGroup::UamAdminWrite, SYSTEM) {
        return Err(Error::forbidden(format!(
            "Credential {name} is another user's: changing it takes the right {} in the namespace {SYSTEM}.",
            ApiGroup::UamAdminWrite.name()
        )));
    }
    if let Some(owner) = people::find_by_id(tx, act.tenant.id, credential.user)? {
        act.outrank(tx, &owner)?;
    }
    Ok(credential)
}

/// How the credential of this name is narrowed, if it is that user's and opens something at this moment.
///
/// # Errors
/// `Unauthenticated` for one that was revoked, switched off or has expired.
pub fn narrowing_of_alive(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    (user, name): (UserId, &str),
    now: Timestamp,
) -> Result<Option<Narrowing>> {
    let row = tx.maybe(
        "SELECT narrowed_to FROM credentials
         WHERE tenant = $1 AND name = $2 AND user_id = $3 AND inactive_at IS NULL AND expires_at > $4",
        &params![tenant, name, user, now],
    )?;
    let ended = || Error::unauthenticated(format!("The credential {name} opens nothing any more."));
    row.ok_or_else(ended).and_then(|row| read_narrowing(row.get(0)?))
}

/// Whether a user has any credential.
///
/// # Errors
/// Those of the store.
pub(super) fn is_any_of(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<bool> {
    let row =
        tx.maybe("SELECT 1 FROM credentials WHERE tenant = $1 AND user_id = $2 LIMIT 1", &params![tenant, user])?;
    Ok(row.is_some())
}
