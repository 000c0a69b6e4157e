//! The servers that an address names: which of them is asked first, and which connections to them are still believed.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::connection::SESSION;
use super::failure::{Failure, Silent};
use super::tls::Tls;
use crate::error::{Error, Result};

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
    /// Silences so far, those of servers that took a connection and went no further included.
    silences: AtomicU64,
    short: Duration,
}

/// A connection that has just been made.
pub(super) struct Connected {
    pub(super) client: tokio_postgres::Client,
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
                // That one of them says nothing tells more than that another takes no writes.
                Err(_) if failed.as_ref().is_some_and(Failure::is_silent) => {}
                Err(failure) => failed = Some(failure),
            }
        }
        Err(failed.unwrap_or_else(|| Failure::Other(Error::internal("an address without a server"))))
    }

    async fn connect_to(&self, server: usize, tls: &Tls) -> Result<tokio_postgres::Client, Failure> {
        let config = &self.each[server];
        let patience = config.get_connect_timeout().copied().unwrap_or(CONNECT);
        match tokio::time::timeout(patience, begin(config, tls)).await {
            Ok(client) => Ok(client?),
            Err(_) => {
                self.silences.fetch_add(1, Ordering::Relaxed);
                self.put_behind(server);
                Err(Failure::silent(Silent { place: places(config), patience }))
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

async fn begin(config: &Config, tls: &Tls) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, driver) = config.connect(tls.clone()).await?;
    tokio::spawn(async move {
        // How it ended is learnt by whoever asks next.
        let _ = driver.await;
    });
    client.batch_execute(SESSION).await?;
    Ok(client)
}

/// The same way to one of the servers alone. The driver lets nobody take a host away, so all the rest is told again.
fn only(all: &Config, nth: usize) -> Config {
    let mut one = Config::new();
    match all.get_hosts().get(nth) {
        Some(Host::Tcp(name)) => _ = one.host(name),
        Some(Host::Unix(path)) => _ = one.host_path(path),
        None => {}
    }
    all.get_hostaddrs().get(nth).into_iter().for_each(|address| _ = one.hostaddr(*address));
    let ports = all.get_ports();
    ports.get(nth).or(ports.first()).into_iter().for_each(|port| _ = one.port(*port));
    all.get_user().into_iter().for_each(|user| _ = one.user(user));
    all.get_password().into_iter().for_each(|password| _ = one.password(password));
    all.get_dbname().into_iter().for_each(|name| _ = one.dbname(name));
    all.get_options().into_iter().for_each(|options| _ = one.options(options));
    all.get_application_name().into_iter().for_each(|name| _ = one.application_name(name));
    all.get_connect_timeout().into_iter().for_each(|wait| _ = one.connect_timeout(*wait));
    all.get_tcp_user_timeout().into_iter().for_each(|wait| _ = one.tcp_user_timeout(*wait));
    all.get_keepalives_interval().into_iter().for_each(|wait| _ = one.keepalives_interval(wait));
    all.get_keepalives_retries().into_iter().for_each(|count| _ = one.keepalives_retries(count));
    one.keepalives(all.get_keepalives()).keepalives_idle(all.get_keepalives_idle());
    one.ssl_mode(all.get_ssl_mode()).ssl_negotiation(all.get_ssl_negotiation());
    one.channel_binding(all.get_channel_binding()).target_session_attrs(all.get_target_session_attrs());
    one
}

/// The servers of a configuration with their ports, for words.
pub(super) fn places(config: &Config) -> String {
    let ports = config.get_ports();
    let port = |nth: usize| ports.get(nth).or(ports.first()).copied().unwrap_or(5432);
    let place = |(nth, host): (usize, String)| format!("{host}:{}", port(nth));
    hosts(config).into_iter().enumerate().map(place).collect::<Vec<_>>().join(", ")
}

/// The servers of a configuration by name, or by address where they have none.
pub(super) fn hosts(config: &Config) -> Vec<String> {
    let shown = |host: &Host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    };
    match config.get_hosts() {
        [] => config.get_hostaddrs().iter().map(ToString::to_string).collect(),
        hosts => hosts.iter().map(shown).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::address;
    use super::*;

    fn servers(url: &str) -> Result<Servers> {
        Servers::of(&address::read(url).unwrap().0, Duration::from_secs(10))
    }

    #[test]
    fn each_server_of_an_address_is_reached_as_all_of_them_were() {
        let url = "postgresql://tenantry:secret@db1,db2:5433/house?connect_timeout=5&options=-cwork_mem%3D4MB\
                   &tcp_user_timeout=9000&keepalives_idle=30&keepalives_interval=5&keepalives_count=4&application_name=a";
        let (all, _) = address::read(url).unwrap();
        let alone = |host: &str, port: u16| {
            let url = url.replace("db1,db2:5433", &format!("{host}:{port}"));
            address::read(&url).unwrap().0
        };
        assert_eq!(only(&all, 0), alone("db1", 5432));
        assert_eq!(only(&all, 1), alone("db2", 5433));
        let (both, _) = address::read("host=a,b hostaddr=192.0.2.1,192.0.2.2 port=7 user=u dbname=d").unwrap();
        assert_eq!(only(&both, 1), address::read("host=b hostaddr=192.0.2.2 port=7 user=u dbname=d").unwrap().0);
    }

    #[test]
    fn hosts_addresses_and_ports_are_as_many_as_each_other() {
        for wrong in ["host=a,b hostaddr=192.0.2.1 user=u dbname=d", "host=a,b,c port=1,2 user=u dbname=d"] {
            assert!(servers(wrong).err().expect(wrong).message.contains("Name as many of each"));
        }
        assert_eq!(servers("hostaddr=192.0.2.1,192.0.2.2 user=u dbname=d").ok().unwrap().each.len(), 2);
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
