//! What became of a change whose answer was lost, and what a writer does until it knows.

use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::failure::Failure;
use super::servers::Patience;
use super::settings::Address;
use crate::error::Error;
use crate::params;
use crate::store::job::{Job, all_in_doubt};
use crate::store::queue::{Figures, held};

/// How long the caller of a change waits for its fate. The server ends a session of ours that idles within a
/// transaction after 15 s, and one whose other end is gone after as long (see `SESSION`), so it is known by then unless the
/// server stays away, or waits for a standby.
const DOUBT: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(50);
/// The same when nobody waits any more.
const LONG_PAUSE: Duration = Duration::from_millis(500);

const ITS_END: &str = "SELECT pg_advisory_xact_lock(0, hashtext($1))::text";
pub(super) const FATE: &str = "SELECT number FROM store_writers WHERE id = $1";

/// The line of jobs before all writers of a process.
pub(super) struct Line {
    jobs: Mutex<Receiver<Box<dyn Job>>>,
    figures: Arc<Figures>,
    writers: usize,
}

impl Line {
    pub(super) fn new(jobs: Receiver<Box<dyn Job>>, figures: Arc<Figures>, writers: usize) -> Self {
        Self { jobs: Mutex::new(jobs), figures, writers }
    }

    /// The next job; none once the line is closed and empty.
    pub(super) fn next(&self) -> Option<Box<dyn Job>> {
        let next = held(&self.jobs).recv().ok()?;
        self.figures.waiting.fetch_sub(1, Ordering::Relaxed);
        Some(next)
    }

    /// Counts what a job did.
    pub(super) fn count(&self, writes: usize) {
        self.figures.writes.fetch_add(writes as u64, Ordering::Relaxed);
        self.figures.commits.fetch_add(1, Ordering::Release);
    }

    fn is_closed(&self) -> bool {
        self.figures.is_closed.load(Ordering::SeqCst)
    }

    /// One more writer takes no jobs. Where it was the last one, nobody comes for those that wait: they are told at once.
    fn lose(&self) {
        if self.figures.in_doubt.fetch_add(1, Ordering::SeqCst) + 1 < self.writers {
            return;
        }
        // All the others are in doubt too, so none of them waits here for its next job.
        let jobs = held(&self.jobs);
        while let Ok(job) = jobs.try_recv() {
            self.figures.waiting.fetch_sub(1, Ordering::Relaxed);
            job.settle(&Err(all_in_doubt()));
        }
    }

    fn win_back(&self) {
        self.figures.in_doubt.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What a writer does not know.
pub(super) struct Doubt {
    line: Arc<Line>,
    /// The change, by writer and number.
    about: Cell<Option<(String, i64)>>,
}

impl Doubt {
    pub(super) fn new(line: Arc<Line>) -> Self {
        Self { line, about: Cell::new(None) }
    }

    pub(super) fn is_there(&self) -> bool {
        let about = self.about.take();
        let is_there = about.is_some();
        self.about.set(about);
        is_there
    }

    fn begin(&self, id: &str, number: i64) {
        if self.about.replace(Some((id.to_owned(), number))).is_none() {
            self.line.lose();
        }
    }

    fn end(&self) {
        if self.about.take().is_some() {
            self.line.win_back();
        }
    }

    /// Finds out what became of a change: `Ok` if it was made, `Lost` if not. An answer is waited for, since any other could
    /// be wrong. `begun` is called when it takes a while, which it does after a silence.
    pub(super) fn resolve(
        &self,
        address: &Address,
        id: &str,
        number: i64,
        was_silent: bool,
        begun: &mut dyn FnMut(),
    ) -> Result<(), Failure> {
        let since = Instant::now();
        let mut outcome = if was_silent { None } else { Some(ask(address, id, number)) };
        loop {
            match outcome {
                Some(Ok(is_made)) => {
                    self.end();
                    let undone = || Failure::Lost(Error::internal("a change that was not made"));
                    return if is_made { Ok(()) } else { Err(undone()) };
                }
                Some(Err(failure)) if since.elapsed() >= DOUBT => {
                    tracing::error!(cause = ?failure, "the fate of a change could not be learnt");
                    return Err(Failure::Busy(in_doubt()));
                }
                _ if !self.is_there() => {
                    self.begin(id, number);
                    begun();
                }
                _ => thread::sleep(PAUSE),
            }
            outcome = Some(ask(address, id, number));
        }
    }

    /// Asks on when nobody waits any more, before anything else is written: so a writer leaves one session behind at most on
    /// a server that does not come to an end with it.
    pub(super) fn outlast(&self, address: &Address) {
        while let Some((id, number)) = self.about.take() {
            let outcome = ask(address, &id, number);
            self.about.set(Some((id, number)));
            match outcome {
                Ok(is_made) => {
                    tracing::warn!(is_made, "the fate of a change that was answered with doubt is known now");
                    self.end();
                }
                Err(_) if self.line.is_closed() => self.end(),
                Err(_) => thread::sleep(LONG_PAUSE),
            }
        }
    }
}

/// Whether the change of this number was made.
fn ask(address: &Address, id: &str, number: i64) -> Result<bool, Failure> {
    let connection = Connection::open(address)?;
    connection.wait_for(Patience::Short);
    let is_made = || {
        let row = connection.maybe(FATE, &params![id])?;
        let reached: Option<i64> = row.map(|row| row.get(0)).transpose().map_err(Failure::Other)?;
        Ok::<_, Failure>(reached == Some(number))
    };
    if is_made()? {
        return Ok(true);
    }
    connection.maybe(ITS_END, &params![id])?;
    is_made()
}

fn in_doubt() -> Error {
    Error::unavailable(
        "The database went away while this was being written, so it may have been done or not. Look before you ask again.",
        30,
    )
}
