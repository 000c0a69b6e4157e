//! Measures `whoami`, the gate and one read, beside the bare HTTP server.

use std::time::Duration;

use crate::Result;
use crate::ask::get;
use crate::bare_http::BareHttp;
use crate::http_rate::{rate, warm_up};
use crate::load::Load;
use crate::machine::{Memory, Watch};
use crate::product::Product;
use crate::table::write_aligned;

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// Users in the store.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    users: u32,
    /// Connections, each with one request in flight.
    #[arg(long, value_delimiter = ',', default_value = "1,64", value_parser = clap::value_parser!(u16).range(1..))]
    connections: Vec<u16>,
    /// Measured seconds for each.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
}

/// Measures and prints.
pub fn measure(plan: &Plan) -> Result<()> {
    let data = crate::own_directory()?;
    let product = Product::start(data.path(), plan.users)?;
    let lines = plan.connections.iter().map(|&count| line(plan, &product, count.into())).collect::<Result<Vec<_>>>()?;
    product.stop()?;
    let heads = ["conns", "whoami/s", "p50 ms", "p99 ms", "http/s", "of http", "RSS MB", "foreign"];
    write_aligned(&mut std::io::stdout().lock(), &heads, &lines)
}

/// The bare server is measured before and after, so that the machine's other load falls on both.
fn line(plan: &Plan, product: &Product, connections: usize) -> Result<Vec<String>> {
    let measured = Duration::from_secs(plan.seconds);
    let before = rate(&BareHttp::start()?, connections, measured / 2)?.per_second;
    let directions = &product.directions;
    let token = format!("Authorization: APIToken {}\r\n", directions.api_token);
    let request = get("/api/web/custom/namespaces/system/whoami", directions.host(), &token);
    let (addresses, warm_up) = (&[directions.address()?], warm_up(measured));
    let load = Load { addresses, connections, expected_status: 200, warm_up, measured };
    let watch = Watch::start(product.child.id())?;
    let run = load.run(&mut |buffer| {
        buffer.extend_from_slice(&request);
        Ok(true)
    })?;
    let seen = watch.finish()?;
    if let Some(complaint) = run.complaint() {
        return Err(format!("With {connections} connections: {complaint}.").into());
    }
    let after = rate(&BareHttp::start()?, connections, measured / 2)?.per_second;
    let bare = (before + after) / 2.0;
    Ok(vec![
        connections.to_string(),
        format!("{:.0}", run.per_second),
        format!("{:.3}", run.p50_ms),
        format!("{:.3}", run.p99_ms),
        format!("{bare:.0}"),
        format!("{:.0} %", run.per_second / bare * 100.0),
        format!("{:.1}", Memory::of(product.child.id())?.resident_mb),
        format!("{:.2}", seen.foreign_load),
    ])
}
