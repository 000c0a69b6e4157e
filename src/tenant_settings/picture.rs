//! The picture of a tenant: kept, shown at the top of its pages, taken away. It is shown by the setting `logo`, which an upload
//! points at the picture's own path: of an upload and a chosen `logo`, the later one counts.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::act::Act;
use crate::error::{Error, Result};
use crate::identity::{Tenant, TenantId};
use crate::params;
use crate::sent_picture::PictureFormat;
use crate::store::Tx;
use crate::tenants;

/// Largest picture, in bytes: a logo has some ten thousand.
pub(super) const PICTURE_MAX: usize = 256 * 1024;
/// Where anyone gets the picture; pages show it from there.
pub(super) const STATIC: &str = "/api/web/static/namespaces/system/tenant/settings/tenant/image";

/// A picture, checked.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    /// Its format.
    pub(super) format: PictureFormat,
    /// Its SHA-256.
    pub(super) digest: Vec<u8>,
    /// Its bytes.
    pub(super) content: Vec<u8>,
}

impl Picture {
    /// A picture of these bytes.
    ///
    /// # Errors
    /// `Invalid` for what is no picture of a known format.
    pub(super) fn of(content: Vec<u8>) -> Result<Self> {
        let Some(format) = PictureFormat::of(&content) else {
            return Err(Error::invalid(
                "Field image is no PNG, JPEG, GIF, WebP or ICO picture. SVG is not taken, since it can carry scripts.",
            ));
        };
        Ok(Self { format, digest: Sha256::digest(&content).to_vec(), content })
    }
}

/// Keeps the picture in the place of the one before, and shows it on the pages from the next request on.
///
/// # Errors
/// Those of the store.
pub(super) fn replace(tx: &mut Tx<'_>, picture: &Picture, act: &Act) -> Result<()> {
    let Picture { format, digest, content } = picture;
    tx.run(
        "INSERT INTO pictures (tenant, name, media_type, digest, content, changed_at, changed_by)
         VALUES ($1, 'image', $2, $3, $4, $5, $6)
         ON CONFLICT (tenant, name) DO UPDATE
         SET media_type = $2, digest = $3, content = $4, changed_at = $5, changed_by = $6",
        &params![act.tenant.id, format.media_type(), digest.as_slice(), content.as_slice(), act.now, &act.actor.name],
    )?;
    let settings = show_at(tx, act, &path_of(&act.tenant))?;
    let facts = json!({ "media_type": format.media_type(), "bytes": content.len(), "settings": settings });
    act.record(tx, "tenant.replace_picture", &act.tenant.name, facts)
}

/// Takes the picture away, from the pages too.
///
/// # Errors
/// `NotFound` when there is none.
pub(super) fn remove(tx: &mut Tx<'_>, act: &Act) -> Result<()> {
    let removed = tx.run("DELETE FROM pictures WHERE tenant = $1 AND name = 'image'", &params![act.tenant.id])?;
    if removed == 0 {
        return Err(no_picture());
    }
    let shown = tenants::find_by_id(tx, act.tenant.id)?.and_then(|tenant| tenant.settings.brand.logo);
    let is_shown = shown.as_ref() == Some(&path_of(&act.tenant));
    let settings = if is_shown { show_at(tx, act, "")? } else { json!({}) };
    act.record(tx, "tenant.remove_picture", &act.tenant.name, json!({ "settings": settings }))
}

/// The picture of a tenant.
///
/// # Errors
/// `NotFound` when it has none.
pub(super) fn get(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Picture> {
    let statement = "SELECT media_type, digest, content FROM pictures WHERE tenant = $1 AND name = 'image'";
    let row = tx.maybe(statement, &params![tenant])?.ok_or_else(no_picture)?;
    let format = PictureFormat::from_media_type(&row.get::<String>(0)?).ok_or_else(no_picture)?;
    Ok(Picture { format, digest: row.get(1)?, content: row.get(2)? })
}

fn no_picture() -> Error {
    Error::not_found("This tenant has no picture. Upload one first.")
}

/// Whether a chosen `logo` is a picture that was uploaded.
pub fn is_uploaded(logo: &str) -> bool {
    logo.starts_with(STATIC)
}

/// Where pages show the picture from. The id is in it for hosts that serve several tenants.
fn path_of(tenant: &Tenant) -> String {
    format!("{STATIC}?realm_id={}", tenant.uid)
}

fn show_at(tx: &mut Tx<'_>, act: &Act, path: &str) -> Result<Value> {
    let changes = [("logo".to_owned(), path.to_owned())];
    tenants::change(tx, act.tenant.id, &changes).map(|(_, settings)| settings)
}
