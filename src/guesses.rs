//! How long a guess has to wait after wrong ones: at a password, and at a one-time code.

use crate::clock::Timestamp;

/// The wait after the last free guess.
const FIRST_WAIT_SECONDS: i64 = 30;
/// The longest wait.
const LAST_WAIT_SECONDS: i64 = 15 * 60;

/// The failures of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    /// Counted guesses that no success has cleared.
    pub count: i64,
    /// The time of the last one.
    pub last_at: Timestamp,
}

/// The seconds until the next guess is allowed; 0 if it is allowed now. The first `free` guesses need no wait; then it
/// is 30 s, doubled with each further failure, up to 15 minutes.
pub fn wait_seconds(failures: Failures, free: i64, now: Timestamp) -> u32 {
    let beyond = failures.count - free.max(1);
    if beyond < 0 {
        return 0;
    }
    let wait = FIRST_WAIT_SECONDS.checked_shl(beyond.min(10) as u32).unwrap_or(i64::MAX).min(LAST_WAIT_SECONDS);
    u32::try_from(failures.last_at.seconds_left(wait, now)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(count: i64) -> u32 {
        let now = Timestamp(1_000_000_000);
        wait_seconds(Failures { count, last_at: now }, 5, now)
    }

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour() {
        assert_eq!([0, 4, 5, 6, 7, 8, 9, 10, 1_000].map(after), [0, 0, 30, 60, 120, 240, 480, 900, 900]);
    }

    #[test]
    fn a_wait_ends() {
        let failures = Failures { count: 5, last_at: Timestamp(0) };
        assert_eq!(wait_seconds(failures, 5, Timestamp(0).plus_seconds(29)), 1);
        assert_eq!(wait_seconds(failures, 5, Timestamp(0).plus_seconds(30)), 0);
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_the_longest(count in 0..i64::MAX, last_at in 0..i64::MAX, free: i64, now in 0..i64::MAX) {
            let failures = Failures { count, last_at: Timestamp(last_at) };
            prop_assert!(wait_seconds(failures, free, Timestamp(now)) <= 900);
        }
    }
}
