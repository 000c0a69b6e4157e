//! From the name of a machine to its addresses, asked in one place, so that tests can answer.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::net::lookup_host;

/// Looks up the addresses of a name and a port, anew for each connection.
pub type Names = dyn Fn(&str, u16) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>> + Send + Sync;

/// The system's resolver.
pub fn of_the_system() -> Arc<Names> {
    Arc::new(|host, port| {
        let host = host.to_owned();
        Box::pin(async move { Ok(lookup_host((host.as_str(), port)).await?.collect()) })
    })
}
