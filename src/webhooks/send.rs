//! One delivery on its way: its body made from its record, signed, and sent.

use std::time::Instant;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::deliveries::{Attempt, Delivery};
use super::events;
use super::rows::Webhook;
use super::secret;
use crate::audit::Record;
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};
use crate::identity::Tenant;
use crate::keys::Keys;
use crate::outbound::{Outbound, Request, Target};

/// So much of an answer is kept, in bytes.
const WORDS_BYTES_MAX: usize = 512;

/// An event as receivers get it.
#[derive(Serialize)]
struct Body<'a, D> {
    r#type: &'a str,
    timestamp: Timestamp,
    data: D,
}

#[derive(Serialize)]
struct OfRecord<'a> {
    tenant: &'a str,
    record: String,
    link: i64,
    position: i64,
    actor: &'a str,
    credential: Option<&'a str>,
    subject: &'a str,
    address: &'a str,
    facts: Value,
}

#[derive(Serialize)]
struct OfPing<'a> {
    tenant: &'a str,
    webhook: String,
}

fn to_json(body: &impl Serialize) -> Result<String> {
    serde_json::to_string(body).map_err(Error::internal)
}

/// The body of a delivery. Where the record was rewritten since, because a person was erased, it is the record as it is now.
pub(super) fn body(tenant: &Tenant, delivery: &Delivery, record: &Record) -> Result<String> {
    let data = OfRecord {
        tenant: &tenant.name,
        record: record.id.to_string(),
        link: delivery.place.link,
        position: delivery.place.position,
        actor: &record.actor,
        credential: record.credential.as_deref(),
        subject: &record.subject,
        address: &record.address,
        facts: serde_json::from_str(&record.facts).unwrap_or_default(),
    };
    to_json(&Body { r#type: &delivery.event, timestamp: record.at, data })
}

/// The body of a delivery that no record stands behind.
pub(super) fn own_body(event: &str, timestamp: Timestamp, data: &Value) -> Result<String> {
    to_json(&Body { r#type: event, timestamp, data })
}

/// The body of what is sent on demand.
pub(super) fn ping(tenant: &Tenant, webhook: Uuid, now: Timestamp) -> Result<String> {
    let data = OfPing { tenant: &tenant.name, webhook: webhook.to_string() };
    to_json(&Body { r#type: events::PING, timestamp: now, data })
}

/// What an attempt has come to.
#[derive(Debug, Clone)]
pub(super) struct Came {
    pub(super) at: Timestamp,
    pub(super) status: Option<u16>,
    pub(super) retry_after: Option<i64>,
    pub(super) words: String,
    pub(super) millis: i64,
}

impl Came {
    /// Nothing but 2xx says that the receiver has it.
    pub(super) fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// The receiver wants no more.
    pub(super) fn is_gone(&self) -> bool {
        self.status == Some(410)
    }

    /// One that was never sent, for a reason of ours.
    pub(super) fn unsent(words: String, at: Timestamp) -> Self {
        Self { at, status: None, retry_after: None, words, millis: 0 }
    }

    pub(super) fn attempt(&self, number: i64) -> Attempt {
        let Self { at, status, words, millis, .. } = self;
        Attempt { number, at: *at, status: status.map(i64::from), words: words.clone(), millis: *millis }
    }

    /// In one sentence.
    pub(super) fn told(&self) -> String {
        match self.status {
            Some(status) if self.words.is_empty() => format!("The receiver answered {status}."),
            Some(status) => format!("The receiver answered {status}: {}", self.words),
            None => self.words.clone(),
        }
    }
}

/// What is sent to whom.
pub(super) struct Message<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) webhook: &'a Webhook,
    pub(super) id: Uuid,
    pub(super) body: String,
}

/// Sends it, signed at this moment.
pub(super) async fn send(outbound: &Outbound, keys: &Keys, clock: &Clock, message: Message<'_>) -> Came {
    let now = clock.now();
    let request = match request(keys, &message, now) {
        Ok(request) => request,
        Err(failure) => return Came::unsent(failure.message, now),
    };
    let target = match Target::parse(&message.webhook.url, outbound.allows_http()) {
        Ok(target) => target,
        Err(refusal) => return Came::unsent(refusal.message, now),
    };
    let begun = Instant::now();
    let answer = outbound.post(&target, request).await;
    let (at, millis) = (clock.now(), i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX));
    match answer {
        Ok(answer) => {
            let (status, words) = (Some(answer.status), beginning(&answer.body));
            Came { at, status, retry_after: answer.retry_after, words, millis }
        }
        Err(unanswered) => Came { millis, ..Came::unsent(unanswered.0, at) },
    }
}

fn request(keys: &Keys, message: &Message<'_>, now: Timestamp) -> Result<Request> {
    let id = secret::message_id(message.id);
    let signatures = secret::signatures(keys, message.tenant.id, message.webhook, (&id, now, &message.body));
    let value = |text: &str| HeaderValue::from_str(text).map_err(Error::internal);
    let headers = vec![
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (USER_AGENT, HeaderValue::from_static("tenantry")),
        (HeaderName::from_static("webhook-id"), value(&id)?),
        (HeaderName::from_static("webhook-timestamp"), value(&secret::seconds(now).to_string())?),
        (HeaderName::from_static("webhook-signature"), value(&signatures)?),
    ];
    Ok(Request { headers, body: Bytes::from(message.body.clone()) })
}

/// The beginning of an answer as one line of text that does nothing on a terminal.
fn beginning(body: &[u8]) -> String {
    let cut = String::from_utf8_lossy(&body[..body.len().min(WORDS_BYTES_MAX)]);
    let cut = cut.trim_end_matches(char::REPLACEMENT_CHARACTER);
    let clean = cut.chars().map(|c| if crate::text::check("", c.encode_utf8(&mut [0; 4])).is_ok() { c } else { ' ' });
    clean.collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_answer_one_line_is_kept() {
        assert_eq!(beginning(b"ok\r\n"), "ok");
        assert_eq!(beginning(b"a\nb\x1b[31m\0c"), "a b [31m c");
        assert_eq!(beginning("é".repeat(300).as_bytes()).chars().count(), 256);
        assert_eq!(beginning("xé".repeat(300).as_bytes()).chars().filter(|c| *c == 'x').count(), 171);
        assert_eq!(beginning(&[0xff, 0xfe]), "");
    }

    #[test]
    fn only_2xx_is_a_success() {
        let came = |status| Came { status, ..Came::unsent(String::new(), Timestamp(0)) };
        for (status, is) in
            [(Some(200), true), (Some(299), true), (Some(199), false), (Some(301), false), (None, false)]
        {
            assert_eq!(came(status).is_success(), is, "{status:?}");
        }
    }
}
