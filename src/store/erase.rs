//! Deletes everything of a tenant, in slices, so that other writes get their turn in between.

use std::sync::LazyLock;

use super::Tx;
use super::tables::{TABLES, Table};
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;

/// Deletes up to so many rows of a tenant, whatever table they are in, but for the tenant itself; how many there were. When
/// it answers 0, nothing is left of the tenant.
///
/// # Errors
/// Those of the store.
pub fn erase(tx: &mut Tx<'_>, tenant: TenantId, most: i64) -> Result<u64> {
    let mut left = most;
    for statement in STATEMENTS.iter() {
        if left > 0 {
            left -= i64::try_from(tx.run(statement, &params![tenant, left])?).unwrap_or(left);
        }
    }
    Ok((most - left).unsigned_abs())
}

/// Every statement that tenants are deleted by, since no literal holds them.
pub fn statements_of_erasing() -> impl Iterator<Item = &'static str> {
    STATEMENTS.iter().copied()
}

static STATEMENTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| TABLES.iter().filter_map(statement).collect());

fn statement(table: &Table) -> Option<&'static str> {
    let (name, key) = (table.name, table.key.join(", "));
    let text = format!(
        "DELETE FROM {name} WHERE tenant = $1 AND ({key}) IN (SELECT {key} FROM {name} WHERE tenant = $1 LIMIT $2)"
    );
    (table.key.first() == Some(&"tenant")).then(|| -> &'static str { Box::leak(text.into_boxed_str()) })
}
