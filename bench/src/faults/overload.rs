//! Twenty times more sign-ins than two cores can hash. The excess is refused at once with a time to come back; resets
//! go on undisturbed.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::Settings;
use super::outcome::Outcome;
use super::person::email;
use super::place::Served;
use super::scene::Scene;
use super::wire::Wire;
use crate::Result;
use crate::ask::Draw;
use crate::histogram::Histogram;

const TIMES: f64 = 20.0;
/// So many that clients waiting for a hash do not delay the others.
const CLIENTS: u64 = 128;
const CALM: Duration = Duration::from_secs(3);

/// The outcomes of sign-ins.
#[derive(Default)]
struct Counted {
    good: AtomicU64,
    refused: AtomicU64,
    /// Refusals that do not say when to come back, and other answers.
    wrong: AtomicU64,
}

/// Runs the case.
pub fn run(settings: &Settings) -> Result<Outcome> {
    let mut scene = Scene::set(settings, "overload", crate::own_directory()?, "")?;
    let served = scene.place.serve()?;
    let cores = crate::machine::cores() as u64;
    let (calm, _) = sign_ins(&scene, &served, 2 * cores, CALM, None);
    let capacity = calm.good.load(Ordering::SeqCst) as f64 / CALM.as_secs_f64();
    let blowing = scene.crowd.begin(&served.door, &scene.sink, &scene.ledger);
    let (counted, refusals) = sign_ins(&scene, &served, CLIENTS, settings.length, Some(TIMES * capacity));
    let storm = scene.crowd.end(blowing, &mut scene.ledger);
    scene.enter(&storm);
    let [good, refused, wrong] =
        [&counted.good, &counted.refused, &counted.wrong].map(|count| count.load(Ordering::SeqCst));
    let findings = &mut scene.outcome.findings;
    findings.demand(wrong == 0, || format!("{wrong} sign-ins were neither let in nor told when to come back"));
    findings.demand(storm.unanswered == 0, || format!("{} resets failed beside the overload", storm.unanswered));
    findings.demand(refused > 0, || "nothing was refused: that was no overload".into());
    let seconds = settings.length.as_secs_f64();
    scene.outcome.notes.push(format!(
        "{capacity:.0} sign-ins a second in the calm; in the overload {:.0} were offered, {:.0} let in and {:.0} refused \
         with Retry-After, in {:.1} ms at the median and {:.1} ms for 99 of 100; the slowest reset took {} ms",
        (good + refused) as f64 / seconds,
        good as f64 / seconds,
        refused as f64 / seconds,
        refusals.quantile_ms(0.5),
        refusals.quantile_ms(0.99),
        storm.slowest.as_millis()
    ));
    let began = Instant::now();
    let (after, _) = sign_ins(&scene, &served, 1, Duration::from_millis(500), None);
    scene.outcome.findings.demand(after.good.load(Ordering::SeqCst) > 0, || "nobody can sign in afterwards".into());
    scene.outcome.recovered.push(began.elapsed().saturating_sub(Duration::from_millis(500)));
    scene.outcome.rounds = 1;
    served.stop()?;
    scene.close()
}

/// Clients that sign in with right passwords, each as another user, paced to `rate` a second if one is given. The second
/// value holds how long the refusals took.
fn sign_ins(scene: &Scene, served: &Served, clients: u64, length: Duration, rate: Option<f64>) -> (Counted, Histogram) {
    let (counted, stop) = (Counted::default(), AtomicBool::new(false));
    let password = &scene.place.directions.user_password;
    let pause = rate.map(|rate| Duration::from_secs_f64(clients as f64 / rate));
    let refusals = thread::scope(|scope| {
        let working: Vec<_> = (0..clients)
            .map(|client| {
                let (counted, stop, wire) = (&counted, &stop, Wire::to(&served.door, 1_000 + client));
                scope.spawn(move || one(wire, Draw::seeded(client + 5), password, (counted, stop), (scene, pause)))
            })
            .collect();
        thread::sleep(length);
        stop.store(true, Ordering::SeqCst);
        let mut refusals = Histogram::new();
        working.into_iter().filter_map(|one| one.join().ok()).flatten().for_each(|time| refusals.record(time));
        refusals
    });
    (counted, refusals)
}

fn one(
    mut wire: Wire,
    mut draw: Draw,
    password: &str,
    (counted, stop): (&Counted, &AtomicBool),
    (scene, pause): (&Scene, Option<Duration>),
) -> Vec<Duration> {
    let mut refusals = Vec::new();
    let mut due = Instant::now();
    while !stop.load(Ordering::SeqCst) {
        let user = scene.spared() + draw.up_to(Scene::SPARED);
        let sent = Instant::now();
        let reply = wire.sign_in(&email(user), password);
        match reply.as_ref().map(|reply| (reply.status, reply.header("retry-after").is_some())) {
            Some((204, _)) => counted.good.fetch_add(1, Ordering::SeqCst),
            Some((429 | 503, true)) => {
                refusals.push(sent.elapsed());
                counted.refused.fetch_add(1, Ordering::SeqCst)
            }
            _ => counted.wrong.fetch_add(1, Ordering::SeqCst),
        };
        if let Some(pause) = pause {
            due += pause;
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    }
    refusals
}
