//! Sends heads to the operator's syslog receiver, over TLS (RFC 5425).
//!
//! The protocol has no receipts. So each batch has a connection of its own, which we close first: a receiver that then closes it too has
//! read all of it (RFC 5425 § 4.4). What was sent otherwise is sent again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OnceCell, watch};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::rows::{self, Unsent};
use super::syslog::frame;
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::store::{Scope, Store, Tx};
use crate::tls;

/// How often to look for heads that are due.
const EVERY: Duration = Duration::from_secs(1);
/// Heads that leave by one connection.
const AT_ONCE: i64 = 100;
/// How long a batch may take, from the connection to its end.
const BATCH: Duration = Duration::from_secs(15);
/// A lease is longer than any batch: what a killed process has leased is due again after it.
const LEASE_SECONDS: i64 = BATCH.as_secs() as i64 + 15;
/// Seconds until the next try; the last one repeats.
const RETRY_SECONDS: [i64; 6] = [2, 10, 30, 60, 120, 300];
/// A suspended tenant is looked at again after this time.
const SUSPENDED_SECONDS: i64 = 600;
/// The longest time that a head waits.
pub(super) const WAIT_SECONDS_MAX: i64 = SUSPENDED_SECONDS;

/// Where heads are sent.
pub struct Receiver {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Certificates to trust besides those that this machine trusts.
    pub ca_file: Option<PathBuf>,
}

/// Sends heads.
pub struct Shipper {
    store: Store,
    clock: Clock,
    receiver: Receiver,
    /// The name of the installation, as messages tell it.
    host: String,
    tls: OnceCell<Arc<ClientConfig>>,
}

impl Shipper {
    /// One to this receiver.
    pub fn new(store: Store, clock: Clock, receiver: Receiver, host: String) -> Self {
        Self { store, clock, receiver, host, tls: OnceCell::new() }
    }

    /// Goes on until told to stop.
    pub async fn keep_sending(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if self.turn().await.unwrap_or_else(|failure| self.complain(&failure)) {
                continue;
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    fn complain(&self, failure: &Error) -> bool {
        self.store.tell(failure, "what became of heads of audit logs was not written yet");
        false
    }

    /// Sends what is due. Whether more may be due already.
    async fn turn(&self) -> Result<bool> {
        let now = self.clock.now();
        let found = self.store.scan(Scope::HOUSE, move |tx| rows::find_unsent(tx, now, AT_ONCE)).await?;
        if found.is_empty() {
            return Ok(false);
        }
        let is_full = found.len() as i64 == AT_ONCE;
        let leased = self.store.write(Scope::HOUSE, move |tx| lease(tx, &found, now)).await?;
        if leased.is_empty() {
            return Ok(is_full);
        }
        let sent = timeout(BATCH, self.send(&leased)).await;
        let sent = sent.unwrap_or_else(|_| Err(unreachable("it did not take all within 15 seconds")));
        let now = self.clock.now();
        match sent {
            Ok(()) => {
                self.store.write(Scope::HOUSE, move |tx| rows::note_sent(tx, &leased, now)).await?;
                Ok(is_full)
            }
            Err(failure) => {
                tracing::warn!("heads of audit logs did not reach syslog.host: {failure}");
                let each: Vec<_> =
                    leased.into_iter().map(|one| (retried(&one, now), one)).map(|(at, one)| (one, at)).collect();
                self.store.write(Scope::HOUSE, move |tx| rows::put_off(tx, &each)).await?;
                Ok(false)
            }
        }
    }

    /// All of these, by one connection.
    async fn send(&self, heads: &[Unsent]) -> Result<()> {
        let frames = heads.iter().map(|head| frame(&self.host, head)).collect::<Result<Vec<_>>>()?.concat();
        let Receiver { host, port, .. } = &self.receiver;
        let tcp = TcpStream::connect((host.as_str(), *port)).await.map_err(|cause| unreachable(&cause.to_string()))?;
        let name = ServerName::try_from(host.clone())
            .map_err(|_| Error::invalid(format!("syslog.host {host} is not a name that a certificate can carry.")))?;
        let connector = TlsConnector::from(self.config().await?);
        let mut stream = connector
            .connect(name, tcp)
            .await
            .map_err(|error| unreachable(&tls::complaint(host, "syslog.ca_file", &error)))?;
        let broken = |cause: std::io::Error| unreachable(&cause.to_string());
        stream.write_all(&frames).await.map_err(broken)?;
        stream.shutdown().await.map_err(broken)?;
        // Until it closes. It has nothing to say, and may leave out the alert that ends TLS.
        let mut said = [0; 256];
        loop {
            match stream.read(&mut said).await {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(cause) => return Err(broken(cause)),
            }
        }
    }

    async fn config(&self) -> Result<Arc<ClientConfig>> {
        let file = self.receiver.ca_file.clone();
        let make = || async {
            let make = move || {
                let extra = file.map(std::fs::read).transpose();
                let extra =
                    extra.map_err(|cause| Error::invalid(format!("syslog.ca_file cannot be read: {cause}.")))?;
                tls::client("the syslog receiver", extra.as_deref())
            };
            tokio::task::spawn_blocking(make).await.map_err(Error::internal)?
        };
        self.tls.get_or_try_init(make).await.cloned()
    }
}

fn unreachable(why: &str) -> Error {
    Error::new(Kind::Unavailable { retry_after_seconds: 1 }, format!("The syslog receiver was not reached: {why}"))
}

/// Puts off heads of suspended tenants, and leases the others.
fn lease(tx: &mut Tx<'_>, found: &[(Unsent, bool)], now: Timestamp) -> Result<Vec<Unsent>> {
    let of = |wanted: bool| found.iter().filter(move |(_, is_served)| *is_served == wanted).map(|(one, _)| one.clone());
    let later = now.plus_seconds(SUSPENDED_SECONDS);
    rows::put_off(tx, &of(false).map(|one| (one, later)).collect::<Vec<_>>())?;
    rows::lease(tx, of(true).collect(), now.plus_seconds(LEASE_SECONDS))
}

fn retried(head: &Unsent, now: Timestamp) -> Timestamp {
    let nth = usize::try_from(head.attempts - 1).unwrap_or(0).min(RETRY_SECONDS.len() - 1);
    now.plus_seconds(RETRY_SECONDS[nth])
}
