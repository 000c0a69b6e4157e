//! Resets through the whole path: HTTP, permission, the one durable transaction, the answer.

use std::cmp::Ordering;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use crate::Result;
use crate::ask::Resets;
use crate::bare_http::BareHttp;
use crate::engines::{Bare, EngineName, Place};
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
    /// The engines under the store, one after the other.
    #[arg(long, value_delimiter = ',', default_value = "sqlite")]
    engine: Vec<EngineName>,
    /// Users in the store, one row for each number. A small store flatters: its pages are hit again and again.
    #[arg(long, value_delimiter = ',', default_value = "100000", value_parser = clap::value_parser!(u32).range(1..))]
    users: Vec<u32>,
    /// Connections, each with one request in flight.
    #[arg(long, value_delimiter = ',', default_value = "1,8,64,256", value_parser = clap::value_parser!(u16).range(1..))]
    connections: Vec<u16>,
    /// Measured seconds for each.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// How often each row is measured, engine and product by turns; the one with the middle ratio is shown.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
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
    let mut rows = Vec::new();
    for &engine in &plan.engine {
        for &users in &plan.users {
            rows.extend(with_users(plan, engine, users)?);
        }
    }
    table::print(&rows)?;
    plan.json.as_deref().map_or(Ok(()), |path| table::write_json(path, &rows))
}

fn with_users(plan: &Plan, engine: EngineName, users: u32) -> Result<Vec<Row>> {
    let own_directory = crate::own_directory()?;
    let data = match &plan.data {
        Some(data) => &data.join(format!("{}-{users}", engine.name())),
        None => own_directory.path(),
    };
    let place = Place::make(engine, data)?;
    // The first start makes the users; the second is the one that is worth a figure.
    Product::start_on(data, users, place.url())?.stop()?;
    let engine = place.bare(users)?;
    let product = Product::start_on(data, users, place.url())?;
    writeln!(
        std::io::stdout(),
        "start to ready {:.1} ms with {} users, then idle with {:.1} MB resident",
        product.start_to_ready.as_secs_f64() * 1e3,
        users,
        Memory::of(product.child.id())?.resident_mb,
    )?;
    let mut rows = Vec::new();
    for &connections in &plan.connections {
        let rounds = (0..plan.rounds).map(|_| row(plan, users, &product, &engine, connections.into()));
        rows.push(middle(rounds.collect::<Result<_>>()?));
    }
    product.stop()?;
    Ok(rows)
}

/// The round with the middle ratio to the bare engine, since the machine's other load varies.
fn middle(mut rounds: Vec<Row>) -> Row {
    rounds.sort_by(|a, b| a.ratio_engine.partial_cmp(&b.ratio_engine).unwrap_or(Ordering::Equal));
    rounds.swap_remove(rounds.len() / 2)
}

fn row(plan: &Plan, users: u32, product: &Product, engine: &Bare, connections: usize) -> Result<Row> {
    let measured = Duration::from_secs(plan.seconds);
    let bare_engine_per_s = engine.rate(connections, warm_up(measured), measured)?;
    let bare_http_per_s = rate(&BareHttp::start()?, connections, measured)?.per_second;
    let directions = &product.directions;
    let mut resets = Resets::new(directions.host(), &directions.api_token, users, connections as u64);
    let load = Load {
        addresses: &[directions.address()?],
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
        engine: engine.name().into(),
        users: users.into(),
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
        cpu_us: seen.child_load / run.per_second * 1e6,
        foreign_load: seen.foreign_load,
    })
}
