//! The reasons for which a call or a connection is refused for being too much.

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

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
