//! `tenantry webhook`: over the API of a running server, which sends by itself.

use serde_json::{Value, json};

use super::arguments::{EXIT_DONE, EXIT_FAILED, Webhook, WebhookDeliveries, WebhookId, WebhookTerms};
use super::client::Client;
use super::output::{Output, cell, moment, person};
use super::row::{Operation, Row, Shows, Table};
use crate::error::Result;

const WEBHOOKS: &str = "/api/tenantry/v1/webhooks";

const TABLE: Table = Table {
    columns: &[
        ("ID", |webhook| cell(&webhook["id"])),
        ("NAME", |webhook| person(&webhook["name"])),
        ("STATE", |webhook| cell(&webhook["state"])),
        ("WAITING", |webhook| cell(&webhook["waiting"])),
        ("EVENTS", events),
        ("URL", |webhook| person(&webhook["url"])),
    ],
    nothing: "No webhooks.",
};
const DELIVERIES: Table = Table {
    columns: &[
        ("DELIVERY", |delivery| cell(&delivery["id"])),
        ("EVENT", |delivery| cell(&delivery["type"])),
        ("STATE", |delivery| cell(&delivery["state"])),
        ("QUEUED (UTC)", |delivery| moment(&delivery["queued_at"])),
        ("NEXT (UTC)", |delivery| moment(&delivery["due_at"])),
        ("TRIES", |delivery| delivery["attempts"].as_array().map_or(0, Vec::len).to_string()),
        ("LAST ANSWER", last_answer),
    ],
    nothing: "No deliveries.",
};

/// The exit code is 1 if a ping was not taken.
///
/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn run(verb: &Webhook, output: Output) -> Result<u8> {
    let one = |id: &uuid::Uuid| format!("{WEBHOOKS}/{id}");
    let posted = |id: &uuid::Uuid, call: &str, body: Value| Operation::Post(format!("{WEBHOOKS}/{id}/{call}"), body);
    let (api, operation, shows) = match verb {
        Webhook::Add(ask) => (&ask.api, Operation::Post(WEBHOOKS.into(), terms(&ask.terms)), Shows::Told(with_secret)),
        Webhook::List { api } => (api, Operation::Get(WEBHOOKS.into()), Shows::Table(&TABLE)),
        Webhook::Show(ask) => (&ask.api, Operation::Get(one(&ask.id)), Shows::Told(shown)),
        Webhook::Change(ask) => (&ask.api, Operation::Put(one(&ask.id), terms(&ask.terms)), Shows::Told(shown)),
        Webhook::Deliveries(ask) => return list_deliveries(ask, output).map(|()| EXIT_DONE),
        Webhook::Test(ask) => return test(ask, output),
        Webhook::Rotate(ask) => (&ask.api, posted(&ask.id, "rotate", json!({})), Shows::Told(with_secret)),
        Webhook::Resend(ask) => {
            let call = format!("deliveries/{}/resend", ask.delivery);
            (&ask.api, posted(&ask.id, &call, json!({})), Shows::Text("It is sent once more.".into()))
        }
        Webhook::On(ask) => (&ask.api, posted(&ask.id, "on", json!({ "from_now": ask.from_now })), Shows::Told(shown)),
        Webhook::Off(ask) => (&ask.api, posted(&ask.id, "off", json!({})), Shows::Told(shown)),
        Webhook::Remove(ask) => {
            (&ask.api, posted(&ask.id, "remove", json!({})), Shows::Text("The webhook is removed.".into()))
        }
    };
    Row { api, operation, shows }.run(output).map(|()| EXIT_DONE)
}

fn terms(ask: &WebhookTerms) -> Value {
    let host = ask.to.split("//").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(&ask.to);
    json!({ "name": ask.name.as_deref().unwrap_or(host), "url": ask.to, "events": ask.events, "people": ask.people })
}

fn list_deliveries(ask: &WebhookDeliveries, output: Output) -> Result<()> {
    let (query, path) = ([("state", ask.state.clone())], format!("{WEBHOOKS}/{}/deliveries", ask.id));
    let operation = Operation::Pages(path.into(), &query, ask.limit);
    Row { api: &ask.api, operation, shows: Shows::Table(&DELIVERIES) }.run(output)
}

fn test(ask: &WebhookId, output: Output) -> Result<u8> {
    let tested = Client::of(&ask.api)?.post(&format!("{WEBHOOKS}/{}/test", ask.id), &json!({}))?.json();
    let is_taken = tested["status"].as_u64().is_some_and(|status| (200..300).contains(&status));
    let (words, millis) = (person(&tested["words"]), cell(&tested["millis"]));
    let text = match tested["status"].as_u64() {
        Some(status) => format!("The receiver answered {status} in {millis} ms. {words}"),
        None => words,
    };
    output.object(&tested, text.trim_end_matches([' ', '-']))?;
    Ok(if is_taken { EXIT_DONE } else { EXIT_FAILED })
}

fn events(webhook: &Value) -> String {
    let names = webhook["events"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let further = (webhook["people"] == true).then_some("(each user of an incident too)");
    names.chain(further).collect::<Vec<_>>().join(" ")
}

fn last_answer(delivery: &Value) -> String {
    let last = delivery["attempts"].as_array().and_then(|attempts| attempts.last());
    last.map_or_else(|| "-".into(), |last| format!("{} {}", cell(&last["status"]), person(&last["words"])))
}

fn with_secret(made: &Value) -> String {
    format!(
        "Secret   {}\nIt is shown this once. The receiver verifies by it what it is sent.\n\n{}",
        cell(&made["secret"]),
        shown(&made["webhook"])
    )
}

fn shown(webhook: &Value) -> String {
    let mut lines = vec![
        format!("Webhook  {}", cell(&webhook["id"])),
        format!("Name     {}", person(&webhook["name"])),
        format!("URL      {}", person(&webhook["url"])),
        format!("Events   {}", events(webhook)),
        format!("State    {}", cell(&webhook["state"])),
        format!("Added    {} by {}", moment(&webhook["created_at"]), person(&webhook["created_by"])),
        format!("Waiting  {}", cell(&webhook["waiting"])),
    ];
    if webhook["state"] == "failing" {
        let since = moment(&webhook["failing_since"]);
        lines.push(format!("Failing  since {since}: {}", person(&webhook["last_error"])));
    }
    if webhook["state"] == "off" {
        lines.push(format!(
            "Off      since {}. {}",
            moment(&webhook["off_at"]),
            webhook["off_why"].as_str().unwrap_or_default()
        ));
    }
    if !webhook["old_secret_until"].is_null() {
        lines.push(format!("Former   secret signs too until {}", moment(&webhook["old_secret_until"])));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_that_is_off_says_why_and_a_new_one_its_secret() {
        let off = json!({ "id": "w", "state": "off", "off_at": "2026-03-04T09:15:27.004211Z", "off_why": "It is gone.",
                          "events": ["reset.*", "user.created"], "name": "Help desk", "waiting": 3 });
        let told = shown(&off);
        for part in ["Events   reset.* user.created", "It is gone.", "Waiting  3"] {
            assert!(told.contains(part), "{told}");
        }
        let told = with_secret(&json!({ "secret": "whsec_x", "webhook": off }));
        assert!(told.starts_with("Secret   whsec_x\n"), "{told}");
        let failing = shown(&json!({ "state": "failing", "last_error": "The receiver answered 503: busy" }));
        assert!(failing.contains("answered 503"), "{failing}");
    }

    #[test]
    fn of_a_delivery_the_last_answer_is_shown() {
        let delivery =
            json!({ "attempts": [{ "status": 503, "words": "busy" }, { "status": null, "words": "silent" }] });
        assert_eq!(last_answer(&delivery), "- silent");
        assert_eq!(last_answer(&json!({ "attempts": [] })), "-");
    }
}
