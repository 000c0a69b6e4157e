//! Hashes of passwords in what is written out: sealed for the one tenant whose key was given, and never otherwise. The only
//! statement that reads them stands here.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::random::Random;
use crate::secret::Secret;
use crate::store::{Batch, Row, Tx};
use crate::transfer::import::{Password, Record};
use crate::transfer::sealed::TransferKey;

/// By what hashes are sealed.
#[derive(Clone)]
pub(super) struct Sealing {
    pub(super) key: TransferKey,
    pub(super) random: Random,
}

/// A password as it is kept.
#[derive(Clone)]
pub(super) struct Kept {
    hash: Secret<String>,
    set_at: Option<Timestamp>,
    must_change: bool,
}

/// One that was killed by a reset opens nothing, and stays behind; so does one from before single sign-on.
const PASSWORD: Batch = Batch::new(
    "SELECT password_hash, password_changed_at, password_must_change_at IS NOT NULL FROM users
     WHERE tenant = $1 AND id = $2 AND password_hash IS NOT NULL AND password_dead_at IS NULL AND idm_type <> 'SSO'",
);

impl Sealing {
    /// The passwords of these users that count, in their order.
    pub(super) fn passwords(&self, tx: &mut Tx<'_>, tenant: TenantId, users: &[UserId]) -> Result<Vec<Option<Kept>>> {
        let asked: Vec<_> = users.iter().map(|user| params![tenant, *user]).collect();
        let kept =
            |row: &Row| Ok(Kept { hash: Secret::new(row.get(0)?), set_at: row.get(1)?, must_change: row.get(2)? });
        tx.each(PASSWORD, &asked)?.iter().map(|answer| answer.rows.first().map(kept).transpose()).collect()
    }

    /// Gives a record its password, sealed.
    pub(super) fn give(&self, record: &mut Record, kept: &Kept) -> Result<()> {
        let uid = record.uid.clone().unwrap_or_default();
        record.password = Some(Password::Sealed(self.key.seal(&uid, kept.hash.expose(), &self.random)?));
        (record.password_set_at, record.must_change) = (kept.set_at, kept.must_change);
        Ok(())
    }
}
