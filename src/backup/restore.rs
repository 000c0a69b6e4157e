//! A backup becomes a store again.

use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::end::{End, Ended, Passwords};
use crate::audit::{self, AuditKey};
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::error::{Error, Kind, Result};
use crate::identity::{Actor, Tenant, TenantId};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::random::Random;
use crate::reset::{self, Invitation};
use crate::store::{BackupFile, Measured, Scope, Settings, Store, Tx, copy, digest_of, mark};
use crate::{tenants, users};

/// What to restore, and how.
pub struct Restore {
    /// The backup.
    pub from: PathBuf,
    /// Where to.
    pub to: Settings,
    /// Whether a store that is there is put aside.
    pub replaces: bool,
    /// What becomes of the passwords.
    pub passwords: Passwords,
    /// Where the links of the owners lead; none when passwords stay.
    pub public_url: Option<PublicUrl>,
    /// Whether to name each user whose password dies.
    pub is_full: bool,
    /// The server's own keys, which belong to the backup.
    pub keys: Keys,
    /// Who restores.
    pub actor: Actor,
    /// The present moment.
    pub now: Timestamp,
}

/// What a restore did.
#[derive(Debug, Serialize)]
pub struct Restored {
    /// When the backup was made: what was done later is lost.
    pub made_at: Timestamp,
    /// Its tables.
    pub tables: Vec<Measured>,
    /// What was ended.
    pub ended: Vec<Ended>,
    /// The links by which owners get in.
    pub owners: Vec<Owner>,
    /// Where the store is that was there before.
    pub put_aside: Option<String>,
}

/// An owner and the link by which they get in, told this once.
#[derive(Debug, Clone, Serialize)]
pub struct Owner {
    /// The tenant's name.
    pub tenant: String,
    /// The owner's address.
    pub email: String,
    /// Lives for a day and works once.
    pub link: String,
}

/// Restores a backup. Until the very last transaction the store is marked as half written, and no process serves it.
///
/// # Errors
/// One sentence that says what is in the way.
pub async fn restore(ask: Restore, random: &Random, progress: impl Fn(&str, u64) + Send + 'static) -> Result<Restored> {
    let BackupFile { store: backup, made_at, digest } = Store::look_at_backup(&ask.from)?;
    require_sound(&backup, &ask.from)?;
    let present = backup.read(Scope::HOUSE, tenants::list_all)?;
    require_own_key(&backup, &ask.keys, &present)?;
    let (target, put_aside) = open_target(&ask).await?;
    let (to, runtime) = (target.clone(), Handle::current());
    let tables = backup.scan(Scope::HOUSE, move |tx| copy(tx, &to, &runtime, progress)).await?;
    if digest_of(&tables) != digest {
        return Err(Error::invalid(format!(
            "{} does not hold what was written to it. Take another backup; what was restored of it is not served.",
            ask.from.display()
        )));
    }

    let ids: Vec<(Tenant, Uuid, Uuid)> =
        present.into_iter().map(|tenant| (tenant, random.uuid(ask.now), random.uuid(ask.now))).collect();
    let begin = move |tx: &mut Tx<'_>| ask.begin(tx, &ids, made_at);
    let (ended, owners) = target.write(Scope::HOUSE, begin).await?;
    target.close();
    Ok(Restored { made_at, tables, ended, owners, put_aside })
}

fn require_sound(backup: &Store, file: &Path) -> Result<()> {
    let wrong = backup.check()?;
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Error::invalid(format!("{} is damaged. Take an older backup. Nothing was changed.", file.display()))
        .with_details(wrong))
}

/// With other keys no chain verifies, and nobody could tell the records from forged ones.
fn require_own_key(backup: &Store, keys: &Keys, tenants: &[Tenant]) -> Result<()> {
    let key = audit_key(keys);
    let is_own = |tenant: TenantId| backup.read(Scope::of(tenant), |tx| audit::end_of(tx, &key, tenant));
    for tenant in tenants {
        if !is_own(tenant.id)?.1 {
            return Err(Error::conflict(format!(
                "The key file is not the one of this backup: it has not signed the audit records of {}. Put the right one \
                 back. Nothing was changed.",
                tenant.name
            )));
        }
    }
    Ok(())
}

fn audit_key(keys: &Keys) -> AuditKey {
    AuditKey::new(keys.lasting("audit chain"))
}

async fn open_target(ask: &Restore) -> Result<(Store, Option<String>)> {
    let put_aside = if ask.replaces { Store::put_aside(&ask.to, ask.now)? } else { None };
    let target = Store::open_to_fill(&ask.to, ask.now).await.map_err(|failure| match failure.kind {
        Kind::Conflict if !ask.replaces => {
            Error { message: format!("{} With --replace it is put aside first.", failure.message), ..failure }
        }
        _ => failure,
    })?;
    Ok((target, put_aside))
}

impl Restore {
    /// The transaction by which the store begins to be one that is served.
    fn begin(
        &self,
        tx: &mut Tx<'_>,
        ids: &[(Tenant, Uuid, Uuid)],
        made_at: Timestamp,
    ) -> Result<(Vec<Ended>, Vec<Owner>)> {
        let key = &audit_key(&self.keys);
        let end = End { actor: &self.actor, key, passwords: self.passwords, is_full: self.is_full, now: self.now };
        let (mut all_ended, mut owners) = (Vec::new(), Vec::new());
        for (tenant, reset, mail) in ids {
            let ended = end.everything(tx, tenant)?;
            end.record(tx, tenant, &ended, made_at)?;
            all_ended.push(ended);
            owners.extend(self.let_owner_in(tx, tenant, *reset, *mail)?);
        }
        mark(tx, None, self.now)?;
        Ok((all_ended, owners))
    }

    fn let_owner_in(&self, tx: &mut Tx<'_>, tenant: &Tenant, id: Uuid, mail: Uuid) -> Result<Option<Owner>> {
        let Some(public_url) = &self.public_url else { return Ok(None) };
        let Some(owner) = users::first_owner(tx, tenant.id)? else { return Ok(None) };
        let base = tenant.settings.public_url.clone().unwrap_or_else(|| public_url.for_tenant(&tenant.name));
        let (actor, key, now) = (&self.actor, self.keys.current(), self.now);
        let invitation = Invitation { tenant, actor, id, mail, key, now };
        let link = reset::owners_link(tx, &self.keys, &Email::parse(&owner.email)?, &invitation, &base)?;
        Ok(link.map(|link| Owner { tenant: tenant.name.clone(), email: owner.email, link }))
    }
}
