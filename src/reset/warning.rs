//! The mail that warns the owners when a person has used half of their hourly budget: heavy use is how a leaked credential
//! is noticed.

use serde::Deserialize;
use serde_json::json;

use super::ask::Ask;
use crate::error::{Error, Result};
use crate::ids;
use crate::mail::texts::{self, BudgetFacts, Text};
use crate::mails::{self, Letter, NewMail, Texts, To};
use crate::params;
use crate::store::Tx;

/// The kind of this mail.
pub const KINDS: &[&str] = &["reset.budget"];

/// Without its room: see [`mails::Letters`].
const WORD: &str = "budget";
/// It is worth sending for a day.
const WORTH_SECONDS: i64 = 24 * 3600;
const OWNERS: &str = "SELECT id FROM users WHERE tenant = $1 AND owner_since IS NOT NULL LIMIT 10";

/// Makes this mail.
pub struct Warning;

#[derive(Deserialize)]
struct Spent {
    by: String,
    used: u64,
    budget: u64,
}

/// Queues the mail to each owner. An ask passes the half at most once, so its own mail leads to their ids.
///
/// # Errors
/// Those of the store.
pub(super) fn queue(tx: &mut Tx<'_>, ask: &Ask, used: i64, most: i64) -> Result<()> {
    let facts = json!({ "by": ask.actor.name, "used": used, "budget": most }).to_string();
    for (nth, owner) in tx.all(OWNERS, &params![ask.tenant])?.iter().enumerate() {
        let mail = NewMail {
            tenant: ask.tenant,
            id: ids::derived(&ask.mail, WORD, nth),
            kind: WORD,
            user: owner.get(0)?,
            reset: None,
            facts: &facts,
            now: ask.now,
            due_at: ask.now,
            give_up_at: ask.now.plus_seconds(WORTH_SECONDS),
        };
        mails::queue(tx, &mail)?;
    }
    Ok(())
}

fn text(to: &To<'_>) -> Result<Option<Text>> {
    let Spent { by, used, budget } = serde_json::from_str(&to.job.facts).map_err(Error::internal)?;
    Ok(Some(texts::half_of_budget(&BudgetFacts {
        tenant_name: &to.tenant.settings.brand.display_name,
        person_name: &to.user.full_name(),
        spender: &by,
        used,
        budget,
        language: to.language(),
    })))
}

impl Letter for Warning {
    fn compose(&self, _: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        Ok(mails.iter().map(text).collect())
    }
}
