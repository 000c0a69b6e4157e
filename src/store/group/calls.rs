//! The calls of one visit, and the answers to its asks.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use tokio::sync::oneshot;

use super::Shared;
use super::line::Waiting;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::store::job::{Hold, Writer, draining, is_sound, too_late};
use crate::store::queue::held;
use crate::store::{Scope, Tx};

pub(super) struct Calls<A, O> {
    pub(super) shared: Arc<Shared<A, O>>,
    settled: Vec<(Result<O>, oneshot::Sender<Result<O>>)>,
}

impl<A: Send + 'static, O: Send + 'static> Calls<A, O> {
    pub(super) fn new(shared: Arc<Shared<A, O>>) -> Self {
        Self { shared, settled: Vec::new() }
    }

    /// Takes the asks of one call out of the line. A further visit comes for the rest; where there is no room for one, or
    /// will be none, the rest is taken too: nobody would come for them.
    pub(super) fn take(&self) -> VecDeque<Waiting<A, O>> {
        let mut line = held(&self.shared.line);
        let mut taken = line.take();
        line.is_announced = !line.is_empty() && self.shared.announce().is_ok();
        if !line.is_announced {
            taken.extend(line.take_all());
        }
        taken
    }

    /// One call for all that concern different things, and so on until each was asked. `doubt` is called when it will take
    /// a while until the writer knows what became of a call.
    pub(super) fn make(&mut self, writer: &Writer<'_>, mut waiting: VecDeque<Waiting<A, O>>, doubt: &mut dyn FnMut()) {
        while !waiting.is_empty() {
            let (mut asks, mut answers, mut later) = (Vec::new(), Vec::new(), VecDeque::new());
            let (mut keys, mut tenants) = (HashSet::new(), Vec::new());
            for one in waiting {
                if !keys.insert((self.shared.key)(&one.ask)) {
                    later.push_back(one);
                } else if one.scope.is_late() || !one.claim.take() {
                    self.settled.push((Err(too_late()), one.answer));
                } else {
                    tenants.extend(one.scope.tenant);
                    asks.push(one.ask);
                    answers.push(one.answer);
                }
            }
            if !asks.is_empty() {
                self.call(writer, &tenants, &asks, answers, doubt);
            }
            waiting = later;
        }
    }

    fn call(
        &mut self,
        writer: &Writer<'_>,
        tenants: &[TenantId],
        asks: &[A],
        answers: Vec<oneshot::Sender<Result<O>>>,
        doubt: &mut dyn FnMut(),
    ) {
        let verb = self.shared.verb;
        let verb = |tx: &mut Tx<'_>, asks: &[A]| complete(verb(tx, asks)?, asks.len());
        let mut together = |tx: &mut Tx<'_>| verb(tx, asks);
        match writer.attempt(Scope::HOUSE, tenants, Hold::InCompany, &mut together, doubt) {
            Ok(outcomes) => self.settled.extend(outcomes.into_iter().map(Ok).zip(answers)),
            // One of them broke the whole call: each runs alone, so that it costs its neighbours only time.
            Err(failed) if failed.is_by_verb => {
                for (ask, answer) in asks.iter().zip(answers) {
                    let mut verb = |tx: &mut Tx<'_>| verb(tx, std::slice::from_ref(ask));
                    let alone = writer.attempt(Scope::HOUSE, tenants, Hold::Alone, &mut verb, doubt);
                    let alone = alone.map_err(|failed| failed.error);
                    self.settled.push((alone.map(|mut outcomes| outcomes.remove(0)), answer));
                }
            }
            Err(failed) => self.settled.extend(answers.into_iter().map(|answer| (Err(failed.error.retold()), answer))),
        }
    }

    /// The visit did not even begin, and nobody else comes for those who wait.
    pub(super) fn refuse(&mut self, committed: &Result<()>) {
        let failed = || is_sound(committed).and_then(|()| Err(draining()));
        let refused = self.take().into_iter().map(|one| (failed(), one.answer));
        self.settled.extend(refused);
    }

    /// Answers those who were asked for, after the commit of what was done for them.
    pub(super) fn answer(&mut self, committed: &Result<()>) {
        for (outcome, answer) in self.settled.drain(..) {
            // The asker may have gone; what was written stays written.
            let _ = answer.send(outcome.and_then(|value| is_sound(committed).map(|()| value)));
        }
    }
}

/// An outcome missing would leave an asker without an answer, so that is a fault of the whole call.
fn complete<O>(outcomes: Vec<O>, asks: usize) -> Result<Vec<O>> {
    if outcomes.len() == asks {
        return Ok(outcomes);
    }
    Err(Error::internal(format!("a hot verb answered {} of {asks} asks", outcomes.len())))
}
