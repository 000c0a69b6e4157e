//! Where the server is and how we speak to it.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::tls::Tls;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::tls;

/// How long one attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(3);
/// After so long without an answer from the other machine it counts as gone.
const SILENCE: Duration = Duration::from_secs(10);
/// Between the probes that find it out.
const PROBE: Duration = Duration::from_secs(2);

/// What the operator says of the server.
#[derive(Debug, Clone)]
pub struct PostgresSettings {
    /// `postgres://user:password@host/database`; several hosts, the one that takes writes is found.
    pub url: Secret<String>,
    /// PEM of certificates that may have signed the server's, beside those that this machine trusts.
    pub ca_file: Option<PathBuf>,
    /// Connections for reading at once; those for writing are [`super::WRITERS`] more.
    pub readers_max: usize,
    /// The schema in which the store lies, where that is not the role's own.
    pub schema: Option<&'static str>,
}

/// The same, understood.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: Tls,
}

impl Address {
    /// # Errors
    /// One sentence, without the password, when the address is none or would be spoken to in the clear over a network.
    pub(super) fn parse(settings: &PostgresSettings) -> Result<Self> {
        // Whoever asks for less than full verification gets full verification.
        let url = settings.url.expose().replace("sslmode=verify-full", "sslmode=require");
        let mut config: Config =
            url.replace("sslmode=verify-ca", "sslmode=require").parse().map_err(|_| unreadable())?;
        if config.get_dbname().is_none() || config.get_user().is_none() || config.get_hosts().is_empty() {
            return Err(unreadable());
        }
        let is_near = config.get_hosts().iter().all(is_near);
        match config.get_ssl_mode() {
            SslMode::Require => {}
            _ if is_near => _ = config.ssl_mode(SslMode::Disable),
            SslMode::Disable => {
                return Err(Error::invalid(
                    "store.postgres has sslmode=disable for a host beyond this machine: passwords' hashes would cross the \
                     network in the clear. Take it out; the server's certificate is then verified.",
                ));
            }
            _ => _ = config.ssl_mode(SslMode::Require),
        }
        if let Some(schema) = settings.schema {
            let options = config.get_options().unwrap_or_default();
            let options = format!("{options} -c search_path={schema}");
            config.options(options.trim_start());
        }
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        config.application_name("tenantry").connect_timeout(CONNECT).tcp_user_timeout(SILENCE);
        // The system's own interval would let a machine that lost its power be waited for more than a minute.
        config.keepalives_idle(SILENCE).keepalives_interval(PROBE).keepalives_retries(3);
        let extra = settings.ca_file.as_deref().map(std::fs::read).transpose();
        let extra =
            extra.map_err(|cause| Error::invalid(format!("store.postgres_ca_file cannot be read: {cause}.")))?;
        let tls = Tls(tls::client("the PostgreSQL server", extra.as_deref())?);
        Ok(Self { config, tls })
    }
}

/// Whether the address can be understood, and the certificates read.
///
/// # Errors
/// As [`Address::parse`].
pub fn check(settings: &PostgresSettings) -> Result<()> {
    Address::parse(settings).map(drop)
}

/// Whether the way to a host crosses no network.
fn is_near(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

fn unreadable() -> Error {
    Error::invalid(
        "store.postgres is not the address of a PostgreSQL database. It looks like \
         postgres://user:password@host/database; several hosts stand with commas between.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address> {
        let url = Secret::new(url.to_owned());
        Address::parse(&PostgresSettings { url, ca_file: None, readers_max: 1, schema: None })
    }

    #[test]
    fn a_way_across_a_network_is_protected_and_one_within_the_machine_need_not_be() {
        let mode = |url| parse(url).unwrap().config.get_ssl_mode();
        assert_eq!(mode("postgres://u:p@db1.example.com,db2.example.com/tenantry"), SslMode::Require);
        assert_eq!(mode("postgres://u:p@db.example.com/tenantry?sslmode=verify-full"), SslMode::Require);
        assert_eq!(mode("postgres://u:p@127.0.0.1:5433/tenantry"), SslMode::Disable);
        assert_eq!(mode("postgres://u@%2Frun%2Fpostgresql/tenantry"), SslMode::Disable);
        assert_eq!(mode("postgres://u:p@localhost/tenantry?sslmode=require"), SslMode::Require);
        assert!(parse("postgres://u:p@db.example.com/tenantry?sslmode=disable").is_err());
    }

    #[test]
    fn what_is_no_address_is_refused_without_its_password() {
        for url in ["", "mysql://u:hunter2@h/d", "postgres://u:hunter2@h", "postgres://u:hunter2@h/d?nonsense=1"] {
            let failure = parse(url).err().unwrap();
            assert!(!failure.message.contains("hunter2"), "{}", failure.message);
        }
    }
}
