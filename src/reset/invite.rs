//! The first link of a new user.

use uuid::Uuid;

use super::begin;
use super::limits::MailTimes;
use super::request::{Ask, Decision, Rules};
use super::rows::Kind;
use super::target::{self, Target};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, Tenant};
use crate::mail::address::Email;
use crate::store::Tx;
use crate::users::NewUser;

/// What the first link of a new user is made from.
pub struct Invitation<'a> {
    /// The tenant.
    pub tenant: &'a Tenant,
    /// Who made the user.
    pub actor: &'a Actor,
    /// The id of the reset.
    pub id: Uuid,
    /// The id of its mail.
    pub mail: Uuid,
    /// The key that makes its link.
    pub key: i64,
    /// The present moment.
    pub now: Timestamp,
}

/// Longer than a reset's: nobody waits at the mailbox for an account that they did not ask for.
const INVITATION_MINUTES: i64 = 24 * 60;

/// Opens the first reset of a user who was made in this transaction. It writes no record of its own:
/// the creation is the action.
///
/// # Errors
/// Those of the store.
pub fn invite(tx: &mut Tx<'_>, user: &NewUser, invitation: &Invitation<'_>) -> Result<()> {
    let ask = ask(&user.email, invitation);
    let target = Target {
        user: user.id,
        email: user.email.as_str().to_string(),
        is_local: true,
        is_service: false,
        is_disabled: false,
        is_owner: false,
        epoch: 0,
        latest: None,
        open: None,
        place: None,
        mail_times: MailTimes::parse(""),
        grants: Vec::new(),
    };
    begin(tx, ask, target)
}

/// As [`invite`] for a user who is there; false when there is none of this address.
///
/// # Errors
/// As [`invite`].
pub(super) fn open_again(tx: &mut Tx<'_>, email: &Email, invitation: &Invitation<'_>) -> Result<bool> {
    let ask = ask(email, invitation);
    let found = target::find(tx, std::slice::from_ref(&ask))?.pop();
    let Some(target) = found.and_then(|found| found.target) else { return Ok(false) };
    // No mail leaves: none of the earlier ones stands in the way, and none is counted.
    let mail_times = target.mail_times.clone();
    begin::begin(tx, &[ask], &[Decision::Begin { target, mail_times, half_of_budget: None }])?;
    Ok(true)
}

fn ask(email: &Email, invitation: &Invitation<'_>) -> Ask {
    let Invitation { tenant, actor, id, mail, key, now } = invitation;
    let rules = Rules {
        lifetime_minutes: INVITATION_MINUTES,
        kills_password: false,
        repeat_seconds: 0,
        mails_per_hour: tenant.settings.reset_mails_per_hour,
        budget_per_hour: -1,
    };
    Ask {
        tenant: tenant.id,
        email: email.clone(),
        kind: Kind::Invitation,
        actor: (*actor).clone(),
        presumed: None,
        rights: None,
        id: *id,
        mail: *mail,
        key: *key,
        idempotency: None,
        rules,
        now: *now,
    }
}

fn begin(tx: &mut Tx<'_>, ask: Ask, target: Target) -> Result<()> {
    let mail_times = target.mail_times.admit(ask.rules.mails_per_hour, ask.now)?;
    let decided = Decision::Begin { target, mail_times, half_of_budget: None };
    begin::begin(tx, &[ask], &[decided])
}
