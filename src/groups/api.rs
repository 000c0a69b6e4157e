//! The calls about user groups.

use super::ask::{GroupAsk, NewGroupAsk, RolesAsk, check_name};
use super::change::{self, GroupInFull, Wanted};
use super::wire::{Analysis, AnalysisAsk, UserGroup, UserGroupSpec, UserGroups, shown};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::http::{Call, Empty, Json, Operation, Permission, Written};
use crate::objects::{ObjectAnswer, ObjectList};
use crate::people::{self, Group};
use crate::terms::ResponseFormat;
use crate::views;

/// A group may have as many members as a megabyte has addresses.
const BODY_MAX: usize = 1024 * 1024;

/// The operations of this room.
pub fn operations() -> Vec<Operation> {
    let mut operations = reading();
    operations.extend(writing());
    operations
}

fn reading() -> Vec<Operation> {
    let read = Permission::Group(ApiGroup::UamRead);
    vec![
        Operation::get("/api/web/custom/namespaces/system/user_groups", read, list_all)
            .id("ves.io.schema.user_group.CustomAPI.List")
            .summary("List the user groups with their members and roles."),
        Operation::get("/api/web/custom/namespaces/system/user_groups/{name}", read, get_one)
            .id("ves.io.schema.user_group.CustomAPI.Get")
            .summary("Read one user group."),
        Operation::post("/api/web/custom/namespaces/system/user_groups/analyze_for_deletion", read, analyze)
            .id("ves.io.schema.user_group.CustomAPI.AnalyzeForDeletion")
            .summary("Tell whether a user group can be removed."),
        Operation::get("/api/web/namespaces/{namespace}/user_groups", read, list_plain)
            .id("ves.io.schema.user_group.API.List")
            .in_system()
            .summary("List the user groups without members and roles.")
            .query::<String>("label_filter", "Only groups with these labels; groups have none.")
            .query::<String>("report_fields", "Whether to answer each in full.")
            .query::<String>("report_status_fields", "Changes nothing: `status_set` is always there, and empty."),
        Operation::get("/api/web/namespaces/{namespace}/user_groups/{name}", read, get_plain)
            .id("ves.io.schema.user_group.API.Get")
            .in_system()
            .summary("Read one user group without members and roles.")
            .query::<ResponseFormat>("response_format", "Which forms of the object to answer beside it."),
    ]
}

fn writing() -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::UamWrite);
    vec![
        Operation::post("/api/web/custom/namespaces/system/user_groups", write, create_one)
            .id("ves.io.schema.user_group.CustomAPI.Create")
            .summary("Create a user group.")
            .body_max(BODY_MAX),
        Operation::put("/api/web/custom/namespaces/system/user_groups/{name}", write, replace_one)
            .id("ves.io.schema.user_group.CustomAPI.Replace")
            .summary("Replace a user group; a member of the body that is absent or empty is none.")
            .body_max(BODY_MAX),
        Operation::delete("/api/web/custom/namespaces/system/user_groups/{name}", write, remove_one)
            .id("ves.io.schema.user_group.CustomAPI.Delete")
            .query::<String>(
                "attempt_remove_references",
                "Changes nothing: members and roles always go with the group.",
            )
            .summary("Remove a user group; its members lose the roles that they hold by it."),
        Operation::put(
            "/api/web/custom/namespaces/system/user_groups/{name}/assign_namespace_roles",
            write,
            assign_roles,
        )
        .id("ves.io.schema.user_group.CustomAPI.AssignRole")
        .summary("Give a user group further roles.")
        .body_max(BODY_MAX),
        Operation::put(
            "/api/web/custom/namespaces/system/user_groups/{name}/remove_namespace_roles",
            write,
            remove_roles,
        )
        .id("ves.io.schema.user_group.CustomAPI.RemoveRole")
        .summary("Take roles from a user group.")
        .body_max(BODY_MAX),
    ]
}

async fn list_all(call: Call) -> Result<Json<UserGroups>> {
    let act = Act::of(&call)?;
    let all = call.store.scan(call.scope()?, move |tx| change::list(tx, &act)).await?;
    Ok(Json(UserGroups { user_groups: all.into_iter().map(UserGroup::from).collect() }))
}

fn find(call: &Call, name: &str) -> Result<GroupInFull> {
    let act = Act::of(call)?;
    call.store.read(call.scope()?, |tx| change::get(tx, &act, name))
}

async fn get_one(call: Call) -> Result<Json<UserGroup>> {
    find(&call, call.param("name")).map(|full| Json(full.into()))
}

async fn analyze(call: Call, ask: AnalysisAsk) -> Result<Json<Analysis>> {
    let tenant = call.tenant()?.id;
    let groups = call.store.read(call.scope()?, |tx| people::list_groups(tx, tenant))?;
    for group in groups {
        if ask.means(&group)? {
            return Ok(Json(Analysis::from(&find(&call, &group.name)?)));
        }
    }
    Err(Error::not_found("The user group was not found in this tenant."))
}

async fn list_plain(call: Call) -> Result<Written<ObjectList<UserGroupSpec>>> {
    let tenant = call.tenant()?.clone();
    let id = tenant.id;
    let groups = call.store.scan(call.scope()?, move |tx| people::list_groups(tx, id)).await?;
    views::list(&call, groups.into_iter().map(|group| shown(group, &tenant)))
}

async fn get_plain(call: Call) -> Result<Json<ObjectAnswer<UserGroupSpec>>> {
    let tenant = call.tenant()?.clone();
    let group = call.store.read(call.scope()?, |tx| people::get_group(tx, tenant.id, call.param("name")))?;
    views::answer(&call, shown(group, &tenant))
}

/// What a group becomes, as it was asked for.
///
/// # Errors
/// `Invalid`, with the name of the field.
pub fn wanted(ask: GroupAsk) -> Result<Wanted> {
    let (texts, members) = (ask.texts()?, ask.addresses()?);
    Ok(Wanted { texts, members, grants: ask.namespace_roles.unwrap_or_default() })
}

async fn create_one(call: Call, NewGroupAsk(ask): NewGroupAsk) -> Result<Json<UserGroup>> {
    let act = Act::of(&call)?;
    let name = ask.name.clone().unwrap_or_default();
    check_name(&name)?;
    let (new, wanted) = (Group::new(name, &act.actor.name, &call.random, act.now), wanted(ask)?);
    let made = call.store.write(call.scope()?, move |tx| change::create(tx, &new, &wanted, &act)).await?;
    Ok(Json(made.into()))
}

async fn replace_one(call: Call, ask: GroupAsk) -> Result<Json<UserGroup>> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_string());
    let wanted = wanted(ask)?;
    let replaced = call.store.write(call.scope()?, move |tx| change::replace(tx, &name, &wanted, &act)).await?;
    Ok(Json(replaced.into()))
}

async fn assign_roles(call: Call, ask: RolesAsk) -> Result<Json<UserGroup>> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_string());
    let asked = ask.namespace_roles.unwrap_or_default();
    let changed = call.store.write(call.scope()?, move |tx| change::assign_roles(tx, &name, &asked, &act)).await?;
    Ok(Json(changed.into()))
}

async fn remove_roles(call: Call, ask: RolesAsk) -> Result<Json<UserGroup>> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_string());
    let asked = ask.namespace_roles.unwrap_or_default();
    let changed = call.store.write(call.scope()?, move |tx| change::remove_roles(tx, &name, &asked, &act)).await?;
    Ok(Json(changed.into()))
}

/// A removal says nothing more.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
struct Removal {}

async fn remove_one(call: Call, _: Removal) -> Result<Empty> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_string());
    call.store.write(call.scope()?, move |tx| change::remove(tx, &name, &act)).await?;
    Ok(Empty::default())
}
