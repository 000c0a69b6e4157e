//! A user as the store keeps one, found and renamed.

use uuid::Uuid;

use super::accepted_terms::AcceptedTerms;
use super::found::{EDITION, Found, change_words};
use super::kinds::{Kind, SignInBy};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::language::Language;
use crate::mail::address::Email;
use crate::params;
use crate::store::{Batch, Row, Tx};

/// A user as most rooms need one.
#[derive(Debug, Clone)]
pub struct User {
    /// The number.
    pub id: UserId,
    /// The id outside.
    pub uid: Uuid,
    /// The address, as first written.
    pub email: String,
    /// First name, may be empty.
    pub first_name: String,
    /// Last name, may be empty.
    pub last_name: String,
    /// What they are.
    pub kind: Kind,
    /// How they sign in.
    pub sign_in_by: SignInBy,
    /// The language of mails and pages, if chosen.
    pub language: Option<Language>,
    /// Since when an owner of the tenant.
    pub owner_since: Option<Timestamp>,
    /// When created.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When last changed, by an administrator or by themself.
    pub modified_at: Option<Timestamp>,
    /// Since when disabled.
    pub disabled_at: Option<Timestamp>,
    /// Last successful sign-in.
    pub last_login_at: Option<Timestamp>,
    /// Sessions of another epoch are dead.
    pub session_epoch: i64,
    /// The stored hash, a PHC string.
    pub password_hash: Option<String>,
    /// When it was set.
    pub password_changed_at: Option<Timestamp>,
    /// Since when it no longer counts, because an administrator reset it.
    pub password_dead_at: Option<Timestamp>,
    /// Since when it only leads to a link by which another one must be chosen.
    pub password_must_change_at: Option<Timestamp>,
    /// The one open reset.
    pub open_reset: Option<Uuid>,
    /// The terms of service that they have accepted.
    pub terms: AcceptedTerms,
    /// Since when a link that was mailed to the address is known to have come back.
    pub email_verified_at: Option<Timestamp>,
    /// When the address was last changed.
    pub email_changed_at: Option<Timestamp>,
    /// The address to which mail goes until the cool-off after the change is over; see [`User::mail_goes_to`].
    pub former_email: Option<String>,
}

/// The columns of [`User`], in its order; a macro so that statements stay static texts.
macro_rules! user_columns {
    () => {
        "u.id, u.uid, u.email, u.first_name, u.last_name, u.kind, u.idm_type, u.language, u.owner_since, u.created_at, \
         u.created_by, u.modified_at, u.disabled_at, u.last_login_at, u.session_epoch, u.password_hash, \
         u.password_changed_at, u.password_dead_at, u.open_reset, u.tos_accepted, u.tos_version, u.tos_accepted_at,
         u.email_verified_at, u.email_changed_at, u.former_email, u.password_must_change_at"
    };
}
pub(super) use user_columns;

impl User {
    /// Reads the columns of `user_columns!`, which must come first in the statement.
    ///
    /// # Errors
    /// `Internal` when the statement has other columns.
    pub(super) fn read(row: &Row) -> Result<Self> {
        let mut row = row.columns();
        Ok(Self {
            id: row.take()?,
            uid: row.take()?,
            email: row.take()?,
            first_name: row.take()?,
            last_name: row.take()?,
            kind: row.take()?,
            sign_in_by: row.take()?,
            language: row.take::<Option<String>>()?.as_deref().and_then(Language::from_tag),
            owner_since: row.take()?,
            created_at: row.take()?,
            created_by: row.take()?,
            modified_at: row.take()?,
            disabled_at: row.take()?,
            last_login_at: row.take()?,
            session_epoch: row.take()?,
            password_hash: row.take()?,
            password_changed_at: row.take()?,
            password_dead_at: row.take()?,
            open_reset: row.take()?,
            terms: AcceptedTerms {
                words: row.take::<Option<String>>()?.unwrap_or_default(),
                version: row.take::<Option<String>>()?.unwrap_or_default(),
                at: row.take()?,
            },
            email_verified_at: row.take()?,
            email_changed_at: row.take()?,
            former_email: row.take()?,
            password_must_change_at: row.take()?,
        })
    }

    /// Whether a password here can open this account at all.
    pub fn has_local_password(&self) -> bool {
        self.kind == Kind::Person && self.sign_in_by == SignInBy::Password
    }

    /// How to address them: their names, or nothing if they have none.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_string()
    }
}

/// The user of this address, found without regard to case.
///
/// # Errors
/// Those of the store.
pub fn find_by_email(tx: &mut Tx<'_>, tenant: TenantId, email: &Email) -> Result<Option<User>> {
    tx.maybe(BY_ADDRESS.text(), &params![tenant, &email.key()])?.map(|row| User::read(&row)).transpose()
}

/// The user of this address.
///
/// # Errors
/// `NotFound`, in the same words for everyone who is not in this tenant.
pub fn get_by_email(tx: &mut Tx<'_>, tenant: TenantId, email: &Email) -> Result<User> {
    find_by_email(tx, tenant, email)?
        .ok_or_else(|| Error::not_found(format!("User {} was not found in this tenant.", email.as_str())))
}

const BY_ID: Batch = Batch::new(concat!("SELECT ", user_columns!(), " FROM users u WHERE u.tenant = $1 AND u.id = $2"));

/// The user of this number.
///
/// # Errors
/// Those of the store.
pub fn find_by_id(tx: &mut Tx<'_>, tenant: TenantId, id: UserId) -> Result<Option<User>> {
    tx.maybe(BY_ID.text(), &params![tenant, id])?.map(|row| User::read(&row)).transpose()
}

/// The users of these numbers, in their order.
///
/// # Errors
/// Those of the store.
pub fn find_each_by_id(tx: &mut Tx<'_>, tenant: TenantId, ids: &[UserId]) -> Result<Vec<Option<User>>> {
    let rows: Vec<_> = ids.iter().map(|id| params![tenant, *id]).collect();
    tx.each(BY_ID, &rows)?.iter().map(|answer| answer.rows.first().map(User::read).transpose()).collect()
}

const BY_UID: &str = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.tenant = $1 AND u.uid = $2");

/// The user of this id outside.
///
/// # Errors
/// Those of the store.
pub fn find_by_uid(tx: &mut Tx<'_>, tenant: TenantId, uid: &Uuid) -> Result<Option<User>> {
    tx.maybe(BY_UID, &params![tenant, uid])?.map(|row| User::read(&row)).transpose()
}

const BY_ADDRESS: Batch =
    Batch::new(concat!("SELECT ", user_columns!(), " FROM users u WHERE u.tenant = $1 AND u.email_key = $2"));

/// The users of these addresses, in their order.
///
/// # Errors
/// Those of the store.
pub fn find_each_by_email(tx: &mut Tx<'_>, tenant: TenantId, emails: &[&Email]) -> Result<Vec<Option<User>>> {
    let keys: Vec<_> = emails.iter().map(|email| email.key()).collect();
    let rows: Vec<_> = keys.iter().map(|key| params![tenant, key]).collect();
    tx.each(BY_ADDRESS, &rows)?.iter().map(|answer| answer.rows.first().map(User::read).transpose()).collect()
}

/// The owners of a tenant, for mails to them; of more than ten, some ten.
///
/// # Errors
/// Those of the store.
pub fn owner_ids(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Vec<UserId>> {
    const OWNERS: &str = "SELECT id FROM users WHERE tenant = $1 AND owner_since IS NOT NULL LIMIT 10";
    tx.all(OWNERS, &params![tenant])?.iter().map(|row| row.get(0)).collect()
}

/// The sentence for an address that is in use. Real clients search it for `already exist`.
pub fn email_taken(email: &Email) -> Error {
    Error::duplicate(format!("Object already exists: a user with the email {} is in this tenant.", email.as_str()))
}

/// Gives a user these names.
///
/// # Errors
/// Those of the store.
pub fn rename(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    user: &User,
    first_name: &str,
    last_name: &str,
    now: Timestamp,
) -> Result<()> {
    tx.run(
        "UPDATE users SET first_name = $3, last_name = $4, modified_at = $5, found_by = $6 WHERE tenant = $1 AND id = $2",
        &params![tenant, user.id, first_name, last_name, now, EDITION],
    )?;
    change_words(tx, tenant, &Found { user: user.id, kind: user.kind, email: &user.email, first_name, last_name })
}
