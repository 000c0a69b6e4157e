//! Resets through the whole path: HTTP, permission, the one durable transaction, the answer.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use crate::Result;
use crate::ask::Resets;
use crate::bare_engine::BareEngine;
use crate::bare_http::BareHttp;
use crate::http_rate::{rate, warm_up};
use crate::load::Load;
use crate::machine::{Memory, Watch, cores};
use crate::product::Product;
use crate::table::{self, Row};

/// How far the product's clock moves before each pass over the users: more than the half minute in which a second ask is
/// taken for a repeat, enough for the hourly cap on mails to one user, and well within a link's lifetime, so that every
/// reset supersedes an open one.
const PASS_SECONDS: u32 = 15 * 60;

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// Users in the store. A small store flatters: its pages are hit again and again.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..))]
    users: u32,
    /// Connections, each with one request in flight.
    #[arg(long, value_delimiter = ',', default_value = "1,8,64,256", value_parser = clap::value_parser!(u16).range(1..))]
    connections: Vec<u16>,
    /// Measured seconds for each.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Writes the rows to this file as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Where the store is made [default: a directory beside this program, removed at the end]. A memory file system
    /// flatters.
    #[arg(long)]
    data: Option<PathBuf>,
}

/// Measures, prints and writes the rows.
pub fn measure(plan: &Plan) -> Result<()> {
    let own_directory = tempfile::Builder::new().prefix("bench-data-").tempdir_in(beside_this_program()?)?;
    let data = plan.data.as_deref().unwrap_or(own_directory.path());
    // The first start makes the users; the second is the one that is worth a figure.
    Product::start(data, plan.users)?.stop()?;
    let bare_data = data.join("bare");
    std::fs::create_dir_all(&bare_data)?;
    std::fs::copy(data.join("tenantry.db"), bare_data.join("tenantry.db"))?;
    let engine = BareEngine::open(&bare_data, plan.users)?;
    let product = Product::start(data, plan.users)?;
    writeln!(
        std::io::stdout(),
        "start to ready {:.1} ms with {} users, then idle with {:.1} MB resident",
        product.start_to_ready.as_secs_f64() * 1e3,
        plan.users,
        Memory::of(product.child.id())?.resident_mb,
    )?;
    let rows =
        plan.connections.iter().map(|&count| row(plan, &product, &engine, count.into())).collect::<Result<Vec<_>>>()?;
    product.stop()?;
    table::print(&rows)?;
    plan.json.as_deref().map_or(Ok(()), |path| table::write_json(path, &rows))
}

fn row(plan: &Plan, product: &Product, engine: &BareEngine, connections: usize) -> Result<Row> {
    let measured = Duration::from_secs(plan.seconds);
    let bare_engine_per_s = engine.rate(connections, warm_up(measured), measured)?;
    let bare_http_per_s = rate(&BareHttp::start()?, connections, measured)?.per_second;
    let directions = &product.directions;
    let mut resets = Resets::new(directions.host(), &directions.api_token, plan.users, connections as u64);
    let load = Load {
        address: directions.address()?,
        connections,
        expected_status: 200,
        warm_up: warm_up(measured),
        measured,
    };
    let watch = Watch::start(product.child.id())?;
    let run = load.run(&mut |buffer| {
        if resets.begins_a_pass() {
            product.advance_clock(PASS_SECONDS)?;
        }
        resets.write_next(buffer);
        Ok(true)
    })?;
    let seen = watch.finish()?;
    if let Some(complaint) = run.complaint() {
        writeln!(std::io::stderr(), "With {connections} connections: {complaint}.")?;
    }
    Ok(Row {
        engine: "sqlite".into(),
        users: plan.users.into(),
        connections,
        resets_per_s: run.per_second,
        p50_ms: run.p50_ms,
        p99_ms: run.p99_ms,
        bare_engine_per_s: Some(bare_engine_per_s),
        bare_http_per_s: Some(bare_http_per_s),
        ratio_engine: Some(run.per_second / bare_engine_per_s),
        ratio_http: Some(run.per_second / bare_http_per_s),
        rss_mb: Memory::of(product.child.id())?.resident_mb,
        p999_ms: run.p999_ms,
        seconds: run.seconds,
        cores: cores(),
        foreign_load: seen.foreign_load,
    })
}

fn beside_this_program() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.parent().ok_or("This program lies in no directory.")?.to_path_buf())
}
