//! Sign-ins and redemptions, beside the hashing that they cannot do without.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tenantry::passwords::{Cost, Hasher};
use tenantry::random::Random;
use tenantry::secret::Secret;

use crate::Result;
use crate::ask::{Resets, Template};
use crate::http_rate::warm_up;
use crate::load::Load;
use crate::machine::{Memory, Watch};
use crate::product::Product;
use crate::table::write_aligned;
use crate::tally::Run;

/// One address may make 60 attempts at once and 600 in an hour. The product's clock moves by six minutes before each
/// 50th, so that this bound does not affect the measurement.
const ATTEMPTS: u32 = 50;
const ATTEMPTS_SECONDS: u32 = 6 * 60;
/// A link lives an hour by the same clock, which is ten times as many attempts.
const LINKS_MAX: u32 = 450;

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// Users in the store.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1000..))]
    users: u32,
    /// Connections, each with one request in flight.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=16))]
    connections: u16,
    /// How often, hashing and product by turns.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: u32,
    /// Measured seconds; redemptions end sooner when the links are used up.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
}

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One comparison each.
    SignIn,
    /// One comparison, with the password of before, and one new hash each.
    Redeem,
}

/// Measures alternately and prints the round with the middle ratio, since the machine's other load varies.
pub fn measure(plan: &Plan, kind: Kind) -> Result<()> {
    let data = crate::own_directory()?;
    let product = Product::start(data.path(), plan.users)?;
    let mut resets = Resets::new(product.directions.host(), &product.directions.api_token, plan.users, 1);
    let mut used = HashSet::new();
    let mut rounds = Vec::new();
    for _ in 0..plan.rounds {
        let alone = hashing(plan, kind)?;
        let links =
            if kind == Kind::Redeem { fresh_tokens(&product, plan, &mut resets, &mut used)? } else { Vec::new() };
        let watch = Watch::start(product.child.id())?;
        let run = match kind {
            Kind::SignIn => sign_in(plan, &product)?,
            Kind::Redeem => redeem(plan, &product, links)?,
        };
        if let Some(complaint) = run.complaint() {
            return Err(format!("Not as it should be: {complaint}.").into());
        }
        rounds.push((run.per_second / alone, alone, run, watch.finish()?.foreign_load));
    }
    let memory = Memory::of(product.child.id())?;
    product.stop()?;
    rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (ratio, alone, run, foreign) = &rounds[rounds.len() / 2];
    let line = vec![
        if kind == Kind::SignIn { "sign-in" } else { "redemption" }.into(),
        plan.connections.to_string(),
        format!("{:.1}", run.per_second),
        format!("{:.1}", run.p50_ms),
        format!("{:.1}", run.p99_ms),
        format!("{alone:.1}"),
        format!("{:.0} %", ratio * 100.0),
        format!("{:.1}", memory.peak_mb),
        format!("{foreign:.2}"),
    ];
    let heads = ["what", "conns", "per s", "p50 ms", "p99 ms", "hashing/s", "of hashing", "peak MB", "foreign"];
    write_aligned(&mut std::io::stdout().lock(), &heads, &[line])
}

fn load<'a>(plan: &Plan, addresses: &'a [SocketAddr], warm_up: Duration) -> Load<'a> {
    let (connections, measured) = (plan.connections.into(), Duration::from_secs(plan.seconds));
    Load { addresses, connections, expected_status: 204, warm_up, measured }
}

fn sign_in(plan: &Plan, product: &Product) -> Result<Run> {
    let template = Template::post_openly("/signin", product.directions.host());
    let mut asked = 0;
    load(plan, &[product.directions.address()?], warm_up(Duration::from_secs(plan.seconds))).run(&mut |buffer| {
        make_room(product, asked)?;
        asked += 1;
        let user = format!("user{:05}@example.com", asked % plan.users + 1);
        let body = json!({ "email": user, "password": product.directions.user_password });
        template.write(body.to_string().as_bytes(), buffer);
        Ok(true)
    })
}

fn redeem(plan: &Plan, product: &Product, tokens: Vec<String>) -> Result<Run> {
    let mut tokens = tokens.into_iter();
    let template = Template::post_openly("/reset", product.directions.host());
    let mut asked = 0;
    load(plan, &[product.directions.address()?], Duration::ZERO).run(&mut |buffer| {
        let Some(token) = tokens.next() else { return Ok(false) };
        make_room(product, asked)?;
        asked += 1;
        let body = json!({ "token": token, "password": format!("quiet-harbour-{asked}-Lantern") });
        template.write(body.to_string().as_bytes(), buffer);
        Ok(true)
    })
}

fn make_room(product: &Product, asked: u32) -> Result<()> {
    if asked.is_multiple_of(ATTEMPTS) { product.advance_clock(ATTEMPTS_SECONDS) } else { Ok(()) }
}

/// Resets as many further users as there will be redemptions, and takes their links out of the mailbox.
fn fresh_tokens(
    product: &Product,
    plan: &Plan,
    resets: &mut Resets,
    used: &mut HashSet<String>,
) -> Result<Vec<String>> {
    let mut left = LINKS_MAX;
    let addresses = [product.directions.address()?];
    let load = Load { expected_status: 200, ..load(plan, &addresses, Duration::ZERO) };
    load.run(&mut |buffer| {
        if left > 0 {
            left -= 1;
            resets.write_next(buffer);
        }
        Ok(!buffer.is_empty())
    })?;
    let since = Instant::now();
    loop {
        let tokens = product.links()?.into_iter().filter_map(|link| Some(link.split_once('#')?.1.to_owned()));
        let fresh: Vec<String> = tokens.filter(|token| !used.contains(token)).collect();
        if fresh.len() >= LINKS_MAX as usize {
            used.extend(fresh.iter().cloned());
            return Ok(fresh);
        }
        if since.elapsed() > Duration::from_secs(30) {
            return Err(format!("Only {} of {LINKS_MAX} mails came within 30 s.", fresh.len()).into());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The same hashing by the same threads, without HTTP and without a store.
fn hashing(plan: &Plan, kind: Kind) -> Result<f64> {
    let measured = Duration::from_secs(plan.seconds) / 2;
    let cost = Cost::default();
    let hasher = Hasher::start(cost, Hasher::default_threads(), 64, Random::system())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let done = Arc::new(AtomicU64::new(0));
    let (deadline, password) = (Instant::now() + 10 * measured, || Secret::new("quiet-harbour-Lantern".to_owned()));
    runtime.block_on(async {
        let stored = hasher.hash(password(), deadline).await?;
        for _ in 0..plan.connections {
            let (hasher, done, stored) = (hasher.clone(), Arc::clone(&done), stored.clone());
            tokio::spawn(async move {
                loop {
                    let compared = hasher.verify(password(), Some(stored.clone()), deadline).await.is_ok();
                    let hashed = kind == Kind::SignIn || hasher.hash(password(), deadline).await.is_ok();
                    done.fetch_add(u64::from(compared && hashed), Ordering::Relaxed);
                }
            });
        }
        tokio::time::sleep(warm_up(measured)).await;
        let (before, began) = (done.load(Ordering::Relaxed), Instant::now());
        tokio::time::sleep(measured).await;
        Ok((done.load(Ordering::Relaxed) - before) as f64 / began.elapsed().as_secs_f64())
    })
}
