//! What was refused because there was too much of it: counted by reason, told in the log once a second at most.

use std::sync::Arc;
use std::time::Instant;

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

use super::metrics::{Metrics, Refused};
use crate::error::{Error, Kind};
use crate::logs::Seldom;

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

/// The counts, and what the log has not been told yet.
pub(super) struct Refusals {
    refused: Refused,
    seldom: Arc<Seldom>,
}

impl Refusals {
    pub(super) fn new(metrics: &Metrics, seldom: Arc<Seldom>) -> Self {
        Self { refused: metrics.refused(), seldom }
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
        if let Some(count) = self.seldom.due(&failure.message, Instant::now()) {
            let (kind, cause) = (failure.kind, &failure.cause);
            tracing::warn!(request_id, operation, ?kind, ?cause, refused = count, "{}", failure.message);
        }
    }
}
