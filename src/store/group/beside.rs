//! The visit of one of several writers: each call is a transaction of its own, and while others call too it goes on as long as
//! there is a call's worth.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Shared;
use super::calls::Calls;
use super::line::Waiting;
use crate::error::Result;
use crate::store::job::{Job, Writer};
use crate::store::queue::held;

pub(super) struct Beside<A, O> {
    calls: Calls<A, O>,
    place: Place<A, O>,
    has_run: bool,
}

/// The place of a visit among those that stay.
struct Place<A, O> {
    shared: Arc<Shared<A, O>>,
    /// The asks of its call, while it stays.
    in_hand: Option<usize>,
    has_left: bool,
}

impl<A: Send + 'static, O: Send + 'static> Beside<A, O> {
    pub(super) fn new(shared: Arc<Shared<A, O>>) -> Self {
        let place = Place { shared: Arc::clone(&shared), in_hand: None, has_left: false };
        Self { calls: Calls::new(shared), place, has_run: false }
    }
}

impl<A: Send + 'static, O: Send + 'static> Place<A, O> {
    /// Takes what waits, at the beginning or after a call; when that is not worth a call, the visit is over.
    fn take(&mut self) -> Option<VecDeque<Waiting<A, O>>> {
        let mut line = held(&self.shared.line);
        match self.in_hand.take() {
            Some(done) => line.give_up(done),
            None => line.is_announced = false,
        }
        let taken = line.take_into_hand()?;
        self.in_hand = Some(taken.len());
        Some(taken)
    }

    /// It will take a while until the writer knows what became of a call: the visit takes nothing further, and those who wait
    /// are another's, or refused where there is no other.
    fn leave(&mut self) {
        let Some(done) = self.in_hand.take() else { return };
        self.has_left = true;
        let mut line = held(&self.shared.line);
        line.give_up(done);
        if line.is_announced || line.is_empty() {
            return;
        }
        match self.shared.announce() {
            Ok(()) => line.is_announced = true,
            Err(refused) => line.take_all().into_iter().for_each(|one| {
                // The caller may have gone.
                let _ = one.answer.send(Err(refused.retold()));
            }),
        }
    }
}

impl<A: Send + 'static, O: Send + 'static> Job for Beside<A, O> {
    fn run(&mut self, writer: &Writer<'_>) -> usize {
        self.has_run = true;
        let mut count = 0;
        while !self.place.has_left
            && let Some(waiting) = self.place.take()
        {
            count += waiting.len();
            self.calls.make(writer, waiting, &mut || self.place.leave());
            self.calls.answer(&Ok(()));
        }
        count
    }

    fn settle(mut self: Box<Self>, committed: &Result<()>) {
        if !self.has_run {
            self.calls.refuse(committed);
        }
        self.calls.answer(committed);
    }
}
