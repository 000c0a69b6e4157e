//! The users who have not signed in for long, for administrators who close accounts that nobody uses.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::people::{LastSignIn, each_last_sign_in};
use crate::store::Tx;

/// How long a user must not have signed in; the public API has no parameter for it.
const INACTIVE_SECONDS: i64 = 90 * 24 * 3600;

/// The addresses of the inactive users of a tenant, in order. Disabled users and users of single sign-on are judged by the
/// same rule; service users are not among them, since they never sign in.
///
/// # Errors
/// Those of the store.
pub fn list_inactive(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<Vec<String>> {
    let mut emails = Vec::new();
    each_last_sign_in(tx, tenant, |last| {
        if is_inactive(&last, now) {
            emails.push(last.email);
        }
    })?;
    Ok(emails)
}

/// Without a sign-in the time counts from the creation: programs that remove inactive users would otherwise remove a user
/// whose invitation is still on its way.
///
/// A time in the future, stamped by a clock that ran ahead, makes nobody inactive: the sign-in did happen.
fn is_inactive(last: &LastSignIn, now: Timestamp) -> bool {
    now >= last.at.unwrap_or(last.created_at).plus_seconds(INACTIVE_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::rig::NOW;

    const DAY: i64 = 24 * 3600;

    #[test]
    fn ninety_days_count_from_the_last_sign_in_or_else_from_the_creation() {
        let user = |created: i64, at: Option<i64>| LastSignIn {
            email: "jane@example.com".into(),
            created_at: NOW.plus_seconds(created),
            at: at.map(|at| NOW.plus_seconds(at)),
        };
        for (created, at, wanted) in [
            (-90 * DAY, None, true),
            (-90 * DAY + 1, None, false),
            (-900 * DAY, Some(-90 * DAY), true),
            (-900 * DAY, Some(-90 * DAY + 1), false),
            (-900 * DAY, Some(200 * DAY), false),
        ] {
            assert_eq!(is_inactive(&user(created, at), NOW), wanted, "{created} {at:?}");
        }
    }
}
