//! All that a handler gets.

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

/// Headers whose values are kept with what a call does.
const KEPT_HEADERS: [&str; 1] = ["idempotency-key"];

/// What is known of a request before its body is read.
pub struct Head {
    /// The method.
    pub method: Method,
    /// The host that it is for.
    pub host: Host,
    /// The path as routed.
    pub path: Arc<str>,
    /// What follows the question mark.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// What the path says for each `{name}` of the operation.
    pub params: Vec<(String, String)>,
    /// Where the call comes from; forwarded by configured proxies only.
    pub address: IpAddr,
    /// The id of the request; also the key of its audit record.
    pub request_id: Uuid,
    /// The present moment, read once.
    pub now: Timestamp,
    /// A write that has not begun by then does not begin.
    pub deadline: Instant,
}

impl Head {
    /// A header as text; none if it is absent or not text.
    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What the path says for `{name}`.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(param, _)| param == name).map(|(_, value)| value.as_str())
    }

    /// Refuses what no text may hold, in the query and in the headers whose values are kept. A page reads
    /// nothing of its query: what programs on the way have put there must not keep its reader out.
    ///
    /// # Errors
    /// `Invalid`, by the name of the parameter or header.
    pub(super) fn check_texts(&self, operation: &Operation) -> Result<()> {
        for name in KEPT_HEADERS {
            let is_text = |value: &http::HeaderValue| value.to_str().is_ok_and(|text| text::check(name, text).is_ok());
            if !self.headers.get_all(name).iter().all(is_text) {
                return Err(Error::invalid(format!("The header {name} holds something other than printing ASCII.")));
            }
        }
        if operation.is_page { Ok(()) } else { pairs::check(&self.query) }
    }

    /// The values of a cookie, without quotes. There may be several: another host of our domain may set one of the same
    /// name. What stands beside them belongs to others, who may write any bytes there (RFC 6265 § 5.4 asks for none).
    pub fn cookies(&self, name: &str) -> impl Iterator<Item = &str> {
        let lines = self.headers.get_all(header::COOKIE).iter().map(http::HeaderValue::as_bytes);
        let pairs = lines.flat_map(|line| line.split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
        pairs.filter_map(move |pair| {
            let value = std::str::from_utf8(pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?).ok()?;
            Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
        })
    }
}

/// Whom the gate let in.
#[derive(Default, Clone)]
pub struct Admitted {
    /// The tenant of the call.
    pub tenant: Option<Arc<Tenant>>,
    /// Who calls.
    pub caller: Option<Arc<Caller>>,
    /// Set where the caller is only taken for who they were when last looked up: then the verb of the operation
    /// confirms it, or answers with [`Error::outdated`].
    pub presumed: Option<Arc<Presumed>>,
}

/// Who tried what, for the record of its refusal.
pub struct Trace {
    /// In which tenant.
    pub tenant: TenantId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub caller: Arc<Caller>,
    /// From where.
    pub address: IpAddr,
    /// The request.
    pub request_id: Uuid,
    /// The path.
    pub subject: Arc<str>,
    /// The id of the operation.
    pub operation: &'static str,
}

/// Why a call was not let in, and who tried, as far as that is known.
pub struct Refusal {
    /// The sentence for the caller.
    pub error: Error,
    /// Whom the gate would have let in elsewhere.
    pub admitted: Admitted,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error, admitted: Admitted::default() }
    }
}

/// The gate's answer, on its way.
pub type Admission<'g> = Pin<Box<dyn Future<Output = Result<Admitted, Refusal>> + Send + 'g>>;

/// Decides who is calling and whether they may.
pub trait Gate: Send + Sync {
    /// Finds who is calling, or refuses the call as `Unauthenticated`.
    fn identify<'g>(&'g self, head: &'g Head, operation: &'g Operation) -> Admission<'g>;

    /// Whether they may do this in the namespace in which the call acts.
    ///
    /// # Errors
    /// `Forbidden`; `Unauthenticated` where nobody is known; `NotFound` for a namespace that is not there for them.
    fn judge(&self, head: &Head, operation: &Operation, namespace: &Namespace, admitted: &Admitted) -> Result<()>;

    /// Lets a call in at once, as its caller was when last looked up, where the operation confirms it; none when
    /// [`Gate::identify`] and [`Gate::judge`] must be asked.
    fn presume(&self, head: &Head, operation: &Operation, namespace: &Namespace) -> Option<Admitted>;

    /// The tenant whose name the page of an error carries, where host or session tell.
    fn tenant(&self, head: &Head) -> Option<Arc<Tenant>>;

    /// What a record of a refusal would tell; none when nobody is known.
    fn trace(&self, head: &Head, operation: &Operation, admitted: &Admitted) -> Option<Trace>;

    /// Keeps a record of a refusal that matters, unless the one who refused has kept one.
    fn record_refusal(&self, trace: Trace) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// One request on its way through a handler.
pub struct Call {
    /// The request without its body.
    pub head: Arc<Head>,
    /// The namespace in which it acts: the one in which the gate has judged.
    pub namespace: Namespace,
    /// The body; within the operation's bound.
    pub body: Bytes,
    /// Whether the body is a form, from a page.
    pub is_form: bool,
    /// The store.
    pub store: Store,
    /// The source of random bytes.
    pub random: Random,
    /// Whom the gate let in.
    pub admitted: Admitted,
    /// The id of the operation.
    pub operation: &'static str,
    /// Every operation, for those that tell of them.
    pub table: Arc<[Operation]>,
}

impl Call {
    /// The present moment, the same for everything that the call does.
    pub fn now(&self) -> Timestamp {
        self.head.now
    }

    /// The tenant of the call.
    ///
    /// # Errors
    /// `Invalid` when neither host nor credential tells: only on a bare host without a credential.
    pub fn tenant(&self) -> Result<&Arc<Tenant>> {
        self.admitted.tenant.as_ref().ok_or_else(|| {
            Error::invalid("This address serves several tenants. Use the address of yours, such as TENANT.the-address.")
                .told(Told::SeveralTenants)
        })
    }

    /// Who calls.
    ///
    /// # Errors
    /// `Unauthenticated` on an open operation to which nobody signed in.
    pub fn caller(&self) -> Result<&Arc<Caller>> {
        self.admitted.caller.as_ref().ok_or_else(|| Error::unauthenticated("Sign in first."))
    }

    /// Who to write into records.
    pub fn actor(&self) -> Actor {
        let (address, request_id) = (self.head.address, self.head.request_id);
        match &self.admitted.caller {
            Some(caller) => caller.actor(address, request_id),
            None => Actor { user: None, name: "anonymous".into(), credential: None, address, request_id },
        }
    }

    /// The tenant's rows, until the call's deadline.
    ///
    /// # Errors
    /// As [`Call::tenant`].
    pub fn scope(&self) -> Result<Scope> {
        Ok(Scope { tenant: Some(self.tenant()?.id), deadline: Some(self.head.deadline) })
    }

    /// What the path says for `{name}`; empty if it has no such part.
    pub fn param(&self, name: &str) -> &str {
        self.head.param(name).unwrap_or_default()
    }

    /// The first value of a query parameter that the row of the operation declares. What no text may hold was refused
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

    /// Whether the reader is a browser that wants a page.
    pub fn wants_page(&self) -> bool {
        self.is_form || self.head.header(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
    }

    /// The language to speak: what the browser asks for, else the tenant's.
    pub fn language(&self) -> Language {
        let asked = self.head.header(header::ACCEPT_LANGUAGE).and_then(Language::from_accept_language);
        let tenants = self.admitted.tenant.as_ref().and_then(|tenant| Language::from_tag(&tenant.settings.language));
        asked.or(tenants).unwrap_or_default()
    }
}
