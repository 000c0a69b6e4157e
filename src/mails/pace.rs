//! How much mail may leave, so that it costs a rush of requests little.

use std::time::Duration;

/// How often the worker looks for mail that is due.
pub(super) const TICK: Duration = Duration::from_millis(50);
/// More mails than can be carried in one tick: no limit.
pub(super) const MAILS_MAX: usize = 1024;
/// Writes of others in a second above which the API is busy and mail gives way. Calls that hash passwords stay far below;
/// only a rush of resets is above.
const RUSH_WRITES: u64 = 500;
/// In a rush one mail leaves for so many writes of others.
const RUSH_SHARE: u64 = 20;
/// In a rush the worker looks less often, so that more mails share the changes that they cost.
const RUSH_TICK: Duration = Duration::from_millis(250);

/// What the worker may do until it asks again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// How many mails may be leased.
    pub(super) mails: usize,
    /// How long until it asks again.
    pub(super) wait: Duration,
}

/// The pace after so many writes of others in the time since it was last asked for. A turn of the worker may take longer
/// than a tick, so the time that has passed counts. At least one mail may leave: mail never stands still.
pub(super) fn after(foreign_writes: u64, passed: Duration) -> Pace {
    let passed = passed.max(TICK).as_millis();
    if u128::from(foreign_writes) * 1_000 <= u128::from(RUSH_WRITES) * passed {
        return Pace { mails: MAILS_MAX, wait: TICK };
    }
    let share = usize::try_from(foreign_writes / RUSH_SHARE).unwrap_or(MAILS_MAX);
    Pace { mails: share.clamp(1, MAILS_MAX), wait: RUSH_TICK }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_gives_way_to_a_rush_and_never_stands_still() {
        let free = Pace { mails: MAILS_MAX, wait: TICK };
        let rush = |mails| Pace { mails, wait: RUSH_TICK };
        for (writes, milliseconds, pace) in [
            (0, 50, free),
            (25, 50, free),
            (26, 50, rush(1)),
            (1_000, 50, rush(50)),
            (126, 250, rush(6)),
            (125, 250, free),
            // After a turn that took long, as many writes are no rush.
            (500, 1_000, free),
            // A few at once are none either.
            (25, 0, free),
            (u64::MAX, 50, rush(MAILS_MAX)),
        ] {
            assert_eq!(after(writes, Duration::from_millis(milliseconds)), pace, "{writes} in {milliseconds} ms");
        }
    }
}
