//! Taking from every user of a tenant what opens their account.

use super::rows::{User, user_columns};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// Users are random numbers below 2^62, so these hold about as many each: no statement of a large tenant takes long
/// enough to be given up by the server.
const SLICES: i64 = 16;

fn slices() -> impl Iterator<Item = (i64, i64)> {
    let width = (1 << 62) / SLICES;
    (0..SLICES).map(move |nth| {
        let first = if nth == 0 { i64::MIN } else { nth * width };
        let last = if nth == SLICES - 1 { i64::MAX } else { (nth + 1) * width - 1 };
        (first, last)
    })
}

/// Ends every session of a tenant's users and empties the place of their open resets. How many users that were.
///
/// # Errors
/// Those of the store.
pub fn end_access(tx: &mut Tx<'_>, tenant: TenantId) -> Result<u64> {
    let end = |(first, last)| {
        tx.run(
            "UPDATE users SET session_epoch = session_epoch + 1, open_reset = NULL, open_reset_expires_at = NULL
             WHERE tenant = $1 AND id BETWEEN $2 AND $3",
            &params![tenant, first, last],
        )
    };
    slices().map(end).sum()
}

/// Kills every password of a tenant's users that is alive. How many those were.
///
/// # Errors
/// Those of the store.
pub fn kill_passwords(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<u64> {
    let kill = |(first, last)| {
        tx.run(
            "UPDATE users SET password_dead_at = $2
             WHERE tenant = $1 AND id BETWEEN $3 AND $4 AND password_hash IS NOT NULL AND password_dead_at IS NULL",
            &params![tenant, now, first, last],
        )
    };
    slices().map(kill).sum()
}

/// The addresses of the users whose password is alive.
///
/// # Errors
/// Those of the store.
pub fn with_live_password(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Vec<String>> {
    let found = tx.all(
        "SELECT email FROM users
         WHERE tenant = $1 AND password_hash IS NOT NULL AND password_dead_at IS NULL ORDER BY email_key",
        &params![tenant],
    )?;
    found.iter().map(|row| row.get(0)).collect()
}

/// The owners of a tenant who may sign in by a password, the first one first; whether theirs is alive is not asked.
///
/// # Errors
/// Those of the store.
pub fn local_owners(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Vec<User>> {
    const OWNERS: &str = concat!(
        "SELECT ",
        user_columns!(),
        " FROM users u WHERE u.tenant = $1 AND u.owner_since IS NOT NULL AND u.disabled_at IS NULL
          ORDER BY u.owner_since, u.id"
    );
    let mut owners = tx.all(OWNERS, &params![tenant])?.iter().map(User::read).collect::<Result<Vec<_>>>()?;
    owners.retain(User::has_local_password);
    Ok(owners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slices_hold_every_number_once() {
        let slices: Vec<_> = slices().collect();
        assert_eq!((slices[0].0, slices[slices.len() - 1].1), (i64::MIN, i64::MAX));
        assert!(slices.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0 && pair[0].0 <= pair[0].1), "{slices:?}");
    }
}
