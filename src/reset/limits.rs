//! Bounds on the mails that one user gets, so that resets cannot be used to harass. Pure.

use crate::clock::{SECOND, Timestamp};
use crate::error::{Error, Result};
use crate::params;
use crate::store::Tx;

const HOUR: i64 = 3600 * SECOND;
/// How long an `Idempotency-Key` is valid.
pub(super) const KEY_SECONDS: i64 = 24 * 3600;

/// The times of the latest mails with a link to one user, as stored in the user's row: those that administrators
/// requested, and, after a semicolon, those that the user or anyone else requested. Each list has a bound of its own,
/// so that self-requested mails never block an administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MailTimes {
    asked: Vec<i64>,
    wished: Vec<i64>,
}

/// Which of the two bounds a mail counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// The bound of administrators.
    Asked,
    /// The bound of requests by the user or anyone else.
    Wished,
}

impl MailTimes {
    pub(super) fn parse(text: &str) -> Self {
        let times = |text: &str| text.split(',').filter_map(|time| time.parse().ok()).collect();
        let (asked, wished) = text.split_once(';').unwrap_or((text, ""));
        Self { asked: times(asked), wished: times(wished) }
    }

    pub(super) fn text(&self) -> String {
        let text = |times: &[i64]| times.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        match self.wished.is_empty() {
            true => text(&self.asked),
            false => format!("{};{}", text(&self.asked), text(&self.wished)),
        }
    }

    /// The times with one more mail at `now`; times older than an hour are dropped.
    ///
    /// # Errors
    /// `TooMany` until the oldest of `per_hour` mails is an hour old.
    pub(super) fn admit(&self, bound: Bound, per_hour: i64, now: Timestamp) -> Result<Self> {
        let (next, leaves_at) = self.wait(bound, per_hour, now);
        if leaves_at <= now {
            return Ok(next);
        }
        let wait = (leaves_at.0 - now.0).div_euclid(SECOND) + 1;
        Err(Error::too_many(
            format!(
                "This user already got {} mails with a link within the last hour. Nothing was changed; wait before sending \
                 another.",
                per_hour.max(1)
            ),
            u32::try_from(wait).unwrap_or(1),
        ))
    }

    /// The times with one more mail, and when it may be sent. A mail that still waits is not counted, since the new one
    /// replaces it. A time later than any mail may wait was written by a clock that has been set back since.
    pub(super) fn wait(&self, bound: Bound, per_hour: i64, now: Timestamp) -> (Self, Timestamp) {
        let (mut next, most) = (self.clone(), usize::try_from(per_hour).unwrap_or(0).max(1));
        for times in [&mut next.asked, &mut next.wished] {
            times.retain(|time| now.0 - HOUR < *time && *time <= now.0 + HOUR);
        }
        let times = match bound {
            Bound::Asked => &mut next.asked,
            Bound::Wished => &mut next.wished,
        };
        times.retain(|time| *time <= now.0);
        let leaves_at = match times.len().checked_sub(most) {
            Some(oldest) => Timestamp(times[oldest] + HOUR),
            None => now,
        };
        times.push(leaves_at.0);
        (next, leaves_at)
    }

    /// The times with one more mail at `now`, whatever the bound.
    pub(super) fn noted(&self, bound: Bound, now: Timestamp) -> Self {
        self.wait(bound, i64::MAX, now).0
    }

    /// Whether the mail that an administrator requested last is still waiting, because of the bound.
    pub(super) fn one_waits(&self, now: Timestamp) -> bool {
        self.asked.last().is_some_and(|time| now.0 < *time && *time <= now.0 + HOUR)
    }

    /// Whether a mail was self-requested within the last seconds.
    pub(super) fn was_just_wished(&self, seconds: i64, now: Timestamp) -> bool {
        self.wished.last().is_some_and(|time| (now.0 - time).abs() < seconds * SECOND)
    }
}

/// How many resets a person may make in an hour: the tenant's setting, or the larger of 50 and 2 % of its users. `None`
/// for no limit.
pub(super) fn budget(chosen: i64, users: i64) -> Option<i64> {
    match chosen {
        0 => Some((users / 50).max(50)),
        chosen if chosen < 0 => None,
        chosen => Some(chosen),
    }
}

/// The users by which a budget is reckoned. For a day after an import has begun they are at most those before it: nobody
/// raises their own budget by bringing users along.
pub(super) fn reckoned(users: i64, before: Option<i64>, began_at: Option<Timestamp>, now: Timestamp) -> i64 {
    let is_recent = began_at.is_some_and(|at| at.lasts(24 * 3600, now));
    before.filter(|_| is_recent).map_or(users, |before| before.min(users))
}

/// Deletes rows that no limit needs any more: budgets of past hours, idempotency keys after a day, and requests for
/// links that could not be carried out within a day.
///
/// # Errors
/// Those of the store.
pub fn forget_old(tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
    tx.run("DELETE FROM reset_budgets WHERE hour_started_at < $1", &params![now.plus_seconds(-2 * 3600)])?;
    tx.run("DELETE FROM reset_keys WHERE created_at < $1", &params![now.plus_seconds(-KEY_SECONDS)])?;
    tx.run("DELETE FROM link_wishes WHERE wished_at < $1", &params![now.plus_seconds(-KEY_SECONDS)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Kind;

    const ASKED: Bound = Bound::Asked;

    fn minute(minute: i64) -> Timestamp {
        Timestamp(minute * 60 * SECOND)
    }

    /// Five mails, one a minute.
    fn five() -> MailTimes {
        (0..5).fold(MailTimes::parse(""), |times, nth| times.admit(ASKED, 5, minute(nth)).unwrap())
    }

    #[test]
    fn who_has_just_come_by_an_import_raises_no_budget() {
        let (began, day) = (Timestamp(7 * SECOND), 24 * 3600);
        let at = |seconds| reckoned(100_000, Some(1_000), Some(began), began.plus_seconds(seconds));
        assert_eq!((at(0), at(day - 1), at(day), at(-3600)), (1_000, 1_000, 100_000, 100_000));
        assert_eq!(reckoned(10, Some(1_000), Some(began), began), 10, "users went meanwhile");
        assert_eq!(reckoned(10, None, None, began), 10);
    }

    #[test]
    fn the_sixth_mail_in_an_hour_waits_for_the_first_to_grow_old() {
        let refused = five().admit(ASKED, 5, minute(10)).unwrap_err();
        assert_eq!(refused.kind, Kind::TooMany { retry_after_seconds: 50 * 60 + 1 });
        assert!(five().admit(ASKED, 5, minute(60)).is_ok());
    }

    #[test]
    fn of_the_mails_that_wait_there_is_one() {
        let (times, leaves_at) = five().wait(ASKED, 5, minute(10));
        assert_eq!(leaves_at, minute(60));
        assert!(times.one_waits(minute(59)) && !times.one_waits(minute(60)) && !five().one_waits(minute(10)));
        let (times, leaves_at) = times.wait(ASKED, 5, minute(20));
        assert_eq!(leaves_at, minute(60), "the later takes the place of the earlier");
        assert_eq!(times.wait(ASKED, 5, minute(60)).1, minute(61), "the one that has left counts");
    }

    #[test]
    fn mails_of_users_and_of_administrators_are_counted_apart() {
        let times = five().admit(Bound::Wished, 1, minute(5)).unwrap();
        assert!(times.admit(Bound::Wished, 1, minute(6)).is_err());
        let times = times.admit(ASKED, 6, minute(6)).unwrap();
        assert_eq!(MailTimes::parse(&times.text()), times);
        assert!(times.was_just_wished(60, minute(5)) && !times.was_just_wished(60, minute(6)));
    }

    #[test]
    fn what_a_clock_wrote_that_was_days_ahead_binds_nobody() {
        let ahead = minute(8 * 24 * 60);
        let times = (0..5).fold(MailTimes::parse(""), |times, _| times.admit(ASKED, 5, ahead).unwrap());
        assert_eq!(times.wait(ASKED, 5, minute(0)).1, minute(0));
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
                let (next, leaves_at) = MailTimes::parse(&times.text()).wait(ASKED, 5, Timestamp(now));
                times = next;
                // A waiting mail is superseded by a later one.
                sent.retain(|sent| *sent <= now);
                sent.push(leaves_at.0);
            }
            for window in sent.windows(6) {
                prop_assert!(window[5] - window[0] >= HOUR);
            }
        }
    }
}
