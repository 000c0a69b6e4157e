//! Statements that are sent for many rows in one message.

/// A statement for [`super::Tx::each`], [`super::Tx::put`] and [`super::Question`]. PostgreSQL gets it for many rows as one
/// statement over arrays, which is made from its text, so the text must have one of these shapes:
///
/// - `INSERT INTO … (…) VALUES (…)`
/// - `UPDATE … SET … WHERE …`, without `FROM`, a further `WHERE` or `RETURNING`
/// - `SELECT …`, not for `put`
///
/// Any other text is sent row by row by `each`, and refused by `put`. An ordinary statement is no batch: `run`, `one`,
/// `maybe` and `all` take its plain text, and whatever the engines understand may stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch(&'static str);

impl Batch {
    /// The batch of this statement.
    pub const fn new(statement: &'static str) -> Self {
        Self(statement)
    }

    /// The statement, for a single row.
    pub const fn text(self) -> &'static str {
        self.0
    }
}

/// How a statement is sent, for [`super::Store::explain`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// By itself.
    Alone,
    /// As a batch, in each of its forms.
    AsBatch,
    /// By itself, by [`super::Store::scan`].
    InScan,
}
