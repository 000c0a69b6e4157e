//! Making heads that are due, with all their ways out, in one transaction each.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::watch;
use uuid::Uuid;

use super::letter;
use super::rows::{self, Kept};
use crate::audit;
use crate::clock::{Clock, Timestamp};
use crate::error::Result;
use crate::hex::hex;
use crate::identity::{Tenant, TenantId};
use crate::random::Random;
use crate::signing::{Head, Signer};
use crate::store::{Scope, Store, Tx};
use crate::stride::rest;
use crate::{tenants, webhooks};

/// How often to look for what is due.
const EVERY: Duration = Duration::from_secs(2);
/// Heads that are looked for at once.
const AT_ONCE: i64 = 100;
/// A suspended tenant is looked at again after this time.
const SUSPENDED_SECONDS: i64 = 600;

/// Makes heads.
#[derive(Clone)]
pub struct Maker {
    /// Where the chains are.
    pub store: Store,
    /// Signs.
    pub signer: Signer,
    /// The time.
    pub clock: Clock,
    /// Draws the ids of mails and deliveries.
    pub random: Random,
    /// Whether heads are sent to a receiver of the operator's too.
    pub has_receiver: bool,
}

impl Maker {
    /// Goes on until told to stop.
    pub async fn keep_making(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if self.turn().await {
                continue;
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Makes what is due. Whether more may be due already.
    async fn turn(&self) -> bool {
        let now = self.clock.now();
        let due = self.store.scan(Scope::HOUSE, move |tx| audit::find_due_heads(tx, now, AT_ONCE)).await;
        let due = due.unwrap_or_else(|failure| {
            self.store.tell(&failure, "heads of audit logs that are due could not be looked for");
            Vec::new()
        });
        let is_full = due.len() as i64 == AT_ONCE;
        let mut has_made = false;
        for (tenant, due_at) in due {
            let began = Instant::now();
            match self.make(tenant, due_at).await {
                Ok(()) => has_made = true,
                Err(failure) => self.store.tell(&failure, "the head of an audit log was not made; it is tried again"),
            }
            if self.store.stats().waiting > 0 {
                tokio::time::sleep(rest(began.elapsed())).await;
            }
        }
        is_full && has_made
    }

    async fn make(&self, tenant: TenantId, due_at: Timestamp) -> Result<()> {
        let now = self.clock.now();
        let (signer, id, has_receiver) = (self.signer.clone(), self.random.uuid(now), self.has_receiver);
        let verb = move |tx: &mut Tx<'_>| make(tx, (tenant, due_at), &signer, (id, has_receiver), now);
        self.store.write(Scope::of(tenant), verb).await
    }
}

/// Makes the head of a tenant, unless another process has made it or nothing was sealed since the last one.
fn make(
    tx: &mut Tx<'_>,
    (id, due_at): (TenantId, Timestamp),
    signer: &Signer,
    (message, has_receiver): (Uuid, bool),
    now: Timestamp,
) -> Result<()> {
    let Some(tenant) = tenants::find_by_id(tx, id)? else {
        return audit::put_off_head(tx, id, now.plus_seconds(SUSPENDED_SECONDS));
    };
    let (before, records_before) = rows::last(tx, id)?;
    let newest = audit::newest_link(tx, id)?.filter(|link| link.number > before);
    let counted = match &newest {
        Some(link) => records_before + audit::count_sealed(tx, id, before, link.number)?,
        None => 0,
    };
    if !audit::take_due_head(tx, id, due_at)? {
        return Ok(());
    }
    let Some(link) = newest else { return Ok(()) };
    let head = Head { number: link.number, hash: link.hash, records: counted, at: now.to_string() };
    let kept = Kept {
        number: head.number,
        records: head.records,
        note: signer.sign(&format!("{}/audit", tenant.name), &head.lines())?,
        made_at: now,
        sent_at: None,
    };
    rows::insert(tx, id, &kept, has_receiver.then_some(now))?;
    send_out(tx, &tenant, &head, &kept, message)
}

/// The ways out that are queues of other rooms.
fn send_out(tx: &mut Tx<'_>, tenant: &Tenant, head: &Head, kept: &Kept, message: Uuid) -> Result<()> {
    letter::queue(tx, tenant, kept, message)?;
    let data = json!({
        "tenant": tenant.name,
        "number": head.number,
        "hash": hex(&head.hash),
        "records": head.records,
        "note": kept.note,
    });
    webhooks::tell_head(tx, tenant.id, (head.number, message), &data, kept.made_at)
}
