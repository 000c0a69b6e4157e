//! Who is calling, for which tenant, and may they. Asked once for each request, before its body is read.
//!
//! Nobody is let in by rights that are over: a credential that was revoked, a user who was disabled, a role
//! that was taken away ends with the next request. What was found counts until the next commit where nobody else
//! writes. Beyond that it is only presumed, for operations whose verb confirms it. A tenant's settings are kept beside
//! the revision that every look-up brings along.

mod origin;
mod recent;
mod refusal;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use http::header;

use self::origin::{check_named_tenant, check_origin};
use self::recent::{Known, Recent};
use self::refusal::record_refusal;
use crate::access::decide;
use crate::config::PublicUrl;
use crate::credentials::{self, Token};
use crate::dev::Dev;
use crate::error::{Error, Kind, Result, Told};
use crate::http::{Admission, Admitted, Gate, Head, Namespace, Operation, Permission, Refusal, Trace};
use crate::identity::{Bearer, Caller, Presumed, Proof, Tenant, TenantId};
use crate::sessions::{self, Cookie};
use crate::store::{Lookup, Scope, Store, Tx};
use crate::{namespaces, people, tenants};

/// The gate of the house.
pub struct HouseGate {
    store: Store,
    base_domain: String,
    is_https: bool,
    dev: Option<Dev>,
    known: RwLock<HashMap<TenantId, Arc<Tenant>>>,
    recent: Recent,
    bearers: Lookup<[u8; 32], Option<Bearer>>,
}

/// A session is noted as used no more often than this, so that reading costs no writing.
const SEEN_EVERY_SECONDS: i64 = 60;
/// Session cookies of one request that are looked up: a foreign host of the same domain may put more in front of ours.
const COOKIES_MAX: usize = 4;

impl HouseGate {
    /// A gate for the tenants under `public_url`; `dev` where the dev mode runs.
    pub fn new(store: Store, public_url: &PublicUrl, base_domain: String, dev: Option<Dev>) -> Self {
        Self {
            bearers: store.lookup(credentials::find_bearers),
            store,
            base_domain,
            is_https: public_url.is_https(),
            dev,
            known: RwLock::default(),
            recent: Recent::default(),
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
    /// and whoever is signed in stays so.
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

    fn by_session(&self, head: &Head) -> Result<Admitted> {
        self.store.read(Scope::HOUSE, |tx| self.by_cookie(tx, head))
    }

    fn by_cookie(&self, tx: &mut Tx<'_>, head: &Head) -> Result<Admitted> {
        let named = self.tenant_of_host(tx, head)?;
        let cookies = head.cookies(Cookie::name(self.is_https)).filter_map(Cookie::parse);
        let is_here = |cookie: &Cookie| named.as_ref().is_none_or(|named| named.id == cookie.tenant);
        for cookie in cookies.filter(is_here).take(COOKIES_MAX) {
            if let Some((tenant, caller)) = self.holder(tx, head, &cookie)? {
                return Ok(Admitted { tenant: Some(tenant), caller: Some(Arc::new(caller)), presumed: None });
            }
        }
        anyone_at(tx, named)
    }

    /// Anyone, at the tenant of the host.
    fn by_host(&self, head: &Head) -> Result<Admitted> {
        self.store.read(Scope::HOUSE, |tx| self.tenant_of_host(tx, head).and_then(|named| anyone_at(tx, named)))
    }

    /// The tenant's name in the host; none on a bare host.
    fn name_in<'h>(&self, head: &'h Head) -> Option<&'h str> {
        head.host.tenant_under(&self.base_domain)
    }

    /// The tenant that the host names; none on a bare host.
    fn tenant_of_host(&self, tx: &mut Tx<'_>, head: &Head) -> Result<Option<Arc<Tenant>>> {
        let Some(name) = self.name_in(head) else { return Ok(None) };
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
        let rights = Arc::new(people::rights_of(tx, tenant.id, holder.user)?);
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

    /// What the caller may do in this namespace.
    fn may_call(&self, head: &Head, operation: &Operation, namespace: &Namespace, admitted: &Admitted) -> Result<()> {
        check_origin(head, operation, admitted)?;
        check_named_tenant(head, admitted)?;
        match (operation.permission, admitted.caller.as_deref()) {
            (Permission::SignedIn | Permission::Group(_), None) => Err(no_credential()),
            (Permission::Group(group), Some(caller)) if !caller.rights.allow(group, namespace.name()) => {
                Err(Error::forbidden(decide(&caller.rights, group, namespace.name()).refusal(&caller.email)))
            }
            _ => self.check_namespace(namespace, admitted),
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
        match &self.dev {
            Some(dev) if operation.permission == Permission::DevOnly => dev.check_host(&head.host)?,
            Some(dev) => dev.trouble().pass()?,
            None => {}
        }
        Ok(match operation.permission {
            Permission::Public => Admitted::default(),
            Permission::Open if operation.uses_no_cookie => self.by_host(head)?,
            Permission::Open | Permission::DevOnly => self.recognise(head).await?,
            Permission::SignedIn | Permission::Group(_) => self.find_caller(head).await?,
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
        if !operation.confirms || is_in_trouble {
            return None;
        }
        let secret_hash = secret_hash(head.header(header::AUTHORIZATION)?)?;
        let known = self.recent.presume(&secret_hash, head.now)?;
        let (tenant, bearer) = (known.tenant, known.bearer);
        if self.name_in(head).is_some_and(|name| name != tenant.name) {
            return None;
        }
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

/// Where the host names no tenant it is the only one, if there is but one.
fn anyone_at(tx: &mut Tx<'_>, named: Option<Arc<Tenant>>) -> Result<Admitted> {
    let tenant = match named {
        Some(tenant) => Some(tenant),
        None => tenants::get_only(tx)?.map(Arc::new),
    };
    Ok(Admitted { tenant, caller: None, presumed: None })
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
