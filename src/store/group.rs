//! Many asks of one hot verb, answered by one call of it.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use super::engine::Engine;
use super::job::{Claim, Hold, Job, Writer, draining, is_sound, too_late, too_much_waits, wait_for_answer};
use super::queue::held;
use super::{Scope, Tx};
use crate::error::{Error, Result};
use crate::fair_queue::FairQueue;
use crate::identity::TenantId;

/// A verb over a slice: one outcome for each ask, in order.
///
/// Where there are several writers it runs beside its like and holds nothing while it looks. So whatever it decides by, and
/// others might change, stands as a condition in the statement that it puts ([`Tx::put`]); where that no longer holds, it
/// runs again, alone. It puts rows in one order, whatever the order of the asks.
pub type Verb<A, O> = fn(&mut Tx<'_>, &[A]) -> Result<Vec<O>>;

/// Bounds one call, as the writer bounds one commit.
const ASKS_MAX: usize = 256;
/// Where there are several writers, so many serve one queue: while one waits for the server, the other works.
const STAYING_MAX: usize = 2;

/// The queue in front of a hot verb. What arrives while a group commits forms the next one; nobody
/// waits for company. Tenants are served in turn, so that the flood of one makes no other wait behind it.
pub struct Group<A, O> {
    shared: Arc<Shared<A, O>>,
    engine: Arc<Engine>,
}

impl<A, O> Clone for Group<A, O> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), engine: Arc::clone(&self.engine) }
    }
}

struct Shared<A, O> {
    key: fn(&A) -> u64,
    verb: Verb<A, O>,
    queue: Mutex<Queue<A, O>>,
}

struct Queue<A, O> {
    waiting: FairQueue<Option<TenantId>, Waiting<A, O>>,
    /// Whether the writers already hold a job that will come for this queue.
    is_announced: bool,
    /// Visits that go on as long as someone waits.
    staying: usize,
    /// The asks in their hands.
    in_hand: usize,
}

impl<A, O> Queue<A, O> {
    /// Whether so many who wait are worth a call beside those under way: many small calls cost more than few large ones.
    fn is_worth_a_call(&self, waiting: usize) -> bool {
        waiting > 0 && self.staying < STAYING_MAX && waiting >= self.in_hand
    }
}

struct Waiting<A, O> {
    ask: A,
    scope: Scope,
    claim: Claim,
    answer: oneshot::Sender<Result<O>>,
}

impl<A: Send + 'static, O: Send + 'static> Group<A, O> {
    pub(super) fn new(engine: Arc<Engine>, key: fn(&A) -> u64, verb: Verb<A, O>) -> Self {
        let queue = Mutex::new(Queue { waiting: FairQueue::default(), is_announced: false, staying: 0, in_hand: 0 });
        Self { shared: Arc::new(Shared { key, verb, queue }), engine }
    }

    /// Asks once, at once, and returns when the outcome is durable. Who drops the future has asked all the same.
    ///
    /// # Errors
    /// As [`super::Store::write`]. A refusal of the rule itself is a value in the outcome.
    pub fn call(&self, scope: Scope, ask: A) -> impl Future<Output = Result<O>> + use<A, O> {
        let (answer, receive) = oneshot::channel();
        let claim = Claim::default();
        let joined = self.join(Waiting { ask, scope, claim: claim.clone(), answer });
        async move {
            joined?;
            wait_for_answer(scope, &claim, receive).await
        }
    }

    fn join(&self, waiting: Waiting<A, O>) -> Result<()> {
        self.engine.queue().require_open()?;
        self.engine.queue().require_a_writer()?;
        let mut queue = held(&self.shared.queue);
        let tenant = waiting.scope.tenant;
        if !queue.waiting.has_room(tenant, self.engine.queue().max()) {
            return Err(too_much_waits());
        }
        if !queue.is_announced && queue.is_worth_a_call(queue.waiting.len() + 1) {
            // It cannot come before this queue is let go.
            let visit = Visit::new(Arc::clone(&self.shared), Arc::clone(&self.engine));
            self.engine.queue().enqueue(Box::new(visit))?;
            queue.is_announced = true;
        }
        queue.waiting.push(tenant, waiting);
        Ok(())
    }
}

/// The writer's visit to the queue.
struct Visit<A, O> {
    shared: Arc<Shared<A, O>>,
    engine: Arc<Engine>,
    settled: Vec<(Result<O>, oneshot::Sender<Result<O>>)>,
    has_run: bool,
    /// The asks of its call, while it is one of those that stay.
    in_hand: Option<usize>,
    has_left: bool,
}

impl<A: Send + 'static, O: Send + 'static> Visit<A, O> {
    fn new(shared: Arc<Shared<A, O>>, engine: Arc<Engine>) -> Self {
        Self { shared, engine, settled: Vec::new(), has_run: false, in_hand: None, has_left: false }
    }

    /// Takes what waits, leaving for the next visit what goes beyond one call.
    fn take(&self) -> VecDeque<Waiting<A, O>> {
        let mut queue = held(&self.shared.queue);
        let mut taken: VecDeque<_> = std::iter::from_fn(|| queue.waiting.pop()).take(ASKS_MAX).collect();
        queue.is_announced = false;
        if !queue.waiting.is_empty() {
            let again = Self::new(Arc::clone(&self.shared), Arc::clone(&self.engine));
            queue.is_announced = self.engine.queue().enqueue(Box::new(again)).is_ok();
            if !queue.is_announced {
                // There is no room for a further visit, or there will be none: nobody would come for them.
                taken.extend(std::iter::from_fn(|| queue.waiting.pop()));
            }
        }
        taken
    }

    /// Takes what waits, at its beginning or after a call; when that is not worth a call, this visit is over.
    fn take_or_leave(&mut self) -> Option<VecDeque<Waiting<A, O>>> {
        let mut queue = held(&self.shared.queue);
        match self.in_hand.take() {
            Some(done) => {
                queue.staying -= 1;
                queue.in_hand -= done;
            }
            None => queue.is_announced = false,
        }
        if !queue.is_worth_a_call(queue.waiting.len()) {
            return None;
        }
        let taken: VecDeque<_> = std::iter::from_fn(|| queue.waiting.pop()).take(ASKS_MAX).collect();
        queue.staying += 1;
        queue.in_hand += taken.len();
        self.in_hand = Some(taken.len());
        Some(taken)
    }

    /// It will take a while until its writer knows what became of a call: this visit takes nothing further, and whoever
    /// waits is another's, or refused where there is no other.
    fn leave(&mut self) {
        let Some(done) = self.in_hand.take() else { return };
        self.has_left = true;
        let mut queue = held(&self.shared.queue);
        queue.staying -= 1;
        queue.in_hand -= done;
        if queue.is_announced || queue.waiting.is_empty() {
            return;
        }
        let another = Self::new(Arc::clone(&self.shared), Arc::clone(&self.engine));
        match self.engine.queue().enqueue(Box::new(another)) {
            Ok(()) => queue.is_announced = true,
            Err(refused) => std::iter::from_fn(|| queue.waiting.pop()).for_each(|one| {
                // Whoever asked may have gone.
                let _ = one.answer.send(Err(refused.retold()));
            }),
        }
    }

    /// One call for all that concern different things, and so on until each was asked.
    fn call_for(&mut self, writer: &Writer<'_>, mut waiting: VecDeque<Waiting<A, O>>) {
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
                self.call(writer, &tenants, asks, answers);
            }
            waiting = later;
        }
    }

    fn call(
        &mut self,
        writer: &Writer<'_>,
        tenants: &[TenantId],
        asks: Vec<A>,
        answers: Vec<oneshot::Sender<Result<O>>>,
    ) {
        let verb = self.shared.verb;
        let verb = |tx: &mut Tx<'_>, asks: &[A]| complete(verb(tx, asks)?, asks.len());
        let mut together = |tx: &mut Tx<'_>| verb(tx, &asks);
        match writer.attempt(Scope::HOUSE, tenants, Hold::InCompany, &mut together, &mut || self.leave()) {
            Ok(outcomes) => self.settled.extend(outcomes.into_iter().map(Ok).zip(answers)),
            // One of them broke the whole call: each runs alone, so that it costs its neighbours only time.
            Err(failed) if failed.is_by_verb => {
                for (ask, answer) in asks.iter().zip(answers) {
                    let mut verb = |tx: &mut Tx<'_>| verb(tx, std::slice::from_ref(ask));
                    let alone = writer.attempt(Scope::HOUSE, tenants, Hold::Alone, &mut verb, &mut || self.leave());
                    let alone = alone.map_err(|failed| failed.error);
                    self.settled.push((alone.map(|mut outcomes| outcomes.remove(0)), answer));
                }
            }
            Err(failed) => self.settled.extend(answers.into_iter().map(|answer| (Err(failed.error.retold()), answer))),
        }
    }

    fn answer(&mut self, committed: &Result<()>) {
        for (outcome, answer) in self.settled.drain(..) {
            // The asker may have gone; what was written stays written.
            let _ = answer.send(outcome.and_then(|value| is_sound(committed).map(|()| value)));
        }
    }
}

impl<A: Send + 'static, O: Send + 'static> Job for Visit<A, O> {
    fn run(&mut self, writer: &Writer<'_>) -> usize {
        self.has_run = true;
        if !writer.is_done_after_each() {
            let waiting = self.take();
            let count = waiting.len();
            self.call_for(writer, waiting);
            return count;
        }
        let mut count = 0;
        while !self.has_left
            && let Some(waiting) = self.take_or_leave()
        {
            count += waiting.len();
            self.call_for(writer, waiting);
            self.answer(&Ok(()));
        }
        count
    }

    fn settle(mut self: Box<Self>, committed: &Result<()>) {
        if !self.has_run {
            // The transaction did not even begin. Nobody else comes for those who wait.
            let failed = || is_sound(committed).and_then(|()| Err(draining()));
            let waiting = self.take().into_iter().map(|one| (failed(), one.answer));
            self.settled.extend(waiting.collect::<Vec<_>>());
        }
        self.answer(committed);
    }
}

/// An outcome missing would leave an asker without an answer, so that is a fault of the whole call.
fn complete<O>(outcomes: Vec<O>, asks: usize) -> Result<Vec<O>> {
    if outcomes.len() == asks {
        return Ok(outcomes);
    }
    Err(Error::internal(format!("a hot verb answered {} of {asks} asks", outcomes.len())))
}

#[cfg(test)]
#[path = "group_tests.rs"]
mod tests;
