//! One user: how they stand, what happened to them, and what the reader may do.

use uuid::Uuid;

use super::desk::Around;
use super::resets::stage;
use super::{Console, NOT_YET, may};
use crate::access::{ApiGroup, may_touch};
use crate::address::spelt;
use crate::error::{Error, Result};
use crate::http::{Answer, Call, Operation, Success, bind};
use crate::mail::address::Email;
use crate::pages::console::user::{Act, Event, Open, Session, User, Way, What, page};
use crate::pages::console::{Place, Standing};
use crate::people;
use crate::reset::{self, Filter, Reset};
use crate::sign_in::{Frame, SignInEvent, list_events};
use crate::store::Tx;
use crate::users::{PasswordState, ShownUser, UserState, show};

/// Resets of a user that the page shows.
const RESETS: i64 = 20;
/// The tenant's newest tries to sign in, of which the page shows those of the user.
const TRIES: i64 = 2_000;

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    vec![
        Operation::get("/console/users/{id}", NOT_YET, bind(console, one))
            .id("tenantry.console.user")
            .console("tenantry.users.show")
            .answers(&[Success::page()])
            .summary("The page of one user."),
    ]
}

/// A user, with what the reader may do to them.
pub(super) struct Found {
    pub(super) shown: ShownUser,
    pub(super) acts: Vec<Act>,
    /// The right that the reader lacks and the user has.
    lacking: Option<String>,
    resets: Vec<Reset>,
    tries: Vec<SignInEvent>,
}

/// The user whom the path names.
///
/// # Errors
/// `NotFound`; those of the store.
pub(super) fn found(tx: &mut Tx<'_>, call: &Call) -> Result<Found> {
    let (tenant, caller, now) = (call.tenant()?, call.caller()?, call.now());
    let missing = || Error::not_found("There is no such user in this tenant.");
    let uid = Uuid::parse_str(call.param("id")).map_err(|_| missing())?;
    let user = people::find_by_uid(tx, tenant.id, &uid)?.ok_or_else(missing)?;
    let email = Email::parse(&user.email)?;
    let shown = show(tx, tenant, &email, now)?;
    let theirs = people::rights_of(tx, tenant.id, user.id)?;
    let is_self = user.id == caller.user;
    let lacking = match may_touch(&caller.rights, &theirs, user.owner_since.is_some()) {
        Err(missing) if !is_self => Some(format!("{} · {}", missing.group, missing.namespace)),
        _ => None,
    };
    let filter =
        Filter { state: None, email: Some(email), since: None, until: None, before: Uuid::max(), limit: RESETS, now };
    let resets = reset::list(tx, tenant.id, &filter)?;
    let tries = list_events(tx, tenant.id, &Frame { start: None, end: None, first: 0, max: TRIES }, now)?;
    let is_theirs = |one: &SignInEvent| spelt(&one.email).eq_ignore_ascii_case(&spelt(&user.email));
    let tries = tries.into_iter().filter(is_theirs).collect();
    let acts = if lacking.is_some() { Vec::new() } else { acts(call, &shown, is_self) };
    Ok(Found { shown, acts, lacking, resets, tries })
}

/// What can be done, as far as the reader's rights and the user's standing tell; the verbs judge again.
fn acts(call: &Call, shown: &ShownUser, is_self: bool) -> Vec<Act> {
    let is_disabled = shown.user.disabled_at.is_some();
    let is_kept = is_self || shown.user.owner_since.is_some();
    let all = [
        (Act::Reset, ApiGroup::UamAdminWrite, !is_disabled && shown.user.has_local_password()),
        (Act::Enable, ApiGroup::UamAdminWrite, is_disabled),
        (Act::Disable, ApiGroup::UamAdminWrite, !is_disabled && !is_kept),
        (Act::Remove, ApiGroup::UamWrite, !is_kept),
    ];
    all.into_iter().filter(|(_, group, fits)| *fits && may(call, *group)).map(|(act, ..)| act).collect()
}

async fn one(console: Console, call: Call) -> Result<Answer> {
    let around = Around::of(&console, &call)?;
    let Found { shown, acts, lacking, resets, tries } = call.store.read(call.scope()?, |tx| found(tx, &call))?;
    let (uid, name) = (shown.user.uid.to_string(), shown.user.full_name());
    let open = resets.iter().find(|reset| reset.is_alive(call.now()) || reset.is_held());
    let (now, open_id) = (call.now(), open.map(|open| open.id.to_string()));
    let open =
        open.zip(open_id.as_deref()).map(|(reset, id)| Open { id, stage: stage(reset, now), until: reset.expires_at });
    let events = events(&shown, &resets, &tries, &call);
    let roles: Vec<_> = shown.grants.iter().map(|grant| (grant.namespace.clone(), grant.role.clone())).collect();
    let sessions: Vec<_> = shown
        .sessions
        .iter()
        .map(|session| Session { from: session.ip_address.clone(), seen_at: session.last_access })
        .collect();
    let user = User {
        uid: &uid,
        email: &shown.user.email,
        name: &name,
        standing: standing(&shown),
        open,
        acts: &acts,
        above: lacking.as_deref(),
        events: &events,
        is_owner: shown.user.owner_since.is_some(),
        way: way(&shown),
        roles: &roles,
        may_see_roles: may(&call, ApiGroup::UamWrite),
        groups: &shown.groups,
        sessions: &sessions,
        last_sign_in: shown.user.last_login_at,
        created: (shown.user.created_at, &shown.user.created_by),
        verified_at: shown.user.email_verified_at,
        password_changed_at: shown.user.password_changed_at,
        mail_goes_to: shown.mail_goes_to.1.map(|_| shown.mail_goes_to.0.as_str()),
        url: &around.url_of(&format!("/api/tenantry/v1/users/{}", shown.user.email)),
    };
    Ok(Answer::page(page(&around.desk(Place::Users), &user)))
}

fn standing(shown: &ShownUser) -> Standing {
    match (shown.state(), shown.password()) {
        (UserState::Disabled, _) => Standing::Disabled,
        (UserState::Invited, _) => Standing::Invited,
        (UserState::Active, PasswordState::Dead) => Standing::PasswordDead,
        (UserState::Active, _) => Standing::Active,
    }
}

fn way(shown: &ShownUser) -> Way {
    let has_factor = shown.factor.as_ref().is_some_and(|factor| factor.is_on());
    match (shown.user.has_local_password(), has_factor) {
        (false, _) => Way::SingleSignOn,
        (true, true) => Way::PasswordAndCode,
        (true, false) => Way::Password,
    }
}

/// What happened to a user, the newest first.
fn events(shown: &ShownUser, resets: &[Reset], tries: &[SignInEvent], call: &Call) -> Vec<Event> {
    let mut events: Vec<_> = resets.iter().flat_map(|reset| events_of(reset, call)).collect();
    events.extend(tries.iter().map(|one| Event {
        at: one.at,
        what: match &one.refusal {
            None => What::SignedIn(one.from_address.clone()),
            Some(why) => What::Refused(one.from_address.clone(), why.clone()),
        },
    }));
    events.push(Event { at: shown.user.created_at, what: What::Created(shown.user.created_by.clone()) });
    if let Some((at, by)) = shown.user.disabled_at.zip(shown.disabled_by.as_ref()) {
        events.push(Event { at, what: What::Disabled(by.clone()) });
    }
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    events
}

fn events_of(reset: &Reset, call: &Call) -> Vec<Event> {
    let words = || reset.relay_words.clone().unwrap_or_default();
    let begun = What::Reset {
        id: reset.id.to_string(),
        stage: stage(reset, call.now()),
        by: reset.requested_by.clone(),
        from: reset.address.clone(),
        ended_password: reset.kills_password,
    };
    let all = [
        (reset.redeemed_at, What::Redeemed),
        (reset.opened_at, What::Opened),
        (reset.undeliverable_at, What::Undeliverable(words())),
        (reset.mailed_at, What::Mailed(words())),
        (Some(reset.requested_at), begun),
    ];
    all.into_iter().filter_map(|(at, what)| Some(Event { at: at?, what })).collect()
}
