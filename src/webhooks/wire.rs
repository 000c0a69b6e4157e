//! Webhooks as callers see them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::deliveries::{Attempt, Delivery, State};
use super::rows::Webhook;
use super::secret;
use super::send::Came;
use crate::clock::Timestamp;

/// A webhook that is to be.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WebhookAsk")]
pub(super) struct Ask {
    /// What it is called, in lists and records.
    #[schemars(example = &"Help desk")]
    pub(super) name: String,
    /// Where events are sent, by https.
    #[schemars(example = &"https://hooks.example.com/tenantry")]
    pub(super) url: String,
    /// Which events: names, `noun.*`, or `*` for all.
    #[schemars(example = &["reset.*", "user.disabled"])]
    pub(super) events: Vec<String>,
    /// Whether it gets an event for each user of an incident too, of which there may be many thousands. Without them
    /// `incident.ended` tells how many there were.
    #[serde(default)]
    #[schemars(example = false)]
    pub(super) people: bool,
}

/// How a webhook is switched on again.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "WebhookOn")]
pub(super) struct OnAsk {
    /// Whether it begins with what happens from now on. Otherwise it goes on where it stood.
    #[schemars(example = false)]
    pub(super) from_now: bool,
}

/// Whether a webhook sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "WebhookState")]
pub(crate) enum Standing {
    /// It does, and the last attempt was a success, if there was one.
    On,
    /// It does, and every attempt has failed since some time.
    Failing,
    /// It does not.
    Off,
}

/// A webhook as it is, beside its row.
pub(super) struct Seen {
    pub(super) webhook: Webhook,
    pub(super) waiting: i64,
    pub(super) links_behind: i64,
}

/// A webhook.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
pub(crate) struct Shown {
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    pub(crate) id: String,
    #[schemars(example = &"Help desk")]
    pub(crate) name: String,
    #[schemars(example = &"https://hooks.example.com/tenantry")]
    pub(crate) url: String,
    #[schemars(example = &["reset.*", "user.disabled"])]
    pub(crate) events: Vec<String>,
    /// Whether it gets an event for each user of an incident too.
    #[schemars(example = false)]
    pub(crate) people: bool,
    pub(crate) state: Standing,
    pub(crate) created_at: Timestamp,
    #[schemars(example = &"owner@example.com")]
    pub(crate) created_by: String,
    /// Since when every attempt has failed.
    pub(crate) failing_since: Option<Timestamp>,
    /// What came of the last attempt, if that has failed.
    #[schemars(example = &"The receiver answered 503: busy")]
    pub(crate) last_error: Option<String>,
    pub(crate) off_at: Option<Timestamp>,
    /// Why it is off, unless a user has switched it off.
    #[schemars(example = &"The receiver answered 410: it wants no more.")]
    pub(crate) off_why: Option<String>,
    /// Deliveries that wait, 1000 at most: then it reads no further.
    #[schemars(example = 3)]
    pub(crate) waiting: i64,
    /// Links of the audit chain that it has not read yet.
    #[schemars(example = 0)]
    pub(crate) links_behind: i64,
    /// Until when the former secret signs too.
    pub(crate) old_secret_until: Option<Timestamp>,
}

impl Shown {
    pub(super) fn new(seen: Seen, now: Timestamp) -> Self {
        let Seen { webhook, waiting, links_behind } = seen;
        let state = match (webhook.off_at, webhook.failing_since) {
            (Some(_), _) => Standing::Off,
            (None, Some(_)) => Standing::Failing,
            (None, None) => Standing::On,
        };
        Self {
            id: webhook.id.to_string(),
            name: webhook.name,
            url: webhook.url,
            events: webhook.events.0,
            people: webhook.people,
            state,
            created_at: webhook.created_at,
            created_by: webhook.created_by,
            failing_since: webhook.failing_since,
            last_error: webhook.last_error,
            off_at: webhook.off_at,
            off_why: webhook.off_why,
            waiting,
            links_behind,
            old_secret_until: webhook.old_until.filter(|until| now < *until),
        }
    }
}

/// The webhooks of a tenant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Webhooks")]
pub(crate) struct List {
    /// The oldest first.
    pub(crate) items: Vec<Shown>,
}

/// A webhook with its secret, which is shown this once.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookWithSecret")]
pub(super) struct WithSecret {
    /// By which the receiver verifies what it is sent.
    #[schemars(example = &"whsec_c2VjcmV0IG9mIGFuIGV4YW1wbGUsIDMyIGJ5dGVzIQ==")]
    pub(super) secret: String,
    pub(super) webhook: Shown,
}

/// What came of an attempt.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookTested")]
pub(crate) struct Tested {
    /// What the receiver answered; null where there was no answer.
    #[schemars(example = 204)]
    pub(crate) status: Option<u16>,
    /// The beginning of its answer, or why there was none.
    #[schemars(example = &"")]
    pub(crate) words: String,
    #[schemars(example = 83)]
    pub(crate) millis: i64,
}

impl From<Came> for Tested {
    fn from(Came { status, words, millis, .. }: Came) -> Self {
        Self { status, words, millis }
    }
}

/// An attempt to deliver an event.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookAttempt")]
pub(crate) struct AttemptShown {
    #[schemars(example = 1)]
    pub(crate) number: i64,
    pub(crate) at: Timestamp,
    /// What the receiver answered; null where there was no answer.
    #[schemars(example = 503)]
    pub(crate) status: Option<i64>,
    /// The beginning of its answer, or why there was none.
    #[schemars(example = &"busy")]
    pub(crate) words: String,
    #[schemars(example = 83)]
    pub(crate) millis: i64,
}

impl From<Attempt> for AttemptShown {
    fn from(Attempt { number, at, status, words, millis }: Attempt) -> Self {
        Self { number, at, status, words, millis }
    }
}

/// An event on its way to a webhook.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookDelivery")]
pub(crate) struct DeliveryShown {
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    pub(crate) id: String,
    /// As the receiver is sent it, in the header webhook-id.
    #[schemars(example = &"msg_0194f3a15c2e7b608d4f3a9e6c71b208")]
    pub(crate) webhook_id: String,
    #[schemars(example = &"reset.requested")]
    pub(crate) r#type: String,
    /// The audit record; null for `audit.head`, behind which none stands.
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    pub(crate) record: Option<String>,
    /// Where that stands in the audit chain: the link.
    #[schemars(example = 812)]
    pub(crate) link: i64,
    /// The position in the link, counted from 1.
    #[schemars(example = 17)]
    pub(crate) position: i64,
    pub(crate) state: State,
    pub(crate) queued_at: Timestamp,
    /// When it is tried next, where it waits.
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) delivered_at: Option<Timestamp>,
    pub(crate) failed_at: Option<Timestamp>,
    /// The first one first.
    pub(crate) attempts: Vec<AttemptShown>,
}

impl DeliveryShown {
    pub(super) fn new(delivery: Delivery, attempts: Vec<Attempt>) -> Self {
        let state = delivery.state();
        Self {
            id: delivery.id.to_string(),
            webhook_id: secret::message_id(delivery.id),
            record: delivery.body.is_none().then(|| delivery.record.to_string()),
            link: delivery.place.link,
            position: delivery.place.position,
            state,
            queued_at: delivery.queued_at,
            due_at: (state == State::Waiting).then_some(delivery.due_at),
            delivered_at: delivery.delivered_at,
            failed_at: delivery.failed_at,
            r#type: delivery.event,
            attempts: attempts.into_iter().map(AttemptShown::from).collect(),
        }
    }
}

/// The latest deliveries of a webhook.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookDeliveries")]
pub(crate) struct DeliveryList {
    /// The newest record first.
    pub(crate) items: Vec<DeliveryShown>,
    /// What to give as `cursor` for those behind these.
    pub(crate) next: Option<String>,
}
