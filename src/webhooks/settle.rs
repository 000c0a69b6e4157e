//! What became of attempts: written to their deliveries, and to the webhook, which may be given up by it.

use std::net::Ipv4Addr;

use serde_json::json;
use uuid::Uuid;

use super::deliveries;
use super::letter;
use super::rows::{self, Webhook};
use super::schedule::{self, OFF_SECONDS, TOLD_SECONDS};
use super::send::Came;
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, TenantId};
use crate::params;
use crate::store::Tx;

/// Who switches a webhook off that fails, in records.
const BY: &str = "webhooks";

/// An attempt that has ended.
#[derive(Debug, Clone)]
pub(super) struct Landed {
    pub(super) delivery: Uuid,
    /// Of all attempts of the delivery.
    pub(super) number: i64,
    pub(super) tries: i64,
    pub(super) came: Came,
    /// Spreads the next try.
    pub(super) jitter: u16,
    /// Of the record and the mails that may follow.
    pub(super) id: Uuid,
}

/// Where another attempt has been begun since, only a success counts. `COALESCE` keeps the planner from the index over deliveries
/// that are due: the key leads to the row.
const DELIVERED: &str = "UPDATE webhook_deliveries SET delivered_at = $3, failed_at = NULL, leased_until = NULL
    WHERE tenant = $1 AND id = $2 AND delivered_at IS NULL";
const AGAIN: &str = "UPDATE webhook_deliveries SET due_at = $3, leased_until = NULL
    WHERE tenant = $1 AND id = $2 AND attempts = $4 AND COALESCE(delivered_at, failed_at) IS NULL";
const FAILED: &str = "UPDATE webhook_deliveries SET failed_at = $3, leased_until = NULL
    WHERE tenant = $1 AND id = $2 AND attempts = $4 AND COALESCE(delivered_at, failed_at) IS NULL";

/// Writes what became of attempts of a webhook, as it is now.
pub(super) fn settle(tx: &mut Tx<'_>, tenant: TenantId, webhook: &mut Webhook, landed: &[Landed]) -> Result<()> {
    let was = webhook.clone();
    for one in landed {
        note(tx, tenant, one)?;
        if one.came.is_success() {
            webhook.forgive();
        } else {
            webhook.failing_since.get_or_insert(one.came.at);
            webhook.last_error = Some(one.came.told());
            judge(tx, tenant, webhook, one)?;
        }
    }
    if *webhook == was { Ok(()) } else { rows::replace(tx, tenant, webhook) }
}

fn note(tx: &mut Tx<'_>, tenant: TenantId, one: &Landed) -> Result<()> {
    let Landed { delivery, number, came, .. } = one;
    deliveries::note_attempt(tx, tenant, *delivery, &came.attempt(*number))?;
    if came.is_success() {
        return tx.run(DELIVERED, &params![tenant, delivery, came.at]).map(drop);
    }
    match schedule::next(one.tries, came.retry_after, one.jitter, came.at) {
        Some(next) => tx.run(AGAIN, &params![tenant, delivery, next, *number]),
        None => tx.run(FAILED, &params![tenant, delivery, came.at, *number]),
    }
    .map(drop)
}

/// A webhook that fails for long: its owners are told, then it is off.
fn judge(tx: &mut Tx<'_>, tenant: TenantId, webhook: &mut Webhook, one: &Landed) -> Result<()> {
    let (now, since) = (one.came.at, webhook.failing_since.unwrap_or(one.came.at));
    if webhook.off_at.is_some() {
        return Ok(());
    }
    let why = if one.came.is_gone() {
        Some("The receiver answered 410: it wants no more.".to_owned())
    } else if now.seconds_since(since) >= OFF_SECONDS {
        Some(format!("Nothing was delivered for 5 days. {}", one.came.told()))
    } else {
        None
    };
    if let Some(why) = why {
        webhook.switch_off(why.clone(), now);
        record_off(tx, tenant, webhook, &why, one)?;
        return letter::tell_owners(tx, tenant, webhook, &one.id, now);
    }
    if webhook.told_at.is_none() && now.seconds_since(since) >= TOLD_SECONDS {
        webhook.told_at = Some(now);
        letter::tell_owners(tx, tenant, webhook, &one.id, now)?;
    }
    Ok(())
}

fn record_off(tx: &mut Tx<'_>, tenant: TenantId, webhook: &Webhook, why: &str, one: &Landed) -> Result<()> {
    let (address, request_id) = (Ipv4Addr::UNSPECIFIED.into(), one.id);
    let actor = Actor { user: None, name: BY.into(), credential: None, address, request_id };
    let facts = json!({ "webhook": webhook.id, "failing_since": webhook.failing_since, "why": why });
    let (at, outcome, subject) = (one.came.at, Outcome::Accepted, webhook.name.as_str());
    audit::record(tx, &Event { tenant, at, action: "webhook.off", outcome, actor: &actor, subject, facts })
}

/// Brings moments that a clock has stamped which ran ahead back to now; whether there were any.
pub(super) fn brought_back(webhook: &mut Webhook, now: Timestamp) -> bool {
    let is_ahead = |at: Option<Timestamp>| at.is_some_and(|at| at.is_ahead_of(now));
    let was = webhook.clone();
    webhook.failing_since = webhook.failing_since.map(|at| if at.is_ahead_of(now) { now } else { at });
    if is_ahead(webhook.told_at) {
        webhook.told_at = None;
    }
    webhook.old_until = webhook.old_until.map(|until| until.min(now.plus_seconds(super::secret::OVERLAP_SECONDS)));
    *webhook != was
}
