//! One connection to PostgreSQL, driven by the thread that holds it: what goes out together, and what comes back.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::watch;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, SimpleQueryMessage, Statement};

use super::driver::Driver;
use super::failure::{Failure, Silent};
use super::merge;
use super::servers::{Connected, Patience, Servers};
use super::settings::Address;
use super::values::{Bound, Column};
use crate::error::Error;
use crate::store::tx::Answer;
use crate::store::value::{Param, Row, Value};

/// What every session is set to. Plans are kept, and the planner is told what all our statements are: look-ups by key, for
/// which a table is not read whole because it is small; or pages in the order of a key, for which what would follow is
/// not collected and sorted. Nothing waits for ever.
pub(super) const SESSION: &str = "SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off;
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_bitmapscan = off;
    SET enable_incremental_sort = off; SET enable_material = off; SET random_page_cost = 1; SET lock_timeout = '3s';
    SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '15s'; SET timezone = 'UTC';
    SET tcp_keepalives_idle = 9; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3";

/// Transactions of a connection, or looks outside of one, for which its plans are kept at most.
const PLANS_LAST_MAX: u32 = 16_384;

/// Where the text of a statement is, which is static.
type Place = (usize, usize);

/// A connection with its prepared statements.
pub(super) struct Connection {
    runtime: Driver,
    client: Client,
    servers: Arc<Servers>,
    /// To which of them it leads.
    server: usize,
    /// Changes when connections of its age are not believed any more.
    believed: watch::Receiver<u64>,
    age: u64,
    patience: Cell<Patience>,
    statements: RefCell<HashMap<Place, Arc<Prepared>>>,
    /// Those that are one for several.
    together: RefCell<HashMap<Vec<Place>, Statement>>,
    /// The tenants that the session may see, as the policies read them.
    pub(super) sees: RefCell<String>,
    transactions: Cell<u32>,
}

/// A statement, and the one that does the same for many rows; none where that cannot be.
pub(super) struct Prepared {
    one: Statement,
    many: Option<Statement>,
}

impl Prepared {
    /// Whether so many rows go out in one message, and their answers come back in one.
    pub(super) fn is_one_message(&self, rows: usize) -> bool {
        rows > 1 && self.many.is_some()
    }
}

/// One message of a flight.
pub(super) enum Step<'a> {
    /// Text without values.
    Text(&'a str),
    /// A statement with its values.
    One(&'a Prepared, &'a [Param<'a>]),
    /// A statement, or several as one, once for each list of values, in one message.
    Many(&'a Statement, Vec<Column<'a>>),
}

impl Connection {
    /// Connects to the server that takes writes.
    pub(super) fn open(address: &Address) -> Result<Self, Failure> {
        let runtime = Driver::new().map_err(Failure::other)?;
        let Connected { client, server, believed } = runtime.block_on(address.servers.connect(&address.tls))?;
        let age = *believed.borrow();
        Ok(Self {
            runtime,
            client,
            servers: Arc::clone(&address.servers),
            server,
            believed,
            age,
            patience: Cell::new(Patience::Long),
            statements: RefCell::default(),
            together: RefCell::default(),
            sees: RefCell::default(),
            transactions: Cell::new(0),
        })
    }

    /// Whether the transaction that now begins should have its plans made anew. Those from when the tables were small
    /// would walk through the large ones; so they are made anew at each power of four, and later now and then.
    pub(super) fn has_old_plans(&self) -> bool {
        let count = self.transactions.get() % PLANS_LAST_MAX + 1;
        self.transactions.set(count);
        count.is_power_of_two() && count.trailing_zeros().is_multiple_of(2) && count > 4
    }

    /// How much time answers have from now on.
    pub(super) fn wait_for(&self, patience: Patience) {
        self.patience.set(patience);
    }

    /// Whether no connection of its age has waited for an answer in vain.
    pub(super) fn is_believed(&self) -> bool {
        *self.believed.borrow() == self.age
    }

    /// Waits for an answer while the server is believed to give one. Else the connection is lost, and nothing is asked on
    /// it any more: whoever has waited in vain says so, and the others hear it.
    fn answer<T>(&self, answer: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let patience = self.servers.patience(self.patience.get());
        if self.is_believed() {
            let mut believed = self.believed.clone();
            let in_time = self.runtime.block_on(async {
                tokio::select! {
                    biased;
                    answer = answer => return Some(answer),
                    _ = believed.changed() => {}
                    () = tokio::time::sleep(patience) => self.servers.fell_silent(self.server, self.age, patience),
                }
                None
            });
            if let Some(answer) = in_time {
                return answer;
            }
        }
        Err(Failure::silent(Silent { place: self.servers.place(self.server), patience }))
    }

    /// Whether the server has not hung up or fallen silent so far.
    pub(super) fn is_alive(&self) -> bool {
        if !self.is_believed() {
            return false;
        }
        // Lets the driver read what has come since the last use: the end, if the server went away.
        self.runtime.block_on(tokio::task::yield_now());
        !self.client.is_closed()
    }

    /// The statement, prepared at its first use.
    pub(super) fn prepared(&self, statement: &'static str) -> Result<Arc<Prepared>, Failure> {
        let place = place(statement);
        if let Some(known) = self.statements.borrow().get(&place) {
            return Ok(Arc::clone(known));
        }
        let prepared = self.answer(async {
            let one = self.client.prepare(statement).await?;
            let many = match merge::over_arrays(statement, one.params()) {
                Some(text) => Some(self.client.prepare(&text).await?),
                None => None,
            };
            Ok(Prepared { one, many })
        })?;
        let prepared = Arc::new(prepared);
        self.statements.borrow_mut().insert(place, Arc::clone(&prepared));
        Ok(prepared)
    }

    /// The types of a statement's values.
    pub(super) fn types_of(&self, statement: &str) -> Result<Vec<Type>, Failure> {
        self.answer(async { Ok(self.client.prepare(statement).await?.params().to_vec()) })
    }

    /// Sends text without values; the first column of what comes back.
    pub(super) fn say(&self, text: &str) -> Result<Vec<String>, Failure> {
        let messages = self.answer(async { Ok(self.client.simple_query(text).await?) })?;
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        Ok(rows.collect())
    }

    /// The one statement that does all of these or none. See [`merge::all_or_nothing`].
    pub(super) fn together(&self, statements: &[&'static str]) -> Result<Statement, Failure> {
        let places: Vec<_> = statements.iter().map(|statement| place(statement)).collect();
        if let Some(known) = self.together.borrow().get(&places) {
            return Ok(known.clone());
        }
        let alone = statements.iter().map(|statement| self.prepared(statement)).collect::<Result<Vec<_>, _>>()?;
        let typed: Vec<_> = statements.iter().copied().zip(alone.iter().map(|one| one.one.params())).collect();
        let text = merge::all_or_nothing(&typed)
            .ok_or_else(|| Failure::Other(Error::internal("a statement that cannot wait for others")))?;
        let prepared = self.answer(async { Ok(self.client.prepare(&text).await?) })?;
        self.together.borrow_mut().insert(places, prepared.clone());
        Ok(prepared)
    }

    /// The first row of an answer, if there is one.
    pub(super) fn maybe(&self, statement: &'static str, params: &[Param<'_>]) -> Result<Option<Row>, Failure> {
        let prepared = self.prepared(statement)?;
        let answer = self.fly(&[Step::One(&prepared, params)])?.pop().unwrap_or_default();
        Ok(answer.rows.into_iter().next())
    }

    /// The messages that run a statement once for each row.
    pub(super) fn steps<'a>(prepared: &'a Prepared, rows: &'a [&'a [Param<'a>]]) -> Vec<Step<'a>> {
        match prepared.many.as_ref().filter(|_| prepared.is_one_message(rows.len())) {
            Some(statement) => {
                let columns = (0..prepared.one.params().len()).map(|index| Column { rows, index }).collect();
                vec![Step::Many(statement, columns)]
            }
            None => rows.iter().map(|params| Step::One(prepared, params)).collect(),
        }
    }

    /// Sends all steps at once and waits for all answers, which stand in the same order. Each is run whether or not the
    /// one before it failed on the server, so the first failure is the one to believe. What comes behind a step that
    /// could not even be sent is not sent either.
    pub(super) fn fly(&self, steps: &[Step<'_>]) -> Result<Vec<Answer>, Failure> {
        self.answer(async {
            let mut flying: Vec<_> = steps.iter().map(|step| Box::pin(self.run(step))).collect();
            let mut landed: Vec<Option<Result<Answer, Failure>>> = Vec::with_capacity(steps.len());
            // The first poll sends; the answers come in the order of the questions.
            std::future::poll_fn(|context| {
                for flight in &mut flying {
                    let outcome = match flight.as_mut().poll(context) {
                        Poll::Ready(outcome) => Some(outcome),
                        Poll::Pending => None,
                    };
                    let is_over = matches!(outcome, Some(Err(_)));
                    landed.push(outcome);
                    if is_over {
                        break;
                    }
                }
                Poll::Ready(())
            })
            .await;
            let mut answers = Vec::with_capacity(steps.len());
            let mut failed = None;
            for (flight, answer) in flying.into_iter().zip(landed) {
                let outcome = match answer {
                    Some(outcome) => outcome,
                    None => flight.await,
                };
                match outcome {
                    Ok(answer) => answers.push(answer),
                    Err(failure) => failed = failed.or(Some(failure)),
                }
            }
            failed.map_or(Ok(answers), Err)
        })
    }

    async fn run(&self, step: &Step<'_>) -> Result<Answer, Failure> {
        match step {
            Step::Text(text) => {
                self.client.batch_execute(text).await?;
                Ok(Answer::default())
            }
            Step::One(prepared, params) => self.query(&prepared.one, params.iter().map(Bound)).await,
            Step::Many(statement, columns) => self.query(statement, columns.iter()).await,
        }
    }

    async fn query<P>(
        &self,
        statement: &Statement,
        params: impl IntoIterator<Item = P, IntoIter: ExactSizeIterator>,
    ) -> Result<Answer, Failure>
    where
        P: tokio_postgres::types::BorrowToSql,
    {
        let mut stream = pin!(self.client.query_raw(statement, params).await?);
        let mut rows = Vec::new();
        while let Some(row) = std::future::poll_fn(|context| next(stream.as_mut(), context)).await.transpose()? {
            let values: Result<Vec<Value>, _> = (0..row.len()).map(|index| row.try_get(index)).collect();
            rows.push(Row(values?));
        }
        Ok(Answer { changed: stream.rows_affected().unwrap_or_default(), rows })
    }
}

fn place(statement: &'static str) -> Place {
    (statement.as_ptr().addr(), statement.len())
}

fn next(
    stream: Pin<&mut tokio_postgres::RowStream>,
    context: &mut std::task::Context<'_>,
) -> Poll<Option<Result<tokio_postgres::Row, tokio_postgres::Error>>> {
    futures_core::Stream::poll_next(stream, context)
}
