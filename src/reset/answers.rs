//! A reset as shown to administrators: its state, and one timeline with the relay's own words.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::rows::{Kind, Reset};
use super::state::State;
use crate::clock::Timestamp;
use crate::credentials;
use crate::error::Result;
use crate::identity::TenantId;
use crate::store::Tx;

/// A reset.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Reset")]
pub struct Shown {
    #[schemars(with = "String")]
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    id: Uuid,
    #[schemars(example = &"jane@example.com")]
    email: String,
    state: State,
    #[schemars(with = "Kind")]
    kind: String,
    requested_at: Timestamp,
    #[schemars(example = &"owner@example.com")]
    requested_by: String,
    credential: Option<String>,
    #[schemars(example = &"203.0.113.7")]
    address: String,
    expires_at: Timestamp,
    kills_password: bool,
    /// The relay's last words, including a temporary refusal.
    relay_words: Option<String>,
    /// Until when the mail waits, because the user already got as many as allowed in an hour.
    mail_waits_until: Option<Timestamp>,
    /// How many API credentials of the user it ended; null if it left them alone.
    credentials_revoked: Option<i64>,
    /// The incident that has begun it.
    #[schemars(with = "Option<String>")]
    incident: Option<Uuid>,
    /// Whether that incident holds the mail.
    held: bool,
    timeline: Vec<Moment>,
}

/// A reset, and the credentials that still work.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ResetInFull")]
pub(super) struct InFull {
    #[serde(flatten)]
    shown: Shown,
    /// How many API credentials of the user are valid now.
    credentials_alive: i64,
}

impl InFull {
    /// # Errors
    /// Those of the store.
    pub(super) fn of(tx: &mut Tx<'_>, tenant: TenantId, reset: Reset, now: Timestamp) -> Result<Self> {
        let credentials_alive = credentials::alive_of(tx, tenant, reset.user, now)?;
        Ok(Self { shown: Shown::of(reset, now), credentials_alive })
    }
}

/// The events of a reset and of its mail.
const MOMENTS: [&str; 11] = [
    "requested",
    "waiting",
    "credentials revoked",
    "held",
    "mailed",
    "undeliverable",
    "opened",
    "redeemed",
    "superseded",
    "cancelled",
    "expired",
];

/// One event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ResetMoment")]
struct Moment {
    at: Timestamp,
    #[schemars(extend("enum" = MOMENTS))]
    what: &'static str,
    words: Option<String>,
}

/// A page of resets.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ResetPage")]
pub(super) struct Page {
    pub(super) items: Vec<Shown>,
    /// Where the next page begins; null at the end.
    pub(super) next: Option<String>,
}

impl Shown {
    pub(super) fn of(reset: Reset, now: Timestamp) -> Self {
        Self {
            held: reset.is_held(),
            incident: reset.incident,
            state: State::of(&reset, now),
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
            mail_waits_until: reset.mail_waits_until.filter(|until| reset.mailed_at.is_none() && *until > now),
            credentials_revoked: reset.credentials_revoked,
            relay_words: reset.relay_words,
        }
    }
}

fn timeline(reset: &Reset, now: Timestamp) -> Vec<Moment> {
    let words = || reset.relay_words.clone();
    let expired_at = (State::of(reset, now) == State::Expired).then_some(reset.expires_at);
    let waits_until =
        reset.mail_waits_until.map(|until| format!("the user got as many mails as they may until {until}"));
    let revoked = reset.credentials_revoked.map(|count| count.to_string());
    let moments = [
        (Some(reset.requested_at), "requested", Some(format!("by {} from {}", reset.requested_by, reset.address))),
        (reset.mail_waits_until.map(|_| reset.requested_at), "waiting", waits_until),
        (reset.credentials_revoked.map(|_| reset.requested_at), "credentials revoked", revoked),
        (reset.held_at, "held", None),
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
