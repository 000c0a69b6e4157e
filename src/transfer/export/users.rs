//! SQL over the people who are written out, by their ids outside.

use uuid::Uuid;

use super::hashes::Sealing;
use super::page::Keyed;
use super::rows::role_at;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::language::Language;
use crate::mail::address::Email;
use crate::params;
use crate::people;
use crate::store::{Batch, Row, Tx};
use crate::transfer::import::{Key, Picture, Record, RoleAt, State, file_line};
use crate::user_settings;

const OF_USER: Batch =
    Batch::new("SELECT namespace, role FROM grants WHERE tenant = $1 AND user_id = $2 ORDER BY namespace, role");
const KEYS: Batch =
    Batch::new("SELECT source, key FROM import_keys WHERE tenant = $1 AND user_id = $2 ORDER BY source, key");

/// Users of a page.
pub(super) struct Users {
    /// Their lines.
    pub(super) lines: Keyed,
    /// How many of them have a sealed hash.
    pub(super) hashes: i64,
    /// Whether there are others behind them that would have been too much for one page, with their pictures.
    pub(super) is_cut: bool,
}

/// Most bytes of the pictures of a page.
const PICTURES_MAX: i64 = 4 * 1024 * 1024;

/// Users by their ids outside, with their pictures, and with sealed hashes if there is a key for them.
pub(super) fn page(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    after: Uuid,
    most: i64,
    sealing: Option<&Sealing>,
) -> Result<Users> {
    let found = tx.all(
        "SELECT id, uid, email, first_name, last_name, idm_type, language, owner_since IS NOT NULL, created_at,
                disabled_at IS NOT NULL, email_verified_at IS NOT NULL, group_roles, kind
         FROM users WHERE tenant = $1 AND uid > $2 ORDER BY uid LIMIT $3",
        &params![tenant, &after, most],
    )?;
    let ids: Vec<UserId> = found.iter().map(|row| row.get(0)).collect::<Result<_>>()?;
    let asked: Vec<_> = ids.iter().map(|id| params![tenant, *id]).collect();
    let (roles, keys) = (tx.each(OF_USER, &asked)?, tx.each(KEYS, &asked)?);
    let passwords = match sealing {
        Some(sealing) => sealing.passwords(tx, tenant, &ids)?,
        None => vec![None; ids.len()],
    };
    let pictures = user_settings::image_of_each(tx, tenant, &ids, PICTURES_MAX)?;
    let is_cut = pictures.len() < ids.len();
    let mut users = Users { lines: Vec::with_capacity(found.len()), hashes: 0, is_cut };
    // As many as there are pictures that were read.
    for ((((row, roles), keys), password), picture) in found.iter().zip(roles).zip(keys).zip(passwords).zip(pictures) {
        let roles = roles.rows.iter().map(role_at).collect::<Result<_>>()?;
        let key = |row: &Row| Ok(Key { source: row.get(0)?, id: row.get(1)? });
        let keys = keys.rows.iter().map(key).collect::<Result<_>>()?;
        let uid: Uuid = row.get(1)?;
        let mut record = record(row, uid, roles, keys)?;
        record.picture = picture.and_then(Picture::of);
        if let (Some(sealing), Some(kept)) = (sealing, password) {
            sealing.give(&mut record, &kept)?;
            users.hashes += 1;
        }
        users.lines.push((uid.as_bytes().to_vec(), file_line(&record, None)));
    }
    Ok(users)
}

fn record(row: &Row, uid: Uuid, roles: Vec<RoleAt>, keys: Vec<Key>) -> Result<Record> {
    let email: String = row.get(2)?;
    let sign_in_by: people::SignInBy = row.get(5)?;
    let groups: Option<String> = row.get(11)?;
    Ok(Record {
        row: 0,
        line: 0,
        uid: Some(uid.to_string()),
        keys,
        email: Email::parse(&email).map_err(|refused| Error::internal(refused.message))?,
        first_name: row.get(3)?,
        last_name: row.get(4)?,
        language: row.get::<Option<String>>(6)?.as_deref().and_then(Language::from_tag),
        state: if row.get(9)? { State::Disabled } else { State::Active },
        verified: row.get::<bool>(10)?.then_some(true),
        created_at: Some(row.get::<Timestamp>(8)?),
        password: None,
        password_set_at: None,
        must_change: false,
        is_sso: sign_in_by == people::SignInBy::SingleSignOn,
        subject: None,
        is_owner: row.get(7)?,
        is_service: row.get::<people::Kind>(12)? == people::Kind::Service,
        picture: None,
        roles,
        groups: people::user_groups(groups.as_deref())?,
        told: Vec::new(),
    })
}
