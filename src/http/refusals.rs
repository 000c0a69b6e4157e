//! Calls refused because there were too many: counted by reason, and logged at most once a second.

use std::sync::Arc;
use std::time::Instant;

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

use super::metrics::{Metrics, Refused};
use crate::error::{Error, Kind};
use crate::logs::Seldom;

/// The reason of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reason {
    /// Too many connections in all.
    Connections,
    /// Too many connections from one address.
    Address,
    /// Too many attempts or requests from one address, user or credential (429).
    Rate,
    /// The tenant already holds its share of the places of this class.
    Tenant,
    /// The operation already holds its part of the places of its class.
    Call,
    /// All places of the class are taken.
    Places,
    /// The deadline passed before the call began (504).
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

/// The counts, and the number of refusals since the last log line.
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

    /// Counts a refusal raised behind admission, by the kind of its error.
    pub(super) fn count_kind(&self, kind: Kind) {
        match kind {
            Kind::TooMany { .. } => self.count(Reason::Rate),
            Kind::Timeout => self.count(Reason::Deadline),
            _ => {}
        }
    }

    /// Logs the first refusal of each second for all of that second: a flood of refusals must not become a flood of
    /// lines.
    pub(super) fn say(&self, failure: &Error, request_id: &str, operation: &str) {
        if let Some(count) = self.seldom.due(&failure.message, Instant::now()) {
            let (kind, cause) = (failure.kind, &failure.cause);
            tracing::warn!(request_id, operation, ?kind, ?cause, refused = count, "{}", failure.message);
        }
    }
}
