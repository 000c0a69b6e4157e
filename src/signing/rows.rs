//! SQL over the public halves that are known.

use super::note::VerifierKey;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::{Batch, Row, Tx};

/// The public half of the key of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Numbered {
    pub(super) number: i64,
    pub(super) key: VerifierKey,
}

/// All that are known, the newest first.
pub(super) fn list(tx: &mut Tx<'_>) -> Result<Vec<Numbered>> {
    let statement = "SELECT number, name, public_key FROM signing_keys
        WHERE tenant = $1 ORDER BY number DESC, known_since DESC, name";
    tx.all(statement, &params![TenantId::SYSTEM])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Numbered> {
    let public = row.get::<Vec<u8>>(2)?.try_into();
    let public = public.map_err(|_| Error::internal("a public key has another length than its kind has"))?;
    Ok(Numbered { number: row.get(0)?, key: VerifierKey::new(&row.get::<String>(1)?, public)? })
}

/// Adds those that are not known yet.
pub(super) fn add(tx: &mut Tx<'_>, keys: &[Numbered], now: Timestamp) -> Result<()> {
    const ADD: Batch = Batch::new(
        "INSERT INTO signing_keys (tenant, name, public_key, number, known_since) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant, name, public_key) DO NOTHING",
    );
    let row = |one: &'_ Numbered| (one.key.name().to_owned(), *one.key.public(), one.number);
    let rows: Vec<_> = keys.iter().map(row).collect();
    let rows: Vec<_> = rows
        .iter()
        .map(|(name, public, number)| params![TenantId::SYSTEM, name, public.as_slice(), *number, now])
        .collect();
    tx.each(ADD, &rows).map(drop)
}
