//! Requests a change of an address: it is written down, the link goes to the new address and a word to the former one.

use serde_json::json;
use uuid::Uuid;

use super::letters::{self, Letter, Told};
use super::rows::{self, Change, LIFE_SECONDS};
use crate::act::Act;
use crate::clock::SECOND;
use crate::error::{Error, Kind, Result, Told as Said};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::pages::told;
use crate::people::{self, User};
use crate::random::Random;
use crate::reset;
use crate::store::Tx;

/// What a change is made from.
#[derive(Debug, Clone)]
pub struct NewChange {
    /// The new address.
    pub email: Email,
    id: Uuid,
    key: i64,
    link: Uuid,
    word: Uuid,
}

impl NewChange {
    /// Draws the ids of the change and of its mails.
    pub fn draw(email: Email, keys: &Keys, random: &Random, act: &Act) -> Self {
        let id = || random.uuid(act.now);
        Self { email, id: id(), key: keys.current(), link: id(), word: id() }
    }
}

/// Requests a change of the caller's own address. Whether another user has the address is not said: then no mail leaves, as to
/// a mailbox that nobody reads.
///
/// # Errors
/// `Conflict` for the address that the caller has, and if the row is no longer as it was when the password was checked;
/// `TooMany` beyond the bound of mails.
pub fn change_own(tx: &mut Tx<'_>, checked: &User, new: &NewChange, act: &Act) -> Result<()> {
    let user = people::find_by_id(tx, act.tenant.id, checked.id)?;
    let is_same = |user: &User| {
        user.session_epoch == checked.session_epoch
            && user.password_changed_at == checked.password_changed_at
            && user.email == checked.email
            && user.password_dead_at.is_none()
            && user.disabled_at.is_none()
    };
    let user = user.filter(is_same).ok_or_else(|| told::error(Kind::Conflict, Said::ChangedMeanwhile))?;
    request(tx, &user, new, act)
}

/// Requests a change of another user's address, for an administrator. The user still confirms it by the link.
///
/// # Errors
/// `NotFound`; `Forbidden` for a user of higher rank; `Conflict` for oneself, for users without a password here, and for an
/// address that the user has; `Duplicate` for one that another user has; `TooMany` beyond the bound of mails.
pub(super) fn change_of(tx: &mut Tx<'_>, email: &Email, new: &NewChange, act: &Act) -> Result<User> {
    let user = people::get_by_email(tx, act.tenant.id, email)?;
    act.outrank(tx, &user)?;
    may_change(&user, act)?;
    if people::find_by_email(tx, act.tenant.id, &new.email)?.is_some_and(|other| other.id != user.id) {
        return Err(people::email_taken(&new.email));
    }
    request(tx, &user, new, act)?;
    Ok(user)
}

fn may_change(user: &User, act: &Act) -> Result<()> {
    let email = &user.email;
    let sentence = if user.id == act.caller.user {
        "Change your own address on the account page, where your password is asked.".into()
    } else if user.kind == people::Kind::Service {
        format!("{email} is a service user, whose name is no mailbox. Create another one instead.")
    } else if !user.has_local_password() {
        format!("{email} signs in through single sign-on. Change the address there.")
    } else if user.disabled_at.is_some() {
        format!("{email} is disabled. Enable the user first, then change the address.")
    } else {
        return Ok(());
    };
    Err(Error::conflict(sentence))
}

fn request(tx: &mut Tx<'_>, user: &User, new: &NewChange, act: &Act) -> Result<()> {
    let (tenant, now) = (&act.tenant, act.now);
    if Email::parse(&user.email)?.key() == new.email.key() {
        return Err(told::error(Kind::Conflict, Said::SameAddress));
    }
    let older = rows::pending_of(tx, tenant.id, user, now)?;
    if older.as_ref().is_some_and(|older| is_repeat(older, new, act)) {
        return Ok(());
    }
    reset::count_mail(tx, tenant, user.id, user.id == act.caller.user, now)?;
    let change = Change {
        id: new.id,
        user: user.id,
        email: new.email.as_str().into(),
        key: new.key,
        session_epoch: user.session_epoch,
        requested_at: now,
        requested_by: act.actor.name.clone(),
        expires_at: now.plus_seconds(LIFE_SECONDS),
        confirmed_at: None,
    };
    rows::replace(tx, tenant.id, &change)?;
    tell(tx, user, &change, new, act)?;
    let facts = json!({ "change": change.id, "to": change.email, "superseded": older.map(|older| older.id) });
    act.record(tx, "address.request", &user.email, facts)
}

/// The link goes to the new address, and a word to where mail of the account goes. An address that never served the account is
/// told nothing: it may belong to anyone.
fn tell(tx: &mut Tx<'_>, user: &User, change: &Change, new: &NewChange, act: &Act) -> Result<()> {
    let (tenant, now) = (&act.tenant, act.now);
    let told = |goes_to: &str, until| Told {
        change: change.id,
        from: user.email.clone(),
        to: change.email.clone(),
        goes_to: goes_to.into(),
        at: now.0,
        until,
    };
    let link = told(&change.email, Some(change.expires_at.0));
    letters::queue(tx, tenant.id, new.link, (Letter::Confirm, change), &link, now)?;
    if user.has_used_address() {
        let word = told(user.mail_goes_to(&tenant.settings, now), None);
        letters::queue(tx, tenant.id, new.word, (Letter::Requested, change), &word, now)?;
    }
    Ok(())
}

/// Whether the same person asked for the same a moment ago, as by a form that was sent twice.
fn is_repeat(older: &Change, new: &NewChange, act: &Act) -> bool {
    let is_recent = (act.now.0 - older.requested_at.0).abs() < act.tenant.settings.reset.repeat_seconds * SECOND;
    is_recent && older.requested_by == act.actor.name && older.is_to(&new.email)
}
