//! The queue in front of the writers of a store, and what is counted of it.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::oneshot;

use super::job::{Claim, Job, Single, all_in_doubt, draining, too_much_waits, wait_for_answer};
use super::{Scope, Stats, Tx};
use crate::error::{Error, Result};

/// Long enough for someone to look.
const STOPPED_SECONDS: u32 = 60;

/// The queue, with room for so many.
pub(super) struct Queue {
    sender: Mutex<Option<SyncSender<Box<dyn Job>>>>,
    figures: Arc<Figures>,
    max: usize,
    /// Why nothing is written any more.
    stopped: OnceLock<&'static str>,
    writers: usize,
}

/// What a writer counts.
#[derive(Default)]
pub(super) struct Figures {
    pub(super) commits: AtomicU64,
    pub(super) writes: AtomicU64,
    pub(super) waiting: AtomicUsize,
    /// Writers that do not know what became of their last change, and take no other until they do.
    pub(super) in_doubt: AtomicUsize,
    pub(super) is_closed: AtomicBool,
}

impl Queue {
    /// A queue, and its end for so many writers.
    pub(super) fn new(max: usize, writers: usize) -> (Self, Receiver<Box<dyn Job>>) {
        let (sender, receiver) = sync_channel(max);
        let queue =
            Self { sender: Mutex::new(Some(sender)), figures: Arc::default(), max, stopped: OnceLock::new(), writers };
        (queue, receiver)
    }

    pub(super) fn figures(&self) -> Arc<Figures> {
        Arc::clone(&self.figures)
    }

    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// Commits so far, each counted before anyone is told of it.
    pub(super) fn commits(&self) -> u64 {
        self.figures.commits.load(Ordering::Acquire)
    }

    pub(super) fn stats(&self) -> Stats {
        Stats {
            commits: self.figures.commits.load(Ordering::Relaxed),
            writes: self.figures.writes.load(Ordering::Relaxed),
            waiting: self.figures.waiting.load(Ordering::Relaxed),
            in_doubt: self.figures.in_doubt.load(Ordering::Relaxed),
            silences: 0,
        }
    }

    /// # Errors
    /// As [`super::Store::write`].
    pub(super) async fn write<T: Send + 'static>(
        &self,
        scope: Scope,
        verb: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, receive) = oneshot::channel();
        let claim = Claim::default();
        self.enqueue(Box::new(Single::new(scope, claim.clone(), verb, answer)))?;
        wait_for_answer(scope, &claim, receive).await
    }

    /// Nobody waits where no writer would come.
    ///
    /// # Errors
    /// `Unavailable` while each of the writers is in doubt.
    pub(super) fn require_a_writer(&self) -> Result<()> {
        let is_anyone_certain = self.figures.in_doubt.load(Ordering::SeqCst) < self.writers;
        if is_anyone_certain { Ok(()) } else { Err(all_in_doubt()) }
    }

    /// # Errors
    /// `Unavailable` when there is no room, when each of the writers is in doubt, or when the store closes.
    pub(super) fn enqueue(&self, job: Box<dyn Job>) -> Result<()> {
        self.require_open()?;
        self.require_a_writer()?;
        let sender = held(&self.sender);
        let Some(sender) = sender.as_ref() else { return Err(draining()) };
        self.figures.waiting.fetch_add(1, Ordering::Relaxed);
        sender.try_send(job).map_err(|refused| {
            self.figures.waiting.fetch_sub(1, Ordering::Relaxed);
            match refused {
                TrySendError::Full(_) => too_much_waits(),
                TrySendError::Disconnected(_) => draining(),
            }
        })
    }

    /// # Errors
    /// `Unavailable` when nothing is written any more.
    pub(super) fn require_open(&self) -> Result<()> {
        self.stopped.get().map_or(Ok(()), |sentence| Err(Error::unavailable(*sentence, STOPPED_SECONDS)))
    }

    /// Takes nothing further, and says why.
    pub(super) fn stop(&self, sentence: &'static str) {
        // It is stopped once, with the first reason.
        let _ = self.stopped.set(sentence);
    }

    /// Takes nothing further; the writers end when they have done what was taken.
    pub(super) fn close(&self) {
        self.figures.is_closed.store(true, Ordering::SeqCst);
        drop(held(&self.sender).take());
    }
}

/// A panic while holding one of these leaves nothing half changed, so the next one may go on.
pub(super) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
