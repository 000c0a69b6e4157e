//! `tenantry user` and `tenantry token`: over the API of a running server.

use clap::ValueEnum;
use serde_json::{Value, json};

use super::arguments::{SignsInBy, Token, TokenCreate, User, UserAdd, UserFilter, UserList};
use super::client::in_path;
use super::import;
use super::output::{Output, cell, moment, person};
use super::person_export;
use super::row::Operation::{Get, Pages, Post};
use super::row::{Row, Shows, Table};
use crate::access::Narrowing;
use crate::address::{shown, spelt};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::people::SignInBy;

const USERS: Table = Table {
    columns: &[
        ("EMAIL", |user| person(&user["email"])),
        ("NAME", full_name),
        ("STATE", state),
        ("LAST SIGN-IN (UTC)", |user| moment(&user["last_login_at"])),
    ],
    nothing: "No users.",
};
const CREDENTIALS: &str = "/api/web/namespaces/system/api_credentials";
const TOKENS: Table = Table {
    columns: &[
        ("NAME", |token| cell(&token["name"])),
        ("USER", |token| person(&token["user_email"])),
        ("ACTIVE", |token| cell(&token["active"])),
        ("EXPIRES (UTC)", |token| moment(&token["expiry_timestamp"])),
        ("NARROWED TO", narrowed_to),
    ],
    nothing: "No tokens.",
};

/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn user(verb: &User, output: Output) -> Result<()> {
    let (api, operation, shows) = match verb {
        User::Add(ask) => {
            let done = format!("{} is added. A link to choose a password is on its way by mail.", shown(&ask.email));
            (&ask.api, Post("/api/web/custom/namespaces/system/user_roles".into(), new_user(ask)), Shows::Text(done))
        }
        User::Import(ask) => return import::user(ask, output).map(drop),
        User::List(ask) => return list(ask, output),
        User::Show(ask) => {
            (&ask.api, Get(format!("/api/tenantry/v1/users/{}", in_path(&spelt(&ask.email)))), Shows::Told(told))
        }
        User::Disable(ask) => {
            let done = format!("{} is disabled: no sign-in, no session, no reset.", shown(&ask.email));
            let body = json!({ "email": ask.email });
            (&ask.api, Post("/api/tenantry/v1/users/disable".into(), body), Shows::Text(done))
        }
        User::Remove(ask) => {
            let done = format!("{} is removed.", shown(&ask.email));
            let body = json!({ "email": ask.email });
            (&ask.api, Post("/api/web/custom/namespaces/system/users/cascade_delete".into(), body), Shows::Text(done))
        }
        User::Export(ask) => return person_export::run(ask, output),
        User::Erase(ask) => {
            let body = json!({ "email": ask.email });
            (&ask.api, Post("/api/tenantry/v1/people/erase".into(), body), Shows::Told(told_of_erased))
        }
        User::SecondFactors { api } => {
            (api, Get("/api/tenantry/v1/second_factors".into()), Shows::Told(told_of_second_factors))
        }
        User::Enable(ask) => {
            let done = format!("{} is enabled again.", shown(&ask.email));
            let body = json!({ "email": ask.email });
            (&ask.api, Post("/api/tenantry/v1/users/enable".into(), body), Shows::Text(done))
        }
        User::ChangeEmail(ask) => {
            let (old, new) = (shown(&ask.email), shown(&ask.new));
            let done = format!("A link is on its way to {new}. The address of {old} changes when it is confirmed.");
            let path = format!("/api/tenantry/v1/users/{}/email", in_path(&spelt(&ask.email)));
            (&ask.api, Post(path, json!({ "email": ask.new })), Shows::Text(done))
        }
        User::KeepEmail(ask) => {
            let done = format!("{} stays the address: the link to another one is dead.", shown(&ask.email));
            let path = format!("/api/tenantry/v1/users/{}/email/cancel", in_path(&spelt(&ask.email)));
            (&ask.api, Post(path, json!({})), Shows::Text(done))
        }
    };
    Row { api, operation, shows }.run(output)
}

fn list(ask: &UserList, output: Output) -> Result<()> {
    let query = asked_of_users(&ask.beginning, &ask.filter);
    let operation = Pages("/api/tenantry/v1/users".into(), &query, ask.limit.unwrap_or(u32::MAX));
    Row { api: &ask.api, operation, shows: Shows::Table(&USERS) }.run(output)
}

/// Which users are meant, in the words of the API.
fn asked_of_users(beginning: &str, filter: &UserFilter) -> [(&'static str, Option<String>); 11] {
    let at = |moment: Option<Timestamp>| moment.map(|moment| moment.to_string());
    let state = filter.state.and_then(|state| state.to_possible_value());
    [
        ("q", Some(beginning.to_owned())),
        ("state", state.map(|word| word.get_name().to_owned())),
        ("idm_type", filter.sign_in_by.map(|way| idm_type(way).to_owned())),
        ("role", filter.role.clone()),
        ("namespace", filter.namespace.clone()),
        ("group", filter.group.clone()),
        ("signed_in_after", at(filter.signed_in_after)),
        ("signed_in_before", at(filter.signed_in_before)),
        ("password_after", at(filter.password_after)),
        ("password_before", at(filter.password_before)),
        ("second_factor", filter.second_factor.map(|wanted| wanted.to_string())),
    ]
}

/// The same as the body of a call has it; what is empty asks nothing.
pub(super) fn filter_of(beginning: &str, filter: &UserFilter) -> Value {
    let asked = asked_of_users(beginning, filter).into_iter();
    let said = asked.filter_map(|(name, text)| Some((name, text.filter(|text| !text.is_empty())?)));
    let member = |(name, text): (&str, String)| match name {
        "second_factor" => (name.to_owned(), json!(text == "true")),
        _ => (name.to_owned(), json!(text)),
    };
    Value::Object(said.map(member).collect())
}

/// The word of the public API.
fn idm_type(way: SignsInBy) -> &'static str {
    match way {
        SignsInBy::Password => SignInBy::Password.word(),
        SignsInBy::Sso => SignInBy::SingleSignOn.word(),
    }
}

fn new_user(ask: &UserAdd) -> Value {
    let roles: Vec<_> =
        ask.roles.iter().map(|(namespace, role)| json!({ "namespace": namespace, "role": role })).collect();
    json!({
        "email": ask.email,
        "first_name": ask.first_name,
        "last_name": ask.last_name,
        "namespace_roles": roles,
    })
}

fn full_name(user: &Value) -> String {
    let [first, last] = ["first_name", "last_name"].map(|name| user[name].as_str().unwrap_or_default());
    format!("{first} {last}").trim().into()
}

fn state(user: &Value) -> String {
    match (user["state"].as_str(), user["domain_owner"].as_bool()) {
        (Some("active"), Some(true)) => "owner".into(),
        (Some("disabled"), _) if user["asleep_since"].is_string() => "asleep".into(),
        _ => cell(&user["state"]),
    }
}

fn told(user: &Value) -> String {
    let lines: Vec<_> = user.as_object().into_iter().flatten().map(|(key, value)| line(key, value)).collect();
    lines.join("\n")
}

fn line(key: &str, value: &Value) -> String {
    let text = match value {
        Value::Array(all) if all.is_empty() => "-".into(),
        Value::Array(all) => all.iter().map(flat).collect::<Vec<_>>().join("; "),
        one if ["_at", "_since", "_until"].iter().any(|end| key.ends_with(end)) => moment(one),
        one if key.ends_with("email") || key == "mail_goes_to" => person(one),
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

/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn token(verb: &Token, output: Output) -> Result<()> {
    let (api, operation, shows) = match verb {
        Token::Create(ask) => (&ask.api, Post(CREDENTIALS.into(), new_token(ask)), Shows::Told(told_once)),
        Token::List { api } => (api, Get(CREDENTIALS.into()), Shows::Table(&TOKENS)),
        Token::Revoke(ask) => {
            let body = json!({ "name": ask.name, "namespace": "system" });
            let done = format!("{} is revoked.", ask.name);
            (&ask.api, Post("/api/web/namespaces/system/revoke/api_credentials".into(), body), Shows::Text(done))
        }
    };
    Row { api, operation, shows }.run(output)
}

fn new_token(ask: &TokenCreate) -> Value {
    let narrowing = Narrowing {
        api_groups: ask.api_groups.clone(),
        namespaces: ask.namespaces.clone(),
        networks: ask.networks.clone(),
    };
    json!({
        "name": ask.name,
        "namespace": "system",
        "expiration_days": ask.expiration_days,
        "spec": { "type": "API_TOKEN" },
        "narrowed_to": Some(&narrowing).filter(|narrowing| **narrowing != Narrowing::default()),
    })
}

/// What a token may do at most: each list with its entries.
fn narrowed_to(token: &Value) -> String {
    let lists = token["narrowed_to"].as_object().into_iter().flatten();
    let told: Vec<_> = lists.flat_map(|(_, entries)| entries.as_array().into_iter().flatten().map(cell)).collect();
    if told.is_empty() { "-".into() } else { told.join(" ") }
}

fn told_once(made: &Value) -> String {
    format!(
        "Name     {}\nToken    {}\nExpires  {}\n\nThe token is shown this once. Keep it in a file that only you can read.",
        cell(&made["name"]),
        cell(&made["data"]),
        moment(&made["expiration_timestamp"])
    )
}

fn told_of_erased(erased: &Value) -> String {
    format!(
        "The account is gone. Within a minute or two {} stands for the person in every record; a record of person.erase with the \
         step `ended` says when that is done. Backups made before still name the person.",
        cell(&erased["pseudonym"])
    )
}

fn told_of_second_factors(counted: &Value) -> String {
    let (people, without) = (counted["people"].as_i64().unwrap_or(0), counted["without"].as_i64().unwrap_or(0));
    let required = if counted["required"] == true { "The tenant requires one." } else { "The tenant requires none." };
    format!("{} of {people} users with a password here have a code app. {required}", people - without)
}
