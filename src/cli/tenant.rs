//! `tenantry tenant`: works on the store itself.

use serde_json::{Value, json};

use super::arguments::{Open, Tenant as Verb, TenantCreate, TenantSet};
use super::opened::Opened;
use super::output::{Output, cell};
use crate::clock::Timestamp;
use crate::config::{load, process_environment};
use crate::error::Result;
use crate::identity::{Actor, Tenant, TenantSettings};
use crate::store::{Scope, Tx};
use crate::tenants::{self, Asked, NewTenant, Standing};

/// # Errors
/// The refusal of the store or the rules.
pub async fn run(verb: Verb, output: Output) -> Result<()> {
    match verb {
        Verb::Create(ask) => create(ask, output).await,
        Verb::List { open } => list(&open, output),
        Verb::Show { name, open } => show(&name, &open, output),
        Verb::Set(ask) => set(ask, output).await,
        Verb::Suspend { name, open } => suspend(name, &open, output).await,
        Verb::Resume { name, open } => resume(name, &open, output).await,
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
    output.object(&shown(&Standing::of(made)), &text)
}

fn list(open: &Open, output: Output) -> Result<()> {
    let opened = Opened::existing(open)?;
    let found = opened.store.read(Scope::HOUSE, tenants::list_standings);
    opened.store.close();
    let found = found?;
    let row = |standing: &Standing| {
        let Tenant { name, uid, settings, .. } = &standing.tenant;
        vec![name.clone(), uid.clone(), settings.brand.display_name.clone(), state(standing).into()]
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    let items: Vec<_> = found.iter().map(shown).collect();
    output.table(&json!({ "items": items }), &["NAME", "ID", "DISPLAY NAME", "STATE"], &rows, "No tenants.")
}

fn state(standing: &Standing) -> &'static str {
    match (&standing.suspended, &standing.deletion) {
        (None, None) => "served",
        (None, Some(_)) => "served, deletion requested",
        (Some(_), None) => "suspended",
        (Some(_), Some(_)) => "suspended, deletion requested",
    }
}

fn show(name: &str, open: &Open, output: Output) -> Result<()> {
    let opened = Opened::existing(open)?;
    let found = opened.store.read(Scope::HOUSE, |tx| tenants::get_standing(tx, name));
    opened.store.close();
    tell(&found?, output)
}

async fn set(ask: TenantSet, output: Output) -> Result<()> {
    change(&ask.open.clone(), output, move |tx, actor, now| {
        tenants::set(tx, &ask.name, &ask.changes, actor, now)?;
        tenants::get_standing(tx, &ask.name)
    })
    .await
}

async fn suspend(name: String, open: &Open, output: Output) -> Result<()> {
    change(open, output, move |tx, actor, now| {
        let tenant = tenants::get_by_name(tx, &name)?;
        let asked = Asked { by: actor.name.clone(), ..Asked::default() };
        tenants::suspend(tx, &tenant, &asked, actor, now)?;
        tenants::get_standing(tx, &name)
    })
    .await
}

async fn resume(name: String, open: &Open, output: Output) -> Result<()> {
    change(open, output, move |tx, actor, now| tenants::resume(tx, &name, actor, now)).await
}

/// Runs a verb on the store and tells how the tenant stands then.
async fn change(
    open: &Open,
    output: Output,
    verb: impl Fn(&mut Tx<'_>, &Actor, Timestamp) -> Result<Standing> + Send + 'static,
) -> Result<()> {
    let opened = Opened::existing(open)?;
    let (actor, now) = (opened.actor(), opened.now);
    let standing = opened.store.write(Scope::HOUSE, move |tx| verb(tx, &actor, now)).await;
    opened.store.close();
    tell(&standing?, output)
}

fn tell(standing: &Standing, output: Output) -> Result<()> {
    let tenant = &standing.tenant;
    let usual = tenants::named(&TenantSettings::default())?;
    let rows: Vec<_> = tenants::named(&tenant.settings)?
        .into_iter()
        .map(|(key, value)| {
            let is_usual = usual.iter().any(|(name, default)| *name == key && *default == value);
            vec![key, cell(&value), if is_usual { "default" } else { "chosen" }.into()]
        })
        .collect();
    output.line(&format!("Tenant {}, id {}\n{}\n", tenant.name, tenant.uid, told(standing)))?;
    output.table(&shown(standing), &["SETTING", "VALUE", ""], &rows, "")
}

/// What was asked for the tenant, a line each.
fn told(standing: &Standing) -> String {
    let said = |what: &str, (at, asked): &(Timestamp, Asked)| {
        let words = [&asked.reason, &asked.feedback, &asked.email].map(String::as_str);
        let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let words = if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) };
        format!("{what} by {} on {at}{words}\n", asked.by)
    };
    let suspended = standing.suspended.as_ref().map(|asked| said("Suspended", asked));
    let deletion = standing.deletion.as_ref().map(|asked| said("Deletion requested", asked));
    [suspended, deletion].into_iter().flatten().collect()
}

fn shown(standing: &Standing) -> Value {
    let asked = |asked: &Option<(Timestamp, Asked)>| {
        asked.as_ref().map(|(at, Asked { by, email, reason, feedback })| {
            json!({ "at": at, "by": by, "email": email, "reason": reason, "feedback": feedback })
        })
    };
    let Tenant { name, uid, revision, settings, .. } = &standing.tenant;
    json!({
        "name": name,
        "uid": uid,
        "revision": revision,
        "suspended": asked(&standing.suspended),
        "deletion_requested": asked(&standing.deletion),
        "settings": settings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Output = Output { is_json: true };

    fn standing(open: &Open) -> Standing {
        let opened = Opened::existing(open).unwrap();
        let found = opened.store.read(Scope::HOUSE, |tx| tenants::get_standing(tx, "acme")).unwrap();
        opened.store.close();
        found
    }

    #[tokio::test]
    async fn a_tenant_is_suspended_and_resumed_each_once() {
        let directory = tempfile::tempdir().unwrap();
        let open = Open { config: None, data: Some(directory.path().into()) };
        let ask = TenantCreate { name: "acme".into(), display_name: None, open: open.clone() };
        create(ask, QUIET).await.unwrap();
        assert_eq!(state(&standing(&open)), "served");
        let idle = resume("acme".into(), &open, QUIET).await.unwrap_err();
        assert!(idle.message.contains("nothing to resume"), "{}", idle.message);
        suspend("acme".into(), &open, QUIET).await.unwrap();
        let suspended = standing(&open);
        assert_eq!(state(&suspended), "suspended");
        assert!(told(&suspended).starts_with("Suspended by command line on "), "{}", told(&suspended));
        assert_eq!(shown(&suspended)["suspended"]["by"], "command line");
        let again = suspend("acme".into(), &open, QUIET).await.unwrap_err();
        assert!(again.message.contains("`tenantry tenant resume acme`"), "{}", again.message);
        resume("acme".into(), &open, QUIET).await.unwrap();
        let resumed = standing(&open);
        assert_eq!((state(&resumed), told(&resumed)), ("served", String::new()));
        assert_eq!(resumed.tenant.revision, suspended.tenant.revision + 1, "so that every process reads it again");
        assert_eq!(suspend("other".into(), &open, QUIET).await.unwrap_err().kind, crate::error::Kind::NotFound);
    }
}
