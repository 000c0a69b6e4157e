//! Users whose link an incident holds: they get it by no other door.

use uuid::Uuid;

use super::ask::Ask;
use super::incidents::{self, Incident};
use super::target::{Found, Target};
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::store::Tx;

/// The incidents that hold the users of some requests.
pub(super) struct Holds(Vec<(TenantId, Incident)>);

impl Holds {
    /// Reads them; where nobody is held nothing is read.
    pub(super) fn of(tx: &mut Tx<'_>, asks: &[Ask], found: &[Found]) -> Result<Self> {
        let mut holds = Vec::new();
        for (ask, target) in asks.iter().zip(found) {
            let Some(held_by) = target.as_ref().and_then(|target| target.held_by) else { continue };
            let found = incidents::find_each(tx, ask.tenant, std::iter::once(held_by))?;
            holds.extend(found.into_iter().map(|incident| (ask.tenant, incident)));
        }
        Ok(Self(holds))
    }

    /// Refuses a link for a user whom an incident holds. One that was cancelled holds against strangers alone.
    pub(super) fn check(&self, tenant: TenantId, target: &Target) -> Result<()> {
        let is_holder = |(of, incident): &&(TenantId, Incident)| *of == tenant && Some(incident.id) == target.held_by;
        match self.0.iter().find(is_holder) {
            Some((_, incident)) if !incident.is_cancelled => Err(refusal(&target.email, incident)),
            _ => Ok(()),
        }
    }
}

/// As [`Holds::check`] for one user.
pub(super) fn check(tx: &mut Tx<'_>, tenant: TenantId, email: &str, held_by: Option<Uuid>) -> Result<()> {
    let found = incidents::find_each(tx, tenant, held_by.into_iter())?;
    found.iter().find(|incident| !incident.is_cancelled).map_or(Ok(()), |incident| Err(refusal(email, incident)))
}

fn refusal(email: &str, incident: &Incident) -> Error {
    Error::conflict(format!(
        "The mail to {email} is held by the incident \u{201c}{}\u{201d}. Release it there: tenantry incident release {}.",
        incident.name, incident.id
    ))
}
