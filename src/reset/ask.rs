//! What is asked when a reset is requested, and its answer.

use std::sync::Arc;

use uuid::Uuid;

use super::named::Named;
use super::rows::Kind;
use super::rules::Rules;
use crate::access::Rights;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, Presumed, TenantId};
use crate::mail::address::Email;

/// One request for a reset.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The tenant.
    pub tenant: TenantId,
    /// The user's address.
    pub email: Email,
    /// The reason.
    pub kind: Kind,
    /// The actor.
    pub actor: Actor,
    /// Set if the caller is presumed and has to be confirmed.
    pub presumed: Option<Arc<Presumed>>,
    /// The caller's rights; `None` if the users ask for themselves.
    pub rights: Option<Arc<Rights>>,
    /// The id of the new reset.
    pub id: Uuid,
    /// The id of its mail.
    pub mail: Uuid,
    /// The key that makes its link.
    pub key: i64,
    /// The caller's `Idempotency-Key` with the meaning of the call.
    pub idempotency: Option<Named>,
    /// The tenant's settings.
    pub rules: Rules,
    /// The present time.
    pub now: Timestamp,
}

/// A reset that was requested, or that had been requested already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The reset.
    pub id: Uuid,
    /// Whether this repeats the answer of an earlier call with the same `Idempotency-Key`: nothing was done.
    pub is_replay: bool,
}

impl Ask {
    /// One that an incident makes for a user of this address. The reset, its mail and its record have the same id.
    pub(super) fn of_incident(
        tenant: TenantId,
        (id, email): (Uuid, &str),
        actor: &Actor,
        rules: Rules,
        (key, now): (i64, Timestamp),
    ) -> Result<Self> {
        Ok(Self {
            tenant,
            email: Email::parse(email)?,
            kind: Kind::Incident,
            actor: Actor { request_id: id, ..actor.clone() },
            presumed: None,
            rights: None,
            id,
            mail: id,
            key,
            idempotency: None,
            rules,
            now,
        })
    }

    /// When the link expires if its mail leaves at `leaves_at`.
    pub(super) fn expires_at(&self, leaves_at: Timestamp) -> Timestamp {
        leaves_at.plus_seconds(60 * self.rules.lifetime_minutes)
    }
}

/// The same for requests about the same user.
pub(super) fn key(ask: &Ask) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (ask.tenant, ask.email.key()).hash(&mut hasher);
    hasher.finish()
}
