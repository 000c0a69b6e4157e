//! How many resets a credential may make in an hour.

use std::collections::HashMap;

use super::limits::budget;
use super::request::Ask;
use crate::clock::{SECOND, Timestamp};
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// The budgets of the credentials in one group.
pub(super) struct Budgets(HashMap<(TenantId, String), Budget>);

struct Budget {
    hour: Timestamp,
    used: i64,
    spent: i64,
    most: i64,
}

impl Budgets {
    pub(super) fn read(tx: &mut Tx<'_>, asks: &[Ask]) -> Result<Self> {
        let mut budgets = HashMap::new();
        for ask in asks.iter().filter(|ask| ask.rights.is_some() && ask.rules.budget_per_hour >= 0) {
            let key = (ask.tenant, purse(ask));
            if budgets.contains_key(&key) {
                continue;
            }
            let hour = Timestamp(ask.now.0 - ask.now.0.rem_euclid(3600 * SECOND));
            let row = tx.maybe(
                "SELECT used FROM reset_budgets WHERE tenant = $1 AND actor = $2 AND hour_started_at = $3",
                &params![ask.tenant, &key.1, hour],
            )?;
            let used = row.map_or(Ok(0), |row| row.get(0))?;
            let users: i64 = tx.one("SELECT user_count FROM tenants WHERE id = $1", &params![ask.tenant])?.get(0)?;
            let most = budget(ask.rules.budget_per_hour, users).unwrap_or(i64::MAX);
            budgets.insert(key, Budget { hour, used, spent: 0, most });
        }
        Ok(Self(budgets))
    }

    /// Takes one reset out of the budget; the count and the budget when this passes its half.
    pub(super) fn spend(&mut self, ask: &Ask) -> Result<Option<(i64, i64)>> {
        let Some(budget) = self.0.get_mut(&(ask.tenant, purse(ask))) else { return Ok(None) };
        let used = budget.used + budget.spent + 1;
        if used > budget.most {
            let wait = (budget.hour.0 + 3600 * SECOND - ask.now.0) / SECOND + 1;
            return Err(Error::too_many(
                format!(
                    "This credential has made its {} resets of this hour. Wait, or declare an incident.",
                    budget.most
                ),
                u32::try_from(wait).unwrap_or(1),
            ));
        }
        budget.spent += 1;
        Ok((used == (budget.most + 1) / 2).then_some((used, budget.most)))
    }

    pub(super) fn write(self, tx: &mut Tx<'_>) -> Result<()> {
        for ((tenant, purse), budget) in self.0.into_iter().filter(|(_, budget)| budget.spent > 0) {
            tx.run(
                "INSERT INTO reset_budgets (tenant, actor, hour_started_at, used) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (tenant, actor, hour_started_at) DO UPDATE SET used = reset_budgets.used + $4",
                &params![tenant, &purse, budget.hour, budget.spent],
            )?;
        }
        Ok(())
    }
}

/// Whose budget an ask is taken from: the credential's, or the person's when signed in by a browser.
pub(super) fn purse(ask: &Ask) -> String {
    ask.actor.credential.clone().unwrap_or_else(|| ask.actor.name.clone())
}
