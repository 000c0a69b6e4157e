//! What is left of the resets of a person who is erased: that there were some, and when.

use uuid::Uuid;

use crate::error::Result;
use crate::identity::TenantId;
use crate::mail::address::Email;
use crate::params;
use crate::store::{Batch, Tx};

/// The user who was removed knows the latest reset, and each reset the one before it.
const OF_FORMER: &str = "WITH RECURSIVE chain (id, previous_id) AS (
        SELECT l.id, l.previous_id FROM resets l WHERE l.tenant = $1 AND l.id = (
            SELECT f.last_reset FROM former_users f WHERE f.tenant = $1 AND f.email_key = $2)
        UNION ALL
        SELECT p.id, p.previous_id FROM chain c JOIN resets p ON p.tenant = $1 AND p.id = c.previous_id)
    SELECT id FROM chain";
/// Of what the person asked for, the client's address was theirs. Who else asked or cancelled stays.
const ERASE: Batch = Batch::new(
    "UPDATE resets SET email = $3, relay_words = NULL, redeemed_from = NULL,
         credential = CASE WHEN requested_by = email THEN NULL ELSE credential END,
         address = CASE WHEN requested_by = email OR kind IN ('forgotten', 'own') THEN '' ELSE address END,
         requested_by = CASE WHEN requested_by = email THEN $3 ELSE requested_by END,
         cancelled_by = CASE WHEN cancelled_by = email THEN $3 ELSE cancelled_by END
     WHERE tenant = $1 AND id = $2",
);

/// Takes a person who was removed out of their resets, and forgets what is counted under their address.
///
/// # Errors
/// Those of the store.
pub fn forget_person(tx: &mut Tx<'_>, tenant: TenantId, email: &Email, pseudonym: &str) -> Result<()> {
    let rows = tx.all(OF_FORMER, &params![tenant, &email.key()])?;
    let resets: Vec<Uuid> = rows.iter().map(|row| row.get(0)).collect::<Result<_>>()?;
    let erased: Vec<_> = resets.iter().map(|reset| params![tenant, reset, pseudonym]).collect();
    tx.each(ERASE, &erased)?;
    let name = params![tenant, email.as_str()];
    tx.run("DELETE FROM reset_keys WHERE tenant = $1 AND actor = $2", &name)?;
    tx.run("DELETE FROM reset_budgets WHERE tenant = $1 AND actor = $2", &name).map(drop)
}
