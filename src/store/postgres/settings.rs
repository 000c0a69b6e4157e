//! Where the server is and how we speak to it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::address;
use super::servers::Servers;
use super::tls::Tls;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::tls;

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
    /// How long the server may say nothing to a look, or to a change that someone waits for; then it counts as gone. More
    /// than the three seconds for which a tenant is waited for.
    pub silence: Duration,
}

impl PostgresSettings {
    /// What `silence` is where nobody says otherwise.
    pub const SILENCE: Duration = Duration::from_secs(10);
}

/// The same, understood.
pub(super) struct Address {
    /// All servers in one, as words need it.
    pub(super) config: Config,
    pub(super) servers: Arc<Servers>,
    pub(super) tls: Tls,
}

impl Address {
    /// # Errors
    /// One sentence, without the password, when the address is none or would be spoken to in the clear over a network.
    pub(super) fn parse(settings: &PostgresSettings) -> Result<Self> {
        let (mut config, extra) = address::read(settings.url.expose())?;
        // Where an address is named too, that one is spoken to, whatever the host is called.
        let is_near = match config.get_hostaddrs() {
            [] => config.get_hosts().iter().all(is_near),
            addresses => addresses.iter().all(std::net::IpAddr::is_loopback),
        };
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
        let named = settings.ca_file.as_deref().map(|file| ("store.postgres_ca_file", file));
        let named =
            named.or(extra.root_file.as_deref().map(|file| ("The file of sslrootcert in store.postgres", file)));
        let read = |(what, file): (&str, &Path)| {
            std::fs::read(file).map_err(|cause| Error::invalid(format!("{what} cannot be read: {cause}.")))
        };
        let tls = Tls(tls::client("the PostgreSQL server", named.map(read).transpose()?.as_deref())?);
        let servers = Arc::new(Servers::of(&config, settings.silence)?);
        Ok(Self { config, servers, tls })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address> {
        let url = Secret::new(url.to_owned());
        let silence = PostgresSettings::SILENCE;
        Address::parse(&PostgresSettings { url, ca_file: None, readers_max: 1, schema: None, silence })
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
        assert_eq!(mode("host=localhost hostaddr=192.0.2.1 user=u dbname=d"), SslMode::Require);
        assert_eq!(mode("hostaddr=192.0.2.1 user=u dbname=d"), SslMode::Require);
        assert_eq!(mode("host=db.example.com hostaddr=127.0.0.1 user=u dbname=d"), SslMode::Disable);
    }
}
