//! No weapon: how many reset mails one user may get. Pure.

use crate::clock::{SECOND, Timestamp};
use crate::error::{Error, Result};
use crate::params;
use crate::store::Tx;

const HOUR: i64 = 3600 * SECOND;

/// When the latest reset mails to one user went out, as it stands in the user's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MailTimes(Vec<i64>);

impl MailTimes {
    pub(super) fn parse(text: &str) -> Self {
        Self(text.split(',').filter_map(|time| time.parse().ok()).collect())
    }

    /// The times with one more mail at `now`; those older than an hour are forgotten.
    ///
    /// # Errors
    /// `TooMany` until the oldest of `per_hour` mails is an hour old.
    pub(super) fn admit(&self, per_hour: i64, now: Timestamp) -> Result<Self> {
        let mut recent: Vec<i64> = self.0.iter().copied().filter(|time| now.0 - time < HOUR).collect();
        let most = usize::try_from(per_hour).unwrap_or(0).max(1);
        if recent.len() >= most {
            let oldest = recent[recent.len() - most];
            let wait = (oldest + HOUR - now.0).div_euclid(SECOND) + 1;
            return Err(Error::too_many(
                format!(
                    "This user already got {most} reset mails within the last hour. The newest link works; wait before sending another."
                ),
                u32::try_from(wait).unwrap_or(1),
            ));
        }
        recent.push(now.0);
        Ok(Self(recent))
    }

    pub(super) fn text(&self) -> String {
        self.0.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
    }
}

/// How many resets a credential may make in an hour: what the tenant chose, or the larger of 50 and
/// 2 % of its users. None for no limit.
pub(super) fn budget(chosen: i64, users: i64) -> Option<i64> {
    match chosen {
        0 => Some((users / 50).max(50)),
        chosen if chosen < 0 => None,
        chosen => Some(chosen),
    }
}

/// Forgets what no limit asks about any more: budgets of past hours, and the keys of repeats after a day.
///
/// # Errors
/// Those of the store.
pub fn forget_old(tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
    tx.run("DELETE FROM reset_budgets WHERE hour_started_at < $1", &params![now.plus_seconds(-2 * 3600)])?;
    tx.run("DELETE FROM reset_keys WHERE created_at < $1", &params![now.plus_seconds(-24 * 3600)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Kind;

    #[test]
    fn the_sixth_mail_in_an_hour_waits_for_the_first_to_grow_old() {
        let mut times = MailTimes::parse("");
        for minute in 0..5 {
            times = times.admit(5, Timestamp(minute * 60 * SECOND)).unwrap();
        }
        let refused = times.admit(5, Timestamp(10 * 60 * SECOND)).unwrap_err();
        assert_eq!(refused.kind, Kind::TooMany { retry_after_seconds: 50 * 60 + 1 });
        assert!(times.admit(5, Timestamp(60 * 60 * SECOND)).is_ok());
    }

    #[test]
    fn a_budget_grows_with_the_tenant() {
        assert_eq!(budget(0, 10), Some(50));
        assert_eq!(budget(0, 100_000), Some(2_000));
        assert_eq!(budget(7, 100_000), Some(7));
        assert_eq!(budget(-1, 10), None);
    }

    proptest! {
        #[test]
        fn never_more_than_the_limit_within_any_hour(gaps in prop::collection::vec(0..4000i64, 1..60)) {
            let (mut times, mut now, mut sent) = (MailTimes::parse(""), 0, Vec::new());
            for gap in gaps {
                now += gap * SECOND;
                if let Ok(next) = MailTimes::parse(&times.text()).admit(5, Timestamp(now)) {
                    times = next;
                    sent.push(now);
                }
            }
            for window in sent.windows(6) {
                prop_assert!(window[5] - window[0] >= HOUR);
            }
        }
    }
}
