//! The handle that a verb works with.

use super::value::{Param, Row, Value, params_of};
use super::{Batch, Scope, dialect, postgres, sqlite};
use crate::error::{Error, Result};

/// One transaction, or one snapshot when only reading. The same calls on every engine.
pub struct Tx<'c> {
    pub(super) session: Session<'c>,
    pub(super) scope: Scope,
}

/// What the engine knows of it.
pub(super) enum Session<'c> {
    Sqlite(&'c sqlite::Connection),
    Postgres(&'c postgres::Transaction<'c>),
}

impl Session<'_> {
    pub(super) fn ask(&self, statement: &'static str, params: &[Param<'_>]) -> Result<Answer> {
        match self {
            Self::Sqlite(connection) => connection.ask(statement, params),
            Self::Postgres(transaction) => transaction.ask(statement, params),
        }
    }

    fn each(&self, batch: Batch, rows: &[&[Param<'_>]]) -> Result<Vec<Answer>> {
        match self {
            Self::Sqlite(connection) => rows.iter().map(|params| connection.ask(batch.text(), params)).collect(),
            Self::Postgres(_) if rows.is_empty() => Ok(Vec::new()),
            Self::Postgres(transaction) => transaction.each(batch, rows),
        }
    }

    fn all(&self, questions: &[(Batch, &[&[Param<'_>]])]) -> Result<Vec<Vec<Answer>>> {
        match self {
            Self::Sqlite(_) => questions.iter().map(|(batch, rows)| self.each(*batch, rows)).collect(),
            Self::Postgres(transaction) => transaction.all(questions),
        }
    }

    /// Runs text without values, such as a migration.
    pub(super) fn batch(&self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.batch(sql),
            Self::Postgres(transaction) => transaction.batch(sql),
        }
    }

    /// A migration as the engine spells it.
    pub(super) fn respell(&self, migration: &str) -> String {
        match self {
            Self::Sqlite(_) => dialect::migration_for_sqlite(migration),
            Self::Postgres(_) => dialect::migration_for_postgres(migration),
        }
    }
}

/// A statement that reads, and the lists of values that it is asked for.
pub struct Question {
    batch: Batch,
    rows: Vec<Vec<Value>>,
}

impl Question {
    /// The statement once for each list of values.
    pub fn new<'p, P: AsRef<[Param<'p>]>>(batch: Batch, rows: impl IntoIterator<Item = P>) -> Self {
        let rows = rows.into_iter().map(|row| row.as_ref().iter().map(Value::from).collect()).collect();
        Self { batch, rows }
    }
}

/// What one statement did.
#[derive(Debug, Default)]
pub struct Answer {
    /// Rows inserted, updated or deleted.
    pub changed: u64,
    /// Rows read, or returned by `RETURNING`.
    pub rows: Vec<Row>,
}

impl Tx<'_> {
    /// Runs a statement that writes; how many rows it changed.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot be written, else `Internal`.
    pub fn run(&mut self, statement: &'static str, params: &[Param<'_>]) -> Result<u64> {
        Ok(self.ask(statement, params)?.changed)
    }

    /// The one row of an answer.
    ///
    /// # Errors
    /// `Internal` when there is none: use [`Tx::maybe`] where that can be.
    pub fn one(&mut self, statement: &'static str, params: &[Param<'_>]) -> Result<Row> {
        self.maybe(statement, params)?.ok_or_else(|| Error::internal("a row that must exist was not found"))
    }

    /// Whether the operator acts in it on another tenant ([`Scope::operating`]).
    pub fn is_operating(&self) -> bool {
        self.scope.is_operating()
    }

    /// The first row of an answer, if there is one.
    ///
    /// # Errors
    /// As [`Tx::run`].
    pub fn maybe(&mut self, statement: &'static str, params: &[Param<'_>]) -> Result<Option<Row>> {
        Ok(self.ask(statement, params)?.rows.into_iter().next())
    }

    /// All rows of an answer.
    ///
    /// # Errors
    /// As [`Tx::run`].
    pub fn all(&mut self, statement: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        Ok(self.ask(statement, params)?.rows)
    }

    /// The statement once for each list of values; the answers in the same order. An engine may send them all at once.
    ///
    /// # Errors
    /// As [`Tx::run`]; the first failure ends it.
    pub fn each<'p, P: AsRef<[Param<'p>]>>(&mut self, batch: Batch, rows: &[P]) -> Result<Vec<Answer>> {
        let rows: Vec<&[Param<'_>]> = rows.iter().map(AsRef::as_ref).collect();
        rows.iter().try_for_each(|params| self.keep_to_the_tenant(batch.text(), params))?;
        self.session.each(batch, &rows)
    }

    /// Several questions at once, where an engine can do that; the answers to each in order.
    ///
    /// # Errors
    /// As [`Tx::run`]; the first failure ends it.
    pub fn look<const N: usize>(&mut self, questions: [Question; N]) -> Result<[Vec<Answer>; N]> {
        let params: Vec<_> = questions.iter().map(|question| params_of(&question.rows)).collect();
        let rows: Vec<Vec<&[Param<'_>]>> = params.iter().map(|rows| rows.iter().map(Vec::as_slice).collect()).collect();
        let asked: Vec<_> = questions.iter().zip(&rows).map(|(one, rows)| (one.batch, rows.as_slice())).collect();
        for (batch, rows) in &asked {
            rows.iter().try_for_each(|params| self.keep_to_the_tenant(batch.text(), params))?;
        }
        let answers = self.session.all(&asked)?;
        answers.try_into().map_err(|_| Error::internal("a question was left without an answer"))
    }

    /// Writes each row, of which each must be one row changed. An engine may let them wait for company: that they were
    /// written is certain when the next call of another kind returns, or when the transaction is committed.
    ///
    /// # Errors
    /// `Unavailable` when a row was not as it must be, since someone else was first; else as [`Tx::run`]. Either may come
    /// with a later call, and nothing of the transaction is kept.
    pub fn put<'p, P: AsRef<[Param<'p>]>>(&mut self, batch: Batch, rows: &[P]) -> Result<()> {
        let rows: Vec<&[Param<'_>]> = rows.iter().map(AsRef::as_ref).collect();
        rows.iter().try_for_each(|params| self.keep_to_the_tenant(batch.text(), params))?;
        match &self.session {
            Session::Postgres(transaction) => transaction.put(batch, &rows),
            Session::Sqlite(_) => all_changed(&self.session.each(batch, &rows)?),
        }
    }

    fn ask(&mut self, statement: &'static str, params: &[Param<'_>]) -> Result<Answer> {
        self.keep_to_the_tenant(statement, params)?;
        self.session.ask(statement, params)
    }

    /// The first wall between tenants is the predicate in the statement; this sees that it is bound
    /// to the tenant for whom the verb was called, whatever the verb computed. PostgreSQL keeps no NUL in a text, so the
    /// embedded engine is given none either: what it took, the other could not take over.
    fn keep_to_the_tenant(&self, statement: &'static str, params: &[Param<'_>]) -> Result<()> {
        if params.iter().any(|param| matches!(param, Param::Text(text) if text.contains('\0'))) {
            return Err(Error::invalid("A text holds U+0000, which cannot be kept. Leave it out."));
        }
        match (self.scope.tenant, params.first()) {
            (None, _) => Ok(()),
            (Some(_), Some(Param::Int(tenant))) if self.scope.takes(*tenant) => Ok(()),
            _ => Err(Error::internal(format!("a statement left its tenant: {statement}"))),
        }
    }
}

/// Fails when a row was not as it must be: then someone else was first.
pub(super) fn all_changed(answers: &[Answer]) -> Result<()> {
    if answers.iter().all(|answer| answer.changed == 1) {
        return Ok(());
    }
    Err(changed_meanwhile())
}

/// For a verb that wanted to change a row that was no longer as it must be.
pub(super) fn changed_meanwhile() -> Error {
    Error::unavailable("What was to be changed was changed at the same moment. Nothing was done; try again.", 1)
}
