//! kill -9 of Tenantry under load, again and again on the same data directory.

use std::time::{Duration, Instant};

use super::Settings;
use super::outcome::Outcome;
use super::scene::Scene;
use crate::Result;

/// Runs the case.
pub fn run(settings: &Settings) -> Result<Outcome> {
    let mut scene = Scene::set(settings, "kill", crate::own_directory()?, "")?;
    let until = Instant::now() + settings.length;
    while settings.goes_on(scene.outcome.rounds, until) {
        strike(&mut scene)?;
        scene.outcome.rounds += 1;
        scene.look()?;
    }
    scene.close()
}

/// From a start to a kill at a moment that nobody can foresee: one of ten before the product is even ready.
pub fn strike(scene: &mut Scene) -> Result<()> {
    // Connections to a server are made first.
    let longest = if scene.place.is_embedded() { 130 } else { 300 };
    let mut served = scene.place.spawn_behind(&[])?;
    if scene.draw.up_to(10) == 1 {
        std::thread::sleep(Duration::from_millis(scene.draw.up_to(30)));
        served.kill();
        return Ok(());
    }
    served.wait_until_ready()?;
    let spawned_at = served.spawned_at;
    let blowing = scene.crowd.begin(&served.door, &scene.sink, &scene.ledger);
    std::thread::sleep(Duration::from_millis(20 + scene.draw.up_to(longest)));
    served.kill();
    let storm = scene.crowd.end(blowing, &mut scene.ledger);
    scene.outcome.recovered.extend(storm.next_after(spawned_at));
    scene.enter(&storm);
    Ok(())
}
