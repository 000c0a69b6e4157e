//! Those who come with a token, as the store knows them.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::credentials::{self, Bearer};
use crate::error::Result;
use crate::identity::{Caller, Proof, TenantId};
use crate::store::Tx;

/// A bearer as the store knows one, with a tenant that is perhaps known here.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) tenant: TenantId,
    pub(super) tenant_revision: i64,
    pub(super) caller: Arc<Caller>,
    pub(super) expires_at: Timestamp,
}

/// Those who hold the tokens of these hashes.
pub(super) fn look_up(tx: &mut Tx<'_>, hashes: &[[u8; 32]]) -> Result<Vec<Option<Found>>> {
    let bearers = credentials::find_bearers(tx, hashes)?;
    Ok(bearers.into_iter().map(|bearer| bearer.map(Found::from)).collect())
}

impl From<Bearer> for Found {
    fn from(bearer: Bearer) -> Self {
        let Bearer { tenant, tenant_revision, user, email, credential, expires_at, rights } = bearer;
        let caller = Caller { user, email, proof: Proof::Credential(credential), rights: Arc::new(rights) };
        Self { tenant, tenant_revision, caller: Arc::new(caller), expires_at }
    }
}
