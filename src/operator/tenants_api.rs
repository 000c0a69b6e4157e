//! The operator's calls about tenants.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Operating;
use super::deed::{Deed, named};
use super::first_owner::FirstOwner;
use super::shown::{OperatedTenantInFull, OperatedTenants};
use crate::audit::{self, Event, Outcome};
use crate::error::{Error, Kind, Result};
use crate::http::{Call, Json, Nothing, Operation, PageSize, Permission, bind_body};
use crate::objects::Whole;
use crate::store::{Scope, Store, Tx};
use crate::tenants::{self, Asked, NewTenant, OPERATORS, get_standing_by_id};
use crate::text;

const LIMIT_USUAL: i64 = 100;
/// How long a removal can be taken back, in days, where nothing is said, and at most.
const GRACE_DAYS: i64 = 30;
const GRACE_DAYS_MAX: i64 = 365;
/// Longest reason, in bytes.
const REASON_MAX: usize = 4_000;

/// The rows.
pub(super) fn operations(room: &Operating) -> Vec<Operation> {
    let own = Permission::Operator;
    vec![
        Operation::get("/api/tenantry/v1/system/tenants", own, list)
            .id("tenantry.system.tenants.list")
            .summary("List all tenants by name.")
            .query::<String>("cursor", "The `next` of the page before, unchanged.")
            .query::<PageSize>("limit", "How many at most, up to 1000; 100 unless said."),
        Operation::post("/api/tenantry/v1/system/tenants", own, bind_body(room, create))
            .id("tenantry.system.tenants.create")
            .summary("Make a tenant, with its first owner if one is named, who gets a link by mail."),
        Operation::get("/api/tenantry/v1/system/tenants/{tenant}", own, show)
            .id("tenantry.system.tenants.show")
            .summary("Show a tenant with its settings."),
        Operation::patch("/api/tenantry/v1/system/tenants/{tenant}/settings", own, set)
            .id("tenantry.system.tenants.set")
            .summary("Change settings of a tenant by their names; those that are left out stay as they are."),
        Operation::post("/api/tenantry/v1/system/tenants/{tenant}/rename", own, rename)
            .id("tenantry.system.tenants.rename")
            .summary("Give a tenant another name, and with it another host; links that were mailed before are dead."),
        Operation::post("/api/tenantry/v1/system/tenants/{tenant}/suspend", own, suspend)
            .fresh("/account")
            .id("tenantry.system.tenants.suspend")
            .summary("Suspend a tenant: nobody comes in and no mail leaves until it is resumed."),
        Operation::post("/api/tenantry/v1/system/tenants/{tenant}/resume", own, resume)
            .id("tenantry.system.tenants.resume")
            .summary("Serve a tenant again that was suspended or removed, and take away a request to delete it."),
        Operation::post("/api/tenantry/v1/system/tenants/{tenant}/remove", own, remove)
            .fresh("/account")
            .id("tenantry.system.tenants.remove")
            .summary("Take a tenant out of service and delete it after some days; until then `resume` takes it back."),
        Operation::post("/api/tenantry/v1/system/tenants/{tenant}/owner", own, bind_body(room, give_owner))
            .fresh("/account")
            .id("tenantry.system.tenants.give_owner")
            .summary("Give a tenant that has no owner its first one, who gets a link by mail."),
    ]
}

/// A new tenant. Unknown members are refused, as in all that operators send.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["name"]))]
struct NewTenantAsk {
    /// The first label of its host: a small letter, then small letters, digits and hyphens, at most 63.
    #[serde(default)]
    #[schemars(example = &"example-corp")]
    name: String,
    /// What people read on pages and in mails; the name unless said.
    #[serde(default)]
    #[schemars(example = &"Example Corp")]
    display_name: Option<String>,
    /// The address of its first owner.
    #[serde(default)]
    #[schemars(example = &"ada@example.com")]
    owner: Option<String>,
}

/// The first owner of a tenant.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FirstOwnerAsk", extend("required" = ["email"]))]
struct OwnerAsk {
    #[serde(default)]
    #[schemars(example = &"ada@example.com")]
    email: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NameAsk", extend("required" = ["name"]))]
struct RenameAsk {
    /// The new name.
    #[serde(default)]
    #[schemars(example = &"example-group")]
    name: String,
}

/// Why a tenant is suspended.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct SuspendAsk {
    /// Why, in free words, at most 4,000 bytes.
    #[schemars(example = &"The invoice is open.")]
    reason: Option<String>,
}

/// The removal of a tenant.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct RemoveAsk {
    /// For how many days it can be taken back: 1 to 365, 30 unless said.
    #[schemars(example = 30)]
    grace_days: Option<Whole>,
}

/// The settings to change, each by its name.
#[derive(Deserialize)]
struct OperatorsSettings(Map<String, Value>);

impl JsonSchema for OperatorsSettings {
    fn schema_name() -> Cow<'static, str> {
        "OperatorsSettings".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let about = "The settings to change, each by its name. Null leaves one as it is; an empty text brings its default back.";
        json_schema!({
            "type": "object",
            "description": about,
            "examples": [{ "link_lifetime_minutes": 120 }],
            "additionalProperties": { "type": ["string", "integer", "boolean", "null"] },
        })
    }
}

impl OperatorsSettings {
    /// From elsewhere nobody says where links lead: they open accounts.
    fn changes(self, is_local: bool) -> Result<Vec<(String, String)>> {
        let given = self.0.into_iter().filter(|(_, value)| !value.is_null());
        given
            .map(|(name, value)| match OPERATORS.iter().find(|(reserved, _)| *reserved == name) {
                Some((_, why)) if !is_local => Err(Error::forbidden(format!(
                    "{name} is set on the machine of the server alone, by `tenantry tenant set`: {why}. Leave it out."
                ))),
                _ => tenants::change_of(name, value),
            })
            .collect()
    }
}

type Shown = Result<Json<OperatedTenantInFull>>;

async fn list(call: Call) -> Result<Json<OperatedTenants>> {
    let (after, limit) = (call.text("cursor").unwrap_or_default(), call.limit(LIMIT_USUAL, PageSize::MAX)?);
    let found = call.store.scan(Scope::HOUSE, move |tx| tenants::list_standings_after(tx, &after, limit)).await?;
    Ok(Json(OperatedTenants::of(found, limit)))
}

async fn show(call: Call) -> Shown {
    Ok(Json(OperatedTenantInFull::of(named(&call)?)))
}

async fn create(room: Operating, call: Call, ask: NewTenantAsk) -> Shown {
    let display_name = ask.display_name.filter(|name| !name.is_empty()).unwrap_or_else(|| ask.name.clone());
    let settings = tenants::usual_settings(&room.config, &display_name);
    // What is inherited is allowed; the name is the caller's.
    let settings = tenants::changed(&settings, &[])?;
    let draw = |tx: &mut Tx<'_>| NewTenant::draw_free(tx, &ask.name, &settings, &call.random, call.now());
    let new = call.store.glance(Scope::HOUSE, draw)?;
    let owner = ask.owner.filter(|email| !email.is_empty());
    let owner = owner.map(|email| FirstOwner::of(&room, &call, &email)).transpose()?;
    let deed = Deed::on(&call, new.id);
    let made = call.store.write(deed.scope, move |tx| {
        let tenant = tenants::create(tx, &new, &deed.actor, deed.now)?;
        let link = owner.as_ref().map(|owner| owner.let_in(tx, &tenant)).transpose()?;
        Ok((get_standing_by_id(tx, deed.tenant)?, link.flatten()))
    });
    let (standing, link) = made.await?;
    Ok(Json(OperatedTenantInFull::of(standing).with(link)))
}

/// Runs a verb on the tenant of the path, and answers how it stands then.
async fn act(call: Call, verb: impl Fn(&mut Tx<'_>, &Deed) -> Result<()> + Send + 'static) -> Shown {
    let deed = Deed::of(&call)?;
    let changed = call.store.write(deed.scope, move |tx| {
        verb(tx, &deed)?;
        get_standing_by_id(tx, deed.tenant)
    });
    Ok(Json(OperatedTenantInFull::of(changed.await?)))
}

async fn set(call: Call, ask: OperatorsSettings) -> Shown {
    let changes = ask.changes(call.head.is_local)?;
    act(call, move |tx, deed| tenants::set_by_id(tx, deed.tenant, &changes, &deed.actor, deed.now).map(drop)).await
}

async fn rename(call: Call, ask: RenameAsk) -> Shown {
    let (store, name) = (call.store.clone(), ask.name.clone());
    require_free(&store, &name)?;
    let renamed = act(call, move |tx, deed| tenants::rename(tx, deed.tenant, &ask.name, &deed.actor, deed.now)).await;
    match renamed {
        // Another call may have taken the name at the same moment; in the scope of one tenant no other is seen.
        Err(failure) if failure.kind == Kind::Internal => require_free(&store, &name).and(Err(failure)),
        outcome => outcome,
    }
}

fn require_free(store: &Store, name: &str) -> Result<()> {
    if store.glance(Scope::HOUSE, |tx| tenants::is_taken(tx, name))? {
        return Err(Error::duplicate(format!("A tenant with the name {} already exists.", text::shown(name))));
    }
    Ok(())
}

async fn suspend(call: Call, ask: SuspendAsk) -> Shown {
    let feedback = ask.reason.unwrap_or_default();
    if feedback.len() > REASON_MAX {
        return Err(Error::invalid(format!("Field reason is longer than {REASON_MAX} bytes.")));
    }
    act(call, move |tx, deed| {
        let asked = Asked { by: deed.actor.as_operator().name, feedback: feedback.clone(), ..Asked::default() };
        let tenant = get_standing_by_id(tx, deed.tenant)?.tenant;
        tenants::suspend(tx, &tenant, &asked, &deed.actor, deed.now)
    })
    .await
}

async fn resume(call: Call, _: Nothing) -> Shown {
    act(call, |tx, deed| tenants::resume(tx, deed.tenant, &deed.actor, deed.now).map(drop)).await
}

async fn remove(call: Call, ask: RemoveAsk) -> Shown {
    let days = ask.grace_days.map_or(GRACE_DAYS, |days| days.0);
    if !(1..=GRACE_DAYS_MAX).contains(&days) {
        return Err(Error::invalid(format!("Field grace_days must be a whole number from 1 to {GRACE_DAYS_MAX}.")));
    }
    act(call, move |tx, deed| tenants::remove(tx, deed.tenant, days, &deed.actor, deed.now)).await
}

async fn give_owner(room: Operating, call: Call, ask: OwnerAsk) -> Shown {
    let (owner, deed) = (FirstOwner::of(&room, &call, &ask.email)?, Deed::of(&call)?);
    let given = call.store.write(deed.scope, move |tx| {
        owner.require_no_other(tx, deed.tenant)?;
        let standing = get_standing_by_id(tx, deed.tenant)?;
        if standing.suspended.is_some() || standing.removal.is_some() {
            return Err(Error::conflict("This tenant is suspended. Resume it first."));
        }
        let link = owner.let_in(tx, &standing.tenant)?;
        let event = Event {
            tenant: deed.tenant,
            at: deed.now,
            action: "tenant.give_owner",
            outcome: Outcome::Accepted,
            actor: &deed.actor,
            subject: owner.email(),
            facts: json!({ "tenant": standing.tenant.name }),
        };
        audit::record(tx, &event)?;
        Ok((get_standing_by_id(tx, deed.tenant)?, link))
    });
    let (standing, link) = given.await?;
    Ok(Json(OperatedTenantInFull::of(standing).with(link)))
}
