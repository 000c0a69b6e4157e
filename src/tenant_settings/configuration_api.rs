//! The five calls of a tenant's configuration: the public API's object over the same settings as `idm/settings`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::configuration::{NO_SPEC, create, find, place, remove, replace};
use super::idm::{IdmAsk, IdmSettings};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::Result;
use crate::http::{Call, Empty, Items, Json, Operation, Permission, Written};
use crate::identity::Tenant;
use crate::objects::{
    self, AskedMetadata, ERRORS, Filter, Form, KeptObject, NAME_MAX, NewObject, Object, ObjectAnswer, ObjectItem,
    ObjectList, Said, check_name,
};
use crate::terms::ResponseFormat;

const ALL: &str = "/api/config/namespaces/{namespace}/tenant_configurations";
const ONE: &str = "/api/config/namespaces/{namespace}/tenant_configurations/{name}";

/// The rows of these calls.
pub(super) fn operations() -> Vec<Operation> {
    let (read, write) = (Permission::Group(ApiGroup::UamAdminRead), Permission::Group(ApiGroup::UamAdminWrite));
    vec![
        Operation::post(ALL, write, create_one)
            .in_system()
            .id("ves.io.schema.views.tenant_configuration.API.Create")
            .summary("Create the tenant's configuration, and set what it says."),
        Operation::put(ONE, write, replace_one)
            .in_system()
            .id("ves.io.schema.views.tenant_configuration.API.Replace")
            .summary("Replace the whole metadata and spec of the tenant's configuration."),
        Operation::get(ALL, read, list)
            .in_system()
            .id("ves.io.schema.views.tenant_configuration.API.List")
            .summary("List the tenant's configuration, if there is one.")
            .query::<String>("label_filter", "Only objects with these labels, such as `stage=test`.")
            .query::<String>("report_fields", "Whether to answer each in full.")
            .query::<String>(
                "report_status_fields",
                "Changes nothing: `status_set` is there without it, and always empty.",
            ),
        Operation::get(ONE, read, show)
            .in_system()
            .id("ves.io.schema.views.tenant_configuration.API.Get")
            .summary("Read the tenant's configuration: what counts at this moment.")
            .query::<ResponseFormat>("response_format", "Which forms of the object to answer beside it."),
        Operation::delete(ONE, write, remove_one)
            .in_system()
            .id("ves.io.schema.views.tenant_configuration.API.Delete")
            .summary("Remove the tenant's configuration; its settings go back to their defaults."),
    ]
}

/// A configuration: what is absent has its default.
#[derive(Deserialize, JsonSchema)]
struct ConfigurationAsk {
    /// Without a name the object has that of the tenant.
    metadata: Option<AskedMetadata>,
    spec: Option<IdmAsk>,
}

/// What clients send with a removal says nothing that the path does not.
#[derive(Deserialize, JsonSchema)]
struct ConfigurationRemoval {}

async fn create_one(call: Call, ask: ConfigurationAsk) -> Result<Json<Object<IdmSettings>>> {
    let (act, metadata) = (Act::of(&call)?, ask.metadata.unwrap_or_default());
    let said = Said { metadata: metadata.keep()?, spec: NO_SPEC.into() };
    let name = metadata.name.filter(|name| !name.is_empty()).unwrap_or_else(|| act.tenant.name.clone());
    check_name("metadata.name", &name, NAME_MAX)?;
    let changes = ask.spec.unwrap_or_default().changes()?;
    let new = NewObject { place: place(), name, uid: call.random.uuid(act.now), said };
    let (made, tenant) = call.store.write(call.scope()?, move |tx| create(tx, &new, &changes, &act)).await?;
    Ok(Json(object(made, &tenant)))
}

async fn replace_one(call: Call, ask: ConfigurationAsk) -> Result<Empty> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_owned());
    let said = Said { metadata: ask.metadata.unwrap_or_default().keep()?, spec: NO_SPEC.into() };
    let changes = ask.spec.unwrap_or_default().changes()?;
    call.store.write(call.scope()?, move |tx| replace(tx, &name, &said, &changes, &act)).await?;
    Ok(Empty::default())
}

async fn list(call: Call) -> Result<Written<ObjectList<IdmSettings>>> {
    let tenant = call.tenant()?;
    let is_full = call.query("report_fields").is_some();
    let filter = Filter::parse(&call.query("label_filter").unwrap_or_default())?;
    let found = call.store.read(call.scope()?, |tx| find(tx, tenant.id))?;
    let mut items = Items::begin();
    for kept in found.into_iter().filter(|kept| filter.passes(&kept.metadata.labels)) {
        items.push(&ObjectItem::new(object(kept, tenant), is_full))?;
    }
    Ok(items.end(ERRORS))
}

async fn show(call: Call) -> Result<Json<ObjectAnswer<IdmSettings>>> {
    let (tenant, form) = (call.tenant()?, Form::of(&call)?);
    let found = call.store.read(call.scope()?, |tx| objects::get(tx, tenant.id, &place(), call.param("name")))?;
    Ok(Json(ObjectAnswer::new(object(found, tenant), form)))
}

async fn remove_one(call: Call, _: ConfigurationRemoval) -> Result<Empty> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_owned());
    call.store.write(call.scope()?, move |tx| remove(tx, &name, &act)).await?;
    Ok(Empty::default())
}

/// The object with what the tenant's settings say at this moment.
fn object(kept: KeptObject, tenant: &Tenant) -> Object<IdmSettings> {
    Object::of(kept, IdmSettings::of(&tenant.settings), &tenant.uid)
}
