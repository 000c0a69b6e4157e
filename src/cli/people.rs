//! `tenantry user` and `tenantry token`: over the API of a running server.

use serde_json::{Value, json};

use super::arguments::{Email, Token, TokenCreate, User, UserAdd, UserList};
use super::client::{Client, in_path};
use super::output::{Output, cell, items, moment, person};
use crate::address::{shown, spelt};
use crate::error::Result;

const CREDENTIALS: &str = "/api/web/namespaces/system/api_credentials";

/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn user(verb: User, output: Output) -> Result<()> {
    match verb {
        User::Add(ask) => add(&ask, output),
        User::List(ask) => list(&ask, output),
        User::Show(ask) => show(&ask, output),
        User::Disable(ask) => lock(&ask, "disable", "is disabled: no sign-in, no session, no reset.", output),
        User::Enable(ask) => lock(&ask, "enable", "is enabled again.", output),
    }
}

fn add(ask: &UserAdd, output: Output) -> Result<()> {
    let roles: Vec<_> =
        ask.roles.iter().map(|(namespace, role)| json!({ "namespace": namespace, "role": role })).collect();
    let body = json!({
        "email": ask.email,
        "first_name": ask.first_name,
        "last_name": ask.last_name,
        "namespace_roles": roles,
    });
    let made = Client::of(&ask.api)?.post("/api/web/custom/namespaces/system/user_roles", &body)?.json();
    output.object(&made, &format!("{} is added. A link to choose a password is on its way by mail.", shown(&ask.email)))
}

fn list(ask: &UserList, output: Output) -> Result<()> {
    let path = format!("/api/web/custom/namespaces/{}/user_roles", in_path(&ask.namespace));
    let found = Client::of(&ask.api)?.get(&path, &[])?.json();
    let rows: Vec<_> = items(&found)
        .map(|user| {
            let name =
                format!("{} {}", user["first_name"].as_str().unwrap_or(""), user["last_name"].as_str().unwrap_or(""));
            let state = match (user["state"].as_str(), user["domain_owner"].as_bool()) {
                (Some("active"), Some(true)) => "owner".into(),
                _ => cell(&user["state"]),
            };
            vec![person(&user["email"]), name.trim().into(), state, moment(&user["last_login_timestamp"])]
        })
        .collect();
    output.table(&found, &["EMAIL", "NAME", "STATE", "LAST SIGN-IN (UTC)"], &rows, "No users.")
}

fn show(ask: &Email, output: Output) -> Result<()> {
    let user =
        Client::of(&ask.api)?.get(&format!("/api/tenantry/v1/users/{}", in_path(&spelt(&ask.email))), &[])?.json();
    let lines: Vec<_> = user.as_object().into_iter().flatten().map(|(key, value)| line(key, value)).collect();
    output.object(&user, &lines.join("\n"))
}

fn line(key: &str, value: &Value) -> String {
    let text = match value {
        Value::Array(all) if all.is_empty() => "-".into(),
        Value::Array(all) => all.iter().map(flat).collect::<Vec<_>>().join("; "),
        one if key.ends_with("_at") || key.ends_with("_since") => moment(one),
        one if key == "email" => person(one),
        one => cell(one),
    };
    format!("{:22} {text}", key.replace('_', " "))
}

/// The values of an object joined, such as a namespace and a role.
fn flat(value: &Value) -> String {
    match value.as_object() {
        Some(members) => members.values().map(cell).collect::<Vec<_>>().join(" "),
        None => cell(value),
    }
}

fn lock(ask: &Email, verb: &str, done: &str, output: Output) -> Result<()> {
    let body = json!({ "email": ask.email });
    let answered = Client::of(&ask.api)?.post(&format!("/api/tenantry/v1/users/{verb}"), &body)?.json();
    output.object(&answered, &format!("{} {done}", shown(&ask.email)))
}

/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn token(verb: Token, output: Output) -> Result<()> {
    match verb {
        Token::Create(ask) => create_token(&ask, output),
        Token::List { api } => {
            let found = Client::of(&api)?.get(CREDENTIALS, &[])?.json();
            let row = |token: &Value| {
                vec![
                    cell(&token["name"]),
                    person(&token["user_email"]),
                    cell(&token["active"]),
                    moment(&token["expiry_timestamp"]),
                ]
            };
            let rows: Vec<_> = items(&found).map(row).collect();
            output.table(&found, &["NAME", "USER", "ACTIVE", "EXPIRES (UTC)"], &rows, "No tokens.")
        }
        Token::Revoke(ask) => {
            let body = json!({ "name": ask.name, "namespace": "system" });
            let answered = Client::of(&ask.api)?.post("/api/web/namespaces/system/revoke/api_credentials", &body)?;
            output.object(&answered.json(), &format!("{} is revoked.", ask.name))
        }
    }
}

fn create_token(ask: &TokenCreate, output: Output) -> Result<()> {
    let body = json!({
        "name": ask.name,
        "namespace": "system",
        "expiration_days": ask.expiration_days,
        "spec": { "type": "API_TOKEN" },
    });
    let made = Client::of(&ask.api)?.post(CREDENTIALS, &body)?.json();
    let text = format!(
        "Name     {}\nToken    {}\nExpires  {}\n\nThe token is shown this once. Keep it in a file that only you can read.",
        cell(&made["name"]),
        cell(&made["data"]),
        moment(&made["expiration_timestamp"])
    );
    output.object(&made, &text)
}
