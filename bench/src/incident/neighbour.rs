//! Another tenant that resets passwords, one after the other on each of its connections, without an incident and beside one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::verbs::{ended, planned};
use crate::Result;
use crate::crowd::Crowd;
use crate::engines::Place;
use crate::http_rate::warm_up;
use crate::load::Load;
use crate::tally::Run;

/// Connections of that tenant, each with one reset in flight.
const CONNECTIONS: usize = 8;
/// So long it is asked without an incident.
const QUIET: Duration = Duration::from_secs(3);
/// So long it is asked beside one at most; the rest is cancelled.
const BUSY: Duration = Duration::from_secs(20);

/// What it has met.
pub struct Round {
    pub quiet: Run,
    pub busy: Run,
    /// Passwords that ended beside it in a second.
    pub ended_per_s: f64,
    pub ended: u32,
}

impl Round {
    pub fn ratio(&self) -> f64 {
        self.busy.p99_ms / self.quiet.p99_ms
    }
}

/// Several rounds, and of them the one with the middle ratio.
pub fn beside(crowd: &Crowd, place: &Place, beginning: &str, rounds: u32) -> Result<Round> {
    let mut measured = (0..rounds).map(|_| round(crowd, place, beginning)).collect::<Result<Vec<_>>>()?;
    measured.sort_by(|one, other| one.ratio().total_cmp(&other.ratio()));
    Ok(measured.swap_remove(measured.len() / 2))
}

fn round(crowd: &Crowd, place: &Place, beginning: &str) -> Result<Round> {
    let plan = planned(crowd, beginning)?;
    let quiet = asked(crowd, &|since| since.elapsed() < QUIET + warm_up(QUIET))?;
    let is_over = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let meanwhile = || asked(crowd, &|_| !is_over.load(Ordering::Relaxed)).map_err(|failure| failure.to_string());
        let busy = threads.spawn(meanwhile);
        let ending = ended(crowd, place, &plan, Some(BUSY));
        is_over.store(true, Ordering::Relaxed);
        let busy = busy.join().map_err(|_| "The load has ended before its time.")??;
        let ending = ending?;
        Ok(Round { quiet, busy, ended_per_s: ending.rate(), ended: ending.users })
    })
}

fn asked(crowd: &Crowd, goes_on: &(dyn Fn(Instant) -> bool + Sync)) -> Result<Run> {
    let (tenant, addresses) = (&crowd.directions.tenants[1], [crowd.directions.address]);
    let load = Load {
        addresses: &addresses,
        connections: CONNECTIONS,
        expected_status: 200,
        warm_up: Duration::ZERO,
        measured: Duration::from_secs(600),
    };
    let (mut nth, since) = (0, Instant::now());
    let run = load.run(&mut |buffer| {
        nth += 1;
        buffer.extend(tenant.reset(crowd.directions.users, nth));
        Ok(goes_on(since))
    })?;
    match run.complaint() {
        Some(complaint) => Err(format!("{complaint}.").into()),
        None => Ok(run),
    }
}
