//! The two tables of this room. Each write names its own columns, so that none undoes another.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::image::Image;
use super::notifications::Choices;
use super::view::View;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Tx};

const ROW: Batch = Batch::new(
    "SELECT view_preference, notifications, admin_notifications, access_requested_at, access_mailed_at
     FROM user_settings WHERE tenant = $1 AND user_id = $2",
);

/// What a user has set; all of it empty for one who has set nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    /// How they want to see things, if they have ever said so.
    pub(super) view: Option<View>,
    /// Choices about the notices to everyone.
    pub(super) notifications: Choices,
    /// Choices about the notices to owners.
    pub(super) admin_notifications: Choices,
    /// When they asked for access last.
    pub(super) access_requested_at: Option<Timestamp>,
    /// When the relay took the first mail about that.
    pub(super) access_mailed_at: Option<Timestamp>,
}

/// What a user has set.
///
/// # Errors
/// Those of the store.
pub(super) fn find(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<Kept> {
    let Some(row) = tx.maybe(ROW.text(), &params![tenant, user])? else { return Ok(Kept::default()) };
    let mut row = row.columns();
    Ok(Kept {
        view: read(row.take()?)?,
        notifications: read(row.take()?)?.unwrap_or_default(),
        admin_notifications: read(row.take()?)?.unwrap_or_default(),
        access_requested_at: row.take()?,
        access_mailed_at: row.take()?,
    })
}

fn read<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>> {
    text.map(|text| serde_json::from_str(&text).map_err(Error::internal)).transpose()
}

fn written(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

/// Keeps how a user wants to see things.
///
/// # Errors
/// Those of the store.
pub(super) fn keep_view(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, view: &View) -> Result<()> {
    tx.run(
        "INSERT INTO user_settings (tenant, user_id, view_preference) VALUES ($1, $2, $3)
         ON CONFLICT (tenant, user_id) DO UPDATE SET view_preference = excluded.view_preference",
        &params![tenant, user, &written(view)?],
    )
    .map(drop)
}

/// Keeps a user's choices about both kinds of notices.
///
/// # Errors
/// Those of the store.
pub(super) fn keep_choices(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    user: UserId,
    own: &Choices,
    of_owners: &Choices,
) -> Result<()> {
    tx.run(
        "INSERT INTO user_settings (tenant, user_id, notifications, admin_notifications) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant, user_id) DO UPDATE
         SET notifications = excluded.notifications, admin_notifications = excluded.admin_notifications",
        &params![tenant, user, &written(own)?, &written(of_owners)?],
    )
    .map(drop)
}

/// Notes that a user asks for access; no mail about it has left yet.
///
/// # Errors
/// Those of the store.
pub(super) fn note_request(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, now: Timestamp) -> Result<()> {
    tx.run(
        "INSERT INTO user_settings (tenant, user_id, access_requested_at) VALUES ($1, $2, $3)
         ON CONFLICT (tenant, user_id) DO UPDATE
         SET access_requested_at = excluded.access_requested_at, access_mailed_at = NULL",
        &params![tenant, user, now],
    )
    .map(drop)
}

/// How many users of a tenant have asked for access between two moments; counted up to `most`.
///
/// # Errors
/// Those of the store.
pub(super) fn requests_between(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    from: Timestamp,
    to: Timestamp,
    most: i64,
) -> Result<i64> {
    let found = tx.all(
        "SELECT user_id FROM user_settings
         WHERE tenant = $1 AND access_requested_at > $2 AND access_requested_at <= $3
         ORDER BY access_requested_at LIMIT $4",
        &params![tenant, from, to, most],
    )?;
    i64::try_from(found.len()).map_err(Error::internal)
}

/// The first mail about a request has left. A later one, or one about an earlier request, changes nothing.
pub(super) const REQUEST_MAILED: Batch = Batch::new(
    "UPDATE user_settings SET access_mailed_at = $4
     WHERE tenant = $1 AND user_id = $2 AND access_requested_at = $3 AND access_mailed_at IS NULL",
);

/// A user's picture.
///
/// # Errors
/// Those of the store.
pub(super) fn find_image(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<Option<Image>> {
    let statement = "SELECT content_type, image FROM user_images WHERE tenant = $1 AND user_id = $2";
    let Some(row) = tx.maybe(statement, &params![tenant, user])? else { return Ok(None) };
    Ok(Some(Image { content_type: row.get(0)?, bytes: row.get(1)? }))
}

const SIZE: Batch = Batch::new("SELECT LENGTH(image) FROM user_images WHERE tenant = $1 AND user_id = $2");

/// The pictures of the first of these users: of as many users as have pictures of so many bytes together,
/// and of one at least. Where the answer is shorter than the list, the rest was not read.
///
/// # Errors
/// Those of the store.
pub fn image_of_each(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    users: &[UserId],
    bytes_max: i64,
) -> Result<Vec<Option<Vec<u8>>>> {
    let asked: Vec<_> = users.iter().map(|user| params![tenant, *user]).collect();
    let (mut bytes, mut images) = (0, Vec::new());
    for (user, size) in users.iter().zip(tx.each(SIZE, &asked)?) {
        let size = size.rows.first().map(|row| row.get::<i64>(0)).transpose()?;
        bytes += size.unwrap_or_default();
        if bytes > bytes_max && !images.is_empty() {
            break;
        }
        let image = if size.is_some() { find_image(tx, tenant, *user)? } else { None };
        images.push(image.map(|image| image.bytes));
    }
    Ok(images)
}

/// Keeps a user's picture, in the place of the one before.
///
/// # Errors
/// Those of the store.
pub(super) fn keep_image(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, image: &Image) -> Result<()> {
    tx.run(
        "INSERT INTO user_images (tenant, user_id, content_type, image) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant, user_id) DO UPDATE SET content_type = excluded.content_type, image = excluded.image",
        &params![tenant, user, &image.content_type, image.bytes.as_slice()],
    )
    .map(drop)
}

/// Removes a user's picture; whether there was one.
///
/// # Errors
/// Those of the store.
pub(super) fn remove_image(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<bool> {
    tx.run("DELETE FROM user_images WHERE tenant = $1 AND user_id = $2", &params![tenant, user]).map(|rows| rows > 0)
}

/// Forgets all that a user has set, when the user goes.
///
/// # Errors
/// Those of the store.
pub fn forget(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<()> {
    remove_image(tx, tenant, user)?;
    tx.run("DELETE FROM user_settings WHERE tenant = $1 AND user_id = $2", &params![tenant, user]).map(drop)
}
