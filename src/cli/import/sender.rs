//! Chunks of rows, sent, and told what became of them.

use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::path_of;
use super::result::{ResultFile, RowResult};
use super::told::{Rows, Told, note};
use super::wrap;
use crate::cli::answered::Sent;
use crate::cli::client::Client;
use crate::cli::output::{Output, bar};
use crate::error::{Error, Kind, Result};
use crate::passwords::Cost;
use crate::passwords::foreign::Foreign;
use crate::transfer::import::{Packer, Pending, Refusal, chunk_lines};

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
    /// Where the import stood when this began: chunks before are not sent again.
    from_chunk: i64,
    number: i64,
    packer: Packer,
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
            from_chunk: import["next"]["chunk"].as_i64().unwrap_or(1),
            number: 1,
            packer: Packer::new(import["chunk_max"].as_u64().unwrap_or_default() as usize),
            all,
            result,
            not_taken,
        })
    }

    /// Takes a row; sends the chunk before it where there is no room for another.
    ///
    /// # Errors
    /// Those of sending.
    pub(super) fn take(&mut self, row: Pending) -> Result<()> {
        match self.packer.add(row) {
            Some(chunk) => self.send(&chunk),
            None => Ok(()),
        }
    }

    /// Sends what waits; which rows the plan does not take, and where the result is.
    ///
    /// # Errors
    /// Those of sending.
    pub(super) fn finish(mut self) -> Result<(Rows, Option<String>)> {
        let packer = std::mem::replace(&mut self.packer, Packer::new(0));
        if let Some(chunk) = packer.finish() {
            self.send(&chunk)?;
        }
        let path = self.result.map(ResultFile::finish).transpose()?;
        Ok((self.not_taken, path))
    }

    fn send(&mut self, rows: &[Pending]) -> Result<()> {
        let number = self.number;
        self.number = number + 1;
        let told = if number < self.from_chunk {
            self.told_before(rows)?
        } else {
            let body = self.lines(rows)?;
            self.put(number, &body, rows)?
        };
        for row in rows {
            self.tell(row, &told)?;
        }
        Ok(())
    }

    /// The lines of a chunk; in the run with the hashes of the rows that the plan takes.
    fn lines(&self, rows: &[Pending]) -> Result<String> {
        let is_run = self.phase == Phase::Run;
        let is_wanted = |row: &&Pending| is_run && !self.not_taken.contains(row.row());
        let quick: Vec<(u64, Foreign)> =
            rows.iter().filter(is_wanted).filter_map(|row| Some((row.row(), row.quick()?.clone()))).collect();
        let made = wrap::stored(self.cost, &self.id, &quick)?;
        let made: HashMap<u64, String> = quick.into_iter().map(|(row, _)| row).zip(made).collect();
        Ok(chunk_lines(rows, is_run, &made))
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
        let (Some(first), Some(last)) = (rows.first().map(Pending::row), rows.last().map(Pending::row)) else {
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
        let of_server = told.get(&row.row());
        let outcome = match (row, of_server) {
            (Pending::Refused(_), _) => "refused",
            (_, Some(told)) => told.outcome.as_str(),
            _ => "taken",
        };
        if outcome != "taken" && self.phase == Phase::Plan {
            self.not_taken.insert(row.row());
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
                sentences.push(code.sentence(row.row(), line, field, ""));
            }
        }
        codes.sort();
        codes.dedup();
        let codes: Vec<_> = codes.iter().map(|code| code.text()).collect();
        result.push(&RowResult {
            row: row.row(),
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
