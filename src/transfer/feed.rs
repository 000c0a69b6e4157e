//! From where the chunks of an import come: from a caller who sends them, or from a file that a server reads by the rights of who
//! uploaded it. The verbs are the same.

use std::sync::Arc;
use std::time::Instant;

use uuid::Uuid;

use crate::act::Act;
use crate::authority::Authority;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::http::Call;
use crate::identity::Tenant;
use crate::random::Random;
use crate::store::{Scope, Store, Tx};

/// By whose rights rows are judged and carried out.
#[derive(Clone)]
pub(super) enum Who {
    /// The caller.
    Caller(Act),
    /// Who asked for it, by what they may do at this moment.
    Kept(Box<Kept>),
}

/// Who asked for what a server goes on with.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) authority: Authority,
    pub(super) tenant: Arc<Tenant>,
    /// The id of a record that such an act leaves.
    pub(super) record: Uuid,
    pub(super) now: Timestamp,
}

impl Who {
    /// The act in this transaction.
    ///
    /// # Errors
    /// As [`Authority::act`], where nobody calls.
    pub(super) fn act(&self, tx: &mut Tx<'_>) -> Result<Act> {
        match self {
            Self::Caller(act) => Ok(act.clone()),
            Self::Kept(kept) => kept.authority.act(tx, &kept.tenant, kept.record, kept.now),
        }
    }

    pub(super) fn tenant(&self) -> &Arc<Tenant> {
        match self {
            Self::Caller(act) => &act.tenant,
            Self::Kept(kept) => &kept.tenant,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        match self {
            Self::Caller(act) => act.now,
            Self::Kept(kept) => kept.now,
        }
    }
}

/// What chunks are taken with.
#[derive(Clone)]
pub(super) struct Feed {
    pub(super) store: Store,
    pub(super) random: Random,
    pub(super) scope: Scope,
    pub(super) who: Who,
    /// When the chunk is left as far as it is done.
    pub(super) until: Instant,
}

impl Feed {
    /// That of a call.
    ///
    /// # Errors
    /// As [`Act::of`].
    pub(super) fn of(call: &Call) -> Result<Self> {
        Ok(Self {
            store: call.store.clone(),
            random: call.random.clone(),
            scope: call.scope()?,
            who: Who::Caller(Act::of(call)?),
            until: call.head.deadline,
        })
    }
}
