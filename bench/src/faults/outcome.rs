//! The result of a case: a row for people, JSON for programs.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::ledger::{Findings, middle_and_most};
use crate::Result;
use crate::table::write_aligned;

/// Sentences of one kind that are shown; the number counts them all.
const SHOWN: usize = 5;

/// One case on one engine.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The storage engine.
    pub engine: &'static str,
    /// The case.
    pub case: &'static str,
    /// How often it was injured.
    pub rounds: u64,
    /// Resets and redemptions that were acknowledged.
    pub acknowledged: u64,
    /// The findings of the oracle.
    pub findings: Findings,
    /// From the end of each injury to the first acknowledged reset.
    pub recovered: Vec<Duration>,
    /// Further remarks.
    pub notes: Vec<String>,
    /// Why it could not run.
    pub skipped: Option<String>,
}

/// The names are those of the JSON.
#[derive(Serialize)]
struct Row<'a> {
    engine: &'a str,
    case: &'a str,
    rounds: u64,
    acknowledged: u64,
    lost: usize,
    doubled: usize,
    broken: usize,
    recovered_p50_ms: Option<f64>,
    recovered_max_ms: Option<f64>,
    notes: &'a [String],
    findings: Vec<&'a String>,
    skipped: Option<&'a str>,
}

#[derive(Serialize)]
struct Document<'a> {
    seed: u64,
    rows: Vec<Row<'a>>,
}

impl Outcome {
    /// One that has not begun.
    pub fn of(engine: &'static str, case: &'static str) -> Self {
        Self { engine, case, ..Self::default() }
    }

    /// One that cannot run here.
    pub fn skipped(engine: &'static str, case: &'static str, reason: impl Into<String>) -> Self {
        Self { skipped: Some(reason.into()), ..Self::of(engine, case) }
    }

    /// Whether nothing was lost, doubled or broken.
    pub fn is_well(&self) -> bool {
        self.findings.is_empty()
    }

    /// A word for the progress line.
    pub fn in_a_word(&self) -> &'static str {
        match (&self.skipped, self.is_well()) {
            (Some(_), _) => "skipped",
            (None, true) => "well",
            (None, false) => "NOT WELL",
        }
    }

    fn cells(&self) -> Vec<String> {
        let count = |count: u64| if self.skipped.is_some() { "–".into() } else { count.to_string() };
        let times = middle_and_most(&self.recovered);
        vec![
            self.engine.into(),
            self.case.into(),
            count(self.rounds),
            count(self.acknowledged),
            count(self.findings.lost.len() as u64),
            count(self.findings.doubled.len() as u64),
            count(self.findings.broken.len() as u64),
            times.map_or_else(|| "–".into(), |(middle, most)| format!("{middle:.0} / {most:.0}")),
        ]
    }

    fn row(&self) -> Row<'_> {
        let times = middle_and_most(&self.recovered);
        let Findings { lost, doubled, broken } = &self.findings;
        Row {
            engine: self.engine,
            case: self.case,
            rounds: self.rounds,
            acknowledged: self.acknowledged,
            lost: lost.len(),
            doubled: doubled.len(),
            broken: broken.len(),
            recovered_p50_ms: times.map(|(middle, _)| middle),
            recovered_max_ms: times.map(|(_, most)| most),
            notes: &self.notes,
            findings: lost.iter().chain(doubled).chain(broken).collect(),
            skipped: self.skipped.as_deref(),
        }
    }
}

/// Writes the table, then remarks about single cases, then the seed.
pub fn print(out: &mut dyn Write, outcomes: &[Outcome], seed: u64) -> Result<()> {
    let heads =
        ["engine", "case", "rounds", "acknowledged", "lost", "doubled", "broken", "recovered in ms (p50 / max)"];
    let lines: Vec<_> = outcomes.iter().map(Outcome::cells).collect();
    write_aligned(out, &heads, &lines)?;
    for outcome in outcomes {
        let name = format!("{} {}", outcome.engine, outcome.case);
        for note in &outcome.notes {
            writeln!(out, "{name}: {note}")?;
        }
        let Findings { lost, doubled, broken } = &outcome.findings;
        for (what, all) in [("LOST", lost), ("DOUBLED", doubled), ("BROKEN", broken)] {
            for sentence in all.iter().take(SHOWN) {
                writeln!(out, "{name}: {what}: {sentence}")?;
            }
            if all.len() > SHOWN {
                writeln!(out, "{name}: {what}: and {} more", all.len() - SHOWN)?;
            }
        }
    }
    for skipped in outcomes.iter().filter(|outcome| outcome.skipped.is_some()) {
        let reason = skipped.skipped.as_deref().unwrap_or_default();
        writeln!(out, "{} {} was skipped: {reason}", skipped.engine, skipped.case)?;
    }
    writeln!(out, "seed {seed}")?;
    Ok(())
}

/// Writes `{"seed": …, "rows": […]}` to `path`.
pub fn write_json(path: &Path, outcomes: &[Outcome], seed: u64) -> Result<()> {
    let document = Document { seed, rows: outcomes.iter().map(Outcome::row).collect() };
    let text = serde_json::to_string_pretty(&document)? + "\n";
    fs::write(path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_counts_and_the_sentences_stand_below() {
        let mut outcome = Outcome::of("sqlite", "kill");
        (outcome.rounds, outcome.acknowledged) = (2, 7);
        outcome.recovered = vec![Duration::from_millis(30), Duration::from_millis(50)];
        outcome.findings.lost = (0..7).map(|nth| format!("reset {nth}")).collect();
        let mut out = Vec::new();
        print(&mut out, &[outcome, Outcome::skipped("sqlite", "slow-disk", "there is no strace")], 9).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[1], ["sqlite", "kill", "2", "7", "7", "0", "0", "50", "/", "50"]);
        assert_eq!(lines[2], ["sqlite", "slow-disk", "–", "–", "–", "–", "–", "–"]);
        assert!(text.contains("sqlite kill: LOST: and 2 more\n"), "{text}");
        assert!(text.ends_with("sqlite slow-disk was skipped: there is no strace\nseed 9\n"), "{text}");
    }

    #[test]
    fn the_document_has_the_agreed_names() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("faults.json");
        write_json(&path, &[Outcome::of("sqlite", "kill")], 3).unwrap();
        let document: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(document["seed"], 3);
        for name in ["engine", "case", "rounds", "acknowledged", "lost", "doubled", "broken", "recovered_p50_ms"] {
            assert!(document["rows"][0].get(name).is_some(), "{name}");
        }
    }
}
