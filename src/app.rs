//! Puts the parts together, starts them, and stops them in order.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::audit::{self, AuditKey};
use crate::clock::Clock;
use crate::config::{Config, PublicUrl, SmtpSecurity};
use crate::dev::Dev;
use crate::error::{Error, Result};
use crate::gate::HouseGate;
use crate::housekeeping;
use crate::http::{Bucket, Limits, Metrics, Router, Server};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::mail::carrier::Carrier;
use crate::mail::mailbox::MailboxStore;
use crate::mail::outbox::Outbox;
use crate::mail::smtp::{Relay, RelaySettings, Security};
use crate::operations::operations;
use crate::passwords::{Cost, Hasher};
use crate::random::Random;
use crate::reset::{Letters, Resets};
use crate::sign_in::SignIn;
use crate::store::{self, Store};

/// The parts of one process.
pub struct House {
    /// The store.
    pub store: Store,
    /// Tells the time.
    pub clock: Clock,
    /// Gives random bytes.
    pub random: Random,
    /// The server's own keys.
    pub keys: Keys,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// The room of resets.
    pub resets: Resets,
    /// The room of sign-in.
    pub sign_in: SignIn,
    /// Figures.
    pub metrics: Metrics,
    /// What the dev mode adds.
    pub dev: Option<Dev>,
    /// Set when the process is about to end.
    pub is_draining: Arc<AtomicBool>,
    /// The settings.
    pub config: Config,
    public_url: PublicUrl,
    carrier: Arc<Carrier>,
}

impl House {
    /// Opens the store, the keys and the way to the relay.
    ///
    /// # Errors
    /// One sentence that says what is in the way.
    pub fn open(config: Config, clock: Clock, random: Random) -> Result<Self> {
        let public_url = config
            .http
            .public_url
            .clone()
            .ok_or_else(|| Error::invalid("http.public_url is not set: links need it."))?;
        let settings =
            store::Settings { data_dir: config.store.data_dir.clone(), queue_max: config.store.queue_max as usize };
        let store = Store::open(&settings, clock.now())?;
        let keys = Keys::open(&config.links.key_file, &random)?;
        let hasher = hasher(&config, &random)?;
        let (carrier, mailbox) = carrier(&config, &clock)?;
        let carrier = Arc::new(carrier);
        let dev = mailbox.map(|mailbox| Dev::new(mailbox, clock.clone(), Arc::clone(&carrier), store.clone()));
        Ok(Self {
            resets: Resets::new(&store, keys.clone(), hasher.clone()),
            sign_in: SignIn {
                hasher: hasher.clone(),
                is_https: public_url.is_https(),
                // A person needs a few; a whole office behind one address some more.
                attempts: Arc::new(Bucket::new(60, 600)),
                device_key: keys.lasting("known device"),
            },
            metrics: Metrics::default(),
            is_draining: Arc::default(),
            store,
            clock,
            random,
            keys,
            hasher,
            dev,
            config,
            public_url,
            carrier,
        })
    }

    /// Whether clients reach us by https.
    pub fn is_https(&self) -> bool {
        self.public_url.is_https()
    }

    /// Serves until `until` ends, then drains: the requests at hand, the mails on their way, the store.
    ///
    /// # Errors
    /// `Internal` when the table of operations is not sound.
    pub async fn serve(self, listener: TcpListener, until: impl Future<Output = ()>) -> Result<()> {
        let router = Router::new(operations(&self), &self.metrics)?;
        let gate = HouseGate::new(
            self.store.clone(),
            &self.public_url,
            self.config.http.base_domain.clone(),
            self.dev.as_ref().map(Dev::trouble),
        );
        let server = Server::new(
            router,
            Arc::new(gate),
            self.store.clone(),
            (self.clock.clone(), self.random.clone()),
            self.limits(),
            Arc::clone(&self.is_draining),
        );
        let (stop, stopped) = watch::channel(false);
        let workers = self.workers(&stopped)?;
        server.serve(listener, until).await;
        let _ = stop.send(true);
        // What is still on its way after the drain is leased, and leaves with the next process.
        let _ = tokio::time::timeout(self.drain(), workers.join_all()).await;
        self.store.close();
        Ok(())
    }

    /// What runs beside the requests: mails leave, audit records are sealed, what is over is tidied away.
    fn workers(&self, stopped: &watch::Receiver<bool>) -> Result<JoinSet<()>> {
        let mut workers = JoinSet::new();
        workers.spawn(self.outbox()?.run(stopped.clone()));
        let (store, clock) = (self.store.clone(), self.clock.clone());
        workers.spawn(audit::seal::run(store.clone(), self.audit_key(), clock.clone(), stopped.clone()));
        workers.spawn(housekeeping::run(store, clock, stopped.clone()));
        Ok(workers)
    }

    /// The key that signs the links of the audit chain.
    pub fn audit_key(&self) -> AuditKey {
        AuditKey::new(self.keys.lasting("audit chain"))
    }

    fn outbox(&self) -> Result<Outbox> {
        let letters = Arc::new(Letters::new(self.keys.clone(), self.public_url.clone()));
        let parts = (self.clock.clone(), self.random.clone());
        let from = Email::parse(&self.config.smtp.from)?;
        Ok(Outbox::new(self.store.clone(), parts, letters, Arc::clone(&self.carrier), from))
    }

    fn drain(&self) -> Duration {
        Duration::from_secs(self.config.http.drain_seconds.into())
    }

    fn limits(&self) -> Limits {
        let http = &self.config.http;
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let networks = http.trusted_proxies.clone();
        Limits {
            connections_max: http.connections_max as usize,
            connections_per_address_max: http.connections_per_address_max as usize,
            header: seconds(http.header_seconds),
            body: seconds(http.body_seconds),
            request: seconds(http.deadline_seconds),
            drain: seconds(http.drain_seconds),
            trusted_proxies: Arc::new(move |address| networks.iter().any(|network| network.contains(address))),
            is_https: self.is_https(),
        }
    }
}

fn hasher(config: &Config, random: &Random) -> Result<Hasher> {
    let passwords = &config.passwords;
    let cost =
        Cost { memory_kib: passwords.memory_kib, iterations: passwords.iterations, parallelism: passwords.parallelism };
    let threads = match passwords.threads {
        0 => Hasher::default_threads(),
        threads => threads as usize,
    };
    Hasher::start(cost, threads, passwords.queue_max as usize, random.clone())
}

/// The relay, or the mailbox where no relay is set: `serve` refuses to start without one.
fn carrier(config: &Config, clock: &Clock) -> Result<(Carrier, Option<MailboxStore>)> {
    match &config.smtp.host {
        Some(host) => Ok((Carrier::relay(relay(config, host)?), None)),
        None => {
            let mailbox = MailboxStore::open(&config.store.data_dir.join("mailbox.jsonl"), clock.clone())?;
            Ok((Carrier::mailbox(mailbox.clone()), Some(mailbox)))
        }
    }
}

/// The connections to the relay that the settings describe.
///
/// # Errors
/// One sentence when they cannot work.
pub fn relay(config: &Config, host: &str) -> Result<Relay> {
    let smtp = &config.smtp;
    let roots = smtp.ca_file.as_deref().map(read).transpose()?;
    Relay::new(RelaySettings {
        security: match smtp.security {
            SmtpSecurity::Starttls => Security::StartTls,
            SmtpSecurity::Tls => Security::Tls,
            SmtpSecurity::None => Security::None,
        },
        username: smtp.username.clone(),
        password: smtp.password.clone(),
        connections_max: smtp.connections_max as usize,
        timeout_seconds: smtp.timeout_seconds.into(),
        extra_roots_pem: roots,
        hello_name: smtp.hello_name.clone(),
        ..RelaySettings::new(host, smtp.port)
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|cause| Error::invalid(format!("smtp.ca_file {} cannot be read: {cause}.", path.display())))
}
