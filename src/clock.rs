//! The only asker of the time. Everything else is told what time it is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use serde::{Serialize, Serializer};

/// One second in the unit of [`Timestamp`].
pub const SECOND: i64 = 1_000_000;

/// A moment, in microseconds since 1970 UTC. This is also how the store keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Its digits alone, for names.
    pub fn digits(self) -> String {
        self.to_string().chars().filter(char::is_ascii_digit).collect()
    }

    /// This moment moved by whole seconds, backwards if negative.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(SECOND)))
    }

    /// Whole seconds from `earlier` to here, never negative.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.0.saturating_sub(earlier.0) / SECOND).max(0)
    }

    /// Reads an RFC 3339 text.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|moment| Self(moment.as_microsecond()))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339, UTC, exactly six fraction digits: the one form that every client in the field can read.
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

impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// Tells the time: the machine's, moved by an offset that only `dev` and tests ever change.
#[derive(Clone)]
pub struct Clock {
    /// A hand-set clock starts here and stands still between moves.
    stands_at: Option<Timestamp>,
    moved_by: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self { stands_at: None, moved_by: Arc::default() }
    }

    /// A clock that stands still until it is moved.
    pub fn by_hand(start: Timestamp) -> Self {
        Self { stands_at: Some(start), moved_by: Arc::default() }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        let base = self.stands_at.unwrap_or_else(system_time);
        Timestamp(base.0.saturating_add(self.moved_by.load(Ordering::Relaxed)))
    }

    /// Moves the clock forward.
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
    use super::*;

    #[test]
    fn a_moment_is_written_with_six_digits() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000000Z");
        assert_eq!(Timestamp(1_772_615_727_004_211).to_string(), "2026-03-04T09:15:27.004211Z");
        assert_eq!(Timestamp::parse("2026-03-04T09:15:27.004211Z"), Some(Timestamp(1_772_615_727_004_211)));
    }
}
