//! Roles of a tenant's own and user groups: what they allow counts from the next call, nobody gives or takes by them what they
//! do not have, and what stands in the users' rows is what follows from groups and roles.

use serde_json::{Value, json};
use tenantry::access::Grant;
use tenantry::params;
use tenantry::store::Scope;

use crate::dice::Dice;
use crate::people::in_system;
use crate::rig::{Answered, Rig};

pub const ROLES: &str = "/api/web/custom/namespaces/system/roles";
pub const GROUPS: &str = "/api/web/custom/namespaces/system/user_groups";
pub const USERS: &str = "/api/web/custom/namespaces/system/user_roles";
pub const WHOAMI: &str = "/api/web/custom/namespaces/system/whoami";
pub const JANE: &str = "jane.doe@example.com";

pub fn ok(answered: &Answered) -> &Value {
    assert_eq!(answered.status, 200, "{}", answered.text);
    &answered.body
}

#[track_caller]
pub fn refused(answered: &Answered, status: u16, part: &str) {
    assert_eq!(answered.status, status, "{}", answered.text);
    assert!(answered.message().contains(part), "{}", answered.text);
}

pub fn make_role(rig: &Rig, name: &str, groups: &[&str]) {
    ok(&rig.post(ROLES, &json!({ "api_groups": groups, "metadata": { "name": name } })));
}

pub fn make_group(rig: &Rig, name: &str, members: &[&str], roles: &[(&str, &str)]) -> Answered {
    rig.post(GROUPS, &json!({ "name": name, "usernames": members, "namespace_roles": grants(roles) }))
}

pub fn grants(roles: &[(&str, &str)]) -> Vec<Value> {
    roles.iter().map(|(namespace, role)| json!({ "namespace": namespace, "role": role })).collect()
}

pub fn put(rig: &Rig, path: &str, body: &Value) -> Answered {
    rig.as_token(&rig.sample.api_token, "PUT", path, Some(body))
}

pub fn delete(rig: &Rig, path: &str) -> Answered {
    rig.as_token(&rig.sample.api_token, "DELETE", path, None)
}

pub fn may_list_users(rig: &Rig, token: &str) -> bool {
    let answered = rig.as_token(token, "GET", USERS, None);
    assert!([200, 403].contains(&answered.status), "{}", answered.text);
    answered.status == 200
}

#[test]
fn a_role_of_the_tenants_own_counts_and_changes_from_the_next_call_on() {
    let rig = Rig::start();
    let jane = rig.add_member(rig.tenant(), JANE, in_system("ves-io-default-role"));
    make_role(&rig, "auditor", &["ves-io-uam-read"]);
    assert!(!may_list_users(&rig, &jane));
    let roles = json!({ "username": [JANE], "namespaces_role": { "namespaces": ["system"], "role": "auditor" } });
    ok(&rig.post("/api/web/custom/namespaces/system/role_users", &roles));
    assert!(may_list_users(&rig, &jane));
    ok(&put(&rig, &format!("{ROLES}/auditor"), &json!({ "api_groups": ["ves-io-namespace-write", "f5xc-billing"] })));
    assert!(!may_list_users(&rig, &jane));
    ok(&rig.as_token(&jane, "POST", "/api/web/namespaces", Some(&json!({ "metadata": { "name": "team-a" } }))));
    let shown = rig.get(&format!("{ROLES}/auditor"));
    assert_eq!(ok(&shown)["api_groups"], json!(["f5xc-billing", "ves-io-namespace-write"]));

    let plain = "/api/web/namespaces/system/roles/auditor";
    refused(&delete(&rig, plain), 409, &format!("held by the user {JANE}"));
    rig.give(JANE, in_system("ves-io-default-role"));
    ok(&delete(&rig, plain));
    refused(&rig.get(plain), 404, "Role auditor was not found");
    refused(
        &put(&rig, &format!("{ROLES}/auditor"), &json!({ "api_groups": ["ves-io-uam-read"] })),
        404,
        "Role auditor",
    );
}

#[test]
fn roles_are_refused_with_the_name_that_is_wrong() {
    let rig = Rig::start();
    let ask =
        |name: &str, groups: Value| rig.post(ROLES, &json!({ "api_groups": groups, "metadata": { "name": name } }));
    refused(&ask("auditor", json!([])), 400, "Field api_groups should be not empty");
    refused(&ask("auditor", json!(["uam-read"])), 400, "names the group uam-read, which does not exist");
    refused(&ask("Auditor", json!(["ves-io-uam-read"])), 400, "Field metadata.name must be a small letter");
    refused(&ask("ves-io-own", json!(["ves-io-uam-read"])), 400, "begins like a role of the public service");
    refused(&ask("ves-io-admin-role", json!(["ves-io-uam-read"])), 409, "already exist");
    make_role(&rig, "auditor", &["ves-io-uam-read"]);
    refused(&ask("auditor", json!(["ves-io-uam-read"])), 409, "already exist");
    for built_in in ["ves-io-admin-role", "f5xc-waap-admin"] {
        let path = format!("{ROLES}/{built_in}");
        refused(&put(&rig, &path, &json!({ "api_groups": ["ves-io-uam-read"] })), 403, "belongs to every tenant");
        refused(&delete(&rig, &format!("/api/web/namespaces/system/roles/{built_in}")), 403, "belongs to every tenant");
    }
    let unknown = json!({ "email": "hello@example.com", "namespace_roles": grants(&[("system", "absent")]) });
    refused(&put(&rig, USERS, &unknown), 400, "names the role absent, which does not exist");
}

#[test]
fn from_a_role_one_finds_the_calls_that_it_allows() {
    let rig = Rig::start();
    make_role(&rig, "auditor", &["ves-io-uam-read"]);
    let roles = rig.get(ROLES).body;
    let names: Vec<&str> = roles["items"].as_array().unwrap().iter().filter_map(|role| role["name"].as_str()).collect();
    assert!(names.contains(&"ves-io-admin-role") && names.contains(&"auditor"), "{names:?}");
    let role = rig.get("/api/web/namespaces/system/roles/auditor").body;
    let policy = &role["spec"]["rbac_policy"][0];
    assert_eq!((&policy["name"], &policy["namespace"]), (&json!("auditor-policy"), &json!("system")));
    let policy = rig.get("/api/web/namespaces/system/rbac_policys/auditor-policy").body;
    assert_eq!(policy["spec"]["rules"], json!([{ "api_group": "ves-io-uam-read" }]));
    for namespace in ["ves-io-shared", "shared", "system"] {
        let group = rig.get(&format!("/api/web/namespaces/{namespace}/api_groups/ves-io-uam-read")).body;
        let specs = group["spec"]["element_specs"].as_array().unwrap();
        let listing =
            json!({ "methods": ["GET", "HEAD"], "path_regex": "/api/web/custom/namespaces/[^/]+/user_roles" });
        assert!(specs.contains(&listing), "{specs:?}");
        let element = group["spec"]["elements"][0]["name"].as_str().unwrap();
        let element = rig.get(&format!("/api/web/namespaces/{namespace}/api_group_elements/{element}"));
        assert_eq!(ok(&element)["spec"], specs[0]);
    }
    assert_eq!(rig.get("/api/web/custom/namespaces/ves-io-shared/user_roles").status, 404);
    rig.give("hello@example.com", vec![Grant::new("default", "auditor")]);
    let held = rig.get("/api/web/namespaces/default/namespace_roles?report_fields").body;
    let spec = held["items"].as_array().unwrap().iter().map(|item| &item["get_spec"]);
    let own = spec.filter(|spec| spec["role"][0]["name"] == "auditor").collect::<Vec<_>>();
    assert_eq!(own.len(), 1, "{held}");
    assert_eq!((&own[0]["user"][0]["name"], &own[0]["namespace"]), (&json!("hello@example.com"), &json!("default")));
}

#[test]
fn what_evaluate_answers_is_what_the_calls_themselves_answer() {
    let rig = Rig::start();
    let token = rig.add_member(rig.tenant(), JANE, in_system("ves-io-monitor-role"));
    let calls = [
        ("GET", "/api/web/custom/namespaces/system/user_roles", true),
        ("GET", "/public/custom/namespaces/system/user_roles", true),
        (
            "GET",
            "/api/v1/api/production/us-east-1/namespaces/default/api/web/custom/namespaces/system/user_roles",
            true,
        ),
        ("POST", "/api/web/custom/password/admin_reset", false),
        ("POST", "/api/web/namespaces", false),
        ("GET", "/api/web/namespaces", true),
        ("GET", "/api/web/namespaces/default/no-such-thing", false),
        ("DELETE", "/api/web/custom/namespaces/system/user_groups/x", false),
    ];
    let items: Vec<Value> = calls.iter().map(|(method, path, _)| json!({ "method": method, "path": path })).collect();
    let asked =
        json!({ "namespace": "system", "item_lists": [{ "list_id": "all", "items": items }, { "list_id": "none" }] });
    let answered = rig.as_token(&token, "POST", "/api/web/namespaces/system/evaluate-api-access", Some(&asked));
    let lists = ok(&answered)["item_lists"].clone();
    assert_eq!((&lists[0]["list_id"], &lists[0]["result"]), (&json!("all"), &json!(false)));
    assert_eq!((&lists[1]["list_id"], &lists[1]["result"]), (&json!("none"), &json!(true)));
    for (item, (method, path, wanted)) in lists[0]["items"].as_array().unwrap().iter().zip(calls) {
        assert_eq!((&item["result"], &item["none"]), (&json!(wanted), &json!({})), "{method} {path}");
        if path.starts_with("/api") && method == "GET" {
            let really = rig.as_token(&token, method, path, None).status;
            assert_eq!(really == 200, wanted, "{method} {path} {really}");
        }
    }
    let batch = json!({ "batch_namespace_api_list": [asked] });
    let answered = rig.as_token(&token, "POST", "/api/web/namespaces/system/evaluate-batch-api-access", Some(&batch));
    assert_eq!(ok(&answered)["batch_namespace_api_list"][0]["item_lists"], lists);
    let many = json!({ "item_lists": [{ "items": vec![json!({}); 101] }] });
    let answered = rig.as_token(&token, "POST", "/api/web/namespaces/system/evaluate-api-access", Some(&many));
    refused(&answered, 400, "Field items has 101 entries; 100 are the most.");
    let roles = rig.as_token(&token, "POST", "/api/web/namespaces/system/lookup-user-roles", Some(&json!({})));
    assert_eq!(ok(&roles)["roles"], json!(["ves-io-monitor-role"]));
}

/// What users hold through groups, from the tables of groups and roles alone: user, group, namespace, role, API groups by name.
const FOLLOWS: &str = "SELECT m.user_id, m.group_name, g.namespace, g.role, r.api_groups
    FROM group_members m
    LEFT JOIN group_grants g ON g.tenant = m.tenant AND g.group_name = m.group_name
    LEFT JOIN roles r ON r.tenant = g.tenant AND r.name = g.role
    WHERE m.tenant = $1";

/// That each user's rights are those that follow from grants, groups and roles.
fn check_what_follows(rig: &Rig) {
    let tenant = rig.tenant();
    rig.store
        .read(Scope::of(tenant), |tx| {
            let mut follows: Vec<(i64, String)> = Vec::new();
            for row in tx.all(FOLLOWS, &params![tenant])? {
                let (user, group): (i64, String) = (row.get(0)?, row.get(1)?);
                let grant = row.get::<Option<String>>(2)?.zip(row.get::<Option<String>>(3)?);
                let Some((namespace, role)) = grant else { continue };
                let own: Option<String> = row.get(4)?;
                let own = own.map(|names| serde_json::from_str::<Vec<String>>(&names).unwrap());
                let groups = tenantry::access::built_in_role(&role)
                    .unwrap_or_else(|| tenantry::access::ApiGroups::of_names(&own.unwrap_or_default()));
                follows.push((user, format!("{group} {namespace} {role} {groups:?}")));
            }
            let mut stand = Vec::new();
            for row in tx.all("SELECT id FROM users WHERE tenant = $1", &params![tenant])? {
                let rights = tenantry::people::rights_of(tx, tenant, row.get(0)?)?;
                let through = rights.held().iter().filter_map(|held| Some((held, held.through.as_ref()?)));
                for (held, group) in through {
                    let (namespace, role) = (&held.grant.namespace, &held.grant.role);
                    stand.push((row.get::<i64>(0)?, format!("{group} {namespace} {role} {:?}", held.groups)));
                }
            }
            follows.sort();
            stand.sort();
            assert_eq!(stand, follows);
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_stands_in_the_users_rows_follows_from_groups_and_roles_after_every_change() {
    let rig = Rig::start();
    let mut dice = Dice::of("what follows from groups and roles");
    let people = ["hello@example.com", "jane@example.com", "kenji@example.com", "short@example.com"];
    let (mut accepted, mut asked) = (0, 0);
    for _ in 0..120 {
        let (group, role) = (*dice.pick(&["a", "b", "c"]), *dice.pick(&["red", "blue"]));
        let person = *dice.pick(&people);
        let place = *dice.pick(&["system", "team-a", "*"]);
        let given = *dice.pick(&["red", "blue", "ves-io-monitor-role"]);
        let api_groups = *dice.pick(&["ves-io-uam-read", "ves-io-general-read", "ves-io-namespace-write"]);
        let roles = json!({ "namespace_roles": grants(&[(place, given)]) });
        let path = format!("{GROUPS}/{group}");
        let answered = match dice.below(12) {
            0 => make_group(&rig, group, &[person], &[(place, given)]),
            1 => put(&rig, &path, &json!({ "usernames": [person], "namespace_roles": grants(&[(place, given)]) })),
            2 => delete(&rig, &path),
            3 => put(&rig, &format!("{path}/assign_namespace_roles"), &roles),
            4 => put(&rig, &format!("{path}/remove_namespace_roles"), &roles),
            5 => put(&rig, USERS, &json!({ "email": person, "group_names": [group] })),
            6 => rig.post(ROLES, &json!({ "api_groups": [api_groups], "metadata": { "name": role } })),
            7 => put(&rig, &format!("{ROLES}/{role}"), &json!({ "api_groups": [api_groups] })),
            8 => delete(&rig, &format!("/api/web/namespaces/system/roles/{role}")),
            9 => rig.post("/api/web/namespaces", &json!({ "metadata": { "name": "team-a" } })),
            10 => rig.post("/api/web/namespaces/team-a/cascade_delete", &json!({})),
            _ if person == "short@example.com" => {
                let path = "/api/web/custom/namespaces/system/users/cascade_delete";
                rig.post(USERS, &json!({ "email": person, "group_names": [group] }));
                rig.post(path, &json!({ "email": person }))
            }
            _ => rig.post(USERS, &json!({ "email": person })),
        };
        assert!(answered.status < 500, "{}", answered.text);
        accepted += usize::from(answered.status == 200);
        asked += 1;
        check_what_follows(&rig);
    }
    assert!(accepted * 4 > asked, "only {accepted} of {asked} changes were accepted");
}

#[test]
fn an_administrator_learns_why_a_user_may_or_may_not() {
    let rig = Rig::start();
    rig.add_member(rig.tenant(), JANE, in_system("ves-io-uam-admin-role"));
    rig.add_member(rig.tenant(), "chief@example.com", in_system("ves-io-admin-role"));
    let can = |what: &str, more: &str| rig.get(&format!("/api/tenantry/v1/can?user={JANE}&operation={what}{more}"));
    let reset = "ves.io.schema.user.CustomAPI.ResetPasswordByAdmin";
    let rule = format!(
        "{JANE} has the role ves-io-uam-admin-role in system, and ves-io-uam-admin-role has ves-io-uam-admin-write."
    );
    for what in [reset, "POST%20/api/web/custom/password/admin_reset"] {
        let answered = can(what, "");
        assert_eq!(ok(&answered)["because"], json!([rule]));
        assert_eq!((&answered.body["allowed"], &answered.body["operation"]), (&json!(true), &json!(reset)));
    }
    let answered = can(reset, "&target=chief@example.com").body;
    let lacks =
        format!("chief@example.com has the right ves-io-namespace-write in the namespace system, which {JANE} lacks.");
    assert_eq!((&answered["allowed"], &answered["because"]), (&json!(false), &json!([lacks])));
    rig.add_user(rig.tenant(), "kim@example.com", |_| {});
    let answered = can(reset, "&target=kim@example.com").body;
    assert_eq!(
        (&answered["allowed"], &answered["because"][1]),
        (&json!(true), &json!(format!("kim@example.com has no right that {JANE} lacks.")))
    );
    let answered = can("ves.io.schema.namespace.API.Create", "").body;
    assert!(
        answered["because"][0].as_str().unwrap().contains("needs a role with ves-io-namespace-write"),
        "{answered}"
    );
    refused(&can("no.such", ""), 404, "No operation has this id");
    refused(&rig.get("/api/tenantry/v1/can?operation=x"), 400, "Field user should be not empty");
}
