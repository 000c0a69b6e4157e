//! A text is chosen, or given up for the shipped one.

use serde_json::json;

use super::Place;
use super::rows::{self, Own};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::mail::letter::Wording;
use crate::store::Tx;
use crate::tenants;

/// Chooses a text, which was checked before.
///
/// # Errors
/// Those of the store.
pub(super) fn set(tx: &mut Tx<'_>, place: &Place, words: &Wording, act: &Act) -> Result<Own> {
    let own = Own { words: words.clone(), changed_at: act.now, changed_by: act.actor.name.clone() };
    rows::keep(tx, act.tenant.id, place, &own)?;
    tenants::raise_revision(tx, act.tenant.id)?;
    act.record(tx, "mail_text.set", place.kind.name, json!({ "language": place.language.tag() }))?;
    Ok(own)
}

/// Gives the text up: from the next mail on it is the shipped one.
///
/// # Errors
/// `NotFound` when the tenant has none.
pub(super) fn remove(tx: &mut Tx<'_>, place: &Place, act: &Act) -> Result<()> {
    let (kind, language) = (place.kind.name, place.language.tag());
    if !rows::remove(tx, act.tenant.id, place)? {
        return Err(Error::not_found(format!("The mail {kind} has its shipped words in {language} already.")));
    }
    tenants::raise_revision(tx, act.tenant.id)?;
    act.record(tx, "mail_text.remove", kind, json!({ "language": language }))
}
