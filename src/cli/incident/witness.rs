//! The second person: a user of the tenant by the API, or the operator of the machine by the socket.

use serde_json::{Value, json};

use super::super::arguments::{AsOperator, IncidentAgree, IncidentDecline, Open};
use super::super::client::{Client, in_path};
use super::super::local::{Use, call};
use super::super::output::{Output, cell, moment, person};
use super::super::row::{Operation, Shows};
use super::super::runtime;
use super::super::tenant::TENANTS;
use super::told::shown;
use super::{INCIDENTS, plan_of};
use crate::error::{Error, Result};

/// # Errors
/// The server's refusal, or that it could not be reached.
pub(super) fn agree(ask: &IncidentAgree, output: Output) -> Result<()> {
    let Some(tenant) = &ask.operator.operator else {
        let (client, path) = (Client::of(&ask.api)?, format!("{INCIDENTS}/{}", ask.id));
        let plan = plan_of(&client, &path, ask.plan.as_ref())?;
        let agreed = client.post(&format!("{path}/agree"), &json!({ "plan": plan }))?.json();
        return output.object(&agreed, &shown(&agreed));
    };
    let Some((plan, users)) = ask.plan.as_ref().zip(ask.users) else {
        return Err(Error::invalid(
            "An operator says which plan is meant: give --plan and --users as the person who asks has told you.",
        ));
    };
    let body = json!({ "plan": plan, "users": users });
    by_operator(&ask.operator, ask.api.data.clone(), (tenant, format!("{}/agree", ask.id), body), output)
}

/// # Errors
/// The server's refusal, or that it could not be reached.
pub(super) fn decline(ask: &IncidentDecline, output: Output) -> Result<()> {
    let (act, body) = (format!("{}/decline", ask.id), json!({ "why": ask.why }));
    let Some(tenant) = &ask.operator.operator else {
        let declined = Client::of(&ask.api)?.post(&format!("{INCIDENTS}/{act}"), &body)?.json();
        return output.object(&declined, &shown(&declined));
    };
    by_operator(&ask.operator, ask.api.data.clone(), (tenant, act, body), output)
}

fn by_operator(
    AsOperator { config, .. }: &AsOperator,
    data: Option<std::path::PathBuf>,
    (tenant, act, body): (&str, String, Value),
    output: Output,
) -> Result<()> {
    let (open, runtime) = (Open { config: config.clone(), data }, runtime()?);
    let path = format!("{TENANTS}/{}/incidents/{act}", in_path(tenant));
    call(&open, Use::Change, (Operation::Post(path, body), Shows::Told(witnessed)), output, &runtime)
}

/// What the operator sees of an incident.
fn witnessed(incident: &Value) -> String {
    let (id, name, asked_by) = (cell(&incident["id"]), person(&incident["name"]), person(&incident["asked_by"]));
    let head = format!("Incident {id}\nName     {name}\nAsked by {asked_by}\nUsers    {}", cell(&incident["users"]));
    let outcome = match incident["agreed_at"].is_null() {
        true => format!("Why      {}", person(&incident["why"])),
        false => format!("Agreed   {} by {}", moment(&incident["agreed_at"]), person(&incident["agreed_by"])),
    };
    format!("{head}\nState    {}\n{outcome}", cell(&incident["state"]))
}
