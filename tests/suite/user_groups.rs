//! User groups: their members hold their roles from the next call on, and nobody gives or takes by a group what they do not
//! have.

use serde_json::{Value, json};

use crate::access::{
    GROUPS, JANE, ROLES, USERS, WHOAMI, delete, grants, make_group, make_role, may_list_users, ok, put, refused,
};
use crate::people::in_system;
use crate::rig::Rig;

#[test]
fn a_group_gives_its_members_its_roles_until_they_leave_it() {
    let rig = Rig::start();
    let jane = rig.add_member(rig.tenant(), JANE, in_system("ves-io-default-role"));
    make_role(&rig, "auditor", &["ves-io-uam-read"]);
    let made = make_group(&rig, "Ops_1", &[&JANE.to_uppercase()], &[("system", "auditor")]);
    let body = ok(&made);
    assert_eq!(
        (&body["usernames"], &body["sync_mode"], &body["error"]),
        (&json!([JANE]), &json!("SELF"), &Value::Null)
    );
    assert!(may_list_users(&rig, &jane));
    let me = rig.as_token(&jane, "GET", WHOAMI, None).body;
    assert_eq!(me["group_names"], json!(["Ops_1"]));
    assert_eq!(me["namespace_roles"], json!(grants(&[("system", "ves-io-default-role")])));
    let names = &me["namespace_access"]["namespace_role_map"]["system"]["names"];
    assert_eq!(names, &json!(["ves-io-default-role", "auditor"]));
    let listed = rig.get(USERS).body;
    let listed = listed["items"].as_array().unwrap().iter().find(|user| user["email"] == JANE).unwrap();
    assert_eq!(listed["group_names"], json!(["Ops_1"]));
    assert_eq!(rig.get(&format!("/api/tenantry/v1/users/{JANE}")).body["group_names"], json!(["Ops_1"]));

    let roles = json!({ "namespace_roles": grants(&[("system", "auditor"), ("shared", "auditor")]) });
    ok(&put(&rig, &format!("{GROUPS}/Ops_1/remove_namespace_roles"), &roles));
    assert!(!may_list_users(&rig, &jane));
    ok(&put(&rig, &format!("{GROUPS}/Ops_1/assign_namespace_roles"), &roles));
    assert!(may_list_users(&rig, &jane));
    ok(&put(&rig, &format!("{ROLES}/auditor"), &json!({ "api_groups": ["ves-io-general-read"] })));
    assert!(!may_list_users(&rig, &jane), "a role changes for those who hold it through a group too");
    ok(&put(&rig, &format!("{ROLES}/auditor"), &json!({ "api_groups": ["ves-io-uam-read"] })));
    assert!(may_list_users(&rig, &jane));
    refused(&delete(&rig, "/api/web/namespaces/system/roles/auditor"), 409, "held by the group Ops_1");
    // As the public API has it: a member of the body that is absent is none.
    ok(&put(&rig, &format!("{GROUPS}/Ops_1"), &json!({ "usernames": [JANE] })));
    assert!(!may_list_users(&rig, &jane));
    ok(&put(&rig, &format!("{GROUPS}/Ops_1"), &json!({ "namespace_roles": grants(&[("system", "auditor")]) })));
    assert!(!may_list_users(&rig, &jane));
    ok(&delete(&rig, &format!("{GROUPS}/Ops_1")));
    refused(&rig.get(&format!("{GROUPS}/Ops_1")), 404, "User group Ops_1 was not found");
}

#[test]
fn a_user_is_put_into_groups_by_each_of_the_calls_for_it() {
    let rig = Rig::start();
    let jane = rig.add_member(rig.tenant(), JANE, in_system("ves-io-default-role"));
    for name in ["a", "b", "c"] {
        ok(&make_group(&rig, name, &[], &[("system", "ves-io-monitor-role")]));
    }
    let groups = || rig.as_token(&jane, "GET", WHOAMI, None).body["group_names"].clone();
    let ask = |path: &str, names: Value| {
        put(
            &rig,
            &format!("/api/web/custom/namespaces/system/users/{path}"),
            &json!({ "username": JANE, "group_names": names }),
        )
    };
    assert_eq!(ok(&ask("group_add", json!(["a", "b"]))), &json!({ "error": null }));
    ok(&ask("group_add", json!(["b", "c"])));
    assert_eq!(groups(), json!(["a", "b", "c"]));
    ok(&ask("group_remove", json!(["a", "a"])));
    assert_eq!(groups(), json!(["b", "c"]));
    refused(&ask("group_add", json!(["a", "absent"])), 400, "names groups that do not exist: absent");
    refused(&ask("group_remove", json!([])), 400, "Field group_names should be not empty");
    assert_eq!(groups(), json!(["b", "c"]), "nothing is half done");

    let replace = |body: Value| ok(&put(&rig, USERS, &body)).clone();
    replace(json!({ "email": JANE }));
    assert_eq!(groups(), json!(["b", "c"]), "absent is unchanged");
    replace(json!({ "email": JANE, "group_names": ["a"] }));
    assert_eq!(groups(), json!(["a"]));
    replace(json!({ "email": JANE, "group_names": [] }));
    assert_eq!(groups(), json!([]));
    ok(&rig.post(USERS, &json!({ "email": "new@example.com", "group_names": ["a"] })));
    let members = rig.get(&format!("{GROUPS}/a")).body["usernames"].clone();
    assert_eq!(members, json!(["new@example.com"]));
    ok(&rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &json!({ "email": "new@example.com" })));
    assert_eq!(rig.get(&format!("{GROUPS}/a")).body["usernames"], json!([]));
}

#[test]
fn nobody_gains_by_groups_and_roles_what_they_do_not_have() {
    let rig = Rig::start();
    let helper = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-uam-admin-role"));
    let by_helper = |method: &str, path: &str, body: Value| rig.as_token(&helper, method, path, Some(&body));
    make_role(&rig, "own", &["ves-io-general-read"]);
    ok(&make_group(&rig, "chiefs", &[], &[("system", "ves-io-admin-role")]));
    ok(&make_group(&rig, "all", &["helper@example.com"], &[("system", "own")]));
    let admin = grants(&[("system", "ves-io-admin-role")]);
    let missing = "ves-io-namespace-write in the namespace system";
    let join = json!({ "username": "helper@example.com", "group_names": ["chiefs"] });
    let attempts = [
        ("POST", GROUPS.to_string(), json!({ "name": "new", "namespace_roles": admin })),
        ("PUT", format!("{GROUPS}/all"), json!({ "usernames": ["helper@example.com"], "namespace_roles": admin })),
        ("PUT", format!("{GROUPS}/all/assign_namespace_roles"), json!({ "namespace_roles": admin })),
        ("PUT", "/api/web/custom/namespaces/system/users/group_add".into(), join),
        ("PUT", USERS.into(), json!({ "email": "helper@example.com", "group_names": ["chiefs"] })),
        ("POST", USERS.into(), json!({ "email": "new@example.com", "group_names": ["chiefs"] })),
        ("PUT", format!("{GROUPS}/chiefs"), json!({ "usernames": ["helper@example.com"], "namespace_roles": admin })),
        ("PUT", format!("{ROLES}/own"), json!({ "api_groups": ["ves-io-general-read", "ves-io-namespace-write"] })),
    ];
    for (method, path, body) in attempts {
        refused(&by_helper(method, &path, body), 403, missing);
    }
    let me = rig.as_token(&helper, "GET", WHOAMI, None).body;
    assert_eq!(me["group_names"], json!(["all"]));
}

#[test]
fn a_group_with_a_member_of_higher_rank_is_out_of_reach() {
    let rig = Rig::start();
    let helper = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-uam-admin-role"));
    rig.add_member(rig.tenant(), "chief@example.com", in_system("ves-io-admin-role"));
    rig.add_user(rig.tenant(), "bare@example.com", |new| (new.grants, new.is_owner) = (Vec::new(), true));
    let monitor = grants(&[("system", "ves-io-monitor-role")]);
    for (group, member, missing) in [
        ("of-chief", "chief@example.com", "ves-io-namespace-write"),
        ("of-owner", "bare@example.com", "ves-io-tenant-owner"),
    ] {
        ok(&make_group(&rig, group, &[member], &[("system", "ves-io-monitor-role")]));
        let path = format!("{GROUPS}/{group}");
        let attempts = [
            ("PUT", path.clone(), json!({ "namespace_roles": monitor })),
            ("PUT", path.clone(), json!({ "usernames": [member] })),
            ("PUT", format!("{path}/assign_namespace_roles"), json!({ "namespace_roles": monitor })),
            ("PUT", format!("{path}/remove_namespace_roles"), json!({ "namespace_roles": monitor })),
            ("DELETE", path.clone(), json!({})),
            ("POST", GROUPS.into(), json!({ "name": "new", "usernames": [member] })),
        ];
        for (method, path, body) in attempts {
            let answered = rig.as_token(&helper, method, &path, Some(&body));
            refused(&answered, 403, missing);
        }
        assert_eq!(rig.get(&path).body["usernames"], json!([member]));
    }
}

#[test]
fn nobody_takes_from_themself_by_a_group_or_a_role_the_right_to_undo_it() {
    let rig = Rig::start();
    let jane = rig.add_member(rig.tenant(), JANE, in_system("ves-io-default-role"));
    make_role(&rig, "people", &["ves-io-uam-read", "ves-io-uam-write", "ves-io-uam-admin-write"]);
    ok(&make_group(&rig, "hr", &[JANE], &[("system", "people")]));
    let by_jane = |method: &str, path: &str, body: Value| rig.as_token(&jane, method, path, Some(&body));
    let people = grants(&[("system", "people")]);
    let sentence = "You cannot take the right ves-io-uam-write in the namespace system from yourself";
    let attempts = [
        ("DELETE", format!("{GROUPS}/hr"), json!({})),
        ("PUT", format!("{GROUPS}/hr"), json!({ "namespace_roles": people })),
        ("PUT", format!("{GROUPS}/hr/remove_namespace_roles"), json!({ "namespace_roles": people })),
        ("PUT", USERS.into(), json!({ "email": JANE, "group_names": [] })),
        (
            "PUT",
            "/api/web/custom/namespaces/system/users/group_remove".into(),
            json!({ "username": JANE, "group_names": ["hr"] }),
        ),
        ("PUT", format!("{ROLES}/people"), json!({ "api_groups": ["ves-io-uam-read", "ves-io-uam-admin-write"] })),
    ];
    for (method, path, body) in attempts {
        refused(&by_jane(method, &path, body), 409, sentence);
    }
    assert!(may_list_users(&rig, &jane));
}

#[test]
fn groups_are_refused_with_the_name_that_is_wrong() {
    let rig = Rig::start();
    refused(&rig.post(GROUPS, &json!({})), 400, "Field name should be not empty");
    refused(&rig.post(GROUPS, &json!({ "name": "a b" })), 400, "Field name must be letters, digits");
    refused(
        &rig.post(GROUPS, &json!({ "name": "a", "display_name": "x".repeat(321) })),
        400,
        "Field display_name is longer",
    );
    let absent = ["absent@example.com", "hello@example.com", "away@example.com"];
    refused(&make_group(&rig, "a", &absent, &[]), 400, "users that do not exist: absent@example.com, away@example.com");
    refused(&make_group(&rig, "a", &[], &[("no-such", "ves-io-monitor-role")]), 400, "the namespace no-such");
    refused(&make_group(&rig, "a", &[], &[("system", "no-such")]), 400, "the role no-such");
    assert_eq!(rig.get(GROUPS).body, json!({ "user_groups": [] }));
    ok(&make_group(&rig, "a", &["hello@example.com"], &[]));
    refused(&make_group(&rig, "a", &[], &[]), 409, "already exist");
    refused(&put(&rig, &format!("{GROUPS}/b"), &json!({})), 404, "User group b was not found");
    let analyse = |name: &str| {
        let asked = json!({ "namespace_name_identifier": { "object_name": name, "object_namespace": "system" } });
        rig.post(&format!("{GROUPS}/analyze_for_deletion"), &asked)
    };
    assert_eq!(ok(&analyse("a"))["deletion_analysis"], "ReferencesAutoRemovable");
    ok(&put(&rig, &format!("{GROUPS}/a"), &json!({})));
    assert_eq!(ok(&analyse("a"))["deletion_analysis"], "Deletable");
    assert_eq!(analyse("b").status, 404);
}

#[test]
fn a_group_that_is_synchronised_three_times_changes_once() {
    let rig = Rig::start();
    let group =
        json!({ "name": "ops", "usernames": ["hello@example.com"], "namespace_roles": [], "sync_id": "string" });
    ok(&rig.post(GROUPS, &group));
    let path = format!("{GROUPS}/ops");
    let answers: Vec<Value> = (0..3).map(|_| ok(&put(&rig, &path, &group)).clone()).collect();
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    let records = rig.get("/api/tenantry/v1/audit?action=group.replace").body["items"].as_array().unwrap().clone();
    assert_eq!(records.len(), 3);
    assert!(records.iter().all(|record| record["facts"]["joined"] == json!([])), "{records:?}");
}

#[test]
fn a_new_namespace_of_an_old_name_gives_nobody_anything() {
    let rig = Rig::start();
    let jane = rig.add_member(rig.tenant(), JANE, in_system("ves-io-default-role"));
    let make = || rig.post("/api/web/namespaces", &json!({ "metadata": { "name": "team-a" } }));
    let read = || rig.as_token(&jane, "GET", "/api/web/namespaces/team-a", None).status;
    ok(&make());
    ok(&make_group(&rig, "ops", &[JANE], &[("team-a", "ves-io-admin-role")]));
    assert_eq!(read(), 200);
    // As a release removes it that knows no groups.
    let tenant = rig.tenant();
    rig.write(move |tx| {
        let statement = "DELETE FROM namespaces WHERE tenant = $1 AND name = 'team-a'";
        tx.run(statement, &tenantry::params![tenant]).map(drop)
    });
    ok(&make());
    assert_eq!(read(), 404);
    assert_eq!(rig.get(&format!("{GROUPS}/ops")).body["namespace_roles"], json!([]));
}
