//! Settings and parts that can change while the process runs.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::config::{Config, Network};
use crate::keys::Keys;
use crate::mail::carrier::Carrier;
use crate::mail::smtp::Relay;
use crate::secret::Secret;

/// Settings that are read at each use. Cheap to clone.
#[derive(Clone)]
pub struct Changing(Arc<RwLock<Settings>>);

struct Settings {
    trusted_proxies: Vec<Network>,
    metrics_token: Option<Secret<String>>,
}

impl Changing {
    /// The present values.
    pub fn of(config: &Config) -> Self {
        Self(Arc::new(RwLock::new(Settings::of(config))))
    }

    /// Whether this peer may report the client's address.
    pub fn is_trusted_proxy(&self, address: IpAddr) -> bool {
        self.now().trusted_proxies.iter().any(|network| network.contains(address))
    }

    /// The token that `/metrics` asks for, if any.
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

/// The parts of a running process that accept new settings.
pub struct Live {
    /// The server's own keys.
    pub keys: Keys,
    pub(super) carrier: Arc<Carrier>,
    pub(super) changing: Changing,
}

impl Live {
    /// Applies these settings, and the new relay if one is given.
    pub fn take_up(&self, config: &Config, relay: Option<Relay>) {
        *self.changing.0.write().unwrap_or_else(PoisonError::into_inner) = Settings::of(config);
        if let Some(relay) = relay {
            self.carrier.change_relay(relay);
        }
    }
}
