//! Hashing on threads of its own, behind a short queue.
//!
//! A hash takes some 14 ms of a core and 19 MiB. So there is one hashing thread for each core, each with one work area
//! that it keeps, and a queue of about a quarter of a second. Jobs beyond it are refused at once with `Unavailable`: a
//! growing queue would answer nobody in time. Tenants are served in turn. A job weighs as much as it takes, in hashes at the
//! default cost: hashes from elsewhere may take fifty times as long.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use argon2::Params;
use tokio::sync::oneshot;

use super::area::{self, Area, Cost, SALT_BYTES, Verdict};
use super::foreign::Foreign;
use super::form;
use crate::error::{Error, Kind, Result};
use crate::fair_queue::FairQueue;
use crate::random::Random;
use crate::secret::Secret;

type Job = Box<dyn FnOnce(&mut Area) + Send>;

/// Hashes and compares passwords. Clones share the threads, which end when the last clone is dropped.
///
/// A password is hashed in one form ([`super::form`]), neither trimmed nor cut (ASVS 6.2.8). If the typed text differs
/// from that form and the form does not match, the typed text is compared too, so that hashes made before the form was
/// introduced, or by an older Unicode table, go on working. Length is the policy's concern ([`super::judge`]); here
/// any length works.
#[derive(Clone)]
pub struct Hasher {
    queue: Arc<Entrance>,
    turn: i64,
    threads: usize,
    started: Arc<AtomicU64>,
    present: Params,
    random: Random,
}

/// The sending side of the queue; when it is dropped, the threads end.
struct Entrance(Arc<Queue>);

/// The jobs that wait for a thread.
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
    /// A queue of this weight for each thread holds about 250 ms of work.
    pub const QUEUE_PER_THREAD: usize = 16;
    /// What a job of weight one takes: 250 ms, shared among those of a thread.
    const MICROSECONDS: u64 = 250_000 / 16;

    /// As many threads as this process may use cores.
    pub fn default_threads() -> usize {
        thread::available_parallelism().map_or(1, usize::from)
    }

    /// Whether hashes can be made at this cost.
    ///
    /// # Errors
    /// `Invalid` for a cost that Argon2 refuses, or whose hashes would not be verified.
    pub fn check(cost: Cost) -> Result<()> {
        cost.params().map(drop)
    }

    /// Starts `threads` hashing threads behind a queue of the weight `queue` (each at least one). `random` provides the
    /// salts.
    ///
    /// # Errors
    /// `Invalid` for a cost that Argon2 refuses; `Internal` if the system gives no thread.
    pub fn start(cost: Cost, threads: usize, queue: usize, random: Random) -> Result<Self> {
        let params = cost.params()?;
        let waiting = Mutex::new(Waiting { jobs: FairQueue::default(), is_open: true });
        let queue = Arc::new(Queue { waiting, arrived: Condvar::new(), max: queue.max(1) });
        let (started, beyond) = (Arc::new(AtomicU64::new(0)), Arc::default());
        for number in 0..threads.max(1) {
            let area = Area::new(params.clone(), Arc::clone(&started), Arc::clone(&beyond));
            let queue = Arc::clone(&queue);
            thread::Builder::new()
                .name(format!("hash-{number}"))
                .spawn(move || work(&queue, area))
                .map_err(Error::internal)?;
        }
        Ok(Self {
            queue: Arc::new(Entrance(queue)),
            turn: 0,
            threads: threads.max(1),
            started,
            present: params,
            random,
        })
    }

    /// The same threads and queue, with a lane for this tenant.
    #[must_use]
    pub fn in_turn_of(&self, turn: i64) -> Self {
        Self { turn, ..self.clone() }
    }

    /// Hashes a password with a fresh salt; returns the PHC string.
    ///
    /// # Errors
    /// `Unavailable` if the queue is full, `Timeout` if `deadline` passed before the hash began.
    pub async fn hash(&self, password: Secret<String>, deadline: Instant) -> Result<String> {
        let salt = self.random.bytes::<SALT_BYTES>();
        let weight = self.weight(None);
        self.run(deadline, weight, move |area, _| area.hash(normal(&password).expose().as_bytes(), salt)).await
    }

    /// Compares a password with the stored PHC string. `None` (no such user, or a user without a password) and an
    /// unreadable string are `Wrong`, and take as long as a comparison at the present cost. It takes one hash, or two
    /// if the first does not match and the typed text differs from its NFKC form.
    ///
    /// # Errors
    /// As for [`Hasher::hash`].
    pub async fn verify(&self, password: Secret<String>, stored: Option<String>, deadline: Instant) -> Result<Verdict> {
        let weight = self.weight(stored.as_deref());
        self.run(deadline, weight, move |area, is_wanted| compare(area, &password, stored.as_deref(), is_wanted)).await
    }

    /// Whether the password matches one of these stored hashes: the history that the policy forbids. It compares them
    /// one by one until one matches; an unreadable hash matches nothing.
    ///
    /// # Errors
    /// As for [`Hasher::hash`]; `Timeout` also between two hashes.
    pub async fn matches_any(&self, password: Secret<String>, stored: Vec<String>, deadline: Instant) -> Result<bool> {
        if stored.is_empty() {
            return Ok(false);
        }
        let weight = stored.iter().map(|hash| self.weight(Some(hash))).sum();
        self.run(deadline, weight, move |area, is_wanted| {
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

    /// Lays a hash from elsewhere beneath Argon2id, if it is quick to guess; the PHC string to be stored. `salt` must be unique to
    /// the user.
    ///
    /// # Errors
    /// As for [`Hasher::hash`].
    pub async fn lay_beneath(&self, foreign: Foreign, salt: [u8; SALT_BYTES], deadline: Instant) -> Result<String> {
        let (weight, present) = (self.weight(None), self.present.clone());
        self.run(deadline, weight, move |area, _| foreign.stored(area, &present, salt)).await
    }

    /// What jobs may run and wait together, by weight.
    pub fn places(&self) -> usize {
        self.threads + self.queue.0.max
    }

    /// The number of hashes begun since the start.
    pub fn hashes_started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// The number of jobs that wait for a thread.
    pub fn queued(&self) -> usize {
        self.queue.0.waiting().jobs.len()
    }

    /// Queues `task` and waits for its answer. The task is not begun if, when its turn comes, the deadline has passed
    /// or its caller is gone; through its second argument it can check this again at every step.
    async fn run<T, F>(&self, deadline: Instant, weight: usize, task: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Area, &dyn Fn() -> Result<()>) -> Result<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(move |area: &mut Area| {
            let is_wanted = || match answer.is_closed() || Instant::now() >= deadline {
                true => Err(too_late()),
                false => Ok(()),
            };
            let result = is_wanted().and_then(|()| task(area, &is_wanted));
            // If the caller is gone, nobody reads the answer.
            let _ = answer.send(result);
        });
        self.enqueue(weight, job)?;
        answered.await.map_err(Error::internal)?
    }

    /// What a comparison with this text weighs, or a hash at the present cost.
    fn weight(&self, stored: Option<&str>) -> usize {
        let weight = area::microseconds(stored, &self.present).div_ceil(Self::MICROSECONDS).max(1);
        usize::try_from(weight).unwrap_or(usize::MAX)
    }

    fn enqueue(&self, weight: usize, job: Job) -> Result<()> {
        let queue = &self.queue.0;
        let mut waiting = queue.waiting();
        // A thread that is free or just done may not have looked yet; the job that it will take does not count as
        // queued.
        // What is heavier than all places together comes in while nothing else waits.
        if !waiting.jobs.is_empty() && waiting.jobs.weight().saturating_add(weight) > self.places() {
            return Err(too_many());
        }
        waiting.jobs.push_weighing(self.turn, weight, job);
        drop(waiting);
        queue.arrived.notify_one();
        Ok(())
    }
}

fn normal(password: &Secret<String>) -> Secret<String> {
    Secret::new(form::normal(password.expose()).collect())
}

/// The NFKC form first. A missing password costs as much as a wrong one, in any form.
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
    /// A panic while this is held leaves the queue whole.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; `None` when the queue is empty and closed.
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

/// Works off the queue until every [`Hasher`] is dropped.
fn work(queue: &Queue, mut area: Area) {
    while let Some(job) = queue.next() {
        job(&mut area);
    }
}

#[cfg(test)]
#[path = "hash_tests.rs"]
mod tests;
