//! Figures of the process in the text format of Prometheus.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::operation::Operation;
use super::reason::Reason;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    operation: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabel {
    operation: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: Reason,
}

/// All metrics. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    requests: Family<Labels, Counter>,
    seconds: Family<OperationLabel, Histogram, fn() -> Histogram>,
    refused: Refused,
}

/// The number of calls refused because there were too many, by reason.
#[derive(Clone, Default)]
pub(super) struct Refused(Family<ReasonLabel, Counter>);

impl Refused {
    pub(super) fn of(&self, reason: Reason) -> Counter {
        self.0.get_or_create(&ReasonLabel { reason }).clone()
    }
}

/// The metrics of one operation, looked up once at the start.
pub(super) struct Figures {
    by_class: [Counter; CLASSES.len()],
    seconds: Histogram,
}

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("tenantry");
        let requests = Family::default();
        let seconds = Family::new_with_constructor(histogram as fn() -> Histogram);
        registry.register("http_requests", "Requests answered, by operation and class of status", requests.clone());
        registry.register("http_request_seconds", "Time from the head of a request to its answer", seconds.clone());
        let refused = Refused::default();
        registry.register(
            "http_refused",
            "Requests and connections refused for too much, by reason",
            refused.0.clone(),
        );
        Self { registry: Arc::new(Mutex::new(registry)), requests, seconds, refused }
    }
}

fn histogram() -> Histogram {
    Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0])
}

impl Metrics {
    pub(super) fn of_operation(&self, operation: &Operation) -> Figures {
        let counter = |status| self.requests.get_or_create(&Labels { operation: operation.id, status }).clone();
        Figures {
            by_class: CLASSES.map(counter),
            seconds: self.seconds.get_or_create(&OperationLabel { operation: operation.id }).clone(),
        }
    }

    pub(super) fn refused(&self) -> Refused {
        self.refused.clone()
    }

    /// Registers a counter for a room.
    pub fn counter(&self, name: &'static str, help: &'static str) -> Counter {
        let counter = Counter::default();
        self.registry().register(name, help, counter.clone());
        counter
    }

    /// Registers a gauge for a room.
    pub fn gauge(&self, name: &'static str, help: &'static str) -> Gauge {
        let gauge = Gauge::default();
        self.registry().register(name, help, gauge.clone());
        gauge
    }

    /// All metrics in the text format of Prometheus.
    pub fn text(&self) -> String {
        let mut out = String::new();
        if text::encode(&mut out, &self.registry()).is_err() {
            // Writing into a String cannot fail; if it did, the body says so rather than lose the scrape.
            let _ = writeln!(out, "# the figures could not be written");
        }
        out
    }

    fn registry(&self) -> std::sync::MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Figures {
    pub(super) fn count(&self, status: StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1).min(CLASSES.len() - 1);
        self.by_class[class].inc();
        self.seconds.observe(took.as_secs_f64());
    }
}

/// Counts the requests being answered now; draining waits for them.
#[derive(Clone, Default)]
pub(super) struct InFlight(Arc<AtomicU64>);

impl InFlight {
    pub(super) fn enter(&self) -> Guard {
        self.0.fetch_add(1, Ordering::SeqCst);
        Guard(Arc::clone(&self.0))
    }

    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub(super) struct Guard(Arc<AtomicU64>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
