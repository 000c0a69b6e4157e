//! One connection to PostgreSQL, driven by the thread that holds it: what goes out together, and what comes back.

use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::watch;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, SimpleQueryMessage, Statement};

use super::driver::Driver;
use super::failure::{Failure, Silent};
use super::prepared::{Prepared, Statements};
use super::servers::{Connected, Patience, Servers};
use super::settings::Address;
use super::values::{Bound, Column};
use crate::store::tx::Answer;
use crate::store::value::{Param, Row, Value};

/// Transactions of a connection, or looks outside of one, for which its plans are kept at most.
const PLANS_LAST_MAX: u32 = 16_384;

/// A connection with its prepared statements.
pub(super) struct Connection {
    runtime: Driver,
    pub(super) client: Client,
    servers: Arc<Servers>,
    /// To which of them it leads.
    server: usize,
    /// Changes when connections of its age are not believed any more.
    believed: watch::Receiver<u64>,
    age: u64,
    patience: Cell<Patience>,
    pub(super) statements: Statements,
    /// The tenants that the session may see, as the policies read them.
    pub(super) sees: RefCell<String>,
    transactions: Cell<u32>,
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
            statements: Statements::default(),
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
    /// it any more: a caller that has waited in vain says so, and the others hear it.
    pub(super) fn answer<T>(&self, answer: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
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

    /// The first row of an answer, if there is one.
    pub(super) fn maybe(&self, statement: &'static str, params: &[Param<'_>]) -> Result<Option<Row>, Failure> {
        let prepared = self.prepared(statement)?;
        let answer = self.fly(&[Step::One(&prepared, params)])?.pop().unwrap_or_default();
        Ok(answer.rows.into_iter().next())
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
            Step::One(prepared, params) => self.query(prepared.one(), params.iter().map(Bound)).await,
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

fn next(
    stream: Pin<&mut tokio_postgres::RowStream>,
    context: &mut std::task::Context<'_>,
) -> Poll<Option<Result<tokio_postgres::Row, tokio_postgres::Error>>> {
    futures_core::Stream::poll_next(stream, context)
}
