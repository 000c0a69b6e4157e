//! The mails of this room, made when they leave: only then is there a link.

use std::net::IpAddr;

use serde::Deserialize;

use super::link::{self, Claim};
use super::rows::{self, Kind};
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::error::{Error, Result};
use crate::identity::Tenant;
use crate::keys::Keys;
use crate::language::Language;
use crate::mail::outbox::{Compose, Draft, Job};
use crate::mail::texts::{self, BudgetFacts, ChangeFacts, LinkFacts, Text};
use crate::store::Tx;
use crate::tenants;
use crate::users::{self, User};

/// Makes the mails. Links lead to the configured address of the tenant; no request can say where.
pub struct Letters {
    keys: Keys,
    public_url: PublicUrl,
}

#[derive(Deserialize)]
struct Changed {
    at: i64,
    address: IpAddr,
}

#[derive(Deserialize)]
struct Spent {
    credential: String,
    used: u64,
    budget: u64,
}

impl Letters {
    /// Letters whose links are made under these keys.
    pub fn new(keys: Keys, public_url: PublicUrl) -> Self {
        Self { keys, public_url }
    }

    fn text(&self, tx: &mut Tx<'_>, job: &Job, tenant: &Tenant, user: &User, now: Timestamp) -> Result<Option<Text>> {
        let language = user.language.or_else(|| Language::from_tag(&tenant.settings.language)).unwrap_or_default();
        let (tenant_name, person_name) = (tenant.settings.display_name.as_str(), &user.full_name());
        let contact = tenant.settings.contact.as_deref();
        match job.kind.as_str() {
            "password_changed" => {
                let Changed { at, address } = serde_json::from_str(&job.facts).map_err(Error::internal)?;
                let facts = ChangeFacts {
                    tenant_name,
                    person_name,
                    at: Timestamp(at),
                    from_address: address,
                    contact,
                    language,
                };
                Ok(Some(texts::password_changed(&facts)))
            }
            "budget" => {
                let Spent { credential, used, budget } = serde_json::from_str(&job.facts).map_err(Error::internal)?;
                let facts =
                    BudgetFacts { tenant_name, person_name, credential_name: &credential, used, budget, language };
                Ok(Some(texts::half_of_budget(&facts)))
            }
            word => {
                let kind = Kind::from_word(word).ok_or_else(|| Error::internal(format!("no mail is called {word}")))?;
                let Some((link, code, lives_minutes)) = self.link(tx, job, tenant, now)? else { return Ok(None) };
                let (link, code) = (&link, &code);
                let facts = LinkFacts { tenant_name, person_name, link, code, lives_minutes, contact, language };
                Ok(Some(match kind {
                    Kind::Administrator => texts::reset_by_administrator(&facts),
                    Kind::Invitation => texts::invitation(&facts),
                    Kind::Remail | Kind::Forgotten | Kind::Own => texts::forgotten(&facts),
                }))
            }
        }
    }

    /// The link, the code and how long they live; none when the reset is over and the mail would only
    /// disappoint.
    fn link(
        &self,
        tx: &mut Tx<'_>,
        job: &Job,
        tenant: &Tenant,
        now: Timestamp,
    ) -> Result<Option<(String, String, u32)>> {
        let Some(id) = job.reset else { return Ok(None) };
        let Some(reset) = rows::find(tx, tenant.id, &id)?.filter(|reset| reset.is_alive(now)) else { return Ok(None) };
        let Some(token) = link::token(&self.keys, reset.key, Claim { tenant: tenant.id, reset: id }) else {
            return Err(Error::internal("the key of a link is no longer in the key file"));
        };
        let base = tenant.settings.public_url.clone().unwrap_or_else(|| self.public_url.for_tenant(&tenant.name));
        let minutes = reset.expires_at.seconds_since(reset.requested_at) / 60;
        let link = format!("{}/reset#{}", base.trim_end_matches('/'), token.expose());
        Ok(Some((link, token.expose().clone(), u32::try_from(minutes).unwrap_or(u32::MAX))))
    }
}

impl Compose for Letters {
    fn compose(&self, tx: &mut Tx<'_>, job: &Job, now: Timestamp) -> Result<Option<Draft>> {
        let Some(tenant) = tenants::find_by_id(tx, job.tenant)? else { return Ok(None) };
        let Some(user) = users::find_by_id(tx, job.tenant, job.user)? else { return Ok(None) };
        let Some(text) = self.text(tx, job, &tenant, &user, now)? else { return Ok(None) };
        Ok(Some(Draft {
            to_name: user.full_name(),
            to: user.email,
            sender_name: tenant.settings.display_name,
            from: tenant.settings.mail_from,
            reply_to: tenant.settings.mail_reply_to,
            text,
        }))
    }
}
