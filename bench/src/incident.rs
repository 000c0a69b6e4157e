//! An incident of many users, by the real command line against the real server: how long until the last password is dead and
//! durable, what it costs beside the bare engine, how fast its mails leave, what its evidence takes, and what another tenant
//! notices meanwhile.

mod bare;
mod evidence;
mod mails;
mod neighbour;
mod verbs;

use std::io::Write;
use std::time::Duration;

use self::bare::Bare;
use self::evidence::Evidence;
use self::mails::{Handed, Sink};
use self::neighbour::Round;
use self::verbs::{Ending, Planned};
use crate::Result;
use crate::crowd::{Crowd, Size};
use crate::engines::{EngineName, Place};
use crate::table::write_aligned;

/// Users of the tenant beside it.
const BESIDE: u32 = 1_000;
/// A server that has just begun comes to rest.
const SETTLES: Duration = Duration::from_secs(2);
/// Of more users, an incident of a part shows what another tenant meets.
const WHOLE: u32 = 100_000;

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// The engines under the store, one after the other.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    engine: Vec<EngineName>,
    /// Users whose passwords end, a row for each number.
    #[arg(long, value_delimiter = ',', default_value = "10000,1000000", value_parser = clap::value_parser!(u32).range(1..))]
    users: Vec<u32>,
    /// How often another tenant is asked without an incident and beside one; the round with the middle ratio is shown.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Measures only what another tenant meets.
    #[arg(long)]
    beside_only: bool,
}

/// The figures of one incident.
struct Row {
    engine: EngineName,
    users: u32,
    alone: Option<Alone>,
    beside: Round,
}

/// Those of an incident beside which nobody else is.
struct Alone {
    plan: Planned,
    ending: Ending,
    evidence: Evidence,
    mails: Handed,
    bare: Bare,
}

/// Measures and prints.
pub fn measure(plan: &Plan) -> Result<()> {
    let mut rows = Vec::new();
    for &engine in &plan.engine {
        for &users in &plan.users {
            rows.push(row(plan, engine, users)?);
        }
    }
    print(&rows)
}

fn row(plan: &Plan, engine: EngineName, users: u32) -> Result<Row> {
    tell(engine, &format!("making {users} users"))?;
    let (data, sink) = (crate::own_directory()?, Sink::start()?);
    let place = Place::make(engine, data.path())?;
    let size = Size { tenants: 2, users: BESIDE, others: 0 };
    let crowd = Crowd::start_with_a_large_one(data.path(), size, users, place.url())?;
    // Memory is counted in a process that has made no users.
    let crowd = crowd.served_again(Some(sink.port()))?;
    std::thread::sleep(SETTLES);
    let shown = (!plan.beside_only).then(|| ended_alone(&crowd, &place, engine, (&sink, data.path()))).transpose()?;
    tell(engine, "beside another tenant")?;
    let (beginning, rounds) = if users > WHOLE { ("user1", 1) } else { ("user", plan.rounds) };
    let beside = neighbour::beside(&crowd, &place, beginning, rounds)?;
    crowd.stop()?;
    let alone = shown.map(|(plan, ending, evidence, mails)| {
        tell(engine, "the bare engine")?;
        let together = ending.users / ending.slices.max(1);
        let bare = bare::written(&place, users, together.max(1))?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(Alone { plan, ending, evidence, mails, bare })
    });
    Ok(Row { engine, users, alone: alone.transpose()?, beside })
}

type Shown = (Planned, Ending, Evidence, Handed);

fn ended_alone(
    crowd: &Crowd,
    place: &Place,
    engine: EngineName,
    (sink, directory): (&Sink, &std::path::Path),
) -> Result<Shown> {
    let plan = verbs::planned(crowd, "user")?;
    tell(engine, &format!("ending {} passwords", plan.users))?;
    let ending = verbs::ended(crowd, place, &plan, None)?;
    tell(engine, "evidence")?;
    let evidence = evidence::proven(crowd, &plan.id, directory)?;
    tell(engine, "mails")?;
    let mails = mails::handed_over(crowd, sink, &plan.id, plan.users)?;
    Ok((plan, ending, evidence, mails))
}

fn tell(engine: EngineName, what: &str) -> Result<()> {
    Ok(writeln!(std::io::stderr(), "{}: {what}", engine.name())?)
}

fn print(rows: &[Row]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let first = |row: &Row| vec![row.engine.name().to_owned(), row.users.to_string()];
    let alone = || rows.iter().filter_map(|row| Some((first(row), row.alone.as_ref()?)));
    let table = |cells: fn(&Alone) -> Vec<String>| -> Vec<_> {
        alone().map(|(first, alone)| [first, cells(alone)].concat()).collect()
    };
    if alone().next().is_some() {
        let heads = ["engine", "users", "plan s", "ended s", "users/s", "in a slice", "MB above idle"];
        let costs = ["CPU µs a user", "with the engine's", "bare µs", "of bare"];
        write_aligned(&mut out, &[&heads[..], &costs[..]].concat(), &table(Alone::ended))?;
        let heads = ["engine", "users", "mails", "handed over s", "mails/s"];
        write_aligned(&mut out, &heads, &table(Alone::mailed))?;
        let heads = ["engine", "users", "sealed after s", "file s", "file MB", "server MB above idle", "client MB"];
        let verified = ["verified s", "verify MB"];
        write_aligned(&mut out, &[&heads[..], &verified[..]].concat(), &table(Alone::proven))?;
    }
    let beside: Vec<_> = rows.iter().map(|row| [first(row), met(&row.beside)].concat()).collect();
    let heads = ["engine", "users", "passwords beside", "ended/s", "p50 ms", "beside", "p99 ms", "beside", "p99 ratio"];
    write_aligned(&mut out, &heads, &beside)
}

impl Alone {
    fn ended(&self) -> Vec<String> {
        let Self { plan, ending, bare, .. } = self;
        vec![
            format!("{:.1}", plan.seconds),
            format!("{:.2}", ending.seconds),
            format!("{:.0}", ending.rate()),
            (ending.users / ending.slices.max(1)).to_string(),
            format!("{:.1}", ending.memory_mb),
            format!("{:.0}", ending.cpu_seconds * 1e6 / f64::from(ending.users)),
            format!("{:.0}", ending.micros()),
            format!("{:.0} ({} users, {:.0}/s)", bare.micros, bare.users, f64::from(bare.users) / bare.seconds),
            format!("{:.2}", ending.micros() / bare.micros),
        ]
    }

    fn mailed(&self) -> Vec<String> {
        let Handed { mails, seconds, is_part } = self.mails;
        let part = if is_part { ", the rest cancelled" } else { "" };
        vec![format!("{mails}{part}"), format!("{seconds:.1}"), format!("{:.0}", f64::from(mails) / seconds)]
    }

    fn proven(&self) -> Vec<String> {
        let one = &self.evidence;
        vec![
            format!("{:.1}", one.sealed_seconds),
            format!("{:.1}", one.fetched.seconds),
            format!("{:.1}", one.file_mb),
            format!("{:.1}", one.server_mb),
            format!("{:.1}", one.fetched.peak_mb),
            format!("{:.1}", one.verified.seconds),
            format!("{:.1}", one.verified.peak_mb),
        ]
    }
}

fn met(round: &Round) -> Vec<String> {
    let Round { quiet, busy, ended_per_s, ended } = round;
    let ms = |time: f64| format!("{time:.1}");
    let ratio = format!("{:.2}", round.ratio());
    let times = [quiet.p50_ms, busy.p50_ms, quiet.p99_ms, busy.p99_ms].map(ms);
    [vec![ended.to_string(), format!("{ended_per_s:.0}")], times.to_vec(), vec![ratio]].concat()
}
