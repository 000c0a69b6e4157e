//! What this floor asks of the gate: the caller, and whether they may.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use uuid::Uuid;

use super::call::Admitted;
use super::head::Head;
use super::namespace::Namespace;
use super::operation::Operation;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Caller, Tenant, TenantId};

/// The facts of a refused attempt, for its audit record.
pub struct Trace {
    /// The tenant.
    pub tenant: TenantId,
    /// The time of the request.
    pub at: Timestamp,
    /// The caller.
    pub caller: Arc<Caller>,
    /// The client's address.
    pub address: IpAddr,
    /// The id of the request.
    pub request_id: Uuid,
    /// The path.
    pub subject: Arc<str>,
    /// The id of the operation.
    pub operation: &'static str,
}

/// Why a call was refused, and its caller as far as known.
pub struct Refusal {
    /// The error for the client.
    pub error: Error,
    /// The caller whom the gate had found before it refused.
    pub admitted: Admitted,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error, admitted: Admitted::default() }
    }
}

/// The gate's answer, as a future.
pub type Admission<'g> = Pin<Box<dyn Future<Output = Result<Admitted, Refusal>> + Send + 'g>>;

/// Finds the caller and judges whether they may make the call.
pub trait Gate: Send + Sync {
    /// Finds the caller, or refuses the call as `Unauthenticated`.
    fn identify<'g>(&'g self, head: &'g Head, operation: &'g Operation) -> Admission<'g>;

    /// Judges whether the caller may do this in the namespace in which the call acts.
    ///
    /// # Errors
    /// `Forbidden`; `Unauthenticated` without a caller; `NotFound` for a namespace that does not exist for this caller.
    fn judge(&self, head: &Head, operation: &Operation, namespace: &Namespace, admitted: &Admitted) -> Result<()>;

    /// Admits a call at once from an earlier look-up of its credential, if the operation confirms its caller. `None`
    /// means that [`Gate::identify`] and [`Gate::judge`] must be asked.
    fn presume(&self, head: &Head, operation: &Operation, namespace: &Namespace) -> Option<Admitted>;

    /// The tenant whose name an error page carries, if host or session tell it.
    fn tenant(&self, head: &Head) -> Option<Arc<Tenant>>;

    /// The facts for the record of a refusal; none without a known caller.
    fn trace(&self, head: &Head, operation: &Operation, admitted: &Admitted) -> Option<Trace>;

    /// Records a refusal that matters, unless the refusing room has recorded it already.
    fn record_refusal(&self, trace: Trace) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}
