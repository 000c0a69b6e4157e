//! `tenantry key`: manages the keys from which links are made. Where a server runs on the data directory it does so itself,
//! and leaves a record; else the file is changed here.

use serde_json::{Value, json};

use super::arguments::{Key, Open};
use super::local::served;
use super::opened::look;
use super::output::{Output, cell};
use super::row::Operation::{Get, Post};
use super::row::{Operation, Shows, Table, ask, show};
use crate::clock::Clock;
use crate::config::{Config, load, process_environment};
use crate::error::{Error, Result};
use crate::keys::{self, Keys};
use crate::operator::{list_keys, require_no_live_links};
use crate::random::Random;
use crate::signing::{Signer, list_known};
use crate::store::{Scope, Tx};

const KEYS: &str = "/api/tenantry/v1/system/keys";
const TABLE: Table = Table {
    columns: &[
        ("KEY", |key| cell(&key["key"])),
        ("USE", use_of),
        ("LIVE LINKS", |key| cell(&key["live_links"])),
        ("LAST ONE DIES", |key| cell(&key["last_link_dies_at"])),
    ],
    nothing: "No keys.",
};

/// # Errors
/// One sentence that names the obstacle; then the file is unchanged.
pub fn run(verb: &Key, output: Output) -> Result<()> {
    let config = load(&open_of(verb).sources(process_environment()))?.config;
    let shows = shows(verb);
    match served(&config.store.data_dir)? {
        Some(client) => ask(&client, call_of(verb), shows, output),
        None => show(&here(verb, &config)?, shows, output),
    }
}

fn open_of(verb: &Key) -> &Open {
    match verb {
        Key::List { open, .. } | Key::Rotate { open } | Key::Add { open } => open,
        Key::Use(ask) | Key::Remove(ask) => &ask.open,
    }
}

fn call_of(verb: &Key) -> Operation<'static> {
    let post = |path: String| Post(path, json!({}));
    match verb {
        Key::List { .. } => Get(KEYS.into()),
        Key::Rotate { .. } => post(format!("{KEYS}/rotate")),
        Key::Add { .. } => post(KEYS.into()),
        Key::Use(ask) => post(format!("{KEYS}/{}/use", ask.number)),
        Key::Remove(ask) => post(format!("{KEYS}/{}/remove", ask.number)),
    }
}

fn shows(verb: &Key) -> Shows {
    match verb {
        Key::List { public: true, .. } => Shows::Told(public_keys),
        Key::List { .. } => Shows::Table(&TABLE),
        Key::Rotate { .. } => Shows::Told(rotated),
        Key::Add { .. } => Shows::Told(added),
        Key::Use(_) => Shows::Told(used),
        Key::Remove(_) => Shows::Told(removed),
    }
}

/// What the server would answer.
fn here(verb: &Key, config: &Config) -> Result<Value> {
    let (path, random) = (&config.links.key_file, Random::system());
    let number = match verb {
        Key::List { .. } => {
            let (known, now) = (Keys::open(path, false, &random)?, Clock::system().now());
            let signer = Signer::new(&known, config.installation());
            let verb = |tx: &mut Tx<'_>| Ok((list_keys(tx, &known, now)?, list_known(tx, &signer)?));
            let (items, public) = look(config)?.read(Scope::HOUSE, verb)?;
            let public: Vec<_> = public.iter().map(ToString::to_string).collect();
            let items = serde_json::to_value(items).map_err(Error::internal)?;
            return Ok(json!({ "items": items, "public": public }));
        }
        Key::Rotate { .. } => keys::rotate(path, &random)?,
        Key::Add { .. } => keys::add(path, &random)?,
        Key::Use(ask) => keys::put_to_use(path, ask.number).map(|()| ask.number)?,
        Key::Remove(ask) => {
            let (number, now) = (ask.number, Clock::system().now());
            look(config)?.read(Scope::HOUSE, |tx| require_no_live_links(tx, number, now))?;
            keys::remove(path, number).map(|()| number)?
        }
    };
    Ok(json!({ "key": number, "file": path }))
}

fn public_keys(listed: &Value) -> String {
    let keys: Vec<_> = listed["public"].as_array().into_iter().flatten().map(cell).collect();
    keys.join("\n")
}

fn use_of(key: &Value) -> String {
    let uses = match (key["makes_links"] == true, key["signs_audit_records"] == true) {
        (true, true) => "makes links, signs audit records",
        (true, false) => "makes links",
        (false, true) => "verifies links, signs audit records",
        (false, false) => "verifies links",
    };
    uses.into()
}

fn rotated(changed: &Value) -> String {
    format!(
        "Key {} makes the links from now on; a running server takes it within a second. Links by older keys go on\n\
         working. Keep a copy of {} apart from the database.",
        cell(&changed["key"]),
        cell(&changed["file"])
    )
}

fn added(changed: &Value) -> String {
    let (key, file) = (cell(&changed["key"]), cell(&changed["file"]));
    format!(
        "Key {key} is there and makes no links yet. Bring {file} to every machine that runs a server, then:\n\n  \
         tenantry key use {key}"
    )
}

fn used(changed: &Value) -> String {
    format!("Key {} makes the links from now on; a running server takes it within a second.", cell(&changed["key"]))
}

fn removed(changed: &Value) -> String {
    format!("Key {} is gone.", cell(&changed["key"]))
}
