//! What an installation costs as its tenants grow by the thousand: doing nothing, making one more, and the calls of one of
//! them. None of it should grow along.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;
use crate::ask::get;
use crate::crowd::{Crowd, Size};
use crate::engines::{EngineName, Place};
use crate::growth::InTurn;
use crate::http_rate::warm_up;
use crate::load::Load;
use crate::machine::{Memory, cpu_seconds};
use crate::table::write_aligned;

/// Users of the tenant that is asked.
const USERS: u32 = 100;
/// A server that uses less of a core than this rests.
const AT_REST: f64 = 0.05;
const LOOK: Duration = Duration::from_secs(5);
/// So long a server may take until it rests after its start.
const PATIENCE: Duration = Duration::from_secs(900);

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// The engines under the store, one after the other.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    engine: Vec<EngineName>,
    /// Tenants in the store, a row for each number; the ratios are to the first.
    #[arg(long, value_delimiter = ',', default_value = "1,1000,100000", value_parser = clap::value_parser!(u32).range(1..))]
    tenants: Vec<u32>,
    /// Seconds in which nothing is asked, and in which each call is.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Tenants that are made by the command, one after the other; the middle time is shown.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    made: u32,
    /// Connections that ask, each with one request in flight.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
}

/// The figures of one store.
struct Row {
    engine: EngineName,
    tenants: u32,
    idle_percent: f64,
    resident_mb: f64,
    make_ms: f64,
    reset_p99_ms: f64,
    page_p99_ms: f64,
}

impl Row {
    fn figures(&self) -> [f64; 5] {
        [self.idle_percent, self.resident_mb, self.make_ms, self.reset_p99_ms, self.page_p99_ms]
    }

    fn cells(&self, first: &Self) -> Vec<String> {
        let figures = self.figures().into_iter().zip(first.figures());
        let figures = figures.map(|(own, first)| format!("{own:.2} ({:.2})", own / first));
        [self.engine.name().into(), self.tenants.to_string()].into_iter().chain(figures).collect()
    }
}

/// Measures and prints.
pub fn measure(plan: &Plan) -> Result<()> {
    let mut lines = Vec::new();
    for &engine in &plan.engine {
        let rows = plan.tenants.iter().map(|&tenants| row(plan, engine, tenants)).collect::<Result<Vec<_>>>()?;
        lines.extend(rows.iter().map(|row| row.cells(&rows[0])));
    }
    let heads = ["engine", "tenants", "idle % of a core", "RSS MB", "create ms", "reset p99 ms", "page p99 ms"];
    write_aligned(&mut std::io::stdout().lock(), &heads, &lines)
}

fn row(plan: &Plan, engine: EngineName, tenants: u32) -> Result<Row> {
    writeln!(std::io::stderr(), "{}: making {tenants} tenants", engine.name())?;
    let data = crate::own_directory()?;
    let place = Place::make(engine, data.path())?;
    let size = Size { tenants: 1, users: USERS, others: tenants - 1 };
    let crowd = Crowd::start_at(data.path(), size, place.url())?;
    rest(crowd.id())?;
    let measured = Duration::from_secs(plan.seconds);
    let before = cpu_seconds(crowd.id())?;
    std::thread::sleep(measured);
    let idle_percent = (cpu_seconds(crowd.id())? - before) / measured.as_secs_f64() * 100.0;
    let resident_mb = Memory::of(crowd.id())?.resident_mb;
    let make_ms = middle((0..plan.made).map(|nth| make(data.path(), nth)).collect::<Result<_>>()?);
    let mut resets = InTurn::of(&crowd.directions, 1)?;
    let addresses = [crowd.directions.address];
    let reset_p99_ms = p99(plan, &crowd, &mut |buffer| resets.write_next(&addresses, buffer))?;
    let page = get("/signin", &crowd.directions.tenants[0].host(), "");
    let page_p99_ms = p99(plan, &crowd, &mut |buffer| {
        buffer.extend_from_slice(&page);
        Ok(true)
    })?;
    crowd.stop()?;
    Ok(Row { engine, tenants, idle_percent, resident_mb, make_ms, reset_p99_ms, page_p99_ms })
}

/// Waits until the server has done what a start brings with it.
fn rest(process: u32) -> Result<()> {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        let before = cpu_seconds(process)?;
        std::thread::sleep(LOOK);
        if cpu_seconds(process)? - before < AT_REST * LOOK.as_secs_f64() {
            return Ok(());
        }
    }
    Err("The server does not come to rest.".into())
}

/// How long `tenantry tenant create` takes beside the server, in milliseconds.
fn make(data: &Path, nth: u32) -> Result<f64> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["product", "tenant", "create", "--data"]).arg(data).arg(format!("further-{nth}"));
    let since = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    if status.success() { Ok(since.elapsed().as_secs_f64() * 1e3) } else { Err("No tenant was made.".into()) }
}

fn p99(plan: &Plan, crowd: &Crowd, next: &mut crate::load::NextRequest<'_>) -> Result<f64> {
    let measured = Duration::from_secs(plan.seconds);
    let load = Load {
        addresses: &[crowd.directions.address],
        connections: plan.connections.into(),
        expected_status: 200,
        warm_up: warm_up(measured),
        measured,
    };
    let run = load.run(next)?;
    run.complaint().map_or(Ok(run.p99_ms), |complaint| Err(format!("{complaint}.").into()))
}

fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
