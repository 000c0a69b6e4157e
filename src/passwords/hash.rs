//! Hashing on threads of its own, behind a short queue.
//!
//! A hash takes some 14 ms of a core and 19 MiB. So there are as many hashing threads as cores, each with one work
//! area that it keeps for ever, and a queue of about a quarter of a second. What does not fit is refused at once
//! with `Unavailable`: a queue that grows answers nobody in time.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use tokio::sync::oneshot;

use super::area::{Area, Cost, SALT_BYTES, Verdict};
use crate::error::{Error, Kind, Result};
use crate::random::Random;
use crate::secret::Secret;

type Job = Box<dyn FnOnce(&mut Area) + Send>;

/// Hashes and compares passwords. Clones share the threads, which end when the last clone is dropped.
///
/// A password is hashed exactly as it was received: not trimmed, not cut, not normalised (ASVS 6.2.8). NIST
/// SP 800-63B-4 would allow one Unicode normal form, but its tables grow with each Unicode version, and a password
/// that a later table maps differently would lock its owner out; browsers and password managers send the same code
/// points each time. Length is the policy's concern ([`super::Policy`]); here any length works and none is dropped.
#[derive(Clone)]
pub struct Hasher {
    jobs: SyncSender<Job>,
    queued: Arc<AtomicUsize>,
    started: Arc<AtomicU64>,
    random: Random,
}

impl Hasher {
    /// A queue of this many jobs for each thread holds about 250 ms of work at the default cost.
    pub const QUEUE_PER_THREAD: usize = 16;

    /// As many threads as the machine has cores for this process.
    pub fn default_threads() -> usize {
        thread::available_parallelism().map_or(1, usize::from)
    }

    /// Starts `threads` hashing threads behind a queue of `queue` jobs (each at least one). `random` gives the salts.
    ///
    /// # Errors
    /// `Invalid` for a cost that Argon2 cannot work with; `Internal` if the system gives no thread.
    pub fn start(cost: Cost, threads: usize, queue: usize, random: Random) -> Result<Self> {
        let params = cost.params()?;
        let (jobs, waiting) = sync_channel(queue.max(1));
        let waiting = Arc::new(Mutex::new(waiting));
        let started = Arc::new(AtomicU64::new(0));
        for number in 0..threads.max(1) {
            let (waiting, area) = (Arc::clone(&waiting), Area::new(params.clone(), Arc::clone(&started)));
            thread::Builder::new()
                .name(format!("hash-{number}"))
                .spawn(move || work(&waiting, area))
                .map_err(Error::internal)?;
        }
        Ok(Self { jobs, queued: Arc::default(), started, random })
    }

    /// The PHC string of a password under a fresh salt.
    ///
    /// # Errors
    /// `Unavailable` if the queue is full, `Timeout` if `deadline` passed before the hash began.
    pub async fn hash(&self, password: Secret<String>, deadline: Instant) -> Result<String> {
        let salt = self.random.bytes::<SALT_BYTES>();
        self.run(deadline, move |area, _| area.hash(password.expose().as_bytes(), salt)).await
    }

    /// Compares a password with the stored PHC string. `None` (nobody of that name, or nobody with a password) and a
    /// string that cannot be read are `Wrong`, and take as long as a comparison at the present cost.
    ///
    /// # Errors
    /// As for [`Hasher::hash`].
    pub async fn verify(&self, password: Secret<String>, stored: Option<String>, deadline: Instant) -> Result<Verdict> {
        self.run(deadline, move |area, _| area.verify(password.expose().as_bytes(), stored.as_deref())).await
    }

    /// Whether the password is one of those stored: the history that the policy forbids. One hash for each until one
    /// fits; a string that cannot be read fits no password.
    ///
    /// # Errors
    /// As for [`Hasher::hash`]; `Timeout` also between two hashes.
    pub async fn matches_any(&self, password: Secret<String>, stored: Vec<String>, deadline: Instant) -> Result<bool> {
        if stored.is_empty() {
            return Ok(false);
        }
        self.run(deadline, move |area, is_wanted| {
            for hash in &stored {
                is_wanted()?;
                if area.verify(password.expose().as_bytes(), Some(hash))? != Verdict::Wrong {
                    return Ok(true);
                }
            }
            Ok(false)
        })
        .await
    }

    /// How many hashes were begun since the start.
    pub fn hashes_started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// How many jobs wait for a thread.
    pub fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }

    /// Puts `task` into the queue and waits for its answer. It is not begun if, when its turn comes, the deadline has
    /// passed or nobody waits for it any more; it can ask the same again at every step through its second argument.
    async fn run<T, F>(&self, deadline: Instant, task: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Area, &dyn Fn() -> Result<()>) -> Result<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let queued = Arc::clone(&self.queued);
        self.enqueue(Box::new(move |area| {
            queued.fetch_sub(1, Ordering::Relaxed);
            let is_wanted = || match answer.is_closed() || Instant::now() >= deadline {
                true => Err(too_late()),
                false => Ok(()),
            };
            let result = is_wanted().and_then(|()| task(area, &is_wanted));
            // Whoever asked may be gone; then the answer has no reader.
            let _ = answer.send(result);
        }))?;
        answered.await.map_err(Error::internal)?
    }

    fn enqueue(&self, job: Job) -> Result<()> {
        self.queued.fetch_add(1, Ordering::Relaxed);
        self.jobs.try_send(job).map_err(|refused| {
            self.queued.fetch_sub(1, Ordering::Relaxed);
            match refused {
                TrySendError::Full(_) => {
                    Error::unavailable("Too many passwords are being checked at this moment. Try again in a second.", 1)
                }
                TrySendError::Disconnected(_) => Error::internal("the hashing threads have ended"),
            }
        })
    }
}

fn too_late() -> Error {
    Error::new(Kind::Timeout, "The time for this request passed before its turn came. Nothing was changed. Try again.")
}

/// Works off the queue until every [`Hasher`] is gone. The lock is held only while waiting for a job.
fn work(waiting: &Mutex<Receiver<Job>>, mut area: Area) {
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(&mut area),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
#[path = "hash_tests.rs"]
mod tests;
