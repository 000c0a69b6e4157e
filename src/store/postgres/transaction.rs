//! One transaction: opened by its first statement, in the same flight. In company it need not be opened at all: looks go
//! before it, and what is written then is one statement.

use std::cell::{Cell, RefCell};

use super::answers;
use super::connection::{Connection, Step};
use super::failure::Failure;
use super::merge;
use super::values::Column;
use crate::error::{Error, Result};
use crate::params;
use crate::store::faults::Faults;
use crate::store::job::Hold;
use crate::store::tx::Answer;
use crate::store::value::{Param, Value, params_of};
use crate::store::{Batch, Scope};

const SEE: &str = "SELECT set_config('tenantry.tenants', $1, false)";
/// Where the writers of all processes stand in line for a tenant; those in company, for the one that holds it alone.
const HOLD: Batch = Batch::new("SELECT pg_advisory_xact_lock($1)::text");
const JOIN: Batch = Batch::new("SELECT pg_advisory_xact_lock_shared($1)::text");
/// Says that this change was made, in the change itself, so that its fate can be learnt when the answer is lost.
const MARK: Batch = Batch::new("UPDATE store_writers SET number = $2, seen_at = now() WHERE id = $1");

/// How the first flight begins.
pub(super) enum Opening<'a> {
    /// Each statement by itself.
    None,
    /// One snapshot for all statements.
    Snapshot,
    /// A change: the tenants to hold and how, who writes, and the number of this transaction.
    Change { tenants: &'a [i64], hold: Hold, writer: &'a str, number: i64 },
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
    batch: Batch,
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
        let listed = |tenants: &[i64]| tenants.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        let own: Vec<_> = scope.tenants().iter().map(|tenant| tenant.0).collect();
        let sees = match (own.is_empty(), tenants.is_empty()) {
            (false, _) => listed(&own),
            (true, true) => "*".to_owned(),
            (true, false) => listed(tenants),
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
        self.pass(|| {
            let prepared = self.connection.prepared(statement)?;
            let answers = self.send(merge::is_select(statement), vec![Step::One(&prepared, params)])?;
            Ok(answers.into_iter().next().unwrap_or_default())
        })
    }

    /// One statement for each list of values.
    pub fn each(&self, batch: Batch, rows: &[&[Param<'_>]]) -> Result<Vec<Answer>> {
        Ok(self.all(&[(batch, rows)])?.pop().unwrap_or_default())
    }

    /// Several statements, each for its lists of values, in one flight.
    pub fn all(&self, questions: &[(Batch, &[&[Param<'_>]])]) -> Result<Vec<Vec<Answer>>> {
        self.pass(|| {
            let prepared = questions.iter().map(|(batch, rows)| self.connection.prepared_for(*batch, rows.len()));
            let prepared = prepared.collect::<Result<Vec<_>, _>>()?;
            let asked = || questions.iter().zip(&prepared);
            let steps = asked().flat_map(|((_, rows), prepared)| Connection::steps(prepared, rows)).collect();
            let is_read = questions.iter().all(|(batch, _)| merge::is_select(batch.text()));
            let mut answers = self.send(is_read, steps)?.into_iter();
            asked()
                .map(|((batch, rows), prepared)| answers::of(batch.text(), prepared, rows.len(), &mut answers))
                .collect()
        })
    }

    /// Sends steps, in company outside of the transaction while they only read and nothing was written yet.
    fn send(&self, is_read: bool, steps: Vec<Step<'_>>) -> Result<Vec<Answer>, Failure> {
        let is_look = is_read && self.is_in_company() && !self.has_begun.get() && self.waiting.borrow().is_empty();
        if is_look { self.look(steps) } else { self.fly(steps) }
    }

    /// Keeps rows for the next flight. See [`crate::store::Tx::put`].
    pub fn put(&self, batch: Batch, rows: &[&[Param<'_>]]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.pass(|| {
            let rows = rows.iter().map(|row| row.iter().map(Value::from).collect());
            let mut waiting = self.waiting.borrow_mut();
            match waiting.iter_mut().find(|one| one.batch == batch) {
                Some(same) => same.rows.extend(rows),
                None => waiting.push(Waiting { batch, rows: rows.collect() }),
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
        if self.waiting.borrow().is_empty() { self.open(steps) } else { self.write(|steps| self.open(steps), steps) }
    }

    /// Sends what waits as one statement, by this call, and these steps behind it.
    fn write(
        &self,
        send: impl FnOnce(Vec<Step<'_>>) -> Result<Vec<Answer>, Failure>,
        steps: Vec<Step<'_>>,
    ) -> Result<Vec<Answer>, Failure> {
        let waiting = self.waiting.take();
        let batches: Vec<_> = waiting.iter().map(|one| one.batch).collect();
        let written = self.connection.together(&batches)?;
        let params: Vec<_> = waiting.iter().map(|one| params_of(&one.rows)).collect();
        let rows: Vec<Vec<&[Param<'_>]>> = params.iter().map(|rows| rows.iter().map(Vec::as_slice).collect()).collect();
        let columns = rows.iter().flat_map(|rows| (0..rows[0].len()).map(|index| Column { rows, index })).collect();
        let flight = std::iter::once(Step::Many(&written, columns)).chain(steps).collect();
        let mut answers = send(flight)?;
        answers.remove(0);
        Ok(answers)
    }

    /// Whether what is found need not stay as it is: then a look at it needs no transaction.
    fn is_in_company(&self) -> bool {
        matches!(self.opening, Opening::Change { hold: Hold::InCompany, .. })
    }

    /// Sends steps, the first of them behind what opens the transaction.
    fn open(&self, steps: Vec<Step<'_>>) -> Result<Vec<Answer>, Failure> {
        if self.has_begun.replace(true) {
            return self.connection.fly(&steps);
        }
        let (tenants, hold) = match &self.opening {
            Opening::None => return self.seeing(Vec::new(), steps),
            Opening::Snapshot => {
                return self.seeing(vec![Step::Text("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")], steps);
            }
            Opening::Change { tenants, hold: Hold::Alone, .. } => (tenants, HOLD),
            Opening::Change { tenants, hold: Hold::InCompany, .. } => (tenants, JOIN),
        };
        let hold = self.connection.prepared_for(hold, tenants.len())?;
        let held: Vec<_> = tenants.iter().map(|tenant| params![*tenant]).collect();
        let held: Vec<_> = held.iter().map(|tenant| tenant.as_slice()).collect();
        let mut opening = vec![Step::Text("BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE")];
        opening.extend(Connection::steps(&hold, &held));
        self.seeing(opening, steps)
    }

    /// Sends steps outside of the transaction.
    fn look(&self, steps: Vec<Step<'_>>) -> Result<Vec<Answer>, Failure> {
        self.seeing(Vec::new(), steps)
    }

    /// Sends steps behind what opens the transaction, on a connection that sees the tenants and has plans that fit.
    fn seeing(&self, opening: Vec<Step<'_>>, steps: Vec<Step<'_>>) -> Result<Vec<Answer>, Failure> {
        let (see, is_seeing) = (self.connection.prepared(SEE)?, self.is_seeing());
        let sees = params![&self.sees];
        let mut flight = Vec::with_capacity(opening.len() + steps.len() + 2);
        // By itself, before the transaction: what is undone must not undo this.
        flight.extend((!is_seeing).then_some(Step::One(&see, &sees)));
        flight.extend(self.connection.has_old_plans().then_some(Step::Text("DISCARD PLANS")));
        flight.extend(opening);
        let before = flight.len();
        flight.extend(steps);
        if !is_seeing {
            // Unless it is known that the change has arrived, it is made again.
            self.connection.sees.replace(String::new());
        }
        let mut answers = self.connection.fly(&flight)?;
        self.connection.sees.replace(self.sees.clone());
        Ok(answers.split_off(before))
    }

    /// Whether the session is told already which tenants it sees.
    fn is_seeing(&self) -> bool {
        *self.connection.sees.borrow() == self.sees
    }

    /// Takes what went wrong, if anything did.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.failure.borrow_mut().take()
    }

    /// Sends what waits and makes all of it lasting. A planned failure stands for one before the server has heard of it.
    pub(super) fn commit(&self) -> Result<(), Failure> {
        let is_at_once = self.is_in_company() && !self.has_begun.get();
        if !self.waiting.borrow().is_empty() {
            self.fail_if_planned()?;
            // That all stands as it should must be known before anything is made lasting.
            if is_at_once && !self.is_seeing() {
                self.look(Vec::new())?;
            } else if !is_at_once && !self.has_begun.get() {
                self.open(Vec::new())?;
            }
        } else if !self.has_begun.get() {
            return Ok(());
        }
        if matches!(self.opening, Opening::None) {
            return Ok(());
        }
        self.fail_if_planned()?;
        self.mark();
        if is_at_once {
            self.join();
            return self.write(|steps| self.look(steps), Vec::new()).map(drop);
        }
        self.fly(vec![Step::Text("COMMIT")]).map(drop)
    }

    /// Lets the one statement of a transaction stand in line for the tenants first: the parts of it that are counted are
    /// carried out in their order.
    fn join(&self) {
        let Opening::Change { tenants, .. } = self.opening else { return };
        if !tenants.is_empty() {
            let rows = tenants.iter().map(|tenant| vec![Value::Int(*tenant)]).collect();
            self.waiting.borrow_mut().insert(0, Waiting { batch: JOIN, rows });
        }
    }

    fn mark(&self) {
        if let Opening::Change { writer, number, .. } = self.opening {
            let row = params![writer, number].iter().map(Value::from).collect();
            self.waiting.borrow_mut().push(Waiting { batch: MARK, rows: vec![row] });
        }
    }

    /// Undoes it. Where even that fails the connection is of no further use, and the server undoes it.
    pub(super) fn roll_back(&self) -> bool {
        let has_begun = self.has_begun.get() && !matches!(self.opening, Opening::None);
        !has_begun || self.connection.fly(&[Step::Text("ROLLBACK")]).is_ok()
    }
}
