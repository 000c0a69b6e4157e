//! Roles: their list, one of them, a new one, and their end.

use std::collections::BTreeMap;

use maud::Markup;
use schemars::JsonSchema;
use serde::Deserialize;

use super::desk::Around;
use super::leaf::Leaf;
use super::resets::is_for_the_page;
use super::{Console, NOT_YET, may};
use crate::access::{ApiGroup, built_in_role};
use crate::act::Act;
use crate::error::{Error, Kind, Result, Told};
use crate::http::{Answer, Call, Nothing, Operation, Success, bind, bind_body};
use crate::objects::AskedMetadata;
use crate::pages::console::roles::{New, One, Roles, Row, new, one, page, remove};
use crate::pages::console::{Desk, Place};
use crate::pages::told;
use crate::roles::{self, Role, RoleChange, all_roles, one_role};
use crate::store::Tx;

const CREATE: &str = "ves.io.schema.role.CustomAPI.CustomCreate";
const REMOVE: &str = "ves.io.schema.role.API.Delete";

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    let mut rows = reading(console);
    rows.extend(writing(console));
    rows
}

fn reading(console: &Console) -> Vec<Operation> {
    vec![
        Operation::get("/console/roles", NOT_YET, bind(console, list))
            .id("tenantry.console.roles")
            .console("ves.io.schema.role.CustomAPI.CustomList")
            .answers(&[Success::page()])
            .summary("The page with the list of roles.")
            .query::<String>("cursor", "The name behind which the page begins."),
        Operation::get("/console/roles/{name}", NOT_YET, bind(console, show))
            .id("tenantry.console.role")
            .console("ves.io.schema.role.CustomAPI.CustomGet")
            .answers(&[Success::page()])
            .summary("The page of one role."),
        Operation::get("/console/new/role", NOT_YET, bind(console, ask_new))
            .id("tenantry.console.ask_role")
            .console(CREATE)
            .answers(&[Success::page()])
            .summary("The form for a new role."),
        Operation::get("/console/roles/{name}/remove", NOT_YET, bind(console, ask_remove))
            .id("tenantry.console.ask_role_removal")
            .console(REMOVE)
            .answers(&[Success::page(), Success::see()])
            .summary("The page that says what happens when a role is removed."),
    ]
}

fn writing(console: &Console) -> Vec<Operation> {
    vec![
        Operation::post("/console/new/role", NOT_YET, bind_body(console, make))
            .id("tenantry.console.create_role")
            .console(CREATE)
            .answers(&[Success::see(), Success::page()])
            .summary("Makes a role, from that form."),
        Operation::post("/console/roles/{name}", NOT_YET, bind_body(console, replace))
            .id("tenantry.console.replace_role")
            .console("ves.io.schema.role.CustomAPI.CustomReplace")
            .answers(&[Success::see(), Success::page()])
            .summary("Replaces the API groups of a role, from its page."),
        Operation::post("/console/roles/{name}/remove", NOT_YET, bind_body(console, carry_out))
            .id("tenantry.console.remove_role")
            .console(REMOVE)
            .answers(&[Success::see(), Success::page()])
            .summary("Removes a role, from that page."),
    ]
}

async fn list(console: Console, call: Call) -> Result<Answer> {
    let around = Around::of(&console, &call)?;
    let leaf = Leaf::of(&call, all_roles(&call)?, |one| &one.name);
    let rows: Vec<_> = leaf
        .rows
        .iter()
        .map(|one| Row {
            name: one.name.clone(),
            is_built_in: built_in_role(&one.name).is_some(),
            groups: one.spec.clone(),
        })
        .collect();
    let content = Roles {
        may_make: may(&call, ApiGroup::UamAdminWrite),
        may_see_users: may(&call, ApiGroup::UamAdminRead),
        rows: &rows,
        pager: leaf.pager(),
        url: &around.url_of("/api/web/custom/namespaces/system/roles"),
    };
    Ok(Answer::page(page(&around.desk(Place::Roles), &content)))
}

type Page = fn(&Desk, &One) -> Markup;

fn may_change(call: &Call, role: &Role) -> bool {
    built_in_role(&role.name).is_none() && may(call, ApiGroup::UamAdminWrite)
}

/// The API groups of this release, and which of them a role has.
fn ticked(has: impl Fn(&str) -> bool) -> Vec<(String, bool)> {
    ApiGroup::ALL.into_iter().map(|group| (group.name().to_owned(), has(group.name()))).collect()
}

async fn show(console: Console, call: Call) -> Result<Answer> {
    let role = one_role(&call)?;
    let groups = ticked(|name| role.spec.iter().any(|one| one == name));
    rendered(&console, &call, &role, one, (&groups, None)).map(Answer::page)
}

fn rendered(
    console: &Console,
    call: &Call,
    role: &Role,
    page: Page,
    (groups, refused): (&[(String, bool)], Option<&str>),
) -> Result<Markup> {
    let around = Around::of(console, call)?;
    let content = One {
        name: &role.name,
        description: &role.kept.description,
        is_built_in: built_in_role(&role.name).is_some(),
        made: (role.created_at, &role.created_by),
        has: &role.spec,
        groups,
        may_change: may_change(call, role),
        may_see_users: may(call, ApiGroup::UamAdminRead),
        refused,
        url: &around.url_of(&format!("/api/web/custom/namespaces/system/roles/{}", role.name)),
    };
    Ok(page(&around.desk(Place::Roles), &content))
}

/// The form for a new role. Each API group is a field of its own.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsoleRole")]
struct NewForm {
    name: String,
    description: String,
    #[serde(flatten)]
    groups: BTreeMap<String, String>,
}

async fn ask_new(console: Console, call: Call) -> Result<Answer> {
    page_of_new(&console, &call, &NewForm::default(), None).map(Answer::page)
}

fn page_of_new(console: &Console, call: &Call, form: &NewForm, refused: Option<&str>) -> Result<Markup> {
    let (around, groups) = (Around::of(console, call)?, ticked(|name| form.groups.contains_key(name)));
    let content = New { name: &form.name, description: &form.description, groups: &groups, refused };
    Ok(new(&around.desk(Place::Roles), &content))
}

async fn make(console: Console, call: Call, form: NewForm) -> Result<Answer> {
    match made(&call, &form).await {
        Ok(made) => Answer::see_at(&format!("{}/{}", Place::Roles.path(), made.name)),
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            Ok(Answer::refused_page(page_of_new(&console, &call, &form, Some(&sentence))?, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}

async fn made(call: &Call, form: &NewForm) -> Result<Role> {
    let (act, groups) = (Act::of(call)?, named(&form.groups)?);
    let (name, description) = (Some(form.name.trim().into()), Some(form.description.clone()));
    let asked = AskedMetadata { name, description, ..AskedMetadata::default() };
    let new = roles::draw(&asked, groups, &call.random, &act)?;
    call.store.write(call.scope()?, move |tx: &mut Tx<'_>| roles::create(tx, &new, &act)).await
}

/// The API groups that were ticked, of which there must be one.
fn named(ticked: &BTreeMap<String, String>) -> Result<Vec<String>> {
    roles::required_groups(Some(&ticked.keys().cloned().collect::<Vec<_>>()))
}

/// The form on the page of a role.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ConsoleRoleChange")]
struct ChangeForm {
    /// The API groups that the page showed, with blanks between them.
    before: String,
    #[serde(flatten)]
    groups: BTreeMap<String, String>,
}

async fn replace(console: Console, call: Call, form: ChangeForm) -> Result<Answer> {
    let groups = ticked(|name| form.groups.contains_key(name));
    let done = replaced(&call, &form).await;
    back(&console, &call, (one, &groups), done.map(drop), &format!("{}/{}", Place::Roles.path(), call.param("name")))
}

/// Replaces the API groups as long as they are those that the page showed. What this release does not know stays.
async fn replaced(call: &Call, form: &ChangeForm) -> Result<Role> {
    let (act, name) = (Act::of(call)?, call.param("name").to_owned());
    let (mut groups, before) = (named(&form.groups)?, form.before.clone());
    call.store
        .write(call.scope()?, move |tx: &mut Tx<'_>| {
            let now = roles::find(tx, act.tenant.id, &act.tenant.uid, &name)?.map(|role| role.spec).unwrap_or_default();
            if !now.is_empty() && now.join(" ") != before {
                return Err(told::error(Kind::Conflict, Told::ChangedMeanwhile));
            }
            groups.extend(now.into_iter().filter(|name| ApiGroup::of_name(name).is_none()));
            let change = RoleChange { groups: Some(groups.clone()), metadata: None };
            roles::replace(tx, &name, &change, &act)
        })
        .await
}

async fn ask_remove(console: Console, call: Call) -> Result<Answer> {
    let role = one_role(&call)?;
    if may_change(&call, &role) {
        return rendered(&console, &call, &role, remove, (&[], None)).map(Answer::page);
    }
    Answer::see_at(&format!("{}/{}", Place::Roles.path(), role.name))
}

async fn carry_out(console: Console, call: Call, _: Nothing) -> Result<Answer> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_owned());
    let done = call.store.write(call.scope()?, move |tx: &mut Tx<'_>| roles::remove(tx, &name, &act)).await;
    back(&console, &call, (remove, &[]), done, Place::Roles.path())
}

fn back(
    console: &Console,
    call: &Call,
    (page, groups): (Page, &[(String, bool)]),
    done: Result<(), Error>,
    to: &str,
) -> Result<Answer> {
    match done {
        Ok(()) => Answer::see_at(to),
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            let page = rendered(console, call, &one_role(call)?, page, (groups, Some(&sentence)))?;
            Ok(Answer::refused_page(page, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}
