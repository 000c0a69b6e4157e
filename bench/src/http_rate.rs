//! What the bare HTTP server gives under the same load as the product.

use std::time::Duration;

use crate::Result;
use crate::ask::Resets;
use crate::bare_http::BareHttp;
use crate::load::Load;
use crate::machine::Watch;
use crate::table::write_aligned;
use crate::tally::Run;

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// Connections, each with one request in flight.
    #[arg(long, value_delimiter = ',', default_value = "1,8,64,256", value_parser = clap::value_parser!(u16).range(1..))]
    connections: Vec<u16>,
    /// Measured seconds for each.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
}

/// Measures and prints.
pub fn measure(plan: &Plan) -> Result<()> {
    let mut lines = Vec::new();
    for &connections in &plan.connections {
        let server = BareHttp::start()?;
        let watch = Watch::start(server.child.id())?;
        let run = rate(&server, connections.into(), Duration::from_secs(plan.seconds))?;
        let seen = watch.finish()?;
        lines.push(vec![
            connections.to_string(),
            format!("{:.0}", run.per_second),
            format!("{:.3}", run.p50_ms),
            format!("{:.3}", run.p90_ms),
            format!("{:.3}", run.p99_ms),
            format!("{:.3}", run.p999_ms),
            format!("{:.3}", run.max_ms),
            format!("{:.2}", seen.child_load),
            format!("{:.2}", seen.foreign_load),
        ]);
    }
    let heads = ["conns", "answers/s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms", "server CPU", "foreign"];
    write_aligned(&mut std::io::stdout().lock(), &heads, &lines)
}

/// Drives the bare server with the requests that the product gets, so that both read the same bytes.
pub fn rate(server: &BareHttp, connections: usize, measured: Duration) -> Result<Run> {
    let mut resets =
        Resets::new(&format!("example-corp.localhost:{}", server.address.port()), &"x".repeat(44), 100_000, 1);
    let addresses = &[server.address];
    let load = Load { addresses, connections, expected_status: 200, warm_up: warm_up(measured), measured };
    let run = load.run(&mut |buffer| {
        resets.write_next(buffer);
        Ok(true)
    })?;
    match run.complaint() {
        Some(complaint) => Err(format!("The bare HTTP server failed: {complaint}.").into()),
        None => Ok(run),
    }
}

/// A fifth of the measured time, at least half a second and at most three.
pub fn warm_up(measured: Duration) -> Duration {
    (measured / 5).clamp(Duration::from_millis(500), Duration::from_secs(3))
}
