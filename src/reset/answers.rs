//! A reset as the administrator sees it: its state and one timeline with the relay's own words.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::rows::{Reset, State};
use crate::clock::Timestamp;

/// A reset.
#[derive(Serialize, JsonSchema)]
pub(super) struct Shown {
    #[schemars(with = "String")]
    id: Uuid,
    email: String,
    state: State,
    kind: String,
    requested_at: Timestamp,
    requested_by: String,
    credential: Option<String>,
    address: String,
    expires_at: Timestamp,
    kills_password: bool,
    /// What the relay last said, while it refuses for now too.
    relay_words: Option<String>,
    timeline: Vec<Moment>,
}

/// One thing that happened to it.
#[derive(Serialize, JsonSchema)]
struct Moment {
    at: Timestamp,
    what: &'static str,
    words: Option<String>,
}

/// A page of resets.
#[derive(Serialize, JsonSchema)]
pub(super) struct Page {
    pub(super) items: Vec<Shown>,
    /// Where the next page begins; null at the end.
    pub(super) next: Option<String>,
}

impl Shown {
    pub(super) fn of(reset: Reset, now: Timestamp) -> Self {
        Self {
            state: reset.state(now),
            timeline: timeline(&reset, now),
            id: reset.id,
            email: reset.email,
            kind: reset.kind,
            requested_at: reset.requested_at,
            requested_by: reset.requested_by,
            credential: reset.credential,
            address: reset.address,
            expires_at: reset.expires_at,
            kills_password: reset.kills_password,
            relay_words: reset.relay_words,
        }
    }
}

fn timeline(reset: &Reset, now: Timestamp) -> Vec<Moment> {
    let words = || reset.relay_words.clone();
    let expired_at = (reset.state(now) == State::Expired).then_some(reset.expires_at);
    let moments = [
        (Some(reset.requested_at), "requested", Some(format!("by {} from {}", reset.requested_by, reset.address))),
        (reset.mailed_at, "mailed", words()),
        (reset.undeliverable_at, "undeliverable", words()),
        (reset.opened_at, "opened", None),
        (reset.redeemed_at, "redeemed", reset.redeemed_from.as_ref().map(|address| format!("from {address}"))),
        (reset.superseded_at, "superseded", None),
        (reset.cancelled_at, "cancelled", reset.cancelled_by.as_ref().map(|who| format!("by {who}"))),
        (expired_at, "expired", None),
    ];
    let mut timeline: Vec<Moment> =
        moments.into_iter().filter_map(|(at, what, words)| Some(Moment { at: at?, what, words })).collect();
    timeline.sort_by_key(|moment| moment.at);
    timeline
}
