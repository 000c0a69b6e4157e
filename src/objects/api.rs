//! The five operations of a kind. They are made from its [`Kind`], so that they are alike for all kinds.

use std::sync::Arc;

use super::wire::{ERRORS, NewAsk, Object, ObjectAnswer, ObjectItem, ObjectList, ObjectRemoval, ReplacementAsk};
use super::{
    AskedMetadata, Filter, Form, KeptObject, Kind, NAME_MAX, NewObject, Place, Said, Spec, check_name, create, each,
    get, listing, remove, replace,
};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::http::{Call, Empty, Items, Json, Listing, Operation, Permission};
use crate::store::Tx;
use crate::terms::ResponseFormat;

/// The operations of a kind.
pub fn operations<S: Spec>(kind: &'static Kind<S>) -> Vec<Operation> {
    let (read, write) = (Permission::Group(kind.read), Permission::Group(kind.write));
    let Kind { id, singular, plural, .. } = kind;
    let all = fixed(format!("/api/web/namespaces/{{namespace}}/{plural}"));
    let one = fixed(format!("{all}/{{name}}"));
    let rows = [
        (
            "Create",
            Operation::post(all, write, move |call, ask| create_one(kind, call, ask)),
            format!("Create a {singular}."),
        ),
        (
            "Replace",
            Operation::put(one, write, move |call, ask| replace_one(kind, call, ask)),
            format!("Replace the whole metadata and spec of a {singular}."),
        ),
        (
            "List",
            Operation::get(all, read, move |call| list_all(kind, call))
                .query::<String>("label_filter", "Only objects with these labels, such as `stage=test`.")
                .query::<String>("report_fields", "Whether to answer each in full.")
                .query::<String>(
                    "report_status_fields",
                    "Changes nothing: `status_set` is there without it, and always empty.",
                ),
            format!("List the {plural} of a namespace."),
        ),
        (
            "Get",
            Operation::get(one, read, move |call| get_one(kind, call))
                .query::<ResponseFormat>("response_format", "Which forms of the object to answer beside it."),
            format!("Read one {singular}."),
        ),
        (
            "Delete",
            Operation::delete(one, write, move |call, ask| remove_one(kind, call, ask)),
            format!("Remove a {singular}."),
        ),
    ];
    let rows = rows.into_iter().map(|(verb, row, summary)| {
        let mut row = row.id(fixed(format!("{id}.API.{verb}"))).summary(fixed(summary));
        row.acts_in = Some(kind.lives_in);
        row
    });
    rows.collect()
}

/// Texts of the table of operations, which is made once and lives as long as the process.
fn fixed(text: String) -> &'static str {
    text.leak()
}

impl<S: Spec> Kind<S> {
    /// Where the objects of a call stand: in the namespace in which it was judged.
    fn place(&self, call: &Call) -> Place {
        Place { kind: self.id, singular: self.singular, namespace: call.namespace.name().to_owned() }
    }

    /// What a request says, checked. Parts that are absent are empty.
    fn said(&self, metadata: &AskedMetadata, spec: S) -> Result<Said> {
        (self.check)(&spec)?;
        let spec = serde_json::to_string(&spec).map_err(Error::internal)?;
        Ok(Said { metadata: metadata.keep()?, spec })
    }
}

async fn create_one<S: Spec>(kind: &'static Kind<S>, call: Call, ask: NewAsk<S>) -> Result<Json<Object<S>>> {
    let (act, metadata) = (Act::of(&call)?, ask.metadata.unwrap_or_default());
    let said = kind.said(&metadata, ask.spec.map(|asked| asked.0).unwrap_or_default())?;
    let name = metadata.name.unwrap_or_default();
    check_name("metadata.name", &name, NAME_MAX)?;
    let new = NewObject { place: kind.place(&call), name, uid: call.random.uuid(act.now), said };
    let tenant = Arc::clone(&act.tenant);
    let made = call.store.write(call.scope()?, move |tx| create(tx, &new, &act)).await?;
    object(made, &tenant.uid).map(Json)
}

async fn replace_one<S: Spec>(kind: &'static Kind<S>, call: Call, ask: ReplacementAsk<S>) -> Result<Empty> {
    let (act, place, name) = (Act::of(&call)?, kind.place(&call), call.param("name").to_owned());
    let spec = ask.spec.map(|asked| asked.0).unwrap_or_default();
    let said = kind.said(&ask.metadata.unwrap_or_default(), spec)?;
    call.store.write(call.scope()?, move |tx| replace(tx, &place, &name, &said, &act)).await?;
    Ok(Empty::default())
}

async fn list_all<S: Spec>(kind: &'static Kind<S>, call: Call) -> Result<Listing<ObjectList<S>>> {
    let (tenant, place) = (Arc::clone(call.tenant()?), kind.place(&call));
    let is_full = call.query("report_fields").is_some();
    let filter = Filter::parse(&call.query("label_filter").unwrap_or_default())?;
    let verb = move |tx: &mut Tx<'_>, after: &str, items: &mut Items| {
        each(tx, tenant.id, &place, after, |kept| {
            if filter.passes(&kept.metadata.labels) {
                items.push(&ObjectItem::<S>::new(object(kept, &tenant.uid)?, is_full))?;
            }
            Ok(())
        })
    };
    listing(&call, ERRORS, verb).await
}

async fn get_one<S: Spec>(kind: &'static Kind<S>, call: Call) -> Result<Json<ObjectAnswer<S>>> {
    let (tenant, place, form) = (call.tenant()?, kind.place(&call), Form::of(&call)?);
    let found = call.store.read(call.scope()?, |tx| get(tx, tenant.id, &place, call.param("name")))?;
    Ok(Json(ObjectAnswer::new(object(found, &tenant.uid)?, form)))
}

async fn remove_one<S: Spec>(kind: &'static Kind<S>, call: Call, _: ObjectRemoval) -> Result<Empty> {
    let (act, place, name) = (Act::of(&call)?, kind.place(&call), call.param("name").to_owned());
    call.store.write(call.scope()?, move |tx| remove(tx, &place, &name, &act)).await?;
    Ok(Empty::default())
}

/// The object of the public API. Members that its spec has not been kept with have their empty value.
fn object<S: Spec>(kept: KeptObject, tenant: &str) -> Result<Object<S>> {
    let spec = serde_json::from_str(&kept.spec).map_err(Error::internal)?;
    Ok(Object::of(kept, spec, tenant))
}
