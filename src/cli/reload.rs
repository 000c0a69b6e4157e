//! On SIGHUP, reads the configuration, the keys and the relay's certificates again. If all of it is usable, the
//! settings that can change in a running process are applied, and those that need a restart are named. The settings of
//! the database stay as read at the start: its connections are made anew at any time, and where they lead and whom they
//! trust must not change under a running store.

use super::arguments::Serve;
use super::signals::{Asked, Asking};
use crate::config::{Config, Loaded, load, process_environment};
use crate::error::Result;
use crate::house::{Live, relay};
use crate::keys::Keys;
use crate::logs::Level;
use crate::mail::smtp::Relay;

/// The settings as read at the start and since, and the parts that take new ones.
pub struct Reload {
    arguments: Serve,
    started_with: Loaded,
    /// The settings of the start with those applied since.
    current: Loaded,
    level: Level,
    live: Live,
}

impl Reload {
    /// For a server started with these settings.
    pub fn new(arguments: Serve, loaded: Loaded, level: Level, live: Live) -> Self {
        Self { arguments, started_with: loaded.clone(), current: loaded, level, live }
    }

    /// Answers signals, endlessly.
    pub async fn keep_listening(mut self, mut asking: Asking) {
        loop {
            match asking.next().await {
                Asked::ReadAnew => self.read_anew(),
                Asked::Nothing(signal) => tracing::info!(signal, "a signal that means nothing here"),
            }
        }
    }

    fn read_anew(&mut self) {
        keys_anew(&self.live.keys);
        match self.load() {
            Ok((loaded, relay)) => self.take_up(loaded, relay),
            Err(failure) => {
                let details = failure.details.join(" ");
                tracing::error!(
                    "SIGHUP: the configuration cannot be used, and nothing was changed. {failure} {details}"
                );
            }
        }
    }

    fn load(&self) -> Result<(Loaded, Option<Relay>)> {
        let loaded = load(&self.arguments.sources(process_environment()))?;
        loaded.refuse_unsafe()?;
        let Config { smtp, .. } = &loaded.config;
        let relay = smtp.host.as_ref().map(|host| relay(&loaded.config, host)).transpose()?;
        Ok((loaded, relay))
    }

    fn take_up(&mut self, loaded: Loaded, relay: Option<Relay>) {
        let taken_up = loaded.changes(&self.current, true).join(", ");
        let needs_restart = loaded.changes(&self.started_with, false).join(", ");
        self.live.take_up(&loaded.config, relay);
        self.level.set(loaded.config.log.level);
        self.current = loaded;
        tracing::info!(
            taken_up,
            "SIGHUP: the configuration, the keys and the certificates for the relay were read anew"
        );
        if !needs_restart.is_empty() {
            tracing::warn!(needs_restart, "SIGHUP: these settings have changed, and count from the next start on");
        }
    }
}

/// Answers signals in the dev mode, which has keys but no configuration.
pub async fn keep_listening_without_settings(keys: Keys, mut asking: Asking) {
    loop {
        match asking.next().await {
            Asked::ReadAnew => {
                keys_anew(&keys);
                tracing::info!("SIGHUP: the dev mode has no configuration; a flag that has changed needs a restart");
            }
            Asked::Nothing(signal) => tracing::info!(signal, "a signal that means nothing here"),
        }
    }
}

/// Reading a file that is unusable logs a warning.
fn keys_anew(keys: &Keys) {
    if keys.refresh() {
        tracing::info!(key = keys.current(), "the key file was read anew");
    }
}
