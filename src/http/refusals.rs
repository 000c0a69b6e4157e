//! Calls refused because there were too many: counted by reason, and logged at most once a second.

use std::sync::Arc;
use std::time::Instant;

use super::metrics::{Metrics, Refused};
use super::reason::Reason;
use crate::error::{Error, Kind};
use crate::logs::Seldom;

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
