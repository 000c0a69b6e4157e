//! The first owner of a tenant that has none. The link goes to the owner by mail; on the machine itself it can be told
//! instead, since there may be no relay yet, and a caller from there can read the keys of all links.

use uuid::Uuid;

use super::Operating;
use crate::access::Grant;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::Call;
use crate::identity::{Actor, Tenant, TenantId};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::people::{self, NewUser};
use crate::reset::{self, Invitation};
use crate::store::Tx;
use crate::tenants;

/// A first owner, before the tenant is looked at.
pub(super) struct FirstOwner {
    person: NewUser,
    id: Uuid,
    mail: Uuid,
    keys: Keys,
    /// The public URL, where the link is told and not mailed.
    tells_at: Option<crate::config::PublicUrl>,
    /// Whether the call came from the machine itself.
    is_local: bool,
    actor: Actor,
    now: Timestamp,
}

impl FirstOwner {
    /// The one that a call names.
    ///
    /// # Errors
    /// `Invalid` for what is no address, and where a link is to be told and nobody knows where it leads.
    pub(super) fn of(room: &Operating, call: &Call, email: &str) -> Result<Self> {
        let (random, now) = (&call.random, call.now());
        let person = NewUser::person(Email::parse(email)?, random, now);
        let is_local = call.head.is_local;
        let unknown =
            || Error::invalid("It is not known where the link leads. Set http.public_url, or give --public-url.");
        let public_url = || room.config.http.public_url.clone().ok_or_else(unknown);
        Ok(Self {
            person: NewUser { is_owner: true, grants: Grant::of_an_owner(), ..person },
            id: random.uuid(now),
            mail: random.uuid(now),
            keys: room.keys.clone(),
            tells_at: is_local.then(public_url).transpose()?,
            is_local,
            actor: call.actor().as_operator(),
            now,
        })
    }

    /// Their address.
    pub(super) fn email(&self) -> &str {
        self.person.email.as_str()
    }

    /// Refuses a tenant that has an owner: by a second one every account of it could be opened. From the machine
    /// itself the operators' own tenant can always be given one.
    ///
    /// # Errors
    /// `Conflict`.
    pub(super) fn require_no_other(&self, tx: &mut Tx<'_>, tenant: TenantId) -> Result<()> {
        let is_own = self.is_local && tenant == TenantId::SYSTEM;
        if is_own || people::owner_ids(tx, tenant)?.is_empty() {
            return Ok(());
        }
        Err(Error::conflict("This tenant has an owner, who can appoint others. An operator makes only the first one."))
    }

    /// Makes the user; the link where it is told. The caller leaves the record.
    ///
    /// # Errors
    /// `Duplicate` for an address that is in use.
    pub(super) fn let_in(&self, tx: &mut Tx<'_>, tenant: &Tenant) -> Result<Option<String>> {
        let (id, mail, key, now) = (self.id, self.mail, self.keys.current(), self.now);
        people::insert(tx, tenant.id, &self.person, &self.actor.name, now)?;
        let invitation = Invitation { tenant, actor: &self.actor, id, mail, key, now };
        match &self.tells_at {
            None => reset::invite(tx, &self.person, &invitation).map(|()| None),
            Some(public_url) => {
                let base = tenants::base_url(tenant, public_url);
                reset::first_link(tx, &self.keys, &self.person, &invitation, &base).map(Some)
            }
        }
    }
}
