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

const USED: &str = "SELECT t.user_count, b.used FROM tenants t
    LEFT JOIN reset_budgets b ON b.tenant = t.id AND b.actor = $2 AND b.hour_started_at = $3 WHERE t.id = $1";
const SPEND: &str = "INSERT INTO reset_budgets (tenant, actor, hour_started_at, used) VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant, actor, hour_started_at) DO UPDATE SET used = reset_budgets.used + excluded.used";

impl Budgets {
    pub(super) fn read(tx: &mut Tx<'_>, asks: &[Ask]) -> Result<Self> {
        let mut keys: Vec<((TenantId, String), &Ask)> = Vec::new();
        for ask in asks.iter().filter(|ask| ask.rights.is_some() && ask.rules.budget_per_hour >= 0) {
            let key = (ask.tenant, purse(ask));
            if !keys.iter().any(|(known, _)| *known == key) {
                keys.push((key, ask));
            }
        }
        let hour = |ask: &Ask| Timestamp(ask.now.0 - ask.now.0.rem_euclid(3600 * SECOND));
        let rows: Vec<_> = keys.iter().map(|((tenant, purse), ask)| params![*tenant, purse, hour(ask)]).collect();
        let found = tx.each(USED, &rows)?;
        let budgets = keys.iter().zip(&found).map(|((key, ask), answer)| {
            let row = answer.rows.first().ok_or_else(|| Error::internal("the tenant of a request is gone"))?;
            let most = budget(ask.rules.budget_per_hour, row.get(0)?).unwrap_or(i64::MAX);
            let used = row.get::<Option<i64>>(1)?.unwrap_or(0);
            Ok((key.clone(), Budget { hour: hour(ask), used, spent: 0, most }))
        });
        budgets.collect::<Result<_>>().map(Self)
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
        let spent: Vec<_> = self.0.iter().filter(|(_, budget)| budget.spent > 0).collect();
        let rows: Vec<_> =
            spent.iter().map(|((tenant, purse), budget)| params![*tenant, purse, budget.hour, budget.spent]).collect();
        tx.put(SPEND, &rows)
    }
}

/// Whose budget an ask is taken from: the credential's, or the person's when signed in by a browser.
pub(super) fn purse(ask: &Ask) -> String {
    ask.actor.credential.clone().unwrap_or_else(|| ask.actor.name.clone())
}
