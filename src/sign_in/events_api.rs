//! The calls that list when users signed in or were refused.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::events::{Frame, SignInEvent, list_events};
use crate::access::ApiGroup;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::{Call, Json, Operation, Permission};
use crate::objects::Whole;
use crate::whole::parse_whole;

const MAX_USUAL: i64 = 100;
const MAX_MOST: i64 = 1_000;
/// Passing over events costs a look at each; what lies further back is found by its time.
const FIRST_MOST: i64 = 100_000;

/// The operations about events.
pub(super) fn operations() -> Vec<Operation> {
    let read = Permission::Group(ApiGroup::UamAdminRead);
    vec![
        Operation::get("/api/web/namespaces/system/tenant/idm/events/login", read, list)
            .id("ves.io.schema.tenant.CustomAPI.GetLoginEvents")
            .summary("List who signed in or was refused in the last 90 days, the newest first.")
            .query::<i64>("first", "How many of the newest to pass over, up to 100000.")
            .query::<i64>("max", "How many at most, up to 1000; 100 where it is absent or 0."),
        Operation::post("/api/web/namespaces/system/tenant/idm/events/login_in_time", read, list_in_frame)
            .id("ves.io.schema.tenant.CustomAPI.GetLoginEventsInTimeFrame")
            .summary("List who signed in or was refused between two moments, the newest first."),
    ]
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct FrameAsk {
    /// At or after this moment.
    #[schemars(example = &"2026-03-01T00:00:00Z")]
    start: Option<String>,
    /// Before this moment.
    #[schemars(example = &"2026-03-02T00:00:00Z")]
    end: Option<String>,
    /// How many of the newest to pass over, up to 100000.
    #[schemars(with = "Option<i64>", example = 0)]
    first: Option<Whole>,
    /// How many at most, up to 1000; 100 where it is absent or 0.
    #[schemars(with = "Option<i64>", example = 0)]
    max: Option<Whole>,
}

/// The events of each user, by the address of the user.
#[derive(Serialize, JsonSchema)]
struct LoginEventsMap {
    #[schemars(example = json!({ "jane@example.com": { "login_events": [] } }))]
    login_events_map: BTreeMap<String, LoginEvents>,
}

#[derive(Default, Serialize, JsonSchema)]
struct LoginEvents {
    login_events: Vec<LoginEvent>,
}

#[derive(Serialize, JsonSchema)]
struct LoginEvent {
    time: Timestamp,
    /// The client's address.
    #[schemars(example = &"203.0.113.7")]
    ip_address: String,
    /// How the user proved who they are.
    #[schemars(example = &"PASSWORD")]
    auth_method: String,
    /// The session that began; empty where the try was refused.
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    session_id: String,
    #[schemars(example = &"jane@example.com")]
    username: String,
    /// Why the try was refused; empty where a session began.
    #[schemars(example = &"wrong password")]
    error: String,
}

impl LoginEvent {
    fn of(event: SignInEvent) -> Self {
        Self {
            time: event.at,
            ip_address: event.from_address,
            auth_method: event.method,
            session_id: event.session.unwrap_or_default(),
            username: event.email,
            error: event.refusal.unwrap_or_default(),
        }
    }
}

async fn list(call: Call) -> Result<Json<LoginEventsMap>> {
    let (first, max) = (number(&call, "first")?, number(&call, "max")?);
    answer(&call, Frame { start: None, end: None, first: passed_over(first)?, max: at_most(max)? }).await
}

async fn list_in_frame(call: Call, ask: FrameAsk) -> Result<Json<LoginEventsMap>> {
    let (start, end) = (moment("start", ask.start.as_deref())?, moment("end", ask.end.as_deref())?);
    if start.zip(end).is_some_and(|(start, end)| start > end) {
        return Err(Error::invalid("Field start must not be after the field end."));
    }
    let given = |asked: Option<Whole>| asked.map_or(0, |asked| asked.0);
    let (first, max) = (passed_over(given(ask.first))?, at_most(given(ask.max))?);
    answer(&call, Frame { start, end, first, max }).await
}

async fn answer(call: &Call, frame: Frame) -> Result<Json<LoginEventsMap>> {
    let (tenant, now) = (call.tenant()?.id, call.now());
    let events = call.store.scan(call.scope()?, move |tx| list_events(tx, tenant, &frame, now)).await?;
    let mut login_events_map: BTreeMap<String, LoginEvents> = BTreeMap::new();
    for event in events {
        login_events_map.entry(event.email.clone()).or_default().login_events.push(LoginEvent::of(event));
    }
    Ok(Json(LoginEventsMap { login_events_map }))
}

/// A number of the query; an empty one counts as absent, since some clients fill in every parameter that they know.
fn number(call: &Call, name: &'static str) -> Result<i64> {
    let Some(text) = call.text(name) else { return Ok(0) };
    parse_whole(&text).ok_or_else(|| Error::invalid(format!("Field {name} must be a whole number.")))
}

fn moment(name: &'static str, text: Option<&str>) -> Result<Option<Timestamp>> {
    let wrong = || Error::invalid(format!("Field {name} must be a time such as 2026-03-04T09:15:27Z."));
    let given = text.filter(|text| !text.is_empty());
    given.map(|text| Timestamp::parse(text).ok_or_else(wrong)).transpose()
}

fn passed_over(first: i64) -> Result<i64> {
    if (0..=FIRST_MOST).contains(&first) {
        return Ok(first);
    }
    Err(Error::invalid(format!(
        "Field first must be a number from 0 to {FIRST_MOST}. For older events ask GetLoginEventsInTimeFrame with an \
         earlier end."
    )))
}

fn at_most(max: i64) -> Result<i64> {
    match max {
        0 => Ok(MAX_USUAL),
        1..=MAX_MOST => Ok(max),
        _ => Err(Error::invalid(format!("Field max must be a number from 1 to {MAX_MOST}, or 0 for {MAX_USUAL}."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_asked_for_is_the_usual_and_too_much_is_refused() {
        assert_eq!((at_most(0).unwrap(), at_most(1).unwrap(), at_most(MAX_MOST).unwrap()), (100, 1, 1_000));
        assert!(at_most(-1).is_err() && at_most(MAX_MOST + 1).is_err());
        assert!(passed_over(FIRST_MOST).is_ok() && passed_over(FIRST_MOST + 1).is_err() && passed_over(-1).is_err());
    }

    #[test]
    fn a_moment_is_in_the_form_of_rfc_3339_or_absent() {
        assert_eq!(moment("end", Some("1970-01-01T00:00:01Z")).unwrap(), Some(Timestamp(1_000_000)));
        assert_eq!((moment("end", Some("")).unwrap(), moment("end", None).unwrap()), (None, None));
        assert!(moment("end", Some("yesterday")).unwrap_err().to_string().contains("end"));
    }
}
