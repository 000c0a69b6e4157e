//! The calls about namespaces.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::rows::{self, Namespace};
use super::{NewNamespace, create, not_found, remove, replace};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::Result;
use crate::http::{Call, Empty, EmptyObject, Json, Operation, Permission};
use crate::objects::{
    AskedMetadata, EMPTY, Filter, Form, Gone, Initializers, Metadata, NewMetadata, Object, ObjectAnswer, ObjectItem,
    Origin, SystemMetadata,
};
use crate::terms::ResponseFormat;

/// The operations of this room.
pub fn operations() -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::NamespaceWrite);
    vec![
        Operation::get("/api/web/namespaces", Permission::SignedIn, list_all)
            .id("ves.io.schema.namespace.API.List")
            .summary("List the namespaces in which you have a role; administrators see all.")
            .query::<String>("label_filter", "Only namespaces with these labels, such as `stage=test`.")
            .query::<String>("report_fields", "Whether to answer each in full.")
            .query::<String>("report_status_fields", "Changes nothing: `status_set` is always there, and empty.")
            .query::<String>("namespace", "Without meaning here: namespaces live in none."),
        Operation::post("/api/web/namespaces", write, create_one)
            .id("ves.io.schema.namespace.API.Create")
            .summary("Create a namespace."),
        Operation::get("/api/web/namespaces/{name}", Permission::SignedIn, get_one)
            .id("ves.io.schema.namespace.API.Get")
            .summary("Read one namespace in which you have a role.")
            .query::<ResponseFormat>("response_format", "Which forms of the object to answer beside it.")
            .query::<String>("namespace", "Without meaning here: namespaces live in none."),
        Operation::put("/api/web/namespaces/{name}", write, replace_one)
            .id("ves.io.schema.namespace.API.Replace")
            .summary("Replace the description, labels and annotations of a namespace."),
        Operation::post("/api/web/namespaces/{name}/cascade_delete", write, remove_one)
            .id("ves.io.schema.namespace.CustomAPI.CascadeDelete")
            .summary("Remove a namespace with its objects and the roles that were given in it."),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[schemars(extend("required" = ["metadata"]))]
struct NewNamespaceAsk {
    #[serde(default)]
    #[schemars(with = "NewMetadata")]
    metadata: Option<AskedMetadata>,
}

#[derive(Deserialize, JsonSchema)]
struct NamespaceAsk {
    #[serde(default)]
    #[schemars(example = json!({ "description": "The people of team A" }))]
    metadata: Option<AskedMetadata>,
}

#[derive(Deserialize, JsonSchema)]
struct NamespaceRemoval {}

/// The spec of a namespace: the public API has no member there. Its name in the document begins those of the answers.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "Namespace")]
struct NamespaceSpec {}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NamespaceList")]
struct Namespaces {
    items: Vec<ObjectItem<NamespaceSpec>>,
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    errors: [String; 0],
}

#[derive(Serialize, JsonSchema)]
struct NamespacesGone {
    items: Vec<Gone>,
}

fn object(namespace: Namespace, tenant: &str) -> Object<NamespaceSpec> {
    let origin = Origin {
        uid: &namespace.uid,
        tenant,
        created_at: namespace.created_at,
        created_by: &namespace.created_by,
        modified_at: namespace.modified_at,
    };
    let system_metadata =
        SystemMetadata { initializers: Some(Initializers::default()), ..SystemMetadata::narrow(origin) };
    let metadata = Metadata::of(namespace.name, String::new(), namespace.metadata);
    Object { metadata, spec: NamespaceSpec {}, system_metadata }
}

async fn list_all(call: Call) -> Result<Json<Namespaces>> {
    let (tenant, caller) = (call.tenant()?, call.caller()?);
    let id = tenant.id;
    let is_full = call.query("report_fields").is_some();
    let filter = Filter::parse(&call.query("label_filter").unwrap_or_default())?;
    let namespaces = call.store.scan(call.scope()?, move |tx| rows::list(tx, id)).await?;
    let known = namespaces.into_iter().filter(|namespace| rows::may_know(&caller.rights, &namespace.name));
    let known = known.filter(|namespace| filter.passes(&namespace.metadata.labels));
    let items = known.map(|namespace| ObjectItem::new(object(namespace, &tenant.uid), is_full)).collect();
    Ok(Json(Namespaces { items, errors: [] }))
}

async fn create_one(call: Call, ask: NewNamespaceAsk) -> Result<Json<Object<NamespaceSpec>>> {
    let act = Act::of(&call)?;
    let new = NewNamespace::draw(&ask.metadata.unwrap_or_default(), &call.random, &act)?;
    let tenant = act.tenant.uid.clone();
    let made = call.store.write(call.scope()?, move |tx| create(tx, &new, &act)).await?;
    Ok(Json(object(made, &tenant)))
}

async fn get_one(call: Call) -> Result<Json<ObjectAnswer<NamespaceSpec>>> {
    let (tenant, name, form) = (call.tenant()?, call.param("name"), Form::of(&call)?);
    if !rows::may_know(&call.caller()?.rights, name) {
        return Err(not_found(name));
    }
    let found = call.store.read(call.scope()?, |tx| rows::get(tx, tenant.id, name))?;
    Ok(Json(ObjectAnswer::new(object(found, &tenant.uid), form)))
}

async fn replace_one(call: Call, ask: NamespaceAsk) -> Result<Empty> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_string());
    let kept = ask.metadata.unwrap_or_default().keep()?;
    call.store.write(call.scope()?, move |tx| replace(tx, &name, &kept, &act)).await?;
    Ok(Empty::default())
}

async fn remove_one(call: Call, _: NamespaceRemoval) -> Result<Json<NamespacesGone>> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_string());
    let removed = call.store.write(call.scope()?, move |tx| remove(tx, &name, &act)).await?;
    let namespace = gone("ves.io.schema.namespace", removed.namespace.name, removed.namespace.uid);
    let objects = removed.objects.into_iter().map(|object| gone(&object.kind, object.name, object.uid));
    Ok(Json(NamespacesGone { items: std::iter::once(namespace).chain(objects).collect() }))
}

fn gone(kind: &str, object_name: String, uid: Uuid) -> Gone {
    Gone { object_type: format!("{kind}.Object"), object_name, object_uid: uid.to_string(), error_message: "" }
}

#[cfg(test)]
#[path = "api_tests.rs"]
mod tests;
