//! Who waits for a hot verb, and who comes for them.
//!
//! | What happens | One writer ([`super::turn`]) | Several writers ([`super::beside`]) |
//! | --- | --- | --- |
//! | an ask arrives while no visit is announced | a visit is announced | a visit is announced, if there is a call's worth |
//! | a visit begins | none is announced any more; it takes up to 256, and another visit is announced for the rest | none is announced any more; if there is a call's worth it takes up to 256 and stays, else it is over |
//! | its call is done | it is over | it gives its asks out of its hands and begins again |
//! | its writer does not know what became of the call | does not happen | it gives its asks out of its hands and stays no longer; another visit is announced for those who wait, or they are refused |
//! | a visit ends before it has begun | those who wait are refused | those who wait are refused |
//!
//! There is *a call's worth* while someone waits, fewer than two visits stay, and at least as many wait as are in the hands of
//! those that stay: many small calls cost more than few large ones. A single writer has no visits that stay.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use crate::error::Result;
use crate::fair_queue::FairQueue;
use crate::identity::TenantId;
use crate::store::Scope;
use crate::store::job::Claim;

/// Bounds one call, as the writer bounds one commit.
const ASKS_MAX: usize = 256;
/// Where there are several writers, so many serve one line: while one waits for the server, the other works.
const STAYING_MAX: usize = 2;

/// An ask that waits for its outcome.
pub(super) struct Waiting<A, O> {
    pub(super) ask: A,
    pub(super) scope: Scope,
    pub(super) claim: Claim,
    pub(super) answer: oneshot::Sender<Result<O>>,
}

pub(super) struct Line<A, O> {
    waiting: FairQueue<Option<TenantId>, Waiting<A, O>>,
    /// Whether the writers already hold a visit that will come for this line.
    pub(super) is_announced: bool,
    /// Visits that go on as long as someone waits.
    staying: usize,
    /// The asks in their hands.
    in_hand: usize,
}

impl<A, O> Default for Line<A, O> {
    fn default() -> Self {
        Self { waiting: FairQueue::default(), is_announced: false, staying: 0, in_hand: 0 }
    }
}

impl<A, O> Line<A, O> {
    pub(super) fn has_room(&self, tenant: Option<TenantId>, max: usize) -> bool {
        self.waiting.has_room(tenant, max)
    }

    pub(super) fn push(&mut self, waiting: Waiting<A, O>) {
        self.waiting.push(waiting.scope.tenant, waiting);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether a visit must be announced when one more ask arrives.
    pub(super) fn needs_a_visit_for_one_more(&self) -> bool {
        !self.is_announced && self.is_worth_a_call(self.waiting.len() + 1)
    }

    fn is_worth_a_call(&self, waiting: usize) -> bool {
        waiting > 0 && self.staying < STAYING_MAX && waiting >= self.in_hand
    }

    /// The asks of one call, the tenants in turn.
    pub(super) fn take(&mut self) -> VecDeque<Waiting<A, O>> {
        std::iter::from_fn(|| self.waiting.pop()).take(ASKS_MAX).collect()
    }

    pub(super) fn take_all(&mut self) -> VecDeque<Waiting<A, O>> {
        std::iter::from_fn(|| self.waiting.pop()).collect()
    }

    /// The asks that a visit takes into its hands, which stays from now on; `None` if there is no call's worth.
    pub(super) fn take_into_hand(&mut self) -> Option<VecDeque<Waiting<A, O>>> {
        if !self.is_worth_a_call(self.waiting.len()) {
            return None;
        }
        let taken = self.take();
        self.staying += 1;
        self.in_hand += taken.len();
        Some(taken)
    }

    /// A visit that stayed gives so many asks out of its hands, and stays no longer.
    pub(super) fn give_up(&mut self, asks: usize) {
        self.staying -= 1;
        self.in_hand -= asks;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(line: &mut Line<u64, ()>, asks: usize) {
        for ask in 0..asks {
            let (answer, _) = oneshot::channel();
            line.push(Waiting { ask: ask as u64, scope: Scope::HOUSE, claim: Claim::default(), answer });
        }
    }

    #[test]
    fn one_visit_at_a_time_is_announced() {
        let mut line = Line::default();
        assert!(line.needs_a_visit_for_one_more());
        line.is_announced = true;
        join(&mut line, 300);
        assert!(!line.needs_a_visit_for_one_more());
        assert_eq!((line.take().len(), line.take_all().len()), (ASKS_MAX, 300 - ASKS_MAX));
    }

    #[test]
    fn a_second_visit_stays_only_for_as_many_as_the_first_has_in_hand_and_a_third_never() {
        let mut line = Line::default();
        assert!(line.take_into_hand().is_none(), "nobody waits");
        join(&mut line, 10);
        let first = line.take_into_hand().unwrap().len();
        join(&mut line, 8);
        assert!(!line.needs_a_visit_for_one_more() && line.take_into_hand().is_none(), "9 are fewer than 10");
        join(&mut line, 1);
        assert!(line.needs_a_visit_for_one_more(), "the next one is the tenth");
        join(&mut line, 1);
        assert_eq!(line.take_into_hand().unwrap().len(), 10);
        join(&mut line, 100);
        assert!(!line.needs_a_visit_for_one_more() && line.take_into_hand().is_none(), "two stay");
        line.give_up(first);
        assert_eq!(line.take_into_hand().unwrap().len(), 100);
    }
}
