//! How fast mails leave: as many in a minute as was asked for, and fewer while the relay refuses them for now. Pure.

use serde::{Deserialize, Serialize};

use crate::clock::{SECOND, Timestamp};
use crate::mails::Standing;

const MINUTE: i64 = 60 * SECOND;
/// Mails in one transaction, at most.
const SLICE_MAX: i64 = 256;
/// Where no pace was asked for, one begins from here to go slower.
const FREE: i64 = 6_000;
/// No relay is asked for less.
const LEAST: i64 = 10;
/// So many mails that the relay has refused for now are a sign to go slower.
const REFUSED_MANY: i64 = 10;
/// Mails of the tenant that may wait before others are queued; its other mails must not stand behind ten thousand.
const WAITING_MAX: i64 = 256;
/// Until one looks again whether the mails that wait have left.
const LOOK_AGAIN: i64 = SECOND / 2;

/// How far the mails have come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Mailed {
    /// Mails that were queued.
    pub(super) users: i64,
    /// Users for whom none was: they were mailed alone, have a later reset, or cannot use a link any more.
    pub(super) passed: i64,
    /// Mails in a minute, where the relay is slower than what was asked for.
    pub(super) slowed_to: Option<i64>,
    /// The relay's words.
    pub(super) slowed_by: Option<String>,
    /// When the pace was changed last.
    pub(super) slowed_at: Option<Timestamp>,
}

/// What is done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// So many mails are queued, and others at this moment.
    Queue(i64, Timestamp),
    /// None, until this moment.
    Wait(Timestamp),
}

impl Mailed {
    /// What is done next at a pace. The pace is halved while the relay refuses, once in a minute, and grows again by a tenth.
    pub(super) fn next(&mut self, asked: i64, waiting: &Standing, now: Timestamp) -> Next {
        self.adapt(asked, waiting, now);
        let pace = self.slowed_to.unwrap_or(asked);
        let most = WAITING_MAX.max(pace / 6);
        if waiting.all >= most {
            return Next::Wait(Timestamp(now.0 + LOOK_AGAIN));
        }
        if pace == 0 {
            return Next::Queue(SLICE_MAX.min(most - waiting.all), now);
        }
        let mails = (pace / 60).clamp(1, SLICE_MAX);
        Next::Queue(mails, Timestamp(now.0 + mails * MINUTE / pace))
    }

    fn adapt(&mut self, asked: i64, waiting: &Standing, now: Timestamp) {
        if self.slowed_at.is_some_and(|at| at.lasts(60, now)) {
            return;
        }
        let free = if asked == 0 { FREE } else { asked };
        let pace = self.slowed_to.unwrap_or(free);
        if waiting.refused >= REFUSED_MANY {
            self.slowed_to = Some((pace / 2).max(LEAST).min(free));
            self.slowed_by.clone_from(&waiting.words);
            self.slowed_at = Some(now);
        } else if self.slowed_to.is_some() {
            let faster = pace + (pace / 10).max(1);
            self.slowed_to = (faster < free).then_some(faster);
            self.slowed_at = Some(now);
            if self.slowed_to.is_none() {
                self.slowed_by = None;
            }
        }
    }

    /// The minutes that so many mails take yet.
    pub(super) fn minutes(&self, asked: i64, mails: i64) -> Option<i64> {
        let pace = self.slowed_to.unwrap_or(asked);
        (pace > 0).then(|| (mails + pace - 1) / pace)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(refused: i64) -> Standing {
        Standing { all: refused, refused, words: Some("450 later".into()) }
    }

    #[test]
    fn a_relay_that_refuses_is_asked_for_half_and_then_for_more_again() {
        let (mut mailed, mut now) = (Mailed::default(), Timestamp(0));
        let mut minute = |waiting: &Standing| {
            now = now.plus_seconds(60);
            mailed.next(240, waiting, now);
            (mailed.slowed_to, mailed.slowed_by.is_some())
        };
        assert_eq!(minute(&refused(9)), (None, false));
        let slower = [(); 6].map(|()| minute(&refused(10)).0.unwrap());
        assert_eq!(slower, [120, 60, 30, 15, 10, 10]);
        let faster: Vec<_> = std::iter::from_fn(|| minute(&Standing::default()).0).collect();
        assert!(faster.is_sorted() && faster.len() > 20 && faster.iter().all(|pace| *pace < 240), "{faster:?}");
        assert_eq!(minute(&Standing::default()), (None, false));
    }

    #[test]
    fn others_of_the_tenant_do_not_stand_behind_many() {
        let waiting = |all| Standing { all, ..Standing::default() };
        let next = |pace, all| Mailed::default().next(pace, &waiting(all), Timestamp(0));
        assert!(matches!(next(240, 256), Next::Wait(_)) && matches!(next(0, 256), Next::Wait(_)));
        assert_eq!(next(0, 200), Next::Queue(56, Timestamp(0)));
        assert_eq!(next(240, 255), Next::Queue(4, Timestamp(SECOND)));
        assert!(matches!(next(6_000, 999), Next::Queue(100, _)));
    }

    proptest! {
        #[test]
        fn no_minute_has_more_mails_than_were_asked_for(pace in 1..20_000_i64, late in prop::collection::vec(0..5_000_000_i64, 1..200)) {
            let (mut mailed, mut now, mut left) = (Mailed::default(), Timestamp(0), Vec::new());
            for late in late {
                let Next::Queue(mails, next) = mailed.next(pace, &Standing::default(), now) else { unreachable!() };
                left.push((now, mails));
                now = Timestamp(next.0 + late);
            }
            for (nth, (from, _)) in left.iter().enumerate() {
                let within: i64 = left[nth..].iter().take_while(|(at, _)| at.0 < from.0 + MINUTE).map(|(_, mails)| mails).sum();
                prop_assert!(within <= pace + (pace / 60).max(1), "{} of {}", within, pace);
            }
        }
    }
}
