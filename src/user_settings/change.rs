//! Names, picture and notices of the caller, changed in one call. What is absent or empty stays as it is.

use serde_json::json;
use uuid::Uuid;

use super::image::Image;
use super::{person, rows};
use crate::act::Act;
use crate::error::{Error, Kind, Result, Told};
use crate::factors;
use crate::identity::Proof;
use crate::pages::told;
use crate::people::{self, check_name};
use crate::store::Tx;

/// What is to change.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// The first name.
    pub(super) first_name: Option<String>,
    /// The last name.
    pub(super) last_name: Option<String>,
    /// The picture.
    pub(super) image: Option<Image>,
    /// Every notice of the user's own list that is to be on.
    pub(super) enabled_notifications: Option<Vec<String>>,
    /// Whether there is to be a code app.
    pub(super) has_factor: Option<bool>,
}

/// Makes all of these changes, or none.
///
/// # Errors
/// `Invalid`, with the name of the field; those of [`person::calling`] and of [`switch_factor`].
pub(super) fn change(tx: &mut Tx<'_>, act: &Act, asked: &Change, mail: &Uuid) -> Result<()> {
    let switched_off = asked.has_factor.map_or(Ok(false), |wanted| switch_factor(tx, act, wanted, mail))?;
    let (tenant, user) = (act.tenant.id, person::calling(tx, act)?);
    let (first, last) = (asked.first_name.as_deref(), asked.last_name.as_deref());
    let first_name = check_name("first_name", first.or(Some(&user.first_name)))?;
    let last_name = check_name("last_name", last.or(Some(&user.last_name)))?;
    if (&first_name, &last_name) != (&user.first_name, &user.last_name) {
        people::rename(tx, tenant, &user, &first_name, &last_name, act.now)?;
    }
    if let Some(image) = &asked.image {
        rows::keep_image(tx, tenant, user.id, image)?;
    }
    if let Some(codes) = &asked.enabled_notifications {
        let mut kept = rows::find(tx, tenant, user.id)?;
        kept.enable_only(codes)?;
        rows::keep_choices(tx, tenant, user.id, &kept.notifications, &kept.admin_notifications)?;
    }
    let facts = json!({
        "name": { "before": user.full_name(), "after": format!("{first_name} {last_name}").trim() },
        "image_bytes": asked.image.as_ref().map(|image| image.bytes.len()),
        "enabled_notifications": asked.enabled_notifications,
        "switched_code_app_off": switched_off,
    });
    act.record(tx, "settings.change", &user.email, facts)
}

/// Switches the code app off where it is to be off; whether it did. A token does not: whoever has one may have it alone.
///
/// # Errors
/// `Conflict` where it is to be on and is not, and where the tenant requires it; `Stale`, and `Forbidden` for a token.
fn switch_factor(tx: &mut Tx<'_>, act: &Act, wanted: bool, mail: &Uuid) -> Result<bool> {
    let is_on = factors::find(tx, act.tenant.id, act.caller.user)?.is_some_and(|factor| factor.is_on());
    match (wanted, is_on) {
        (true, true) | (false, false) => Ok(false),
        (true, false) => Err(told::error(Kind::Conflict, Told::NoFactor)),
        (false, true) if matches!(act.caller.proof, Proof::Credential(_)) => {
            Err(Error::forbidden("A token cannot switch the code app of its user off. Do it on the account page."))
        }
        (false, true) if !act.caller.is_fresh(act.now) => Err(told::stale()),
        (false, true) => factors::switch_off(tx, act, *mail).map(|()| true),
    }
}
