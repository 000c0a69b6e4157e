//! The calls about namespaces.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::labels::Filter;
use super::rows::{self, Namespace};
use super::{NewNamespace, create, remove, replace};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::http::{Call, Empty, Json, Operation, Permission};
use crate::objects::{AskedMetadata, Gone, Initializers, Metadata, Origin, SystemMetadata, Words};
use crate::rights::ApiGroup;

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
            .query::<String>("response_format", "Which forms of the object to answer beside it."),
        Operation::put("/api/web/namespaces/{name}", write, replace_one)
            .id("ves.io.schema.namespace.API.Replace")
            .summary("Replace the description, labels and annotations of a namespace."),
        Operation::post("/api/web/namespaces/{name}/cascade_delete", write, remove_one)
            .id("ves.io.schema.namespace.CustomAPI.CascadeDelete")
            .summary("Remove a namespace with the roles that were given in it."),
    ]
}

#[derive(Deserialize, JsonSchema)]
struct NamespaceAsk {
    #[serde(default)]
    metadata: Option<AskedMetadata>,
}

#[derive(Deserialize, JsonSchema)]
struct NamespaceRemoval {}

#[derive(Serialize, JsonSchema)]
struct NoSpec {}

#[derive(Serialize, JsonSchema)]
struct NamespaceObject {
    metadata: Metadata,
    spec: NoSpec,
    system_metadata: SystemMetadata,
}

#[derive(Serialize, JsonSchema)]
struct NamespaceForm {
    metadata: Metadata,
    spec: NoSpec,
}

#[derive(Serialize, JsonSchema)]
struct NamespaceAnswer {
    create_form: Option<NamespaceForm>,
    replace_form: Option<NamespaceForm>,
    deleted_referred_objects: [String; 0],
    disabled_referred_objects: [String; 0],
    referring_objects: [String; 0],
    status: [String; 0],
    #[serde(flatten)]
    object: NamespaceObject,
}

#[derive(Serialize, JsonSchema)]
struct NamespaceItem {
    tenant: String,
    namespace: &'static str,
    name: String,
    uid: String,
    description: String,
    disabled: bool,
    labels: Words,
    annotations: Words,
    owner_view: Option<String>,
    metadata: Metadata,
    get_spec: Option<NoSpec>,
    system_metadata: Option<SystemMetadata>,
    status_set: [String; 0],
}

#[derive(Serialize, JsonSchema)]
struct NamespaceList {
    items: Vec<NamespaceItem>,
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
        spec: NoSpec {},
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
        get_spec: is_full.then_some(NoSpec {}),
        system_metadata: is_full.then(|| system_metadata(namespace, tenant)),
        status_set: [],
    }
}

async fn create_one(call: Call, ask: NamespaceAsk) -> Result<Json<NamespaceObject>> {
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
    let filled = || NamespaceForm { metadata: metadata(&found), spec: NoSpec {} };
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
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::act::rig::{NOW, OWNER, Rig};
    use crate::rights::Grant;

    #[test]
    fn a_new_namespace_is_answered_as_real_clients_read_it() {
        let rig = Rig::new();
        let ask: NamespaceAsk = serde_json::from_value(json!({
            "metadata": { "name": "team-a", "namespace": "", "labels": null, "annotations": {}, "disable": false },
            "spec": {},
        }))
        .unwrap();
        let made = rig.run(create_one(rig.call(OWNER, &[], ""), ask)).unwrap().0;
        let answer = serde_json::to_value(made).unwrap();
        assert_eq!(
            answer,
            json!({
                "metadata": { "name": "team-a", "namespace": "", "labels": {}, "annotations": {}, "description": "",
                              "disable": false },
                "spec": {},
                "system_metadata": {
                    "uid": answer["system_metadata"]["uid"], "tenant": rig.tenant.uid, "creation_timestamp": NOW.to_string(),
                    "modification_timestamp": null, "deletion_timestamp": null,
                    "initializers": { "pending": [], "result": null }, "finalizers": [], "creator_class": "prism",
                    "creator_id": OWNER, "object_index": 0, "owner_view": null, "labels": {},
                },
            })
        );
    }

    #[test]
    fn a_namespace_without_a_role_is_as_if_absent() {
        let rig = Rig::new();
        rig.add("jane@example.com", &[Grant::new("shared", "ves-io-default-role")], false);
        let get = |who: &str, name: &str| rig.run(get_one(rig.call(who, &[("name", name)], "")));
        let names = |who: &str| -> Vec<String> {
            let listed = rig.run(list_all(rig.call(who, &[], ""))).unwrap().0;
            listed.items.into_iter().map(|item| item.name).collect()
        };
        assert!(get("jane@example.com", "shared").is_ok());
        let hidden = get("jane@example.com", "default").err().unwrap().message;
        let absent = get("jane@example.com", "nowhere").err().unwrap().message;
        assert_eq!(hidden, absent.replace("nowhere", "default"));
        assert_eq!(names("jane@example.com"), ["shared"]);
        assert_eq!(names(OWNER), ["default", "shared", "system"]);
    }

    #[test]
    fn a_form_to_send_back_is_filled_when_asked_for() {
        let rig = Rig::new();
        let call = rig.call(OWNER, &[("name", "default")], "response_format=GET_RSP_FORMAT_FOR_REPLACE");
        let answer = serde_json::to_value(rig.run(get_one(call)).unwrap().0).unwrap();
        assert_eq!(answer["replace_form"]["metadata"]["name"], "default");
        assert_eq!(answer["create_form"], Value::Null);
        let call = rig.call(OWNER, &[("name", "default")], "response_format=9");
        assert!(rig.run(get_one(call)).is_err());
    }
}
