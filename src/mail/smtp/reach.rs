//! From the relay's name to a connection on which it has greeted: its addresses race (RFC 8305, RFC 5321 § 5.1).
//!
//! An address can be silent in two ways: nothing answers the connection, or something accepts it and sends no greeting.
//! So the race is for the greeting. Some relays delay it on purpose; they get longer before the next address is tried.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsConnector;

use super::failure::{Failure, Outcome};
use super::settings::{RelaySettings, Security};
use super::wire::{Stream, Wire};
use crate::names::Names;
use crate::tls;

/// Without a connection after this long, the next address is tried too (RFC 8305 § 5).
const CONNECT_APART: Duration = Duration::from_millis(250);
/// Without a greeting on a connection after this long, so is the next.
const GREETING_APART: Duration = Duration::from_secs(2);

/// Everything needed to reach the relay, and what earlier connections taught about its addresses.
pub(super) struct Way {
    pub(super) settings: Arc<RelaySettings>,
    pub(super) tls: Option<TlsConnector>,
    pub(super) names: Arc<Names>,
    pub(super) learnt: Mutex<Learnt>,
}

/// Decides which address is tried first.
#[derive(Default)]
pub(super) struct Learnt {
    /// The address that greeted last.
    reached: Option<SocketAddr>,
    /// How often an address greeted and then failed; each time another address moves to the front.
    turns: usize,
}

/// A connection, with TLS from the start if configured, on which the relay has greeted.
pub(super) type Greeted = Wire<Box<dyn Stream>>;

impl Way {
    /// # Errors
    /// The failure of the last address.
    pub(super) async fn reach(&self) -> Outcome<Greeted> {
        let mut waiting = self.addresses().await?;
        let connected = Arc::new(Notify::new());
        let mut racing = JoinSet::new();
        let (mut next_at, mut failure) = (Instant::now(), Failure::transient("The relay has no address left to try."));
        loop {
            if racing.is_empty() || Instant::now() >= next_at {
                match waiting.pop_front() {
                    Some(address) => _ = racing.spawn(attempt(self.start(address), Arc::clone(&connected))),
                    None if racing.is_empty() => return Err(failure),
                    None => {}
                }
                next_at = Instant::now() + CONNECT_APART;
            }
            tokio::select! {
                Some(done) = racing.join_next() => match done {
                    Ok((address, Ok(greeted))) => {
                        self.learnt().reached = Some(address);
                        return Ok(greeted);
                    }
                    Ok((_, Err(refused))) => (failure, next_at) = (refused, Instant::now()),
                    Err(_) => next_at = Instant::now(),
                },
                () = connected.notified() => next_at = Instant::now() + self.greeting_apart(),
                () = sleep_until(next_at), if !waiting.is_empty() => {}
            }
        }
    }

    /// Notes that the relay greeted and then failed: the next connection begins with another address.
    pub(super) fn turn(&self) {
        let mut learnt = self.learnt();
        (learnt.reached, learnt.turns) = (None, learnt.turns.wrapping_add(1));
    }

    /// The relay's addresses in the order of trying.
    async fn addresses(&self) -> Outcome<VecDeque<SocketAddr>> {
        let RelaySettings { host, port, security, .. } = &*self.settings;
        let found = (self.names)(host, *port).await;
        let found =
            found.map_err(|error| Failure::transient(format!("The relay's name {host} was not found: {error}.")))?;
        let is_open = |address: &SocketAddr| *security != Security::None || address.ip().is_loopback();
        let mut addresses: VecDeque<SocketAddr> = found.iter().copied().filter(is_open).collect();
        let Some(last) = addresses.len().checked_sub(1) else { return Err(self.without_address(found.first())) };
        let learnt = self.learnt();
        addresses.rotate_left(learnt.turns % (last + 1));
        if let Some(place) = addresses.iter().position(|address| Some(*address) == learnt.reached) {
            addresses.swap(0, place);
        }
        Ok(addresses)
    }

    fn without_address(&self, other: Option<&SocketAddr>) -> Failure {
        let host = &self.settings.host;
        Failure::transient(match other {
            Some(address) => format!("{host} is {address}, not this machine; nothing is sent in clear."),
            None => format!("The relay's name {host} has no address."),
        })
    }

    fn start(&self, address: SocketAddr) -> Start {
        Start { settings: Arc::clone(&self.settings), tls: self.tls.clone(), address }
    }

    /// With a short time limit the addresses follow one another faster.
    fn greeting_apart(&self) -> Duration {
        GREETING_APART.min(Duration::from_millis(self.settings.timeout_seconds * 1_000 / 5))
    }

    fn learnt(&self) -> std::sync::MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The parameters for trying one address.
struct Start {
    settings: Arc<RelaySettings>,
    tls: Option<TlsConnector>,
    address: SocketAddr,
}

async fn attempt(start: Start, connected: Arc<Notify>) -> (SocketAddr, Outcome<Greeted>) {
    (start.address, greeted(&start, &connected).await)
}

async fn greeted(start: &Start, connected: &Notify) -> Outcome<Greeted> {
    let Start { settings, tls, address } = start;
    let tcp = connect(settings, *address).await?;
    connected.notify_one();
    let stream: Box<dyn Stream> = match (settings.security, tls) {
        (Security::Tls, Some(tls)) => Box::new(handshake(settings, tls, tcp).await?),
        _ => Box::new(tcp),
    };
    let mut wire = Wire::new(stream);
    greeting(&mut wire).await?;
    Ok(wire)
}

async fn connect(settings: &RelaySettings, address: SocketAddr) -> Outcome<TcpStream> {
    let RelaySettings { host, port, .. } = settings;
    let patience = Duration::from_millis(settings.timeout_seconds * 1_000 / 3);
    match timeout(patience, TcpStream::connect(address)).await {
        Ok(Ok(tcp)) => {
            // Without this the kernel delays a last small packet until the one before is acknowledged, 40 ms.
            tcp.set_nodelay(true)?;
            Ok(tcp)
        }
        Ok(Err(error)) => {
            Err(Failure::transient(format!("The relay {host}:{port} ({}) cannot be reached: {error}.", address.ip())))
        }
        Err(_) => Err(Failure::transient(format!("The relay {host}:{port} ({}) does not answer.", address.ip()))),
    }
}

/// TLS on a connection. The relay must prove that it is the configured one.
pub(super) async fn handshake<S: Stream>(
    settings: &RelaySettings,
    tls: &TlsConnector,
    clear: S,
) -> Outcome<tokio_rustls::client::TlsStream<S>> {
    let host = &settings.host;
    let name = ServerName::try_from(host.clone())
        .map_err(|_| Failure::transient(format!("{host} is not a name that a certificate can carry.")))?;
    tls.connect(name, clear).await.map_err(|error| {
        let why = tls::complaint(host, "smtp.ca_file", &error);
        Failure::transient(format!("TLS with the relay {host} failed, nothing was sent: {why}"))
    })
}

async fn greeting<S: Stream>(wire: &mut Wire<S>) -> Outcome<()> {
    let reply = wire.read().await?;
    if reply.code == 220 { Ok(()) } else { Err(Failure::setup(&reply)) }
}
