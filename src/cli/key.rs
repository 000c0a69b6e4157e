//! `tenantry key`: manages the keys from which links are made, also while a server runs.

use serde_json::json;

use super::arguments::{Key, KeyNumber, Open};
use super::opened::look;
use super::output::Output;
use crate::clock::{Clock, Timestamp};
use crate::config::{Config, load, process_environment};
use crate::error::{Error, Result};
use crate::keys::{self, Keys};
use crate::random::Random;
use crate::store::{Scope, Tx};
use crate::{addresses, factors, reset, tenants};

/// # Errors
/// One sentence that names the obstacle; then the file is unchanged.
pub fn run(verb: &Key, output: Output) -> Result<()> {
    match verb {
        Key::List { open } => list(open, output),
        Key::Rotate { open } => rotate(open, output),
        Key::Add { open } => add(open, output),
        Key::Use(ask) => put_to_use(ask, output),
        Key::Remove(ask) => remove(ask, output),
    }
}

fn settings(open: &Open) -> Result<Config> {
    load(&open.sources(process_environment())).map(|loaded| loaded.config)
}

fn list(open: &Open, output: Output) -> Result<()> {
    let config = settings(open)?;
    let known = Keys::open(&config.links.key_file, false, &Random::system())?;
    let (numbers, current) = (known.numbers(), known.current());
    let oldest = numbers.last().copied();
    let mut rows = Vec::new();
    let mut items = Vec::new();
    for number in numbers {
        let (links, last) = live_links(&config, number)?;
        let is_oldest = oldest == Some(number);
        let use_of = match (number == current, is_oldest) {
            (true, true) => "makes links, signs audit records",
            (true, false) => "makes links",
            (false, true) => "verifies links, signs audit records",
            (false, false) => "verifies links",
        };
        let shown = last.map_or("-".into(), |last| last.to_string());
        rows.push(vec![number.to_string(), use_of.into(), links.to_string(), shown]);
        let item = json!({ "key": number, "makes_links": number == current, "signs_audit_records": is_oldest,
            "live_links": links, "last_link_dies_at": last });
        items.push(item);
    }
    output.table(&json!({ "items": items }), &["KEY", "USE", "LIVE LINKS", "LAST ONE DIES"], &rows, "No keys.")
}

/// The number of valid links that a key has made, in all tenants.
fn live_links(config: &Config, key: i64) -> Result<(i64, Option<Timestamp>)> {
    let now = Clock::system().now();
    let count = |tx: &mut Tx<'_>| {
        let mut all = (0, None);
        for tenant in tenants::list_all(tx)? {
            for of_key in [reset::links_of_key, addresses::links_of_key, factors::links_of_key] {
                let (links, last) = of_key(tx, tenant.id, key, now)?;
                all = (all.0 + links, all.1.max(last));
            }
        }
        Ok(all)
    };
    look(config)?.read(Scope::HOUSE, count)
}

fn rotate(open: &Open, output: Output) -> Result<()> {
    let path = settings(open)?.links.key_file;
    let number = keys::rotate(&path, &Random::system())?;
    let text = format!(
        "Key {number} makes the links from now on; a running server takes it within a second. Links by older keys go on\n\
         working. Keep a copy of {} apart from the database.",
        path.display()
    );
    output.object(&json!({ "key": number, "file": path }), &text)
}

fn add(open: &Open, output: Output) -> Result<()> {
    let path = settings(open)?.links.key_file;
    let number = keys::add(&path, &Random::system())?;
    let text = format!(
        "Key {number} is there and makes no links yet. Bring {} to every machine that runs a server, then:\n\n  \
         tenantry key use {number}",
        path.display()
    );
    output.object(&json!({ "key": number, "file": path }), &text)
}

fn put_to_use(ask: &KeyNumber, output: Output) -> Result<()> {
    let (path, number) = (settings(&ask.open)?.links.key_file, ask.number);
    keys::put_to_use(&path, number)?;
    let text = format!("Key {number} makes the links from now on; a running server takes it within a second.");
    output.object(&json!({ "key": number, "file": path }), &text)
}

fn remove(ask: &KeyNumber, output: Output) -> Result<()> {
    let config = settings(&ask.open)?;
    let number = ask.number;
    let (links, last) = live_links(&config, number)?;
    if let Some(last) = last {
        return Err(Error::conflict(format!("Key {number} has {links} live links; the last of them dies at {last}.")));
    }
    keys::remove(&config.links.key_file, number)?;
    output.object(&json!({ "key": number }), &format!("Key {number} is gone."))
}
