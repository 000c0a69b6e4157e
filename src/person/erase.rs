//! The erasure of a person: the account and what is found by its address go in one transaction; what names the person elsewhere is
//! rewritten afterwards, in slices (`going_on`).

use serde_json::json;
use uuid::Uuid;

use super::place::Place;
use super::sought::Sought;
use crate::act::Act;
use crate::audit::{self, PERSON_ERASED};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::mail::address::Email;
use crate::people::{self, AddressCode, Erasure, Kind, User};
use crate::random::Random;
use crate::store::Tx;
use crate::{credentials, mails, reset, sign_in, users};

/// An erasure that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) email: Email,
    /// What is kept of the address.
    pub(super) code: AddressCode,
    pub(super) id: Uuid,
    /// What stands for the person from now on.
    pub(super) pseudonym: String,
}

/// A name that says nothing.
pub(super) fn pseudonym(random: &Random) -> String {
    let digits: String = random.bytes::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("person:{digits}")
}

/// Erases the person of an address: a user, or one who was removed.
///
/// # Errors
/// `NotFound`; `Conflict` for oneself and for a service user; `Forbidden` for an owner and for a user of higher rank.
pub(super) fn erase(tx: &mut Tx<'_>, ask: &Ask, act: &Act) -> Result<()> {
    let tenant = act.tenant.id;
    let found = people::find_by_email(tx, tenant, &ask.email)?;
    if found.is_none() && !people::is_former(tx, tenant, &ask.email)? {
        // The same words as for a user who was never there.
        people::get_by_email(tx, tenant, &ask.email)?;
    }
    if let Some(user) = &found {
        check(tx, user, act)?;
    }
    let credentials = begin(tx, tenant, ask, found.as_ref(), (&act.actor.name, act.now, act.now))?;
    act.record(tx, PERSON_ERASED, &ask.pseudonym, json!({ "step": "begun", "credentials_revoked": credentials }))
}

fn check(tx: &mut Tx<'_>, user: &User, act: &Act) -> Result<()> {
    if user.id == act.caller.user {
        return Err(Error::conflict("You cannot erase yourself. Ask another administrator."));
    }
    if user.kind == Kind::Service {
        return Err(Error::conflict(format!(
            "{} is a service user and no person. Remove the user instead.",
            user.email
        )));
    }
    if user.owner_since.is_some() {
        return Err(Error::forbidden(format!(
            "{} owns this tenant and cannot be erased. Hand the tenant over to another owner first.",
            user.email
        )));
    }
    act.outrank(tx, user)
}

/// Begins to erase a person in the name of `by`: the account and what is found by the address go now, the rest in slices. How many
/// credentials went with the account.
///
/// # Errors
/// Those of the store.
pub(super) fn begin(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    ask: &Ask,
    was: Option<&User>,
    (by, erased_at, now): (&str, Timestamp, Timestamp),
) -> Result<i64> {
    // As it is stored, since so it stands wherever a name is kept.
    let stored = was.and_then(|user| Email::parse(&user.email).ok());
    let email = stored.as_ref().unwrap_or(&ask.email);
    let until = audit::latest(tx, tenant)?.map_or(now, |latest| end_of_moment(&latest).max(now));
    let mut sought = Sought::new(email, until);
    if let Some((former, changed_at)) = was.and_then(|user| user.former_email.as_ref().zip(user.email_changed_at))
        && let Ok(former) = Email::parse(former)
    {
        sought.add(&former, changed_at);
    }
    let mut revoked = 0;
    if let Some(user) = was {
        let credentials = credentials::of_user(tx, tenant, user.id)?;
        credentials.iter().for_each(|credential| sought.add_credential(&credential.name));
        revoked = users::take_out(tx, tenant, user, by, now)?;
    }
    reset::forget_person(tx, tenant, email, &ask.pseudonym)?;
    mails::forget_refusal(tx, tenant, email)?;
    sign_in::forget_guesses(tx, tenant, email, was.and_then(|user| user.password_hash.as_deref()))?;
    people::forget_former(tx, tenant, email)?;
    people::note_erased(tx, tenant, &ask.code, erased_at)?;
    let erasure = Erasure {
        id: ask.id,
        pseudonym: ask.pseudonym.clone(),
        user: was.map_or(UserId(0), |user| user.id),
        until,
        sought: sought.to_keep(),
        place: Place::beginning().to_keep(),
        rewritten: 0,
    };
    people::begin_erasure(tx, tenant, &erasure)?;
    Ok(revoked)
}

/// The last microsecond of the millisecond in which an id was drawn.
fn end_of_moment(id: &Uuid) -> Timestamp {
    let milliseconds = id.get_timestamp().map_or(0, |at| {
        let (seconds, nanoseconds) = at.to_unix();
        seconds * 1_000 + u64::from(nanoseconds) / 1_000_000
    });
    Timestamp(i64::try_from(milliseconds).unwrap_or_default() * 1_000 + 999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_of_an_id_ends_before_the_next_millisecond() {
        let now = Timestamp(1_772_615_727_123_456);
        assert_eq!(end_of_moment(&Random::seeded(1).uuid(now)), Timestamp(1_772_615_727_123_999));
    }

    #[test]
    fn a_pseudonym_has_sixteen_digits_and_is_no_address() {
        let pseudonym = pseudonym(&Random::seeded(1));
        let digits = pseudonym.strip_prefix("person:").unwrap();
        assert!(digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()), "{pseudonym}");
        assert!(Email::parse(&pseudonym).is_err());
    }
}
