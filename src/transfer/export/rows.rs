//! SQL over what is written out of a tenant: for each section the rows behind a key, in order, as lines. No column that opens an
//! account stands in any of these statements.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::page::{Keyed, of};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::language::Language;
use crate::mail::address::Email;
use crate::mail_texts;
use crate::namespaces;
use crate::objects::KeptMetadata;
use crate::params;
use crate::people;
use crate::store::{Batch, Row, Tx};
use crate::transfer::import::{About, Key, Record, RoleAt, State, What, file_line};

/// Namespaces by name. Of those that every tenant has, id and age are each tenant's own.
pub(super) fn namespaces(tx: &mut Tx<'_>, tenant: TenantId, after: &str, most: i64) -> Result<Keyed> {
    let found = tx.all(
        "SELECT name, uid, metadata, created_at FROM namespaces
         WHERE tenant = $1 AND name > $2 ORDER BY name LIMIT $3",
        &params![tenant, after, most],
    )?;
    let line = |row: &Row| {
        let (name, kept): (String, String) = (row.get(0)?, row.get(2)?);
        let about = About { uid: Some(row.get(1)?), created_at: Some(row.get(3)?), ..about(&kept)? };
        let about = match namespaces::is_in_every_tenant(&name) {
            true => About { uid: None, created_at: None, ..about },
            false => about,
        };
        Ok((name.clone().into_bytes(), of(name, about, What::Namespace)))
    };
    found.iter().map(line).collect()
}

fn about(kept: &str) -> Result<About> {
    let KeptMetadata { description, disable, labels, annotations } =
        serde_json::from_str(kept).map_err(Error::internal)?;
    Ok(About { description, is_disabled: disable, labels, annotations, ..About::default() })
}

/// Roles of the tenant's own by name.
pub(super) fn roles(tx: &mut Tx<'_>, tenant: TenantId, after: &str, most: i64) -> Result<Keyed> {
    let found = tx.all(
        "SELECT name, uid, metadata, created_at, api_groups FROM roles
         WHERE tenant = $1 AND name > $2 ORDER BY name LIMIT $3",
        &params![tenant, after, most],
    )?;
    let line = |row: &Row| {
        let (name, kept, groups): (String, String, String) = (row.get(0)?, row.get(2)?, row.get(4)?);
        let about = About { uid: Some(row.get(1)?), created_at: Some(row.get(3)?), ..about(&kept)? };
        let groups: Vec<String> = serde_json::from_str(&groups).map_err(Error::internal)?;
        Ok((name.clone().into_bytes(), of(name, about, What::Role(groups))))
    };
    found.iter().map(line).collect()
}

const OF_GROUP: Batch = Batch::new(
    "SELECT namespace, role FROM group_grants WHERE tenant = $1 AND group_name = $2 ORDER BY namespace, role",
);

/// Groups by name, with their roles.
pub(super) fn groups(tx: &mut Tx<'_>, tenant: TenantId, after: &str, most: i64) -> Result<Keyed> {
    let found = tx.all(
        "SELECT name, uid, description, created_at, display_name, sync_id FROM user_groups
         WHERE tenant = $1 AND name > $2 ORDER BY name LIMIT $3",
        &params![tenant, after, most],
    )?;
    let names: Vec<String> = found.iter().map(|row| row.get(0)).collect::<Result<_>>()?;
    let asked: Vec<_> = names.iter().map(|name| params![tenant, name]).collect();
    let roles = tx.each(OF_GROUP, &asked)?;
    let mut lines = Vec::with_capacity(names.len());
    for ((row, name), roles) in found.iter().zip(names).zip(roles) {
        let about = About {
            uid: Some(row.get(1)?),
            created_at: Some(row.get(3)?),
            description: row.get(2)?,
            ..About::default()
        };
        let roles = roles.rows.iter().map(role_at).collect::<Result<_>>()?;
        let what = What::Group { display_name: row.get(4)?, sync_id: row.get(5)?, roles };
        lines.push((name.clone().into_bytes(), of(name, about, what)));
    }
    Ok(lines)
}

fn role_at(row: &Row) -> Result<RoleAt> {
    Ok(RoleAt { namespace: row.get(0)?, role: row.get(1)? })
}

const OF_USER: Batch =
    Batch::new("SELECT namespace, role FROM grants WHERE tenant = $1 AND user_id = $2 ORDER BY namespace, role");
const KEYS: Batch =
    Batch::new("SELECT source, key FROM import_keys WHERE tenant = $1 AND user_id = $2 ORDER BY source, key");

/// People by their ids outside. Service users are there for their credentials alone.
pub(super) fn users(tx: &mut Tx<'_>, tenant: TenantId, after: Uuid, most: i64) -> Result<Keyed> {
    let found = tx.all(
        "SELECT id, uid, email, first_name, last_name, idm_type, language, owner_since IS NOT NULL, created_at,
                disabled_at IS NOT NULL, email_verified_at IS NOT NULL, group_roles
         FROM users WHERE tenant = $1 AND uid > $2 AND kind <> 'SERVICE' ORDER BY uid LIMIT $3",
        &params![tenant, &after, most],
    )?;
    let ids: Vec<UserId> = found.iter().map(|row| row.get(0)).collect::<Result<_>>()?;
    let asked: Vec<_> = ids.iter().map(|id| params![tenant, *id]).collect();
    let (roles, keys) = (tx.each(OF_USER, &asked)?, tx.each(KEYS, &asked)?);
    let mut lines = Vec::with_capacity(found.len());
    for ((row, roles), keys) in found.iter().zip(roles).zip(keys) {
        let roles = roles.rows.iter().map(role_at).collect::<Result<_>>()?;
        let key = |row: &Row| Ok(Key { source: row.get(0)?, id: row.get(1)? });
        let keys = keys.rows.iter().map(key).collect::<Result<_>>()?;
        let uid: Uuid = row.get(1)?;
        lines.push((uid.as_bytes().to_vec(), file_line(&record(row, uid, roles, keys)?, None)));
    }
    Ok(lines)
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
        roles,
        groups: people::user_groups(groups.as_deref())?,
        told: Vec::new(),
    })
}

/// What is known of a credential; the order of the fields is that of the members.
#[derive(Serialize)]
struct CredentialLine<'r> {
    kind: &'static str,
    name: &'r str,
    r#type: String,
    /// The address.
    user: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    narrowed_to: Option<serde_json::Value>,
}

/// What is known of credentials, by name, so that they can be made again.
pub(super) fn credentials(tx: &mut Tx<'_>, tenant: TenantId, after: &str, most: i64) -> Result<Keyed> {
    let found = tx.all(
        "SELECT c.name, c.kind, u.email, c.created_at, c.expires_at, c.inactive_at IS NULL, c.narrowed_to
         FROM credentials c JOIN users u ON u.tenant = c.tenant AND u.id = c.user_id
         WHERE c.tenant = $1 AND c.name > $2 ORDER BY c.name LIMIT $3",
        &params![tenant, after, most],
    )?;
    let line = |row: &Row| {
        let (name, kind, user): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (created_at, expires_at): (Timestamp, Timestamp) = (row.get(3)?, row.get(4)?);
        let narrowed: Option<String> = row.get(6)?;
        let narrowed: Option<serde_json::Value> =
            narrowed.map(|text| serde_json::from_str(&text)).transpose().map_err(Error::internal)?;
        let line = CredentialLine {
            kind: "credential",
            name: &name,
            r#type: kind,
            user,
            created_at,
            expires_at,
            active: row.get(5)?,
            narrowed_to: narrowed,
        };
        let text = serde_json::to_string(&line).map_err(Error::internal)?;
        Ok((name.into_bytes(), text))
    };
    found.iter().map(line).collect()
}

/// The words of mails that the tenant has chosen, by kind and language.
pub(super) fn mail_texts(tx: &mut Tx<'_>, tenant: TenantId, after: &str, most: i64) -> Result<Keyed> {
    let found = mail_texts::list_chosen(tx, tenant)?.into_iter();
    let keyed = found.map(|text| (format!("{} {}", text.kind, text.language), text));
    let behind = keyed.filter(|(key, _)| key.as_str() > after).take(usize::try_from(most).unwrap_or_default());
    let line = |(key, text): (String, mail_texts::ListedText)| {
        let words = match serde_json::to_value(&text.words).map_err(Error::internal)? {
            Value::Object(words) => words,
            _ => return Err(Error::internal("the words of a mail are no object")),
        };
        let what = What::MailText { language: text.language, words };
        Ok((key.into_bytes(), of(text.kind, About::default(), what)))
    };
    behind.map(line).collect()
}
