//! Who is calling, for which tenant, and may they. Asked once for each request, before its body is read.
//!
//! Nobody is let in by rights that are over: a credential that was revoked, a user who was disabled, a role
//! that was taken away ends with the next request. What was found counts until the next commit where nobody else
//! writes. Beyond that it is only presumed, for operations whose verb confirms it. A tenant's settings are kept beside
//! the revision that every look-up brings along.

mod origin;
mod recent;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use http::header;
use serde_json::json;

use self::origin::{check_named_tenant, check_origin};
use self::recent::{Known, Recent};
use crate::audit::{self, Event, Outcome};
use crate::config::PublicUrl;
use crate::credentials::{self, Token};
use crate::dev::Trouble;
use crate::error::{Error, Result, Told};
use crate::http::{Admission, Admitted, Gate, Head, Operation, Permission, Refusal, Trace};
use crate::identity::{Bearer, Caller, Presumed, Proof, Tenant, TenantId};
use crate::params;
use crate::rights::SYSTEM;
use crate::sessions::{self, Cookie};
use crate::store::{Lookup, Scope, Store, Tx};
use crate::{namespaces, tenants, users};

/// The gate of the house.
pub struct HouseGate {
    store: Store,
    base_domain: String,
    is_https: bool,
    trouble: Option<Trouble>,
    known: RwLock<HashMap<TenantId, Arc<Tenant>>>,
    recent: Recent,
    bearers: Lookup<[u8; 32], Option<Bearer>>,
}

/// A session is noted as used no more often than this, so that reading costs no writing.
const SEEN_EVERY_SECONDS: i64 = 60;

impl HouseGate {
    /// A gate for the tenants under `public_url`; `trouble` is what the dev mode makes on demand.
    pub fn new(store: Store, public_url: &PublicUrl, base_domain: String, trouble: Option<Trouble>) -> Self {
        Self {
            bearers: store.lookup(credentials::find_bearers),
            store,
            base_domain,
            is_https: public_url.is_https(),
            trouble,
            known: RwLock::default(),
            recent: Recent::default(),
        }
    }

    async fn find_caller(&self, head: &Head) -> Result<Admitted> {
        match head.header(header::AUTHORIZATION) {
            Some(text) => self.by_credential(head, text).await,
            None => self.store.read(Scope::HOUSE, |tx| self.by_cookie(tx, head)),
        }
    }

    async fn by_credential(&self, head: &Head, text: &str) -> Result<Admitted> {
        let found = self.bearer(head, text).await;
        let host = head.host();
        let agrees = |name: &str| found.as_ref().is_ok_and(|known| known.tenant.name == name);
        if self.name_in(&host).is_some_and(|name| !agrees(name)) {
            // That there is no such tenant is said before anything about the credential.
            self.store.glance(Scope::HOUSE, |tx| self.tenant_of_host(tx, &host))?;
            return Err(found.err().unwrap_or_else(bad_credential));
        }
        Ok(found?.admitted())
    }

    fn by_cookie(&self, tx: &mut Tx<'_>, head: &Head) -> Result<Admitted> {
        let named = self.tenant_of_host(tx, &head.host())?;
        let cookie = head.cookie(Cookie::name(self.is_https)).and_then(Cookie::parse);
        let cookie = cookie.filter(|cookie| named.as_ref().is_none_or(|named| named.id == cookie.tenant));
        if let Some((tenant, caller)) = cookie.map(|cookie| self.holder(tx, head, &cookie)).transpose()?.flatten() {
            return Ok(Admitted { tenant: Some(tenant), caller: Some(Arc::new(caller)), presumed: None });
        }
        let tenant = match named {
            Some(tenant) => Some(tenant),
            None => tenants::get_only(tx)?.map(Arc::new),
        };
        Ok(Admitted { tenant, caller: None, presumed: None })
    }

    /// The tenant's name in the host; none on a bare host.
    fn name_in<'h>(&self, host: &'h str) -> Option<&'h str> {
        host.strip_suffix(&self.base_domain).and_then(|rest| rest.strip_suffix('.'))
    }

    /// The tenant that the host names; none on a bare host.
    fn tenant_of_host(&self, tx: &mut Tx<'_>, host: &str) -> Result<Option<Arc<Tenant>>> {
        let Some(name) = self.name_in(host) else { return Ok(None) };
        let found = tenants::find_by_name(tx, name)?.map(Arc::new);
        let sentence = "There is no tenant at this address. Check the host name.";
        found.map(Some).ok_or_else(|| Error::not_found(sentence).told(Told::UnknownTenant))
    }

    async fn bearer(&self, head: &Head, text: &str) -> Result<Known> {
        let hash = secret_hash(text).ok_or_else(bad_credential)?;
        // Read before the store is: a commit in between makes the answer one of a moment that is over.
        let moment = self.store.moment();
        if let Some(known) = moment.and_then(|moment| self.recent.find(moment, &hash, head.now)) {
            return Ok(known);
        }
        let found = self.bearers.ask(hash).await?;
        let Some(bearer) = found.filter(|bearer| bearer.expires_at > head.now) else {
            self.recent.forget(&hash);
            return Err(bad_credential());
        };
        let known = Known { tenant: self.tenant(bearer.tenant, bearer.tenant_revision)?, bearer };
        self.recent.keep(moment, hash, known.clone());
        Ok(known)
    }

    fn holder(&self, tx: &mut Tx<'_>, head: &Head, cookie: &Cookie) -> Result<Option<(Arc<Tenant>, Caller)>> {
        let Some(tenant) = tenants::find_by_id(tx, cookie.tenant)? else { return Ok(None) };
        let hash = cookie.hash();
        let seen_after = head.now.plus_seconds(-60 * tenant.settings.session_idle_minutes);
        let Some(holder) = sessions::find_holder(tx, tenant.id, &hash, seen_after, head.now)? else { return Ok(None) };
        if !holder.last_seen_at.lasts(SEEN_EVERY_SECONDS, head.now) {
            self.note_use(tenant.id, hash, head);
        }
        let rights = Arc::new(users::rights_of(tx, tenant.id, holder.user)?);
        let proof = Proof::Session(hash.to_vec());
        Ok(Some((Arc::new(tenant), Caller { user: holder.user, email: holder.email, proof, rights })))
    }

    /// Beside the request: a session that is used while the store cannot be written stays a session.
    fn note_use(&self, tenant: TenantId, hash: [u8; 32], head: &Head) {
        let (store, now) = (self.store.clone(), head.now);
        tokio::spawn(async move {
            let noted = store.write(Scope::of(tenant), move |tx| sessions::touch(tx, tenant, &hash, now)).await;
            if let Err(failure) = noted {
                tracing::debug!(%failure, "the use of a session was not noted");
            }
        });
    }

    fn tenant(&self, id: TenantId, revision: i64) -> Result<Arc<Tenant>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(tenant) = known.filter(|tenant| tenant.revision == revision) {
            return Ok(tenant);
        }
        let found = self.store.glance(Scope::HOUSE, |tx| tenants::find_by_id(tx, id))?;
        let tenant = Arc::new(found.ok_or_else(bad_credential)?);
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&tenant));
        Ok(tenant)
    }

    /// What the caller may do here.
    fn may_call(&self, head: &Head, operation: &Operation, admitted: &Admitted) -> Result<()> {
        check_origin(head, operation, admitted)?;
        check_named_tenant(head, admitted)?;
        match (operation.permission, admitted.caller.as_deref()) {
            (Permission::SignedIn | Permission::Group(_), None) => Err(no_credential()),
            // What is served belongs to the tenant, whatever namespace the path puts it in.
            (Permission::Group(group), Some(caller)) if !caller.rights.allow(group, SYSTEM) => {
                Err(Error::forbidden(format!(
                    "{} may not do this: it needs a role with {} in namespace {SYSTEM}.",
                    caller.email,
                    group.name()
                )))
            }
            _ => self.check_namespace(head, admitted),
        }
    }

    /// That the namespace of the path is there for the caller. One of which they must not know is as if absent.
    fn check_namespace(&self, head: &Head, admitted: &Admitted) -> Result<()> {
        let known = admitted.tenant.as_ref().zip(admitted.caller.as_ref());
        let Some((name, (tenant, caller))) = head.param("namespace").zip(known) else { return Ok(()) };
        if namespaces::is_in_every_tenant(name) {
            return Ok(());
        }
        let may_know = namespaces::may_know(&caller.rights, name);
        let is_there = || self.store.glance(Scope::of(tenant.id), |tx| namespaces::exists(tx, tenant.id, name));
        if may_know && is_there()? { Ok(()) } else { Err(namespaces::not_found(name)) }
    }

    async fn caller_of(&self, head: &Head, operation: &Operation) -> Result<Admitted, Refusal> {
        if let Some(trouble) = self.trouble.as_ref().filter(|_| operation.permission != Permission::DevOnly) {
            trouble.pass()?;
        }
        Ok(match operation.permission {
            Permission::Public => Admitted::default(),
            // A stale credential must not keep anyone from a page that needs none.
            Permission::Open | Permission::DevOnly => self.find_caller(head).await.or_else(forgive)?,
            Permission::SignedIn | Permission::Group(_) => self.find_caller(head).await?,
        })
    }
}

impl Gate for HouseGate {
    fn identify<'g>(&'g self, head: &'g Head, operation: &'g Operation) -> Admission<'g> {
        Box::pin(self.caller_of(head, operation))
    }

    fn judge(&self, head: &Head, operation: &Operation, admitted: &Admitted) -> Result<()> {
        self.may_call(head, operation, admitted)
    }

    fn presume(&self, head: &Head, operation: &Operation) -> Option<Admitted> {
        let is_in_trouble = self.trouble.as_ref().is_some_and(Trouble::is_planned);
        if !operation.confirms || is_in_trouble {
            return None;
        }
        let secret_hash = secret_hash(head.header(header::AUTHORIZATION)?)?;
        let known = self.recent.presume(&secret_hash, head.now)?;
        let (tenant, bearer) = (known.tenant, known.bearer);
        if self.name_in(&head.host()).is_some_and(|name| name != tenant.name) {
            return None;
        }
        let caller = Some(Arc::clone(&bearer.caller));
        let presumed = Some(Arc::new(Presumed { secret_hash, bearer }));
        let admitted = Admitted { tenant: Some(tenant), caller, presumed };
        self.may_call(head, operation, &admitted).is_ok().then_some(admitted)
    }

    fn tenant(&self, head: &Head) -> Option<Arc<Tenant>> {
        self.store.read(Scope::HOUSE, |tx| self.by_cookie(tx, head)).ok()?.tenant
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

/// Unless the verb that refused has left its own record.
fn record_refusal(tx: &mut Tx<'_>, trace: &Trace) -> Result<()> {
    let Trace { tenant, at, caller, address, request_id, subject, operation } = trace;
    let known = tx.maybe("SELECT 1 FROM audit WHERE tenant = $1 AND id = $2", &params![*tenant, request_id])?;
    if known.is_some() {
        return Ok(());
    }
    let actor = caller.actor(*address, *request_id);
    let (outcome, facts) = (Outcome::Refused, json!({ "operation": operation }));
    let event = Event { tenant: *tenant, at: *at, action: "access.refuse", outcome, actor: &actor, subject, facts };
    audit::record(tx, &event)
}

/// The hash of the secret in an `Authorization` header.
fn secret_hash(text: &str) -> Option<[u8; 32]> {
    let (scheme, token) = text.split_once(' ')?;
    let is_known = scheme.eq_ignore_ascii_case("APIToken") || scheme.eq_ignore_ascii_case("Bearer");
    is_known.then(|| Token::parse(token.trim())).flatten().map(|token| token.hash())
}

fn forgive(failure: Error) -> Result<Admitted> {
    if failure.kind == crate::error::Kind::Unauthenticated { Ok(Admitted::default()) } else { Err(failure) }
}

fn no_credential() -> Error {
    Error::unauthenticated("This call needs a credential. Send the header Authorization: APIToken <token>.")
}

/// The same for an unknown, a malformed, an expired, a revoked one and for one of another tenant.
fn bad_credential() -> Error {
    Error::unauthenticated("The credential is not valid here. Check it, or ask your administrator for a new one.")
}
