//! Measures the time from the start of the process until it is ready, and its memory then.

use std::time::Duration;

use crate::Result;
use crate::machine::Memory;
use crate::product::Product;
use crate::table::write_aligned;

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// Users in the store that is there already.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..))]
    users: u32,
    /// How often; the middle one is shown, and the slowest.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

/// Measures and prints.
pub fn measure(plan: &Plan) -> Result<()> {
    let data = crate::own_directory()?;
    Product::start(data.path(), plan.users)?.stop()?;
    let known = rounds(plan, || Product::start(data.path(), plan.users))?;
    let empty = rounds(plan, || Product::start(&tempfile::tempdir_in(data.path())?.keep(), 0))?;
    let lines = [cells(&format!("{} users, there already", plan.users), &known), cells("empty directory", &empty)];
    let heads = ["store", "ready ms", "slowest ms", "idle RSS MB"];
    write_aligned(&mut std::io::stdout().lock(), &heads, &lines)
}

type Rounds = Vec<(Duration, f64)>;

fn rounds(plan: &Plan, start: impl Fn() -> Result<Product>) -> Result<Rounds> {
    let mut rounds = Vec::new();
    for _ in 0..plan.rounds {
        let product = start()?;
        // Work left over from the start has settled by then.
        std::thread::sleep(Duration::from_millis(300));
        rounds.push((product.start_to_ready, Memory::of(product.child.id())?.resident_mb));
        product.stop()?;
    }
    rounds.sort_by_key(|(ready, _)| *ready);
    Ok(rounds)
}

fn cells(store: &str, rounds: &Rounds) -> Vec<String> {
    let most = rounds.iter().map(|(_, resident)| *resident).fold(0.0, f64::max);
    let ms = |(ready, _): &(Duration, f64)| format!("{:.1}", ready.as_secs_f64() * 1e3);
    let (middle, slowest) = (&rounds[rounds.len() / 2], &rounds[rounds.len() - 1]);
    vec![store.into(), ms(middle), ms(slowest), format!("{most:.1}")]
}
