//! The ids outside of users who come from elsewhere, and the one who was here before them: who brings a whole tenant is taken over
//! as the file has them.

use uuid::Uuid;

use super::found::{EDITION, Found, change_words};
use super::rows::User;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::language::Language;
use crate::params;
use crate::store::{Batch, Tx};

/// What is taken over of a user who was here before.
#[derive(Debug, Clone)]
pub struct Adopted<'a> {
    /// The id outside; the present one stays where there is none.
    pub uid: Option<Uuid>,
    /// First name.
    pub first_name: &'a str,
    /// Last name.
    pub last_name: &'a str,
    /// The language of mails and pages.
    pub language: Option<Language>,
    /// When they were made there.
    pub created_at: Option<Timestamp>,
    /// Whether a mail to the address has come back there.
    pub is_verified: bool,
}

/// Takes over what another tenant said of a user of this one. Address, password and access stay.
///
/// # Errors
/// Those of the store.
pub fn adopt(tx: &mut Tx<'_>, tenant: TenantId, user: &User, from: &Adopted<'_>, now: Timestamp) -> Result<()> {
    let Adopted { uid, first_name, last_name, language, created_at, is_verified } = from;
    tx.run(
        "UPDATE users SET uid = $3, first_name = $4, last_name = $5, language = $6, created_at = $7, modified_at = $8,
             email_verified_at = $9, found_by = $10
         WHERE tenant = $1 AND id = $2",
        &params![
            tenant,
            user.id,
            &uid.unwrap_or(user.uid),
            *first_name,
            *last_name,
            language.map(Language::tag),
            created_at.unwrap_or(user.created_at),
            now,
            user.email_verified_at.or(is_verified.then_some(now)),
            EDITION,
        ],
    )?;
    change_words(tx, tenant, &Found { user: user.id, kind: user.kind, email: &user.email, first_name, last_name })
}

const BY_UID: Batch = Batch::new("SELECT 1 FROM users WHERE tenant = $1 AND uid = $2");

/// Whether users of the tenant have these ids outside.
///
/// # Errors
/// Those of the store.
pub fn are_taken(tx: &mut Tx<'_>, tenant: TenantId, uids: &[Uuid]) -> Result<Vec<bool>> {
    let asked: Vec<_> = uids.iter().map(|uid| params![tenant, uid]).collect();
    Ok(tx.each(BY_UID, &asked)?.iter().map(|answer| !answer.rows.is_empty()).collect())
}

/// Whether this user is the only one of the tenant.
///
/// # Errors
/// Those of the store.
pub fn has_only(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<bool> {
    let rows = tx.all("SELECT id FROM users WHERE tenant = $1 LIMIT 2", &params![tenant])?;
    let ids: Vec<UserId> = rows.iter().map(|row| row.get(0)).collect::<Result<_>>()?;
    Ok(ids == [user])
}
