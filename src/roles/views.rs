//! From a role down to the calls that it allows, as the public API shows it: role, policy, API group, element. All of it follows
//! from the roles and from the table of operations; nothing of it is stored.

use http::Method;
use schemars::JsonSchema;
use serde::Serialize;

use super::rows::Role;
use crate::access::{ApiGroup, ApiGroups, SYSTEM};
use crate::http::{Listed, Permission};
use crate::objects::{KeptMetadata, Reference};
use crate::views::Shown;

/// The spec of a policy: an API group for each rule.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct PolicySpec {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Rule {
    #[schemars(example = &"ves-io-uam-read")]
    api_group: String,
}

/// The one policy of a role, which has the name of the role with `-policy` behind it.
pub(super) fn policy_of(role: &Role) -> Shown<PolicySpec> {
    let name = format!("{}-policy", role.name);
    let spec = PolicySpec { rules: role.spec.iter().cloned().map(|api_group| Rule { api_group }).collect() };
    if role.tenant == crate::views::BUILT_IN_TENANT {
        return Shown::built_in("rbac_policy", name, spec);
    }
    Shown {
        uid: crate::ids::derived(&role.uid, "rbac_policy", 0),
        name,
        namespace: SYSTEM,
        tenant: role.tenant.clone(),
        kept: KeptMetadata::default(),
        created_at: role.created_at,
        created_by: role.created_by.clone(),
        modified_at: role.modified_at,
        spec,
    }
}

/// The spec of an element: calls of some methods whose whole path, without the query, matches.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct ElementSpec {
    #[schemars(with = "Vec<HttpMethod>")]
    methods: Vec<String>,
    #[schemars(example = &"/api/web/custom/namespaces/[^/]+/user_roles")]
    path_regex: String,
}

/// The methods that an element may name.
#[derive(JsonSchema)]
#[schemars(rename_all = "UPPERCASE")]
#[allow(dead_code, reason = "the list of words is the public API's")]
enum HttpMethod {
    /// Not in use here.
    Any,
    /// Reading.
    Get,
    /// Reading without the content.
    Head,
    /// Making, and all other calls.
    Post,
    /// Replacing.
    Put,
    /// Removing.
    Delete,
    /// Not in use here.
    Connect,
    /// Not in use here.
    Options,
    /// Not in use here.
    Trace,
    /// Changing parts.
    Patch,
    /// Not in use here.
    Copy,
}

/// One element for each operation that asks for a credential, with the API groups that have it.
pub(super) fn elements(rows: &[Listed]) -> impl Iterator<Item = (Shown<ElementSpec>, ApiGroups)> {
    rows.iter().filter_map(|row| Some((element(row), groups_of(row.permission)?)))
}

/// The API groups by which an operation may be called; none where no right is asked for.
pub(super) fn groups_of(permission: Permission) -> Option<ApiGroups> {
    match permission {
        Permission::Group(group) => Some(ApiGroups::of(&[group])),
        // Any role will do, and each of them reads.
        Permission::SignedIn => Some(ApiGroups::of(&[ApiGroup::GeneralRead])),
        Permission::Public | Permission::Open | Permission::DevOnly | Permission::Operator => None,
    }
}

fn element(row: &Listed) -> Shown<ElementSpec> {
    // RFC 9110 § 9.3.2: HEAD is GET without the content.
    let and_head = (row.method == Method::GET).then(|| Method::HEAD.to_string());
    let methods = std::iter::once(row.method.to_string()).chain(and_head).collect();
    let name = row.id.to_ascii_lowercase().replace(['.', '_'], "-");
    Shown::built_in("api_group_element", name, ElementSpec { methods, path_regex: path_regex(row.path) })
}

/// The expression that matches a path of the table as a whole.
fn path_regex(path: &str) -> String {
    let segment = |part: &str| if part.starts_with('{') { "[^/]+".into() } else { part.replace('.', "\\.") };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// The spec of an API group: its elements.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct ApiGroupSpec {
    elements: Vec<Reference>,
    element_specs: Vec<ElementSpec>,
}

/// Every API group with its elements.
pub(super) fn api_groups(rows: &[Listed]) -> Vec<Shown<ApiGroupSpec>> {
    let all: Vec<_> = elements(rows).collect();
    let of = |group: ApiGroup| {
        let mine = all.iter().filter(|(_, groups)| groups.contain(group)).map(|(element, _)| element);
        let (elements, element_specs) =
            mine.map(|element| (element.reference("api_group_element"), element.spec.clone())).unzip();
        Shown::built_in("api_group", group.name(), ApiGroupSpec { elements, element_specs })
    };
    ApiGroup::ALL.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_table_becomes_an_expression_for_the_whole_path() {
        assert_eq!(path_regex("/api/web/namespaces/{namespace}/roles/{name}"), "/api/web/namespaces/[^/]+/roles/[^/]+");
        assert_eq!(path_regex("/openapi.json"), "/openapi\\.json");
    }
}
