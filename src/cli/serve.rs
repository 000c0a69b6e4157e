//! `tenantry serve`: production.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::arguments::Serve;
use crate::clock::Clock;
use crate::config::{load, process_environment};
use crate::error::{Error, Result};
use crate::house::House;
use crate::logs;
use crate::random::Random;

/// Serves until it is told to stop, then drains.
///
/// # Errors
/// One sentence that says which setting is unsafe or what is in the way.
pub async fn run(arguments: Serve) -> Result<()> {
    let loaded = load(&arguments.sources(process_environment()))?;
    loaded.refuse_unsafe()?;
    let clock = Clock::system();
    logs::start(loaded.config.log, clock.clone())?;
    let listener = bind(loaded.config.http.listen).await?;
    let house = House::open(loaded.config, clock, Random::system())?;
    let until = told_to_stop()?;
    tracing::info!(listen = %house.config.http.listen, "ready");
    house.serve(listener, until).await
}

/// # Errors
/// One sentence when the address cannot be had.
pub async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|cause| {
        Error::invalid(format!("{address} cannot be listened on: {cause}. Choose another address with --listen."))
    })
}

/// Ends with SIGTERM or Ctrl-C. From the call on, before anything waits for it, neither ends the process by itself.
///
/// # Errors
/// `Internal` when the system does not hand signals over.
pub fn told_to_stop() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::internal)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::internal)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
