//! How many resets a person may make in an hour, over all their credentials and sessions.

use std::collections::BTreeMap;

use super::ask::Ask;
use super::limits::{budget, reckoned};
use crate::clock::{SECOND, Timestamp};
use crate::error::{Error, Result};
use crate::identity::{Tenant, TenantId};
use crate::params;
use crate::store::{Answer, Batch, Question, Tx};

/// The users of a tenant by which its limits are reckoned: for a day after an import at most those before it.
///
/// # Errors
/// Those of the store.
pub fn reckoned_users(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<i64> {
    const USERS: &str = "SELECT user_count, users_before_import, import_began_at FROM tenants WHERE id = $1";
    let row = tx.one(USERS, &params![tenant])?;
    Ok(reckoned(row.get(0)?, row.get(1)?, row.get(2)?, now))
}

/// Takes so many resets out of the budget of a person, if it holds them. Whether it did.
///
/// # Errors
/// Those of the store.
pub fn spend_at_once(tx: &mut Tx<'_>, tenant: &Tenant, name: &str, resets: i64, now: Timestamp) -> Result<bool> {
    const OF_PERSON: &str = "SELECT used FROM reset_budgets WHERE tenant = $1 AND actor = $2 AND hour_started_at = $3";
    let users = reckoned_users(tx, tenant.id, now)?;
    let Some(most) = budget(tenant.settings.reset.budget_per_hour, users) else { return Ok(true) };
    let hour = hour_of(now);
    let used: Option<i64> = tx.maybe(OF_PERSON, &params![tenant.id, name, hour])?.map(|row| row.get(0)).transpose()?;
    if used.unwrap_or(0) + resets > most {
        return Ok(false);
    }
    match used {
        None => tx.put(BEGIN, &[params![tenant.id, name, hour, resets]])?,
        Some(_) => tx.put(SPEND, &[params![tenant.id, name, hour, resets, most]])?,
    }
    Ok(true)
}

/// The budgets of the people in one group, in the order in which their rows are locked.
pub(super) struct Budgets(BTreeMap<(TenantId, String), Budget>);

struct Budget {
    hour: Timestamp,
    /// The amount used before; `None` if there is no row yet.
    used: Option<i64>,
    spent: i64,
    most: i64,
}

impl Budget {
    fn total(&self) -> i64 {
        self.used.unwrap_or(0) + self.spent
    }

    fn half(&self) -> i64 {
        (self.most + 1) / 2
    }

    /// The most that the row may hold after this write, if other processes spend meanwhile. Above it the budget would
    /// be overdrawn, or the notice at half would be sent by nobody, or twice.
    fn ceiling(&self) -> i64 {
        if self.used.unwrap_or(0) >= self.half() {
            self.most
        } else if self.total() < self.half() {
            self.half() - 1
        } else {
            self.most.min(self.half() - 1 + self.spent)
        }
    }
}

const USED: Batch = Batch::new(
    "SELECT t.user_count, t.users_before_import, t.import_began_at, b.used FROM tenants t
    LEFT JOIN reset_budgets b ON b.tenant = t.id AND b.actor = $2 AND b.hour_started_at = $3 WHERE t.id = $1",
);
const BEGIN: Batch =
    Batch::new("INSERT INTO reset_budgets (tenant, actor, hour_started_at, used) VALUES ($1, $2, $3, $4)");
const SPEND: Batch = Batch::new(
    "UPDATE reset_budgets SET used = used + $4
    WHERE tenant = $1 AND actor = $2 AND hour_started_at = $3 AND used + $4 <= $5",
);

impl Budgets {
    /// Asks for the amount used of each.
    pub(super) fn question(asks: &[Ask]) -> Question {
        let purses = purses(asks);
        Question::new(USED, purses.iter().map(|((tenant, purse), ask)| params![*tenant, purse, hour(ask)]))
    }

    pub(super) fn read(asks: &[Ask], found: &[Answer]) -> Result<Self> {
        let budgets = purses(asks).into_iter().zip(found).map(|((key, ask), answer)| {
            let row = answer.rows.first().ok_or_else(|| Error::internal("the tenant of a request is gone"))?;
            let users = reckoned(row.get(0)?, row.get(1)?, row.get(2)?, ask.now);
            let most = budget(ask.rules.budget_per_hour, users).unwrap_or(i64::MAX);
            Ok((key, Budget { hour: hour(ask), used: row.get(3)?, spent: 0, most }))
        });
        budgets.collect::<Result<_>>().map(Self)
    }

    /// Takes one reset out of the budget; returns the count and the budget if this passes its half.
    pub(super) fn spend(&mut self, ask: &Ask) -> Result<Option<(i64, i64)>> {
        let Some(budget) = self.0.get_mut(&(ask.tenant, ask.actor.name.clone())) else { return Ok(None) };
        let used = budget.total() + 1;
        if used > budget.most {
            let wait = (budget.hour.0 + 3600 * SECOND - ask.now.0) / SECOND + 1;
            return Err(Error::too_many(
                format!(
                    "{} has made the {} resets that one person may make in an hour, over all their credentials. Nothing \
                     was changed. Wait until the hour is over, or let the operator raise the tenant's setting \
                     reset_budget_per_hour.",
                    ask.actor.name, budget.most
                ),
                u32::try_from(wait).unwrap_or(1),
            ));
        }
        budget.spent += 1;
        Ok((used == budget.half()).then_some((used, budget.most)))
    }

    pub(super) fn write(self, tx: &mut Tx<'_>) -> Result<()> {
        let spent = || self.0.iter().filter(|(_, budget)| budget.spent > 0);
        let (begun, further): (Vec<_>, Vec<_>) = spent().partition(|(_, budget)| budget.used.is_none());
        let begun = begun.into_iter();
        let begun = begun.map(|((tenant, purse), budget)| params![*tenant, purse, budget.hour, budget.spent]);
        tx.put(BEGIN, &begun.collect::<Vec<_>>())?;
        let further = further
            .into_iter()
            .map(|((tenant, purse), budget)| params![*tenant, purse, budget.hour, budget.spent, budget.ceiling()]);
        tx.put(SPEND, &further.collect::<Vec<_>>())
    }
}

/// The budgets that these requests draw on, each with the first request that does.
fn purses(asks: &[Ask]) -> Vec<((TenantId, String), &Ask)> {
    let mut purses: Vec<((TenantId, String), &Ask)> = Vec::new();
    for ask in asks.iter().filter(|ask| ask.rights.is_some() && ask.rules.budget_per_hour >= 0) {
        let key = (ask.tenant, ask.actor.name.clone());
        if !purses.iter().any(|(known, _)| *known == key) {
            purses.push((key, ask));
        }
    }
    purses
}

/// The start of the hour of a request.
fn hour(ask: &Ask) -> Timestamp {
    hour_of(ask.now)
}

fn hour_of(now: Timestamp) -> Timestamp {
    Timestamp(now.0 - now.0.rem_euclid(3600 * SECOND))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Two who read the same, of whom the second writes when the first has.
        #[test]
        fn what_two_spend_at_once_is_never_too_much_and_passes_the_half_once(
            most in 1..40_i64, used in 0..40_i64, first in 1..20_i64, second in 1..20_i64,
        ) {
            let used = used.min(most);
            let spends = |spent| Budget { hour: Timestamp(0), used: Some(used), spent, most };
            let (first, second) = (spends(first), spends(second));
            prop_assume!(first.total() <= most && second.total() <= most);
            prop_assert!(first.total() <= first.ceiling(), "alone, nothing stands against it");
            let both = first.total() + second.spent;
            if both <= second.ceiling() {
                let passes = |budget: &Budget| budget.used.unwrap_or(0) < budget.half() && budget.half() <= budget.total();
                prop_assert!(both <= most);
                let is_passed = used < first.half() && first.half() <= both;
                prop_assert_eq!(usize::from(is_passed), usize::from(passes(&first)) + usize::from(passes(&second)));
            }
        }
    }
}
