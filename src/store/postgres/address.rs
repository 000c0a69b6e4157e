//! The two forms of an address: `postgres://user:password@host/database?name=value` and `name=value name=value`.

use tokio_postgres::Config;

use super::parameters::{Extra, begin, take};
use crate::error::{Error, Result};

/// Reads an address.
///
/// # Errors
/// One sentence, without the password.
pub(super) fn read(address: &str) -> Result<(Config, Extra)> {
    let is_url = ["postgres://", "postgresql://"].iter().any(|begin| address.starts_with(begin));
    let (mut config, pairs) = if is_url { of_url(address)? } else { (Config::new(), words(address)?) };
    begin(&mut config);
    let mut extra = Extra::default();
    for (name, value) in pairs {
        take(&mut config, &mut extra, &name, &value)?;
    }
    let missing = [
        (config.get_dbname().is_none(), "database"),
        (config.get_user().is_none(), "user"),
        (config.get_hosts().is_empty() && config.get_hostaddrs().is_empty(), "host"),
    ];
    match missing.into_iter().find(|(is_missing, _)| *is_missing) {
        Some((_, what)) => Err(Error::invalid(format!("store.postgres names no {what}. {LOOKS_LIKE}"))),
        None => Ok((config, extra)),
    }
}

type Pairs = Vec<(String, String)>;

fn of_url(address: &str) -> Result<(Config, Pairs)> {
    let (place, query) = address.split_once('?').unwrap_or((address, ""));
    let config = place.parse().map_err(|_| unreadable())?;
    // In such an address a plus is a plus.
    let query = query.replace('+', "%2B");
    let pairs = form_urlencoded::parse(query.as_bytes());
    Ok((config, pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()))
}

/// Splits `name=value` pairs; a value may stand between single quotes, and a backslash takes the next sign as it is.
fn words(address: &str) -> Result<Pairs> {
    let mut signs = address.chars().peekable();
    let mut pairs = Vec::new();
    loop {
        while signs.next_if(|sign| sign.is_whitespace()).is_some() {}
        if signs.peek().is_none() {
            return if pairs.is_empty() { Err(unreadable()) } else { Ok(pairs) };
        }
        let mut name = String::new();
        while let Some(sign) = signs.next_if(|sign| *sign != '=') {
            name.push(sign);
        }
        if signs.next().is_none() || name.trim().contains(char::is_whitespace) {
            return Err(unreadable());
        }
        while signs.next_if(|sign| sign.is_whitespace()).is_some() {}
        pairs.push((name.trim().to_owned(), word(&mut signs)?));
    }
}

fn word(signs: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String> {
    let is_quoted = signs.next_if_eq(&'\'').is_some();
    let mut value = String::new();
    while let Some(sign) = signs.next_if(|sign| is_quoted || !sign.is_whitespace()) {
        match sign {
            '\'' if is_quoted => return Ok(value),
            '\\' => value.extend(signs.next()),
            sign => value.push(sign),
        }
    }
    if is_quoted { Err(unreadable()) } else { Ok(value) }
}

const LOOKS_LIKE: &str =
    "It looks like postgres://user:password@host/database; several hosts stand with commas between.";

fn unreadable() -> Error {
    Error::invalid(format!("store.postgres is not the address of a PostgreSQL database. {LOOKS_LIKE}"))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tokio_postgres::config::{Host, SslMode};

    use super::*;

    fn refusal(address: &str) -> String {
        let sentence = read(address).err().expect(address).message;
        assert!(!sentence.contains("hunter2") && !sentence.contains('\n'), "{sentence}");
        sentence
    }

    #[test]
    fn both_forms_say_the_same() {
        let url = "postgresql://tenantry:a%20b+c@db1,db2:5433/house?sslmode=verify-full&connect_timeout=5";
        let words = r"host=db1,db2 port=5432,5433 user = tenantry password='a b+c' dbname=house sslmode=verify-full connect_timeout=5";
        for address in [url, words] {
            let (config, _) = read(address).unwrap();
            assert_eq!(config.get_hosts(), [Host::Tcp("db1".into()), Host::Tcp("db2".into())]);
            assert_eq!((config.get_ports(), config.get_user()), (&[5432, 5433][..], Some("tenantry")));
            assert_eq!((config.get_password(), config.get_dbname()), (Some(&b"a b+c"[..]), Some("house")));
            assert_eq!(config.get_ssl_mode(), SslMode::Require);
        }
        let quoted = read(r"host=h user=u dbname=d password='it\'s \\ me'").unwrap().0;
        assert_eq!(quoted.get_password(), Some(&br"it's \ me"[..]));
    }

    #[test]
    fn a_socket_is_a_host() {
        let socket = [Host::Unix(PathBuf::from("/run/postgresql"))];
        for address in [
            "postgres://u@%2Frun%2Fpostgresql/d",
            "postgres:///d?host=/run/postgresql&user=u",
            "postgres://u@/d?host=%2Frun%2Fpostgresql",
            "host=/run/postgresql user=u dbname=d",
        ] {
            assert_eq!(read(address).unwrap().0.get_hosts(), socket, "{address}");
        }
    }

    #[rustfmt::skip]
    const UNDERSTOOD: &[&str] = &[
        "sslmode=allow", "sslrootcert=system", "sslrootcert=/etc/ssl/root.pem", "application_name=idm",
        "options=-cwork_mem%3D4MB", "target_session_attrs=read-write", "target_session_attrs=primary", "keepalives=1",
        "keepalives_idle=30", "keepalives_interval=5", "keepalives_count=3", "tcp_user_timeout=10000",
        "channel_binding=prefer", "gssencmode=disable", "client_encoding=UTF8", "hostaddr=192.0.2.1",
        "fallback_application_name=x", "sslnegotiation=postgres", "sslsni=1", "load_balance_hosts=disable",
        "ssl_min_protocol_version=TLSv1.2",
    ];
    #[rustfmt::skip]
    const BY_NAME: &[&str] = &[
        "sslmode=sometimes", "connect_timeout=0", "connect_timeout=ages", "target_session_attrs=standby",
        "keepalives=0", "keepalives_idle=0", "channel_binding=require", "gssencmode=require",
        "passfile=/root/.pgpass", "sslcert=c.pem", "sslkey=k.pem", "service=main",
        "require_auth=scram-sha-256", "requirepeer=postgres", "sslcrl=x", "replication=true",
        "client_encoding=LATIN1", "krbsrvname=x", "hostaddr=nowhere", "port=0x",
        "pgbouncer=true", "schema=x", "sslpassword=hunter2", "tcp_user_timeout=0",
        "sslnegotiation=direct",
    ];

    #[test]
    fn what_libpq_knows_is_understood_or_refused_by_name() {
        let with = |parameter: &str| format!("postgres://u:hunter2@h/d?{parameter}");
        for fine in UNDERSTOOD {
            assert!(read(&with(fine)).is_ok(), "{fine}: {:?}", read(&with(fine)).err().map(|refused| refused.message));
        }
        for refused in BY_NAME {
            let name = refused.split('=').next().unwrap();
            assert!(refusal(&with(refused)).contains(name), "{refused}: {}", refusal(&with(refused)));
        }
    }

    #[test]
    fn what_is_missing_is_named_and_the_password_is_not() {
        for (address, says) in [
            ("", "is not the address"),
            ("mysql://u:hunter2@h/d", "is not the address"),
            ("postgres://u:hunter2@h", "names no database"),
            ("postgres://h/d", "names no user"),
            ("postgres://u:hunter2@/d", "names no host"),
            ("postgres://u:hunter2@h:port/d", "is not the address"),
            ("host=h user=u password='hunter2 dbname=d", "is not the address"),
            ("postgres://u:hunter2@h/d?nonsense=1", "nonsense"),
        ] {
            assert!(refusal(address).contains(says), "{address}: {}", refusal(address));
        }
    }
}
