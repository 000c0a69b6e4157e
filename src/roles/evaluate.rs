//! May I? The caller asks which calls their own rights allow, by method and path, without making them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::{Rights, SYSTEM};
use crate::error::{Error, Result};
use crate::http::{Call, EmptyObject, Json, Operation, Permission};
use crate::identity::TenantId;
use crate::terms;

/// Lists in a request, and calls in a list (as in the public API).
const LISTS_MAX: usize = 1000;
const ITEMS_MAX: usize = 100;
/// Namespaces in a request, and lists for each (as in the public API).
const BATCH_MAX: usize = 75;
const BATCH_LISTS_MAX: usize = 15;
/// The largest request, in bytes.
const BODY_MAX: usize = 4 * 1024 * 1024;

/// The operations that answer what the caller may do.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/api/web/namespaces/system/evaluate-api-access", Permission::SignedIn, evaluate)
            .id("ves.io.schema.namespace.CustomAPI.EvaluateAPIAccess")
            .summary("Tell which of these calls your roles in a namespace allow.")
            .body_max(BODY_MAX),
        Operation::post("/api/web/namespaces/system/evaluate-batch-api-access", Permission::SignedIn, evaluate_batch)
            .id("ves.io.schema.namespace.CustomAPI.EvaluateBatchAPIAccess")
            .summary("Tell the same for several namespaces.")
            .body_max(BODY_MAX),
        Operation::post("/api/web/namespaces/system/lookup-user-roles", Permission::SignedIn, lookup_roles)
            .id("ves.io.schema.namespace.CustomAPI.LookupUserRoles")
            .summary("List the roles that you hold in a namespace."),
    ]
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct AccessAsk {
    /// The namespace in which the calls are made; `system` when absent.
    #[schemars(example = &"system")]
    namespace: Option<String>,
    /// Lists of calls.
    item_lists: Option<Vec<ItemList>>,
    /// Only roles are asked here, whatever is said.
    #[serde(deserialize_with = "terms::optional")]
    #[schemars(with = "Option<AccessControlType>", example = &"RBAC")]
    #[allow(dead_code, reason = "a member of the public API")]
    access_control_type: Option<AccessControlType>,
}

/// Which kinds of rule are asked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum AccessControlType {
    /// Roles.
    Rbac,
    /// Not in use here.
    Pbac,
    /// Both.
    All,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct ItemList {
    /// The name of the list, which the answer repeats.
    #[schemars(example = &"menu")]
    list_id: String,
    /// The calls.
    items: Vec<Item>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Item {
    /// The method.
    #[schemars(example = &"POST")]
    method: String,
    /// The path, without the query.
    #[schemars(example = &"/api/web/custom/password/admin_reset")]
    path: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Access {
    item_lists: Vec<JudgedList>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct JudgedList {
    #[schemars(example = &"menu")]
    list_id: String,
    /// Whether all of its calls are allowed.
    result: bool,
    items: Vec<JudgedItem>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct JudgedItem {
    #[schemars(example = &"POST")]
    method: String,
    #[schemars(example = &"/api/web/custom/password/admin_reset")]
    path: String,
    result: bool,
    none: EmptyObject,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct BatchAsk {
    /// For each namespace its lists of calls.
    batch_namespace_api_list: Option<Vec<AccessAsk>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct BatchAccess {
    batch_namespace_api_list: Vec<JudgedNamespace>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct JudgedNamespace {
    #[schemars(example = &"system")]
    namespace: String,
    item_lists: Vec<JudgedList>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct HeldRolesAsk {
    /// The namespace; `system` when absent.
    #[schemars(example = &"system")]
    namespace: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct HeldRoles {
    #[schemars(example = ["ves-io-monitor-role"])]
    roles: Vec<String>,
}

async fn evaluate(call: Call, ask: AccessAsk) -> Result<Json<Access>> {
    let lists = ask.item_lists.unwrap_or_default();
    bounded("item_lists", lists.len(), LISTS_MAX)?;
    let item_lists = judge_lists(&call, ask.namespace.as_deref(), lists)?;
    Ok(Json(Access { item_lists }))
}

async fn evaluate_batch(call: Call, ask: BatchAsk) -> Result<Json<BatchAccess>> {
    let asked = ask.batch_namespace_api_list.unwrap_or_default();
    bounded("batch_namespace_api_list", asked.len(), BATCH_MAX)?;
    let mut batch_namespace_api_list = Vec::with_capacity(asked.len());
    for ask in asked {
        let lists = ask.item_lists.unwrap_or_default();
        bounded("item_lists", lists.len(), BATCH_LISTS_MAX)?;
        let item_lists = judge_lists(&call, ask.namespace.as_deref(), lists)?;
        batch_namespace_api_list.push(JudgedNamespace { namespace: ask.namespace.unwrap_or_default(), item_lists });
    }
    Ok(Json(BatchAccess { batch_namespace_api_list }))
}

async fn lookup_roles(call: Call, ask: HeldRolesAsk) -> Result<Json<HeldRoles>> {
    let namespace = in_words(ask.namespace.as_deref());
    let mut roles: Vec<String> = call.caller()?.rights.held_in(namespace).map(|held| held.grant.role.clone()).collect();
    roles.sort();
    roles.dedup();
    Ok(Json(HeldRoles { roles }))
}

fn in_words(namespace: Option<&str>) -> &str {
    namespace.filter(|name| !name.is_empty()).unwrap_or(SYSTEM)
}

fn bounded(field: &str, count: usize, max: usize) -> Result<()> {
    if count <= max {
        Ok(())
    } else {
        Err(Error::invalid(format!("Field {field} has {count} entries; {max} are the most.")))
    }
}

fn judge_lists(call: &Call, namespace: Option<&str>, lists: Vec<ItemList>) -> Result<Vec<JudgedList>> {
    let (rights, namespace) = (&call.caller()?.rights, in_words(namespace));
    let judged = lists.into_iter().map(|list| {
        bounded("items", list.items.len(), ITEMS_MAX)?;
        let items: Vec<_> = list.items.into_iter().map(|item| judge(call, rights, namespace, item)).collect();
        Ok(JudgedList { list_id: list.list_id, result: items.iter().all(|item| item.result), items })
    });
    judged.collect()
}

/// A call that the table does not have is not allowed: it would be answered 404 or 501.
fn judge(call: &Call, rights: &Rights, namespace: &str, item: Item) -> JudgedItem {
    let found = call.contents.find(&item.method, &item.path, namespace);
    let result = found.is_some_and(|(row, acts_in)| match row.permission {
        Permission::Public | Permission::Open | Permission::SignedIn => true,
        Permission::DevOnly => false,
        Permission::Operator => {
            let is_theirs = call.tenant().is_ok_and(|tenant| tenant.id == TenantId::SYSTEM);
            is_theirs && rights.lack_to_operate().is_none()
        }
        Permission::Group(group) => rights.allow(group, &acts_in),
    });
    JudgedItem { method: item.method, path: item.path, result, none: EmptyObject {} }
}
