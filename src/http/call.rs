//! Everything that a handler receives.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, Method, header};
use uuid::Uuid;

use super::host::Host;
use super::namespace::Namespace;
use super::operation::Operation;
use super::pairs::{self, pairs};
use crate::clock::Timestamp;
use crate::error::{Error, Result, Told};
use crate::identity::{Actor, Caller, Presumed, Tenant, TenantId};
use crate::language::Language;
use crate::random::Random;
use crate::store::{Scope, Store};
use crate::text;

/// Headers whose values are stored with the call's result.
const KEPT_HEADERS: [&str; 1] = ["idempotency-key"];

/// What is known of a request before its body is read.
pub struct Head {
    /// The method.
    pub method: Method,
    /// The host that the request names.
    pub host: Host,
    /// The path as routed.
    pub path: Arc<str>,
    /// The query, without the question mark.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The path's value for each `{name}` of the operation.
    pub params: Vec<(String, String)>,
    /// The client's address. Forwarding headers count only when they come from a configured proxy.
    pub address: IpAddr,
    /// The id of the request; also the key of its audit record.
    pub request_id: Uuid,
    /// The present time, read once for the whole request.
    pub now: Timestamp,
    /// A write that has not begun by this time is not begun.
    pub deadline: Instant,
}

impl Head {
    /// A header as text; `None` if it is absent or is not text.
    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The path's value for `{name}`.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(param, _)| param == name).map(|(_, value)| value.as_str())
    }

    /// Refuses characters that no text may hold, in the query and in the headers whose values are stored. The query of
    /// a page is exempt: mail programs append what they like to a link, and pages ignore it.
    ///
    /// # Errors
    /// `Invalid`, with the name of the parameter or header.
    pub(super) fn check_texts(&self, operation: &Operation) -> Result<()> {
        for name in KEPT_HEADERS {
            let is_text = |value: &http::HeaderValue| value.to_str().is_ok_and(|text| text::check(name, text).is_ok());
            if !self.headers.get_all(name).iter().all(is_text) {
                return Err(Error::invalid(format!("The header {name} holds something other than printing ASCII.")));
            }
        }
        if operation.is_page { Ok(()) } else { pairs::check(&self.query) }
    }

    /// All values of a cookie, without quotes. There may be several, since another host of our domain can set a cookie
    /// of the same name. Other cookies in the header may hold any bytes (RFC 6265 § 5.4 allows them).
    pub fn cookies(&self, name: &str) -> impl Iterator<Item = &str> {
        let lines = self.headers.get_all(header::COOKIE).iter().map(http::HeaderValue::as_bytes);
        let pairs = lines.flat_map(|line| line.split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
        pairs.filter_map(move |pair| {
            let value = std::str::from_utf8(pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?).ok()?;
            Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
        })
    }
}

/// The caller as the gate admitted them.
#[derive(Default, Clone)]
pub struct Admitted {
    /// The tenant of the call.
    pub tenant: Option<Arc<Tenant>>,
    /// The caller; none on an open operation without a credential.
    pub caller: Option<Arc<Caller>>,
    /// Set when the gate admitted the caller from an earlier look-up. The operation's verb must then check it again,
    /// and answer [`Error::outdated`] if it no longer holds.
    pub presumed: Option<Arc<Presumed>>,
}

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

/// One request, as its handler receives it.
pub struct Call {
    /// The request without its body.
    pub head: Arc<Head>,
    /// The namespace in which the call acts, which is the one that the gate has judged.
    pub namespace: Namespace,
    /// The body, no longer than the operation's bound.
    pub body: Bytes,
    /// Whether the body is a page's form.
    pub is_form: bool,
    /// The store.
    pub store: Store,
    /// The source of random bytes.
    pub random: Random,
    /// The caller as the gate admitted them.
    pub admitted: Admitted,
    /// The id of the operation.
    pub operation: &'static str,
    /// Every operation, for the one that describes them all.
    pub table: Arc<[Operation]>,
}

impl Call {
    /// The present time, the same throughout the call.
    pub fn now(&self) -> Timestamp {
        self.head.now
    }

    /// The tenant of the call.
    ///
    /// # Errors
    /// `Invalid` when neither host nor credential names a tenant: on a bare host without a credential.
    pub fn tenant(&self) -> Result<&Arc<Tenant>> {
        self.admitted.tenant.as_ref().ok_or_else(|| {
            Error::invalid("This address serves several tenants. Use the address of yours, such as TENANT.the-address.")
                .told(Told::SeveralTenants)
        })
    }

    /// The caller.
    ///
    /// # Errors
    /// `Unauthenticated` on an open operation that was called without a credential.
    pub fn caller(&self) -> Result<&Arc<Caller>> {
        self.admitted.caller.as_ref().ok_or_else(|| Error::unauthenticated("Sign in first."))
    }

    /// The actor for audit records.
    pub fn actor(&self) -> Actor {
        let (address, request_id) = (self.head.address, self.head.request_id);
        match &self.admitted.caller {
            Some(caller) => caller.actor(address, request_id),
            None => Actor { user: None, name: "anonymous".into(), credential: None, address, request_id },
        }
    }

    /// Access to the tenant's rows until the call's deadline.
    ///
    /// # Errors
    /// As [`Call::tenant`].
    pub fn scope(&self) -> Result<Scope> {
        Ok(Scope { tenant: Some(self.tenant()?.id), deadline: Some(self.head.deadline) })
    }

    /// The path's value for `{name}`; empty if the path has no such part.
    pub fn param(&self, name: &str) -> &str {
        self.head.param(name).unwrap_or_default()
    }

    /// The first value of a query parameter that the operation's row declares. Forbidden characters were refused
    /// before.
    pub fn query(&self, name: &str) -> Option<String> {
        debug_assert!(self.may_read(name), "the row of {} does not say that it reads {name}", self.operation);
        let found = pairs(self.head.query.as_bytes()).filter_map(Result::ok).find(|(key, _)| key == name);
        found.map(|(_, value)| value)
    }

    fn may_read(&self, name: &str) -> bool {
        let row = self.table.iter().find(|row| row.id == self.operation);
        row.is_none_or(|row| row.reads(name))
    }

    /// Whether the client is a browser that wants a page.
    pub fn wants_page(&self) -> bool {
        self.is_form || self.head.header(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
    }

    /// The language of the answer: the browser's preference, otherwise the tenant's.
    pub fn language(&self) -> Language {
        let asked = self.head.header(header::ACCEPT_LANGUAGE).and_then(Language::from_accept_language);
        let tenants = self.admitted.tenant.as_ref().and_then(|tenant| Language::from_tag(&tenant.settings.language));
        asked.or(tenants).unwrap_or_default()
    }
}
