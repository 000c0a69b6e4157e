//! Opens the parts of one process for the code that needs them.

mod check;
mod failure;
mod live;
mod local_socket;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::sync::Notify;

use crate::audit::AuditKey;
use crate::clock::Clock;
use crate::config::{Config, PublicUrl, SmtpSecurity};
use crate::devices;
use crate::error::{Error, Result};
use crate::housekeeping::Housekeeping;
use crate::http::{Bucket, Metrics};
use crate::keys::Keys;
use crate::logs::Dropped;
use crate::mail::carrier::Carrier;
use crate::mail::mailbox::MailboxStore;
use crate::mail::smtp::{Relay, RelaySettings, Security};
use crate::outbound::Outbound;
use crate::passwords::{Cost, Hasher};
use crate::random::Random;
use crate::reset::Resets;
use crate::sign_in::SignIn;
use crate::signing::Signer;
use crate::store::{PostgresSettings, Scope, Settings, Store};
use crate::tenants;
use crate::webhooks::Webhooks;

pub use self::check::not_listened;
pub use self::failure::PAGES;
pub use self::live::{Changing, Live};
pub use self::local_socket::{LocalSocket, local_socket};

/// The parts of one process.
pub struct House {
    /// The store.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The source of random bytes.
    pub random: Random,
    /// The server's own keys.
    pub keys: Keys,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// The room of resets.
    pub resets: Resets,
    /// The room of sign-in.
    pub sign_in: SignIn,
    /// Takes away what is over.
    pub housekeeping: Housekeeping,
    /// The metrics.
    pub metrics: Metrics,
    /// The mailbox of the dev mode, where no relay is set.
    pub mailbox: Option<MailboxStore>,
    /// Set when the process is about to stop.
    pub is_draining: Arc<AtomicBool>,
    /// The settings.
    pub config: Config,
    /// The public URL.
    pub public_url: PublicUrl,
    /// How mails are sent.
    pub carrier: Arc<Carrier>,
    /// Calls the URLs that tenants choose.
    pub outbound: Outbound,
    /// Settings that can change while the process runs.
    pub changing: Changing,
    /// Tells that a file was uploaded, or is to be gone on with.
    pub uploads: Arc<Notify>,
    /// The number of log lines dropped for want of room.
    pub dropped_lines: Dropped,
    /// The certificate with which the server itself speaks TLS; without one it speaks plain HTTP, to a proxy.
    pub certificate: Option<Arc<ServerConfig>>,
}

impl House {
    /// Opens the store, the keys and the connection pool of the relay.
    ///
    /// # Errors
    /// One sentence that names the obstacle.
    pub fn open(config: Config, clock: Clock, random: Random) -> Result<Self> {
        let public_url = config
            .http
            .public_url
            .clone()
            .ok_or_else(|| Error::invalid("http.public_url is not set: links need it."))?;
        let store = Store::open(&store_settings(&config), clock.now())?;
        let keys = keys(&store, &config, &random)?;
        let hasher = hasher(&config, &random)?;
        let (carrier, mailbox) = carrier(&config, &clock)?;
        let carrier = Arc::new(carrier);
        Ok(Self {
            resets: Resets::new(
                &store,
                keys.clone(),
                hasher.clone(),
                public_url.is_https(),
                config.http.base_domain.clone(),
            ),
            sign_in: SignIn {
                hasher: hasher.clone(),
                is_https: public_url.is_https(),
                // Enough for one person, and for a whole office behind one address.
                attempts: Arc::new(Bucket::new(60, 600)),
                keys: keys.clone(),
                device_key: devices::key(&keys),
            },
            housekeeping: Housekeeping::new(&store, &clock, &random, AuditKey::of(&keys)),
            metrics: Metrics::default(),
            is_draining: Arc::default(),
            store,
            clock,
            random,
            keys,
            hasher,
            mailbox,
            outbound: Outbound::new(config.outbound.allowed_networks.clone(), config.outbound.ca_file.clone()),
            changing: Changing::of(&config),
            uploads: Arc::default(),
            dropped_lines: Dropped::default(),
            certificate: None,
            config,
            public_url,
            carrier,
        })
    }

    /// The parts that accept new settings while the process runs.
    pub fn live(&self) -> Live {
        Live { keys: self.keys.clone(), carrier: Arc::clone(&self.carrier), changing: self.changing.clone() }
    }

    /// What the room of webhooks needs.
    pub fn webhooks(&self) -> Webhooks {
        Webhooks::new(&self.keys, &self.outbound, &self.clock)
    }

    /// What signs for people outside.
    pub fn signer(&self) -> Signer {
        Signer::new(&self.keys, self.config.installation())
    }

    /// What a hash costs here.
    pub fn cost(&self) -> Cost {
        cost(&self.config)
    }

    /// The key that signs the links of the audit chain.
    pub fn audit_key(&self) -> AuditKey {
        AuditKey::of(&self.keys)
    }
}

/// The store's part of the settings.
pub fn store_settings(config: &Config) -> Settings {
    let store = &config.store;
    let postgres = store.postgres.as_ref().map(|url| PostgresSettings {
        url: url.clone(),
        ca_file: store.postgres_ca_file.clone(),
        readers_max: store.postgres_readers_max as usize,
        schema: None,
        silence: Duration::from_secs(store.postgres_silence_seconds.into()),
    });
    Settings { data_dir: store.data_dir.clone(), postgres, queue_max: store.queue_max as usize }
}

/// Opens the server's own keys. A key file is made only for a store without a tenant: with a new one beside any other
/// store, every link would count as dead and every audit chain as forged.
///
/// # Errors
/// One sentence when the file is missing or cannot be read.
pub fn keys(store: &Store, config: &Config, random: &Random) -> Result<Keys> {
    let is_new = store.read(Scope::HOUSE, |tx| tenants::ids_after(tx, None, 1))?.is_empty();
    Keys::open(&config.links.key_file, is_new, random)
}

fn cost(config: &Config) -> Cost {
    let passwords = &config.passwords;
    Cost { memory_kib: passwords.memory_kib, iterations: passwords.iterations, parallelism: passwords.parallelism }
}

fn hasher(config: &Config, random: &Random) -> Result<Hasher> {
    let passwords = &config.passwords;
    let threads = match passwords.threads {
        0 => Hasher::default_threads(),
        threads => threads as usize,
    };
    let queue = match passwords.queue_max {
        0 => threads * Hasher::QUEUE_PER_THREAD,
        queue => queue as usize,
    };
    Hasher::start(cost(config), threads, queue, random.clone())
}

/// The relay, or the dev mailbox if no relay is set: `serve` refuses to start without a relay.
fn carrier(config: &Config, clock: &Clock) -> Result<(Carrier, Option<MailboxStore>)> {
    match &config.smtp.host {
        Some(host) => Ok((Carrier::relay(relay(config, host)?), None)),
        None => {
            let mailbox = MailboxStore::open(&config.store.data_dir.join("mailbox.jsonl"), clock.clone())?;
            Ok((Carrier::mailbox(mailbox.clone()), Some(mailbox)))
        }
    }
}

/// A connection pool for the relay, as configured.
///
/// # Errors
/// One sentence if the settings cannot work.
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
