//! Processes on one PostgreSQL database: as many as the machine has cores for them, and each held to a share of one.

use std::io::Write;

use super::{Bar, Figure, InTurn, Plan, Round, Row, round};
use crate::Result;
use crate::cgroup::Share;
use crate::crowd::Crowd;
use crate::engines::{EngineName, Place};

/// They and the load share the cores, so more of them need not be faster; they must not be in each other's way.
const FREE_LEAST: f64 = 1.0;
/// As a part of one process's rate: with a share of its own for each, two do 1.7 times as much.
const HELD_LEAST_EACH: f64 = 0.85;
const CONNECTIONS: u16 = 64;

/// The rows with free processes, and with held ones if the machine can hold them.
pub fn measure(plan: &Plan) -> Result<Vec<Row>> {
    let most = plan.processes.iter().copied().max().unwrap_or(1);
    let shares: Result<Vec<_>> = (0..most).map(|_| Share::make(plan.share)).collect();
    let data = crate::own_directory()?;
    let place = Place::make(EngineName::Postgres, data.path())?;
    let url = place.url().ok_or("There is no database.")?;
    let first = Crowd::start(data.path(), 1, plan.users, Some(url))?;
    let resets = InTurn::of(&first.directions, 1)?;
    let mut bench = Bench { plan, url, first: &first, resets, shares: &[] };
    let mut rows = bench.by_turns()?;
    match &shares {
        Ok(shares) => {
            shares[0].hold(first.id())?;
            bench.shares = shares;
            rows.extend(bench.by_turns()?);
        }
        Err(why) => writeln!(std::io::stderr(), "No process is held to a share of a core, because {why}.")?,
    }
    first.stop()?;
    Ok(rows)
}

struct Bench<'a> {
    plan: &'a Plan,
    url: &'a str,
    first: &'a Crowd,
    resets: InTurn,
    /// One for each process; none while they are free.
    shares: &'a [Share],
}

impl Bench<'_> {
    /// One process and several by turns, so that the machine's other load falls on all.
    fn by_turns(&mut self) -> Result<Vec<Row>> {
        let plan = self.plan;
        let mut rounds: Vec<Vec<Round>> = plan.processes.iter().map(|_| Vec::new()).collect();
        for _ in 0..plan.rounds {
            for (rounds, &processes) in rounds.iter_mut().zip(&plan.processes) {
                rounds.push(self.round(processes)?);
            }
        }
        let share = (!self.shares.is_empty()).then_some(plan.share);
        let (users_each, connections) = (plan.users, CONNECTIONS);
        let row = |(&processes, rounds)| {
            let measured = Row::of(EngineName::Postgres, rounds);
            Row { users_each, processes, share, connections, ..measured }
        };
        let mut rows: Vec<Row> = plan.processes.iter().zip(rounds).map(row).collect();
        compare(&mut rows);
        Ok(rows)
    }

    fn round(&mut self, processes: u16) -> Result<Round> {
        let mut companions = Vec::new();
        for nth in 1..usize::from(processes) {
            let companion = self.first.companion(self.url)?;
            self.resets.catch_up(companion.directions.address)?;
            self.shares.get(nth).map_or(Ok(()), |share| share.hold(companion.id()))?;
            companions.push(companion);
        }
        let all: Vec<&Crowd> = std::iter::once(self.first).chain(&companions).collect();
        let round = round(self.plan, &all, CONNECTIONS, &mut self.resets)?;
        companions.into_iter().try_for_each(Crowd::stop)?;
        Ok(round)
    }
}

fn compare(rows: &mut [Row]) {
    let alone = rows.iter().find(|row| row.processes == 1).map(|row| row.resets_per_s);
    for row in rows.iter_mut().filter(|row| row.processes > 1) {
        let bar = row.share.map_or(FREE_LEAST, |_| HELD_LEAST_EACH * f64::from(row.processes));
        row.bar = alone.map(|alone| Bar { of: Figure::Rate, ratio: row.resets_per_s / alone, bar });
    }
}
