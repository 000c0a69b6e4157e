//! The mails of this room, made when they leave: only then is there a link.

use std::net::IpAddr;

use serde::Deserialize;

use super::api::lifetime_minutes;
use super::link::{self, Claim};
use super::rows::{self, Kind, Reset};
use crate::clock::{SECOND, Timestamp};
use crate::config::PublicUrl;
use crate::error::{Error, Result};
use crate::identity::{Tenant, TenantId};
use crate::keys::Keys;
use crate::language::Language;
use crate::mail::outbox::{Compose, Draft, Drafts, Job};
use crate::mail::texts::{self, BudgetFacts, ChangeFacts, LinkFacts, OldPassword, Text};
use crate::store::Tx;
use crate::tenants;
use crate::users::{self, User};

/// Makes the mails. Links lead to the configured address of the tenant; no request can say where.
pub struct Letters {
    keys: Keys,
    public_url: PublicUrl,
}

/// What a mail is about, as it stands when it leaves.
struct About<'a> {
    tenant: &'a Tenant,
    user: &'a User,
    reset: Option<&'a Reset>,
    now: Timestamp,
}

#[derive(Deserialize)]
struct Changed {
    at: i64,
    address: IpAddr,
}

#[derive(Deserialize)]
struct Spent {
    by: String,
    used: u64,
    budget: u64,
}

impl Letters {
    /// Letters whose links are made under these keys.
    pub fn new(keys: Keys, public_url: PublicUrl) -> Self {
        Self { keys, public_url }
    }

    fn draft(&self, job: &Job, about: &About<'_>) -> Result<Option<Draft>> {
        let Some(text) = self.text(job, about)? else { return Ok(None) };
        let settings = &about.tenant.settings;
        Ok(Some(Draft {
            to_name: about.user.full_name(),
            to: about.user.email.clone(),
            sender_name: settings.display_name.clone(),
            from: settings.mail_from.clone(),
            reply_to: settings.mail_reply_to.clone(),
            text,
        }))
    }

    fn text(&self, job: &Job, about: &About<'_>) -> Result<Option<Text>> {
        let About { tenant, user, .. } = about;
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
                    from_address: address.to_canonical(),
                    contact,
                    language,
                };
                Ok(Some(texts::password_changed(&facts)))
            }
            "budget" => {
                let Spent { by, used, budget } = serde_json::from_str(&job.facts).map_err(Error::internal)?;
                let facts = BudgetFacts { tenant_name, person_name, spender: &by, used, budget, language };
                Ok(Some(texts::half_of_budget(&facts)))
            }
            word => {
                let kind = Kind::from_word(word).ok_or_else(|| Error::internal(format!("no mail is called {word}")))?;
                let Some((link, code, lives_minutes)) = self.link(about)? else { return Ok(None) };
                let (link, code, old_password) = (&link, &code, about.old_password());
                let facts =
                    LinkFacts { tenant_name, person_name, link, code, lives_minutes, old_password, contact, language };
                Ok(Some(match kind {
                    Kind::Administrator => texts::reset_by_administrator(&facts),
                    Kind::Invitation => texts::invitation(&facts),
                    Kind::Remail => texts::link_by_administrator(&facts),
                    Kind::Forgotten | Kind::Own => texts::forgotten(&facts),
                }))
            }
        }
    }

    /// The link, the code and how many minutes they live yet; none when the reset is over and the mail would only
    /// disappoint.
    fn link(&self, about: &About<'_>) -> Result<Option<(String, String, u32)>> {
        let tenant = about.tenant;
        let Some(reset) = about.reset.filter(|reset| reset.is_alive(about.now)) else { return Ok(None) };
        let Some(token) = link::token(&self.keys, reset.key, Claim { tenant: tenant.id, reset: reset.id }) else {
            return Err(Error::internal("the key of a link is no longer in the key file"));
        };
        let base = tenant.settings.public_url.clone().unwrap_or_else(|| self.public_url.for_tenant(&tenant.name));
        let link = format!("{}/reset#{}", base.trim_end_matches('/'), token.expose());
        Ok(Some((link, token.expose().clone(), minutes_left(reset.expires_at, about.now))))
    }
}

impl About<'_> {
    /// What the sign-in would say to the password that they had.
    fn old_password(&self) -> OldPassword {
        let (user, policy) = (self.user, &self.tenant.settings.password_policy);
        if user.password_hash.is_none() {
            OldPassword::None
        } else if user.password_dead_at.is_some() || policy.is_outlived(user.password_changed_at, self.now) {
            OldPassword::Dead
        } else {
            OldPassword::Works
        }
    }
}

/// What the way from the request to the relay usually takes; an hour less that is still about an hour.
const ON_THE_WAY_SECONDS: i64 = 10;

/// Rounded down, so that nobody is promised a minute that is not left.
fn minutes_left(expires_at: Timestamp, now: Timestamp) -> u32 {
    let seconds = expires_at.seconds_since(now).max(0) + ON_THE_WAY_SECONDS;
    u32::try_from(seconds / 60).unwrap_or(u32::MAX)
}

/// A mail that is younger leaves so soon that its link need not live longer for it.
const SOON_SECONDS: i64 = 60;

/// A link lives from its mail: one that leaves late, since it had to wait or the relay did not take it, gives the link its
/// whole life. A wish of anyone prolongs no link that an administrator has given.
fn renew_life(tx: &mut Tx<'_>, tenant: &Tenant, jobs: &[&Job], now: Timestamp) -> Result<()> {
    let ids: Vec<_> = jobs.iter().filter_map(|job| job.reset).collect();
    for reset in rows::find_each(tx, tenant.id, &ids)? {
        let is_asked = |job: &&&Job| job.reset == Some(reset.id) && job.kind == reset.kind;
        let Some(kind) = Kind::from_word(&reset.kind).filter(|_| jobs.iter().any(|job| is_asked(&job))) else {
            continue;
        };
        let expires_at = now.plus_seconds(60 * lifetime_minutes(&tenant.settings, kind));
        rows::prolong(tx, tenant.id, &reset, expires_at, now)?;
    }
    Ok(())
}

impl Compose for Letters {
    fn leaving(&self, tx: &mut Tx<'_>, jobs: &[Job], now: Timestamp) -> Result<()> {
        let is_late = |job: &&Job| job.reset.is_some() && (now.0 - job.queued_at.0).abs() >= SOON_SECONDS * SECOND;
        let late: Vec<&Job> = jobs.iter().filter(is_late).collect();
        for jobs in late.chunk_by(|one, next| one.tenant == next.tenant) {
            if let Some(tenant) = tenants::find_by_id(tx, jobs[0].tenant)? {
                renew_life(tx, &tenant, jobs, now)?;
            }
        }
        Ok(())
    }

    fn compose(&self, tx: &mut Tx<'_>, tenant: TenantId, jobs: &[Job], now: Timestamp) -> Result<Drafts> {
        let Some(tenant) = tenants::find_by_id(tx, tenant)? else { return Ok(jobs.iter().map(|_| Ok(None)).collect()) };
        let ids: Vec<_> = jobs.iter().map(|job| job.user).collect();
        let users = users::find_each_by_id(tx, tenant.id, &ids)?;
        let ids: Vec<_> = jobs.iter().filter_map(|job| job.reset).collect();
        let resets = rows::find_each(tx, tenant.id, &ids)?;
        let drafts = jobs.iter().zip(&users).map(|(job, user)| {
            let Some(user) = user else { return Ok(None) };
            let reset = resets.iter().find(|reset| Some(reset.id) == job.reset);
            self.draft(job, &About { tenant: &tenant, user, reset, now })
        });
        Ok(drafts.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_an_hour_on_its_way_and_ten_minutes_are_ten() {
        let left = |seconds| minutes_left(Timestamp(0).plus_seconds(seconds), Timestamp(0));
        assert_eq!([3600, 3598, 3580, 600, 59, 40, -1].map(left), [60, 60, 59, 10, 1, 0, 0]);
    }
}
