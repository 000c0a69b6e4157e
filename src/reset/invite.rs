//! Sends a link that goes with another act: the first one of a new user, and that of a new owner.

use uuid::Uuid;

use super::ask::Ask;
use super::begin;
use super::decide::Decision;
use super::held;
use super::limits::Bound;
use super::rows::Kind;
use super::rules::{INVITATION_MINUTES, Rules, rules};
use super::target::{self, Target};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Actor, Tenant};
use crate::mail::address::Email;
use crate::people::NewUser;
use crate::store::Tx;

/// The values for such a link.
pub struct Invitation<'a> {
    /// The tenant.
    pub tenant: &'a Tenant,
    /// Who creates the user, or does the other act.
    pub actor: &'a Actor,
    /// The id of the reset.
    pub id: Uuid,
    /// The id of its mail.
    pub mail: Uuid,
    /// The key that makes its link.
    pub key: i64,
    /// The present time.
    pub now: Timestamp,
}

/// Opens the first reset of a user created in this transaction. It writes no audit record of its own, since the
/// creation is the action. Beyond the user's bound of mails the mail waits, as that of a reset does.
///
/// # Errors
/// Those of the store.
pub fn invite(tx: &mut Tx<'_>, user: &NewUser, invitation: &Invitation<'_>) -> Result<()> {
    let ask = ask(&user.email, invitation);
    let target = target::find(tx, &ask)?.ok_or_else(|| Error::internal("a user who was just made is not there"))?;
    begin(tx, ask, target)
}

/// As [`invite`] for users who are there already: one transaction for all of them. It leaves their records to the caller.
///
/// # Errors
/// `Internal` for a user who is not there; those of the store.
pub fn invite_each(tx: &mut Tx<'_>, users: &[(&Email, Invitation<'_>)]) -> Result<()> {
    let asks: Vec<_> = users.iter().map(|(email, invitation)| ask(email, invitation)).collect();
    let decided = asks
        .iter()
        .map(|ask| {
            let target = target::find(tx, ask)?.ok_or_else(|| Error::internal("a user who is invited is not there"))?;
            Ok(decide(ask, target))
        })
        .collect::<Result<Vec<_>>>()?;
    begin::begin(tx, &asks, &decided, &vec![None; asks.len()])
}

/// Opens a reset of an existing user, for an act that gives the link beside what else it does. Password, sessions and
/// credentials stay until the link is used; the open reset is superseded. It writes no audit record of its own. Beyond the
/// user's bound of mails the mail waits.
///
/// # Errors
/// `NotFound`; `Conflict` where an incident holds the user's link; those of the store.
pub fn send_link(tx: &mut Tx<'_>, email: &Email, invitation: &Invitation<'_>) -> Result<()> {
    let ask = Ask { kind: Kind::Remail, rules: rules(invitation.tenant, Kind::Remail), ..ask(email, invitation) };
    let missing = || Error::not_found(format!("User {} was not found in this tenant.", email.as_str()));
    let target = target::find(tx, &ask)?.ok_or_else(missing)?;
    held::check(tx, ask.tenant, &target.email, target.held_by)?;
    begin(tx, ask, target)
}

/// As [`invite`] for an existing user; false if there is no user of this address.
///
/// # Errors
/// As [`invite`].
pub(super) fn open_again(tx: &mut Tx<'_>, email: &Email, invitation: &Invitation<'_>) -> Result<bool> {
    let ask = ask(email, invitation);
    let Some(target) = target::find(tx, &ask)? else { return Ok(false) };
    // No mail is sent: earlier mails do not delay it, and it is not counted.
    let (mail_times, leaves_at) = (target.mail_times.clone(), ask.now);
    let decided = Decision::Begin { target, mail_times, leaves_at, half_of_budget: None };
    begin::begin(tx, &[ask], &[decided], &[None])?;
    Ok(true)
}

fn ask(email: &Email, invitation: &Invitation<'_>) -> Ask {
    let Invitation { tenant, actor, id, mail, key, now } = invitation;
    let rules = Rules {
        lifetime_minutes: INVITATION_MINUTES,
        kills_password: false,
        revokes_credentials: false,
        repeat_seconds: 0,
        mails_per_hour: tenant.settings.reset.mails_per_hour,
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
    let decided = decide(&ask, target);
    begin::begin(tx, &[ask], &[decided], &[None])
}

fn decide(ask: &Ask, target: Target) -> Decision {
    let (mail_times, leaves_at) = target.mail_times.wait(Bound::Asked, ask.rules.mails_per_hour, ask.now);
    Decision::Begin { target, mail_times, leaves_at, half_of_budget: None }
}
