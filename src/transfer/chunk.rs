//! A chunk of an import: read, compared with the plan, and gone through in slices. Between two slices it rests while others wait
//! for the store, so that no import takes more than half of the writer from them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::Parts;
use super::feed::Feed;
use super::hash::Window;
use super::lines::{self, Chunk, Given};
use super::outcome::Judged;
use super::rows::{self, Import, Planned, State};
use super::sealed::Opener;
use super::slice::{self, Slice};
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::mail_texts::MailTexts;
use crate::store::Tx;
use crate::stride::{Stride, rest};

/// Rows of a slice of the run.
const SLICE: (usize, usize) = (16, 256);
/// Rows of a slice of the plan, which only reads.
const SLICE_OF_PLAN: usize = 1_024;
/// What is left of the time of a call when it ends with what was done.
const REST: Duration = Duration::from_secs(3);

/// What became of a chunk.
pub(super) struct Done {
    pub(super) import: Import,
    /// The rows of this call, judged.
    pub(super) judged: Vec<Judged>,
    /// Whether all of it is done. Otherwise the same chunk is sent again.
    pub(super) is_whole: bool,
}

/// Takes a chunk.
///
/// # Errors
/// `NotFound`; `Conflict` for a chunk that does not come next, or that is not the one of the plan; `Invalid` for lines that
/// cannot be counted; `Forbidden` when the caller may do this no more.
pub(super) async fn take(feed: &Feed, body: &[u8], id: Uuid, number: i64, parts: &Parts) -> Result<Done> {
    let (tenant, uid, now) = (feed.who.tenant().id, &feed.who.tenant().uid, feed.who.now());
    let (import, planned) = feed.store.read(feed.scope, |tx| {
        let import = rows::get(tx, tenant, id)?;
        Ok((import, rows::find_chunk(tx, tenant, id, number)?))
    })?;
    let comes_next = check_place(&import, number)?;
    let first_row = planned.as_ref().map_or(import.counts.rows + 1, |planned| planned.first_row);
    let opener = Opener { keys: &parts.keys, tenant: uid, began: import.created_at, cost: parts.cost };
    let given = Given { tenant, random: &feed.random, erased: &parts.erased, opener, now };
    let chunk = lines::read(body, &import, first_row, &given)?;
    check_digest(&import, number, planned.as_ref(), &chunk)?;
    if !comes_next {
        return Ok(Done { import, judged: Vec::new(), is_whole: true });
    }
    if planned.is_none() {
        let new = Planned { digest: chunk.digest.to_vec(), first_row, rows: chunk.rows.len() as i64 };
        feed.store.write(feed.scope, move |tx| begin_chunk(tx, tenant, id, number, &new)).await?;
    }
    go_through(feed, import, chunk, parts).await
}

/// Whether the chunk comes next; false for one that is done already.
fn check_place(import: &Import, number: i64) -> Result<bool> {
    match import.state {
        State::Planning | State::Running => {}
        State::Planned => {
            return Err(Error::conflict("This import is planned. Run its plan before you send the chunks again."));
        }
        State::Done | State::Stopped => return Err(Error::conflict("This import has come to its end. Begin another.")),
    }
    if number > import.chunk || number < 1 {
        return Err(Error::conflict(format!("Chunk {} comes next, not {number}.", import.chunk)));
    }
    Ok(number == import.chunk)
}

fn check_digest(import: &Import, number: i64, planned: Option<&Planned>, chunk: &Chunk) -> Result<()> {
    match (planned, import.state) {
        (Some(planned), _) if planned.digest == chunk.digest => Ok(()),
        (Some(_), State::Running) => Err(Error::conflict(format!(
            "The file is not the one that was planned: chunk {number} differs. Make a new plan."
        ))),
        (Some(_), _) => {
            Err(Error::conflict(format!("Chunk {number} was sent before, and differs. Begin another import.")))
        }
        (None, State::Running) => Err(Error::conflict(format!(
            "The file is not the one that was planned: the plan has no chunk {number}. Make a new plan."
        ))),
        (None, _) => Ok(()),
    }
}

fn begin_chunk(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid, number: i64, new: &Planned) -> Result<()> {
    let import = rows::get(tx, tenant, id)?;
    if import.state != State::Planning || (import.chunk, import.done) != (number, 0) {
        return Err(Error::conflict(format!("Chunk {} comes next, not {number}.", import.chunk)));
    }
    match rows::find_chunk(tx, tenant, id, number)? {
        Some(there) if there.digest == new.digest => Ok(()),
        Some(_) => Err(Error::conflict(format!("Chunk {number} was sent before, and differs. Begin another import."))),
        None => rows::insert_chunk(tx, tenant, id, number, new),
    }
}

async fn go_through(feed: &Feed, mut import: Import, chunk: Chunk, parts: &Parts) -> Result<Done> {
    let window = Window::of(&feed.who.tenant().settings, parts.cost, feed.who.now());
    let is_run = import.state == State::Running;
    let mut stride = Stride::between(SLICE.0, SLICE.1);
    let (all, mut judged) = (Arc::new(chunk.rows), Vec::new());
    let mut done = usize::try_from(import.done).unwrap_or_default().min(all.len());
    loop {
        let end = all.len().min(done + if is_run { stride.size() } else { SLICE_OF_PLAN });
        let part = Part {
            id: import.id,
            chunk: import.chunk,
            from: done,
            to: end,
            window,
            mail_texts: parts.mail_texts.clone(),
            rows: Arc::clone(&all),
        };
        let began = Instant::now();
        let (mut some, now) = if is_run { part.run(feed).await? } else { part.plan(feed).await? };
        judged.append(&mut some);
        (import, done) = (now, end);
        if done == all.len() {
            return Ok(Done { import, judged, is_whole: true });
        }
        let took = began.elapsed();
        stride.note(took);
        if feed.until.saturating_duration_since(Instant::now()) < REST {
            return Ok(Done { import, judged, is_whole: false });
        }
        if feed.store.stats().waiting > 0 {
            tokio::time::sleep(rest(took)).await;
        }
    }
}

/// A part of a chunk that is handed to the store.
struct Part {
    id: Uuid,
    chunk: i64,
    from: usize,
    to: usize,
    window: Window,
    mail_texts: MailTexts,
    rows: Arc<Vec<lines::Row>>,
}

impl Part {
    fn slice(&self) -> Slice<'_> {
        Slice {
            import: self.id,
            chunk: self.chunk,
            done: self.from as i64,
            rows: &self.rows[self.from..self.to],
            is_last: self.to == self.rows.len(),
            window: self.window,
            mail_texts: &self.mail_texts,
        }
    }

    async fn run(self, feed: &Feed) -> Result<(Vec<Judged>, Import)> {
        let (random, who) = (feed.random.clone(), feed.who.clone());
        let verb = move |tx: &mut Tx<'_>| {
            let act = who.act(tx)?;
            slice::run(tx, &act, &self.slice(), &random)
        };
        feed.store.write(feed.scope, verb).await
    }

    /// Judging reads, and holds up nobody who writes.
    async fn plan(self, feed: &Feed) -> Result<(Vec<Judged>, Import)> {
        let part = Arc::new(self);
        let (reading, asking, who) = (Arc::clone(&part), feed.who.clone(), feed.who.clone());
        let judge = move |tx: &mut Tx<'_>| {
            let act = asking.act(tx)?;
            slice::plan(tx, &act, &reading.slice())
        };
        let planned = feed.store.scan(feed.scope, judge).await?;
        let verb = move |tx: &mut Tx<'_>| {
            let act = who.act(tx)?;
            let import = slice::note_plan(tx, &act, &part.slice(), &planned)?;
            Ok((planned.judged.clone(), import))
        };
        feed.store.write(feed.scope, verb).await
    }
}
