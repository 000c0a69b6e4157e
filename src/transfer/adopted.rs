//! What of a user is written beside their own row: the caller who was here and is taken over as the file has them, and pictures.

use serde_json::{Value, json};

use super::lines::Person;
use crate::access::Grant;
use crate::act::Act;
use crate::error::Result;
use crate::identity::UserId;
use crate::people::{self, Adopted, GroupChange, User};
use crate::store::Tx;
use crate::user_settings;

/// Takes the caller over as the file has them, beside what they hold; the facts of the record.
///
/// # Errors
/// Those of the store.
pub(super) fn adopt(tx: &mut Tx<'_>, act: &Act, person: &Person, user: &User, grants: &[Grant]) -> Result<Value> {
    let (tenant, record) = (act.tenant.id, &person.record);
    let from = Adopted {
        uid: person.uid(),
        first_name: &record.first_name,
        last_name: &record.last_name,
        language: record.language,
        created_at: record.created_at,
        is_verified: record.verified == Some(true),
    };
    people::adopt(tx, tenant, user, &from, act.now)?;
    bring_picture(tx, act, person, user.id)?;
    let had = people::grants_of(tx, tenant, user.id)?;
    let new: Vec<Grant> = grants.iter().filter(|grant| !had.contains(grant)).cloned().collect();
    people::add_grants(tx, tenant, &[user.id], &new)?;
    for group in &record.groups {
        let change = GroupChange { join: vec![user.id], ..GroupChange::default() };
        people::change_group(tx, tenant, group, &change)?;
    }
    Ok(json!({ "adopted": true, "namespace_roles_added": new, "group_names_added": record.groups }))
}

/// Keeps the picture that a row brings.
///
/// # Errors
/// Those of the store.
pub(super) fn bring_picture(tx: &mut Tx<'_>, act: &Act, person: &Person, user: UserId) -> Result<()> {
    let Some(picture) = &person.record.picture else { return Ok(()) };
    user_settings::bring_image(tx, act.tenant.id, user, picture.media_type, &picture.content)
}
