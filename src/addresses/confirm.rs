//! Makes a new address count: its link has come back.

use serde_json::{Value, json};
use uuid::Uuid;

use super::letters::{self, Letter, Told};
use super::rows::{self, Change};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Actor, Tenant};
use crate::mail::address::Email;
use crate::people::{self, NewAddress, User};
use crate::reset;
use crate::store::Tx;
use crate::tenants;

/// A link that came back.
#[derive(Debug, Clone)]
pub(super) struct Confirm {
    /// The tenant that the link names.
    pub(super) tenant: Tenant,
    /// The change that the link names.
    pub(super) change: Uuid,
    /// The ids of the two mails that tell of it.
    pub(super) mails: [Uuid; 2],
    /// The actor, which has an address but no user: nobody is signed in.
    pub(super) actor: Actor,
    /// The present time.
    pub(super) now: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confirmed {
    /// The new address counts.
    Done,
    /// The link was used, replaced, taken back or is too old, or something has ended the sessions of its user since. The
    /// answer does not say which.
    DeadLink,
    /// Another user has the address by now.
    Taken,
}

/// Gives the user the address that the link was mailed to, and uses the link up. The open reset ends, since its mail went to the
/// address that counted before; one that an incident holds has no mail yet, and stays.
///
/// # Errors
/// `Forbidden` for a valid link of a suspended tenant; those of the store.
pub(super) fn confirm(tx: &mut Tx<'_>, ask: &Confirm) -> Result<Confirmed> {
    let (tenant, now) = (ask.tenant.id, ask.now);
    let Some(change) = rows::find(tx, tenant, &ask.change)? else { return Ok(Confirmed::DeadLink) };
    let Some(user) = people::find_by_id(tx, tenant, change.user)? else { return Ok(Confirmed::DeadLink) };
    let email = Email::parse(&change.email)?;
    if !change.waits(&user, now) {
        return refuse(tx, ask, &change, &user, "the link no longer works", Confirmed::DeadLink);
    }
    tenants::check_served(&ask.tenant)?;
    if people::find_by_email(tx, tenant, &email)?.is_some() {
        return refuse(tx, ask, &change, &user, "another user has this address", Confirmed::Taken);
    }
    let former = former_of(&user, &email, ask);
    let new = NewAddress { email: &email, former: former.as_deref(), session_epoch: change.session_epoch, now };
    if !rows::use_up(tx, tenant, &change.id, now)? || !people::change_address(tx, tenant, &user, &new)? {
        return Err(Error::conflict("The account was changed at this moment. Open the link again."));
    }
    let mut cancelled = user.open_reset;
    if let Some(open) = &user.open_reset
        && !reset::end_unless_held(tx, tenant, user.id, open, "address change", now)?
    {
        cancelled = None;
    }
    reset::follow_name(tx, tenant, &user.email, email.as_str())?;
    tell(tx, ask, &change, &user, former.is_some())?;
    let facts = json!({ "change": change.id, "to": change.email, "mail_goes_to": former.as_deref().unwrap_or(email.as_str()),
        "cancelled_reset": cancelled });
    record(tx, ask, &user, Outcome::Accepted, facts)?;
    Ok(Confirmed::Done)
}

/// The address that mail goes to until the cool-off is over: where it went until now. One who goes back to that very address
/// has no other, and an address that never served the account is none.
fn former_of(user: &User, email: &Email, ask: &Confirm) -> Option<String> {
    let until_now = user.mail_goes_to(&ask.tenant.settings, ask.now);
    let is_back = Email::parse(until_now).is_ok_and(|until_now| until_now.key() == email.key());
    (user.has_used_address() && !is_back).then(|| until_now.into())
}

/// The new address is told, and the one where mail went until now, or that the account had where it goes back to that one.
/// An address that never served the account is not told.
fn tell(tx: &mut Tx<'_>, ask: &Confirm, change: &Change, user: &User, cools_off: bool) -> Result<()> {
    let (tenant, settings, now) = (ask.tenant.id, &ask.tenant.settings, ask.now);
    let hours = settings.reset.address_cool_off_hours;
    let told = |goes_to: &str| Told {
        change: change.id,
        from: user.email.clone(),
        to: change.email.clone(),
        goes_to: goes_to.into(),
        at: now.0,
        until: (cools_off && hours > 0).then(|| now.plus_seconds(hours * 3600).0),
    };
    letters::queue(tx, tenant, ask.mails[0], (Letter::Changed, change), &told(&change.email), now)?;
    if user.has_used_address() {
        let left = if cools_off { user.mail_goes_to(settings, now) } else { &user.email };
        letters::queue(tx, tenant, ask.mails[1], (Letter::Left, change), &told(left), now)?;
    }
    Ok(())
}

fn refuse(
    tx: &mut Tx<'_>,
    ask: &Confirm,
    change: &Change,
    user: &User,
    reason: &str,
    became: Confirmed,
) -> Result<Confirmed> {
    let facts = json!({ "change": change.id, "to": change.email, "reason": reason });
    record(tx, ask, user, Outcome::Refused, facts).map(|()| became)
}

fn record(tx: &mut Tx<'_>, ask: &Confirm, user: &User, outcome: Outcome, facts: Value) -> Result<()> {
    let (tenant, at, actor, subject) = (ask.tenant.id, ask.now, &ask.actor, user.email.as_str());
    audit::record(tx, &Event { tenant, at, action: "address.confirm", outcome, actor, subject, facts })
}
