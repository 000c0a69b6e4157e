//! The verbs of `tenantry incident`, by the owner of the large tenant.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tenantry::clock::Timestamp;

use crate::Result;
use crate::crowd::Crowd;
use crate::engines::Place;
use crate::machine::{Memory, cpu_seconds};

const LOOK: Duration = Duration::from_millis(20);

/// How the passwords of an incident ended.
pub struct Ending {
    pub users: u32,
    pub seconds: f64,
    /// Of the server.
    pub cpu_seconds: f64,
    /// Of a server of a database.
    pub engine_cpu_seconds: f64,
    /// The peak above what it held before.
    pub memory_mb: f64,
    /// The transactions.
    pub slices: u32,
}

impl Ending {
    pub fn rate(&self) -> f64 {
        f64::from(self.users) / self.seconds
    }

    /// CPU time for each user, that of the engine's own processes included.
    pub fn micros(&self) -> f64 {
        (self.cpu_seconds + self.engine_cpu_seconds) * 1e6 / f64::from(self.users)
    }
}

/// A verb of the command line, to be run.
pub fn command(crowd: &Crowd, line: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("product").args(line);
    command.env("TENANTRY_URL", format!("http://{}", crowd.directions.address));
    command.env("TENANTRY_TOKEN", crowd.directions.tenants[0].token());
    Ok(command)
}

/// Runs a verb of `tenantry incident`; its answer.
pub fn incident(crowd: &Crowd, line: &[&str]) -> Result<Value> {
    let line = [&["incident"], line, &["--json"]].concat();
    let output = command(crowd, &line)?.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        return Err(format!("{line:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A plan.
pub struct Planned {
    pub id: String,
    pub users: u32,
    pub seconds: f64,
}

/// Plans an incident of all users whose address begins so; its mails are held, and have no pace.
pub fn planned(crowd: &Crowd, beginning: &str) -> Result<Planned> {
    let began = Instant::now();
    let asked = ["plan", "--name", "bench", "--beginning", beginning, "--hold", "--pace", "0"];
    let planned = incident(crowd, &asked)?;
    let users = planned["plan"]["users"].as_u64().filter(|users| *users > 0).ok_or("A plan without users.")?;
    let id = planned["id"].as_str().ok_or("A plan without an id.")?.to_owned();
    Ok(Planned { id, users: u32::try_from(users)?, seconds: began.elapsed().as_secs_f64() })
}

/// Begins an incident and waits until every password has ended; with a bound in time, the rest is cancelled. The moments are the
/// server's own, each written by the transaction that it stands for.
pub fn ended(crowd: &Crowd, place: &Place, plan: &Planned, within: Option<Duration>) -> Result<Ending> {
    let (cpu, memory) = (cpu_seconds(crowd.id())?, Memory::from_here_on(crowd.id())?);
    let (engine, began) = (place.cpu_seconds()?, Instant::now());
    incident(crowd, &["start", &plan.id, "--users", &plan.users.to_string(), "--no-wait"])?;
    let shown = loop {
        let shown = incident(crowd, &["show", &plan.id])?;
        if shown["state"] != "ending" {
            break shown;
        }
        if within.is_some_and(|within| began.elapsed() > within) {
            break incident(crowd, &["cancel", &plan.id])?;
        }
        std::thread::sleep(LOOK.max(Duration::from_micros(u64::from(plan.users))));
    };
    let count = |name: &str| -> Result<u32> {
        Ok(u32::try_from(shown["progress"][name].as_u64().ok_or_else(|| format!("No {name}: {shown}"))?)?)
    };
    let (users, slices) = (count("ended")?, count("slices").unwrap_or_default());
    if users != plan.users && within.is_none() {
        return Err(format!("Not every password has ended: {shown}").into());
    }
    let seconds = if users == plan.users { between(&shown)? } else { began.elapsed().as_secs_f64() };
    Ok(Ending {
        users,
        seconds,
        cpu_seconds: cpu_seconds(crowd.id())? - cpu,
        engine_cpu_seconds: place.cpu_seconds()? - engine,
        memory_mb: memory.grown(crowd.id())?,
        slices,
    })
}

fn between(shown: &Value) -> Result<f64> {
    let at = |name: &str| shown[name].as_str().and_then(Timestamp::parse).ok_or("A moment that cannot be read.");
    Ok((at("ended_at")?.0 - at("started_at")?.0) as f64 / 1e6)
}
