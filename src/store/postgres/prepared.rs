//! The statements that a connection has prepared, each at its first use.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use tokio_postgres::Statement;

use super::connection::{Connection, Step};
use super::failure::Failure;
use super::merge;
use super::values::Column;
use crate::error::Error;
use crate::store::Batch;
use crate::store::value::Param;

/// Where the text of a statement is, which is static: no hashing of long texts.
type Place = (usize, usize);

fn place(statement: &'static str) -> Place {
    (statement.as_ptr().addr(), statement.len())
}

/// All of them.
#[derive(Default)]
pub(super) struct Statements {
    alone: RefCell<HashMap<Place, Arc<Prepared>>>,
    /// Those that are one for several.
    together: RefCell<HashMap<Vec<Place>, Statement>>,
}

/// A statement; and once it was needed, the one that does the same for many rows, or that there is none.
pub(super) struct Prepared {
    one: Statement,
    many: OnceLock<Option<Statement>>,
}

impl Prepared {
    /// The statement for one row.
    pub(super) fn one(&self) -> &Statement {
        &self.one
    }

    /// The statement for so many rows in one message; none where each row goes out by itself.
    fn many(&self, rows: usize) -> Option<&Statement> {
        self.many.get()?.as_ref().filter(|_| rows > 1)
    }

    /// Whether so many rows go out in one message, and their answers come back in one.
    pub(super) fn is_one_message(&self, rows: usize) -> bool {
        self.many(rows).is_some()
    }
}

impl Connection {
    /// The statement, prepared at its first use.
    pub(super) fn prepared(&self, statement: &'static str) -> Result<Arc<Prepared>, Failure> {
        let place = place(statement);
        if let Some(known) = self.statements.alone.borrow().get(&place) {
            return Ok(Arc::clone(known));
        }
        let one = self.answer(async { Ok(self.client.prepare(statement).await?) })?;
        let prepared = Arc::new(Prepared { one, many: OnceLock::new() });
        self.statements.alone.borrow_mut().insert(place, Arc::clone(&prepared));
        Ok(prepared)
    }

    /// As `prepared`, for so many rows. The form for many is made when there first are many.
    pub(super) fn prepared_for(&self, batch: Batch, rows: usize) -> Result<Arc<Prepared>, Failure> {
        let prepared = self.prepared(batch.text())?;
        if rows > 1 && prepared.many.get().is_none() {
            let text = merge::over_arrays(batch.text(), prepared.one.params());
            let many = text.map(|text| self.answer(async { Ok(self.client.prepare(&text).await?) })).transpose()?;
            prepared.many.get_or_init(|| many);
        }
        Ok(prepared)
    }

    /// The one statement that does all of these or none. See [`merge::all_or_nothing`].
    pub(super) fn together(&self, batches: &[Batch]) -> Result<Statement, Failure> {
        let places: Vec<_> = batches.iter().map(|batch| place(batch.text())).collect();
        if let Some(known) = self.statements.together.borrow().get(&places) {
            return Ok(known.clone());
        }
        let alone = batches.iter().map(|batch| self.prepared(batch.text())).collect::<Result<Vec<_>, _>>()?;
        let typed: Vec<_> =
            batches.iter().zip(&alone).map(|(batch, alone)| (batch.text(), alone.one.params())).collect();
        let text = merge::all_or_nothing(&typed)
            .ok_or_else(|| Failure::Other(Error::internal("a statement that cannot wait for others")))?;
        let prepared = self.answer(async { Ok(self.client.prepare(&text).await?) })?;
        self.statements.together.borrow_mut().insert(places, prepared.clone());
        Ok(prepared)
    }

    /// The messages that run a statement once for each row.
    pub(super) fn steps<'a>(prepared: &'a Prepared, rows: &'a [&'a [Param<'a>]]) -> Vec<Step<'a>> {
        match prepared.many(rows.len()) {
            Some(statement) => {
                let columns = (0..prepared.one.params().len()).map(|index| Column { rows, index }).collect();
                vec![Step::Many(statement, columns)]
            }
            None => rows.iter().map(|params| Step::One(prepared, params)).collect(),
        }
    }
}
