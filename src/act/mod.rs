//! One call as a verb needs it, and the question of rank that most verbs begin with.

#[cfg(test)]
pub(crate) mod rig;

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::access::{Rights, may_touch};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::Call;
use crate::identity::{Actor, Caller, Tenant};
use crate::people::{self, User};
use crate::store::Tx;

/// Who acts, for which tenant, and when.
#[derive(Debug, Clone)]
pub struct Act {
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// Who calls, with what they may do.
    pub caller: Arc<Caller>,
    /// The same for the record.
    pub actor: Actor,
    /// The moment of the call.
    pub now: Timestamp,
    /// The act on many users that this one is a part of; its records name it.
    pub part_of: Option<Uuid>,
}

impl Act {
    /// The act of a call that the gate let in.
    ///
    /// # Errors
    /// `Unauthenticated` when nobody signed in, `Invalid` when no tenant is known.
    pub fn of(call: &Call) -> Result<Self> {
        Ok(Self {
            tenant: Arc::clone(call.tenant()?),
            caller: Arc::clone(call.caller()?),
            actor: call.actor(),
            now: call.now(),
            part_of: None,
        })
    }

    /// Leaves the one record of an accepted act in its transaction.
    ///
    /// # Errors
    /// Those of the store.
    pub fn record(&self, tx: &mut Tx<'_>, action: &str, subject: &str, mut facts: Value) -> Result<()> {
        if let Some(bulk) = self.part_of {
            facts["bulk"] = json!(bulk);
        }
        let (tenant, at, actor) = (self.tenant.id, self.now, &self.actor);
        audit::record_of_user(tx, &Event { tenant, at, action, outcome: Outcome::Accepted, actor, subject, facts })
    }

    /// What the caller may do in this transaction, by the token of the call. The gate looked before it began: of two who take each other's access at
    /// the same moment, the second one has none any more.
    ///
    /// # Errors
    /// `Unauthenticated` when the caller was removed or disabled since.
    pub fn rights_now(&self, tx: &mut Tx<'_>) -> Result<Rights> {
        let (tenant, caller) = (self.tenant.id, self.caller.user);
        let is_there = people::find_by_id(tx, tenant, caller)?.is_some_and(|user| user.disabled_at.is_none());
        if is_there {
            let rights = people::rights_of(tx, tenant, caller)?;
            return Ok(rights.narrowed(self.caller.rights.narrowing().cloned()));
        }
        Err(Error::unauthenticated("Your access was ended at this moment. Nothing was changed."))
    }

    /// Refuses a caller who is no owner of the tenant. The role of an owner alone does not do: a former owner keeps it.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn require_owner(&self, tx: &mut Tx<'_>) -> Result<()> {
        let caller = people::find_by_id(tx, self.tenant.id, self.caller.user)?;
        match caller {
            Some(caller) if caller.owner_since.is_some() && caller.disabled_at.is_none() => Ok(()),
            _ => Err(Error::forbidden("Only an owner of this tenant may do this. Ask one of its owners.")),
        }
    }

    /// Refuses an act on another user who may do more than the caller may.
    ///
    /// # Errors
    /// `Forbidden`, with the right that is missing and its namespace.
    pub fn outrank(&self, tx: &mut Tx<'_>, target: &User) -> Result<()> {
        let mine = self.rights_now(tx)?;
        // By a narrowed token even its own user is someone of more rights.
        if target.id == self.caller.user && !mine.is_narrowed() {
            return Ok(());
        }
        let theirs = people::rights_of(tx, self.tenant.id, target.id)?;
        may_touch(&mine, &theirs, target.owner_since.is_some()).map_err(|missing| {
            Error::forbidden(format!(
                "{} has the right {} in the namespace {}, which you do not have. Ask someone who has it.{}",
                target.email,
                missing.group,
                missing.namespace,
                mine.note()
            ))
        })
    }
}
