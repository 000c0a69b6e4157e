//! The pages after the link's forms. They may be reloaded without sending the form again.

use uuid::Uuid;

use super::parts::Resets;
use super::{link, rows};
use crate::error::Result;
use crate::http::{Answer, Call};
use crate::pages::{self, Site};
use crate::store::Scope;

/// The page after a redemption.
pub(super) const DONE: &str = "/reset/done";
/// The page after a request for a link.
pub(super) const SENT: &str = "/forgot/sent";
/// For this long after a redemption, the same form is taken as sent twice.
const AGAIN_SECONDS: i64 = 10 * 60;

/// Reports a changed password only if there was a change: otherwise a link from elsewhere could make the page say so.
pub(super) async fn done(call: Call) -> Result<Answer> {
    let site = Site::of(call.language(), call.admitted.tenant.as_deref());
    let Some(tenant) = &call.admitted.tenant else { return Ok(Answer::page(pages::done::password_changed(&site))) };
    let id = call.query("reset").and_then(|id| Uuid::parse_str(&id).ok()).unwrap_or_default();
    let reset = call.store.read(Scope::of(tenant.id), |tx| rows::find(tx, tenant.id, &id))?;
    if reset.is_none_or(|reset| reset.redeemed_at.is_none()) {
        return Ok(Answer::see("/signin"));
    }
    let page = if call.query("again").is_some() { pages::done::changed_before } else { pages::done::password_changed };
    Ok(Answer::page(page(&site)))
}

pub(super) async fn sent(call: Call) -> Result<Answer> {
    Ok(Answer::page(pages::done::mail_on_its_way(&Site::of(call.language(), call.admitted.tenant.as_deref()))))
}

/// The reset of a link that was redeemed a moment ago. The same person most likely sent the form twice.
pub(super) fn redeemed_just_now(resets: &Resets, call: &Call, token: &str) -> Result<Option<Uuid>> {
    let Some((claim, _)) = link::verify(&resets.keys, token) else { return Ok(None) };
    if call.admitted.tenant.as_ref().is_some_and(|tenant| tenant.id != claim.tenant) {
        return Ok(None);
    }
    let reset = call.store.read(Scope::of(claim.tenant), |tx| rows::find(tx, claim.tenant, &claim.reset))?;
    let at = reset.and_then(|reset| reset.redeemed_at);
    Ok(at.filter(|at| call.now().seconds_since(*at) < AGAIN_SECONDS).map(|_| claim.reset))
}
