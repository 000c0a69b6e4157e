//! The import where the server is killed in the middle and started again, while another tenant's users sign in.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tenantry::clock::Clock;
use tenantry::secret::Secret;
use tenantry::store::{PostgresSettings, Scope, Settings, Store};

use super::sign_ins::{Away, Meanwhile, SignIns};
use super::{OPTIONS, Plan, write};
use crate::Result;
use crate::child::{Child, Took, run};
use crate::crowd::{Crowd, Size};
use crate::engines::Place;
use crate::machine::Memory;
use crate::table::write_aligned;

/// Users of the tenant beside it.
const BESIDE: u32 = 1_000;
/// So long the other tenant signs in without an import.
const QUIET: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(50);
/// How often it is asked how far the import has come.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// The client is called again so often at most.
const CALLS_MAX: u32 = 5;

/// The run.
struct Ran {
    seconds: f64,
    calls: u32,
    server_mb: f64,
    client_mb: f64,
    killed_at: u64,
    away: Away,
}

/// Measures and prints.
pub fn measure(plan: &Plan) -> Result<()> {
    let data = crate::own_directory()?;
    let place = Place::make(plan.engine, data.path())?;
    let size = Size { tenants: 2, users: BESIDE, others: 0 };
    let mut crowd = Crowd::start_at(data.path(), size, place.url())?.served_again(None)?;
    let file = data.path().join("users.csv");
    write(&file, plan.rows)?;
    let neighbour = crowd.directions.tenants[1].clone();
    let quiet = Meanwhile::of(&crowd, &neighbour).beside(|| std::thread::sleep(QUIET)).0;
    let held_mb = Memory::of(crowd.id())?.resident_mb;
    let path = file.display().to_string();
    let options = [&["user", "import", path.as_str()], &OPTIONS[..]].concat();
    let planned = [&options[..], &["--dry-run"]].concat();
    let (while_planned, dry) =
        Meanwhile::of(&crowd, &neighbour).beside(|| run(&mut command(&crowd, data.path(), &planned)?));
    let dry_mb = Memory::of(crowd.id())?.peak_mb;
    let import = asked(&crowd, data.path(), &["import", "list"])?["items"][0].clone();
    let sign_ins = Meanwhile::of(&crowd, &neighbour);
    let (while_run, ran) =
        sign_ins.beside(|| killed_in_the_middle(&mut crowd, data.path(), &options, &import, plan.rows));
    let (dry, ran) = (dry?, ran?);
    let shown = asked(&crowd, data.path(), &["import", "list"])?["items"][0].clone();
    crowd.stop()?;
    let counted = count(data.path(), place.url())?;
    print(plan, (held_mb, dry_mb, dry), &ran, [(&quiet, None), (&while_planned, None), (&while_run, Some(ran.away))])?;
    tell_of_the_rows(plan.rows, &shown, counted)
}

fn command(crowd: &Crowd, directory: &Path, line: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("product").args(line).current_dir(directory).stdin(Stdio::null());
    command.env("TENANTRY_URL", format!("http://{}", crowd.directions.address));
    command.env("TENANTRY_TOKEN", crowd.directions.tenants[0].token());
    Ok(command)
}

fn asked(crowd: &Crowd, directory: &Path, line: &[&str]) -> Result<Value> {
    let output = command(crowd, directory, line)?.arg("--json").output()?;
    if !output.status.success() {
        return Err(format!("{line:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Runs the plan; when half of the rows are there, kills the server and starts it again. A client that has ended badly is called
/// again, to go on with the import.
fn killed_in_the_middle(
    crowd: &mut Crowd,
    directory: &Path,
    options: &[&str],
    import: &Value,
    rows: u32,
) -> Result<Ran> {
    let id = import["id"].as_str().ok_or("The dry run has left no import.")?;
    let plan = import["plan"].as_str().ok_or("The dry run has left no plan.")?;
    let again = [&["import", "resume", id], &options[2..]].concat();
    let began = Instant::now();
    let start = |crowd: &Crowd, line: &[&str]| Child::spawn(command(crowd, directory, line)?.stdout(Stdio::null()));
    let mut client = start(crowd, &[options, &["--plan", plan]].concat())?;
    let (mut calls, mut server_mb, mut client_mb, mut asked_at) = (1, 0.0_f64, 0.0_f64, began);
    let mut killed: Option<(u64, Away)> = None;
    let ended = loop {
        server_mb = Memory::of(crowd.id()).map_or(server_mb, |memory| memory.peak_mb.max(server_mb));
        // It may have ended just now.
        client_mb = Memory::of(client.id()).map_or(client_mb, |memory| memory.peak_mb.max(client_mb));
        match client.ended()? {
            Some(status) if status.success() || calls == CALLS_MAX => break status,
            Some(_) => {
                calls += 1;
                client = start(crowd, &again)?;
            }
            None => {}
        }
        if killed.is_none() && asked_at.elapsed() > ASK_EVERY {
            asked_at = Instant::now();
            let taken =
                asked(crowd, directory, &["import", "show", id])?["counts"]["taken"].as_u64().unwrap_or_default();
            if taken >= u64::from(rows / 2) {
                let from = Instant::now();
                crowd.kill()?;
                crowd.revive()?;
                killed = Some((taken, (from, Instant::now())));
            }
        }
        std::thread::sleep(LOOK);
    };
    let (killed_at, away) = killed.ok_or("The import has ended before the server could be killed. Take more rows.")?;
    if !ended.success() {
        return Err(format!("The import ended with {ended} at its call {calls}.").into());
    }
    Ok(Ran { seconds: began.elapsed().as_secs_f64(), calls, server_mb, client_mb, killed_at, away })
}

/// What is in the store: users of the file, records of their making, and users who were recorded, each once.
fn count(data: &Path, url: Option<&str>) -> Result<[i64; 3]> {
    const COUNTS: [&str; 3] = [
        "SELECT COUNT(*) FROM users WHERE email_key LIKE 'mover%@import.example'",
        "SELECT COUNT(*) FROM audit WHERE action = 'user.import'",
        "SELECT COUNT(DISTINCT subject) FROM audit WHERE action = 'user.import'",
    ];
    let postgres = url.map(|url| PostgresSettings {
        url: Secret::new(url.to_owned()),
        ca_file: None,
        readers_max: 2,
        schema: None,
        silence: PostgresSettings::SILENCE,
    });
    let store =
        Store::open(&Settings { data_dir: data.to_path_buf(), postgres, queue_max: 10 }, Clock::system().now())?;
    let counted = store.read(Scope::HOUSE, |tx| {
        let [users, records, recorded] = COUNTS.map(|count| tx.one(count, &[])?.get(0));
        Ok([users?, records?, recorded?])
    })?;
    store.close();
    Ok(counted)
}

fn print(
    plan: &Plan,
    (held_mb, dry_mb, dry): (f64, f64, Took),
    ran: &Ran,
    sign_ins: [(&SignIns, Option<Away>); 3],
) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} users, {}; the server held {held_mb:.0} MB before.", plan.rows, plan.engine.name())?;
    let rate = |seconds: f64| format!("{:.0}", f64::from(plan.rows) / seconds);
    let mut lines = vec![
        vec!["nothing".into(), QUIET.as_secs().to_string(), "-".into(), "-".into(), "-".into(), "-".into()],
        vec![
            "dry run".into(),
            format!("{:.1}", dry.seconds),
            rate(dry.seconds),
            format!("{dry_mb:.0}"),
            format!("{:.0}", dry.peak_mb),
            "1".into(),
        ],
        vec![
            "run, killed".into(),
            format!("{:.1}", ran.seconds),
            rate(ran.seconds),
            format!("{:.0}", ran.server_mb),
            format!("{:.0}", ran.client_mb),
            ran.calls.to_string(),
        ],
    ];
    for (line, (sign_ins, away)) in lines.iter_mut().zip(sign_ins) {
        let ((median, tail), (outside, within)) = (sign_ins.times(away), sign_ins.failed(away));
        let counts = [sign_ins.len(), outside, within].map(|count| count.to_string());
        line.extend([format!("{median:.1}"), format!("{tail:.1}")].into_iter().chain(counts));
    }
    let heads = ["what", "seconds", "rows/s", "server MB", "client MB", "calls", "p50 ms", "p99 ms"];
    let counts = ["sign-ins", "failed", "failed in the restart"];
    write_aligned(&mut out, &[&heads[..], &counts[..]].concat(), &lines)?;
    let away = ran.away.1 - ran.away.0;
    writeln!(out, "Killed at {} rows; the server was away for {:.2} s.", ran.killed_at, away.as_secs_f64())?;
    Ok(())
}

fn tell_of_the_rows(rows: u32, import: &Value, [users, records, recorded]: [i64; 3]) -> Result<()> {
    let (lost, doubled) = (i64::from(rows) - users, records - recorded);
    let mut out = std::io::stdout().lock();
    writeln!(out, "Rows lost: {lost}, doubled: {doubled}; {users} users, {records} records of {recorded} of them.")?;
    let taken = import["counts"]["taken"].as_i64();
    if lost != 0 || doubled != 0 || records != users || taken != Some(users) {
        return Err(format!("Not each row was taken once: {import}").into());
    }
    Ok(())
}
