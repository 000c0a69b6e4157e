//! PgBouncer between the product and its database: by sessions all goes as without it, by transactions the product refuses to
//! start.

use std::time::{Duration, Instant};

use testbed::pgbouncer::Pooler;

use super::Settings;
use super::outcome::Outcome;
use super::place::{Place, Stored, ToRelay};
use super::postgres::{DATABASE, with_server};
use super::scene::Scene;
use super::sink::Sink;
use crate::Result;

/// How long clients ask in one round.
const ROUND: Duration = Duration::from_secs(5);
const REFUSAL: &str = "Between Tenantry and PostgreSQL stands a pooler";

/// By way of a pooler that gives each connection a session of its own.
pub fn by_sessions(settings: &Settings) -> Result<Outcome> {
    const CASE: &str = "pgbouncer-session";
    with_server(settings, CASE, |settings, server| {
        let pooler = match Pooler::start(server, "session") {
            Ok(pooler) => pooler,
            Err(reason) => return Ok(Outcome::skipped(settings.engine, CASE, reason.to_string())),
        };
        let stored = Stored::Postgres { url: pooler.url(DATABASE), behind: server.url(DATABASE) };
        let mut scene = Scene::set(&Settings { stored, ..settings.clone() }, CASE, crate::own_directory()?, "")?;
        let served = scene.place.serve()?;
        let until = Instant::now() + settings.length;
        while settings.goes_on(scene.outcome.rounds, until) {
            let blowing = scene.crowd.begin(&served.door, &scene.sink, &scene.ledger);
            std::thread::sleep(ROUND);
            let storm = scene.crowd.end(blowing, &mut scene.ledger);
            scene.enter(&storm);
            let sentence = || format!("asks were not acknowledged: {:?}", storm.other_answers);
            scene.outcome.findings.demand(storm.unanswered == 0, sentence);
            scene.outcome.rounds += 1;
            scene.look_beside()?;
        }
        served.stop()?;
        scene.close()
    })
}

/// By way of a pooler that lends sessions to transactions.
pub fn by_transactions(settings: &Settings) -> Result<Outcome> {
    const CASE: &str = "pgbouncer-transaction";
    with_server(settings, CASE, |settings, server| {
        let pooler = match Pooler::start(server, "transaction") {
            Ok(pooler) => pooler,
            Err(reason) => return Ok(Outcome::skipped(settings.engine, CASE, reason.to_string())),
        };
        let relay = ToRelay { port: Sink::start()?.port(), ca_pem: None };
        let place = Place::make(crate::own_directory()?, 1, &relay, "", settings.stored.clone())?;
        let mut outcome = Outcome::of(settings.engine, CASE);
        let mut served = place.spawn_beside(&[("TENANTRY_STORE_POSTGRES", &pooler.url(DATABASE))])?;
        let ended = served.wait_until_ready().err().map(|refusal| refusal.to_string());
        let is_refused = ended.as_ref().is_some_and(|refusal| refusal.contains(REFUSAL));
        outcome.findings.demand(is_refused, || format!("the start was not refused as it should be: {ended:?}"));
        outcome.notes.extend(ended);
        outcome.rounds = 1;
        Ok(outcome)
    })
}
