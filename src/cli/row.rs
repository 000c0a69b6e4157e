//! A verb that calls one operation of a running server: which one, with what, and what it shows of the answer.

use std::borrow::Cow;

use serde_json::Value;

use super::arguments::Api;
use super::client::{Client, Query};
use super::output::{Output, aligned, items};
use crate::error::Result;

/// The call of a verb, and what it shows.
pub struct Row<'a> {
    /// The server.
    pub api: &'a Api,
    /// What is asked of it.
    pub operation: Operation<'a>,
    /// What people see; programs get the answer as it is.
    pub shows: Shows,
}

/// A call with its path, encoded.
pub enum Operation<'a> {
    /// A GET.
    Get(String),
    /// A POST of this body.
    Post(String, Value),
    /// A PATCH of this body.
    Patch(String, Value),
    /// A PUT of this body.
    Put(String, Value),
    /// A DELETE.
    Delete(String),
    /// The pages of a listing, until there are so many items.
    Pages(Cow<'static, str>, &'a Query<'a>, u32),
}

/// What people see of an answer.
pub enum Shows {
    /// The same text for each answer.
    Text(String),
    /// What this function says of the answer.
    Told(fn(&Value) -> String),
    /// Its items.
    Table(&'static Table),
    /// The items of this member.
    TableOf(&'static str, &'static Table),
}

/// The heading of a column, and its cell for an item.
pub type Column = (&'static str, fn(&Value) -> String);

/// The columns of a list.
pub struct Table {
    /// Each of them, from left to right.
    pub columns: &'static [Column],
    /// What is said of an empty list.
    pub nothing: &'static str,
}

impl Row<'_> {
    /// Calls the operation and shows its answer.
    ///
    /// # Errors
    /// The server's refusal, or that it could not be reached.
    pub fn run(self, output: Output) -> Result<()> {
        ask(&Client::of(self.api)?, self.operation, self.shows, output)
    }
}

/// Calls an operation of a server that was found, and shows its answer.
///
/// # Errors
/// As [`Row::run`].
pub fn ask(client: &Client, operation: Operation<'_>, shows: Shows, output: Output) -> Result<()> {
    let answer = match operation {
        Operation::Get(path) => client.get(&path, &[])?.json(),
        Operation::Post(path, body) => client.post(&path, &body)?.json(),
        Operation::Patch(path, body) => client.send("PATCH", &path, Some(&body))?.json(),
        Operation::Put(path, body) => client.send("PUT", &path, Some(&body))?.json(),
        Operation::Delete(path) => client.send("DELETE", &path, None)?.json(),
        Operation::Pages(path, query, limit) => client.pages(&path, query, limit)?,
    };
    show(&answer, shows, output)
}

/// Shows an answer.
///
/// # Errors
/// `Internal` if standard output is closed.
pub fn show(answer: &Value, shows: Shows, output: Output) -> Result<()> {
    let text = match shows {
        Shows::Text(text) => text,
        Shows::Told(told) => told(answer),
        Shows::Table(table) => table.of(items(answer)),
        Shows::TableOf(member, table) => table.of(answer[member].as_array().into_iter().flatten()),
    };
    output.object(answer, &text)
}

impl Table {
    /// The items in aligned columns.
    pub fn of<'v>(&self, items: impl Iterator<Item = &'v Value>) -> String {
        let rows: Vec<_> = items.map(|item| self.cells(item)).collect();
        let heads: Vec<_> = self.columns.iter().map(|(head, _)| *head).collect();
        if rows.is_empty() { self.nothing.into() } else { aligned(&heads, &rows) }
    }

    /// The cells of an item.
    pub fn cells(&self, item: &Value) -> Vec<String> {
        self.columns.iter().map(|(_, cell)| cell(item)).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::output::cell;

    #[test]
    fn a_list_has_a_line_for_each_item_or_says_that_there_is_none() {
        let columns: &[Column] = &[("ID", |item| cell(&item["id"])), ("OF", |item| cell(&item["of"]))];
        let table = Table { columns, nothing: "Nothing." };
        let found = json!({ "items": [{ "id": 1, "of": "a" }, { "id": 22, "of": null }] });
        assert_eq!(table.of(items(&found)), "ID  OF\n1   a\n22  -");
        assert_eq!(table.of(items(&json!({ "items": [] }))), "Nothing.");
    }
}
