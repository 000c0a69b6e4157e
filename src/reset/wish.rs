//! A request for a link by someone who forgot their password (a *wish*). It is stored and answered at once, for known
//! and unknown addresses alike; it is carried out after the answer, and after a crash by the next process.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::watch;
use uuid::Uuid;

use super::ask::Ask;
use super::parts::Resets;
use super::request::request;
use super::rows::Kind;
use super::rules::rules;
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};
use crate::http::{Call, Host};
use crate::identity::{Actor, TenantId};
use crate::mail::address::Email;
use crate::params;
use crate::random::Random;
use crate::store::{Scope, Store, Tx};
use crate::tenants;

/// How often to look for wishes that another process left behind.
const EVERY: Duration = Duration::from_secs(5);

/// An answered wish.
#[derive(Clone, Copy)]
struct Wish {
    tenant: TenantId,
    /// The id of its request.
    id: Uuid,
}

/// The parts needed to carry wishes out.
#[derive(Clone)]
struct Work {
    resets: Resets,
    store: Store,
    random: Random,
}

/// The body of such a request.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ForgottenPassword", extend("required" = ["email"]))]
pub(super) struct Forgotten {
    #[serde(default)]
    #[schemars(example = &"jane@example.com")]
    pub(super) email: String,
    /// The tenant's name, for a host that names none.
    #[serde(default)]
    pub(super) cname: Option<String>,
}

pub(super) fn read_email(text: &str) -> Result<Email> {
    if text.is_empty() {
        return Err(Error::invalid("Field email should be not empty in request."));
    }
    Email::parse(text)
}

/// Stores the wish, so that it can be answered. Neither the answer nor its time reveals whether the address is known.
///
/// # Errors
/// `Invalid` for text that is no address; those of the store.
pub(super) async fn send_fresh_link(resets: &Resets, call: &Call, asked: &Forgotten) -> Result<()> {
    let (email, actor, now) = (read_email(&asked.email)?, call.actor(), call.now());
    let Some(tenant) = tenant_of(resets, call, asked.cname.as_deref())? else { return Ok(()) };
    let wish = Wish { tenant, id: actor.request_id };
    let scope = Scope::of(tenant).until(call.head.deadline);
    call.store.write(scope, move |tx| keep(tx, wish, &email, &actor, now)).await?;
    let work = Work { resets: resets.clone(), store: call.store.clone(), random: call.random.clone() };
    tokio::spawn(async move { work.carry_out(wish, now).await });
    Ok(())
}

/// The tenant of the host, or otherwise the tenant that the wish names. `None` if there is no such tenant.
fn tenant_of(resets: &Resets, call: &Call, cname: Option<&str>) -> Result<Option<TenantId>> {
    let is_known = call.head.host.tenant_under(&resets.base_domain).is_some() || call.admitted.caller.is_some();
    let Some(cname) = cname.filter(|cname| !is_known && !cname.is_empty()) else { return Ok(Some(call.tenant()?.id)) };
    let Some(named) = Host::parse(cname) else { return Ok(None) };
    let name = named.tenant_under(&resets.base_domain).unwrap_or(named.name());
    Ok(call.store.read(Scope::HOUSE, |tx| tenants::find_by_name(tx, name))?.map(|tenant| tenant.id))
}

/// Carries out the wishes that other processes answered and left, until told to stop.
pub async fn keep_carrying_out(
    resets: Resets,
    store: Store,
    clock: Clock,
    random: Random,
    mut stop: watch::Receiver<bool>,
) {
    let work = Work { resets, store, random };
    while !*stop.borrow() {
        match work.store.read(Scope::HOUSE, standing) {
            Ok(wishes) => {
                for wish in wishes {
                    work.carry_out(wish, clock.now()).await;
                }
            }
            Err(failure) => work.store.tell(&failure, "wishes for fresh links could not be looked for"),
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

impl Work {
    async fn carry_out(&self, wish: Wish, now: Timestamp) {
        let (id, mail) = (self.random.uuid(now), self.random.uuid(now));
        let key = self.resets.keys.current();
        let verb = move |tx: &mut Tx<'_>| carry_out(tx, wish, id, mail, key, now);
        if let Err(failure) = self.store.write(Scope::of(wish.tenant), verb).await {
            self.store.tell(&failure, "a wish for a fresh link is not carried out yet");
        }
    }
}

fn keep(tx: &mut Tx<'_>, wish: Wish, email: &Email, actor: &Actor, now: Timestamp) -> Result<()> {
    tx.run(
        "INSERT INTO link_wishes (tenant, id, email, wished_at, wished_by, credential, address)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &params![
            wish.tenant,
            &wish.id,
            email.as_str(),
            now,
            &actor.name,
            actor.credential.as_deref(),
            &actor.address.to_string()
        ],
    )
    .map(drop)
}

fn standing(tx: &mut Tx<'_>) -> Result<Vec<Wish>> {
    let rows = tx.all("SELECT tenant, id FROM link_wishes ORDER BY tenant, id LIMIT 100", &[])?;
    rows.iter().map(|row| Ok(Wish { tenant: row.get(0)?, id: row.get(1)? })).collect()
}

/// Deletes the wish and carries it out, in one transaction: so it is done once, even if two processes try.
fn carry_out(tx: &mut Tx<'_>, wish: Wish, id: Uuid, mail: Uuid, key: i64, now: Timestamp) -> Result<()> {
    let Some((email, actor)) = take(tx, wish)? else { return Ok(()) };
    // That of a suspended tenant too, as any other: its mail waits.
    let Some(tenant) = tenants::find_even_suspended(tx, wish.tenant)? else { return Ok(()) };
    let kind = Kind::Forgotten;
    let ask = Ask {
        tenant: tenant.id,
        email,
        kind,
        actor,
        presumed: None,
        rights: None,
        id,
        mail,
        key,
        idempotency: None,
        rules: rules(&tenant, kind),
        now,
    };
    // A refusal is a valid outcome; nobody is told of it.
    request(tx, &[ask]).map(drop)
}

fn take(tx: &mut Tx<'_>, Wish { tenant, id }: Wish) -> Result<Option<(Email, Actor)>> {
    let wished = tx.maybe(
        "SELECT email, wished_by, credential, address FROM link_wishes WHERE tenant = $1 AND id = $2",
        &params![tenant, &id],
    )?;
    let Some(row) = wished else { return Ok(None) };
    tx.run("DELETE FROM link_wishes WHERE tenant = $1 AND id = $2", &params![tenant, &id])?;
    let address = row.get::<String>(3)?.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let actor = Actor { user: None, name: row.get(1)?, credential: row.get(2)?, address, request_id: id };
    Ok(Some((Email::parse(&row.get::<String>(0)?)?, actor)))
}
