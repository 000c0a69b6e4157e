//! Limits guesses at a password: a few at once, then ever more slowly.
//!
//! A guess is counted in a transaction of its own before its password is hashed, so parallel guesses cannot outrun the
//! count. Unknown addresses are counted like known ones. A browser with the cookie of a known device has a count of its
//! own: an outsider can use up the strangers' guesses, but not the owner's.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result, Told};
use crate::guesses::{Failures, wait_seconds};
use crate::identity::TenantId;
use crate::mail::address::Email;
use crate::pages::told;
use crate::params;
use crate::store::Tx;

/// Older failures do not count.
pub const MEMORY_SECONDS: i64 = 24 * 3600;
/// A round is lost only to another guess that was counted, so this many rounds are enough.
const ROUNDS_MAX: u32 = 16;

/// The key under which guesses are counted together: those at one password of an address, from a known device or from
/// strangers. The stored hash identifies the password, so a new password starts every count anew, and no rows need to
/// be found and cleared.
pub fn subject(email_key: &str, device: Option<Uuid>, password_hash: Option<&str>) -> [u8; 32] {
    let length = (email_key.len() as u64).to_be_bytes();
    let digest = Sha256::new().chain_update(length).chain_update(email_key.as_bytes());
    let digest = digest.chain_update(password_hash.unwrap_or_default().as_bytes()).chain_update([0]);
    match device {
        Some(device) => digest.chain_update(device.as_bytes()).finalize().into(),
        None => digest.finalize().into(),
    }
}

/// Counts one more guess.
///
/// # Errors
/// `TooMany` if no guess is allowed now; then no password may be checked.
pub fn count(tx: &mut Tx<'_>, tenant: TenantId, subject: &[u8; 32], free: i64, now: Timestamp) -> Result<()> {
    for _ in 0..ROUNDS_MAX {
        let stored = find(tx, tenant, subject)?;
        let known = stored.filter(|failures| failures.last_at.lasts(MEMORY_SECONDS, now)).unwrap_or_default();
        match wait_seconds(known, free, now) {
            0 if note(tx, tenant, subject, stored, known.count + 1, now)? => return Ok(()),
            0 => {}
            seconds => return Err(too_often(seconds)),
        }
    }
    Err(too_often(1))
}

/// Clears the failures after a success.
///
/// # Errors
/// Those of the store.
pub fn clear(tx: &mut Tx<'_>, tenant: TenantId, subject: &[u8; 32]) -> Result<()> {
    tx.run("DELETE FROM sign_in_failures WHERE tenant = $1 AND subject = $2", &params![tenant, subject]).map(drop)
}

/// Forgets the guesses of strangers at an address, and at its present password. Those from known devices are found by nothing, and
/// expire in days.
///
/// # Errors
/// Those of the store.
pub fn forget_guesses(tx: &mut Tx<'_>, tenant: TenantId, email: &Email, password_hash: Option<&str>) -> Result<()> {
    let key = email.key();
    [None, password_hash].iter().try_for_each(|hash| clear(tx, tenant, &subject(&key, None, *hash)))
}

/// Deletes the expired counts of all tenants; returns their number. Runs in the house's scope.
///
/// # Errors
/// Those of the store.
pub fn forget_old(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64> {
    tx.run("DELETE FROM sign_in_failures WHERE last_at < $1", &params![now.plus_seconds(-MEMORY_SECONDS)])
}

/// Resets waits stamped in the future, by a clock that ran ahead, to begin now: otherwise they would come back when
/// that future came.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    let statement = "UPDATE sign_in_failures SET last_at = $2 WHERE tenant = $1 AND last_at > $3";
    tx.run(statement, &params![tenant, now, now.with_skew()]).map(drop)
}

fn too_often(seconds: u32) -> Error {
    told::error(Kind::TooMany { retry_after_seconds: seconds }, Told::TooOften)
}

fn find(tx: &mut Tx<'_>, tenant: TenantId, subject: &[u8; 32]) -> Result<Option<Failures>> {
    let row = tx.maybe(
        "SELECT failures, last_at FROM sign_in_failures WHERE tenant = $1 AND subject = $2",
        &params![tenant, subject],
    )?;
    row.map(|row| Ok(Failures { count: row.get(0)?, last_at: row.get(1)? })).transpose()
}

/// Writes the new count if the stored one is unchanged since it was read; returns whether it did.
fn note(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    subject: &[u8; 32],
    stored: Option<Failures>,
    count: i64,
    now: Timestamp,
) -> Result<bool> {
    let changed = match stored {
        None => tx.run(
            "INSERT INTO sign_in_failures (tenant, subject, failures, last_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
            &params![tenant, subject, count, now],
        )?,
        Some(stored) => tx.run(
            "UPDATE sign_in_failures SET failures = $3, last_at = $4
             WHERE tenant = $1 AND subject = $2 AND failures = $5 AND last_at = $6",
            &params![tenant, subject, count, now, stored.count, stored.last_at],
        )?,
    };
    Ok(changed == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_and_known_devices_are_counted_apart() {
        let device = Some(Uuid::from_bytes([7; 16]));
        assert_ne!(subject("jane@example.com", None, None), subject("jane@example.com", device, None));
        assert_ne!(subject("jane@example.com", None, None), subject("john@example.com", None, None));
        assert_ne!(subject("jane@example.com", device, None), subject("jane@example.com", device, Some("$argon2id$")));
    }
}
