//! What an administrator may do to an open reset: cancel it, mail its link again.

use serde_json::json;
use uuid::Uuid;

use super::end::end_open;
use super::held;
use super::incidents;
use super::letters::NO_FACTS;
use super::limits::{Bound, MailTimes};
use super::rows::{self, Kind, Reset};
use super::rules::lifetime_minutes;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::mails::{self, NewMail};
use crate::params;
use crate::people;
use crate::store::Tx;

/// Ends an open reset. The old password stays as dead as it is.
pub fn cancel(tx: &mut Tx<'_>, id: &Uuid, act: &Act) -> Result<Reset> {
    let reset = get_open(tx, id, act)?;
    if !end_open(tx, act.tenant.id, reset.user, id, &act.actor.name, act.now)? {
        return Err(over(&reset));
    }
    act.record(tx, "reset.cancel", &reset.email, json!({ "reset": id }))?;
    get(tx, id, act)
}

/// Mails the same link once more, within the user's limit; it lives as long from now as a new one.
pub fn resend(tx: &mut Tx<'_>, id: &Uuid, mail: &Uuid, act: &Act) -> Result<Reset> {
    let (tenant, settings, now) = (act.tenant.id, &act.tenant.settings.reset, act.now);
    let reset = get_open(tx, id, act)?;
    if reset.is_held() {
        return Err(over(&reset));
    }
    let times: String = tx
        .one("SELECT reset_mail_times FROM users WHERE tenant = $1 AND id = $2", &params![tenant, reset.user])?
        .get(0)?;
    let next = MailTimes::parse(&times).admit(Bound::Asked, settings.mails_per_hour, now)?.text();
    let noted = tx.run(
        "UPDATE users SET reset_mail_times = $4
         WHERE tenant = $1 AND id = $2 AND reset_mail_times = $3 AND open_reset = $5",
        &params![tenant, reset.user, &times, &next, id],
    )?;
    if noted == 0 {
        return Err(over(&reset));
    }
    tx.run("UPDATE resets SET undeliverable_at = NULL WHERE tenant = $1 AND id = $2", &params![tenant, id])?;
    let kind = Kind::from_word(&reset.kind).ok_or_else(|| Error::internal("no reset is of this kind"))?;
    let incident = incidents::find_each(tx, tenant, reset.incident.into_iter())?.pop();
    let minutes = lifetime_minutes(settings, kind, incident.as_ref());
    let expires_at = now.plus_seconds(60 * minutes).max(reset.expires_at);
    rows::prolong(tx, tenant, &reset, expires_at, now)?;
    let again = NewMail {
        tenant,
        id: *mail,
        kind: kind.word(),
        user: reset.user,
        reset: Some(*id),
        facts: NO_FACTS,
        now,
        due_at: now,
        give_up_at: expires_at,
    };
    mails::queue(tx, &again)?;
    act.record(tx, "reset.resend", &reset.email, json!({ "reset": id }))?;
    get(tx, id, act)
}

fn get(tx: &mut Tx<'_>, id: &Uuid, act: &Act) -> Result<Reset> {
    rows::find(tx, act.tenant.id, id)?.ok_or_else(rows::not_found)
}

/// The reset, if it is open and its user has no more rights than the one who acts on it.
fn get_open(tx: &mut Tx<'_>, id: &Uuid, act: &Act) -> Result<Reset> {
    let reset = get(tx, id, act)?;
    if let Some(user) = people::find_by_id(tx, act.tenant.id, reset.user)? {
        act.outrank(tx, &user)?;
    }
    let is_held = reset.is_held();
    held::check(tx, act.tenant.id, &reset.email, reset.incident.filter(|_| is_held))?;
    if is_held || reset.is_alive(act.now) { Ok(reset) } else { Err(over(&reset)) }
}

fn over(reset: &Reset) -> Error {
    Error::conflict(format!("This reset of {} is over. Make a new one if it is still needed.", reset.email))
}
