//! Hashing on threads of its own, behind a short queue.
//!
//! A hash takes some 14 ms of a core and 19 MiB. So there are as many hashing threads as cores, each with one work
//! area that it keeps for ever, and a queue of about a quarter of a second. What does not fit is refused at once
//! with `Unavailable`: a queue that grows answers nobody in time. Tenants are served in turn.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use tokio::sync::oneshot;

use super::area::{Area, Cost, SALT_BYTES, Verdict};
use super::form;
use crate::error::{Error, Kind, Result};
use crate::fair_queue::FairQueue;
use crate::random::Random;
use crate::secret::Secret;

type Job = Box<dyn FnOnce(&mut Area) + Send>;

/// Hashes and compares passwords. Clones share the threads, which end when the last clone is dropped.
///
/// A password is hashed in one form ([`super::form`]), not trimmed and not cut (ASVS 6.2.8). Where something else was
/// typed and that form does not fit, it is compared as it was typed too: hashes made before there was one form, or by
/// an older Unicode table, go on working. Length is the policy's concern ([`super::Policy`]); here any length works and
/// none is dropped.
#[derive(Clone)]
pub struct Hasher {
    queue: Arc<Entrance>,
    turn: i64,
    threads: usize,
    started: Arc<AtomicU64>,
    random: Random,
}

/// The side of the queue on which jobs come in; when it goes, the threads end.
struct Entrance(Arc<Queue>);

/// What waits for a thread.
struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    max: usize,
}

struct Waiting {
    jobs: FairQueue<i64, Job>,
    is_open: bool,
}

impl Hasher {
    /// A queue of this many jobs for each thread holds about 250 ms of work at the default cost.
    pub const QUEUE_PER_THREAD: usize = 16;

    /// As many threads as the machine has cores for this process.
    pub fn default_threads() -> usize {
        thread::available_parallelism().map_or(1, usize::from)
    }

    /// Whether hashes can be made at a cost.
    ///
    /// # Errors
    /// `Invalid` for one that Argon2 cannot work with, or whose hashes would not be verified.
    pub fn check(cost: Cost) -> Result<()> {
        cost.params().map(drop)
    }

    /// Starts `threads` hashing threads behind a queue of `queue` jobs (each at least one). `random` gives the salts.
    ///
    /// # Errors
    /// `Invalid` for a cost that Argon2 cannot work with; `Internal` if the system gives no thread.
    pub fn start(cost: Cost, threads: usize, queue: usize, random: Random) -> Result<Self> {
        let params = cost.params()?;
        let waiting = Mutex::new(Waiting { jobs: FairQueue::default(), is_open: true });
        let queue = Arc::new(Queue { waiting, arrived: Condvar::new(), max: queue.max(1) });
        let started = Arc::new(AtomicU64::new(0));
        for number in 0..threads.max(1) {
            let (queue, area) = (Arc::clone(&queue), Area::new(params.clone(), Arc::clone(&started)));
            thread::Builder::new()
                .name(format!("hash-{number}"))
                .spawn(move || work(&queue, area))
                .map_err(Error::internal)?;
        }
        Ok(Self { queue: Arc::new(Entrance(queue)), turn: 0, threads: threads.max(1), started, random })
    }

    /// The same threads and the same queue, with a lane of its own for whomever `turn` stands for: a tenant.
    #[must_use]
    pub fn in_turn_of(&self, turn: i64) -> Self {
        Self { turn, ..self.clone() }
    }

    /// The PHC string of a password under a fresh salt.
    ///
    /// # Errors
    /// `Unavailable` if the queue is full, `Timeout` if `deadline` passed before the hash began.
    pub async fn hash(&self, password: Secret<String>, deadline: Instant) -> Result<String> {
        let salt = self.random.bytes::<SALT_BYTES>();
        self.run(deadline, move |area, _| area.hash(normal(&password).expose().as_bytes(), salt)).await
    }

    /// Compares a password with the stored PHC string. `None` (nobody of that name, or nobody with a password) and a
    /// string that cannot be read are `Wrong`, and take as long as a comparison at the present cost. One hash, or two when
    /// the first does not fit and what was typed is not in the one form.
    ///
    /// # Errors
    /// As for [`Hasher::hash`].
    pub async fn verify(&self, password: Secret<String>, stored: Option<String>, deadline: Instant) -> Result<Verdict> {
        self.run(deadline, move |area, is_wanted| compare(area, &password, stored.as_deref(), is_wanted)).await
    }

    /// Whether the password is one of those stored: the history that the policy forbids. One comparison for each until
    /// one fits; a string that cannot be read fits no password.
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
                if compare(area, &password, Some(hash), is_wanted)? != Verdict::Wrong {
                    return Ok(true);
                }
            }
            Ok(false)
        })
        .await
    }

    /// How many may be hashed and wait to be hashed at once.
    pub fn places(&self) -> usize {
        self.threads + self.queue.0.max
    }

    /// How many hashes were begun since the start.
    pub fn hashes_started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// How many jobs wait for a thread.
    pub fn queued(&self) -> usize {
        self.queue.0.waiting().jobs.len()
    }

    /// Puts `task` into the queue and waits for its answer. It is not begun if, when its turn comes, the deadline has
    /// passed or nobody waits for it any more; it can ask the same again at every step through its second argument.
    async fn run<T, F>(&self, deadline: Instant, task: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Area, &dyn Fn() -> Result<()>) -> Result<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.enqueue(Box::new(move |area| {
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
        let queue = &self.queue.0;
        let mut waiting = queue.waiting();
        // A thread that is free, or is just done, may not have looked yet: what it will take is no queue.
        if waiting.jobs.len() >= self.places() {
            return Err(too_many());
        }
        waiting.jobs.push(self.turn, job);
        drop(waiting);
        queue.arrived.notify_one();
        Ok(())
    }
}

fn normal(password: &Secret<String>) -> Secret<String> {
    Secret::new(form::normal(password.expose()).collect())
}

/// In the one form first. Nobody's password costs as much as somebody's wrong one, in any form.
fn compare(
    area: &mut Area,
    password: &Secret<String>,
    stored: Option<&str>,
    is_wanted: &dyn Fn() -> Result<()>,
) -> Result<Verdict> {
    let normal = normal(password);
    let verdict = area.verify(normal.expose().as_bytes(), stored)?;
    if verdict != Verdict::Wrong || normal.expose() == password.expose() {
        return Ok(verdict);
    }
    is_wanted()?;
    Ok(match area.verify(password.expose().as_bytes(), stored)? {
        Verdict::Wrong => Verdict::Wrong,
        Verdict::Right | Verdict::RightButOld => Verdict::RightButOld,
    })
}

impl Queue {
    /// A panic while holding this leaves nothing half changed.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; none when nothing waits and nothing more will come.
    fn next(&self) -> Option<Job> {
        let mut waiting = self.waiting();
        loop {
            match waiting.jobs.pop() {
                Some(job) => return Some(job),
                None if !waiting.is_open => return None,
                None => waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

impl Drop for Entrance {
    fn drop(&mut self) {
        self.0.waiting().is_open = false;
        self.0.arrived.notify_all();
    }
}

fn too_many() -> Error {
    Error::unavailable("Too many passwords are being checked at this moment. Try again in a second.", 1)
}

fn too_late() -> Error {
    Error::new(Kind::Timeout, "The time for this request passed before its turn came. Nothing was changed. Try again.")
}

/// Works off the queue until every [`Hasher`] is gone.
fn work(queue: &Queue, mut area: Area) {
    while let Some(job) = queue.next() {
        job(&mut area);
    }
}

#[cfg(test)]
#[path = "hash_tests.rs"]
mod tests;
