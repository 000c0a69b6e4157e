//! What may change while the process runs.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::config::{Config, Network};
use crate::keys::Keys;
use crate::mail::carrier::Carrier;
use crate::mail::smtp::Relay;
use crate::secret::Secret;

/// Settings that are asked each time they count. Cheap to clone.
#[derive(Clone)]
pub struct Changing(Arc<RwLock<Settings>>);

struct Settings {
    trusted_proxies: Vec<Network>,
    metrics_token: Option<Secret<String>>,
}

impl Changing {
    /// As they are now.
    pub fn of(config: &Config) -> Self {
        Self(Arc::new(RwLock::new(Settings::of(config))))
    }

    /// Whether a peer's word about the client's address counts.
    pub fn is_trusted_proxy(&self, address: IpAddr) -> bool {
        self.now().trusted_proxies.iter().any(|network| network.contains(address))
    }

    /// What the figures ask for, if they ask for something.
    pub fn metrics_token(&self) -> Option<Secret<String>> {
        self.now().metrics_token.clone()
    }

    fn now(&self) -> RwLockReadGuard<'_, Settings> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settings {
    fn of(config: &Config) -> Self {
        Self { trusted_proxies: config.http.trusted_proxies.clone(), metrics_token: config.metrics.token.clone() }
    }
}

/// The parts of a running house that take up new settings.
pub struct Live {
    /// The server's own keys.
    pub keys: Keys,
    pub(super) carrier: Arc<Carrier>,
    pub(super) changing: Changing,
}

impl Live {
    /// Lets these settings count, and mails take this way, from now on.
    pub fn take_up(&self, config: &Config, relay: Option<Relay>) {
        *self.changing.0.write().unwrap_or_else(PoisonError::into_inner) = Settings::of(config);
        if let Some(relay) = relay {
            self.carrier.change_relay(relay);
        }
    }
}
