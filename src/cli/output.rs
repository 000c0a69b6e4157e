//! What verbs say: text for people, or the object itself for programs with `--json`.

use std::io::{IsTerminal, Write};

use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::address::shown;
use crate::error::{Error, Kind, Result};

/// Where a verb prints to.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Whether programs read it.
    pub is_json: bool,
}

impl Output {
    /// Prints the object for programs, the text for people.
    ///
    /// # Errors
    /// `Internal` when standard output is gone.
    pub fn object(self, object: &impl Serialize, text: &str) -> Result<()> {
        if self.is_json {
            self.write(&serde_json::to_string(object).map_err(Error::internal)?)
        } else {
            self.write(text)
        }
    }

    /// Prints the object for programs, aligned columns for people, or `nothing` when there is no row.
    ///
    /// # Errors
    /// As [`Output::object`].
    pub fn table(self, object: &impl Serialize, head: &[&str], rows: &[Vec<String>], nothing: &str) -> Result<()> {
        self.object(object, &if rows.is_empty() { nothing.into() } else { aligned(head, rows) })
    }

    /// Prints a line for people; programs get none.
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

    /// Shows how far a long verb is, in one line that the next one replaces; only to a person at a terminal.
    pub fn progress(self, text: &str) {
        let mut out = std::io::stderr().lock();
        if !self.is_json && out.is_terminal() {
            // What is lost here is said again by the result.
            let _ = write!(out, "\r\x1b[K{}", plain(text)).and_then(|()| out.flush());
        }
    }
}

/// Says on standard error why a verb failed.
pub fn complain(failure: &Error) {
    if is_reader_gone(failure) {
        return;
    }
    let mut out = std::io::stderr().lock();
    // If even that is gone, the exit code has to say it.
    let _ = out.write_all(complaint(failure).as_bytes());
}

/// Whether whoever read our output has had enough, as `head` has: nothing went wrong then.
fn is_reader_gone(failure: &Error) -> bool {
    let cause = failure.cause.as_ref().and_then(|cause| cause.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

fn complaint(failure: &Error) -> String {
    let mut text = match (&failure.kind, &failure.cause) {
        // Here the reader is the one who can look after it, and no log has the cause.
        (Kind::Internal, Some(cause)) => format!("tenantry: This could not be done: {}\n", plain(&cause.to_string())),
        _ => format!("tenantry: {}\n", plain(&failure.message)),
    };
    for detail in &failure.details {
        text += &format!("  {}\n", plain(detail));
    }
    text
}

/// Columns under their heads, two spaces apart.
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

/// The text with blanks behind it up to so many columns of a terminal: some letters take two, some none.
fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// What a listing has found.
pub fn items(found: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    found["items"].as_array().into_iter().flatten()
}

/// A value as a cell: a text without its quotes, nothing as a dash.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::String(text) if text.is_empty() => "-".into(),
        Value::String(text) => text.clone(),
        Value::Bool(is) => if *is { "yes" } else { "no" }.into(),
        other => other.to_string(),
    }
}

/// Whoever an address names, as people read it.
pub fn person(value: &Value) -> String {
    shown(&cell(value))
}

/// A time to the second, as people read it.
pub fn moment(value: &Value) -> String {
    match value.as_str() {
        Some(text) if text.is_ascii() && text.len() >= 19 => format!("{} {}", &text[..10], &text[11..19]),
        _ => cell(value),
    }
}

/// Without characters that steer a terminal: what is shown may have been typed by anyone.
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
    fn values_become_cells() {
        assert_eq!(cell(&json!(null)), "-");
        assert_eq!(cell(&json!("x")), "x");
        assert_eq!(cell(&json!(true)), "yes");
        assert_eq!(moment(&json!("2026-03-04T09:15:27.004211Z")), "2026-03-04 09:15:27");
    }
}
