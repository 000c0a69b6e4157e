//! By whose rights something is carried out while nobody calls: kept by the call that asked for it, and asked anew in each
//! transaction.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use uuid::Uuid;

use crate::access::Rights;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Actor, Caller, Proof, Tenant, UserId};
use crate::store::Tx;
use crate::{credentials, people, sessions};

/// A person who acts, with what they acted by.
#[derive(Debug, Clone)]
pub struct Authority {
    /// The user.
    pub user: UserId,
    /// The address, as it was then.
    pub name: String,
    /// The name of the token, if they acted by one.
    pub credential: Option<String>,
    /// The client's address.
    pub address: String,
    /// The epoch of their sessions: once it is over, so is what was begun by a session.
    pub session_epoch: i64,
}

impl Authority {
    /// That of a call.
    ///
    /// # Errors
    /// `Unauthenticated` when the session or the user has ended at this moment.
    pub fn of(tx: &mut Tx<'_>, act: &Act) -> Result<Self> {
        let ended = || Error::unauthenticated("Your access was ended at this moment. Nothing was changed.");
        let (tenant, caller) = (act.tenant.id, &act.caller);
        if let Proof::Session(hash) = &caller.proof {
            let hash = hash.as_slice().try_into().map_err(Error::internal)?;
            sessions::find_holder(tx, tenant, hash, act.now)?.ok_or_else(ended)?;
        }
        let user = people::find_by_id(tx, tenant, caller.user)?.ok_or_else(ended)?;
        Ok(Self {
            user: user.id,
            name: user.email,
            credential: act.actor.credential.clone(),
            address: act.actor.address.to_string(),
            session_epoch: user.session_epoch,
        })
    }

    /// What they may do at this moment, as an act whose record has this id.
    ///
    /// # Errors
    /// `Unauthenticated` when the user, the credential or the sessions of that time have ended.
    pub fn act(&self, tx: &mut Tx<'_>, tenant: &Arc<Tenant>, request_id: Uuid, now: Timestamp) -> Result<Act> {
        let ended = || Error::unauthenticated(format!("The access of {}, who asked for it, has ended.", self.name));
        let user = people::find_by_id(tx, tenant.id, self.user)?;
        let user = user.filter(|user| user.disabled_at.is_none()).ok_or_else(ended)?;
        let (proof, narrowing) = match &self.credential {
            Some(name) => {
                let narrowing = credentials::narrowing_of_alive(tx, tenant.id, (self.user, name), now)?;
                (Proof::Credential(name.clone()), narrowing)
            }
            None if user.session_epoch == self.session_epoch => (Proof::Session(Vec::new()), None),
            None => return Err(ended()),
        };
        // What they may do is read anew by each verb; of the rights here only the narrowing counts.
        let rights = Arc::new(Rights::default().narrowed(narrowing));
        let actor = Actor { name: user.email.clone(), ..self.actor(request_id) };
        let caller = Arc::new(Caller { user: self.user, email: user.email, proof, rights, proved_at: None });
        Ok(Act { tenant: Arc::clone(tenant), caller, actor, now, part_of: None })
    }

    /// The same for a record of this id.
    pub fn actor(&self, request_id: Uuid) -> Actor {
        let address = self.address.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let (name, credential) = (self.name.clone(), self.credential.clone());
        Actor { user: Some(self.user), name, credential, address, request_id }
    }
}
