//! What becomes of a user who may be inactive. Pure: the moments come from the store, the days from the tenant's settings.

use crate::clock::Timestamp;
use crate::identity::{InactiveUsersSettings, REMOVED_LATER_DAYS};
use crate::people::{Kind, Quiet, Sleeper};

const DAY: i64 = 24 * 3600;
/// A mail that was not sent after so long was given up: another one is queued.
pub(super) const UNSENT_DAYS: i64 = 7;
/// What was told, or marked, counts for so long after the day for which it was: after a jump of the clock, a long standstill or the
/// restore of an old backup it does not count any more, and the user is told anew.
const COUNTS_DAYS: i64 = 30;
/// A user who is asleep is looked at so often, in case the settings have changed.
const ASLEEP_LOOK_DAYS: i64 = 7;

/// The step that comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing; they were active then, and it begins anew.
    Wake(Timestamp),
    /// Nothing before that moment.
    Wait(Timestamp),
    /// Nothing: they were told or are asleep, and are looked at as such.
    Leave,
    /// They are told by mail; they have been inactive since then.
    Tell(Timestamp),
    /// They are disabled.
    Disable,
    /// It is noted that they are removed soon.
    Mark,
    /// They are removed.
    Remove,
}

/// The moment from which on the user who was active last then must be told.
pub(super) fn told_from(active_at: Timestamp, days: &InactiveUsersSettings) -> Timestamp {
    active_at.plus_seconds((days.disable_days - days.notice_days) * DAY)
}

/// The last moment of an activity that is too long ago by now.
pub(super) fn too_long_ago(days: &InactiveUsersSettings, now: Timestamp) -> Timestamp {
    now.plus_seconds(-(days.disable_days - days.notice_days) * DAY)
}

/// When a user is disabled who is told now, at the earliest.
pub(super) fn disabled_from(inactive_since: Timestamp, days: &InactiveUsersSettings, told_at: Timestamp) -> Timestamp {
    inactive_since.plus_seconds(days.disable_days * DAY).max(told_at.plus_seconds(days.notice_days * DAY))
}

/// Owners are left alone, since a tenant keeps its owners, and so are service users, whose mail nobody reads.
fn falls_asleep(user: &Quiet) -> bool {
    !user.is_owner && user.kind == Kind::Person
}

/// The step of a user of whom nothing is noted. `anew` is the moment before which nothing counts.
pub(super) fn of_quiet(user: &Quiet, anew: Timestamp, days: &InactiveUsersSettings, now: Timestamp) -> Step {
    let active_at = user.active_at().max(anew);
    if !falls_asleep(user) || user.is_disabled {
        Step::Wake(now)
    } else if active_at > too_long_ago(days, now) {
        // A moment that a clock has stamped which ran ahead: they were here, whenever that was.
        Step::Wake(active_at.min(now))
    } else {
        Step::Tell(active_at)
    }
}

/// The step of a user who was told, or is asleep.
pub(super) fn of_sleeper(
    user: &Quiet,
    sleeper: &Sleeper,
    anew: Timestamp,
    days: &InactiveUsersSettings,
    now: Timestamp,
) -> Step {
    match sleeper.asleep_at {
        Some(asleep_at) if user.is_disabled && falls_asleep(user) => of_asleep(asleep_at.max(anew), sleeper, days, now),
        None if falls_asleep(user) && !user.is_disabled => of_told(user, sleeper, anew, days, now),
        // Enabled by a release that knows nothing of this, locked out by an administrator, or an owner by now.
        _ => Step::Wake(now),
    }
}

fn of_told(user: &Quiet, sleeper: &Sleeper, anew: Timestamp, days: &InactiveUsersSettings, now: Timestamp) -> Step {
    let since = sleeper.inactive_since;
    let active_at = user.done_at.map_or(anew, |done| done.max(anew));
    if active_at > since {
        return Step::Wake(active_at.min(now));
    }
    if since > too_long_ago(days, now) {
        // The tenant waits longer by now: they are told anew when it is time.
        return Step::Wake(since.min(now));
    }
    let Some(mailed_at) = sleeper.mailed_at.filter(|at| !at.is_ahead_of(now)) else {
        let unsent = sleeper.told_at.plus_seconds(UNSENT_DAYS * DAY);
        return if now < unsent && !sleeper.told_at.is_ahead_of(now) { Step::Wait(unsent) } else { Step::Tell(since) };
    };
    let due = disabled_from(since, days, mailed_at);
    if now >= mailed_at.plus_seconds((days.notice_days + COUNTS_DAYS) * DAY) {
        Step::Tell(since)
    } else if now < due {
        Step::Wait(due)
    } else {
        Step::Disable
    }
}

/// Whether the mail to a user still says the truth when it leaves.
pub(super) fn is_to_be_told(
    user: &Quiet,
    sleeper: &Sleeper,
    anew: Timestamp,
    days: &InactiveUsersSettings,
    now: Timestamp,
) -> bool {
    let is_awake = sleeper.asleep_at.is_none() && falls_asleep(user) && !user.is_disabled;
    days.is_on() && is_awake && !matches!(of_told(user, sleeper, anew, days, now), Step::Wake(_))
}

fn of_asleep(asleep_at: Timestamp, sleeper: &Sleeper, days: &InactiveUsersSettings, now: Timestamp) -> Step {
    let again = now.plus_seconds(ASLEEP_LOOK_DAYS * DAY);
    if days.remove_days == 0 || asleep_at.is_ahead_of(now) {
        return Step::Wait(again);
    }
    let marked_from = asleep_at.plus_seconds((days.remove_days - days.disable_days - REMOVED_LATER_DAYS) * DAY);
    if now < marked_from {
        return Step::Wait(marked_from.min(again));
    }
    // Removing cannot be taken back: what a clock says once must be true for ten days.
    let counts = |at: &Timestamp| *at >= marked_from && at.lasts((REMOVED_LATER_DAYS + COUNTS_DAYS) * DAY, now);
    match sleeper.going_at.filter(counts) {
        None => Step::Mark,
        Some(at) if at.lasts(REMOVED_LATER_DAYS * DAY, now) => Step::Wait(at.plus_seconds(REMOVED_LATER_DAYS * DAY)),
        Some(_) => Step::Remove,
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
