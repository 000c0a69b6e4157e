//! One read for all who ask at the same time. Where a read costs a way to a server and back, this is what keeps a look
//! at every request cheap without remembering anything.

use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use super::engine::Engine;
use super::queue::held;
use super::{Scope, Tx};
use crate::error::{Error, Result};

/// A verb over a slice that reads: one answer for each key, in order.
pub type LookupVerb<K, V> = fn(&mut Tx<'_>, &[K]) -> Result<Vec<V>>;

/// The keys that one read looks up.
const KEYS_MAX: usize = 256;

/// A question that many ask. A caller who asks while a read is under way is answered by the next one, so that no answer is
/// older than its question.
pub struct Lookup<K, V> {
    engine: Arc<Engine>,
    verb: LookupVerb<K, V>,
    queue: Arc<Mutex<Queue<K, V>>>,
}

struct Queue<K, V> {
    waiting: Vec<(K, oneshot::Sender<Result<V>>)>,
    is_read: bool,
}

impl<K: PartialEq + Send + 'static, V: Clone + Send + 'static> Lookup<K, V> {
    pub(super) fn new(engine: Arc<Engine>, verb: LookupVerb<K, V>) -> Self {
        Self { engine, verb, queue: Arc::new(Mutex::new(Queue { waiting: Vec::new(), is_read: false })) }
    }

    /// The answer for a key, not older than this call.
    ///
    /// # Errors
    /// As [`super::Store::glance`].
    pub async fn ask(&self, key: K) -> Result<V> {
        if self.engine.reads_at_once() {
            return self.engine.glance(Scope::HOUSE, |tx| only((self.verb)(tx, std::slice::from_ref(&key))?));
        }
        self.join(key).await.map_err(Error::internal)?
    }

    fn join(&self, key: K) -> oneshot::Receiver<Result<V>> {
        let (answer, receive) = oneshot::channel();
        let mut queue = held(&self.queue);
        queue.waiting.push((key, answer));
        if !queue.is_read {
            queue.is_read = true;
            let (engine, verb, queue) = (Arc::clone(&self.engine), self.verb, Arc::clone(&self.queue));
            tokio::task::spawn_blocking(move || read_all(&engine, verb, &queue));
        }
        receive
    }
}

/// Reads for those who wait, until nobody does.
fn read_all<K: PartialEq, V: Clone>(engine: &Engine, verb: LookupVerb<K, V>, queue: &Mutex<Queue<K, V>>) {
    loop {
        let mut taken = held(queue);
        let count = taken.waiting.len().min(KEYS_MAX);
        taken.is_read = count > 0;
        let waiting: Vec<_> = taken.waiting.drain(..count).collect();
        drop(taken);
        if waiting.is_empty() {
            return;
        }
        let mut keys: Vec<K> = Vec::new();
        let mut asked = Vec::with_capacity(count);
        for (key, answer) in waiting {
            let known = keys.iter().position(|other| *other == key);
            let place = known.unwrap_or_else(|| {
                keys.push(key);
                keys.len() - 1
            });
            asked.push((place, answer));
        }
        let found = engine.glance(Scope::HOUSE, |tx| verb(tx, &keys));
        for (place, answer) in asked {
            let value = match &found {
                Ok(values) => values.get(place).cloned().ok_or_else(|| Error::internal("a look-up left out a key")),
                Err(failure) => Err(failure.retold()),
            };
            // The caller may have gone.
            let _ = answer.send(value);
        }
    }
}

fn only<V>(values: Vec<V>) -> Result<V> {
    values.into_iter().next().ok_or_else(|| Error::internal("a look-up left out its key"))
}
