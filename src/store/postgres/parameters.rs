//! What an administrator may say in the address of a database: every parameter that libpq knows is understood or refused
//! by its name, and any other is refused as unknown.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};

use super::servers::CONNECT;
use crate::error::{Error, Result};

/// After so long without an answer from the other machine's kernel it counts as gone; `servers` sees to a machine whose
/// kernel goes on.
const SILENCE: Duration = Duration::from_secs(10);
/// Between the probes that find it out.
const PROBE: Duration = Duration::from_secs(2);

/// What holds where the address says nothing else.
pub(super) fn begin(config: &mut Config) {
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    config.application_name(OUR_NAME).connect_timeout(CONNECT).tcp_user_timeout(SILENCE);
    // The system's own interval would let a machine that lost its power be waited for more than a minute.
    config.keepalives_idle(SILENCE).keepalives_interval(PROBE).keepalives_retries(3);
}

/// What of the address is not in the driver's own settings.
#[derive(Default)]
pub(super) struct Extra {
    /// Further certificates to trust, as `sslrootcert` names them.
    pub(super) root_file: Option<PathBuf>,
}

/// Takes one parameter.
///
/// # Errors
/// One sentence that names it, without its value where that may be secret.
pub(super) fn take(config: &mut Config, extra: &mut Extra, name: &str, value: &str) -> Result<()> {
    match name {
        "host" if value.starts_with('/') => _ = config.host_path(value),
        "host" => value.split(',').for_each(|host| _ = config.host(host)),
        "hostaddr" => {
            for address in value.split(',') {
                config.hostaddr(address.parse().map_err(|_| must("hostaddr", "an IP address"))?);
            }
        }
        "port" => {
            for port in value.split(',') {
                config.port(port.parse().map_err(|_| must("port", "a number from 1 to 65535"))?);
            }
        }
        "dbname" => _ = config.dbname(value),
        "user" => _ = config.user(value),
        "password" => _ = config.password(value),
        "options" => _ = config.options(value),
        "application_name" => _ = config.application_name(format!("{OUR_NAME}: {value}")),
        "fallback_application_name" => {}
        "sslmode" => _ = config.ssl_mode(mode(value)?),
        "sslrootcert" if value == "system" => {}
        "sslrootcert" => extra.root_file = Some(value.into()),
        _ => return time(config, name, value).unwrap_or_else(|| known(name, value)),
    }
    Ok(())
}

/// By what our sessions are told from those of other programs.
pub(super) const OUR_NAME: &str = "tenantry";

/// There is no "if offered": beyond this machine each of them means full verification.
fn mode(value: &str) -> Result<SslMode> {
    match value {
        "disable" => Ok(SslMode::Disable),
        "allow" | "prefer" => Ok(SslMode::Prefer),
        "require" | "verify-ca" | "verify-full" => Ok(SslMode::Require),
        _ => Err(must("sslmode", "disable, allow, prefer, require, verify-ca or verify-full")),
    }
}

/// Those that bound how long something is waited for; none for any other.
fn time(config: &mut Config, name: &str, value: &str) -> Option<Result<()>> {
    let within = |range: RangeInclusive<u64>, unit: &str| {
        let found = value.parse().ok().filter(|number| range.contains(number));
        found.ok_or_else(|| must(name, &format!("from {} to {}{unit}", range.start(), range.end())))
    };
    let seconds = |most| within(1..=most, " seconds").map(Duration::from_secs);
    Some(match name {
        "connect_timeout" => seconds(60).map(|wait| _ = config.connect_timeout(wait)),
        "keepalives_idle" => seconds(120).map(|idle| _ = config.keepalives_idle(idle)),
        "keepalives_interval" => seconds(60).map(|between| _ = config.keepalives_interval(between)),
        // The driver's own name for the same.
        "keepalives_count" | "keepalives_retries" => {
            within(1..=20, "").map(|count| _ = config.keepalives_retries(u32::try_from(count).unwrap_or(3)))
        }
        "tcp_user_timeout" => within(1_000..=120_000, " milliseconds")
            .map(|wait| _ = config.tcp_user_timeout(Duration::from_millis(wait))),
        _ => return None,
    })
}

/// Those that change nothing where they have the value that holds anyway, with that value.
const AS_IT_IS: [(&str, &[&str], &str); 14] = [
    ("channel_binding", &["disable", "prefer"], "the server's certificate is verified instead"),
    ("client_encoding", &["UTF8", "utf8", "UTF-8", "utf-8", "auto"], "it is always UTF8"),
    ("gssencmode", &["disable", "prefer"], "the connection is protected by TLS"),
    ("keepalives", &["1"], "a server that is gone must be found out"),
    ("load_balance_hosts", &["disable"], "the host that takes writes is found"),
    ("replication", &["false", "off", "no", "0"], "Tenantry replicates nothing"),
    ("requiressl", &["1"], "beyond this machine TLS is always required"),
    ("ssl_min_protocol_version", &["TLSv1.2"], "it is TLS 1.2 or 1.3"),
    ("ssl_max_protocol_version", &["TLSv1.3", ""], "it is TLS 1.2 or 1.3"),
    ("sslcertmode", &["disable", "allow"], "certificates of clients are not supported"),
    ("sslcompression", &["0"], "TLS is never compressed"),
    ("sslnegotiation", &["postgres"], "TLS is asked for in the protocol"),
    ("sslsni", &["1"], "the host is always named"),
    ("target_session_attrs", &["any", "read-write", "primary"], "the host that takes writes is always looked for"),
];

/// Those that are not supported, with what to do instead.
const REFUSED: [(&str, &str); 20] = [
    ("gssdelegation", "GSSAPI is not supported"),
    ("gsslib", "GSSAPI is not supported"),
    ("krbsrvname", "GSSAPI is not supported"),
    ("oauth_client_id", "sign-in by OAuth is not supported"),
    ("oauth_client_secret", "sign-in by OAuth is not supported"),
    ("oauth_issuer", "sign-in by OAuth is not supported"),
    ("oauth_scope", "sign-in by OAuth is not supported"),
    ("passfile", "give the password in the address; the address itself may stand in a file (store.postgres_file)"),
    ("require_auth", "the server chooses the method; the way to it is protected by TLS"),
    ("requirepeer", "protect the directory of the socket instead"),
    ("scram_client_key", "give the password instead"),
    ("scram_server_key", "give the password instead"),
    ("service", "write out what the service stands for"),
    ("servicefile", "write out what the service stands for"),
    ("sslcert", "certificates of clients are not supported; give a password"),
    ("sslcrl", "lists of revoked certificates are not read"),
    ("sslcrldir", "lists of revoked certificates are not read"),
    ("sslkey", "certificates of clients are not supported; give a password"),
    ("sslkeylogfile", "the keys of a connection are written nowhere"),
    ("sslpassword", "certificates of clients are not supported; give a password"),
];

fn known(name: &str, value: &str) -> Result<()> {
    if let Some((_, fine, why)) = AS_IT_IS.iter().find(|(known, ..)| *known == name) {
        return if fine.contains(&value) { Ok(()) } else { Err(not_supported(&format!("{name}={value}"), why)) };
    }
    if let Some((_, instead)) = REFUSED.iter().find(|(known, _)| *known == name) {
        return Err(not_supported(name, instead));
    }
    let hint = if name == "schema" { " For a schema of its own, say options=-csearch_path%3DNAME." } else { "" };
    Err(Error::invalid(format!(
        "store.postgres has the parameter {name}, which PostgreSQL's own clients do not know. Take it out.{hint}",
    )))
}

fn not_supported(what: &str, instead: &str) -> Error {
    Error::invalid(format!("store.postgres has {what}, which is not supported: {instead}. Take it out."))
}

fn must(name: &str, what: &str) -> Error {
    Error::invalid(format!("Parameter {name} of store.postgres must be {what}."))
}
