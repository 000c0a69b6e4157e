//! What stands before the users in a file of evidence.

use serde_json::json;

use super::super::state::State;
use super::Writing;
use crate::error::Result;
use crate::evidence::{Emails, Header, Shared};
use crate::terms::Word as _;

impl Writing {
    /// The first line.
    pub(super) fn header(&self) -> Result<Header> {
        let is_plain = self.emails() == Emails::Plain;
        let terms = &self.incident.terms;
        Ok(Header {
            evidence: 1,
            installation: self.signer.installation().into(),
            tenant: self.tenant.name.clone(),
            tenant_id: self.tenant.id.0,
            incident: self.incident.id,
            name: is_plain.then(|| terms.name.clone()),
            terms: is_plain.then(|| json!(terms)),
            state: State::of(&self.incident, self.now).word().into(),
            emails: self.emails(),
            made_at: self.now,
            key: self.signer.verifier(self.key)?.to_string(),
        })
    }

    /// What the records of the users share: the resets of the person by whose rights passwords end.
    pub(super) fn shared(&self) -> Result<Shared> {
        let by = self.incident.authority.actor(self.incident.run()?);
        let is_plain = self.emails() == Emails::Plain;
        Ok(Shared {
            action: "reset.request".into(),
            outcome: "accepted".into(),
            actor: self.hiding.name(&by.name),
            credential: by.credential.filter(|_| is_plain),
            address: if is_plain { by.address.to_string() } else { String::new() },
        })
    }
}
