//! An import of many users from a table, by the real command line against the real server: the dry run, the run, and the same file
//! once more; or a run in whose middle the server is killed.

mod killed;
mod sign_ins;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Result;
use crate::engines::{EngineName, Place};
use crate::product::Product;
use crate::table::write_aligned;

/// A hash that is kept as it is, made by another program: what most files bring.
const HASH: &str = "$2b$10$abcdefghijklmnopqrstuuJ7RlursFnPuMpoO.k8exQmuUNiR/.eK";
/// The one group that every user joins.
const GROUP: &str = "everyone";
/// How the file is read.
const OPTIONS: [&str; 5] = ["--from", "csv", "--groups", "create", "--json"];

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// Users in the file, each with a kept hash and a group.
    #[arg(long, visible_alias = "users", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..))]
    rows: u32,
    /// The engine under the server.
    #[arg(long, value_enum, default_value = "sqlite")]
    engine: EngineName,
    /// Kills the server when half of the rows are there, and starts it again; meanwhile another tenant's users sign in.
    #[arg(long)]
    kill: bool,
}

/// A step of the import.
struct Line {
    what: &'static str,
    seconds: f64,
    server_mib: u64,
    client_mib: u64,
}

/// Measures and prints.
pub fn measure(plan: &Plan) -> Result<()> {
    if plan.kill {
        return killed::measure(plan);
    }
    let data = crate::own_directory()?;
    let place = Place::make(plan.engine, data.path())?;
    let product = Product::start_on(data.path(), 0, place.url())?;
    let file = data.path().join("users.csv");
    write(&file, plan.rows)?;
    run(&product, data.path(), &["import", "allow-hashes", "--until", &tomorrow()])?;
    let begun = resident(product.child.id(), "VmRSS")?;
    let path = file.display().to_string();
    let options = [&["user", "import", path.as_str()], &OPTIONS[..]].concat();
    let mut lines = vec![step("dry run", &product, data.path(), &[&options[..], &["--dry-run"]].concat())?];
    let shown: serde_json::Value = serde_json::from_str(&run(&product, data.path(), &["import", "list", "--json"])?)?;
    let planned = shown["items"][0]["plan"].as_str().ok_or("The dry run has left no plan.")?.to_owned();
    lines.push(step("run", &product, data.path(), &[&options[..], &["--plan", &planned]].concat())?);
    lines.push(step("the same file again", &product, data.path(), &options)?);
    let shown: serde_json::Value = serde_json::from_str(&run(&product, data.path(), &["import", "list", "--json"])?)?;
    let (first, second) = (&shown["items"][1]["counts"], &shown["items"][0]["counts"]);
    if first["taken"] != plan.rows || second["unchanged"] != plan.rows {
        return Err(format!("The import did not take every row: {first} {second}").into());
    }
    product.stop()?;
    let mut out = std::io::stdout().lock();
    let cells: Vec<Vec<String>> = lines.iter().map(|line| line.cells(plan.rows)).collect();
    writeln!(out, "{} users, {}; the server held {begun} MiB before.", plan.rows, plan.engine.name())?;
    write_aligned(&mut out, &["what", "seconds", "rows a second", "server MiB", "client MiB"], &cells)?;
    Ok(())
}

impl Line {
    fn cells(&self, rows: u32) -> Vec<String> {
        vec![
            self.what.into(),
            format!("{:.1}", self.seconds),
            format!("{:.0}", f64::from(rows) / self.seconds),
            self.server_mib.to_string(),
            self.client_mib.to_string(),
        ]
    }
}

fn write(path: &Path, rows: u32) -> Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "external_id,email,first_name,last_name,groups,password_hash")?;
    for row in 0..rows {
        writeln!(out, "emp-{row},mover{row:07}@import.example,First{row},Last{row},{GROUP},{HASH}")?;
    }
    Ok(out.flush()?)
}

fn tomorrow() -> String {
    tenantry::clock::Clock::system().now().plus_seconds(24 * 3600).to_string()
}

fn command(product: &Product, directory: &Path, line: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("product").args(line).current_dir(directory);
    command.env("TENANTRY_URL", &product.directions.base_url).env("TENANTRY_TOKEN", &product.directions.api_token);
    Ok(command)
}

/// Runs a verb of the command line; its output.
fn run(product: &Product, directory: &Path, line: &[&str]) -> Result<String> {
    let output = command(product, directory, line)?.output()?;
    if !output.status.success() {
        return Err(format!("{line:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a step and looks at both processes meanwhile.
fn step(what: &'static str, product: &Product, directory: &Path, line: &[&str]) -> Result<Line> {
    let began = Instant::now();
    let mut child = command(product, directory, line)?.stdout(Stdio::null()).spawn()?;
    let (mut server_mib, mut client_mib) = (0, 0);
    let ended = loop {
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        server_mib = server_mib.max(resident(product.child.id(), "VmRSS")?);
        // It may have ended just now.
        client_mib = client_mib.max(resident(child.id(), "VmRSS").unwrap_or_default());
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    if !ended.success() {
        return Err(format!("{what} ended with {ended}").into());
    }
    Ok(Line { what, seconds: began.elapsed().as_secs_f64(), server_mib, client_mib })
}

/// Memory of a process, in MiB.
fn resident(process: u32, name: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib: u64 = line.ok_or("no memory is told")?.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1024)
}
