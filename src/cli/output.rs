//! The output of verbs: text for people, or, with `--json`, the object for programs.

use std::io::{IsTerminal, Write};

use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::address::shown;
use crate::error::{Error, Kind, Result};

/// The format of a verb's output.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Whether the output is JSON.
    pub is_json: bool,
}

impl Output {
    /// Prints the object for programs, the text for people.
    ///
    /// # Errors
    /// `Internal` if standard output is closed.
    pub fn object(self, object: &impl Serialize, text: &str) -> Result<()> {
        if self.is_json {
            self.write(&serde_json::to_string(object).map_err(Error::internal)?)
        } else {
            self.write(text)
        }
    }

    /// Prints the object for programs, aligned columns for people, or `nothing` if there is no row.
    ///
    /// # Errors
    /// As [`Output::object`].
    pub fn table(self, object: &impl Serialize, head: &[&str], rows: &[Vec<String>], nothing: &str) -> Result<()> {
        self.object(object, &if rows.is_empty() { nothing.into() } else { aligned(head, rows) })
    }

    /// Prints a line for people, and nothing for programs.
    ///
    /// # Errors
    /// As [`Output::object`].
    pub fn line(self, text: &str) -> Result<()> {
        if self.is_json { Ok(()) } else { self.write(text) }
    }

    /// Prints text that is the same for people and programs.
    ///
    /// # Errors
    /// As [`Output::object`].
    pub fn write(self, text: &str) -> Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()).map_err(Error::internal)
    }

    /// Shows the progress of a long verb in one line that is overwritten; only on a terminal.
    pub fn progress(self, text: &str) {
        let mut out = std::io::stderr().lock();
        if !self.is_json && out.is_terminal() {
            // A lost progress line does no harm: the result follows.
            let _ = write!(out, "\r\x1b[K{}", plain(text)).and_then(|()| out.flush());
        }
    }
}

impl Output {
    /// Says something to people at a terminal, beside an output that may be redirected into a file.
    pub fn note(self, text: &str) {
        let mut out = std::io::stderr().lock();
        if !self.is_json && out.is_terminal() {
            // If standard error is closed, the output is there all the same.
            let _ = writeln!(out, "{}", plain(text));
        }
    }
}

/// Says on standard error why a verb failed.
pub fn complain(failure: &Error) {
    if is_reader_gone(failure) {
        return;
    }
    let mut out = std::io::stderr().lock();
    // If standard error is closed too, only the exit code remains.
    let _ = out.write_all(complaint(failure).as_bytes());
}

/// Whether the reader of our output has closed it, as `head` does; that is no failure.
fn is_reader_gone(failure: &Error) -> bool {
    let cause = failure.cause.as_ref().and_then(|cause| cause.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

fn complaint(failure: &Error) -> String {
    let mut text = match (&failure.kind, &failure.cause) {
        // The reader of this sentence is the one who can fix it, and no log has the cause.
        (Kind::Internal, Some(cause)) => format!("tenantry: This could not be done: {}\n", plain(&cause.to_string())),
        _ => format!("tenantry: {}\n", plain(&failure.message)),
    };
    for detail in &failure.details {
        text += &format!("  {}\n", plain(detail));
    }
    text
}

/// A bar of twenty columns, full as `done` is of `all`.
pub fn bar(done: u64, all: u64) -> String {
    let full = (done.min(all) * 20).checked_div(all).unwrap_or_default() as usize;
    format!("[{}{}]", "=".repeat(full), " ".repeat(20 - full))
}

/// Columns under their headings, two spaces apart.
pub fn aligned(head: &[&str], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = head.iter().map(ToString::to_string).collect();
    let all = || std::iter::once(&head).chain(rows);
    let width = |column: usize| all().filter_map(|row| row.get(column)).map(|cell| plain(cell).width()).max();
    let widths: Vec<usize> = (0..head.len()).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| padded(&plain(cell), *width));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
    };
    all().map(line).collect::<Vec<_>>().join("\n")
}

/// Pads a text to a number of terminal columns: some characters take two columns, some none.
fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// The items of a listing.
pub fn items(found: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    found["items"].as_array().into_iter().flatten()
}

/// A value as a cell: text without its quotes, null as a dash.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::String(text) if text.is_empty() => "-".into(),
        Value::String(text) => text.clone(),
        Value::Bool(is) => if *is { "yes" } else { "no" }.into(),
        other => other.to_string(),
    }
}

/// The user of an address, in readable form.
pub fn person(value: &Value) -> String {
    shown(&cell(value))
}

/// A time to the second, in readable form.
pub fn moment(value: &Value) -> String {
    match value.as_str() {
        Some(text) if text.is_ascii() && text.len() >= 19 => format!("{} {}", &text[..10], &text[11..19]),
        _ => cell(value),
    }
}

/// Removes characters that control a terminal: the text may come from anyone.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_stand_under_their_heads() {
        let rows = [vec!["a".to_string(), "long one".into()], vec!["äöü".into(), "b".into()]];
        assert_eq!(aligned(&["ID", "NAME"], &rows), "ID   NAME\na    long one\näöü  b");
    }

    #[test]
    fn letters_of_two_columns_and_marks_of_none_stand_under_their_heads() {
        let rows = [vec!["山田 太郎".to_string(), "x".into()], vec!["Zoe\u{301}".into(), "x".into()]];
        let shown = aligned(&["NAME", "STATE"], &rows);
        let columns: Vec<_> = shown.lines().map(|line| line[..line.rfind(['x', 'S']).unwrap()].width()).collect();
        assert_eq!(columns, [11, 11, 11], "{shown}");
    }

    #[test]
    fn nothing_that_was_typed_steers_the_terminal() {
        let shown = aligned(&["NAME"], &[vec!["\x1b[2Jgone\n".into()]]);
        assert!(!shown.contains('\x1b'), "{shown:?}");
        assert!(!complaint(&Error::invalid("\x1b]0;x")).contains('\x1b'));
    }

    #[test]
    fn a_failure_is_told_with_its_details_and_its_cause() {
        let failure = Error::invalid("No.").with_details(vec!["Because.".into()]);
        assert_eq!(complaint(&failure), "tenantry: No.\n  Because.\n");
        assert_eq!(complaint(&Error::internal("disk full")), "tenantry: This could not be done: disk full\n");
    }

    #[test]
    fn a_bar_is_full_at_the_end_and_empty_where_nothing_is_to_be_done() {
        let full = |done, all| bar(done, all).matches('=').count();
        assert_eq!([full(0, 10), full(5, 10), full(10, 10), full(11, 10), full(0, 0)], [0, 10, 20, 20, 0]);
        assert_eq!(bar(1, 2).len(), 22);
    }

    #[test]
    fn values_become_cells() {
        assert_eq!(cell(&json!(null)), "-");
        assert_eq!(cell(&json!("x")), "x");
        assert_eq!(cell(&json!(true)), "yes");
        assert_eq!(moment(&json!("2026-03-04T09:15:27.004211Z")), "2026-03-04 09:15:27");
    }
}
