//! A configuration before anyone has said anything: each setting at its default.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use super::settings::SETTINGS;
use super::shape::{
    Config, Http, Links, Log, LogFormat, LogLevel, Metrics, OnLostHistory, Outbound, Passwords, Reset, Sessions, Smtp,
    SmtpSecurity, Store, Syslog,
};

/// Every field empty, to be filled from the rows of the table; the test `a_default_stands_for_every_field` checks it.
const BLANK: Config = Config {
    http: Http {
        listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
        public_url: None,
        base_domain: String::new(),
        trusted_proxies: Vec::new(),
        connections_max: 0,
        connections_per_address_max: 0,
        reads_max: 0,
        writes_max: 0,
        header_seconds: 0,
        idle_seconds: 0,
        body_seconds: 0,
        deadline_seconds: 0,
        drain_seconds: 0,
    },
    store: Store {
        data_dir: PathBuf::new(),
        queue_max: 0,
        postgres: None,
        postgres_ca_file: None,
        postgres_readers_max: 0,
        postgres_silence_seconds: 0,
        on_lost_history: OnLostHistory::GoOn,
    },
    links: Links { lifetime_minutes: 0, key_file: PathBuf::new() },
    reset: Reset { repeat_window_seconds: 0, mails_per_user_per_hour: 0, budget_per_person_per_hour: 0 },
    passwords: Passwords { memory_kib: 0, iterations: 0, parallelism: 0, threads: 0, queue_max: 0 },
    sessions: Sessions { idle_minutes: 0, absolute_minutes: 0 },
    smtp: Smtp {
        host: None,
        port: 0,
        security: SmtpSecurity::Starttls,
        username: None,
        password: None,
        connections_max: 0,
        timeout_seconds: 0,
        ca_file: None,
        from: String::new(),
        hello_name: String::new(),
    },
    outbound: Outbound { allowed_networks: Vec::new(), ca_file: None },
    syslog: Syslog { host: None, port: 0, ca_file: None },
    log: Log { format: LogFormat::Text, level: LogLevel::Info },
    metrics: Metrics { token: None },
};

impl Config {
    /// The settings of `dev`: everything at its default but the data directory, tenants beneath
    /// `localhost`, no mail relay and no budget. `listen` is the address that was really bound, so
    /// that links carry the port.
    pub fn for_dev(listen: SocketAddr, data_dir: &Path) -> Self {
        let mut config = Self::fixed_defaults();
        config.http.listen = listen;
        config.http.public_url = format!("http://{{tenant}}.localhost:{}", listen.port()).parse().ok();
        config.store.data_dir = data_dir.to_path_buf();
        config.reset.budget_per_person_per_hour = u32::MAX;
        // What a developer tries it with runs on this machine.
        config.outbound.allowed_networks = ["127.0.0.0/8", "::1"].iter().filter_map(|text| text.parse().ok()).collect();
        // All its clients run on this machine.
        config.http.connections_per_address_max = config.http.connections_max;
        for setting in SETTINGS {
            setting.put_derived(&mut config);
        }
        config
    }

    /// The defaults that do not depend on other settings.
    pub(super) fn fixed_defaults() -> Self {
        let mut config = BLANK;
        for setting in SETTINGS {
            if let Some(default) = setting.default {
                setting.put(&mut config, default).expect("the defaults in the table are allowed, a test sees to it");
            }
        }
        config
    }
}
