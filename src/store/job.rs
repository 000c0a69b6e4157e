//! What waits for a writer, whichever engine has one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::oneshot;

use super::{Scope, Tx, postgres, sqlite};
use crate::error::{Error, Kind, Result};
use crate::identity::TenantId;

/// Something that waits for a writer.
pub(super) trait Job: Send {
    /// Runs its verbs; what it returns counts as that many writes.
    fn run(&mut self, writer: &Writer<'_>) -> usize;
    /// Answers, after the commit or its failure.
    fn settle(self: Box<Self>, committed: &Result<()>);
}

/// Where a job runs its verbs.
pub(super) enum Writer<'w> {
    /// In the one open transaction of all that wait; it is committed when each has run.
    Sqlite(&'w sqlite::Connection),
    /// Each in a transaction of its own, which is over when the attempt is.
    Postgres(&'w postgres::Writer),
}

impl Writer<'_> {
    /// Runs a verb so that its failure, or its panic, undoes what it did and nothing else. `tenants` are those whose
    /// rows it may write; `hold` says who else may write to them while it runs. `doubt` is called when it will not be known
    /// for a while whether the verb was done; from then on this writer runs nothing else.
    ///
    /// # Errors
    /// What the verb answers, or what the engine has to say.
    pub(super) fn attempt<T>(
        &self,
        scope: Scope,
        tenants: &[TenantId],
        hold: Hold,
        verb: &mut impl FnMut(&mut Tx<'_>) -> Result<T>,
        doubt: &mut dyn FnMut(),
    ) -> Result<T, Failed> {
        match self {
            Self::Sqlite(connection) => sqlite::in_savepoint(connection, scope, verb).map_err(Failed::by_verb),
            Self::Postgres(writer) => writer.transact(scope, tenants, hold, verb, doubt),
        }
    }
}

/// Who else may write to the tenants of a verb while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Nobody: what it reads stays as it is until it is done.
    Alone,
    /// Other verbs that run like this. Each writes only what is still as it found it ([`Tx::put`]); a verb that finds
    /// otherwise runs again, alone. The embedded engine has one writer, and so nobody in company.
    InCompany,
}

/// An attempt that came to nothing.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: Error,
    /// Whether what was asked may have caused it. Otherwise it is the engine, and to try a part of it would end the
    /// same way, or would do twice what may have been done.
    pub(super) is_by_verb: bool,
}

impl Failed {
    pub(super) fn by_verb(error: Error) -> Self {
        Self { error, is_by_verb: true }
    }

    pub(super) fn by_engine(error: Error) -> Self {
        Self { error, is_by_verb: false }
    }
}

/// Who was first: the writer that begins a job, or its asker who gives up at the deadline.
#[derive(Clone, Default)]
pub(super) struct Claim(Arc<AtomicBool>);

impl Claim {
    /// True for the first one only.
    pub(super) fn take(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}

/// Waits for the writer's answer. At the deadline the ask is withdrawn, unless it has begun: then its
/// outcome is awaited, since only that is true.
///
/// # Errors
/// What the verb answered; `Timeout` when it was withdrawn; `Unavailable` when the writer has stopped.
pub(super) async fn wait_for_answer<T>(
    scope: Scope,
    claim: &Claim,
    mut receive: oneshot::Receiver<Result<T>>,
) -> Result<T> {
    if let Some(deadline) = scope.deadline {
        match tokio::time::timeout_at(deadline.into(), &mut receive).await {
            Ok(answer) => return answer.unwrap_or_else(|_| Err(draining())),
            Err(_) if claim.take() => return Err(too_late()),
            Err(_) => {}
        }
    }
    receive.await.unwrap_or_else(|_| Err(draining()))
}

/// One verb that waits alone.
pub(super) struct Single<T, F> {
    scope: Scope,
    claim: Claim,
    verb: F,
    outcome: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, F> Single<T, F> {
    pub(super) fn new(scope: Scope, claim: Claim, verb: F, answer: oneshot::Sender<Result<T>>) -> Self {
        Self { scope, claim, verb, outcome: None, answer }
    }
}

impl<T: Send, F: FnMut(&mut Tx<'_>) -> Result<T> + Send> Job for Single<T, F> {
    fn run(&mut self, writer: &Writer<'_>) -> usize {
        self.outcome = Some(if self.scope.is_late() || !self.claim.take() {
            Err(too_late())
        } else {
            writer
                .attempt(self.scope, &self.scope.tenants(), Hold::Alone, &mut self.verb, &mut || {})
                .map_err(|failed| failed.error)
        });
        1
    }

    fn settle(self: Box<Self>, committed: &Result<()>) {
        let outcome = self.outcome.unwrap_or_else(|| is_sound(committed).and_then(|()| Err(draining())));
        // The asker may have gone; what was written stays written.
        let _ = self.answer.send(outcome.and_then(|value| is_sound(committed).map(|()| value)));
    }
}

/// Whether a commit went through; its failure in words for each of those who waited for it.
pub(super) fn is_sound(committed: &Result<()>) -> Result<()> {
    committed.as_ref().copied().map_err(Error::retold)
}

pub(super) fn too_late() -> Error {
    Error::new(Kind::Timeout, "This took too long and was not begun. Nothing was changed; try again.")
}

pub(super) fn too_much_waits() -> Error {
    Error::unavailable("Too many changes wait to be written. Nothing was changed; try again shortly.", 1)
}

pub(super) fn all_in_doubt() -> Error {
    Error::unavailable(
        "The database does not say what became of the changes before this one. Nothing was changed; try again shortly.",
        5,
    )
}

pub(super) fn draining() -> Error {
    Error::unavailable("This server is shutting down. Nothing was changed; try again in a few seconds.", 5)
}
