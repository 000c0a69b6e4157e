//! Who is calling, for which tenant, and may they. Asked once for each request, before its body is read.
//!
//! Nobody is let in by rights that are over: a credential that was revoked, a user who was disabled, a role
//! that was taken away ends with the next request. What was found counts until the next commit where nobody else
//! writes. Beyond that it is only presumed, for operations whose verb confirms it. A tenant is kept beside the revision
//! that every look-up brings along.

mod cookies;
mod local;
mod origin;
mod recent;
mod refusal;
mod tenants;
mod uses;

use std::pin::Pin;
use std::sync::Arc;

use http::header;

use self::origin::{check_named_tenant, check_origin};
use self::recent::{Known, Recent};
use self::refusal::record_refusal;
use self::tenants::Tenants;
use self::uses::Uses;
use crate::access::decide;
use crate::credentials::{self, Token};
use crate::dev::Dev;
use crate::error::{Error, Kind, Result};
use crate::http::{Admission, Admitted, Gate, Head, Namespace, Operation, Permission, Refusal, Trace};
use crate::identity::{Bearer, Presumed, Tenant, TenantId};
use crate::namespaces;
use crate::pages::told;
use crate::store::{Lookup, Scope, Store};
use crate::tenants::{find_by_id, suspended};

/// The gate of the house.
pub struct HouseGate {
    store: Store,
    base_domain: String,
    is_https: bool,
    dev: Option<Dev>,
    tenants: Tenants,
    recent: Recent,
    uses: Uses,
    bearers: Lookup<[u8; 32], Option<Bearer>>,
}

impl HouseGate {
    /// A gate for the tenants under the base domain; `is_https` tells how browsers reach them, `dev` is there where the dev
    /// mode runs.
    pub fn new(store: Store, is_https: bool, base_domain: String, dev: Option<Dev>) -> Self {
        Self {
            bearers: store.lookup(credentials::find_bearers),
            store,
            base_domain,
            is_https,
            dev,
            tenants: Tenants::default(),
            recent: Recent::default(),
            uses: Uses::default(),
        }
    }

    async fn find_caller(&self, head: &Head) -> Result<Admitted> {
        let mut given = head.headers.get_all(header::AUTHORIZATION).iter();
        match (given.next(), given.next()) {
            (None, _) => self.by_session(head),
            (Some(only), None) => self.by_credential(head, only.to_str().unwrap_or_default()).await,
            _ => Err(Error::unauthenticated("The request has more than one Authorization header. Send one.")),
        }
    }

    /// Where nothing is asked for: what is no credential of ours (a stale one, a proxy's, another product's) is as none,
    /// and a user who is signed in stays so.
    async fn recognise(&self, head: &Head) -> Result<Admitted> {
        match self.find_caller(head).await {
            Err(failure) if failure.kind == Kind::Unauthenticated => self.by_session(head),
            outcome => outcome,
        }
    }

    async fn by_credential(&self, head: &Head, text: &str) -> Result<Admitted> {
        let found = self.bearer(head, text).await;
        let agrees = |name: &str| found.as_ref().is_ok_and(|known| known.tenant.name == name);
        if self.name_in(head).is_some_and(|name| !agrees(name)) {
            // That there is no such tenant is said before anything about the credential.
            self.store.glance(Scope::HOUSE, |tx| self.tenant_of_host(tx, head))?;
            return Err(found.err().unwrap_or_else(bad_credential));
        }
        Ok(found?.admitted())
    }

    async fn bearer(&self, head: &Head, text: &str) -> Result<Known> {
        let hash = secret_hash(text).ok_or_else(bad_credential)?;
        // Read before the store is: a commit in between makes the answer one of a moment that is over.
        let moment = self.store.moment();
        if let Some(known) = moment.and_then(|moment| self.recent.find(moment, &hash, head.now)) {
            self.note_use_of_token(known.tenant.id, hash, head.now);
            return Ok(known);
        }
        let found = self.bearers.ask(hash).await?;
        let Some(bearer) = found.filter(|bearer| bearer.expires_at > head.now) else {
            self.recent.forget(&hash);
            return Err(self.refusal_of(head, &hash)?);
        };
        let known = Known { tenant: self.tenant(bearer.tenant, bearer.tenant_revision)?, bearer };
        self.recent.keep(moment, hash, known.clone());
        self.note_use_of_token(known.tenant.id, hash, head.now);
        Ok(known)
    }

    /// What is told to a caller whose credential does not count. That of a suspended tenant counts for nothing but to be told
    /// so, and only where the host names no other tenant.
    fn refusal_of(&self, head: &Head, hash: &[u8; 32]) -> Result<Error> {
        let of = self.store.glance(Scope::HOUSE, |tx| credentials::suspended_tenant_of(tx, hash, head.now))?;
        let is_here = |name: &String| self.name_in(head).is_none_or(|named| named == name);
        Ok(if of.is_some_and(|name| is_here(&name)) { suspended() } else { bad_credential() })
    }

    fn tenant(&self, id: TenantId, revision: i64) -> Result<Arc<Tenant>> {
        if let Some(known) = self.tenants.find(id, revision) {
            return Ok(known);
        }
        let found = self.store.glance(Scope::HOUSE, |tx| find_by_id(tx, id))?;
        found.map(|tenant| self.tenants.keep(tenant)).ok_or_else(bad_credential)
    }

    /// What the caller may do in this namespace.
    fn may_call(&self, head: &Head, operation: &Operation, namespace: &Namespace, admitted: &Admitted) -> Result<()> {
        check_origin(head, operation, admitted)?;
        check_named_tenant(head, admitted)?;
        check_network(head, admitted)?;
        match (operation.permission, admitted.caller.as_deref()) {
            (Permission::Operator, None) if head.is_local => Ok(()),
            (Permission::SignedIn | Permission::Group(_) | Permission::Operator, None) => Err(no_credential()),
            (Permission::Operator, Some(caller)) => {
                local::check_operator(caller, admitted).and_then(|()| check_fresh(head, operation, admitted))
            }
            (Permission::Group(group), Some(caller)) if !caller.rights.allow(group, namespace.name()) => {
                Err(Error::forbidden(decide(&caller.rights, group, namespace.name()).refusal(&caller.email)))
            }
            _ => self.check_namespace(namespace, admitted).and_then(|()| check_fresh(head, operation, admitted)),
        }
    }

    /// That the namespace of the path is there for the caller. One of which they must not know is as if absent.
    fn check_namespace(&self, namespace: &Namespace, admitted: &Admitted) -> Result<()> {
        let known = admitted.tenant.as_ref().zip(admitted.caller.as_ref());
        let Some((name, (tenant, caller))) = namespace.of_path().zip(known) else { return Ok(()) };
        if namespaces::is_in_every_tenant(name) {
            return Ok(());
        }
        let may_know = namespaces::may_know(&caller.rights, name);
        let is_there = || self.store.glance(Scope::of(tenant.id), |tx| namespaces::exists(tx, tenant.id, name));
        if may_know && is_there()? { Ok(()) } else { Err(namespaces::not_found(name)) }
    }

    async fn caller_of(&self, head: &Head, operation: &Operation) -> Result<Admitted, Refusal> {
        if head.is_local && operation.permission != Permission::Public {
            return Ok(self.operator_here(head, operation)?);
        }
        match &self.dev {
            Some(dev) if operation.permission == Permission::DevOnly => dev.check_host(&head.host)?,
            Some(dev) => dev.trouble().pass()?,
            None => {}
        }
        Ok(match operation.permission {
            Permission::Public => Admitted::default(),
            Permission::Open if operation.uses_no_cookie => self.by_host(head)?,
            Permission::Open | Permission::DevOnly => self.recognise(head).await?,
            Permission::SignedIn | Permission::Group(_) | Permission::Operator => self.find_caller(head).await?,
        })
    }
}

impl Gate for HouseGate {
    fn identify<'g>(&'g self, head: &'g Head, operation: &'g Operation) -> Admission<'g> {
        Box::pin(self.caller_of(head, operation))
    }

    fn judge(&self, head: &Head, operation: &Operation, namespace: &Namespace, admitted: &Admitted) -> Result<()> {
        self.may_call(head, operation, namespace, admitted)
    }

    fn presume(&self, head: &Head, operation: &Operation, namespace: &Namespace) -> Option<Admitted> {
        let is_in_trouble = self.dev.as_ref().is_some_and(|dev| dev.trouble().is_planned());
        if !operation.confirms || is_in_trouble || head.is_local {
            return None;
        }
        let secret_hash = secret_hash(head.header(header::AUTHORIZATION)?)?;
        let known = self.recent.presume(&secret_hash, head.now)?;
        let (tenant, bearer) = (known.tenant, known.bearer);
        if self.name_in(head).is_some_and(|name| name != tenant.name) {
            return None;
        }
        self.note_use_of_token(tenant.id, secret_hash, head.now);
        let caller = Some(Arc::clone(&bearer.caller));
        let presumed = Some(Arc::new(Presumed { secret_hash, bearer }));
        let admitted = Admitted { tenant: Some(tenant), caller, presumed };
        self.may_call(head, operation, namespace, &admitted).is_ok().then_some(admitted)
    }

    fn tenant(&self, head: &Head) -> Option<Arc<Tenant>> {
        self.by_session(head).ok()?.tenant
    }

    fn trace(&self, head: &Head, operation: &Operation, admitted: &Admitted) -> Option<Trace> {
        let (tenant, caller) = (admitted.tenant.as_ref()?.id, Arc::clone(admitted.caller.as_ref()?));
        let Head { now, address, request_id, .. } = *head;
        Some(Trace {
            tenant,
            at: now,
            caller,
            address,
            request_id,
            subject: Arc::clone(&head.path),
            operation: operation.id,
        })
    }

    fn record_refusal(&self, trace: Trace) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (store, tenant) = (self.store.clone(), trace.tenant);
        Box::pin(async move {
            if let Err(failure) = store.write(Scope::of(tenant), move |tx| record_refusal(tx, &trace)).await {
                store.tell(&failure, "a refusal was not recorded");
            }
        })
    }
}

/// That the holder of a session has proved a moment ago who they are, where the row asks for it.
fn check_fresh(head: &Head, operation: &Operation, admitted: &Admitted) -> Result<()> {
    let is_stale = |caller: &Arc<crate::identity::Caller>| !caller.is_fresh(head.now);
    if operation.fresh.is_some() && admitted.caller.as_ref().is_some_and(is_stale) {
        return Err(told::stale());
    }
    Ok(())
}

/// That the token of the call is taken from the client's address.
fn check_network(head: &Head, admitted: &Admitted) -> Result<()> {
    match admitted.caller.as_ref().filter(|caller| !caller.rights.take(head.address)) {
        None => Ok(()),
        Some(caller) => Err(Error::forbidden(format!(
            "This token is not taken from {}. Call from where it is, or use another one.{}",
            head.address,
            caller.rights.note()
        ))),
    }
}

/// The hash of the secret in an `Authorization` header.
fn secret_hash(text: &str) -> Option<[u8; 32]> {
    let (scheme, token) = text.split_once(' ')?;
    let is_known = scheme.eq_ignore_ascii_case("APIToken") || scheme.eq_ignore_ascii_case("Bearer");
    is_known.then(|| Token::parse(token.trim())).flatten().map(|token| token.hash())
}

fn no_credential() -> Error {
    Error::unauthenticated("This call needs a credential. Send the header Authorization: APIToken <token>.")
}

/// The same for an unknown, a malformed, an expired, a revoked one and for one of another tenant.
fn bad_credential() -> Error {
    Error::unauthenticated("The credential is not valid here. Check it, or ask your administrator for a new one.")
}
