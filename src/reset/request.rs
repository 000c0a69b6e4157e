//! The hot verb, for one request or ten thousand in one transaction: the old password dead, sessions ended, the older
//! reset superseded, and the new one inserted with its mail and its audit record.
//!
//! All reads come first, then a decision for each request, then the writes. A refusal is a value: it costs the other
//! requests nothing and writes nothing but its own record.

use serde_json::{Value, json};

use super::ask::{Accepted, Ask};
use super::budget::Budgets;
use super::decide::{Decision, decide};
use super::held::Holds;
use super::rows::Kind;
use super::target::{self, Found};
use super::{again, begin, keys};
use crate::audit::{self, Event, Outcome};
use crate::credentials::Confirmation;
use crate::error::Result;
use crate::store::Tx;

/// Requests resets. The answers are in the order of the requests; a refusal is an answer.
///
/// # Errors
/// Those of the store; then nothing was done for any request.
pub fn request(tx: &mut Tx<'_>, asks: &[Ask]) -> Result<Vec<Result<Accepted>>> {
    let presumed = Confirmation::of(asks.iter().filter_map(|ask| ask.presumed.as_deref()));
    let questions = [target::question(asks), keys::question(asks), Budgets::question(asks), presumed.question()];
    let [users, under_keys, budgets, bearers] = tx.look(questions)?;
    let (found, confirmed) = (target::read(asks, &users)?, presumed.read(&bearers)?);
    let under_keys = keys::read(asks, &under_keys)?;
    let mut budgets = Budgets::read(asks, &budgets)?;
    let holds = Holds::of(tx, asks, &found)?;
    let decide = |((ask, found), under_key): ((&Ask, Found), _)| {
        let is_known = ask.presumed.as_deref().is_none_or(|presumed| confirmed.contains(&presumed));
        if is_known { decide(ask, found, under_key, &holds, &mut budgets) } else { Decision::Outdated }
    };
    let decided: Vec<Decision> = asks.iter().zip(found).zip(&under_keys).map(decide).collect();
    let revoked = begin::revoke_credentials(tx, asks, &decided)?;
    begin::begin(tx, asks, &decided, &revoked)?;
    again::mail_again(tx, asks, &decided)?;
    keys::keep(tx, asks, &decided, &under_keys)?;
    budgets.write(tx)?;
    let told = asks.iter().zip(&decided).zip(revoked);
    let events: Vec<Event<'_>> = told.filter_map(|((ask, decided), revoked)| event(ask, decided, revoked)).collect();
    audit::record_each(tx, &events)?;
    Ok(asks.iter().zip(decided).map(|(ask, decided)| decided.answer(ask)).collect())
}

/// A repeat does nothing, so it leaves no record; a mail sent again leaves its own. Anonymous requests without effect
/// leave none either, since anyone could flood the log with them. A record names the user as stored.
fn event<'a>(ask: &'a Ask, decided: &'a Decision, revoked: Option<i64>) -> Option<Event<'a>> {
    let (action, outcome, subject, facts): (_, _, &str, Value) = match decided {
        Decision::Repeat(_) | Decision::Replay(_) | Decision::Outdated => return None,
        Decision::Refuse { .. } if ask.kind == Kind::Forgotten => return None,
        Decision::Refuse { refusal, email } => {
            let subject = email.as_deref().unwrap_or(ask.email.as_str());
            ("reset.request", Outcome::Refused, subject, json!({ "reason": refusal.message }))
        }
        Decision::MailAgain { target, open, .. } => {
            let facts = json!({ "reset": open, "kind": ask.kind.word() });
            ("reset.resend", Outcome::Accepted, &target.email, facts)
        }
        Decision::Begin { target, .. } => {
            let mut facts = json!({
                "reset": ask.id,
                "kind": ask.kind.word(),
                "password_dead": target.loses_password_by(ask),
                "superseded": target.replaces(),
            });
            if let Some(revoked) = revoked {
                facts["credentials_revoked"] = json!(revoked);
            }
            ("reset.request", Outcome::Accepted, &target.email, facts)
        }
    };
    Some(Event { tenant: ask.tenant, at: ask.now, action, outcome, actor: &ask.actor, subject, facts })
}
