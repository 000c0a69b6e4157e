//! The one table of settings.

use super::host::{is_domain, is_loopback};
use super::setting::{Kind, Setting, put, put_domain, put_host, put_list, put_path, put_secret, put_some};
use super::shape::{Config, LogFormat, LogLevel, OnLostHistory, SmtpSecurity};
use super::sources::is_exposed;
use crate::passwords::{STORED_MEMORY_KIB_MAX, STORED_WORK_KIB_MAX};

const fn from_to(least: u32, most: u32) -> Kind {
    Kind::Number { least, most }
}

/// Every setting, in the order in which they are explained. A computed default may use the settings above it.
pub const SETTINGS: &[Setting] = &[
    Setting::new(
        "http.listen",
        Kind::Address,
        |c, text| put(&mut c.http.listen, text),
        "Where the server listens, without TLS: put a proxy that speaks TLS in front of it.",
    )
    .or("127.0.0.1:8080"),
    Setting::new(
        "http.public_url",
        Kind::Url,
        |c, text| put_some(&mut c.http.public_url, text),
        "Where people reach the server; every link in a mail starts with it. `{tenant}` stands for the tenant's name.",
    )
    .refused_when(
        "it is not set (links could not be made), or is http for a host other than this machine (links could be read on the way)",
        |c| c.http.public_url.as_ref().is_none_or(|url| !url.is_https() && !url.is_loopback()),
    ),
    Setting::new(
        "http.base_domain",
        Kind::Domain,
        |c, text| put_domain(&mut c.http.base_domain, text),
        "Each tenant's address is `<tenant>.<this domain>`. Without it, the credential of a request names the tenant.",
    )
    .derived("what follows `{tenant}.` in `http.public_url`", "http.public_url", |c| {
        c.http.public_url.as_ref()?.base_domain().map(str::to_owned)
    }),
    Setting::new(
        "http.trusted_proxies",
        Kind::Networks,
        |c, text| put_list(&mut c.http.trusted_proxies, text),
        "Proxies whose `X-Forwarded-For` or `Forwarded` (RFC 7239) is trusted for the client's address: the last address in it that is not one of these proxies. Let them remove the header that they do not write: if both are present and differ, neither is used. From all other peers both are ignored.",
    )
    .live()
    .or("")
    .refused_when("it holds every address (then any client could claim any address)", |c| {
        c.http.trusted_proxies.iter().any(super::Network::is_everyone)
    }),
    Setting::new(
        "http.connections_max",
        from_to(1, 1_000_000),
        |c, text| put(&mut c.http.connections_max, text),
        "How many connections may be open at the same time; further ones get 503 and are closed, except for probes.",
    )
    .or("1024"),
    Setting::new(
        "http.connections_per_address_max",
        from_to(1, 1_000_000),
        |c, text| put(&mut c.http.connections_per_address_max, text),
        "How many connections one address may have open at the same time, trusted proxies excepted.",
    )
    .or("256"),
    Setting::new(
        "http.reads_max",
        from_to(1, 1_000_000),
        |c, text| put(&mut c.http.reads_max, text),
        "How many read requests may run at the same time; further ones get 503. A single tenant can use at most three quarters.",
    )
    .or("256"),
    Setting::new(
        "http.writes_max",
        from_to(1, 1_000_000),
        |c, text| put(&mut c.http.writes_max, text),
        "How many write requests may run at the same time; further ones get 503. A single tenant can use at most three quarters.",
    )
    .or("512"),
    Setting::new(
        "http.header_seconds",
        from_to(1, 600),
        |c, text| put(&mut c.http.header_seconds, text),
        "How long the headers of a request may take to arrive.",
    )
    .or("10"),
    Setting::new(
        "http.idle_seconds",
        from_to(1, 3600),
        |c, text| put(&mut c.http.idle_seconds, text),
        "How long a connection is kept open without a further request. Make it longer than the proxy in front keeps its connections, so that the proxy closes first.",
    )
    .or("75"),
    Setting::new(
        "http.body_seconds",
        from_to(1, 600),
        |c, text| put(&mut c.http.body_seconds, text),
        "How long the body of a request may take to arrive.",
    )
    .or("10"),
    Setting::new(
        "http.deadline_seconds",
        from_to(1, 600),
        |c, text| put(&mut c.http.deadline_seconds, text),
        "How long a request may wait before its work begins. After that it is answered with 504, and nothing was done.",
    )
    .or("10"),
    Setting::new(
        "http.drain_seconds",
        from_to(1, 600),
        |c, text| put(&mut c.http.drain_seconds, text),
        "How long running requests may continue after SIGTERM.",
    )
    .or("15"),
    Setting::new(
        "store.data_dir",
        Kind::Directory,
        |c, text| put_path(&mut c.store.data_dir, text),
        "The directory of the database and the link keys. Keep it on a local disk.",
    )
    .or("./tenantry-data"),
    Setting::new(
        "store.postgres",
        Kind::Database,
        |c, text| put_secret(&mut c.store.postgres, text),
        "A PostgreSQL database to use instead of the embedded one: `postgres://user:password@host/database`, several hosts separated by commas. Connections to another machine always use TLS.",
    )
    .secret(),
    Setting::new(
        "store.postgres_ca_file",
        Kind::File,
        |c, text| put_some(&mut c.store.postgres_ca_file, text),
        "Certificates (PEM) to trust for the database server, in addition to those that this machine trusts.",
    )
    .refused_when("there is no such file", |c| c.store.postgres_ca_file.as_ref().is_some_and(|file| !file.is_file())),
    Setting::new(
        "store.postgres_readers_max",
        from_to(1, 1000),
        |c, text| put(&mut c.store.postgres_readers_max, text),
        "How many connections one process opens for reading; six more are for writing. If all are in use, a read waits for up to two seconds and then gets 503.",
    )
    .or("12"),
    Setting::new(
        "store.postgres_silence_seconds",
        from_to(5, 60),
        |c, text| put(&mut c.store.postgres_silence_seconds, text),
        "How long the database server may take to answer a read, or a change that a client waits for. After that it counts as gone: its connections are closed, and the next host of `store.postgres` is tried. Background work has 65 seconds.",
    )
    .or("10"),
    Setting::new(
        "store.on_lost_history",
        Kind::Choice(OnLostHistory::WORDS),
        |c, text| put(&mut c.store.on_lost_history, text),
        "Whether writes continue once the database is found to have lost acknowledged changes, as after a fail-over to a server that never had them. The loss is reported in any case.",
    )
    .or("go-on"),
    Setting::new(
        "store.queue_max",
        from_to(1, 1_000_000),
        |c, text| put(&mut c.store.queue_max, text),
        "How many writes may wait; further ones get 503 at once.",
    )
    .or("4096"),
    Setting::new(
        "links.lifetime_minutes",
        from_to(10, 1440),
        |c, text| put(&mut c.links.lifetime_minutes, text),
        "How long a link is valid if the tenant has no setting of its own: long enough for slow mail, short enough against a stolen mailbox.",
    )
    .live()
    .or("60"),
    Setting::new(
        "links.key_file",
        Kind::File,
        |c, text| put_path(&mut c.links.key_file, text),
        "The keys from which links are made. Keep a copy apart from the database's backups: neither alone gives access to an account.",
    )
    .derived("`link.keys` in `store.data_dir`", "store.data_dir", |c| {
        Some(c.store.data_dir.join("link.keys").to_string_lossy().into_owned())
    })
    .refused_when("the file is readable by others on this machine (chmod 600 mends it)", |c| {
        is_exposed(&c.links.key_file)
    }),
    Setting::new(
        "reset.repeat_window_seconds",
        from_to(0, 3600),
        |c, text| put(&mut c.reset.repeat_window_seconds, text),
        "If the same administrator resets the same user again within this time, the answer names the same reset and no second mail is sent.",
    )
    .live()
    .or("30"),
    Setting::new(
        "reset.mails_per_user_per_hour",
        from_to(1, 1000),
        |c, text| put(&mut c.reset.mails_per_user_per_hour, text),
        "How many mails with a link administrators may send to one user in an hour. Further resets still end the password, \
         but their mail waits.",
    )
    .live()
    .or("5"),
    Setting::new(
        "reset.budget_per_person_per_hour",
        from_to(0, 1_000_000),
        |c, text| put(&mut c.reset.budget_per_person_per_hour, text),
        "How many resets one person may request in an hour, over all their credentials. 0 is the larger of 50 and 2 % of the tenant's users.",
    )
    .live()
    .or("0"),
    Setting::new(
        "passwords.memory_kib",
        from_to(8, STORED_MEMORY_KIB_MAX),
        |c, text| put(&mut c.passwords.memory_kib, text),
        "Memory for one Argon2id hash, in KiB.",
    )
    .or("19456")
    .refused_when(
        "memory and iterations are weaker than each of 47104/1, 19456/2, 12288/3, 9216/4 and 7168/5 (the OWASP minimum)",
        |c| is_cheap(c.passwords.memory_kib, c.passwords.iterations),
    ),
    Setting::new(
        "passwords.iterations",
        from_to(1, 64),
        |c, text| put(&mut c.passwords.iterations, text),
        "Passes over the memory for one hash.",
    )
    .or("2")
    .refused_when("memory times iterations is more than 1048576 KiB (a hash would take a second and more)", |c| {
        u64::from(c.passwords.memory_kib) * u64::from(c.passwords.iterations) > STORED_WORK_KIB_MAX
    }),
    Setting::new(
        "passwords.parallelism",
        from_to(1, 16),
        |c, text| put(&mut c.passwords.parallelism, text),
        "Lanes of one hash. They run one after another, so more of them gain nothing here.",
    )
    .or("1")
    .refused_when("there is less than 8 KiB of memory for a lane (RFC 9106 forbids it)", |c| {
        c.passwords.memory_kib < 8 * c.passwords.parallelism
    }),
    Setting::new(
        "passwords.threads",
        from_to(0, 1024),
        |c, text| put(&mut c.passwords.threads, text),
        "How many hashes may run at the same time. 0 is one for each core.",
    )
    .or("0"),
    Setting::new(
        "passwords.queue_max",
        from_to(0, 100_000),
        |c, text| put(&mut c.passwords.queue_max, text),
        "How many hashes may wait; further ones get 503 at once. One that takes longer, as those from elsewhere may, counts as so many. 0 is 16 for each one that may run, about a quarter of a second of work.",
    )
    .or("0"),
    Setting::new(
        "sessions.idle_minutes",
        from_to(1, 43_200),
        |c, text| put(&mut c.sessions.idle_minutes, text),
        "A session ends when it is not used for this long (NIST SP 800-63B-4, AAL2: at most 60).",
    )
    .live()
    .or("60")
    .refused_when("it is longer than `sessions.absolute_minutes` (it would never apply)", |c| {
        c.sessions.idle_minutes > c.sessions.absolute_minutes
    }),
    Setting::new(
        "sessions.absolute_minutes",
        from_to(1, 525_600),
        |c, text| put(&mut c.sessions.absolute_minutes, text),
        "A session ends after this long, even if it is used (NIST SP 800-63B-4, AAL2: at most 1440).",
    )
    .live()
    .or("1440"),
    Setting::new(
        "smtp.host",
        Kind::Host,
        |c, text| put_host(&mut c.smtp.host, text),
        "The mail relay.",
    )
    .live()
    .refused_when("it is not set (no link could be mailed)", |c| c.smtp.host.is_none()),
    Setting::new(
        "smtp.port",
        from_to(1, 65_535),
        |c, text| put(&mut c.smtp.port, text),
        "The relay's port: as a rule 587 for starttls and 465 for tls.",
    )
    .live()
    .or("587"),
    Setting::new(
        "smtp.security",
        Kind::Choice(SmtpSecurity::WORDS),
        |c, text| put(&mut c.smtp.security, text),
        "How the connection to the relay is protected. With starttls, a relay that does not offer TLS gets no mail.",
    )
    .live()
    .or("starttls")
    .refused_when("it is none and `smtp.host` is not this machine (links could be read on the way)", |c| {
        c.smtp.security == SmtpSecurity::None && c.smtp.host.as_deref().is_some_and(|host| !is_loopback(host))
    }),
    Setting::new(
        "smtp.username",
        Kind::Text,
        |c, text| put_some(&mut c.smtp.username, text),
        "The username for the relay. Without it the server does not authenticate.",
    )
    .live()
    .refused_when("it is set without `smtp.password`", |c| c.smtp.username.is_some() && c.smtp.password.is_none()),
    Setting::new(
        "smtp.password",
        Kind::Anything,
        |c, text| put_secret(&mut c.smtp.password, text),
        "The password for the relay.",
    )
    .live()
    .secret()
    .refused_when("it is set without `smtp.username`", |c| c.smtp.password.is_some() && c.smtp.username.is_none()),
    Setting::new(
        "smtp.connections_max",
        from_to(1, 16),
        |c, text| put(&mut c.smtp.connections_max, text),
        "How many connections to the relay may be open at the same time.",
    )
    .live()
    .or("4"),
    Setting::new(
        "smtp.timeout_seconds",
        from_to(1, 300),
        |c, text| put(&mut c.smtp.timeout_seconds, text),
        "How long the relay may take for one mail; after that the mail is tried again later. Mails that a killed process was sending are tried again after at most four times as long.",
    )
    .live()
    .or("15"),
    Setting::new(
        "smtp.ca_file",
        Kind::File,
        |c, text| put_some(&mut c.smtp.ca_file, text),
        "Certificates (PEM) to trust for the relay, in addition to those that this machine trusts.",
    )
    .live()
    .refused_when("there is no such file", |c| c.smtp.ca_file.as_ref().is_some_and(|file| !file.is_file())),
    Setting::new(
        "smtp.from",
        Kind::Mailbox,
        |c, text| put(&mut c.smtp.from, text),
        "The sender of mails for tenants that have none of their own.",
    )
    .derived("`no-reply@` and the domain of `http.public_url`", "http.public_url", |c| {
        Some(format!("no-reply@{}", mail_domain(c)))
    }),
    Setting::new(
        "smtp.hello_name",
        Kind::Domain,
        |c, text| put_domain(&mut c.smtp.hello_name, text),
        "The name with which the server greets the relay (RFC 5321 EHLO).",
    )
    .live()
    .derived("the domain of `http.public_url`", "http.public_url", |c| Some(mail_domain(c))),
    Setting::new(
        "outbound.allowed_networks",
        Kind::Networks,
        |c, text| put_list(&mut c.outbound.allowed_networks, text),
        "Networks that are not public and that webhooks may call all the same, http included. Without it they call public addresses by https alone, since an administrator of a tenant could reach through this server what only it can reach.",
    )
    .or("")
    .refused_when("it holds every address (then webhooks reach whatever this machine reaches)", |c| {
        c.outbound.allowed_networks.iter().any(super::Network::is_everyone)
    }),
    Setting::new(
        "outbound.ca_file",
        Kind::File,
        |c, text| put_some(&mut c.outbound.ca_file, text),
        "Certificates (PEM) to trust for the servers that webhooks call, in addition to those that this machine trusts.",
    )
    .refused_when("there is no such file", |c| c.outbound.ca_file.as_ref().is_some_and(|file| !file.is_file())),
    Setting::new(
        "syslog.host",
        Kind::Host,
        |c, text| put_host(&mut c.syslog.host, text),
        "A syslog receiver (RFC 5424, over TLS as in RFC 5425) to which the signed ends of all audit logs are sent, once an hour for each tenant in which anything was recorded. Without it they are sent nowhere but where tenants have chosen.",
    ),
    Setting::new(
        "syslog.port",
        from_to(1, 65_535),
        |c, text| put(&mut c.syslog.port, text),
        "Its port.",
    )
    .or("6514"),
    Setting::new(
        "syslog.ca_file",
        Kind::File,
        |c, text| put_some(&mut c.syslog.ca_file, text),
        "Certificates (PEM) to trust for the syslog receiver, in addition to those that this machine trusts.",
    )
    .refused_when("there is no such file", |c| c.syslog.ca_file.as_ref().is_some_and(|file| !file.is_file())),
    Setting::new(
        "log.format",
        Kind::Choice(LogFormat::WORDS),
        |c, text| put(&mut c.log.format, text),
        "The format of log lines: text for people, or one JSON object in each line.",
    )
    .or("text"),
    Setting::new(
        "log.level",
        Kind::Choice(LogLevel::WORDS),
        |c, text| put(&mut c.log.level, text),
        "The least important lines that are written to standard error.",
    )
    .live()
    .or("info"),
    Setting::new(
        "metrics.token",
        Kind::Token,
        |c, text| put_secret(&mut c.metrics.token, text),
        "If set, `/metrics` requires it as a bearer token. Without it, anyone who can reach the port may read the metrics.",
    )
    .live()
    .secret()
    .refused_when("it is shorter than 16 characters (it could be guessed)", |c| {
        c.metrics.token.as_ref().is_some_and(|token| token.expose().chars().count() < 16)
    }),
];

/// Weaker than every pair that the OWASP Password Storage cheat sheet names as equally strong.
fn is_cheap(memory_kib: u32, iterations: u32) -> bool {
    const ENOUGH: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];
    !ENOUGH.iter().any(|(memory, passes)| memory_kib >= *memory && iterations >= *passes)
}

/// The domain of the public URL; `localhost` where that has none, since an address is no domain.
fn mail_domain(config: &Config) -> String {
    let host = config.http.public_url.as_ref().map(|url| url.base_domain().unwrap_or(url.host()));
    let is_name = |host: &&str| is_domain(host) && host.parse::<std::net::IpAddr>().is_err();
    host.filter(is_name).unwrap_or("localhost").to_owned()
}

/// The bounds of a numeric setting, for tenant settings with the same bounds.
///
/// # Panics
/// If there is no such setting, or it is not numeric.
pub fn bounds(name: &str) -> (u32, u32) {
    match SETTINGS.iter().find(|setting| setting.name == name).map(|setting| setting.kind) {
        Some(Kind::Number { least, most }) => (least, most),
        _ => panic!("{name} is no number among the settings"),
    }
}
