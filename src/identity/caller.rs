//! Who calls, and how they proved it.

use std::net::IpAddr;
use std::sync::Arc;

use uuid::Uuid;

use super::tenant::TenantId;
use crate::access::Rights;
use crate::clock::Timestamp;

/// The number of a user inside its tenant. Never shown, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub i64);

/// The holder of a credential, as found by one look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The tenant.
    pub tenant: TenantId,
    /// The tenant's revision, by which a cached tenant is known to be current.
    pub tenant_revision: i64,
    /// The user, with this credential.
    pub caller: Arc<Caller>,
    /// When the credential expires.
    pub expires_at: Timestamp,
}

/// What the last look-up of this credential found. It may be stale, so an operation that uses it reads the same facts
/// again in its own first query and returns `Outdated` if they differ.
#[derive(Debug, PartialEq, Eq)]
pub struct Presumed {
    /// The hash of the secret.
    pub secret_hash: [u8; 32],
    /// The result of the last look-up.
    pub bearer: Bearer,
}

/// The maker of a call, and their proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user: UserId,
    /// Their email, as shown.
    pub email: String,
    /// The credential or session that the call carried.
    pub proof: Proof,
    /// The user's rights.
    pub rights: Arc<Rights>,
    /// When they last proved who they are; none for a credential.
    pub proved_at: Option<Timestamp>,
}

/// For how long a proof is fresh (decision 0039).
const FRESH_SECONDS: i64 = 15 * 60;

impl Caller {
    /// Whether they have proved a moment ago who they are. A credential is not asked.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        match &self.proof {
            Proof::Credential(_) => true,
            Proof::Session(_) => self.proved_at.is_some_and(|at| at.lasts(FRESH_SECONDS, now)),
        }
    }

    /// The actor for the audit records of a request.
    pub fn actor(&self, address: IpAddr, request_id: Uuid) -> Actor {
        let credential = match &self.proof {
            Proof::Credential(name) => Some(name.clone()),
            Proof::Session(_) => None,
        };
        Actor { user: Some(self.user), name: self.email.clone(), credential, address, request_id }
    }
}

/// How a caller proved their identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// An API credential, by name.
    Credential(String),
    /// A session of a browser, by the hash of its secret.
    Session(Vec<u8>),
}

/// The author of an action, in a form that outlives the user's row.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The user, if there is one.
    pub user: Option<UserId>,
    /// Their email, or `anonymous`, or the part of the house that acted.
    pub name: String,
    /// The name of the API credential, if one was used.
    pub credential: Option<String>,
    /// The client's address.
    pub address: IpAddr,
    /// The id of the request. It is the key of the audit record, so there can be only one.
    pub request_id: Uuid,
}

impl Actor {
    /// How the records of another tenant name a user of the operators' tenant: no user and no credential of that tenant.
    #[must_use]
    pub fn as_operator(&self) -> Self {
        let name = if self.user.is_some() { format!("operator {}", self.name) } else { self.name.clone() };
        Self { user: None, name, credential: None, ..self.clone() }
    }
}
