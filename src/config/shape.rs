//! The settings as the rest of the product sees them: plain structs, with the unit in each field's name.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use super::public_url::PublicUrl;
use crate::network::Network;
use crate::secret::Secret;

/// All settings of one process. The table of settings says what each one means.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is a row of SETTINGS, which carries its meaning")]
pub struct Config {
    pub http: Http,
    pub store: Store,
    pub links: Links,
    pub reset: Reset,
    pub passwords: Passwords,
    pub sessions: Sessions,
    pub smtp: Smtp,
    pub outbound: Outbound,
    pub syslog: Syslog,
    pub log: Log,
    pub metrics: Metrics,
}

impl Config {
    /// What the installation is called where it signs for others: the domain of its tenants, or its only host.
    pub fn installation(&self) -> &str {
        let host = || self.http.public_url.as_ref().map_or("localhost", PublicUrl::host);
        Some(self.http.base_domain.as_str()).filter(|domain| !domain.is_empty()).unwrap_or_else(host)
    }
}

/// The listener, its limits, and where people find it.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is a row of SETTINGS, which carries its meaning")]
pub struct Http {
    pub listen: SocketAddr,
    /// Always set in `serve`, which refuses to start without it.
    pub public_url: Option<PublicUrl>,
    /// Empty if tenants have no hosts of their own; then the credential alone names the tenant.
    pub base_domain: String,
    pub trusted_proxies: Vec<Network>,
    pub connections_max: u32,
    pub connections_per_address_max: u32,
    pub reads_max: u32,
    pub writes_max: u32,
    pub header_seconds: u32,
    pub idle_seconds: u32,
    pub body_seconds: u32,
    pub deadline_seconds: u32,
    pub drain_seconds: u32,
}

/// The embedded store.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is a row of SETTINGS, which carries its meaning")]
pub struct Store {
    pub data_dir: PathBuf,
    pub queue_max: u32,
    pub postgres: Option<Secret<String>>,
    pub postgres_ca_file: Option<PathBuf>,
    pub postgres_readers_max: u32,
    pub postgres_silence_seconds: u32,
    pub on_lost_history: OnLostHistory,
}

/// The one-time links.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is a row of SETTINGS, which carries its meaning")]
pub struct Links {
    pub lifetime_minutes: u32,
    pub key_file: PathBuf,
}

/// Bounds that keep resets from being misused.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is a row of SETTINGS, which carries its meaning")]
pub struct Reset {
    pub repeat_window_seconds: u32,
    pub mails_per_user_per_hour: u32,
    /// 0 means the larger of 50 and 2 % of the tenant's users; `u32::MAX` is no limit (`dev`).
    pub budget_per_person_per_hour: u32,
}

/// Argon2id and its queue.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is a row of SETTINGS, which carries its meaning")]
pub struct Passwords {
    pub memory_kib: u32,
    pub iterations: u32,
    pub parallelism: u32,
    /// 0 means one for each core.
    pub threads: u32,
    /// 0 means [`crate::passwords::Hasher::QUEUE_PER_THREAD`] for each thread.
    pub queue_max: u32,
}

/// How long people stay signed in.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is a row of SETTINGS, which carries its meaning")]
pub struct Sessions {
    pub idle_minutes: u32,
    pub absolute_minutes: u32,
}

/// The mail relay.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is a row of SETTINGS, which carries its meaning")]
pub struct Smtp {
    /// Always set in `serve`; `None` in `dev`, which has a mailbox of its own.
    pub host: Option<String>,
    pub port: u16,
    pub security: SmtpSecurity,
    pub username: Option<String>,
    pub password: Option<Secret<String>>,
    pub connections_max: u32,
    pub timeout_seconds: u32,
    pub ca_file: Option<PathBuf>,
    pub from: String,
    pub hello_name: String,
}

/// Calls of URLs that tenants choose.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is a row of SETTINGS, which carries its meaning")]
pub struct Outbound {
    pub allowed_networks: Vec<Network>,
    pub ca_file: Option<PathBuf>,
}

/// The receiver of the signed ends of audit logs.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is a row of SETTINGS, which carries its meaning")]
pub struct Syslog {
    pub host: Option<String>,
    pub port: u16,
    pub ca_file: Option<PathBuf>,
}

/// What is written to standard error.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "each field is a row of SETTINGS, which carries its meaning")]
pub struct Log {
    pub format: LogFormat,
    pub level: LogLevel,
}

/// Who may read `/metrics`.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is a row of SETTINGS, which carries its meaning")]
pub struct Metrics {
    pub token: Option<Secret<String>>,
}

/// Gives an enum its words, the same in the file, in the environment and in explanations.
macro_rules! words {
    ($name:ident: $($variant:ident = $word:literal),+) => {
        impl $name {
            /// The words, as they are written in the configuration.
            pub(super) const WORDS: &'static [&'static str] = &[$($word),+];
        }

        impl FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $word),+ })
            }
        }
    };
}

/// How the connection to the mail relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// Plain at first, then TLS, which is required (RFC 3207).
    Starttls,
    /// TLS from the first byte (RFC 8314 § 3.3).
    Tls,
    /// No TLS; allowed only for a relay on this machine.
    None,
}
words!(SmtpSecurity: Starttls = "starttls", Tls = "tls", None = "none");

/// What happens to writes once the database is found to have lost acknowledged changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnLostHistory {
    /// Writes go on; the loss is reported.
    GoOn,
    /// Writes are refused until the server is restarted.
    StopWriting,
}
words!(OnLostHistory: GoOn = "go-on", StopWriting = "stop-writing");

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object in a line.
    Json,
}
words!(LogFormat: Text = "text", Json = "json");

/// The least important line that is still written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}
words!(LogLevel: Error = "error", Warn = "warn", Info = "info", Debug = "debug", Trace = "trace");
