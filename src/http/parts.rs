//! What a process serves with, and what its clients may cost.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rustls::ServerConfig;

use super::admission::{Admission, Places};
use super::door::Gate;
use super::forwarded::Forwarded;
use super::line::Lines;
use super::metrics::{InFlight, Metrics};
use super::page::Pages;
use super::refusals::Refusals;
use super::router::Router;
use crate::clock::Clock;
use crate::random::Random;
use crate::store::Store;

/// Limits on what clients may cost.
#[derive(Clone)]
pub struct Limits {
    /// Open connections in all.
    pub connections_max: usize,
    /// Open connections from one address.
    pub connections_per_address_max: usize,
    /// From the first byte of a request to the end of its head; for the first request, from the opening of the
    /// connection.
    pub header: Duration,
    /// From an answer to the next request on the same connection.
    pub idle: Duration,
    /// For the whole body.
    pub body: Duration,
    /// The number of calls under way, by class.
    pub places: Places,
    /// A write that has not begun by this time is not begun.
    pub request: Duration,
    /// From the stop signal to the end of the process.
    pub drain: Duration,
    /// Which peers may report the client's address.
    pub trusted_proxies: TrustedProxy,
    /// Whether browsers are told to come by https only, for a year (RFC 6797).
    pub demands_https: bool,
}

/// Decides whether a peer may report the client's address.
pub type TrustedProxy = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// What a server is given.
pub struct Serving {
    /// The operations.
    pub router: Router,
    /// Finds callers and judges them.
    pub gate: Arc<dyn Gate>,
    /// Makes the pages of errors.
    pub pages: Pages,
    /// The store that handlers get.
    pub store: Store,
    /// The clock, asked once for each request.
    pub clock: Clock,
    /// The source of random bytes.
    pub random: Random,
    /// What clients may cost.
    pub limits: Limits,
    /// Set at the stop signal; readiness probes report it.
    pub is_draining: Arc<AtomicBool>,
    /// The certificate with which the server itself speaks TLS; without one it speaks plain HTTP, to a proxy.
    pub certificate: Option<Arc<ServerConfig>>,
}

/// The parts that every request needs.
pub(super) struct Parts {
    pub(super) router: Router,
    pub(super) gate: Arc<dyn Gate>,
    pub(super) pages: Pages,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) limits: Limits,
    pub(super) admission: Admission,
    pub(super) forwarded: Forwarded,
    pub(super) refusals: Arc<Refusals>,
    pub(super) in_flight: InFlight,
    pub(super) is_draining: Arc<AtomicBool>,
    pub(super) lines: Lines,
}

impl Parts {
    pub(super) fn new(serving: Serving, metrics: &Metrics) -> Self {
        let Serving { router, gate, pages, store, clock, random, limits, is_draining, certificate } = serving;
        let refusals = Arc::new(Refusals::new(metrics, store.troubles()));
        let admission = Admission::new(limits.places, Arc::clone(&refusals));
        let (forwarded, in_flight) = (Forwarded::default(), InFlight::default());
        Self {
            router,
            gate,
            pages,
            store,
            clock,
            random,
            limits,
            admission,
            forwarded,
            refusals,
            in_flight,
            is_draining,
            lines: Lines::new(certificate),
        }
    }
}
