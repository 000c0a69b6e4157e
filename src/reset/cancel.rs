//! What may happen to an open reset beside its redemption: opened, cancelled, mailed again.

use serde_json::json;
use uuid::Uuid;

use super::api::lifetime_minutes;
use super::begin::QUEUE_MAIL;
use super::limits::{Bound, MailTimes};
use super::rows::{self, Kind, Reset};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Actor, TenantId, TenantSettings};
use crate::params;
use crate::rights::Rights;
use crate::store::Tx;
use crate::users;

/// Who does what to which reset, and when.
#[derive(Debug, Clone)]
pub(super) struct Touch {
    pub(super) tenant: TenantId,
    pub(super) reset: Uuid,
    pub(super) actor: Actor,
    pub(super) now: Timestamp,
}

/// Notes that the page of the link was opened; only the first time counts.
pub(super) fn open(tx: &mut Tx<'_>, touch: &Touch) -> Result<()> {
    let opened = tx.run(
        "UPDATE resets SET opened_at = $3 WHERE tenant = $1 AND id = $2 AND opened_at IS NULL",
        &params![touch.tenant, &touch.reset, touch.now],
    )?;
    if opened == 0 {
        return Ok(());
    }
    let reset = get(tx, touch)?;
    record(tx, touch, "reset.open", &reset)
}

/// Ends an open reset. The old password stays as dead as it is.
pub(super) fn cancel(tx: &mut Tx<'_>, touch: &Touch, rights: &Rights) -> Result<Reset> {
    let reset = get_open(tx, touch, rights)?;
    let ended = tx.run(
        "UPDATE users SET open_reset = NULL, open_reset_expires_at = NULL WHERE tenant = $1 AND id = $2 AND open_reset = $3",
        &params![touch.tenant, reset.user, &touch.reset],
    )?;
    if ended == 0 {
        return Err(over(&reset));
    }
    tx.run(
        "UPDATE resets SET cancelled_at = $3, cancelled_by = $4 WHERE tenant = $1 AND id = $2",
        &params![touch.tenant, &touch.reset, touch.now, &touch.actor.name],
    )?;
    record(tx, touch, "reset.cancel", &reset)?;
    get(tx, touch)
}

/// Mails the same link once more, within the user's limit; it lives as long from now as a new one.
pub(super) fn resend(
    tx: &mut Tx<'_>,
    touch: &Touch,
    rights: &Rights,
    mail: &Uuid,
    settings: &TenantSettings,
) -> Result<Reset> {
    let (reset, now) = (get_open(tx, touch, rights)?, touch.now);
    let times: String = tx
        .one("SELECT reset_mail_times FROM users WHERE tenant = $1 AND id = $2", &params![touch.tenant, reset.user])?
        .get(0)?;
    let next = MailTimes::parse(&times).admit(Bound::Asked, settings.reset_mails_per_hour, now)?.text();
    let noted = tx.run(
        "UPDATE users SET reset_mail_times = $4
         WHERE tenant = $1 AND id = $2 AND reset_mail_times = $3 AND open_reset = $5",
        &params![touch.tenant, reset.user, &times, &next, &touch.reset],
    )?;
    if noted == 0 {
        return Err(over(&reset));
    }
    tx.run(
        "UPDATE resets SET undeliverable_at = NULL WHERE tenant = $1 AND id = $2",
        &params![touch.tenant, &touch.reset],
    )?;
    let kind = Kind::from_word(&reset.kind).ok_or_else(|| Error::internal("no reset is of this kind"))?;
    let expires_at = now.plus_seconds(60 * lifetime_minutes(settings, kind)).max(reset.expires_at);
    rows::prolong(tx, touch.tenant, &reset, expires_at, now)?;
    let values = params![touch.tenant, mail, &reset.kind, reset.user, &touch.reset, "{}", now, now, expires_at];
    tx.run(QUEUE_MAIL, &values)?;
    record(tx, touch, "reset.resend", &reset)?;
    get(tx, touch)
}

fn get(tx: &mut Tx<'_>, touch: &Touch) -> Result<Reset> {
    rows::find(tx, touch.tenant, &touch.reset)?.ok_or_else(not_found)
}

/// The reset, if it is open and its user has no more rights than the one who touches it.
fn get_open(tx: &mut Tx<'_>, touch: &Touch, rights: &Rights) -> Result<Reset> {
    let reset = get(tx, touch)?;
    if touch.actor.user != Some(reset.user) {
        outrank(tx, touch, &reset, rights)?;
    }
    if reset.is_alive(touch.now) { Ok(reset) } else { Err(over(&reset)) }
}

fn outrank(tx: &mut Tx<'_>, touch: &Touch, reset: &Reset, rights: &Rights) -> Result<()> {
    let theirs = users::rights_of(tx, touch.tenant, reset.user)?;
    if let Some(missing) = rights.lack(&theirs) {
        return Err(Error::forbidden(format!(
            "{} has rights that you do not have ({} in namespace {}). Ask someone who has them.",
            reset.email, missing.group, missing.namespace
        )));
    }
    let user = users::find_by_id(tx, touch.tenant, reset.user)?;
    if user.is_some_and(|user| user.owner_since.is_some()) && !rights.are_owners() {
        return Err(Error::forbidden(format!("{} owns this tenant. Ask another owner.", reset.email)));
    }
    Ok(())
}

pub(super) fn not_found() -> Error {
    Error::not_found("There is no such reset in this tenant.")
}

fn over(reset: &Reset) -> Error {
    Error::conflict(format!("This reset of {} is over. Make a new one if it is still needed.", reset.email))
}

fn record(tx: &mut Tx<'_>, touch: &Touch, action: &'static str, reset: &Reset) -> Result<()> {
    let (tenant, at, actor, subject) = (touch.tenant, touch.now, &touch.actor, reset.email.as_str());
    let facts = json!({ "reset": reset.id });
    audit::record(tx, &Event { tenant, at, action, outcome: Outcome::Accepted, actor, subject, facts })
}
