//! Everything that a handler receives.

use std::sync::Arc;

use bytes::Bytes;
use http::header;

use super::contents::Contents;
use super::head::Head;
use super::namespace::Namespace;
use super::pairs::pairs;
use crate::clock::Timestamp;
use crate::error::{Error, Result, Told};
use crate::identity::{Actor, Caller, Presumed, Tenant};
use crate::language::Language;
use crate::random::Random;
use crate::store::{Scope, Store};

/// How records name an actor by the command line of the machine.
const LOCAL: &str = "command line";

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
    /// What the table of operations says to clients, and what each row declares.
    pub contents: Arc<Contents>,
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
            None => {
                let name = if self.head.is_local { LOCAL } else { "anonymous" };
                Actor { user: None, name: name.into(), credential: None, address, request_id }
            }
        }
    }

    /// Access to the tenant's rows until the call's deadline.
    ///
    /// # Errors
    /// As [`Call::tenant`].
    pub fn scope(&self) -> Result<Scope> {
        Ok(Scope::of(self.tenant()?.id).until(self.head.deadline))
    }

    /// The path's value for `{name}`; empty if the path has no such part.
    pub fn param(&self, name: &str) -> &str {
        self.head.param(name).unwrap_or_default()
    }

    /// The first value of a query parameter that the operation's row declares. Forbidden characters were refused
    /// before.
    pub fn query(&self, name: &str) -> Option<String> {
        let (contents, operation) = (&self.contents, self.operation);
        debug_assert!(contents.declares(operation, name), "the row of {operation} does not say that it reads {name}");
        let found = pairs(self.head.query.as_bytes()).filter_map(Result::ok).find(|(key, _)| key == name);
        found.map(|(_, value)| value)
    }

    /// Whether the client is a browser that wants a page.
    pub fn wants_page(&self) -> bool {
        self.is_form || self.head.header(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
    }

    /// The language of the answer: the browser's preference, otherwise the tenant's.
    pub fn language(&self) -> Language {
        let asked = self.head.header(header::ACCEPT_LANGUAGE).and_then(Language::from_accept_language);
        let tenants =
            self.admitted.tenant.as_ref().and_then(|tenant| Language::from_tag(&tenant.settings.brand.language));
        asked.or(tenants).unwrap_or_default()
    }
}
