//! `tenantry serve`: runs the server in production.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::arguments::Serve;
use super::reload::Reload;
use super::signals::{Asking, told_to_stop};
use crate::clock::Clock;
use crate::config::{load, process_environment};
use crate::error::Result;
use crate::house::{House, not_listened};
use crate::logs;
use crate::random::Random;

/// Serves until it is told to stop, then drains.
///
/// # Errors
/// One sentence that names the unsafe setting or the obstacle.
pub async fn run(arguments: Serve) -> Result<()> {
    let asking = Asking::hold()?;
    let loaded = load(&arguments.sources(process_environment()))?;
    loaded.refuse_unsafe()?;
    House::check(&loaded.config)?;
    let clock = Clock::system();
    let logs = logs::start(loaded.config.log, clock.clone())?;
    let listener = bind(loaded.config.http.listen).await?;
    let house = House::open(loaded.config.clone(), clock, Random::system())?;
    let house = House { dropped_lines: logs.dropped(), ..house };
    let until = told_to_stop()?;
    let reload = Reload::new(arguments, loaded, logs.level(), house.live());
    tokio::spawn(reload.keep_listening(asking));
    tracing::info!(listen = %house.config.http.listen, "ready");
    house.serve(listener, until).await
}

/// # Errors
/// One sentence if the address cannot be bound.
pub async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|cause| not_listened(address, &cause))
}
