//! Rows gathered into chunks, sent, and told what became of them.

use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::path_of;
use super::pending::{Pending, number_of};
use super::result::{ResultFile, RowResult};
use super::told::{Rows, Told, note};
use super::wrap;
use crate::cli::answered::Sent;
use crate::cli::client::Client;
use crate::cli::output::{Output, bar};
use crate::error::{Error, Kind, Result};
use crate::passwords::Cost;
use crate::passwords::foreign::Foreign;
use crate::transfer::import::{Password, Record, Refusal, Thing, refused_line, thing_line, wire_line};

/// What is left free in a chunk.
const SLACK: usize = 4 * 1024;
/// No hash beneath Argon2id is longer.
const WRAPPED_MAX: usize = 400;
/// The most rows of a chunk, so that its call is short.
const ROWS_MAX: usize = 4_096;
/// How often a chunk is sent again when the server is busy or gone.
const TRIES: u32 = 60;

/// Which way the chunks go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// They are judged.
    Plan,
    /// They are carried out.
    Run,
}

/// Sends the rows of a file.
pub(super) struct Sender<'a> {
    client: &'a Client,
    output: Output,
    id: String,
    cost: Cost,
    phase: Phase,
    chunk_max: usize,
    /// Where the import stood when this began: chunks before are not sent again.
    from_chunk: i64,
    number: i64,
    rows: Vec<Pending>,
    bytes: usize,
    all: Option<u64>,
    result: Option<ResultFile>,
    /// Rows that the plan does not take: no hash is made for them.
    not_taken: Rows,
}

/// What a sender needs to know of an import.
pub(super) struct Begun<'a> {
    pub(super) import: &'a Value,
    pub(super) phase: Phase,
    pub(super) result: Option<ResultFile>,
    pub(super) not_taken: Rows,
}

impl<'a> Sender<'a> {
    /// # Errors
    /// `Internal` for an answer of another server.
    pub(super) fn new(client: &'a Client, output: Output, begun: Begun<'_>) -> Result<Self> {
        let Begun { import, phase, result, not_taken } = begun;
        let all = import["planned"]["rows"].as_u64().or(import["expected"].as_u64());
        Ok(Self {
            client,
            output,
            id: import["id"].as_str().unwrap_or_default().into(),
            cost: wrap::cost_of(import)?,
            phase,
            chunk_max: import["chunk_max"].as_u64().unwrap_or_default() as usize,
            from_chunk: import["next"]["chunk"].as_i64().unwrap_or(1),
            number: 1,
            rows: Vec::new(),
            bytes: 0,
            all,
            result,
            not_taken,
        })
    }

    /// Takes a person; sends the chunk before where there is no room for another.
    ///
    /// # Errors
    /// Those of sending.
    pub(super) fn person(&mut self, record: Box<Record>) -> Result<()> {
        let hash = match &record.password {
            Some(Password::Hash(foreign)) => foreign.kept().map_or(WRAPPED_MAX, str::len),
            _ => 0,
        };
        // Without the hash, so that plan and run have the same chunks.
        self.make_room(wire_line(&record, None).len() + hash)?;
        self.rows.push(Pending::Person(record));
        Ok(())
    }

    /// Takes a row that a reader has refused.
    ///
    /// # Errors
    /// Those of sending.
    pub(super) fn refused(&mut self, refusal: Refusal) -> Result<()> {
        self.make_room(refused_line(&refusal).len())?;
        self.rows.push(Pending::Refused(refusal));
        Ok(())
    }

    /// Takes settings, a namespace, a role or a group.
    ///
    /// # Errors
    /// Those of sending.
    pub(super) fn thing(&mut self, thing: Box<Thing>) -> Result<()> {
        self.make_room(thing_line(&thing, true).len())?;
        self.rows.push(Pending::Thing(thing));
        Ok(())
    }

    fn make_room(&mut self, bytes: usize) -> Result<()> {
        if !self.rows.is_empty() && (self.bytes + bytes + SLACK > self.chunk_max || self.rows.len() >= ROWS_MAX) {
            self.send()?;
        }
        self.bytes += bytes + 1;
        Ok(())
    }

    /// Sends what waits; which rows the plan does not take, and where the result is.
    ///
    /// # Errors
    /// Those of sending.
    pub(super) fn finish(mut self) -> Result<(Rows, Option<String>)> {
        if !self.rows.is_empty() {
            self.send()?;
        }
        let path = self.result.map(ResultFile::finish).transpose()?;
        Ok((self.not_taken, path))
    }

    fn send(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let number = self.number;
        (self.number, self.bytes) = (number + 1, 0);
        let told = if number < self.from_chunk {
            self.told_before(&rows)?
        } else {
            let body = self.lines(&rows)?;
            self.put(number, &body, &rows)?
        };
        for row in &rows {
            self.tell(row, &told)?;
        }
        Ok(())
    }

    /// The lines of a chunk; in the run with the hashes of the rows that the plan takes.
    fn lines(&self, rows: &[Pending]) -> Result<String> {
        let quick: Vec<(u64, Foreign)> = rows.iter().filter_map(|row| self.quick(row)).collect();
        let made = wrap::stored(self.cost, &self.id, &quick)?;
        let made: HashMap<u64, String> = quick.into_iter().map(|(row, _)| row).zip(made).collect();
        let line = |row: &Pending| match row {
            Pending::Refused(refusal) => refused_line(refusal),
            Pending::Thing(thing) => thing_line(thing, true),
            Pending::Person(record) => {
                let kept = match &record.password {
                    Some(Password::Hash(foreign)) if self.phase == Phase::Run => foreign.kept(),
                    _ => None,
                };
                wire_line(record, made.get(&record.row).map(String::as_str).or(kept))
            }
        };
        Ok(rows.iter().map(line).collect::<Vec<_>>().join("\n"))
    }

    fn quick(&self, row: &Pending) -> Option<(u64, Foreign)> {
        let Pending::Person(record) = row else { return None };
        let Some(Password::Hash(foreign)) = &record.password else { return None };
        let is_wanted = self.phase == Phase::Run && foreign.is_fast() && !self.not_taken.contains(record.row);
        is_wanted.then(|| (record.row, foreign.clone()))
    }

    /// Sends a chunk until all of it is done.
    fn put(&self, number: i64, body: &str, rows: &[Pending]) -> Result<Told> {
        let (mut told, mut tries, mut was_lost) = (Told::new(), 0, false);
        loop {
            let path = format!("{}/chunks/{number}", path_of(&self.id));
            match self.client.put_lines(&path, body) {
                Ok(Sent::Done(answered)) => {
                    let answer = answered.json();
                    note(&mut told, &answer["told"]);
                    self.progress(&answer);
                    if answer["is_whole"] == true {
                        if was_lost {
                            told.extend(self.told_before(rows)?);
                        }
                        return Ok(told);
                    }
                }
                Ok(Sent::Busy(seconds)) if tries < TRIES => {
                    tries += 1;
                    thread::sleep(Duration::from_secs(seconds.clamp(1, 10)));
                }
                Ok(Sent::Busy(_)) => return Err(self.interrupted("the server is busy")),
                Err(failure) if matches!(failure.kind, Kind::Unavailable { .. }) && tries < TRIES => {
                    (tries, was_lost) = (tries + 1, true);
                    thread::sleep(Duration::from_secs(1));
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    fn interrupted(&self, why: &str) -> Error {
        Error::unavailable(format!("{why}. Go on later by tenantry import resume {}.", self.id), 1)
    }

    /// What the server has kept of rows that were done before.
    fn told_before(&self, rows: &[Pending]) -> Result<Told> {
        let (Some(first), Some(last)) = (rows.first().map(number_of), rows.last().map(number_of)) else {
            return Ok(Told::new());
        };
        let (mut told, mut after) = (Told::new(), first - 1);
        loop {
            let query = [("after", Some(after.to_string())), ("limit", Some("1000".into()))];
            let page = self.client.get(&format!("{}/rows", path_of(&self.id)), &query)?.json();
            note(&mut told, &page["items"]);
            match page["next"].as_u64() {
                Some(next) if next < last => after = next,
                _ => return Ok(told),
            }
        }
    }

    fn tell(&mut self, row: &Pending, told: &Told) -> Result<()> {
        let of_server = told.get(&number_of(row));
        let outcome = match (row, of_server) {
            (Pending::Refused(_), _) => "refused",
            (_, Some(told)) => told.outcome.as_str(),
            _ => "taken",
        };
        if outcome != "taken" && self.phase == Phase::Plan {
            self.not_taken.insert(number_of(row));
        }
        let Some(result) = &mut self.result else { return Ok(()) };
        let (line, key, email, mut codes, mut sentences) = match row {
            Pending::Refused(refusal) => {
                let Refusal { line, key, email, reason, .. } = refusal;
                (*line, key.clone(), email.clone(), vec![reason.code], vec![refusal.sentence()])
            }
            Pending::Thing(thing) => (thing.line, thing.title(), String::new(), Vec::new(), Vec::new()),
            Pending::Person(record) => {
                let told = if matches!(outcome, "taken" | "updated") { &record.told[..] } else { &[] };
                let sentences = told.iter().map(|told| told.sentence(record.row, record.line)).collect();
                let codes = told.iter().map(|told| told.code).collect();
                (record.line, record.key().id.clone(), record.email.as_str().into(), codes, sentences)
            }
        };
        for code in of_server.into_iter().flat_map(|told| &told.codes) {
            if !codes.contains(code) {
                codes.push(*code);
                let field = of_server.map_or("", |told| &told.field);
                sentences.push(code.sentence(number_of(row), line, field, ""));
            }
        }
        codes.sort();
        codes.dedup();
        let codes: Vec<_> = codes.iter().map(|code| code.text()).collect();
        result.push(&RowResult {
            row: number_of(row),
            line,
            key: &key,
            email: &email,
            outcome,
            codes: &codes.join(" "),
            sentence: &sentences.join(" "),
        })
    }

    fn progress(&self, answer: &Value) {
        let done = answer["counts"]["rows"].as_u64().unwrap_or_default();
        let what = if self.phase == Phase::Plan { "judged" } else { "done" };
        let Some(all) = self.all.filter(|all| *all > 0) else {
            return self.output.progress(&format!("{done} rows {what}"));
        };
        self.output.progress(&format!("{} {done} of {all} rows {what}", bar(done, all)));
    }
}
