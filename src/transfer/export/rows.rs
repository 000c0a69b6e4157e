//! SQL over what is written out of a tenant beside its people: for each section the rows behind a key, in order, as lines. No
//! column that opens an account stands in any of these statements.

use serde::Serialize;
use serde_json::Value;

use super::page::{Keyed, of};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::mail_texts;
use crate::namespaces;
use crate::objects::{self, KeptMetadata, MovingObject};
use crate::params;
use crate::store::{Batch, Row, Tx};
use crate::transfer::import::{About, RoleAt, What};

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

pub(super) fn role_at(row: &Row) -> Result<RoleAt> {
    Ok(RoleAt { namespace: row.get(0)?, role: row.get(1)? })
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

/// Objects in namespaces, by namespace, kind and name, none of which has a line end.
pub(super) fn objects(tx: &mut Tx<'_>, tenant: TenantId, after: &str, most: i64) -> Result<Keyed> {
    let mut parts = after.splitn(3, '\n').map(str::to_owned);
    let after = [(); 3].map(|()| parts.next().unwrap_or_default());
    let found = objects::all_behind(tx, tenant, after.each_ref().map(String::as_str), most)?;
    let line = |object: MovingObject| {
        let key = [&*object.namespace, &*object.kind, &*object.name].join("\n");
        let KeptMetadata { description, disable, labels, annotations } = object.metadata;
        let about = About {
            uid: Some(object.uid),
            created_at: Some(object.created_at),
            description,
            is_disabled: disable,
            labels,
            annotations,
        };
        let spec = match serde_json::from_str(&object.spec).map_err(Error::internal)? {
            Value::Object(spec) => spec,
            _ => return Err(Error::internal("a spec is no object")),
        };
        let what = What::Object { namespace: object.namespace, of_kind: object.kind, spec };
        Ok((key.into_bytes(), of(object.name, about, what)))
    };
    found.into_iter().map(line).collect()
}
