//! `POST /account/password`: the steps around the transaction in `change`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::account::Refused;
use super::change::{self, Change};
use super::{SignIn, SignedIn, account, lockout, signed_in};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result, Told};
use crate::http::{Answer, Call};
use crate::identity::{Actor, TenantId};
use crate::mail::address::Email;
use crate::pages::{self, told};
use crate::passwords::{NewPassword, Verdict};
use crate::people::{self, User};
use crate::secret::Secret;
use crate::store::Tx;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PasswordChange")]
pub(super) struct Ask {
    /// Sent by the form for password managers; ignored.
    #[serde(default, rename = "username")]
    _username: Option<String>,
    /// The present password.
    #[schemars(example = &"what it was until now")]
    current_password: Secret<String>,
    /// The new one.
    #[schemars(example = &"a lantern over quiet harbour water")]
    password: Secret<String>,
}

pub(super) async fn change(parts: SignIn, call: Call, ask: Ask) -> Result<Answer> {
    let own = match signed_in(&call) {
        Ok(own) => own,
        Err(refusal) => return account::to_the_sign_in(call.is_form, refusal),
    };
    match replace(&parts, &call, &own, ask).await {
        Ok(()) => Ok(if call.is_form { Answer::see("/account?changed=1") } else { Answer::done() }),
        Err(refusal) if call.is_form => account::refused_page(&call, Refused::Password, refusal),
        Err(refusal) => Err(refusal),
    }
}

async fn replace(parts: &SignIn, call: &Call, own: &SignedIn, ask: Ask) -> Result<()> {
    let tenant = call.tenant()?;
    let policy = &tenant.settings.password;
    let (user, recent) = call.store.read(call.scope()?, |tx| {
        let user =
            people::find_by_id(tx, tenant.id, own.user)?.ok_or_else(|| Error::unauthenticated("Sign in first."))?;
        Ok((user, people::recent_hashes(tx, tenant.id, own.user, policy.not_recently_used)?))
    })?;
    may_have_password(&user)?;
    if call.is_form && is_set_already(parts, call, &user, &ask.password).await? {
        return Ok(());
    }
    let new = NewPassword::judged(policy, user.about(tenant), ask.password, call.language()).await?;
    prove(parts, call, &user, ask.current_password, change::ACTION).await?;
    let hasher = parts.hasher.in_turn_of(tenant.id.0);
    let new_hash = match new.hashed(&hasher, recent, call.head.deadline).await {
        Err(refusal) if refusal.kind == Kind::Refused => {
            refuse(call, &user, change::ACTION, "used recently").await?;
            return Err(refusal);
        }
        outcome => outcome?,
    };
    let change = Change {
        user,
        new_hash,
        session: own.session.clone(),
        keep: policy.not_recently_used,
        mail_id: call.random.uuid(call.now()),
    };
    write(call, move |tx, tenant, actor, now| change::change(tx, tenant, &change, actor, now)).await
}

/// Whether this is the same form sent twice. The second time the present password no longer matches, though nothing
/// went wrong.
async fn is_set_already(parts: &SignIn, call: &Call, user: &User, password: &Secret<String>) -> Result<bool> {
    let is_news = user.password_changed_at.is_some_and(|at| call.now().seconds_since(at) < account::NEWS_SECONDS);
    if !is_news {
        return Ok(false);
    }
    let hasher = parts.hasher.in_turn_of(call.tenant()?.id.0);
    let verdict = hasher.verify(password.clone(), user.password_hash.clone(), call.head.deadline).await?;
    Ok(verdict != Verdict::Wrong)
}

/// Checks the present password, for an action that is recorded as refused if it is wrong. The guess is counted as from a known
/// device, since the session proves that it is one.
pub(super) async fn prove(
    parts: &SignIn,
    call: &Call,
    user: &User,
    current: Secret<String>,
    action: &'static str,
) -> Result<()> {
    let subject = lockout::subject(&Email::parse(&user.email)?.key(), Some(user.uid), user.password_hash.as_deref());
    let free = call.tenant()?.settings.sign_in.failures_max;
    write(call, move |tx, tenant, _, now| lockout::count(tx, tenant, &subject, free, now)).await?;
    let hasher = parts.hasher.in_turn_of(call.tenant()?.id.0);
    let verdict = hasher.verify(current, user.password_hash.clone(), call.head.deadline).await?;
    if verdict == Verdict::Wrong {
        refuse(call, user, action, "wrong password").await?;
        let sentence = pages::account::Words(call.language()).wrong_password();
        return Err(Error::unauthenticated(sentence).told(Told::WrongPassword));
    }
    write(call, move |tx, tenant, _, _| lockout::clear(tx, tenant, &subject)).await
}

async fn refuse(call: &Call, user: &User, action: &'static str, reason: &'static str) -> Result<()> {
    let subject = user.email.clone();
    let verb = move |tx: &mut Tx<'_>, tenant, actor: &Actor, at| {
        let (outcome, subject, facts) = (Outcome::Refused, subject.as_str(), json!({ "reason": reason }));
        audit::record(tx, &Event { tenant, at, action, outcome, actor, subject, facts })
    };
    write(call, verb).await
}

async fn write(
    call: &Call,
    verb: impl Fn(&mut Tx<'_>, TenantId, &Actor, Timestamp) -> Result<()> + Send + 'static,
) -> Result<()> {
    let (tenant, actor, now) = (call.tenant()?.id, call.actor(), call.now());
    call.store.write(call.scope()?, move |tx| verb(tx, tenant, &actor, now)).await
}

/// Refuses what is proven by a password where there is none that counts.
pub(super) fn may_have_password(user: &User) -> Result<()> {
    if user.has_local_password() && user.password_hash.is_some() && user.password_dead_at.is_none() {
        return Ok(());
    }
    Err(told::error(Kind::Conflict, Told::NoPasswordHere))
}

#[cfg(test)]
#[path = "password_tests.rs"]
mod tests;
