//! The list of addresses of an incident, which comes in parts until its plan is made.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::mail::address::Email;
use crate::params;
use crate::store::{Batch, Tx};

/// Lines of a part that are named where nobody can be meant by them.
const BAD_MAX: usize = 20;

const PUT: Batch = Batch::new(
    "INSERT INTO incident_lines (tenant, incident, email_key, email, part, listed_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (tenant, incident, email_key) DO UPDATE SET email = excluded.email, part = excluded.part",
);

/// A line of which nobody is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "IncidentBadLine")]
pub(super) struct Bad {
    #[schemars(example = 7)]
    pub(super) line: usize,
    #[schemars(example = &"it holds no address")]
    pub(super) why: String,
}

/// What was read of a part.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Lines that hold anything.
    pub(super) lines: usize,
    /// Addresses, each once.
    pub(super) emails: Vec<Email>,
    /// Lines without an address, the first of them.
    pub(super) bad: Vec<Bad>,
    /// How many there are of those.
    pub(super) bad_lines: usize,
}

/// Reads a part: an address on each line, or a table of comma- or semicolon-separated values (RFC 4180) with a column `email`,
/// or else with an address in one of its cells. Pure.
pub(super) fn read(text: &str) -> Part {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut part = Part::default();
    let mut seen = std::collections::HashSet::new();
    let mut column = None;
    for (nth, line) in text.lines().enumerate() {
        let cells = cells(line);
        if cells.iter().all(|cell| cell.is_empty()) {
            continue;
        }
        if nth == 0 && !line.contains('@') {
            column = cells.iter().position(|cell| cell.eq_ignore_ascii_case("email"));
            continue;
        }
        part.lines += 1;
        let named = column.and_then(|column: usize| cells.get(column));
        let cell = named.or_else(|| cells.iter().find(|cell| cell.contains('@')));
        match cell.map(|cell| Email::parse(cell)) {
            Some(Ok(email)) => {
                if seen.insert(email.key()) {
                    part.emails.push(email);
                }
            }
            Some(Err(refused)) => part.complain(nth + 1, refused.message),
            None => part.complain(nth + 1, "It holds no address.".into()),
        }
    }
    part
}

impl Part {
    fn complain(&mut self, line: usize, why: String) {
        self.bad_lines += 1;
        if self.bad.len() < BAD_MAX {
            self.bad.push(Bad { line, why });
        }
    }
}

/// The cells of a line. Quotes around a cell are taken away, and two within it are one.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut signs = line.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if is_quoted && signs.peek() == Some(&'"') => cell.extend(signs.next()),
            '"' => is_quoted = !is_quoted,
            ',' | ';' | '\t' if !is_quoted => cells.push(std::mem::take(&mut cell)),
            sign => cell.push(sign),
        }
    }
    cells.push(cell);
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

/// Keeps the addresses of a part, which takes the place of what was sent under its number before.
///
/// # Errors
/// Those of the store.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    (tenant, incident): (TenantId, Uuid),
    part: i64,
    emails: &[Email],
    now: Timestamp,
) -> Result<()> {
    tx.run(
        "DELETE FROM incident_lines WHERE tenant = $1 AND incident = $2 AND part = $3",
        &params![tenant, &incident, part],
    )?;
    let keyed: Vec<_> = emails.iter().map(|email| (email.key(), email.as_str())).collect();
    let rows: Vec<_> =
        keyed.iter().map(|(key, email)| params![tenant, &incident, key.as_str(), *email, part, now]).collect();
    tx.each(PUT, &rows).map(drop)
}

/// How many addresses there are.
///
/// # Errors
/// Those of the store.
pub(super) fn count(tx: &mut Tx<'_>, tenant: TenantId, incident: Uuid) -> Result<i64> {
    tx.one("SELECT COUNT(*) FROM incident_lines WHERE tenant = $1 AND incident = $2", &params![tenant, &incident])?
        .get(0)
}

/// The next addresses behind one, in the order of their keys: key and address as it was sent.
///
/// # Errors
/// Those of the store.
pub(super) fn next(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    incident: Uuid,
    behind: &str,
    most: usize,
) -> Result<Vec<(String, String)>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = tx.all(
        "SELECT email_key, email FROM incident_lines WHERE tenant = $1 AND incident = $2 AND email_key > $3
         ORDER BY email_key LIMIT $4",
        &params![tenant, &incident, behind, most],
    )?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Deletes some lines of a list of which nothing is needed any more. Whether there may be others.
///
/// # Errors
/// Those of the store.
pub(super) fn forget(tx: &mut Tx<'_>, tenant: TenantId, incident: Uuid, most: i64) -> Result<bool> {
    let gone = tx.run(
        "DELETE FROM incident_lines WHERE tenant = $1 AND incident = $2 AND email_key IN
            (SELECT email_key FROM incident_lines WHERE tenant = $1 AND incident = $2 ORDER BY email_key LIMIT $3)",
        &params![tenant, &incident, most],
    )?;
    Ok(gone == most.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn emails(text: &str) -> Vec<String> {
        read(text).emails.iter().map(|email| email.as_str().to_owned()).collect()
    }

    #[test]
    fn an_address_is_found_in_each_form_that_spreadsheets_write() {
        let two = ["a@example.com", "b@example.com"];
        for text in [
            "a@example.com\nb@example.com",
            "\u{feff}email\r\na@example.com\r\nb@example.com\r\n",
            "name;Email;other\nAda;a@example.com;x@y.z\nBo;b@example.com;",
            "\"Doe, Jane\",\"a@example.com\"\n\n\"Roe \"\"R\"\"\",b@example.com",
            "a@example.com\nA@EXAMPLE.COM\nb@example.com",
        ] {
            assert_eq!(emails(text), two, "{text}");
        }
    }

    #[test]
    fn a_line_without_an_address_is_named() {
        let part = read("email\nnobody\n\na@example.com\nx@\n");
        assert_eq!((part.lines, part.emails.len(), part.bad_lines), (3, 1, 2));
        let bad: Vec<_> = part.bad.iter().map(|bad| bad.line).collect();
        assert_eq!(bad, [2, 5]);
        assert_eq!(read(&"x\n".repeat(100)).bad.len(), BAD_MAX);
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_or_named(text in "(?s).{0,300}") {
            let part = read(&text);
            prop_assert!(part.lines >= part.emails.len() + part.bad_lines);
        }
    }
}
