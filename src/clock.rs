//! The only code that asks the system for the time. All other code is handed it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One second in the unit of [`Timestamp`].
pub const SECOND: i64 = 1_000_000;
/// How far the clocks of several machines may differ. A time further ahead was stamped by a clock that was wrong.
const SKEW_SECONDS: i64 = 60;

/// A point in time, in microseconds since 1970 UTC; the store keeps it in this form too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Its digits alone, for file names.
    pub fn digits(self) -> String {
        self.to_string().chars().filter(char::is_ascii_digit).collect()
    }

    /// This time moved by whole seconds, backwards if negative.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(SECOND)))
    }

    /// Whole seconds from `earlier` to here, never negative.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.0.saturating_sub(earlier.0) / SECOND).max(0)
    }

    /// For something that began at this time and lasts `seconds`: the seconds that are left at `now`, rounded up; never
    /// more than `seconds`, and 0 when it is over.
    ///
    /// This is the one rule by which a stored time binds anyone. A time in the future was stamped by a clock that has
    /// been set back since, and counts as over: otherwise it would bind until that future came.
    pub fn seconds_left(self, seconds: i64, now: Self) -> i64 {
        if self.is_ahead_of(now) {
            return 0;
        }
        let left = self.plus_seconds(seconds).0.saturating_sub(now.0);
        left.saturating_add(SECOND - 1).div_euclid(SECOND).clamp(0, seconds.max(0))
    }

    /// Whether something that began at this time and lasts `seconds` is still going on at `now`. See
    /// [`Self::seconds_left`].
    pub fn lasts(self, seconds: i64, now: Self) -> bool {
        self.seconds_left(seconds, now) > 0
    }

    /// Whether a clock that ran ahead stamped this time: it lies further ahead of `now` than clocks normally differ.
    pub fn is_ahead_of(self, now: Self) -> bool {
        self > now.plus_seconds(SKEW_SECONDS)
    }

    /// The latest time that [`Self::is_ahead_of`] accepts, for SQL statements that make the same test.
    #[must_use]
    pub fn with_skew(self) -> Self {
        self.plus_seconds(SKEW_SECONDS)
    }

    /// Reads an RFC 3339 text.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|moment| Self(moment.as_microsecond()))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339, UTC, with exactly six fraction digits: the one form that all clients in use can read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_microsecond(self.0).unwrap_or_default();
        write!(f, "{moment:.6}")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = String::deserialize(reader)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("it must be a time such as 2026-03-04T09:15:27Z"))
    }
}

impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time", "examples": ["2026-03-04T09:15:27.000000Z"] })
    }
}

/// Tells the time: the machine's clock plus an offset that only `dev` and tests change.
#[derive(Clone)]
pub struct Clock {
    /// For a clock moved by hand: its start. It stands still between moves.
    stands_at: Option<Timestamp>,
    moved_by: Arc<AtomicI64>,
    /// The latest time that was handed out.
    latest: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self { stands_at: None, moved_by: Arc::default(), latest: Arc::default() }
    }

    /// A clock that stands still until it is moved.
    pub fn by_hand(start: Timestamp) -> Self {
        Self { stands_at: Some(start), moved_by: Arc::default(), latest: Arc::default() }
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        let now = self.look();
        self.latest.fetch_max(now.0, Ordering::Relaxed);
        now
    }

    /// Whether the clock was set back: a time handed out earlier lies in the future. Each step is reported once.
    pub fn was_set_back(&self) -> bool {
        let now = self.look();
        Timestamp(self.latest.swap(now.0, Ordering::Relaxed)).is_ahead_of(now)
    }

    fn look(&self) -> Timestamp {
        let base = self.stands_at.unwrap_or_else(system_time);
        Timestamp(base.0.saturating_add(self.moved_by.load(Ordering::Relaxed)))
    }

    /// Moves the clock forward, backwards if negative.
    pub fn advance_seconds(&self, seconds: i64) {
        self.moved_by.fetch_add(seconds.saturating_mul(SECOND), Ordering::Relaxed);
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place that asks the machine")]
fn system_time() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 24 * 3600;

    #[test]
    fn what_was_stamped_in_the_future_binds_nobody() {
        let now = Timestamp(0).plus_seconds(100 * DAY);
        let left = |begun: i64, seconds| now.plus_seconds(begun).seconds_left(seconds, now);
        assert_eq!((left(0, 900), left(-1, 900), left(-899, 900), left(-900, 900)), (900, 899, 1, 0));
        assert_eq!((left(-8 * DAY, 900), left(8 * DAY, 900), left(8 * DAY, 365 * DAY)), (0, 0, 0));
        assert_eq!((left(59, 900), left(61, 900)), (900, 0), "machines may differ by a minute");
    }

    #[test]
    fn a_moment_is_written_with_six_digits() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000000Z");
        assert_eq!(Timestamp(1_772_615_727_004_211).to_string(), "2026-03-04T09:15:27.004211Z");
        assert_eq!(Timestamp::parse("2026-03-04T09:15:27.004211Z"), Some(Timestamp(1_772_615_727_004_211)));
    }

    #[test]
    fn a_clock_that_was_set_back_says_so_once() {
        let clock = Clock::by_hand(Timestamp(0).plus_seconds(100 * DAY));
        let told = |seconds| {
            clock.advance_seconds(seconds);
            clock.now();
            clock.was_set_back()
        };
        assert_eq!([0, 8 * DAY, -8 * DAY, 0, -30, 30].map(told), [false, false, true, false, false, false]);
        // The clock was not asked in between.
        clock.advance_seconds(DAY);
        clock.now();
        clock.advance_seconds(-DAY);
        assert!(clock.was_set_back());
    }

    proptest! {
        #[test]
        fn nothing_binds_for_longer_than_it_lasts(begun: i64, seconds in -10..1_000_000_i64, now: i64) {
            let (begun, now) = (Timestamp(begun), Timestamp(now));
            let left = begun.seconds_left(seconds, now);
            prop_assert!((0..=seconds.max(0)).contains(&left));
            prop_assert_eq!(left > 0, begun.lasts(seconds, now));
            // After this long it is over, however often it is asked again.
            prop_assert!(!begun.lasts(seconds, now.plus_seconds(seconds.max(0) + SKEW_SECONDS)));
        }
    }
}
