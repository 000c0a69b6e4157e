//! One transaction: opened by its first statement, in the same flight.

use std::cell::{Cell, RefCell};

use super::connection::{Connection, Prepared, Step};
use super::failure::Failure;
use super::merge;
use super::values::Column;
use crate::error::{Error, Result};
use crate::params;
use crate::store::Scope;
use crate::store::faults::Faults;
use crate::store::tx::Answer;
use crate::store::value::{Param, Value};

const SEE: &str = "SELECT set_config('tenantry.tenants', $1, false)";
/// Where the writers of all processes stand in line for a tenant, in the order of the tenants; and which transaction of
/// this writer this is, so that its fate can be learnt when the answer to COMMIT is lost.
const HOLD_AND_MARK: &str = "UPDATE store_writers SET number = $2, seen_at = now() WHERE id = $1
    AND (SELECT COUNT(pg_advisory_xact_lock(tenant)) FROM unnest(string_to_array($3, ',')::bigint[]) AS tenant) >= 0";

/// How the first flight begins.
pub(super) enum Opening<'a> {
    /// Each statement by itself.
    None,
    /// One snapshot for all statements.
    Snapshot,
    /// A change: the tenants to hold, who writes, and the number of this transaction.
    Change { tenants: &'a [i64], writer: &'a str, number: i64 },
}

/// A transaction on a connection.
pub struct Transaction<'c> {
    connection: &'c Connection,
    opening: Opening<'c>,
    /// The tenants that it may see, as the policies read them.
    sees: String,
    faults: Option<&'c Faults>,
    has_begun: Cell<bool>,
    /// Rows that go out with the next flight.
    waiting: RefCell<Vec<Waiting>>,
    failure: RefCell<Option<Failure>>,
}

/// Rows for one statement.
struct Waiting {
    statement: &'static str,
    rows: Vec<Vec<Value>>,
}

impl<'c> Transaction<'c> {
    pub(super) fn new(
        connection: &'c Connection,
        scope: Scope,
        tenants: &[i64],
        opening: Opening<'c>,
        faults: Option<&'c Faults>,
    ) -> Self {
        let sees = match scope.tenant {
            Some(tenant) => tenant.0.to_string(),
            None if tenants.is_empty() => "*".to_owned(),
            None => listed(tenants),
        };
        Self {
            connection,
            opening,
            sees,
            faults,
            has_begun: Cell::new(false),
            waiting: RefCell::default(),
            failure: RefCell::default(),
        }
    }

    /// One statement with its values.
    pub fn ask(&self, statement: &'static str, params: &[Param<'_>]) -> Result<Answer> {
        Ok(self.each(statement, &[params])?.into_iter().next().unwrap_or_default())
    }

    /// One statement for each list of values.
    pub fn each(&self, statement: &'static str, rows: &[&[Param<'_>]]) -> Result<Vec<Answer>> {
        self.pass(|| {
            let prepared = self.connection.prepared(statement)?;
            let mut answers = self.fly(Connection::steps(&prepared, rows))?.into_iter();
            answers_of(statement, &prepared, rows.len(), &mut answers)
        })
    }

    /// Keeps rows for the next flight. See [`crate::store::Tx::put`].
    pub fn put(&self, statement: &'static str, rows: &[&[Param<'_>]]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.pass(|| {
            let rows = rows.iter().map(|row| row.iter().map(Value::from).collect());
            let mut waiting = self.waiting.borrow_mut();
            match waiting.iter_mut().find(|one| one.statement == statement) {
                Some(same) => same.rows.extend(rows),
                None => waiting.push(Waiting { statement, rows: rows.collect() }),
            }
            Ok(())
        })
    }

    /// Text without values, such as a migration.
    pub fn batch(&self, text: &str) -> Result<()> {
        self.pass(|| self.fly(vec![Step::Text(text)])).map(drop)
    }

    /// After a failure nothing further is asked: the server would only repeat that the transaction is over.
    fn pass<T>(&self, ask: impl FnOnce() -> Result<T, Failure>) -> Result<T> {
        if self.failure.borrow().is_some() {
            return Err(Error::internal("a statement after one that failed"));
        }
        self.fail_if_planned().and_then(|()| ask()).map_err(|failure| {
            let told = failure.told();
            *self.failure.borrow_mut() = Some(failure);
            told
        })
    }

    fn fail_if_planned(&self) -> Result<(), Failure> {
        self.faults.map_or(Ok(()), Faults::pass).map_err(Failure::Other)
    }

    /// Sends what waits, and these steps behind it; the answers to the steps.
    fn fly(&self, steps: Vec<Step<'_>>) -> Result<Vec<Answer>, Failure> {
        let waiting = self.waiting.take();
        if waiting.is_empty() {
            return self.open(steps);
        }
        let statements: Vec<_> = waiting.iter().map(|one| one.statement).collect();
        let written = self.connection.together(&statements)?;
        let params: Vec<Vec<Vec<Param<'_>>>> = waiting
            .iter()
            .map(|one| one.rows.iter().map(|row| row.iter().map(Param::from).collect()).collect())
            .collect();
        let rows: Vec<Vec<&[Param<'_>]>> = params.iter().map(|rows| rows.iter().map(Vec::as_slice).collect()).collect();
        let columns = rows.iter().flat_map(|rows| (0..rows[0].len()).map(|index| Column { rows, index })).collect();
        let flight = std::iter::once(Step::Many(&written, columns)).chain(steps).collect();
        let mut answers = self.open(flight)?;
        answers.remove(0);
        Ok(answers)
    }

    /// Sends steps, the first of them behind what opens the transaction.
    fn open(&self, steps: Vec<Step<'_>>) -> Result<Vec<Answer>, Failure> {
        if self.has_begun.get() {
            return self.connection.fly(&steps);
        }
        let (see, hold) = (self.connection.prepared(SEE)?, self.connection.prepared(HOLD_AND_MARK)?);
        let is_seeing = *self.connection.sees.borrow() == self.sees;
        let sees = params![&self.sees];
        let (tenants, writer, number) = match &self.opening {
            Opening::Change { tenants, writer, number } => (*tenants, *writer, *number),
            Opening::None | Opening::Snapshot => (&[][..], "", 0),
        };
        let tenants = listed(tenants);
        let held = params![writer, number, &tenants];
        let mut flight = Vec::with_capacity(steps.len() + 4);
        // By itself, before the transaction: what is undone must not undo this.
        flight.extend((!is_seeing).then_some(Step::One(&see, &sees)));
        flight.extend(self.connection.has_old_plans().then_some(Step::Text("DISCARD PLANS")));
        match self.opening {
            Opening::None => {}
            Opening::Snapshot => flight.push(Step::Text("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")),
            Opening::Change { .. } => {
                flight.push(Step::Text("BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE"));
                flight.push(Step::One(&hold, &held));
            }
        }
        self.has_begun.set(true);
        let before = flight.len();
        flight.extend(steps);
        if !is_seeing {
            // Unless it is known that the change has arrived, it is made again.
            self.connection.sees.replace(String::new());
        }
        let mut answers = self.connection.fly(&flight)?;
        self.connection.sees.replace(self.sees.clone());
        let ours = answers.split_off(before);
        if matches!(self.opening, Opening::Change { .. }) && answers.pop().is_none_or(|marked| marked.changed != 1) {
            return Err(Failure::Lost(Error::internal("a writer's row is gone")));
        }
        Ok(ours)
    }

    /// Takes what went wrong, if anything did.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.failure.borrow_mut().take()
    }

    /// Sends what waits and makes all of it lasting. A planned failure stands for one before the server has heard of it.
    pub(super) fn commit(&self) -> Result<(), Failure> {
        if !self.waiting.borrow().is_empty() {
            self.fail_if_planned()?;
            if !self.has_begun.get() {
                // That it has begun as it should must be known before it is made lasting.
                self.fly(Vec::new())?;
            }
        }
        if !self.has_begun.get() || matches!(self.opening, Opening::None) {
            return Ok(());
        }
        self.fail_if_planned()?;
        self.fly(vec![Step::Text("COMMIT")]).map(drop)
    }

    /// Undoes it. Where even that fails the connection is of no further use, and the server undoes it.
    pub(super) fn roll_back(&self) -> bool {
        let has_begun = self.has_begun.get() && !matches!(self.opening, Opening::None);
        !has_begun || self.connection.fly(&[Step::Text("ROLLBACK")]).is_ok()
    }
}

/// Tenants as the statements take them.
fn listed(tenants: &[i64]) -> String {
    tenants.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// Takes the answers to one statement for many rows off the front: one for each, or the one for all taken apart.
fn answers_of(
    statement: &str,
    prepared: &Prepared,
    rows: usize,
    answers: &mut impl Iterator<Item = Answer>,
) -> Result<Vec<Answer>, Failure> {
    if prepared.is_one_message(rows) {
        apart(answers.next().unwrap_or_default(), rows, merge::is_insert(statement))
    } else {
        Ok(answers.take(rows).collect())
    }
}

/// The answers for each row out of the one for all: its first column tells the row.
fn apart(whole: Answer, rows: usize, is_insert: bool) -> Result<Vec<Answer>, Failure> {
    if is_insert {
        let is_whole = whole.changed == rows as u64;
        let each = (0..rows).map(|_| Answer { changed: 1, rows: Vec::new() }).collect();
        return if is_whole { Ok(each) } else { Err(Failure::Other(Error::internal("rows were not inserted"))) };
    }
    let mut answers: Vec<Answer> = (0..rows).map(|_| Answer::default()).collect();
    for mut row in whole.rows {
        let nth: i64 = row.get(0).map_err(Failure::Other)?;
        row.0.remove(0);
        let place = usize::try_from(nth - 1).ok().and_then(|nth| answers.get_mut(nth));
        let answer = place.ok_or_else(|| Failure::Other(Error::internal("a row that nobody asked for")))?;
        answer.changed += 1;
        if !row.0.is_empty() {
            answer.rows.push(row);
        }
    }
    Ok(answers)
}
