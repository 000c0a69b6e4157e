//! When users signed in or were refused, as the public API lists it. The records of these tries are the events: nothing is
//! written for them a second time. How many refused tries there can be is bounded where guesses are counted (`lockout`) and
//! by client address; a try beyond these bounds is answered 429 and leaves no event.

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Row, Tx};

/// For how long events are shown. The records themselves stay.
const SHOWN_SECONDS: i64 = 90 * 24 * 3600;

/// With the condition of the index `audit_sign_ins`, which leaves out tries at unknown addresses.
const PAGE: &str = r#"SELECT at, subject, address, outcome, facts FROM audit
    WHERE tenant = $1 AND action = 'sign_in' AND facts <> '{"reason":"unknown address"}' AND at >= $2 AND at < $3
    ORDER BY at DESC, id DESC LIMIT $4 OFFSET $5"#;

/// One try of a known user to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInEvent {
    /// When.
    pub at: Timestamp,
    /// The address of the user.
    pub email: String,
    /// The client's address.
    pub from_address: String,
    /// The session that began; none where the try was refused.
    pub session: Option<String>,
    /// Why it was refused; none where a session began.
    pub refusal: Option<String>,
    /// How the user proved who they are; a refused try was one by password, and records of old say nothing else.
    pub method: String,
}

/// Which events are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// At or after this time.
    pub start: Option<Timestamp>,
    /// Before this time.
    pub end: Option<Timestamp>,
    /// How many of the newest are passed over.
    pub first: i64,
    /// How many are listed at most.
    pub max: i64,
}

/// The events of a tenant in this frame, the newest first; none older than 90 days.
///
/// # Errors
/// Those of the store.
pub fn list_events(tx: &mut Tx<'_>, tenant: TenantId, frame: &Frame, now: Timestamp) -> Result<Vec<SignInEvent>> {
    let shown_after = now.plus_seconds(-SHOWN_SECONDS);
    let start = frame.start.map_or(shown_after, |start| start.max(shown_after));
    let end = frame.end.unwrap_or(Timestamp(i64::MAX));
    tx.all(PAGE, &params![tenant, start, end, frame.max, frame.first])?.iter().map(read).collect()
}

/// What the record of a try says beside its columns; nothing where it was tampered with.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Facts {
    session: Option<String>,
    reason: Option<String>,
    method: Option<String>,
}

fn read(row: &Row) -> Result<SignInEvent> {
    let is_accepted = row.get::<String>(3)? == "accepted";
    let facts: Facts = serde_json::from_str(&row.get::<String>(4)?).unwrap_or_default();
    let refusal = (!is_accepted).then(|| facts.reason.unwrap_or_else(|| "refused".into()));
    Ok(SignInEvent {
        at: row.get(0)?,
        email: row.get(1)?,
        from_address: row.get(2)?,
        session: facts.session.filter(|_| is_accepted),
        refusal,
        method: facts.method.unwrap_or_else(|| "PASSWORD".into()),
    })
}
