use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::act::rig::NOW;
use crate::identity::UserId;

const DAYS: InactiveUsersSettings = InactiveUsersSettings { disable_days: 45, notice_days: 14, remove_days: 90 };
const NEVER: Timestamp = Timestamp(0);

/// So many days from now.
fn day(days: i64) -> Timestamp {
    NOW.plus_seconds(days * DAY)
}

/// A user who was last looked at then.
fn user(awake_since: i64) -> Quiet {
    Quiet {
        id: UserId(7),
        email: "jane@example.com".into(),
        kind: Kind::Person,
        is_owner: false,
        is_disabled: false,
        awake_since: day(awake_since),
        done_at: None,
    }
}

/// A user who was told then, and whose mail left on the same day.
fn told(inactive_since: i64, at: i64) -> Sleeper {
    Sleeper {
        user: UserId(7),
        mail: Uuid::from_bytes([7; 16]),
        inactive_since: day(inactive_since),
        told_at: day(at),
        mailed_at: Some(day(at)),
        asleep_at: None,
        going_at: None,
    }
}

fn quiet(user: &Quiet) -> Step {
    of_quiet(user, NEVER, &DAYS, NOW)
}

fn step(sleeper: &Sleeper) -> Step {
    of_sleeper(&user(-400), sleeper, NEVER, &DAYS, NOW)
}

fn asleep(sleeper: &Sleeper) -> Step {
    of_sleeper(&Quiet { is_disabled: true, ..user(-400) }, sleeper, NEVER, &DAYS, NOW)
}

#[test]
fn a_user_is_told_so_many_days_before_as_the_tenant_says() {
    assert_eq!(quiet(&user(-30)), Step::Wake(day(-30)));
    assert_eq!(quiet(&user(-31)), Step::Tell(day(-31)));
    assert_eq!(quiet(&Quiet { done_at: Some(day(-2)), ..user(-31) }), Step::Wake(day(-2)));
    assert_eq!(quiet(&Quiet { done_at: Some(day(-40)), ..user(-50) }), Step::Tell(day(-40)));
    assert_eq!(quiet(&Quiet { done_at: Some(day(400)), ..user(-50) }), Step::Wake(NOW), "a clock that ran ahead");
    assert_eq!(quiet(&Quiet { is_owner: true, ..user(-400) }), Step::Wake(NOW));
    assert_eq!(quiet(&Quiet { is_disabled: true, ..user(-400) }), Step::Wake(NOW));
    assert_eq!(quiet(&Quiet { kind: Kind::Service, ..user(-400) }), Step::Wake(NOW));
    assert_eq!(of_quiet(&user(-400), day(-30), &DAYS, NOW), Step::Wake(day(-30)), "a tenant that was suspended");
    assert_eq!(told_from(too_long_ago(&DAYS, NOW), &DAYS), NOW);
}

#[test]
fn nobody_is_disabled_before_a_mail_was_sent_long_enough_ago() {
    assert_eq!(step(&told(-45, -14)), Step::Disable);
    assert_eq!(step(&told(-44, -14)), Step::Wait(day(1)), "not inactive for long enough");
    assert_eq!(step(&told(-400, -13)), Step::Wait(day(1)), "told too late");
    assert_eq!(step(&Sleeper { mailed_at: None, ..told(-400, -6) }), Step::Wait(day(1)), "the mail waits");
    assert_eq!(step(&Sleeper { mailed_at: None, ..told(-400, -7) }), Step::Tell(day(-400)), "it was given up");
    assert_eq!(step(&Sleeper { mailed_at: None, ..told(-400, -400) }), Step::Tell(day(-400)));
}

#[test]
fn what_was_told_long_ago_or_by_a_clock_that_ran_ahead_does_not_count() {
    assert_eq!(step(&told(-400, -43)), Step::Disable);
    assert_eq!(step(&told(-400, -44)), Step::Tell(day(-400)));
    assert_eq!(step(&told(-400, -365)), Step::Tell(day(-400)));
    assert_eq!(step(&told(-400, 365)), Step::Tell(day(-400)));
}

#[test]
fn who_was_here_begins_anew() {
    let here = |done_at: i64| {
        of_sleeper(&Quiet { done_at: Some(day(done_at)), ..user(-14) }, &told(-60, -14), NEVER, &DAYS, NOW)
    };
    assert_eq!((here(-1), here(-13), here(-40)), (Step::Wake(day(-1)), Step::Wake(day(-13)), Step::Wake(day(-40))));
    assert_eq!((here(-60), here(30)), (Step::Disable, Step::Wake(NOW)));
    let anew = |at: i64| of_sleeper(&user(-14), &told(-60, -14), day(at), &DAYS, NOW);
    assert_eq!((anew(-1), anew(-60)), (Step::Wake(day(-1)), Step::Disable), "a tenant that was suspended or restored");
    let other = |user: Quiet| of_sleeper(&user, &told(-60, -14), NEVER, &DAYS, NOW);
    assert_eq!(other(Quiet { is_owner: true, ..user(-14) }), Step::Wake(NOW));
    assert_eq!(other(Quiet { is_disabled: true, ..user(-14) }), Step::Wake(NOW), "by an administrator");
    let longer = InactiveUsersSettings { disable_days: 90, ..DAYS };
    assert_eq!(of_sleeper(&user(-14), &told(-60, -14), NEVER, &longer, NOW), Step::Wake(day(-60)), "told anew in time");
}

#[test]
fn who_sleeps_is_removed_when_that_was_certain_for_ten_days() {
    let at = |asleep_at: i64, going_at: Option<i64>| {
        asleep(&Sleeper { asleep_at: Some(day(asleep_at)), going_at: going_at.map(day), ..told(-400, -60) })
    };
    assert_eq!(at(0, None), Step::Wait(day(7)));
    assert_eq!(at(-34, None), Step::Wait(day(1)));
    assert_eq!(at(-35, None), Step::Mark);
    assert_eq!(at(-44, Some(-9)), Step::Wait(day(1)));
    assert_eq!(at(-45, Some(-10)), Step::Remove);
    assert_eq!(at(-400, Some(-39)), Step::Remove);
    assert_eq!(at(-400, Some(-40)), Step::Mark, "noted so long ago");
    assert_eq!(at(-400, Some(365)), Step::Mark, "noted by a clock that ran ahead");
    assert_eq!(at(365, None), Step::Wait(day(7)), "disabled by a clock that ran ahead");
    let sleeper = Sleeper { asleep_at: Some(day(-400)), going_at: Some(day(-10)), ..told(-500, -460) };
    let disabled = Quiet { is_disabled: true, ..user(-400) };
    let of = |user: &Quiet, anew, days| of_sleeper(user, &sleeper, anew, days, NOW);
    let never = InactiveUsersSettings { remove_days: 0, ..DAYS };
    assert_eq!(of(&disabled, NEVER, &never), Step::Wait(day(7)));
    assert_eq!(of(&disabled, day(-1), &DAYS), Step::Wait(day(7)), "restored yesterday");
    assert_eq!(of(&user(-400), NEVER, &DAYS), Step::Wake(NOW), "enabled by a release that knows nothing of this");
    assert_eq!(of(&Quiet { is_owner: true, ..disabled }, NEVER, &DAYS), Step::Wake(NOW));
}

/// Moments around now, in days.
fn moment() -> impl Strategy<Value = Timestamp> {
    (-500..500_i64).prop_map(day)
}

proptest! {
    /// Whatever stands in the store: who is disabled was inactive, and was told in time; who is removed was asleep.
    #[test]
    fn nobody_is_disabled_untold_or_removed_awake(
        (awake_since, done_at) in (moment(), proptest::option::of(moment())),
        (is_owner, is_disabled) in any::<(bool, bool)>(),
        (inactive_since, told_at) in (moment(), moment()),
        (mailed_at, asleep_at, going_at) in
            (proptest::option::of(moment()), proptest::option::of(moment()), proptest::option::of(moment())),
        anew in moment(),
        (disable_days, notice_days, later) in (14..100_i64, 3..13_i64, 10..100_i64),
    ) {
        let days = InactiveUsersSettings { disable_days, notice_days, remove_days: disable_days + later };
        let user = Quiet { is_owner, is_disabled, awake_since, done_at, ..user(0) };
        let sleeper = Sleeper { inactive_since, told_at, mailed_at, asleep_at, going_at, ..told(0, 0) };
        match of_sleeper(&user, &sleeper, anew, &days, NOW) {
            Step::Disable => {
                prop_assert!(!is_owner && !is_disabled && done_at.is_none_or(|at| at <= inactive_since) && anew <= inactive_since);
                prop_assert!(inactive_since <= day(-disable_days));
                prop_assert!(mailed_at.unwrap() <= day(-notice_days) && mailed_at.unwrap() > day(-notice_days - COUNTS_DAYS));
            }
            Step::Remove => {
                prop_assert!(!is_owner && is_disabled && asleep_at.unwrap() <= day(-later) && anew <= day(-later));
                prop_assert!(going_at.unwrap() <= day(-10));
            }
            Step::Mark => prop_assert!(!is_owner && is_disabled && asleep_at.is_some()),
            Step::Tell(_) => prop_assert!(!is_owner && !is_disabled && asleep_at.is_none()),
            Step::Wake(at) => prop_assert!(at <= NOW),
            Step::Leave => prop_assert!(false, "that is for the look which finds users of whom nothing is noted"),
            // Otherwise it would be looked at again at once, for ever.
            Step::Wait(at) => prop_assert!(at > NOW),
        }
    }
}
