//! Goes on with an uploaded file: its rows are read, gathered into chunks, and handed to the verbs that take those of a client, until
//! there is a plan or the run is over.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::chunks::Chunks;
use super::kept::{self, LEASE_SECONDS, SUSPENDED_SECONDS};
use super::rows::{self, Due, Upload};
use super::sealed_file::Files;
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::identity::Tenant;
use crate::ids;
use crate::random::Random;
use crate::store::{Scope, Store, Tx};
use crate::tenants;
use crate::transfer::feed::{Feed, Kept, Who};
use crate::transfer::import::{Pending, chunk_lines};
use crate::transfer::rows::{self as imports, Import, State};
use crate::transfer::{Parts, chunk, course, ended};

/// So long a chunk is gone through before the lease is renewed.
const AT_ONCE: Duration = Duration::from_secs(5);
/// The lease is renewed after this time.
const RENEWED_AFTER: Duration = Duration::from_secs(2);
/// A pause before a file is due again that could not be gone on with.
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);

/// What a server goes on with files by.
#[derive(Clone)]
pub(super) struct Bringer {
    pub(super) parts: Parts,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) stop: watch::Receiver<bool>,
}

/// How far it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    /// To the plan, or to the end.
    ToTheEnd,
    /// Not there: the server stops, or someone else has the file.
    Somewhere,
}

/// One file that is gone on with.
pub(super) struct Going<'a> {
    pub(super) by: &'a Bringer,
    pub(super) due: Due,
    upload: Upload,
    renewed: Instant,
}

impl Bringer {
    /// Goes on with a file that is due.
    ///
    /// # Errors
    /// Those of the store: the file is due again after a while.
    pub(super) async fn go_on(&self, due: Due) -> Result<()> {
        let (scope, now) = (Scope::of(due.tenant), self.clock.now());
        let Some(upload) = self.store.write(scope, move |tx| kept::take(tx, due, now)).await? else { return Ok(()) };
        let mut going = Going { by: self, due, upload, renewed: Instant::now() };
        let refusal = match going.gone_through().await {
            Ok(_) => return Ok(()),
            Err(failure) if is_refusal(&failure) => failure.message,
            Err(failure) => {
                // Not at once again: what fails may go on failing.
                tokio::time::sleep(AFTER_A_FAILURE).await;
                let now = self.clock.now();
                self.store.write(scope, move |tx| rows::put_off(tx, due, Some(now)).map(drop)).await?;
                return Err(failure);
            }
        };
        going.stop_because(refusal).await
    }

    /// Ends the import of a file that is kept no longer, and forgets the file.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn lapse(&self, due: Due) -> Result<()> {
        let now = self.clock.now();
        self.store.write(Scope::of(due.tenant), move |tx| stop(tx, due, kept::LAPSED, now)).await
    }
}

/// Whether it would be refused again, however often it was tried.
fn is_refusal(failure: &Error) -> bool {
    use Kind::{Conflict, Duplicate, Forbidden, Invalid, NotFound, Refused, Unauthenticated};
    matches!(failure.kind, Invalid | Refused | Unauthenticated | Forbidden | NotFound | Duplicate | Conflict)
}

fn stop(tx: &mut Tx<'_>, due: Due, why: &str, now: Timestamp) -> Result<()> {
    let Some(upload) = rows::find(tx, due.tenant, due.import)? else { return Ok(()) };
    let import = imports::get(tx, due.tenant, due.import)?;
    if import.ended_at.is_some() {
        return rows::forget(tx, due.tenant, due.import);
    }
    let actor = upload.authority.actor(ids::derived(&due.import, "import.end", 0));
    ended::stop_because(tx, due.tenant, import, (&actor, why), now)
}

/// Reading takes long enough to keep others from the thread.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

impl Going<'_> {
    async fn gone_through(&mut self) -> Result<Came> {
        let due = self.due;
        let found =
            self.read(move |tx| Ok((imports::get(tx, due.tenant, due.import)?, tenants::find_by_id(tx, due.tenant)?)));
        let (import, tenant) = found?;
        if tenant.is_none() {
            let again = self.by.clock.now().plus_seconds(SUSPENDED_SECONDS);
            self.write(move |tx| rows::put_off(tx, due, Some(again)).map(drop)).await?;
            return Ok(Came::Somewhere);
        }
        match import.state {
            State::Planning | State::Running => {}
            State::Planned => {
                self.write(move |tx| rows::put_off(tx, due, None).map(drop)).await?;
                return Ok(Came::ToTheEnd);
            }
            State::Done | State::Stopped => {
                self.write(move |tx| rows::forget(tx, due.tenant, due.import)).await?;
                return Ok(Came::ToTheEnd);
            }
        }
        let files = self.files().await?;
        let began = import.created_at;
        let mut chunks = aside(move || Chunks::open(&files, began)).await??;
        let mut number = 0;
        loop {
            let (back, next) = aside(move || {
                let next = chunks.next();
                (chunks, next)
            })
            .await?;
            chunks = back;
            let Some(rows) = next? else { return self.end(&import).await };
            number += 1;
            if number >= import.chunk && self.send(&import, number, rows).await? == Came::Somewhere {
                return Ok(Came::Somewhere);
            }
        }
    }

    async fn files(&self) -> Result<Files> {
        let (due, keys, number) = (self.due, self.by.parts.keys.clone(), self.upload.key);
        let parts = self.by.store.scan(Scope::of(due.tenant), move |tx| rows::parts(tx, due)).await?;
        let opened = aside(move || Files::open(&keys, number, due, &parts)).await?;
        opened.ok_or_else(|| {
            Error::conflict(
                "The uploaded file cannot be opened: the key by which it was sealed is gone. Upload it again.",
            )
        })
    }

    /// Has a chunk taken, until all of it is done.
    async fn send(&mut self, import: &Import, number: i64, rows: Vec<Pending>) -> Result<Came> {
        let is_run = import.state == State::Running;
        let rows = Arc::new(rows);
        let made = if is_run { self.laid_beneath(&rows).await? } else { Some(HashMap::new()) };
        let Some(made) = made else { return Ok(Came::Somewhere) };
        let body = aside(move || chunk_lines(&rows, is_run, &made)).await?;
        loop {
            if !self.goes_on().await? {
                return Ok(Came::Somewhere);
            }
            let feed = self.feed(if is_run { "import.end" } else { "import.plan" })?;
            match chunk::take(&feed, body.as_bytes(), import.id, number, &self.by.parts).await {
                Ok(done) if done.is_whole => return Ok(Came::ToTheEnd),
                Ok(_) => {}
                Err(failure) if failure.kind == Kind::Conflict && self.is_elsewhere(import, number)? => {
                    return Ok(Came::Somewhere);
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Whether the import has ended, or another server has gone on with it beyond this chunk.
    fn is_elsewhere(&self, import: &Import, number: i64) -> Result<bool> {
        let due = self.due;
        let now = self.read(move |tx| imports::get(tx, due.tenant, due.import))?;
        Ok(now.state != import.state || now.chunk > number)
    }

    /// All chunks are through: the plan is made, or the run is over.
    async fn end(&self, import: &Import) -> Result<Came> {
        let (due, is_run) = (self.due, import.state == State::Running);
        let who = self.who(if is_run { "import.end" } else { "import.plan" })?;
        let verb = move |tx: &mut Tx<'_>| {
            let act = who.act(tx)?;
            if is_run {
                return course::end(tx, due.import, &act).map(drop);
            }
            course::plan(tx, due.import, &act)?;
            rows::put_off(tx, due, None).map(drop)
        };
        match self.write(verb).await {
            Err(failure) if failure.kind == Kind::Conflict && self.is_elsewhere(import, i64::MAX)? => {
                Ok(Came::Somewhere)
            }
            ended => ended.map(|()| Came::ToTheEnd),
        }
    }

    /// Whether this server still has the file, and does not stop.
    pub(super) async fn goes_on(&mut self) -> Result<bool> {
        let (due, now) = (self.due, self.by.clock.now());
        if *self.by.stop.borrow() {
            self.write(move |tx| rows::put_off(tx, due, Some(now)).map(drop)).await?;
            return Ok(false);
        }
        if self.renewed.elapsed() < RENEWED_AFTER {
            return Ok(true);
        }
        self.renewed = Instant::now();
        self.write(move |tx| rows::put_off(tx, due, Some(now.plus_seconds(LEASE_SECONDS)))).await
    }

    /// With the settings of the tenant as they are now: an owner may close the window meanwhile.
    fn feed(&self, record: &str) -> Result<Feed> {
        Ok(Feed {
            store: self.by.store.clone(),
            random: self.by.random.clone(),
            scope: Scope::of(self.due.tenant),
            who: self.who(record)?,
            until: Instant::now() + AT_ONCE,
        })
    }

    fn who(&self, record: &str) -> Result<Who> {
        let (tenant, now) = (self.due.tenant, self.by.clock.now());
        let found: Option<Tenant> = self.read(move |tx| tenants::find_by_id(tx, tenant))?;
        let tenant = found.map(Arc::new).ok_or_else(|| Error::unavailable("The tenant is suspended.", 60))?;
        let (authority, record) = (self.upload.authority.clone(), ids::derived(&self.due.import, record, 0));
        Ok(Who::Kept(Box::new(Kept { authority, tenant, record, now })))
    }

    async fn stop_because(&self, why: String) -> Result<()> {
        let (due, now) = (self.due, self.by.clock.now());
        self.write(move |tx| stop(tx, due, &why, now)).await
    }

    pub(super) fn read<T>(&self, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.by.store.read(Scope::of(self.due.tenant), verb)
    }

    async fn write<T: Send + 'static>(&self, verb: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.by.store.write(Scope::of(self.due.tenant), verb).await
    }
}
