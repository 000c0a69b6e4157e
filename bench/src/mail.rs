//! Waiting mails to a relay on this machine: leased, made, sent, and their states written.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tenantry::clock::Clock;
use tenantry::config::PublicUrl;
use tenantry::keys::Keys;
use tenantry::letters::letters;
use tenantry::mail::address::Email;
use tenantry::mail::carrier::Carrier;
use tenantry::mail::smtp::{self, RelaySettings, Security};
use tenantry::mails;
use tenantry::params;
use tenantry::random::Random;
use tenantry::store::{Scope, Store};
use tokio::sync::watch;

use self::relay::{Relay, Script};
use crate::Result;
use crate::bare_engine::BareEngine;
use crate::product::Product;
use crate::table::write_aligned;

#[path = "../../tests/suite/relay.rs"]
pub mod relay;

/// What to measure.
#[derive(clap::Args)]
pub struct Plan {
    /// Mails that wait at the start, each to another user.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    mails: u32,
    /// Connections to the relay.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=64))]
    connections: u16,
}

/// Measures and prints.
pub fn measure(plan: &Plan) -> Result<()> {
    let data = crate::own_directory()?;
    Product::start(data.path(), plan.mails)?.stop()?;
    let engine = BareEngine::open(data.path(), plan.mails)?;
    engine.reset_everyone(64)?;
    let keys = Keys::open(&data.path().join("link.keys"), false, &Random::system())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (took, connections) = runtime.block_on(carry(plan, engine.store(), keys))?;
    let line = vec![
        plan.mails.to_string(),
        connections.to_string(),
        format!("{:.2}", took.as_secs_f64()),
        format!("{:.0}", f64::from(plan.mails) / took.as_secs_f64()),
    ];
    write_aligned(&mut std::io::stdout().lock(), &["mails", "conns", "seconds", "mails/s"], &[line])
}

/// Runs the worker until the last state is written.
async fn carry(plan: &Plan, store: &Store, keys: Keys) -> Result<(Duration, usize)> {
    let sink = Relay::start(Script { keep: false, ..Script::default() }).await;
    let carrier = Carrier::relay(smtp::Relay::new(RelaySettings {
        security: Security::None,
        connections_max: plan.connections.into(),
        ..RelaySettings::new("127.0.0.1", sink.address.port())
    })?);
    let url: PublicUrl = "http://{tenant}.localhost:8080".parse().map_err(|()| "The public URL cannot be read.")?;
    let letters = letters(&keys, &url);
    let (clock, random, from) = (Clock::system(), Random::system(), Email::parse("no-reply@example.com")?);
    let mails = mails::Worker::new(store.clone(), clock, random, letters, Arc::new(carrier), from);
    let (stop, stopped) = watch::channel(false);
    let began = Instant::now();
    let worker = tokio::spawn(mails.run(stopped));
    sink.wait_for(plan.mails as usize).await;
    while waiting(store)? > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let took = began.elapsed();
    stop.send(true)?;
    worker.await?;
    Ok((took, sink.connections()))
}

/// Mails whose state is not written yet; one row is enough to know.
fn waiting(store: &Store) -> Result<usize> {
    const ANY: &str = "SELECT id FROM mails WHERE due_at < $1 AND sent_at IS NULL AND failed_at IS NULL LIMIT 1";
    Ok(store.read(Scope::HOUSE, |tx| tx.all(ANY, &params![i64::MAX]))?.len())
}
