//! When a delivery is tried again, and when a webhook is given up. Pure.

use crate::clock::{SECOND, Timestamp};

/// Seconds between the tries, behind the first at once: the example of the specification. Three days in all.
const RETRY_SECONDS: [i64; 9] = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600];
/// The longest that a receiver may ask to wait.
const RETRY_AFTER_MAX: i64 = 24 * 3600;
/// Without a success for so long the owners are told.
pub(super) const TOLD_SECONDS: i64 = 24 * 3600;
/// And after so long it is off.
pub(super) const OFF_SECONDS: i64 = 5 * 24 * 3600;

/// The longest time until a try, with all that is added to it.
pub(super) const WAIT_SECONDS_MAX: i64 = RETRY_AFTER_MAX + RETRY_AFTER_MAX / 10;

/// When to try again after so many tries; none when they are used up. `jitter` is drawn and adds up to a tenth, so that what failed
/// together does not come back together.
pub(super) fn next(tries: i64, retry_after: Option<i64>, jitter: u16, now: Timestamp) -> Option<Timestamp> {
    let wait = RETRY_SECONDS.get(usize::try_from(tries - 1).unwrap_or(0))?;
    let wait = retry_after.map_or(*wait, |asked| asked.clamp(*wait, RETRY_AFTER_MAX.max(*wait)));
    let added = wait * SECOND / 10 * i64::from(jitter) / i64::from(u16::MAX);
    Some(Timestamp(now.plus_seconds(wait).0.saturating_add(added)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_772_615_727_000_000);

    #[test]
    fn ten_tries_within_some_three_days() {
        let (mut at, mut tries) = (NOW, 0);
        loop {
            tries += 1;
            match next(tries, None, 0, at) {
                Some(next) => at = next,
                None => break,
            }
        }
        assert_eq!((tries, at.seconds_since(NOW)), (10, 5 + 300 + 1_800 + 75 * 3600));
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_up_to_a_day() {
        let wait = |asked| next(1, Some(asked), 0, NOW).unwrap().seconds_since(NOW);
        assert_eq!([-1, 0, 1, 60, 86_400, i64::MAX].map(wait), [5, 5, 5, 60, 86_400, 86_400]);
    }

    proptest! {
        #[test]
        fn never_earlier_and_never_a_tenth_later(tries in 1i64..10, jitter: u16) {
            let plain = next(tries, None, 0, NOW).unwrap().0 - NOW.0;
            let spread = next(tries, None, jitter, NOW).unwrap().0 - NOW.0;
            prop_assert!(plain <= spread && spread <= plain + plain / 10);
            prop_assert!(spread <= WAIT_SECONDS_MAX * SECOND);
        }
    }
}
