//! The terms of service: what the tenant has written down, and who has accepted which version.

use serde_json::json;

use super::person;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::people::{self, AcceptedTerms};
use crate::store::Tx;

/// Longest version, and longest words of acceptance, in bytes.
const VERSION_MAX: usize = 64;

/// What a user accepts.
#[derive(Debug)]
pub(super) struct Acceptance {
    /// What was accepted, in the client's words; empty for the version.
    pub(super) words: String,
    /// The version; empty for the present one.
    pub(super) version: String,
    /// When, in milliseconds since 1970; 0 for the moment of the call.
    pub(super) at_milliseconds: i64,
}

/// Writes down that the caller accepts the terms. Where the tenant has terms, that is their present version; where it has
/// none here, they stand elsewhere, and the client names the version.
///
/// # Errors
/// `Conflict` for another version than the present one; `Invalid` where none is named, for texts that are too long, and for a
/// time that is still to come; those of [`person::calling`].
pub(super) fn accept(tx: &mut Tx<'_>, act: &Act, asked: &Acceptance) -> Result<()> {
    let user = person::calling(tx, act)?;
    let version = version(&act.tenant.settings.terms.version, &asked.version)?;
    let words = if asked.words.is_empty() { version } else { &asked.words };
    for (field, text) in [("tos_version", version), ("tos_accepted", words)] {
        if text.len() > VERSION_MAX {
            return Err(Error::invalid(format!("Field {field} is longer than {VERSION_MAX} bytes.")));
        }
    }
    let at = moment(asked.at_milliseconds, act.now)?;
    let terms = AcceptedTerms { words: words.into(), version: version.into(), at: Some(at) };
    people::accept_terms(tx, act.tenant.id, user.id, &terms)?;
    act.record(tx, "terms.accept", &user.email, json!({ "version": version, "before": user.terms.version }))
}

/// The version that is accepted, out of the tenant's present one and the one that the client names.
fn version<'a>(present: &'a str, asked: &'a str) -> Result<&'a str> {
    match (present, asked) {
        ("", "") => Err(Error::invalid(
            "This tenant has no terms of its own here. Name the version that is accepted in tos_version.",
        )),
        ("", asked) => Ok(asked),
        (present, "") => Ok(present),
        (present, asked) if present == asked => Ok(asked),
        (present, _) => Err(Error::conflict(format!(
            "The terms of this tenant are version {present} now. Read them again, and accept that version."
        ))),
    }
}

/// When the user accepted, as the client says it; the record of the call has the time of this server beside it.
fn moment(milliseconds: i64, now: Timestamp) -> Result<Timestamp> {
    match Timestamp(milliseconds.saturating_mul(1_000)) {
        Timestamp(0) => Ok(now),
        at if at.0 < 0 || at.is_ahead_of(now) => Err(Error::invalid(
            "Field tos_accepted_at must be a time that has passed, in milliseconds since 1970. Leave it out for the present moment.",
        )),
        at => Ok(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_acceptance_has_passed() {
        let now = Timestamp(1_772_615_727_004_211);
        assert_eq!(moment(0, now).unwrap(), now);
        assert_eq!(moment(1_772_615_727_004, now).unwrap(), Timestamp(1_772_615_727_004_000));
        for wrong in [-1, 1_772_615_800_000, i64::MAX] {
            assert!(moment(wrong, now).unwrap_err().message.contains("tos_accepted_at"), "{wrong}");
        }
    }

    #[test]
    fn the_present_version_is_accepted_and_no_other() {
        assert_eq!(version("2", "").unwrap(), "2");
        assert_eq!(version("2", "2").unwrap(), "2");
        assert_eq!(version("", "elsewhere-3").unwrap(), "elsewhere-3");
        assert!(version("2", "1").unwrap_err().message.contains("version 2 now"));
        assert!(version("", "").unwrap_err().message.contains("tos_version"));
    }
}
