//! The operator of the installation as the second person, where a tenant has nobody else who could agree. An operator sees no
//! record of a tenant, so that they say which plan they mean and how many users it names: the person who asks has told them.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::agree::{Witness, agreed, awaiting, declined, is_begun};
use super::begin::names_so_many;
use super::rows::{self, Incident};
use super::state::State;
use crate::access::{ADMIN_ROLE, SYSTEM};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Actor, Tenant};
use crate::people;
use crate::store::Tx;

/// An operator who acts on a tenant.
#[derive(Debug, Clone)]
pub struct ByOperator {
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// Who acts.
    pub actor: Actor,
    /// The moment of the call.
    pub now: Timestamp,
}

/// An incident as operators see it: what they have agreed to or declined.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OperatedIncident")]
pub struct Witnessed {
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    id: String,
    #[schemars(example = &"Leaked laptop backup")]
    name: String,
    state: State,
    /// Users whose passwords end.
    #[schemars(example = 9871)]
    users: i64,
    /// Who has asked for it.
    #[schemars(example = &"owner@example.com")]
    asked_by: String,
    agreed_at: Option<Timestamp>,
    #[schemars(example = &"operator ops@example.net")]
    agreed_by: Option<String>,
    /// Why it is over.
    #[schemars(example = &"The list holds last year's users.")]
    why: Option<String>,
}

impl Witnessed {
    fn new(incident: Incident, now: Timestamp) -> Self {
        Self {
            id: incident.id.to_string(),
            state: State::of(&incident, now),
            users: incident.planned.users(),
            name: incident.terms.name,
            asked_by: incident.authority.name,
            agreed_at: incident.agreed_at,
            agreed_by: incident.agreed_by,
            why: incident.why,
        }
    }
}

impl ByOperator {
    /// Agrees to a plan of so many users, and begins it in the same transaction. Asked again, nothing is done.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` for another plan or number, in another state, and where the access of the person who asked has ended;
    /// `Forbidden` while somebody in the tenant could agree.
    pub fn agree(&self, tx: &mut Tx<'_>, id: Uuid, (plan, users): (&[u8], i64)) -> Result<Witnessed> {
        let incident = rows::get(tx, self.tenant.id, id)?;
        let is_begun = is_begun(&incident, plan, self.now)?;
        names_so_many(&incident, users)?;
        let incident = match is_begun {
            true => incident,
            false => {
                self.require_nobody_else(tx, &incident)?;
                agreed(tx, incident, &self.witness())?
            }
        };
        Ok(Witnessed::new(incident, self.now))
    }

    /// Declines a plan that waits for a second person: it is over.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` in another state; `Forbidden` while somebody in the tenant could decline it.
    pub fn decline(&self, tx: &mut Tx<'_>, id: Uuid, why: &str) -> Result<Witnessed> {
        let incident = awaiting(tx, self.tenant.id, id, self.now)?;
        self.require_nobody_else(tx, &incident)?;
        declined(tx, incident, why, &self.witness()).map(|incident| Witnessed::new(incident, self.now))
    }

    fn witness(&self) -> Witness<'_> {
        let name = self.actor.as_operator().name;
        Witness { tenant: &self.tenant, actor: &self.actor, now: self.now, name }
    }

    /// Refuses an operator while another owner or, without one, another administrator of the tenant can sign in.
    fn require_nobody_else(&self, tx: &mut Tx<'_>, incident: &Incident) -> Result<()> {
        let (tenant, asker) = (self.tenant.id, incident.authority.user);
        let owners = people::local_owners(tx, tenant)?;
        if let Some(owner) = owners.iter().find(|owner| owner.id != asker) {
            return Err(Error::forbidden(format!(
                "{} is another owner of this tenant. Ask them to agree or to decline.",
                owner.email
            )));
        }
        match people::another_person_with_role(tx, tenant, (SYSTEM, ADMIN_ROLE), asker)? {
            Some(email) => Err(Error::forbidden(format!(
                "{email} has the role {ADMIN_ROLE} in {SYSTEM} of this tenant. Ask them to agree or to decline."
            ))),
            None => Ok(()),
        }
    }
}
