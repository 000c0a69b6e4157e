//! Faults that only a store in another process can have: that process killed, restarted, or unreachable at the very
//! moment of a COMMIT.

use std::time::{Duration, Instant};

use testbed::postgres::Server;

use super::Settings;
use super::kill;
use super::ledger::{Ask, Fate, Findings};
use super::outcome::Outcome;
use super::person::email;
use super::place::{Served, Stored};
use super::power::Disk;
use super::proxy::{Loss, Proxy};
use super::scene::Scene;
use super::wire::Wire;
use crate::Result;

/// How soon the product must work again by itself once the database does.
const RECONNECTED_WITHIN: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);
pub(super) const DATABASE: &str = "tenantry";

/// kill -9 of Tenantry, which leaves its sessions behind on the server.
pub fn kill_tenantry(settings: &Settings) -> Result<Outcome> {
    with_server(settings, "kill", |settings, _| kill::run(settings))
}

/// kill -9 of every process of PostgreSQL.
pub fn kill_server(settings: &Settings) -> Result<Outcome> {
    with_server(settings, "server-kill", |settings, server| {
        go_away(settings, "server-kill", server, &mut |server, _| server.kill())
    })
}

/// The server's machine loses its power and all data that it has not flushed.
pub fn cut_power(settings: &Settings) -> Result<Outcome> {
    const CASE: &str = "power-cut";
    let mut disk = match Disk::mount() {
        Ok(disk) => disk,
        Err(reason) => return Ok(Outcome::skipped(settings.engine, CASE, reason)),
    };
    // Room for its log, and checkpoints in the midst of a case.
    let server = Server::start_in(&disk.at(), &["max_wal_size=64MB", "checkpoint_timeout=30s"]);
    on_server(settings, CASE, server, |settings, server| {
        disk.flush()?;
        disk.mark()?;
        go_away(settings, CASE, server, &mut |server, findings| {
            server.kill()?;
            disk.cut()?;
            findings.extend(disk.compare());
            // Not under load: a flush here would also flush the data of others.
            disk.mark()
        })
    })
}

/// `pg_ctl stop -m immediate`, and a new start.
pub fn restart_server(settings: &Settings) -> Result<Outcome> {
    with_server(settings, "server-restart", |settings, server| {
        go_away(settings, "server-restart", server, &mut |server, _| server.stop_at_once())
    })
}

/// A server of its own for one case; none here is a reason to leave it out.
pub(super) fn with_server(
    settings: &Settings,
    case: &'static str,
    run: impl FnOnce(&Settings, &mut Server) -> Result<Outcome>,
) -> Result<Outcome> {
    on_server(settings, case, Server::start(), run)
}

fn on_server(
    settings: &Settings,
    case: &'static str,
    server: testbed::postgres::Result<Server>,
    run: impl FnOnce(&Settings, &mut Server) -> Result<Outcome>,
) -> Result<Outcome> {
    let mut server = match server {
        Ok(server) => server,
        Err(reason) => return Ok(Outcome::skipped(settings.engine, case, reason.to_string())),
    };
    let url = server.database(DATABASE)?;
    let stored = Stored::Postgres { url: url.clone(), behind: url };
    run(&Settings { stored, ..settings.clone() }, &mut server)
}

fn go_away(
    settings: &Settings,
    case: &'static str,
    server: &mut Server,
    how: &mut dyn FnMut(&mut Server, &mut Findings) -> Result<()>,
) -> Result<Outcome> {
    let mut scene = Scene::set(settings, case, crate::own_directory()?, "")?;
    let mut served = scene.place.serve()?;
    let until = Instant::now() + settings.length;
    while settings.goes_on(scene.outcome.rounds, until) {
        let blowing = scene.crowd.begin(&served.door, &scene.sink, &scene.ledger);
        std::thread::sleep(Duration::from_millis(50 + scene.draw.up_to(300)));
        how(server, &mut scene.outcome.findings)?;
        std::thread::sleep(Duration::from_millis(scene.draw.up_to(300)));
        server.run()?;
        let recovered = wait_for_success(&mut scene, &served, Instant::now());
        let is_soon = recovered.is_some_and(|recovered| recovered < RECONNECTED_WITHIN);
        scene
            .outcome
            .findings
            .demand(is_soon, || format!("the database was back, and the product worked again after {recovered:?}"));
        let storm = scene.crowd.end(blowing, &mut scene.ledger);
        scene.enter(&storm);
        demand_alive(&mut scene, &mut served)?;
        scene.outcome.rounds += 1;
        scene.look_beside()?;
    }
    served.stop()?;
    scene.close()
}

/// Starts the product again if it ended, which it must not.
pub(super) fn demand_alive(scene: &mut Scene, served: &mut Served) -> Result<()> {
    match served.child.ended()? {
        None => Ok(()),
        Some(status) => {
            scene.outcome.findings.broken.push(format!("the product ended with its database: {status}"));
            *served = scene.place.serve()?;
            Ok(())
        }
    }
}

/// Asks until an ask is acknowledged; how long that took from `since`, which is a time of recovery.
pub(super) fn wait_for_success(scene: &mut Scene, served: &Served, since: Instant) -> Option<Duration> {
    let took = ask_until_acknowledged(scene, served, since);
    scene.outcome.recovered.extend(took);
    took
}

/// Asks until an ask is acknowledged; how long that took from `since`.
pub(super) fn ask_until_acknowledged(scene: &mut Scene, served: &Served, since: Instant) -> Option<Duration> {
    let mut wire = Wire::to(&served.door, 3);
    while since.elapsed() < PATIENCE {
        let ask = Ask { email: email(scene.draw.up_to(100)), key: None };
        let fate = wire.reset(&ask);
        scene.ledger.note(ask, fate);
        if matches!(fate, Fate::Acknowledged(_)) {
            scene.outcome.acknowledged += 1;
            return Some(since.elapsed());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    None
}

/// The line is cut after a COMMIT was sent and before its answer is back; one time in four the COMMIT itself is lost.
pub fn lose_answers(settings: &Settings) -> Result<Outcome> {
    const CASE: &str = "lost-answer";
    with_server(settings, CASE, |settings, server| {
        let proxy = Proxy::start(server.port())?;
        let behind = server.url(DATABASE);
        let url = behind.replace(&format!(":{}/", server.port()), &format!(":{}/", proxy.port()));
        let settings = Settings { stored: Stored::Postgres { url, behind }, ..settings.clone() };
        let mut scene = Scene::set(&settings, CASE, crate::own_directory()?, "")?;
        let mut served = scene.place.serve()?;
        let (until, mut unanswered) = (Instant::now() + settings.length, 0);
        while settings.goes_on(scene.outcome.rounds, until) {
            unanswered += lose_one(&mut scene, &proxy, &served)?;
            demand_alive(&mut scene, &mut served)?;
            scene.outcome.rounds += 1;
            scene.look_beside()?;
        }
        scene.outcome.notes.push(format!(
            "{} connections were cut at a commit; {unanswered} asks were answered with anything but the truth of 200",
            proxy.cuts()
        ));
        served.stop()?;
        scene.close()
    })
}

fn lose_one(scene: &mut Scene, proxy: &Proxy, served: &Served) -> Result<u64> {
    let blowing = scene.crowd.begin(&served.door, &scene.sink, &scene.ledger);
    std::thread::sleep(Duration::from_millis(20 + scene.draw.up_to(100)));
    let (before, began) = (proxy.cuts(), Instant::now());
    proxy.lose(if scene.draw.up_to(4) == 1 { Loss::Commit } else { Loss::Answer });
    while proxy.cuts() == before && began.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(1));
    }
    let at = proxy.last().ok_or("No COMMIT came by.")?;
    wait_for_success(scene, served, at);
    std::thread::sleep(Duration::from_millis(50));
    let storm = scene.crowd.end(blowing, &mut scene.ledger);
    scene.enter(&storm);
    Ok(storm.unanswered)
}
