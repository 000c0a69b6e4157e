//! A primary that is there and says nothing, a standby that takes its place, and the old one that wakes up again.

use std::time::{Duration, Instant};

use testbed::postgres::Server;

use super::Settings;
use super::outcome::Outcome;
use super::place::Stored;
use super::postgres::{DATABASE, demand_alive, wait_for_success};
use super::scene::Scene;
use crate::Result;

const CASE: &str = "frozen-primary";
/// How soon the product must have left a frozen primary once another server takes writes.
const LEFT_WITHIN: Duration = Duration::from_secs(15);
/// How long clients go on beside an old primary that is awake again and would take their writes.
const BESIDE: Duration = Duration::from_secs(2);

/// Runs the case.
pub fn run(settings: &Settings) -> Result<Outcome> {
    let mut primary = match Server::start() {
        Ok(server) => server,
        Err(reason) => return Ok(Outcome::skipped(settings.engine, CASE, reason.to_string())),
    };
    primary.database(DATABASE)?;
    let mut standby = primary.standby()?;
    primary.require_a_standby()?;
    let (one, other) = (primary.port(), standby.port());
    let url = primary.url(DATABASE).replace(&format!(":{one}/"), &format!(":{one},127.0.0.1:{other}/"));
    // Nobody looks but when one of them takes writes.
    let settings = Settings { stored: Stored::Postgres { url: url.clone(), behind: url }, ..settings.clone() };
    let mut scene = Scene::set(&settings, CASE, crate::own_directory()?, "")?;
    let mut served = scene.place.serve()?;
    let until = Instant::now() + settings.length;
    while settings.goes_on(scene.outcome.rounds, until) {
        let blowing = scene.crowd.begin(&served.door, &scene.sink, &scene.ledger);
        std::thread::sleep(Duration::from_millis(50 + scene.draw.up_to(300)));
        primary.freeze()?;
        std::thread::sleep(Duration::from_millis(500 + scene.draw.up_to(3_000)));
        standby.promote()?;
        let left = wait_for_success(&mut scene, &served, Instant::now());
        let is_soon = left.is_some_and(|left| left < LEFT_WITHIN);
        scene
            .outcome
            .findings
            .demand(is_soon, || format!("another server took writes, and the product worked again after {left:?}"));
        primary.thaw_alone()?;
        std::thread::sleep(BESIDE);
        let storm = scene.crowd.end(blowing, &mut scene.ledger);
        scene.enter(&storm);
        demand_alive(&mut scene, &mut served)?;
        // Back in its proper place, with the history of the other.
        primary.follow(&standby)?;
        standby.require_a_standby()?;
        std::mem::swap(&mut primary, &mut standby);
        scene.outcome.rounds += 1;
        scene.look_beside()?;
    }
    served.stop()?;
    scene.close()
}
