//! The calls about namespaces.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rows::{self, Namespace};
use super::{NewNamespace, create, remove, replace};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::http::{Call, Empty, EmptyObject, Json, Operation, Permission};
use crate::objects::{
    AskedMetadata, EMPTY, Filter, Gone, Initializers, Metadata, NewMetadata, Origin, Reference, SystemMetadata, Words,
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
            .query::<String>("report_fields", "Whether to answer each in full."),
        Operation::post("/api/web/namespaces", write, create_one)
            .id("ves.io.schema.namespace.API.Create")
            .summary("Create a namespace."),
        Operation::get("/api/web/namespaces/{name}", Permission::SignedIn, get_one)
            .id("ves.io.schema.namespace.API.Get")
            .summary("Read one namespace in which you have a role.")
            .query::<ResponseFormat>("response_format", "Which forms of the object to answer beside it."),
        Operation::put("/api/web/namespaces/{name}", write, replace_one)
            .id("ves.io.schema.namespace.API.Replace")
            .summary("Replace the description, labels and annotations of a namespace."),
        Operation::post("/api/web/namespaces/{name}/cascade_delete", write, remove_one)
            .id("ves.io.schema.namespace.CustomAPI.CascadeDelete")
            .summary("Remove a namespace with the roles that were given in it."),
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

#[derive(Serialize, JsonSchema)]
struct NamespaceObject {
    metadata: Metadata,
    spec: EmptyObject,
    system_metadata: SystemMetadata,
}

#[derive(Serialize, JsonSchema)]
struct NamespaceForm {
    metadata: Metadata,
    spec: EmptyObject,
}

#[derive(Serialize, JsonSchema)]
struct NamespaceAnswer {
    create_form: Option<NamespaceForm>,
    replace_form: Option<NamespaceForm>,
    #[schemars(with = "Vec<Reference>", example = EMPTY)]
    deleted_referred_objects: [String; 0],
    #[schemars(with = "Vec<Reference>", example = EMPTY)]
    disabled_referred_objects: [String; 0],
    #[schemars(with = "Vec<Reference>", example = EMPTY)]
    referring_objects: [String; 0],
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    status: [String; 0],
    #[serde(flatten)]
    object: NamespaceObject,
}

#[derive(Serialize, JsonSchema)]
struct NamespaceItem {
    #[schemars(example = &"example-corp-abcdefgh")]
    tenant: String,
    #[schemars(example = &"")]
    namespace: &'static str,
    #[schemars(example = &"team-a")]
    name: String,
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    uid: String,
    #[schemars(example = &"The people of team A")]
    description: String,
    disabled: bool,
    labels: Words,
    annotations: Words,
    owner_view: Option<String>,
    metadata: Metadata,
    get_spec: Option<EmptyObject>,
    system_metadata: Option<SystemMetadata>,
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    status_set: [String; 0],
}

#[derive(Serialize, JsonSchema)]
struct NamespaceList {
    items: Vec<NamespaceItem>,
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    errors: [String; 0],
}

#[derive(Serialize, JsonSchema)]
struct NamespacesGone {
    items: Vec<Gone>,
}

/// Which forms a reader wants beside the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    None,
    Create,
    Replace,
}

/// Reads `response_format`, which comes as a number or a name.
fn form_of(asked: Option<&str>) -> Result<Form> {
    match asked.unwrap_or_default() {
        "" | "0" | "3" | "4" | "5" | "6" => Ok(Form::None),
        "1" | "GET_RSP_FORMAT_FOR_CREATE" => Ok(Form::Create),
        "2" | "GET_RSP_FORMAT_FOR_REPLACE" => Ok(Form::Replace),
        "GET_RSP_FORMAT_DEFAULT"
        | "GET_RSP_FORMAT_STATUS"
        | "GET_RSP_FORMAT_READ"
        | "GET_RSP_FORMAT_REFERRING_OBJECTS"
        | "GET_RSP_FORMAT_BROKEN_REFERENCES" => Ok(Form::None),
        _ => Err(Error::invalid("Field response_format is none of the known formats, 0 to 6.")),
    }
}

fn metadata(namespace: &Namespace) -> Metadata {
    let kept = namespace.metadata.clone();
    Metadata {
        name: namespace.name.clone(),
        namespace: String::new(),
        description: kept.description,
        disable: kept.disable,
        labels: kept.labels,
        annotations: kept.annotations,
        uid: None,
    }
}

fn system_metadata(namespace: &Namespace, tenant: &str) -> SystemMetadata {
    let origin = Origin {
        uid: &namespace.uid,
        tenant,
        created_at: namespace.created_at,
        created_by: &namespace.created_by,
        modified_at: namespace.modified_at,
    };
    SystemMetadata { initializers: Some(Initializers::default()), ..SystemMetadata::narrow(origin) }
}

fn object(namespace: &Namespace, tenant: &str) -> NamespaceObject {
    NamespaceObject {
        metadata: metadata(namespace),
        spec: EmptyObject {},
        system_metadata: system_metadata(namespace, tenant),
    }
}

async fn list_all(call: Call) -> Result<Json<NamespaceList>> {
    let (tenant, caller) = (call.tenant()?, call.caller()?);
    let id = tenant.id;
    let is_full = call.query("report_fields").is_some();
    let filter = Filter::parse(&call.query("label_filter").unwrap_or_default())?;
    let namespaces = call.store.scan(call.scope()?, move |tx| rows::list(tx, id)).await?;
    let known = namespaces.iter().filter(|namespace| rows::may_know(&caller.rights, &namespace.name));
    let known = known.filter(|namespace| filter.passes(&namespace.metadata.labels));
    let items = known.map(|namespace| item(namespace, &tenant.uid, is_full)).collect();
    Ok(Json(NamespaceList { items, errors: [] }))
}

fn item(namespace: &Namespace, tenant: &str, is_full: bool) -> NamespaceItem {
    let kept = namespace.metadata.clone();
    NamespaceItem {
        tenant: tenant.into(),
        namespace: "",
        name: namespace.name.clone(),
        uid: namespace.uid.to_string(),
        description: kept.description,
        disabled: kept.disable,
        labels: kept.labels,
        annotations: kept.annotations,
        owner_view: None,
        metadata: metadata(namespace),
        get_spec: is_full.then_some(EmptyObject {}),
        system_metadata: is_full.then(|| system_metadata(namespace, tenant)),
        status_set: [],
    }
}

async fn create_one(call: Call, ask: NewNamespaceAsk) -> Result<Json<NamespaceObject>> {
    let act = Act::of(&call)?;
    let new = NewNamespace::draw(&ask.metadata.unwrap_or_default(), &call.random, &act)?;
    let tenant = act.tenant.uid.clone();
    let made = call.store.write(call.scope()?, move |tx| create(tx, &new, &act)).await?;
    Ok(Json(object(&made, &tenant)))
}

async fn get_one(call: Call) -> Result<Json<NamespaceAnswer>> {
    let (tenant, name) = (call.tenant()?, call.param("name"));
    let form = form_of(call.query("response_format").as_deref())?;
    if !rows::may_know(&call.caller()?.rights, name) {
        return Err(rows::not_found(name));
    }
    let found = call.store.read(call.scope()?, |tx| rows::get(tx, tenant.id, name))?;
    let filled = || NamespaceForm { metadata: metadata(&found), spec: EmptyObject {} };
    Ok(Json(NamespaceAnswer {
        create_form: (form == Form::Create).then(filled),
        replace_form: (form == Form::Replace).then(filled),
        deleted_referred_objects: [],
        disabled_referred_objects: [],
        referring_objects: [],
        status: [],
        object: object(&found, &tenant.uid),
    }))
}

async fn replace_one(call: Call, ask: NamespaceAsk) -> Result<Empty> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_string());
    let kept = ask.metadata.unwrap_or_default().keep()?;
    call.store.write(call.scope()?, move |tx| replace(tx, &name, &kept, &act)).await?;
    Ok(Empty::default())
}

async fn remove_one(call: Call, _: NamespaceRemoval) -> Result<Json<NamespacesGone>> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_string());
    let gone = call.store.write(call.scope()?, move |tx| remove(tx, &name, &act)).await?;
    let item = Gone {
        object_type: "ves.io.schema.namespace.Object",
        object_name: gone.name,
        object_uid: gone.uid.to_string(),
        error_message: "",
    };
    Ok(Json(NamespacesGone { items: vec![item] }))
}

#[cfg(test)]
#[path = "api_tests.rs"]
mod tests;
