//! What was refused because there was too much of it: counted by reason, told in the log once a second at most.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

use super::metrics::{Metrics, Refused};
use crate::error::{Error, Kind};

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reason {
    /// Too many connections in all.
    Connections,
    /// Too many connections from one address.
    Address,
    /// Too many attempts or wishes of one address, user or credential (429).
    Rate,
    /// The tenant holds its share of the places for calls of this class.
    Tenant,
    /// This call holds its part of the places for calls of its class.
    Call,
    /// All places for calls of its class are taken.
    Places,
    /// Its time had passed before it began (504).
    Deadline,
}

impl EncodeLabelValue for Reason {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        let word = match self {
            Self::Connections => "connections",
            Self::Address => "address",
            Self::Rate => "rate",
            Self::Tenant => "tenant",
            Self::Call => "call",
            Self::Places => "places",
            Self::Deadline => "deadline",
        };
        word.encode(encoder)
    }
}

const LINE_EVERY: Duration = Duration::from_secs(1);

/// The counts, and what the log has not been told yet.
pub(super) struct Refusals {
    refused: Refused,
    unsaid: Mutex<Unsaid>,
}

#[derive(Default)]
struct Unsaid {
    count: u64,
    said_at: Option<Instant>,
}

impl Refusals {
    pub(super) fn new(metrics: &Metrics) -> Self {
        Self { refused: metrics.refused(), unsaid: Mutex::default() }
    }

    pub(super) fn count(&self, reason: Reason) {
        self.refused.of(reason).inc();
    }

    /// Counts those that were refused further in, by the kind of the error.
    pub(super) fn count_kind(&self, kind: Kind) {
        match kind {
            Kind::TooMany { .. } => self.count(Reason::Rate),
            Kind::Timeout => self.count(Reason::Deadline),
            _ => {}
        }
    }

    /// A flood of refusals must not become a flood of lines: the first of each second stands for all.
    pub(super) fn say(&self, failure: &Error, request_id: &str, operation: &str) {
        if let Some(count) = self.due(Instant::now()) {
            let (kind, cause) = (failure.kind, &failure.cause);
            tracing::warn!(request_id, operation, ?kind, ?cause, refused = count, "{}", failure.message);
        }
    }

    /// How many the next line stands for; none while the last one is too fresh.
    fn due(&self, now: Instant) -> Option<u64> {
        let mut unsaid = self.unsaid.lock().unwrap_or_else(PoisonError::into_inner);
        unsaid.count += 1;
        if unsaid.said_at.is_some_and(|at| now.duration_since(at) < LINE_EVERY) {
            return None;
        }
        unsaid.said_at = Some(now);
        Some(std::mem::take(&mut unsaid.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stands_for_all_that_were_refused_since_the_last_one() {
        let (refusals, start) = (Refusals::new(&Metrics::default()), Instant::now());
        assert_eq!(refusals.due(start), Some(1));
        for nth in 1..100 {
            assert_eq!(refusals.due(start + LINE_EVERY * nth / 100), None);
        }
        assert_eq!(refusals.due(start + LINE_EVERY), Some(100));
    }
}
