//! Ends, after a restore, everything that may have ended since the backup was made.

use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::erasures::Erasures;
use crate::audit::{self, AuditKey, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, Tenant, TenantId};
use crate::random::Random;
use crate::store::Tx;
use crate::{addresses, bulk, credentials, factors, incidents, people, reset, sessions, tenants, transfer, webhooks};

/// The fate of the passwords in a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passwords {
    /// They are invalidated: one that was reset or changed since the backup would be valid again.
    Die,
    /// They stay valid.
    Stay,
}

/// Everything ended in one tenant.
#[derive(Debug, Clone, Serialize)]
pub struct Ended {
    /// The tenant's name.
    pub tenant: String,
    /// Live links, by the id of their reset.
    pub links: Vec<OfUser<Uuid>>,
    /// Valid sessions, by their id.
    pub sessions: Vec<OfUser<Uuid>>,
    /// Valid API credentials, by their name; an administrator can activate each again.
    pub credentials: Vec<OfUser<String>>,
    /// How many passwords were invalidated.
    pub passwords: u64,
    /// The addresses of their users, if asked for.
    pub passwords_of: Option<Vec<String>>,
    /// New addresses that were not confirmed yet.
    pub addresses: u64,
    /// Code apps, whose recovery codes have ended.
    pub factors: u64,
    /// Mails with a link that had not left.
    pub mails: u64,
    /// Imports whose users were still being invited.
    pub invitations: u64,
    /// Plans of acts on many users, and runs of them, that had not come to their end.
    pub bulk_acts: u64,
    /// Incidents, and plans of them, that had not come to their end.
    pub incidents: u64,
    /// Webhooks that were on.
    pub webhooks: u64,
    /// Imports of uploaded files that had not come to their end.
    pub uploads: u64,
    /// Whether imports might bring hashes of passwords.
    pub let_hashes_in: bool,
    /// People who were erased since the backup was made, and are erased again.
    pub erased: u64,
    /// Owners who were erased since, and are left: a tenant always keeps its owners.
    pub erased_owners: Vec<String>,
}

/// A thing and the address of its user.
#[derive(Debug, Clone, Serialize)]
pub struct OfUser<T> {
    /// The id or name.
    pub id: T,
    /// The user's address.
    pub user: String,
}

fn of_users<T>(found: Vec<(T, String)>) -> Vec<OfUser<T>> {
    found.into_iter().map(|(id, user)| OfUser { id, user }).collect()
}

/// The parameters of ending.
pub(super) struct End<'a> {
    pub(super) actor: &'a Actor,
    /// The key over the audit chains.
    pub(super) key: &'a AuditKey,
    pub(super) passwords: Passwords,
    /// Whether to name each user whose password is invalidated.
    pub(super) is_full: bool,
    /// Who was erased since.
    pub(super) erasures: &'a Erasures,
    /// Draws ids and pseudonyms.
    pub(super) random: &'a Random,
    pub(super) now: Timestamp,
}

/// The canceller's name in the timeline of a reset.
const BY: &str = "restore";

impl End<'_> {
    /// Ends everything in a tenant that gives access.
    pub(super) fn everything(&self, tx: &mut Tx<'_>, tenant: &Tenant) -> Result<Ended> {
        let (id, now) = (tenant.id, self.now);
        let again = self.erasures.again(tx, id, self.random, (BY, now))?;
        let links = reset::end_all(tx, id, BY, now)?;
        let sessions = sessions::end_all(tx, id, now)?;
        let credentials = credentials::deactivate_all(tx, id, now)?;
        let addresses = addresses::end_all(tx, id)?;
        let factors = factors::end_all(tx, id, now)?;
        people::end_access(tx, id)?;
        let invitations = transfer::end_invitations(tx, id)?;
        let bulk_acts = bulk::end_all(tx, id, now)?;
        let incidents = incidents::end_all(tx, id, BY, now)?;
        let webhooks = webhooks::switch_off_all(tx, id, now)?;
        let uploads = transfer::end_uploads(tx, id, now)?;
        let let_hashes_in = keep_hashes_out(tx, tenant)?;
        // A sign-in after the backup is lost: nobody is disabled for not having been here.
        tenants::wake_all(tx, id, now)?;
        let (passwords, passwords_of) = self.passwords(tx, id)?;
        Ok(Ended {
            tenant: tenant.name.clone(),
            links: of_users(links.resets),
            sessions: of_users(sessions),
            credentials: of_users(credentials),
            passwords,
            passwords_of,
            addresses,
            factors,
            mails: links.mails,
            invitations,
            bulk_acts,
            incidents,
            webhooks,
            uploads,
            let_hashes_in,
            erased: again.people,
            erased_owners: again.owners,
        })
    }

    fn passwords(&self, tx: &mut Tx<'_>, tenant: TenantId) -> Result<(u64, Option<Vec<String>>)> {
        if self.passwords == Passwords::Stay {
            return Ok((0, None));
        }
        let whose = if self.is_full { Some(people::with_live_password(tx, tenant)?) } else { None };
        Ok((people::kill_passwords(tx, tenant, self.now)?, whose))
    }

    /// The one record of the restore in a tenant. It says where the chain goes on, so that an auditor who holds a later
    /// anchor learns why that one is gone.
    pub(super) fn record(&self, tx: &mut Tx<'_>, tenant: &Tenant, ended: &Ended, made_at: Timestamp) -> Result<()> {
        let (anchor, _) = audit::end_of(tx, self.key, tenant.id)?;
        let facts = json!({
            "backup_made_at": made_at,
            "anchor": anchor,
            "links": ended.links.len(),
            "sessions": ended.sessions.len(),
            "credentials": ended.credentials.len(),
            "passwords": ended.passwords,
            "addresses": ended.addresses,
            "factors": ended.factors,
            "mails": ended.mails,
            "invitations": ended.invitations,
            "bulk_acts": ended.bulk_acts,
            "incidents": ended.incidents,
            "webhooks": ended.webhooks,
            "uploads": ended.uploads,
            "let_hashes_in": ended.let_hashes_in,
            "erased": ended.erased,
        });
        let event = Event {
            tenant: tenant.id,
            at: self.now,
            action: "backup.restore",
            outcome: Outcome::Accepted,
            actor: self.actor,
            subject: &tenant.name,
            facts,
        };
        audit::record(tx, &event)
    }
}

/// Closes the window in which imports may bring hashes; whether it was set.
fn keep_hashes_out(tx: &mut Tx<'_>, tenant: &Tenant) -> Result<bool> {
    let mut settings = tenant.settings.clone();
    let was_set = settings.import.hashes_until.take().is_some();
    if was_set {
        tenants::replace_settings(tx, tenant, &settings)?;
    }
    Ok(was_set)
}
