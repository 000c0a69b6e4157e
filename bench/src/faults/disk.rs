//! Disks that are slow, that fail, and that are full.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Settings;
use super::outcome::Outcome;
use super::scene::Scene;
use super::tracer;
use crate::Result;

/// How long an injured product may take to work again.
const PATIENCE: Duration = Duration::from_secs(30);

/// Every flush takes 20 to 300 ms longer, and the product is killed in the midst of it.
pub fn slow(settings: &Settings) -> Result<Outcome> {
    if let Err(reason) = tracer::slow_flushes(PATIENCE) {
        return Ok(Outcome::skipped(settings.engine, "slow-disk", reason));
    }
    let mut scene = Scene::set(settings, "slow-disk", crate::own_directory()?, "")?;
    let until = Instant::now() + settings.length;
    let mut slowest = Duration::ZERO;
    while settings.goes_on(scene.outcome.rounds, until) {
        let delay = Duration::from_millis(20 + scene.draw.up_to(280));
        let mut served = scene.place.spawn_behind(&tracer::slow_flushes(delay)?)?;
        let spawned_at = served.spawned_at;
        served.wait_until_ready()?;
        let blowing = scene.crowd.begin(&served.door, &scene.sink, &scene.ledger);
        std::thread::sleep(5 * delay + Duration::from_millis(scene.draw.up_to(500)));
        served.kill();
        let storm = scene.crowd.end(blowing, &mut scene.ledger);
        slowest = slowest.max(storm.slowest);
        scene.outcome.recovered.extend(storm.next_after(spawned_at));
        scene.enter(&storm);
        scene.outcome.rounds += 1;
        scene.look()?;
    }
    scene.outcome.notes.push(format!(
        "each flush was delayed by 20 to 300 ms; the slowest acknowledged reset took {} ms",
        slowest.as_millis()
    ));
    scene.close()
}

/// One flush fails with EIO. The product must not acknowledge the change that it could not flush, and must go on; every
/// other round it is killed at the first failure that a client sees.
pub fn failed(settings: &Settings) -> Result<Outcome> {
    if let Err(reason) = tracer::failed_flush(1) {
        return Ok(Outcome::skipped(settings.engine, "failed-fsync", reason));
    }
    let mut scene = Scene::set(settings, "failed-fsync", crate::own_directory()?, "")?;
    let until = Instant::now() + settings.length;
    let mut seen = 0;
    while settings.goes_on(scene.outcome.rounds, until) {
        let nth = 1 + scene.draw.up_to(60);
        let mut served = scene.place.spawn_behind(&tracer::failed_flush(nth)?)?;
        // A start that meets the failure says so and ends; the next round begins on the same directory.
        if served.wait_until_ready().is_ok() {
            seen += fail_once(&mut scene, served)?;
        }
        scene.outcome.rounds += 1;
        scene.look()?;
    }
    scene.outcome.notes.push(format!("a client saw the failure in {seen} of the rounds"));
    scene.close()
}

fn fail_once(scene: &mut Scene, served: super::place::Served) -> Result<u64> {
    let blowing = scene.crowd.begin(&served.door, &scene.sink, &scene.ledger);
    let began = Instant::now();
    let has_failed = || blowing.failed.load(Ordering::SeqCst);
    while !has_failed() && began.elapsed() < Duration::from_secs(2) {
        std::thread::sleep(Duration::from_millis(1));
    }
    let has_failed = u64::from(has_failed());
    if scene.outcome.rounds.is_multiple_of(2) {
        std::thread::sleep(Duration::from_millis(200));
    }
    served.kill();
    let storm = scene.crowd.end(blowing, &mut scene.ledger);
    scene.outcome.recovered.extend(&storm.gaps);
    scene.enter(&storm);
    Ok(has_failed)
}

/// The disk runs full under load and is freed again; reading goes on meanwhile.
pub fn full(settings: &Settings) -> Result<Outcome> {
    let directory = crate::own_directory()?;
    let Some(disk) = SmallDisk::mount(directory.path()) else {
        let reason = "a small file system cannot be mounted here; run it as root, or with CAP_SYS_ADMIN";
        return Ok(Outcome::skipped(settings.engine, "full-disk", reason));
    };
    let inside = TempDir::new_in(disk.0.as_path())?;
    let few = Settings { users: settings.users.min(500), ..settings.clone() };
    let mut scene = Scene::set(&few, "full-disk", inside, "")?;
    let until = Instant::now() + settings.length;
    while settings.goes_on(scene.outcome.rounds, until) {
        fill_once(&mut scene, &disk)?;
    }
    // The disk outlives the installation on it.
    let outcome = scene.close();
    drop(disk);
    outcome
}

fn fill_once(scene: &mut Scene, disk: &SmallDisk) -> Result<()> {
    let served = scene.place.serve()?;
    let blowing = scene.crowd.begin(&served.door, &scene.sink, &scene.ledger);
    std::thread::sleep(Duration::from_millis(scene.draw.up_to(300)));
    disk.fill()?;
    let began = Instant::now();
    while !blowing.failed.load(Ordering::SeqCst) && began.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut wire = super::wire::Wire::to(&served.door, 1);
    let reads = wire.get("/api/web/custom/namespaces/system/whoami").map(|reply| reply.status);
    scene.outcome.findings.demand(reads == Some(200), || format!("reading on a full disk was answered {reads:?}"));
    std::thread::sleep(Duration::from_millis(scene.draw.up_to(300)));
    let freed = Instant::now();
    disk.free()?;
    let ask = super::ledger::Ask { email: super::person::email(1), key: None };
    let fate = loop {
        let fate = wire.reset(&ask);
        let is_well = matches!(fate, super::ledger::Fate::Acknowledged(_));
        scene.ledger.note(ask.clone(), fate);
        if is_well || freed.elapsed() > PATIENCE {
            break is_well;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    scene.outcome.findings.demand(fate, || "no reset is accepted although the disk has room again".into());
    scene.outcome.recovered.push(freed.elapsed());
    served.kill();
    let storm = scene.crowd.end(blowing, &mut scene.ledger);
    scene.enter(&storm);
    scene.outcome.rounds += 1;
    scene.look()
}

/// A file system of its own that the case can fill.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=256m", "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then(|| Self(at.to_path_buf()))
    }

    /// Writes until nothing more fits.
    fn fill(&self) -> Result<()> {
        let mut file = File::create(self.0.join("filler"))?;
        while file.write_all(&[0; 4096]).is_ok() {}
        Ok(())
    }

    fn free(&self) -> Result<()> {
        Ok(fs::remove_file(self.0.join("filler"))?)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}
