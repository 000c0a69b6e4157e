//! Why a server cannot be used at the start, and the statement that mends it: at the start there is an operator who can.

use std::error::Error as _;
use std::io;

use tokio_postgres::Config;
use tokio_postgres::error::{DbError, SqlState};

use super::failure::Silent;
use super::named::{hosts, places};
use crate::error::{Error, Kind};
use crate::tls::complaint;

/// The same error, told so that the operator can mend it.
pub(super) fn at_start(config: &Config, error: Error) -> Error {
    if let Some(silent) = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<Silent>()) {
        let message = no_answer(&places(config), &silent.to_string());
        return Error { message, ..error };
    }
    let Some(cause) = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<tokio_postgres::Error>()) else {
        return error;
    };
    let known = match cause.as_db_error() {
        Some(said) => of_server(&Role::of(config), said),
        None => of_the_way(config, cause),
    };
    let kind = if error.kind == Kind::Internal { Kind::Conflict } else { error.kind };
    let message = known.unwrap_or_else(|| {
        format!("The PostgreSQL server of store.postgres cannot be used: {}.", chain(cause).trim_end_matches('.'))
    });
    Error { kind, message, ..error }
}

/// Who connects to what, as they stand in a statement.
struct Role {
    name: String,
    database: String,
}

impl Role {
    fn of(config: &Config) -> Self {
        let quoted = |name: Option<&str>| quoted(name.unwrap_or_default());
        Self { name: quoted(config.get_user()), database: quoted(config.get_dbname()) }
    }
}

/// A name as SQL takes it.
fn quoted(name: &str) -> String {
    let mut signs = name.chars();
    let is_plain = signs.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_')
        && signs.all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_');
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

fn of_server(role: &Role, said: &DbError) -> Option<String> {
    let Role { name, database } = role;
    let words = said.message();
    Some(match *said.code() {
        SqlState::INVALID_CATALOG_NAME => format!(
            "There is no database {database} on the server of store.postgres. Make it: \
             `CREATE DATABASE {database} OWNER {name} ENCODING 'UTF8' TEMPLATE template0;`"
        ),
        SqlState::INVALID_PASSWORD => format!(
            "The server of store.postgres refuses the password of role {name}, or has no such role. Correct store.postgres, \
             or say `ALTER ROLE {name} PASSWORD '…';` or `CREATE ROLE {name} LOGIN PASSWORD '…';`"
        ),
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => not_let_in(role, words),
        SqlState::INSUFFICIENT_PRIVILEGE => may_not(role, words),
        SqlState::INVALID_SCHEMA_NAME => format!(
            "Role {name} may use no schema of database {database}. Make one of its own there: \
             `CREATE SCHEMA AUTHORIZATION {name};`"
        ),
        SqlState::TOO_MANY_CONNECTIONS => too_many(role, words),
        SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE if words.contains("not currently accepting connections") => {
            format!("Database {database} takes no connections: `ALTER DATABASE {database} ALLOW_CONNECTIONS true;`")
        }
        SqlState::READ_ONLY_SQL_TRANSACTION => format!(
            "Database {database} takes no writes. Name the primary in store.postgres; or, if it is one: \
             `ALTER DATABASE {database} SET default_transaction_read_only = off;` and \
             `ALTER ROLE {name} RESET default_transaction_read_only;`"
        ),
        SqlState::UNDEFINED_OBJECT | SqlState::CANT_CHANGE_RUNTIME_PARAM | SqlState::INVALID_PARAMETER_VALUE => {
            format!(
                "The server of store.postgres refuses a parameter of options: {words}. Take it out of store.postgres."
            )
        }
        _ => return None,
    })
}

fn not_let_in(Role { name, database }: &Role, words: &str) -> String {
    if words.contains("does not exist") {
        format!("There is no role {name} on the server of store.postgres: `CREATE ROLE {name} LOGIN PASSWORD '…';`")
    } else if words.contains("not permitted to log in") {
        format!("Role {name} may not log in: `ALTER ROLE {name} LOGIN;`")
    } else {
        format!(
            "The server of store.postgres does not let role {name} in from here ({words}). Add a line to its pg_hba.conf, \
             such as \"hostssl {database} {name} ADDRESS/32 scram-sha-256\", then `SELECT pg_reload_conf();`"
        )
    }
}

fn may_not(Role { name, database }: &Role, words: &str) -> String {
    let after = |begin: &str| words.split_once(begin).map(|(_, what)| quoted(what.trim_matches(['"', ' '])));
    if let Some(schema) = after("permission denied for schema ") {
        format!(
            "Role {name} may not make tables in schema {schema} of database {database}. There, as its owner, say \
             `GRANT USAGE, CREATE ON SCHEMA {schema} TO {name};`"
        )
    } else if words.contains("permission denied for database") {
        let rights = "CONNECT, CREATE, TEMPORARY";
        format!("Role {name} lacks a right on database {database}: `GRANT {rights} ON DATABASE {database} TO {name};`")
    } else if let Some(table) = after("must be owner of table ").or_else(|| after("permission denied for table ")) {
        format!(
            "Table {table} of database {database} belongs to another role than {name}. Connect as that one, or give {name} \
             every table of the store, this one by `ALTER TABLE {table} OWNER TO {name};`"
        )
    } else {
        format!("Role {name} lacks a right in database {database}: {words}. Grant it as its owner.")
    }
}

fn too_many(Role { name, database }: &Role, words: &str) -> String {
    if words.contains("for role") {
        format!("Role {name} has all the connections that it may have: `ALTER ROLE {name} CONNECTION LIMIT -1;`")
    } else if words.contains("for database") {
        format!(
            "Database {database} has all the connections that it may have: \
             `ALTER DATABASE {database} CONNECTION LIMIT -1;`"
        )
    } else {
        format!(
            "The server of store.postgres has no connection left ({words}). Raise its limit: \
             `ALTER SYSTEM SET max_connections = 200;`, then start it anew; or lower store.postgres_readers_max."
        )
    }
}

/// What goes wrong before the server has said anything.
fn of_the_way(config: &Config, cause: &tokio_postgres::Error) -> Option<String> {
    let (places, words, Role { name, database }) = (places(config), chain(cause), Role::of(config));
    let io = cause.source().and_then(|below| below.downcast_ref::<io::Error>());
    if let Some(tls) = io.filter(|io| io.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())) {
        let host = last_host(config);
        let why = complaint(&host, "store.postgres_ca_file", tls);
        return Some(format!("TLS with the PostgreSQL server {host} failed: {why}"));
    }
    if words.contains("server does not support TLS") {
        return Some(format!(
            "The PostgreSQL server at {places} offers no TLS, and nothing is sent in the clear. Give it a certificate \
             (ssl_cert_file, ssl_key_file), then `ALTER SYSTEM SET ssl = on;` and `SELECT pg_reload_conf();`"
        ));
    }
    if words.contains("password missing") {
        return Some(format!("The PostgreSQL server wants a password of role {name}, and store.postgres gives none."));
    }
    if words.contains("does not allow writes") {
        return Some(format!(
            "No PostgreSQL server at {places} takes writes. Name the primary in store.postgres; or, if it is one: \
             `ALTER DATABASE {database} SET default_transaction_read_only = off;` and \
             `ALTER ROLE {name} RESET default_transaction_read_only;`"
        ));
    }
    match io?.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound | io::ErrorKind::TimedOut => {
            Some(no_answer(&places, &words))
        }
        _ => None,
    }
}

fn no_answer(places: &str, why: &str) -> String {
    format!(
        "No PostgreSQL server answers at {places} ({why}). Does it run, and are host and port of store.postgres right?"
    )
}

/// The one whose failure is told when all have failed.
fn last_host(config: &Config) -> String {
    hosts(config).pop().unwrap_or_default()
}

/// What each layer says of its failure, none of them twice.
fn chain(failure: &tokio_postgres::Error) -> String {
    let mut words = vec![failure.to_string()];
    let mut below = failure.source();
    while let Some(known) = below {
        words.push(known.to_string());
        below = known.source();
    }
    // Some tell what is below them themselves.
    words.dedup_by(|below, above| above.contains(&**below));
    words.join(": ").replace('\n', " ")
}
