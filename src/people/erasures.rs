//! The addresses of people who were erased, and the erasures that are not over.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::params;
use crate::store::{self, Batch, Row, Tx};

/// The migration from which on erased records are known.
const MIGRATION: &str = "erasures";

/// The server's key for the addresses of people who were erased: without it an address cannot be tried against what is kept.
#[derive(Clone)]
pub struct ErasedKey(Keys);

impl ErasedKey {
    /// The one that these keys have for it: it survives their rotation.
    pub fn of(keys: &Keys) -> Self {
        Self(keys.clone())
    }

    /// What is kept of an address in a tenant (HMAC-SHA256, RFC 2104).
    pub fn code(&self, tenant: TenantId, email: &Email) -> AddressCode {
        AddressCode(self.0.lasting_mac("erased address", &[&tenant.0.to_be_bytes(), email.key().as_bytes()]))
    }
}

/// What is kept of the address of a person who was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressCode(pub [u8; 32]);

const FIND: Batch = Batch::new("SELECT 1 FROM erasures WHERE tenant = $1 AND address = $2");

/// Whether the people of these addresses were erased, in their order.
///
/// # Errors
/// Those of the store.
pub fn were_erased(tx: &mut Tx<'_>, tenant: TenantId, addresses: &[AddressCode]) -> Result<Vec<bool>> {
    let asked: Vec<_> = addresses.iter().map(|address| params![tenant, &address.0]).collect();
    Ok(tx.each(FIND, &asked)?.iter().map(|answer| !answer.rows.is_empty()).collect())
}

/// Keeps that the person of an address was erased. Older releases, to which rewritten records seem changed, start no more.
///
/// # Errors
/// Those of the store.
pub fn note_erased(tx: &mut Tx<'_>, tenant: TenantId, address: &AddressCode, now: Timestamp) -> Result<()> {
    store::counts_on(tx, MIGRATION)?;
    tx.run(
        "INSERT INTO erasures (tenant, address, erased_at) VALUES ($1, $2, $3)
         ON CONFLICT (tenant, address) DO UPDATE SET erased_at = excluded.erased_at",
        &params![tenant, &address.0, now],
    )
    .map(drop)
}

/// Every address of a tenant that was erased, with the moment.
///
/// # Errors
/// Those of the store.
pub fn erased_addresses(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Vec<(AddressCode, Timestamp)>> {
    let rows =
        tx.all("SELECT address, erased_at FROM erasures WHERE tenant = $1 ORDER BY address", &params![tenant])?;
    let read = |row: &Row| {
        let address: Vec<u8> = row.get(0)?;
        let address = address.try_into().map_err(|_| Error::internal("the code of an address has another length"))?;
        Ok((AddressCode(address), row.get(1)?))
    };
    rows.iter().map(read).collect()
}

/// An erasure that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Its id.
    pub id: Uuid,
    /// What stands for the person from now on.
    pub pseudonym: String,
    /// The user who was removed; no user has the number 0.
    pub user: UserId,
    /// Nothing that was written later is rewritten.
    pub until: Timestamp,
    /// What is sought, as its room reads it.
    pub sought: String,
    /// Where the next slice begins, as its room reads it.
    pub place: Vec<u8>,
    /// Records rewritten so far.
    pub rewritten: i64,
}

/// Begins an erasure.
///
/// # Errors
/// Those of the store.
pub fn begin_erasure(tx: &mut Tx<'_>, tenant: TenantId, erasure: &Erasure) -> Result<()> {
    let Erasure { id, pseudonym, user, until, sought, place, rewritten } = erasure;
    tx.run(
        "INSERT INTO erasures_under_way (tenant, id, pseudonym, user_id, until, sought, place, rewritten)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &params![tenant, id, pseudonym, *user, *until, sought, place.as_slice(), *rewritten],
    )
    .map(drop)
}

/// The erasure of this id, if it is not over.
///
/// # Errors
/// Those of the store.
pub fn find_erasure(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid) -> Result<Option<Erasure>> {
    let row = tx.maybe(
        "SELECT id, pseudonym, user_id, until, sought, place, rewritten FROM erasures_under_way
         WHERE tenant = $1 AND id = $2",
        &params![tenant, &id],
    )?;
    let Some(row) = row else { return Ok(None) };
    let mut row = row.columns();
    Ok(Some(Erasure {
        id: row.take()?,
        pseudonym: row.take()?,
        user: row.take()?,
        until: row.take()?,
        sought: row.take()?,
        place: row.take()?,
        rewritten: row.take()?,
    }))
}

/// Keeps how far an erasure is.
///
/// # Errors
/// Those of the store.
pub fn note_erasure(tx: &mut Tx<'_>, tenant: TenantId, erasure: &Erasure) -> Result<()> {
    let Erasure { id, sought, place, rewritten, .. } = erasure;
    tx.run(
        "UPDATE erasures_under_way SET sought = $3, place = $4, rewritten = $5 WHERE tenant = $1 AND id = $2",
        &params![tenant, id, sought, place.as_slice(), *rewritten],
    )
    .map(drop)
}

/// Forgets an erasure that is over.
///
/// # Errors
/// Those of the store.
pub fn end_erasure(tx: &mut Tx<'_>, tenant: TenantId, id: &Uuid) -> Result<()> {
    tx.run("DELETE FROM erasures_under_way WHERE tenant = $1 AND id = $2", &params![tenant, id]).map(drop)
}

/// The erasures that are not over, of all tenants. Runs in the house's scope.
///
/// # Errors
/// Those of the store.
pub fn list_erasures(tx: &mut Tx<'_>) -> Result<Vec<(TenantId, Uuid)>> {
    let rows = tx.all("SELECT tenant, id FROM erasures_under_way ORDER BY tenant, id LIMIT 100", &[])?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Addresses of users behind one, as they are compared, in order.
///
/// # Errors
/// Those of the store.
pub fn addresses_after(tx: &mut Tx<'_>, tenant: TenantId, after: &str, most: i64) -> Result<Vec<String>> {
    let statement = "SELECT email_key FROM users WHERE tenant = $1 AND email_key > $2 ORDER BY email_key LIMIT $3";
    tx.all(statement, &params![tenant, after, most])?.iter().map(|row| row.get(0)).collect()
}

/// Addresses of users who were removed, as they are compared.
///
/// # Errors
/// Those of the store.
pub fn former_addresses(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Vec<String>> {
    let statement = "SELECT email_key FROM former_users WHERE tenant = $1";
    tx.all(statement, &params![tenant])?.iter().map(|row| row.get(0)).collect()
}

/// Forgets what the address of a user who was removed kept.
///
/// # Errors
/// Those of the store.
pub fn forget_former(tx: &mut Tx<'_>, tenant: TenantId, email: &Email) -> Result<()> {
    tx.run("DELETE FROM former_users WHERE tenant = $1 AND email_key = $2", &params![tenant, &email.key()]).map(drop)
}

/// Whether a user who was removed had this address last.
///
/// # Errors
/// Those of the store.
pub fn is_former(tx: &mut Tx<'_>, tenant: TenantId, email: &Email) -> Result<bool> {
    let statement = "SELECT 1 FROM former_users WHERE tenant = $1 AND email_key = $2";
    Ok(tx.maybe(statement, &params![tenant, &email.key()])?.is_some())
}
