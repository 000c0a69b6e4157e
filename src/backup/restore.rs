//! Makes a store from a backup.

use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::end::{End, Ended, Passwords};
use super::erasures::Erasures;
use crate::audit::{self, AuditKey};
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::error::{Error, Kind, Result};
use crate::identity::{Actor, Tenant, TenantId};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::people::User;
use crate::random::Random;
use crate::reset::{self, Invitation};
use crate::store::{BackupFile, Measured, Replacement, Scope, Settings, Store, Tx, copy, digest_of, mark};
use crate::{people, tenants};

/// The parameters of a restore.
pub struct Restore {
    /// The backup.
    pub from: PathBuf,
    /// Where to.
    pub to: Settings,
    /// Whether an existing store is put aside.
    pub replaces: bool,
    /// A later backup, which tells who was erased since; beside the store that is put aside.
    pub erasures: Option<PathBuf>,
    /// The fate of the passwords.
    pub passwords: Passwords,
    /// The public URL for the owners' links, if known.
    pub public_url: Option<PublicUrl>,
    /// Whether to name each user whose password is invalidated.
    pub is_full: bool,
    /// The server's own keys; they must be those that the backup was made with.
    pub keys: Keys,
    /// The actor for the records.
    pub actor: Actor,
    /// The present time.
    pub now: Timestamp,
}

/// The result of a restore.
#[derive(Debug, Serialize)]
pub struct Restored {
    /// When the backup was made: everything done later is lost.
    pub made_at: Timestamp,
    /// Its tables.
    pub tables: Vec<Measured>,
    /// Everything that was ended.
    pub ended: Vec<Ended>,
    /// Links for the owners of tenants that no owner could enter otherwise.
    pub owners: Vec<Owner>,
    /// Whether it was known who was erased since the backup was made.
    pub knows_erasures: bool,
    /// Where the store that was there before has been put.
    pub put_aside: Option<String>,
}

/// An owner with their link, which is shown only here.
#[derive(Debug, Clone, Serialize)]
pub struct Owner {
    /// The tenant's name.
    pub tenant: String,
    /// The owner's address.
    pub email: String,
    /// Valid for a day, and for one use.
    pub link: String,
}

/// Restores a backup. Until the very last transaction the new store is marked as half written, and no process serves it.
/// A store that is replaced stays in its place until the new one is whole.
///
/// # Errors
/// One sentence that names the obstacle.
pub async fn restore(ask: Restore, random: &Random, progress: impl Fn(&str, u64) + Send + 'static) -> Result<Restored> {
    let backup = Store::look_at_backup(&ask.from)?;
    require_sound(&backup.store, &ask.from)?;
    let backup = backup.brought_forward(&ask.to.data_dir, ask.now)?;
    let tenants = backup.store.read(Scope::HOUSE, tenants::list_all)?;
    require_own_key(&backup.store, &ask.keys, &tenants)?;
    ask.require_public_url(&backup.store, &tenants)?;
    let erasures = Erasures::known_to(&ask, &tenants, backup.made_at)?;
    let knows_erasures = erasures.are_known;
    let target = Target::open(&ask).await?;
    let (now, made_at) = (ask.now, backup.made_at);
    match fill((ask, erasures), backup, target.store(), tenants, random, progress).await {
        Ok((tables, ended, owners)) => {
            let put_aside = target.take_place(now)?;
            Ok(Restored { made_at, tables, ended, owners, knows_erasures, put_aside })
        }
        Err(failure) => Err(target.abandon(failure)),
    }
}

fn and_the_old_one_stays(failure: Error) -> Error {
    Error { message: format!("{} The store that was there is in its place.", failure.message), ..failure }
}

/// Copies everything, checks that it equals what was written to the backup, and ends what may have ended.
async fn fill(
    (ask, erasures): (Restore, Erasures),
    backup: BackupFile,
    target: &Store,
    tenants: Vec<Tenant>,
    random: &Random,
    progress: impl Fn(&str, u64) + Send + 'static,
) -> Result<(Vec<Measured>, Vec<Ended>, Vec<Owner>)> {
    // The rest is dropped at the end, such as the upgraded copy of an older backup.
    let BackupFile { store, made_at, digest, .. } = backup;
    let (to, runtime) = (target.clone(), Handle::current());
    let tables = store.scan(Scope::HOUSE, move |tx| copy(tx, &to, &runtime, progress)).await?;
    if digest_of(&tables) != digest {
        return Err(Error::invalid(format!(
            "{} does not hold what was written to it. Take another backup; what was restored of it is not served.",
            ask.from.display()
        )));
    }
    let ids: Vec<(Tenant, Uuid, Uuid)> =
        tenants.into_iter().map(|tenant| (tenant, random.uuid(ask.now), random.uuid(ask.now))).collect();
    let random = random.clone();
    let begin = move |tx: &mut Tx<'_>| ask.begin(tx, &ids, (&erasures, &random), made_at);
    let (ended, owners) = target.write(Scope::HOUSE, begin).await.map_err(|failure| target.at_place(failure))?;
    let wrong = target.check()?;
    if !wrong.is_empty() {
        return Err(Error::internal(format!("what was restored is not sound: {}", wrong.join("; "))));
    }
    Ok((tables, ended, owners))
}

/// Where the new store is made.
enum Target {
    /// In the configured place, which was empty.
    Empty(Store),
    /// Beside the store that it will replace.
    Beside(Replacement),
}

impl Target {
    async fn open(ask: &Restore) -> Result<Self> {
        if ask.replaces && Store::is_there(&ask.to)? {
            let begun = Replacement::begin(&ask.to, ask.now).await;
            return begun.map(Self::Beside).map_err(and_the_old_one_stays);
        }
        Store::open_to_fill(&ask.to, ask.now).await.map(Self::Empty).map_err(|failure| match failure.kind {
            Kind::Conflict if !ask.replaces => {
                Error { message: format!("{} With --replace it is put aside.", failure.message), ..failure }
            }
            _ => failure,
        })
    }

    fn store(&self) -> &Store {
        match self {
            Self::Empty(store) => store,
            Self::Beside(replacement) => &replacement.store,
        }
    }

    /// Returns where the replaced store has been put.
    fn take_place(self, now: Timestamp) -> Result<Option<String>> {
        match self {
            Self::Empty(store) => {
                store.close();
                Ok(None)
            }
            Self::Beside(replacement) => replacement.take_place(now).map(Some).map_err(and_the_old_one_stays),
        }
    }

    fn abandon(self, failure: Error) -> Error {
        match self {
            Self::Empty(store) => {
                store.close();
                failure
            }
            Self::Beside(replacement) => {
                replacement.abandon();
                and_the_old_one_stays(failure)
            }
        }
    }
}

fn require_sound(backup: &Store, file: &Path) -> Result<()> {
    let wrong = backup.check()?;
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Error::invalid(format!("{} is damaged. Take an older backup. Nothing was changed.", file.display()))
        .with_details(wrong))
}

/// With other keys no chain verifies, and its records could not be told from forged ones.
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
    AuditKey::of(keys)
}

impl Restore {
    /// Fails before anything is changed if owners' links would be needed and their public URL is not known.
    fn require_public_url(&self, backup: &Store, tenants: &[Tenant]) -> Result<()> {
        let is_shut_out =
            |tenant: &Tenant| backup.read(Scope::of(tenant.id), |tx| Ok(shut_out_owner(tx, tenant.id)?.is_some()));
        let mut needs_links = self.passwords == Passwords::Die;
        for tenant in tenants {
            needs_links = needs_links || is_shut_out(tenant)?;
        }
        if self.public_url.is_some() || !needs_links {
            return Ok(());
        }
        Err(Error::invalid(
            "No owner could get in without a link, and it is not known where links lead. Set http.public_url, or give \
             --public-url. Nothing was changed.",
        ))
    }

    /// The transaction that makes the store servable.
    fn begin(
        &self,
        tx: &mut Tx<'_>,
        ids: &[(Tenant, Uuid, Uuid)],
        (erasures, random): (&Erasures, &Random),
        made_at: Timestamp,
    ) -> Result<(Vec<Ended>, Vec<Owner>)> {
        let key = &audit_key(&self.keys);
        let (actor, passwords, is_full, now) = (&self.actor, self.passwords, self.is_full, self.now);
        let end = End { actor, key, passwords, is_full, erasures, random, now };
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
        let Some(owner) = shut_out_owner(tx, tenant.id)? else { return Ok(None) };
        let base = tenants::base_url(tenant, public_url);
        let (actor, key, now) = (&self.actor, self.keys.current(), self.now);
        let invitation = Invitation { tenant, actor, id, mail, key, now };
        let link = reset::owners_link(tx, &self.keys, &Email::parse(&owner.email)?, &invitation, &base)?;
        Ok(link.map(|link| Owner { tenant: tenant.name.clone(), email: owner.email, link }))
    }
}

/// The first owner of a tenant in which no owner has a valid password.
fn shut_out_owner(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Option<User>> {
    let owners = people::local_owners(tx, tenant)?;
    let gets_in = |owner: &User| owner.password_hash.is_some() && owner.password_dead_at.is_none();
    if owners.iter().any(gets_in) { Ok(None) } else { Ok(owners.into_iter().next()) }
}
