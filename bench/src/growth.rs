//! Resets as an installation grows: how a thousand other tenants affect one, and what a second process adds. `reset
//! --users` measures the cost of more users.

mod in_turn;
mod processes;
mod tenants;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::Result;
use crate::crowd::Crowd;
use crate::engines::EngineName;
use crate::http_rate::warm_up;
use crate::load::Load;
use crate::machine::{Watch, cores};
use crate::table::{write_aligned, write_json};
use crate::tally::Run;
pub use in_turn::InTurn;

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// The engines under the store, one after the other. Several processes need `postgres`.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    engine: Vec<EngineName>,
    /// What grows.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "tenants,processes")]
    what: Vec<What>,
    /// Tenants in the store, two rows for each number: one of them is asked, and all in turn.
    #[arg(long, value_delimiter = ',', default_value = "1,100,1000", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    tenants: Vec<u32>,
    /// Users in each of those tenants.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    users_each: u32,
    /// Connections for those tenants, each with one request in flight.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// Processes on one database.
    #[arg(long, value_delimiter = ',', default_value = "1,2", value_parser = clap::value_parser!(u16).range(1..=16))]
    processes: Vec<u16>,
    /// Users of the one tenant that those processes serve.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..))]
    users: u32,
    /// Cores that each process may use in the second half of those rows, where the machine allows to hold it.
    #[arg(long, default_value_t = 0.25, value_parser = share)]
    share: f64,
    /// Measured seconds for each row.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// How often each row is measured; the round with the middle rate is shown.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Writes the rows to this file as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn share(text: &str) -> std::result::Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.05..=64.0).contains(share));
    share.ok_or_else(|| "a number of cores from 0.05 to 64".into())
}

/// What grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// The tenants of one installation.
    Tenants,
    /// The processes on one database.
    Processes,
}

/// One measured point; values that were not measured are absent. The names are those of the JSON.
#[derive(Debug, Clone, Serialize)]
struct Row {
    engine: &'static str,
    tenants: u32,
    /// How many of them are asked.
    tenants_asked: u32,
    users_each: u32,
    processes: u16,
    /// Cores that each process may use.
    share: Option<f64>,
    connections: u16,
    resets_per_s: f64,
    p50_ms: f64,
    p99_ms: f64,
    p999_ms: f64,
    seconds: f64,
    cores: usize,
    /// Cores that other programs kept busy meanwhile, on average; PostgreSQL is one of them.
    foreign_load: f64,
    /// A deviation from the expected answers.
    complaint: Option<String>,
    bar: Option<Bar>,
}

/// A row beside the one from which it grew.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Bar {
    of: Figure,
    /// The figure by that of the other row.
    ratio: f64,
    bar: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Figure {
    /// The p99, which should be at most this many times the other.
    P99,
    /// The rate, which should be no less.
    Rate,
}

impl Bar {
    fn is_reached(&self) -> bool {
        match self.of {
            Figure::P99 => self.ratio <= self.bar,
            Figure::Rate => self.ratio >= self.bar,
        }
    }
}

/// Measures, prints and writes the rows; fails when a bar is not reached.
pub fn measure(plan: &Plan) -> Result<()> {
    let mut rows = Vec::new();
    for &engine in &plan.engine {
        for &what in &plan.what {
            rows.extend(match (what, engine) {
                (What::Tenants, _) => tenants::measure(plan, engine)?,
                (What::Processes, EngineName::Postgres) => processes::measure(plan)?,
                // The embedded store belongs to one process.
                (What::Processes, EngineName::Sqlite) => Vec::new(),
            });
        }
    }
    print(&rows)?;
    plan.json.as_deref().map_or(Ok(()), |path| write_json(path, &rows))?;
    let bars = rows.iter().filter(|row| row.bar.is_some()).count();
    let missed = rows.iter().filter(|row| row.misses()).count();
    if missed > 0 { Err(format!("{missed} of {bars} bars were not reached.").into()) } else { Ok(()) }
}

fn print(rows: &[Row]) -> Result<()> {
    let heads = [
        "engine",
        "tenants",
        "asked",
        "users",
        "processes",
        "cores",
        "conns",
        "resets/s",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "bar",
        "reached",
        "foreign",
    ];
    let lines: Vec<_> = rows.iter().map(Row::cells).collect();
    write_aligned(&mut std::io::stdout().lock(), &heads, &lines)
}

impl Row {
    /// The round with the middle rate, since the machine's other load varies.
    fn of(engine: EngineName, mut rounds: Vec<Round>) -> Self {
        rounds.sort_by(|a, b| a.run.per_second.total_cmp(&b.run.per_second));
        let Round { run, foreign_load } = rounds.swap_remove(rounds.len() / 2);
        Self {
            engine: engine.name(),
            tenants: 1,
            tenants_asked: 1,
            users_each: 0,
            processes: 1,
            share: None,
            connections: 0,
            resets_per_s: run.per_second,
            p50_ms: run.p50_ms,
            p99_ms: run.p99_ms,
            p999_ms: run.p999_ms,
            seconds: run.seconds,
            cores: cores(),
            foreign_load,
            complaint: run.complaint(),
            bar: None,
        }
    }

    /// Refusals are quick, so a row with any has no bar that it could reach.
    fn misses(&self) -> bool {
        self.bar.is_some_and(|bar| self.complaint.is_some() || !bar.is_reached())
    }

    fn cells(&self) -> Vec<String> {
        let bar = self.bar.map(|Bar { of, ratio, bar }| match of {
            Figure::P99 => format!("{ratio:.2} times p99 ({bar})"),
            Figure::Rate => format!("{ratio:.2} times resets/s ({bar})"),
        });
        let reached = self.bar.map_or("–", |_| if self.misses() { "NO" } else { "yes" });
        vec![
            self.engine.into(),
            self.tenants.to_string(),
            self.tenants_asked.to_string(),
            self.users_each.to_string(),
            self.processes.to_string(),
            self.share.map_or_else(|| "–".into(), |share| share.to_string()),
            self.connections.to_string(),
            format!("{:.0}", self.resets_per_s),
            format!("{:.3}", self.p50_ms),
            format!("{:.3}", self.p99_ms),
            format!("{:.3}", self.p999_ms),
            bar.unwrap_or_else(|| "–".into()),
            reached.into(),
            format!("{:.2}", self.foreign_load),
        ]
    }
}

struct Round {
    run: Run,
    foreign_load: f64,
}

/// Asks these processes, each on as many of the connections, for resets of these tenants.
fn round(plan: &Plan, crowds: &[&Crowd], connections: u16, resets: &mut InTurn) -> Result<Round> {
    let addresses: Vec<SocketAddr> = crowds.iter().map(|crowd| crowd.directions.address).collect();
    let measured = Duration::from_secs(plan.seconds);
    let load = Load {
        addresses: &addresses,
        connections: connections.into(),
        expected_status: 200,
        warm_up: warm_up(measured),
        measured,
    };
    let watch = Watch::start_all(crowds.iter().map(|crowd| crowd.id()).collect())?;
    let run = load.run(&mut |buffer| resets.write_next(&addresses, buffer))?;
    let foreign_load = watch.finish()?.foreign_load;
    if let Some(complaint) = run.complaint() {
        writeln!(std::io::stderr(), "With {} processes: {complaint}.", crowds.len())?;
    }
    Ok(Round { run, foreign_load })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_one_that_a_process_can_live_on() {
        assert_eq!(share("0.25"), Ok(0.25));
        assert!(["0", "-1", "NaN", "inf", "a quarter"].iter().all(|text| share(text).is_err()));
    }

    #[test]
    fn more_is_better_of_rates_and_worse_of_latencies() {
        let is_reached = |of, ratio| Bar { of, ratio, bar: 1.5 }.is_reached();
        assert!(is_reached(Figure::P99, 1.5) && !is_reached(Figure::P99, 1.6));
        assert!(is_reached(Figure::Rate, 1.5) && !is_reached(Figure::Rate, 1.4));
        assert!(!is_reached(Figure::Rate, f64::NAN) && !is_reached(Figure::P99, f64::NAN));
    }
}
