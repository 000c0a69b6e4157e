//! The calls about roles and what they allow.

use super::can;
use super::change::{self, RoleChange};
use super::evaluate;
use super::held::{self, HeldSpec};
use super::rows::{self, Role};
use super::views::{ApiGroupSpec, ElementSpec, PolicySpec, api_groups, elements, policy_of};
use super::wire::{
    NewRoleAsk, PlainReplacementAsk, PlainRoleAsk, RoleAnswer, RoleAsk, RoleObject, RoleRemoval, RoleSpec, Roles, shown,
};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::http::{Call, Empty, Json, Operation, Permission, Written};
use crate::objects::{Object, ObjectAnswer, ObjectList};
use crate::terms::ResponseFormat;
use crate::views;

/// A role may name many API groups.
const BODY_MAX: usize = 64 * 1024;

/// The operations of this room.
pub fn operations() -> Vec<Operation> {
    let mut operations = custom();
    operations.extend(plain());
    operations.extend(what_a_role_allows());
    operations.extend(evaluate::operations());
    operations.push(can::operation());
    operations
}

fn custom() -> Vec<Operation> {
    let (read, write) = (Permission::Group(ApiGroup::UamRead), Permission::Group(ApiGroup::UamAdminWrite));
    vec![
        Operation::get("/api/web/custom/namespaces/{namespace}/roles", read, list_all)
            .id("ves.io.schema.role.CustomAPI.CustomList")
            .in_system_or_built_in()
            .summary("List all roles with their API groups: those of every tenant and your own."),
        Operation::post("/api/web/custom/namespaces/{namespace}/roles", write, create_one)
            .id("ves.io.schema.role.CustomAPI.CustomCreate")
            .in_system()
            .summary("Create a role from API groups.")
            .body_max(BODY_MAX),
        Operation::get("/api/web/custom/namespaces/{namespace}/roles/{name}", read, get_one)
            .id("ves.io.schema.role.CustomAPI.CustomGet")
            .in_system_or_built_in()
            .summary("Read one role with its API groups."),
        Operation::put("/api/web/custom/namespaces/{namespace}/roles/{name}", write, replace_one)
            .id("ves.io.schema.role.CustomAPI.CustomReplace")
            .in_system()
            .summary("Replace the API groups of a role, for all who hold it.")
            .body_max(BODY_MAX),
    ]
}

fn plain() -> Vec<Operation> {
    let (read, write) = (Permission::Group(ApiGroup::UamRead), Permission::Group(ApiGroup::UamAdminWrite));
    vec![
        listed(Operation::get("/api/web/namespaces/{namespace}/roles", read, list_plain))
            .id("ves.io.schema.role.API.List")
            .summary("List all roles with their policies."),
        one_of(Operation::get("/api/web/namespaces/{namespace}/roles/{name}", read, get_plain))
            .id("ves.io.schema.role.API.Get")
            .summary("Read one role with its policy."),
        Operation::post("/api/web/namespaces/{namespace}/roles", write, create_plain)
            .id("ves.io.schema.role.API.Create")
            .in_system()
            .summary("Create a role without API groups, which allows nothing yet."),
        Operation::put("/api/web/namespaces/{namespace}/roles/{name}", write, replace_plain)
            .id("ves.io.schema.role.API.Replace")
            .in_system()
            .summary("Replace the description, labels and annotations of a role."),
        Operation::delete("/api/web/namespaces/{namespace}/roles/{name}", write, remove_one)
            .id("ves.io.schema.role.API.Delete")
            .in_system()
            .summary("Remove a role that nobody holds."),
    ]
}

fn what_a_role_allows() -> Vec<Operation> {
    let read = Permission::Group(ApiGroup::UamRead);
    vec![
        listed(Operation::get("/api/web/namespaces/{namespace}/rbac_policys", read, list_policies))
            .id("ves.io.schema.rbac_policy.API.List")
            .summary("List the policies of all roles: the API groups that each allows."),
        one_of(Operation::get("/api/web/namespaces/{namespace}/rbac_policys/{name}", read, get_policy))
            .id("ves.io.schema.rbac_policy.API.Get")
            .summary("Read the policy of one role."),
        listed(Operation::get("/api/web/namespaces/{namespace}/api_groups", read, list_groups))
            .id("ves.io.schema.api_group.API.List")
            .summary("List the API groups: the sets of calls from which roles are made."),
        one_of(Operation::get("/api/web/namespaces/{namespace}/api_groups/{name}", read, get_group))
            .id("ves.io.schema.api_group.API.Get")
            .summary("Read one API group with its elements."),
        listed(Operation::get("/api/web/namespaces/{namespace}/api_group_elements", read, list_elements))
            .id("ves.io.schema.api_group_element.API.List")
            .summary("List the elements of all API groups: the method and path of each call."),
        one_of(Operation::get("/api/web/namespaces/{namespace}/api_group_elements/{name}", read, get_element))
            .id("ves.io.schema.api_group_element.API.Get")
            .summary("Read one element of an API group."),
        listed(Operation::get("/api/web/namespaces/{namespace}/namespace_roles", read, list_held))
            .id("ves.io.schema.namespace_role.API.List")
            .summary("List the roles that users were given in a namespace."),
        one_of(Operation::get("/api/web/namespaces/{namespace}/namespace_roles/{name}", read, get_held))
            .id("ves.io.schema.namespace_role.API.Get")
            .summary("Read one role that a user was given in a namespace."),
    ]
}

fn listed(row: Operation) -> Operation {
    row.in_system_or_built_in()
        .query::<String>("label_filter", "Only objects with these labels, such as `stage=test`.")
        .query::<String>("report_fields", "Whether to answer each in full.")
        .query::<String>("report_status_fields", "Changes nothing: `status_set` is always there, and empty.")
}

fn one_of(row: Operation) -> Operation {
    let about = "Which forms of the object to answer beside it.";
    row.in_system_or_built_in().query::<ResponseFormat>("response_format", about)
}

/// The roles of every tenant, then the tenant's own.
///
/// # Errors
/// Those of the store.
pub fn all_roles(call: &Call) -> Result<Vec<Role>> {
    let tenant = call.tenant()?;
    let own = call.store.read(call.scope()?, |tx| rows::list(tx, tenant.id, &tenant.uid))?;
    Ok(rows::built_in().chain(own).collect())
}

/// The role that the path names.
///
/// # Errors
/// `NotFound`.
pub fn one_role(call: &Call) -> Result<Role> {
    let (tenant, name) = (call.tenant()?, call.param("name"));
    match rows::find_built_in(name) {
        Some(role) => Ok(role),
        None => call.store.read(call.scope()?, |tx| rows::get(tx, tenant.id, &tenant.uid, name)),
    }
}

async fn list_all(call: Call) -> Result<Json<Roles>> {
    Ok(Json(Roles { items: all_roles(&call)?.into_iter().map(Into::into).collect() }))
}

async fn get_one(call: Call) -> Result<Json<RoleAnswer>> {
    Ok(Json(one_role(&call)?.into()))
}

/// The API groups of a request, of which there must be one.
///
/// # Errors
/// `Invalid` for none, and for one that does not exist.
pub fn required_groups(asked: Option<&[String]>) -> Result<Vec<String>> {
    match asked.unwrap_or_default() {
        [] => Err(Error::invalid("Field api_groups should be not empty in request.")),
        asked => change::read_groups(asked),
    }
}

async fn create_one(call: Call, ask: NewRoleAsk) -> Result<Json<RoleObject>> {
    let act = Act::of(&call)?;
    let groups = required_groups(ask.api_groups.as_deref())?;
    let new = change::draw(&ask.metadata.unwrap_or_default(), groups, &call.random, &act)?;
    let made = call.store.write(call.scope()?, move |tx| change::create(tx, &new, &act)).await?;
    Ok(Json(made.into()))
}

async fn replace(call: &Call, change: RoleChange) -> Result<Role> {
    let (act, name) = (Act::of(call)?, call.param("name").to_string());
    call.store.write(call.scope()?, move |tx| change::replace(tx, &name, &change, &act)).await
}

async fn replace_one(call: Call, ask: RoleAsk) -> Result<Json<RoleObject>> {
    let groups = Some(required_groups(ask.api_groups.as_deref())?);
    replace(&call, RoleChange { groups, metadata: None }).await.map(|role| Json(role.into()))
}

async fn create_plain(call: Call, ask: PlainRoleAsk) -> Result<Json<Object<RoleSpec>>> {
    let act = Act::of(&call)?;
    let new = change::draw(&ask.metadata.unwrap_or_default(), Vec::new(), &call.random, &act)?;
    let made = call.store.write(call.scope()?, move |tx| change::create(tx, &new, &act)).await?;
    Ok(Json(shown(made).into()))
}

async fn replace_plain(call: Call, ask: PlainReplacementAsk) -> Result<Empty> {
    let metadata = Some(ask.metadata.unwrap_or_default().keep()?);
    replace(&call, RoleChange { groups: None, metadata }).await.map(|_| Empty::default())
}

async fn remove_one(call: Call, _: RoleRemoval) -> Result<Empty> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_string());
    call.store.write(call.scope()?, move |tx| change::remove(tx, &name, &act)).await?;
    Ok(Empty::default())
}

async fn list_plain(call: Call) -> Result<Written<ObjectList<RoleSpec>>> {
    views::list(&call, all_roles(&call)?.into_iter().map(shown))
}

async fn get_plain(call: Call) -> Result<Json<ObjectAnswer<RoleSpec>>> {
    views::answer(&call, shown(one_role(&call)?))
}

async fn list_policies(call: Call) -> Result<Written<ObjectList<PolicySpec>>> {
    views::list(&call, all_roles(&call)?.iter().map(policy_of))
}

async fn get_policy(call: Call) -> Result<Json<ObjectAnswer<PolicySpec>>> {
    views::one(&call, "Policy", all_roles(&call)?.iter().map(policy_of))
}

async fn list_groups(call: Call) -> Result<Written<ObjectList<ApiGroupSpec>>> {
    views::list(&call, api_groups(call.contents.rows()))
}

async fn get_group(call: Call) -> Result<Json<ObjectAnswer<ApiGroupSpec>>> {
    views::one(&call, "API group", api_groups(call.contents.rows()))
}

async fn list_elements(call: Call) -> Result<Written<ObjectList<ElementSpec>>> {
    views::list(&call, elements(call.contents.rows()).map(|(element, _)| element))
}

async fn get_element(call: Call) -> Result<Json<ObjectAnswer<ElementSpec>>> {
    views::one(&call, "API group element", elements(call.contents.rows()).map(|(element, _)| element))
}

async fn list_held(call: Call) -> Result<Written<ObjectList<HeldSpec>>> {
    let held = held::in_namespace(&call).await?;
    views::list(&call, held)
}

async fn get_held(call: Call) -> Result<Json<ObjectAnswer<HeldSpec>>> {
    views::one(&call, "Namespace role", held::in_namespace(&call).await?)
}
