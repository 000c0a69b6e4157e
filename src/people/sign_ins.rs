//! When each person of a tenant signed in last, page by page: a tenant of a hundred thousand is read by its key, and no
//! statement reads more than a page.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

const PAGE: usize = 2_000;
const PEOPLE: &str = "SELECT email_key, email, created_at, last_login_at
    FROM users WHERE tenant = $1 AND email_key > $2 AND kind <> 'SERVICE' ORDER BY email_key LIMIT 2000";

/// The last sign-in of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastSignIn {
    /// The address, as first written.
    pub email: String,
    /// When the person was created.
    pub created_at: Timestamp,
    /// When they last signed in, if ever.
    pub at: Option<Timestamp>,
}

/// Hands the last sign-in of each person to `take`, by address. Service users have none: they never sign in.
///
/// # Errors
/// Those of the store.
pub fn each_last_sign_in(tx: &mut Tx<'_>, tenant: TenantId, mut take: impl FnMut(LastSignIn)) -> Result<()> {
    let mut after = String::new();
    loop {
        let page = tx.all(PEOPLE, &params![tenant, &after])?;
        for row in &page {
            take(LastSignIn { email: row.get(1)?, created_at: row.get(2)?, at: row.get(3)? });
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = last.get(0)?,
            _ => return Ok(()),
        }
    }
}
