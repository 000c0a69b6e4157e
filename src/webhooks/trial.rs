//! Sending a ping on demand. The call waits for the receiver, so few of them may be under way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use uuid::Uuid;

use super::api::Webhooks;
use super::rows::{self, Webhook};
use super::send::{Came, Message, ping, send};
use crate::act::Act;
use crate::error::{Error, Kind, Result};
use crate::http::Call;
use crate::identity::TenantId;

/// Of one tenant, and of all.
const OF_TENANT_MAX: usize = 2;
const ALL_MAX: usize = 16;

/// The trials that are under way.
#[derive(Clone, Default)]
pub(super) struct Trials(Arc<Mutex<BTreeMap<TenantId, usize>>>);

/// One that is under way, until it is dropped.
struct Begun {
    trials: Trials,
    tenant: TenantId,
}

impl Trials {
    fn held(&self) -> MutexGuard<'_, BTreeMap<TenantId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, tenant: TenantId) -> Result<Begun> {
        let mut held = self.held();
        let own = held.get(&tenant).copied().unwrap_or_default();
        if own >= OF_TENANT_MAX || held.values().sum::<usize>() >= ALL_MAX {
            let kind = Kind::TooMany { retry_after_seconds: 15 };
            return Err(Error::new(kind, "Other webhooks are being tested. Try again in a few seconds."));
        }
        held.insert(tenant, own + 1);
        Ok(Begun { trials: self.clone(), tenant })
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let mut held = self.trials.held();
        match held.get(&self.tenant).copied().unwrap_or_default() {
            0 | 1 => _ = held.remove(&self.tenant),
            count => _ = held.insert(self.tenant, count - 1),
        }
    }
}

/// Sends a ping now, whether the webhook is on or off, and leaves the record of it.
///
/// # Errors
/// `NotFound`; `TooMany` where others are under way.
pub(super) async fn test(webhooks: &Webhooks, call: &Call, id: Uuid) -> Result<Came> {
    let (act, scope) = (Act::of(call)?, call.scope()?);
    let tenant = act.tenant.id;
    let webhook = call.store.read(scope, |tx| rows::get(tx, tenant, id))?;
    let _begun = webhooks.trials.begin(tenant)?;
    let ping_id = call.random.uuid(act.now);
    let body = ping(&act.tenant, id, act.now)?;
    let message = Message { tenant: &act.tenant, webhook: &webhook, id: ping_id, body };
    let came = send(&webhooks.outbound, &webhooks.keys, &webhooks.clock, message).await;
    let (status, Webhook { name, .. }) = (came.status, webhook);
    let facts = json!({ "webhook": id, "status": status });
    call.store.write(scope, move |tx| act.record(tx, "webhook.test", &name, facts.clone())).await?;
    Ok(came)
}
