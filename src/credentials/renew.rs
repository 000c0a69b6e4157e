//! Sets a new expiry for a token; its secret stays.

use serde_json::json;

use super::narrowed::stay_within;
use super::rows::{self, CredentialKind};
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::CredentialSettings;
use crate::params;
use crate::store::Tx;

/// The default life of a credential.
const DAYS: i64 = 30;
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// When a credential with a life of `days` ends. `None` means 30 days, or the tenant's maximum if that is less.
///
/// # Errors
/// `Invalid` if it is negative, or above the tenant's maximum, which the sentence names.
pub fn expiry(days: Option<i64>, settings: &CredentialSettings, now: Timestamp) -> Result<Timestamp> {
    let max = settings.days_max;
    let days = days.unwrap_or(DAYS.min(max));
    if !(0..=max).contains(&days) {
        return Err(Error::invalid(format!(
            "Field expiration_days must be from 0 to {max}, the maximum of this tenant."
        )));
    }
    Ok(now.plus_seconds(days * DAY_SECONDS))
}

/// Sets the life of a credential, counted from now. One that has expired but was not revoked is valid again; 0 days end
/// it at once.
///
/// # Errors
/// `NotFound` and `Forbidden` as for every change; `Invalid` for too many days.
pub fn renew(tx: &mut Tx<'_>, (kind, name): (CredentialKind, &str), days: Option<i64>, act: &Act) -> Result<()> {
    let expires_at = expiry(days, &act.tenant.settings.credential, act.now)?;
    let credential = rows::find_changeable(tx, kind, name, act)?;
    stay_within(credential.narrowed_to.as_ref(), act)?;
    tx.run(
        "UPDATE credentials SET expires_at = $3 WHERE tenant = $1 AND name = $2",
        &params![act.tenant.id, name, expires_at],
    )?;
    let facts = json!({ "user": credential.user_email, "before": credential.expires_at, "after": expires_at });
    act.record(tx, "credential.renew", name, facts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn too_many_days_are_refused_with_the_maximum() {
        let settings = CredentialSettings { days_max: 90 };
        let refused = expiry(Some(91), &settings, Timestamp(0)).unwrap_err();
        assert!(refused.message.contains("90"), "{}", refused.message);
        assert!(expiry(Some(-1), &settings, Timestamp(0)).is_err());
        assert_eq!(expiry(Some(0), &settings, Timestamp(7)).unwrap(), Timestamp(7));
    }

    #[test]
    fn the_usual_life_never_exceeds_the_maximum() {
        let settings = CredentialSettings { days_max: 10 };
        assert_eq!(expiry(None, &settings, Timestamp(0)).unwrap(), Timestamp(0).plus_seconds(10 * DAY_SECONDS));
    }

    proptest! {
        #[test]
        fn nothing_outlives_the_maximum(days: i64) {
            let settings = CredentialSettings::default();
            if let Ok(end) = expiry(Some(days), &settings, Timestamp(0)) {
                prop_assert!(end <= Timestamp(0).plus_seconds(settings.days_max * DAY_SECONDS));
            }
        }
    }
}
