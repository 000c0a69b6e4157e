//! The servers that an address names: which of them is asked first, and which connections to them are still believed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio_postgres::{Client, Config};

use super::failure::{Failure, Silent};
use super::named::{only, places};
use super::session::SESSION;
use super::timeline;
use super::tls::Tls;
use crate::error::{Error, Result};
use crate::store::Server;
use crate::store::queue::held;

/// How long one server may take to connect, by TCP, TLS, handshake and the set-up of the session, where the address does
/// not say.
pub(super) const CONNECT: Duration = Duration::from_secs(3);
/// What the server itself allows a statement (`SESSION`), and a little for the way.
const LONG: Duration = Duration::from_secs(65);

/// How much time an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// A look, or a change that someone waits for.
    Short,
    /// What may take as long as the server allows: work of the house, a backup, a verification.
    Long,
}

/// The servers, in the order in which they are named.
pub(super) struct Servers {
    each: Vec<Config>,
    /// The one to ask first: the one that worked last, unless it fell silent since.
    first: AtomicUsize,
    /// Grows when a connection falls silent. Those that were opened before are not believed any more, so that not each of
    /// them has to find out for itself.
    believed: watch::Sender<u64>,
    /// What the newest connection leads to, of the latest timeline that was seen.
    latest: Mutex<Option<Server>>,
    /// Silences so far, those of servers that took a connection and went no further included.
    silences: AtomicU64,
    short: Duration,
}

/// A connection that has just been made.
pub(super) struct Connected {
    pub(super) client: Client,
    /// Which of the servers it leads to.
    pub(super) server: usize,
    /// Hears when connections of its age are not believed any more.
    pub(super) believed: watch::Receiver<u64>,
}

impl Servers {
    /// The servers of an address. An answer may take `short` where someone waits for it.
    ///
    /// # Errors
    /// One sentence when hosts, addresses and ports are not as many as each other.
    pub(super) fn of(config: &Config, short: Duration) -> Result<Self> {
        let (hosts, addresses) = (config.get_hosts().len(), config.get_hostaddrs().len());
        let (count, ports) = (hosts.max(addresses), config.get_ports().len());
        if (hosts > 0 && addresses > 0 && hosts != addresses) || (ports > 1 && ports != count) {
            return Err(Error::invalid(format!(
                "store.postgres names {hosts} hosts, {addresses} addresses (hostaddr) and {ports} ports. Name as many of \
                 each, or one port for all."
            )));
        }
        Ok(Self {
            each: (0..count).map(|nth| only(config, nth)).collect(),
            first: AtomicUsize::new(0),
            believed: watch::Sender::new(0),
            latest: Mutex::default(),
            silences: AtomicU64::new(0),
            short,
        })
    }

    /// Whether there is one to go to when another is gone.
    pub(super) fn are_several(&self) -> bool {
        self.each.len() > 1
    }

    /// Silences so far.
    pub(super) fn silences(&self) -> u64 {
        self.silences.load(Ordering::Relaxed)
    }

    /// The server that the newest connection leads to, if it tells.
    pub(super) fn latest(&self) -> Option<Server> {
        *held(&self.latest)
    }

    /// One of them by name, for words.
    pub(super) fn place(&self, server: usize) -> String {
        places(&self.each[server])
    }

    /// How long an answer may take.
    pub(super) fn patience(&self, patience: Patience) -> Duration {
        match patience {
            Patience::Short => self.short,
            Patience::Long => LONG,
        }
    }

    /// Connects to the first one that takes writes.
    pub(super) async fn connect(&self, tls: &Tls) -> Result<Connected, Failure> {
        let first = self.first.load(Ordering::Relaxed);
        let mut failed: Option<Failure> = None;
        for server in (0..self.each.len()).map(|nth| (first + nth) % self.each.len()) {
            match self.connect_to(server, tls).await {
                Ok(client) => {
                    self.first.store(server, Ordering::Relaxed);
                    return Ok(Connected { client, server, believed: self.believed.subscribe() });
                }
                Err(failure) if failed.as_ref().is_some_and(|known| known.weight() > failure.weight()) => {}
                Err(failure) => failed = Some(failure),
            }
        }
        Err(failed.unwrap_or_else(|| Failure::Other(Error::internal("an address without a server"))))
    }

    async fn connect_to(&self, server: usize, tls: &Tls) -> Result<Client, Failure> {
        let config = &self.each[server];
        let patience = config.get_connect_timeout().copied().unwrap_or(CONNECT);
        match tokio::time::timeout(patience, begin(config, tls)).await {
            Ok(begun) => {
                let (client, found) = begun?;
                self.require_not_replaced(config, found)?;
                Ok(client)
            }
            Err(_) => {
                self.silences.fetch_add(1, Ordering::Relaxed);
                self.put_behind(server);
                Err(Failure::silent(Silent { place: places(config), patience }))
            }
        }
    }

    /// A process never goes back to a primary that was replaced: what it would acknowledge there is gone when that one is
    /// set right.
    fn require_not_replaced(&self, config: &Config, found: Option<Server>) -> Result<(), Failure> {
        let Some(found) = found else { return Ok(()) };
        let mut latest = held(&self.latest);
        match *latest {
            Some(seen) if seen.cluster == found.cluster && found.timeline < seen.timeline => {
                Err(Failure::Lost(replaced(&places(config), found.timeline, seen.timeline)))
            }
            _ => {
                *latest = Some(found);
                Ok(())
            }
        }
    }

    /// A connection to this server, of this age, has waited in vain: it and all that are as old are not believed any more.
    pub(super) fn fell_silent(&self, server: usize, age: u64, patience: Duration) {
        let is_first_to_tell = self.believed.send_if_modified(|believed| {
            let is_news = *believed == age;
            *believed += u64::from(is_news);
            is_news
        });
        if is_first_to_tell {
            self.silences.fetch_add(1, Ordering::Relaxed);
            self.put_behind(server);
            let server = self.place(server);
            tracing::warn!(%server, "the database has said nothing for {patience:?} and counts as gone");
        }
    }

    /// Another one is asked before this one from now on.
    fn put_behind(&self, server: usize) {
        let next = (server + 1) % self.each.len();
        // Unless another has become the first since.
        let _ = self.first.compare_exchange(server, next, Ordering::Relaxed, Ordering::Relaxed);
    }
}

fn replaced(place: &str, timeline: u32, seen: u32) -> Error {
    let cause = format!(
        "the server {place} writes on timeline {timeline}, and one of timeline {seen} was seen: it is a primary that was \
         replaced, to which nothing is written until this process is started anew"
    );
    let sentence = "The database cannot be reached at the moment. Nothing was changed; try again shortly.";
    Error::unavailable(sentence, 2).caused_by(std::io::Error::other(cause))
}

async fn begin(config: &Config, tls: &Tls) -> Result<(Client, Option<Server>), tokio_postgres::Error> {
    let (client, driver) = config.connect(tls.clone()).await?;
    tokio::spawn(async move {
        // How it ended is learnt by the next caller.
        let _ = driver.await;
    });
    client.batch_execute(SESSION).await?;
    let found = timeline::ask(&client).await;
    Ok((client, found))
}

#[cfg(test)]
mod tests {
    use super::super::address;
    use super::*;

    fn servers(url: &str) -> Result<Servers> {
        Servers::of(&address::read(url).unwrap().0, Duration::from_secs(10))
    }

    #[test]
    fn hosts_addresses_and_ports_are_as_many_as_each_other() {
        for wrong in ["host=a,b hostaddr=192.0.2.1 user=u dbname=d", "host=a,b,c port=1,2 user=u dbname=d"] {
            assert!(servers(wrong).err().expect(wrong).message.contains("Name as many of each"));
        }
        assert_eq!(servers("hostaddr=192.0.2.1,192.0.2.2 user=u dbname=d").ok().unwrap().each.len(), 2);
    }

    #[test]
    fn a_primary_that_was_replaced_is_not_gone_back_to() {
        let servers = servers("postgres://u@a,b/d").ok().unwrap();
        let (config, seen) = (&servers.each[0], |cluster, timeline| Some(Server { cluster, timeline, started_at: 0 }));
        let takes = |found| servers.require_not_replaced(config, found).is_ok();
        assert_eq!([seen(1, 3), seen(1, 4), seen(1, 3), seen(1, 4), None].map(takes), [true, true, false, true, true]);
        assert_eq!(servers.latest(), seen(1, 4));
        assert!(takes(seen(2, 1)), "of another cluster nothing was seen");
    }

    #[test]
    fn one_silence_is_told_once_and_puts_its_server_behind_the_next() {
        let servers = servers("postgres://u@a,b/d").ok().unwrap();
        let first = || servers.first.load(Ordering::Relaxed);
        let (old, patience) = (servers.believed.subscribe(), Duration::from_secs(1));
        servers.fell_silent(0, 0, patience);
        servers.fell_silent(0, 0, patience);
        assert_eq!((*old.borrow(), servers.silences(), first()), (1, 1, 1));
        // What an older connection has to say changes nothing for those that were opened since.
        servers.fell_silent(1, 0, patience);
        assert_eq!((*servers.believed.subscribe().borrow(), first()), (1, 1));
        servers.fell_silent(1, 1, patience);
        assert_eq!(first(), 0);
    }
}
