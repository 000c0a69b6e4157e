//! Callers who are signed in: found by the cookie of their browser.

use std::sync::Arc;

use super::HouseGate;
use crate::error::{Error, Result, Told};
use crate::http::{Admitted, Head};
use crate::identity::{Caller, Proof, Tenant, TenantId};
use crate::sessions::{self, Cookie};
use crate::store::{Scope, Tx};
use crate::tenants::{find_by_name, find_even_suspended, find_with_operators, get_only, suspended};

/// A session is noted as used no more often than this, so that reading costs no writing.
const SEEN_EVERY_SECONDS: i64 = 60;
/// Session cookies of one request that are looked up: a foreign host of the same domain may put more in front of ours.
const COOKIES_MAX: usize = 4;

impl HouseGate {
    /// The holder of a session, or anyone.
    pub(super) fn by_session(&self, head: &Head) -> Result<Admitted> {
        self.store.glance(Scope::HOUSE, |tx| self.by_cookie(tx, head))
    }

    /// Anyone, at the tenant of the host.
    pub(super) fn by_host(&self, head: &Head) -> Result<Admitted> {
        self.store
            .read(Scope::HOUSE, |tx| self.tenant_of_host(tx, head).and_then(|named| self.anyone_at(tx, head, named)))
    }

    /// Which tenant the host names need not be asked for one who is signed in: it is presumed, and the statement that finds
    /// the session tells whether that tenant is still as it was.
    fn by_cookie(&self, tx: &mut Tx<'_>, head: &Head) -> Result<Admitted> {
        let presumed = self.name_in(head).and_then(|name| self.tenants.presume(name));
        if presumed.is_some()
            && let Some(admitted) = self.signed_in(tx, head, presumed)?
        {
            return Ok(admitted);
        }
        let named = self.tenant_of_host(tx, head)?;
        let here = named.as_ref().map(|named| named.id);
        let is_asked_already = presumed.is_some() && presumed == here;
        let found = if is_asked_already { None } else { self.signed_in(tx, head, here)? };
        found.map_or_else(|| self.anyone_at(tx, head, named), Ok)
    }

    /// The holder of one of the request's cookies; with `here` only of those of this tenant.
    ///
    /// # Errors
    /// `Forbidden` where a cookie is valid but for its tenant, which is suspended, and no other one is valid.
    fn signed_in(&self, tx: &mut Tx<'_>, head: &Head, here: Option<TenantId>) -> Result<Option<Admitted>> {
        let cookies = head.cookies(Cookie::name(self.is_https)).filter_map(Cookie::parse);
        let is_here = |cookie: &Cookie| here.is_none_or(|tenant| cookie.tenant == tenant);
        let mut is_shut_out = false;
        for cookie in cookies.filter(is_here).take(COOKIES_MAX) {
            match self.holder(tx, head, &cookie)? {
                Some((tenant, _)) if tenant.is_suspended => is_shut_out = true,
                Some((tenant, caller)) => {
                    return Ok(Some(Admitted { tenant: Some(tenant), caller: Some(Arc::new(caller)), presumed: None }));
                }
                None => {}
            }
        }
        if is_shut_out { Err(suspended()) } else { Ok(None) }
    }

    fn holder(&self, tx: &mut Tx<'_>, head: &Head, cookie: &Cookie) -> Result<Option<(Arc<Tenant>, Caller)>> {
        let (id, hash) = (cookie.tenant, cookie.hash());
        let Some(holder) = sessions::find_holder(tx, id, &hash, head.now)? else { return Ok(None) };
        let known = self.tenants.find(id, holder.tenant_revision);
        let tenant = match known.filter(|known| known.is_suspended == holder.tenant_is_suspended) {
            Some(known) => Some(known),
            None => find_even_suspended(tx, id)?.map(|tenant| self.tenants.keep(tenant)),
        };
        let is_of_the_host = |tenant: &Arc<Tenant>| self.name_in(head).is_none_or(|name| name == tenant.name);
        let Some(tenant) = tenant.filter(is_of_the_host) else { return Ok(None) };
        let seen_after = head.now.plus_seconds(-60 * tenant.settings.session.idle_minutes);
        if holder.last_seen_at <= seen_after {
            return Ok(None);
        }
        if !tenant.is_suspended && !holder.last_seen_at.lasts(SEEN_EVERY_SECONDS, head.now) {
            self.note_use(id, hash, head);
        }
        let (proof, rights) = (Proof::Session(hash.to_vec()), Arc::new(holder.rights));
        Ok(Some((
            tenant,
            Caller { user: holder.user, email: holder.email, proof, rights, proved_at: holder.proved_at },
        )))
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

    /// The tenant's name in the host; none on a bare host.
    pub(super) fn name_in<'h>(&self, head: &'h Head) -> Option<&'h str> {
        head.host.tenant_under(&self.base_domain)
    }

    /// The tenant that the host names; none on a bare host.
    pub(super) fn tenant_of_host(&self, tx: &mut Tx<'_>, head: &Head) -> Result<Option<Arc<Tenant>>> {
        let Some(name) = self.name_in(head) else { return Ok(None) };
        match find_by_name(tx, name)? {
            Some(tenant) => Ok(Some(self.tenants.keep(tenant))),
            None => {
                let sentence = "There is no tenant at this address. Check the host name.";
                Err(Error::not_found(sentence).told(Told::UnknownTenant))
            }
        }
    }

    /// Where the host names no tenant, it is that of the operators at the bare base domain, once there is an operator;
    /// elsewhere, and until then, the only one there is beside theirs.
    fn anyone_at(&self, tx: &mut Tx<'_>, head: &Head, named: Option<Arc<Tenant>>) -> Result<Admitted> {
        let is_base_domain = !self.base_domain.is_empty() && head.host.name() == self.base_domain;
        let operators = if named.is_none() && is_base_domain { find_with_operators(tx)? } else { None };
        let tenant = match named.or(operators.map(|tenant| self.tenants.keep(tenant))) {
            Some(tenant) => Some(tenant),
            None => get_only(tx)?.map(Arc::new),
        };
        Ok(Admitted { tenant, caller: None, presumed: None })
    }
}
