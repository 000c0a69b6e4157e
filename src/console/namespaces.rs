//! Namespaces: their list, one of them, a new one, and their end.

use maud::Markup;
use schemars::JsonSchema;
use serde::Deserialize;

use super::desk::Around;
use super::leaf::Leaf;
use super::resets::is_for_the_page;
use super::{Console, NOT_YET, may};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::Result;
use crate::http::{Answer, Call, Nothing, Operation, Success, bind, bind_body};
use crate::namespaces::{self, Namespace, NewNamespace};
use crate::objects::AskedMetadata;
use crate::pages::console::namespaces::{Namespaces, New, One, Row, new, one, page, remove};
use crate::pages::console::{Desk, Place};
use crate::pages::told;
use crate::store::Tx;

const CREATE: &str = "ves.io.schema.namespace.API.Create";
const REMOVE: &str = "ves.io.schema.namespace.CustomAPI.CascadeDelete";

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    vec![
        Operation::get("/console/namespaces", NOT_YET, bind(console, list))
            .id("tenantry.console.namespaces")
            .console("ves.io.schema.namespace.API.List")
            .answers(&[Success::page()])
            .summary("The page with the list of namespaces.")
            .query::<String>("cursor", "The name behind which the page begins."),
        Operation::get("/console/namespaces/{name}", NOT_YET, bind(console, show))
            .id("tenantry.console.namespace")
            .console("ves.io.schema.namespace.API.Get")
            .answers(&[Success::page()])
            .summary("The page of one namespace."),
        Operation::get("/console/new/namespace", NOT_YET, bind(console, ask_new))
            .id("tenantry.console.ask_namespace")
            .console(CREATE)
            .answers(&[Success::page()])
            .summary("The form for a new namespace."),
        Operation::post("/console/new/namespace", NOT_YET, bind_body(console, make))
            .id("tenantry.console.create_namespace")
            .console(CREATE)
            .answers(&[Success::see(), Success::page()])
            .summary("Makes a namespace, from that form."),
        Operation::get("/console/namespaces/{name}/remove", NOT_YET, bind(console, ask_remove))
            .id("tenantry.console.ask_namespace_removal")
            .console(REMOVE)
            .answers(&[Success::page(), Success::see()])
            .summary("The page that says what happens when a namespace is removed."),
        Operation::post("/console/namespaces/{name}/remove", NOT_YET, bind_body(console, carry_out))
            .id("tenantry.console.remove_namespace")
            .console(REMOVE)
            .answers(&[Success::see(), Success::page()])
            .summary("Removes a namespace, from that page."),
    ]
}

async fn list(console: Console, call: Call) -> Result<Answer> {
    let (around, tenant, rights) = (Around::of(&console, &call)?, call.tenant()?.id, call.caller()?.rights.clone());
    let mut all = call.store.scan(call.scope()?, move |tx| namespaces::list(tx, tenant)).await?;
    all.retain(|one| namespaces::may_know(&rights, &one.name));
    let leaf = Leaf::of(&call, all, |one| &one.name);
    let rows: Vec<_> = leaf
        .rows
        .iter()
        .map(|one| Row {
            name: one.name.clone(),
            description: one.metadata.description.clone(),
            made_by: one.created_by.clone(),
            is_built_in: one.is_built_in(),
        })
        .collect();
    let content = Namespaces {
        may_make: may(&call, ApiGroup::NamespaceWrite),
        rows: &rows,
        pager: leaf.pager(),
        url: &around.url_of("/api/web/namespaces"),
    };
    Ok(Answer::page(page(&around.desk(Place::Namespaces), &content)))
}

/// The namespace that the path names.
fn found(call: &Call) -> Result<Namespace> {
    let (tenant, name) = (call.tenant()?.id, call.param("name"));
    if !namespaces::may_know(&call.caller()?.rights, name) {
        return Err(namespaces::not_found(name));
    }
    call.store.read(call.scope()?, |tx| namespaces::get(tx, tenant, name))
}

fn may_remove(call: &Call, namespace: &Namespace) -> bool {
    !namespace.is_built_in() && may(call, ApiGroup::NamespaceWrite)
}

async fn show(console: Console, call: Call) -> Result<Answer> {
    rendered(&console, &call, &found(&call)?, one, None).map(Answer::page)
}

fn rendered(
    console: &Console,
    call: &Call,
    namespace: &Namespace,
    page: fn(&Desk, &One) -> Markup,
    refused: Option<&str>,
) -> Result<Markup> {
    let around = Around::of(console, call)?;
    let content = One {
        name: &namespace.name,
        description: &namespace.metadata.description,
        made: (namespace.created_at, &namespace.created_by),
        is_built_in: namespace.is_built_in(),
        may_remove: may_remove(call, namespace),
        may_see_users: may(call, ApiGroup::UamAdminRead),
        refused,
        url: &around.url_of(&format!("/api/web/namespaces/{}", namespace.name)),
    };
    Ok(page(&around.desk(Place::Namespaces), &content))
}

/// The form for a new namespace.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ConsoleNamespace")]
struct NewForm {
    name: String,
    description: String,
}

async fn ask_new(console: Console, call: Call) -> Result<Answer> {
    page_of_new(&console, &call, &NewForm::default(), None).map(Answer::page)
}

fn page_of_new(console: &Console, call: &Call, form: &NewForm, refused: Option<&str>) -> Result<Markup> {
    let around = Around::of(console, call)?;
    let content = New { name: &form.name, description: &form.description, refused };
    Ok(new(&around.desk(Place::Namespaces), &content))
}

async fn make(console: Console, call: Call, form: NewForm) -> Result<Answer> {
    match made(&call, &form).await {
        Ok(made) => Answer::see_at(&format!("{}/{}", Place::Namespaces.path(), made.name)),
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            Ok(Answer::refused_page(page_of_new(&console, &call, &form, Some(&sentence))?, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}

async fn made(call: &Call, form: &NewForm) -> Result<Namespace> {
    let act = Act::of(call)?;
    let (name, description) = (Some(form.name.trim().into()), Some(form.description.clone()));
    let asked = AskedMetadata { name, description, ..AskedMetadata::default() };
    let new = NewNamespace::draw(&asked, &call.random, &act)?;
    call.store.write(call.scope()?, move |tx: &mut Tx<'_>| namespaces::create(tx, &new, &act)).await
}

async fn ask_remove(console: Console, call: Call) -> Result<Answer> {
    let namespace = found(&call)?;
    if may_remove(&call, &namespace) {
        return rendered(&console, &call, &namespace, remove, None).map(Answer::page);
    }
    Answer::see_at(&format!("{}/{}", Place::Namespaces.path(), namespace.name))
}

async fn carry_out(console: Console, call: Call, _: Nothing) -> Result<Answer> {
    let (namespace, act, name) = (found(&call)?, Act::of(&call)?, call.param("name").to_owned());
    match call.store.write(call.scope()?, move |tx: &mut Tx<'_>| namespaces::remove(tx, &name, &act)).await {
        Ok(_) => Ok(Answer::see(Place::Namespaces.path())),
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            let page = rendered(&console, &call, &namespace, remove, Some(&sentence))?;
            Ok(Answer::refused_page(page, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}
