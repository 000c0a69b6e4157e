//! An incident of many users, by the real command line against the real server: how long until the last password is dead and
//! durable, what it costs, and what another tenant notices meanwhile.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tenantry::clock::Timestamp;

use crate::Result;
use crate::crowd::{Crowd, Size};
use crate::engines::{EngineName, Place};
use crate::http_rate::warm_up;
use crate::load::Load;
use crate::machine::{Memory, cpu_seconds};
use crate::table::write_aligned;

/// Users of the tenant beside it.
const BESIDE: u32 = 1_000;
/// Connections of that tenant, each with one reset in flight.
const CONNECTIONS: usize = 8;
/// So long the other tenant is asked before the incident begins.
const BEFORE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(20);

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// The engines under the store, one after the other.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    engine: Vec<EngineName>,
    /// Users whose passwords end, a row for each number.
    #[arg(long, value_delimiter = ',', default_value = "10000,1000000", value_parser = clap::value_parser!(u32).range(1..))]
    users: Vec<u32>,
}

/// The figures of one incident.
struct Row {
    engine: EngineName,
    users: u32,
    plan_seconds: f64,
    alone: Ending,
    beside: Ending,
    quiet_p99_ms: f64,
    busy_p99_ms: f64,
}

/// How the passwords of an incident ended.
struct Ending {
    seconds: f64,
    cpu_micros: f64,
    memory_mb: f64,
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let rate = f64::from(self.users) / self.alone.seconds;
        vec![
            self.engine.name().into(),
            self.users.to_string(),
            format!("{:.1}", self.plan_seconds),
            format!("{:.2}", self.alone.seconds),
            format!("{rate:.0}"),
            format!("{:.0}", self.alone.cpu_micros),
            format!("{:.1}", self.alone.memory_mb),
            format!("{:.2}", self.beside.seconds),
            format!("{:.1}, {:.1} ({:.2})", self.quiet_p99_ms, self.busy_p99_ms, self.busy_p99_ms / self.quiet_p99_ms),
        ]
    }
}

/// Measures and prints.
pub fn measure(plan: &Plan) -> Result<()> {
    let mut lines = Vec::new();
    for &engine in &plan.engine {
        for &users in &plan.users {
            lines.push(row(engine, users)?.cells());
        }
    }
    let heads = [
        "engine",
        "users",
        "plan s",
        "ended s",
        "users a second",
        "CPU µs a user",
        "MB above idle",
        "beside others s",
        "their p99 ms before, meanwhile",
    ];
    write_aligned(&mut std::io::stdout().lock(), &heads, &lines)
}

fn row(engine: EngineName, users: u32) -> Result<Row> {
    writeln!(std::io::stderr(), "{}: making {users} users", engine.name())?;
    let data = crate::own_directory()?;
    let place = Place::make(engine, data.path())?;
    let size = Size { tenants: 2, users: BESIDE, others: 0 };
    let crowd = Crowd::start_with_a_large_one(data.path(), size, users, place.url())?;
    let (plan_seconds, id) = planned(&crowd, users)?;
    let alone = ended(&crowd, &id, users)?;
    let (_, id) = planned(&crowd, users)?;
    let (quiet_p99_ms, busy_p99_ms, beside) = beside_others(&crowd, &id, users)?;
    crowd.stop()?;
    Ok(Row { engine, users, plan_seconds, alone, beside, quiet_p99_ms, busy_p99_ms })
}

/// Runs a verb of `tenantry incident` as the owner of the large tenant; its answer.
fn incident(crowd: &Crowd, line: &[&str]) -> Result<Value> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["product", "incident"]).args(line).arg("--json");
    command.env("TENANTRY_URL", format!("http://{}", crowd.directions.address));
    command.env("TENANTRY_TOKEN", crowd.directions.tenants[0].token());
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        return Err(format!("{line:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// How long a plan of all users takes, and its id.
fn planned(crowd: &Crowd, users: u32) -> Result<(f64, String)> {
    let began = Instant::now();
    let planned = incident(crowd, &["plan", "--name", "bench", "--beginning", "user", "--hold"])?;
    if planned["plan"]["users"] != users {
        return Err(format!("The plan does not name each user: {planned}").into());
    }
    let id = planned["id"].as_str().ok_or("A plan without an id.")?.to_owned();
    Ok((began.elapsed().as_secs_f64(), id))
}

/// Begins an incident and waits until every password has ended. The moments are the server's own, each written by the transaction
/// that it stands for.
fn ended(crowd: &Crowd, id: &str, users: u32) -> Result<Ending> {
    let (cpu, memory) = (cpu_seconds(crowd.id())?, Memory::of(crowd.id())?.resident_mb);
    let mut most = memory;
    incident(crowd, &["start", id, "--users", &users.to_string(), "--no-wait"])?;
    let shown = loop {
        most = most.max(Memory::of(crowd.id())?.resident_mb);
        let shown = incident(crowd, &["show", id])?;
        if shown["state"] != "ending" {
            break shown;
        }
        std::thread::sleep(LOOK.max(Duration::from_micros(u64::from(users))));
    };
    if shown["progress"]["ended"] != users {
        return Err(format!("Not every password has ended: {shown}").into());
    }
    let cpu_micros = (cpu_seconds(crowd.id())? - cpu) * 1e6 / f64::from(users);
    Ok(Ending { seconds: between(&shown)?, cpu_micros, memory_mb: most - memory })
}

fn between(shown: &Value) -> Result<f64> {
    let at = |name: &str| shown[name].as_str().and_then(Timestamp::parse).ok_or("A moment that cannot be read.");
    Ok((at("ended_at")?.0 - at("started_at")?.0) as f64 / 1e6)
}

/// The same while another tenant resets passwords: its p99 before and meanwhile.
fn beside_others(crowd: &Crowd, id: &str, users: u32) -> Result<(f64, f64, Ending)> {
    let quiet = p99(crowd, &|since| since.elapsed() < BEFORE + warm_up(BEFORE))?;
    let is_over = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let meanwhile = || p99(crowd, &|_| !is_over.load(Ordering::Relaxed)).map_err(|failure| failure.to_string());
        let busy = threads.spawn(meanwhile);
        std::thread::sleep(BEFORE / 5);
        let ending = ended(crowd, id, users);
        is_over.store(true, Ordering::Relaxed);
        let busy = busy.join().map_err(|_| "The load has ended before its time.")??;
        Ok((quiet, busy, ending?))
    })
}

fn p99(crowd: &Crowd, goes_on: &(dyn Fn(Instant) -> bool + Sync)) -> Result<f64> {
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
        buffer.extend(tenant.reset(BESIDE, nth));
        Ok(goes_on(since))
    })?;
    run.complaint().map_or(Ok(run.p99_ms), |complaint| Err(format!("{complaint}.").into()))
}
