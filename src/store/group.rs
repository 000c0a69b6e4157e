//! Many asks of one hot verb, answered by one call of it.
//!
//! Asks wait in a line of the verb's own ([`line`]), for which one visit at a time stands in the queue of the writers. What a
//! visit does depends on the engine: see [`turn`] for the one writer, [`beside`] for several.

mod beside;
mod calls;
mod line;
mod turn;

use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use self::beside::Beside;
use self::line::{Line, Waiting};
use self::turn::Turn;
use super::engine::Engine;
use super::job::{Claim, Job, too_much_waits, wait_for_answer};
use super::queue::held;
use super::{Scope, Tx};
use crate::error::Result;

/// A verb over a slice: one outcome for each ask, in order.
///
/// Where there are several writers it runs beside its like and holds nothing while it looks. So whatever it decides by, and
/// others might change, stands as a condition in the statement that it puts ([`Tx::put`]); where that no longer holds, it
/// runs again, alone. It puts rows in one order, whatever the order of the asks.
pub type Verb<A, O> = fn(&mut Tx<'_>, &[A]) -> Result<Vec<O>>;

/// The queue in front of a hot verb. What arrives while a group commits forms the next one; nobody
/// waits for company. Tenants are served in turn, so that the flood of one makes no other wait behind it.
pub struct Group<A, O>(Arc<Shared<A, O>>);

impl<A, O> Clone for Group<A, O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Shared<A, O> {
    key: fn(&A) -> u64,
    verb: Verb<A, O>,
    line: Mutex<Line<A, O>>,
    engine: Arc<Engine>,
}

impl<A: Send + 'static, O: Send + 'static> Shared<A, O> {
    /// Puts a visit to this line into the queue of the writers.
    ///
    /// # Errors
    /// `Unavailable` when there is no room for it, or when no writer would come.
    fn announce(self: &Arc<Self>) -> Result<()> {
        let visit: Box<dyn Job> = match *self.engine {
            Engine::Sqlite(_) => Box::new(Turn::new(Arc::clone(self))),
            Engine::Postgres(_) => Box::new(Beside::new(Arc::clone(self))),
        };
        self.engine.queue().enqueue(visit)
    }
}

impl<A: Send + 'static, O: Send + 'static> Group<A, O> {
    pub(super) fn new(engine: Arc<Engine>, key: fn(&A) -> u64, verb: Verb<A, O>) -> Self {
        Self(Arc::new(Shared { key, verb, line: Mutex::new(Line::default()), engine }))
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
        let queue = self.0.engine.queue();
        queue.require_open()?;
        queue.require_a_writer()?;
        let mut line = held(&self.0.line);
        if !line.has_room(waiting.scope.tenant, queue.max()) {
            return Err(too_much_waits());
        }
        if line.needs_a_visit_for_one_more() {
            // It cannot come before this line is let go.
            self.0.announce()?;
            line.is_announced = true;
        }
        line.push(waiting);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
