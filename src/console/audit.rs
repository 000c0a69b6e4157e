//! The list of records.

use serde_json::Value;

use super::desk::Around;
use super::users::{beginning, behind};
use super::{Console, NOT_YET};
use crate::address::spelt;
use crate::audit::{Filter, Outcome, Record, list_newest};
use crate::error::Result;
use crate::http::{Answer, Call, Operation, PageSize, Success, bind};
use crate::pages::console::audit::{Asked, Audit, Row, page};
use crate::pages::console::{Pager, Place};

const PAGE: i64 = 50;

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    vec![
        Operation::get("/console/audit", NOT_YET, bind(console, list))
            .id("tenantry.console.audit")
            .console("tenantry.v1.audit.list")
            .answers(&[Success::page()])
            .summary("The page with the list of records.")
            .query::<String>("action", "Only records of this action.")
            .query::<String>("actor", "Only records of what this user or program did.")
            .query::<String>("subject", "Only records of what was done to this user or object.")
            .query::<Outcome>("outcome", "Only records of actions that ended so.")
            .query::<String>("cursor", "Where the page begins.")
            .query::<PageSize>("limit", "How many at most."),
    ]
}

async fn list(console: Console, call: Call) -> Result<Answer> {
    let (around, tenant) = (Around::of(&console, &call)?, call.tenant()?.id);
    let typed = |name: &str| call.text(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let (action, actor, subject) = (typed("action"), typed("actor"), typed("subject"));
    let filter = Filter {
        action: action.clone(),
        actor: actor.as_deref().map(spelt),
        subject: subject.as_deref().map(spelt),
        outcome: call.one_of("outcome")?,
        since: None,
        until: None,
        after: console.cursors.read(&call)?,
        limit: PAGE,
    };
    let found = call.store.scan(call.scope()?, move |tx| list_newest(tx, tenant, &filter)).await?;
    let next = console.cursors.behind(&call, found.last().map(|last| last.id), found.len(), PAGE)?;
    let rows: Vec<_> = found.into_iter().map(row).collect();
    let (first, next) = (beginning(&call), next.as_deref().map(|cursor| behind(&call, cursor)));
    let audit = Audit {
        asked: Asked {
            action: action.as_deref().unwrap_or_default(),
            actor: actor.as_deref().unwrap_or_default(),
            subject: subject.as_deref().unwrap_or_default(),
            outcome: &call.text("outcome").unwrap_or_default(),
        },
        rows: &rows,
        pager: Pager { first: first.as_deref(), next: next.as_deref() },
        url: &around.url_with_query(&call, "/api/tenantry/v1/audit"),
    };
    Ok(Answer::page(page(&around.desk(Place::Audit), &audit)))
}

fn row(record: Record) -> Row {
    Row {
        id: record.id.simple().to_string(),
        at: record.at,
        is_refused: record.outcome == "refused",
        action: record.action,
        actor: record.actor,
        credential: record.credential,
        subject: record.subject,
        address: record.address,
        facts: facts(&record.facts),
    }
}

/// The facts by their names; as they stand where they are no object, since then somebody has tampered with them.
fn facts(text: &str) -> Vec<(String, String)> {
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => members.into_iter().map(|(name, value)| (name, shown(&value))).collect(),
        _ => vec![("facts".into(), text.to_owned())],
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
