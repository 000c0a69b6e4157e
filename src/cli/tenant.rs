//! `tenantry tenant`: works on the store itself.

use serde_json::{Value, json};

use super::arguments::{Open, Tenant as Verb, TenantCreate, TenantSet};
use super::opened::Opened;
use super::output::{Output, cell};
use crate::config::{load, process_environment};
use crate::error::Result;
use crate::identity::{Tenant, TenantSettings};
use crate::store::Scope;
use crate::tenants::{self, NewTenant};

/// # Errors
/// The refusal of the store or the rules.
pub async fn run(verb: Verb, output: Output) -> Result<()> {
    match verb {
        Verb::Create(ask) => create(ask, output).await,
        Verb::List { open } => list(&open, output),
        Verb::Show { name, open } => show(&name, &open, output),
        Verb::Set(ask) => set(ask, output).await,
    }
}

async fn create(ask: TenantCreate, output: Output) -> Result<()> {
    let opened = Opened::of(load(&ask.open.sources(process_environment()))?.config)?;
    let display_name = ask.display_name.unwrap_or_else(|| ask.name.clone());
    let settings = tenants::usual_settings(&opened.config, &display_name);
    let (actor, now) = (opened.actor(), opened.now);
    let new = NewTenant::draw(&ask.name, settings, &opened.random, now)?;
    let made = opened.store.write(Scope::HOUSE, move |tx| tenants::create(tx, &new, &actor, now)).await;
    opened.store.close();
    let made = made?;
    let text = format!("Tenant {} is made; its id in the API is {}. It has no users yet.", made.name, made.uid);
    output.object(&shown(&made), &text)
}

fn list(open: &Open, output: Output) -> Result<()> {
    let opened = Opened::existing(open)?;
    let found = opened.store.read(Scope::HOUSE, tenants::list);
    opened.store.close();
    let found = found?;
    let row =
        |tenant: &Tenant| vec![tenant.name.clone(), tenant.uid.clone(), tenant.settings.brand.display_name.clone()];
    let rows: Vec<_> = found.iter().map(row).collect();
    let items: Vec<_> = found.iter().map(shown).collect();
    output.table(&json!({ "items": items }), &["NAME", "ID", "DISPLAY NAME"], &rows, "No tenants.")
}

fn show(name: &str, open: &Open, output: Output) -> Result<()> {
    let opened = Opened::existing(open)?;
    let found = opened.store.read(Scope::HOUSE, |tx| tenants::get_by_name(tx, name));
    opened.store.close();
    tell(&found?, output)
}

async fn set(ask: TenantSet, output: Output) -> Result<()> {
    let opened = Opened::existing(&ask.open)?;
    let (actor, now) = (opened.actor(), opened.now);
    let verb = move |tx: &mut crate::store::Tx<'_>| tenants::set(tx, &ask.name, &ask.changes, &actor, now);
    let tenant = opened.store.write(Scope::HOUSE, verb).await;
    opened.store.close();
    tell(&tenant?, output)
}

fn tell(tenant: &Tenant, output: Output) -> Result<()> {
    let usual = tenants::named(&TenantSettings::default())?;
    let rows: Vec<_> = tenants::named(&tenant.settings)?
        .into_iter()
        .map(|(key, value)| {
            let is_usual = usual.iter().any(|(name, default)| *name == key && *default == value);
            vec![key, cell(&value), if is_usual { "default" } else { "chosen" }.into()]
        })
        .collect();
    output.line(&format!("Tenant {}, id {}\n\n", tenant.name, tenant.uid))?;
    output.table(&shown(tenant), &["SETTING", "VALUE", ""], &rows, "")
}

fn shown(tenant: &Tenant) -> Value {
    json!({ "name": tenant.name, "uid": tenant.uid, "revision": tenant.revision, "settings": tenant.settings })
}
