//! What administrators do about access in the console: roles, namespaces, groups, new users and their roles.

use serde_json::json;

use crate::console::{owner, place, records, shown};
use crate::people::in_system;
use crate::phone::{form, page};
use crate::rig::Rig;

const JANE: &str = "jane@example.com";

/// What a page holds between two texts.
pub fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text}"));
    rest.split_once(after).unwrap().0
}

#[test]
fn a_role_is_made_changed_and_removed_once_nobody_holds_it() {
    let rig = Rig::start();
    let (session, path) = (owner(&rig), "/console/roles/help");
    let fields = [("name", "help"), ("description", "Help desk"), ("ves-io-uam-read", "on")];
    assert_eq!(place(&form(&rig, &session, "/console/new/role", &fields)), path);
    let one = shown(&rig, &session, path);
    assert!(between(&one, "id=\"ves-io-uam-read\"", ">").contains("checked") && one.contains("Help desk"), "{one}");
    let again = form(&rig, &session, "/console/new/role", &fields);
    assert_eq!(again.status, 409, "{}", again.text);
    assert!(again.text.contains("role=\"alert\"") && again.text.contains("value=\"Help desk\""), "{}", again.text);
    let none = form(&rig, &session, "/console/new/role", &[("name", "empty")]);
    assert_eq!(none.status, 400, "{}", none.text);
    rig.give(JANE, in_system("help"));
    let before = between(&one, "name=\"before\" value=\"", "\"");
    let change = [("before", before), ("ves-io-uam-read", "on"), ("ves-io-uam-admin-read", "on")];
    assert_eq!(place(&form(&rig, &session, path, &change)), path);
    let stale = form(&rig, &session, path, &change);
    assert_eq!(stale.status, 409, "someone saved in between: {}", stale.text);
    let jane = rig.session(JANE, &rig.sample.user_password);
    assert!(shown(&rig, &jane, "/console/roles").contains("help"));
    assert!(!shown(&rig, &jane, path).contains("Save the role"), "a reader is not offered it");
    assert_eq!(form(&rig, &jane, path, &change).status, 403);
    let held = form(&rig, &session, &format!("{path}/remove"), &[]);
    assert_eq!(held.status, 409, "{}", held.text);
    assert!(held.text.contains(JANE) && held.text.contains("role=\"alert\""), "{}", held.text);
    rig.give(JANE, in_system("ves-io-default-role"));
    assert!(shown(&rig, &session, &format!("{path}/remove")).contains("Remove this role?"));
    assert_eq!(place(&form(&rig, &session, &format!("{path}/remove"), &[])), "/console/roles");
    assert_eq!(page(&rig, &session, path).status, 404);
    assert_eq!(["role.create", "role.replace", "role.remove"].map(|action| records(&rig, action).len()), [1, 1, 1]);
    let built_in = "/console/roles/ves-io-admin-role";
    assert!(!shown(&rig, &session, built_in).contains("/remove"));
    assert_eq!(place(&page(&rig, &session, &format!("{built_in}/remove"))), built_in);
}

#[test]
fn rank_is_told_as_the_calls_decide_it() {
    let rig = Rig::start();
    let session = owner(&rig);
    let ask = |who: &str, whom: &str| shown(&rig, &session, &format!("/console/roles/rank?who={who}&whom={whom}"));
    let (user_admin, admin) = ("ves-io-uam-admin-role", "ves-io-admin-role");
    assert!(ask(admin, user_admin).contains("Yes. No right is missing."));
    let lacking = ask(user_admin, admin);
    let told = between(&lacking, "No. These rights of the other one are missing:", "</ul>");
    assert!(told.contains("ves-io-namespace-write"), "{told}");
    assert!(ask("ves-io-monitor-role", "ves-io-monitor-role").contains("No. This role may reset nobody."));
    assert!(ask("nobody", admin).contains("One of these is no role of this tenant."));
    // The calls say the same.
    rig.give(JANE, in_system(user_admin));
    rig.give("kenji@example.com", in_system(admin));
    let jane = rig.session(JANE, &rig.sample.user_password);
    let kenji = rig.get("/api/tenantry/v1/users/kenji@example.com").body["uid"].as_str().unwrap().to_owned();
    assert_eq!(form(&rig, &jane, &format!("/console/users/{kenji}/reset"), &[]).status, 403);
}

#[test]
fn a_namespace_is_made_and_removed_with_the_roles_given_in_it() {
    let rig = Rig::start();
    let (session, path) = (owner(&rig), "/console/namespaces/team-a");
    let fields = [("name", "team-a"), ("description", "The people of team A")];
    assert_eq!(place(&form(&rig, &session, "/console/new/namespace", &fields)), path);
    let again = form(&rig, &session, "/console/new/namespace", &fields);
    assert_eq!(again.status, 409, "{}", again.text);
    assert!(again.text.contains("value=\"The people of team A\""), "{}", again.text);
    rig.give(JANE, vec![tenantry::access::Grant::new("team-a", "ves-io-monitor-role")]);
    let jane = rig.session(JANE, &rig.sample.user_password);
    assert!(!shown(&rig, &jane, path).contains("/remove"), "not offered");
    assert_eq!(form(&rig, &jane, &format!("{path}/remove"), &[]).status, 403);
    assert_eq!(page(&rig, &jane, "/console/namespaces/system").status, 404, "one in which one has no role");
    assert!(shown(&rig, &session, &format!("{path}/remove")).contains("everyone loses the roles"));
    assert_eq!(place(&form(&rig, &session, &format!("{path}/remove"), &[])), "/console/namespaces");
    assert_eq!(page(&rig, &session, path).status, 404);
    assert_eq!(form(&rig, &session, &format!("{path}/remove"), &[]).status, 404, "a second time");
    let roles = rig.get(&format!("/api/tenantry/v1/users/{JANE}")).text;
    assert!(!roles.contains("team-a"), "{roles}");
    assert_eq!(["namespace.create", "namespace.remove"].map(|action| records(&rig, action).len()), [1, 1]);
    let shared = "/console/namespaces/shared";
    assert!(!shown(&rig, &session, shared).contains("/remove"));
    assert_eq!(place(&page(&rig, &session, &format!("{shared}/remove"))), shared);
}

#[test]
fn a_group_is_made_gets_members_and_roles_and_goes() {
    let rig = Rig::start();
    let (session, path) = (owner(&rig), "/console/groups/ops");
    let fields = [("name", "ops"), ("display_name", "Operations")];
    assert_eq!(place(&form(&rig, &session, "/console/new/group", &fields)), path);
    let again = form(&rig, &session, "/console/new/group", &fields);
    assert_eq!(again.status, 409, "{}", again.text);
    assert!(again.text.contains("value=\"Operations\""), "{}", again.text);
    let grant = [("namespace", "default"), ("role", "ves-io-monitor-role")];
    let to = |word: &str| format!("{path}/{word}");
    assert_eq!(place(&form(&rig, &session, &to("join"), &[("email", JANE)])), path);
    assert_eq!(place(&form(&rig, &session, &to("give"), &grant)), path);
    let one = shown(&rig, &session, path);
    assert!(one.contains(JANE) && one.contains("ves-io-monitor-role"), "{one}");
    let unknown = form(&rig, &session, &to("give"), &[("namespace", "default"), ("role", "no-such-role")]);
    assert_eq!(unknown.status, 400, "{}", unknown.text);
    assert!(unknown.text.contains("value=\"no-such-role\"") && unknown.text.contains("role=\"alert\""));
    assert_eq!(form(&rig, &session, &to("join"), &[("email", "no address")]).status, 400);
    // A reader is offered nothing, and a call is refused.
    rig.give("kenji@example.com", in_system("ves-io-monitor-role"));
    let reader = rig.session("kenji@example.com", &rig.sample.user_password);
    let read = shown(&rig, &reader, path);
    assert!(!read.contains("/join") && !read.contains("/remove") && !read.contains("/leave"), "{read}");
    assert_eq!(form(&rig, &reader, &to("join"), &[("email", JANE)]).status, 403);
    // What ends has a page before it.
    let taken = to("take?namespace=default&role=ves-io-monitor-role");
    assert!(shown(&rig, &session, &taken).contains("Take this role from the group?"));
    assert_eq!(place(&form(&rig, &session, &to("take"), &grant)), path);
    assert_eq!(place(&page(&rig, &session, &taken)), path, "it was done meanwhile");
    let uid = rig.get(&format!("/api/tenantry/v1/users/{JANE}")).body["uid"].as_str().unwrap().to_owned();
    let leaving = to(&format!("leave?user={uid}"));
    assert!(shown(&rig, &session, &leaving).contains(JANE));
    assert_eq!(place(&form(&rig, &session, &to("leave"), &[("user", &uid)])), path);
    assert!(!shown(&rig, &session, path).contains(JANE));
    assert_eq!(place(&page(&rig, &session, &leaving)), path, "it was done meanwhile");
    let elsewhere = rig.add_tenant("elsewhere");
    let theirs = rig.add_user(elsewhere, "theirs@example.com", |_| {});
    assert_eq!(page(&rig, &session, &to(&format!("leave?user={}", theirs.uid))).status, 404);
    assert!(shown(&rig, &session, &to("remove")).contains("Remove this group?"));
    assert_eq!(place(&form(&rig, &session, &to("remove"), &[])), "/console/groups");
    assert_eq!(page(&rig, &session, path).status, 404);
    let actions = ["group.create", "user.group_add", "group.assign_roles", "group.remove_roles", "user.group_remove"];
    for action in actions.into_iter().chain(["group.remove"]) {
        assert_eq!(records(&rig, action).len(), 1, "{action}");
    }
}

#[test]
fn a_user_is_made_invited_given_a_role_and_loses_it() {
    let rig = Rig::start();
    let (session, email) = (owner(&rig), "new@example.com");
    let fields = [
        ("email", email),
        ("first_name", "Nora"),
        ("last_name", "New"),
        ("role", "ves-io-default-role"),
        ("namespace", "default"),
    ];
    let made = form(&rig, &session, "/console/users/new", &fields);
    let of_user = place(&made).to_owned();
    assert!(!of_user.contains('@') && shown(&rig, &session, &of_user).contains("Nora New"));
    rig.wait_for_mails(email, 1);
    let again = form(&rig, &session, "/console/users/new", &fields);
    assert_eq!(again.status, 409, "{}", again.text);
    assert!(again.text.contains("value=\"Nora\"") && again.text.contains("role=\"alert\""), "{}", again.text);
    assert_eq!(form(&rig, &session, "/console/users/new", &[("email", "no address")]).status, 400);
    let path = format!("{of_user}/roles");
    let roles = shown(&rig, &session, &path);
    assert!(roles.contains("ves-io-default-role") && roles.contains("Given to the user"), "{roles}");
    let grant = [("namespace", "system"), ("role", "ves-io-monitor-role")];
    assert_eq!(place(&form(&rig, &session, &path, &grant)), path);
    let ops = json!({ "name": "ops", "usernames": [email],
                      "namespace_roles": [{ "namespace": "shared", "role": "ves-io-monitor-role" }] });
    assert_eq!(rig.post("/api/web/custom/namespaces/system/user_groups", &ops).status, 200);
    let roles = shown(&rig, &session, &path);
    assert_eq!(roles.matches("/roles/take?").count(), 2, "what comes from a group is not taken here: {roles}");
    assert!(roles.contains("/console/groups/ops"));
    let unknown = form(&rig, &session, &path, &[("namespace", "system"), ("role", "none-such")]);
    assert_eq!(unknown.status, 400, "{}", unknown.text);
    assert!(unknown.text.contains("value=\"none-such\""), "{}", unknown.text);
    let taken = format!("{path}/take?namespace=system&role=ves-io-monitor-role");
    assert!(shown(&rig, &session, &taken).contains("Take this role from the user?"));
    assert_eq!(place(&form(&rig, &session, &format!("{path}/take"), &grant)), path);
    assert_eq!(place(&page(&rig, &session, &taken)), path, "it was done meanwhile");
    let actions = ["user.create", "user.give_role", "user.replace"];
    let of_new = |action| records(&rig, action).iter().filter(|one| one["subject"] == email).count();
    assert_eq!(actions.map(of_new), [1, 1, 1]);
}

#[test]
fn roles_of_a_user_of_more_rights_are_not_changed_and_of_another_tenant_there_is_nothing() {
    let rig = Rig::start();
    let (session, grant) = (owner(&rig), [("namespace", "system"), ("role", "ves-io-monitor-role")]);
    rig.give(JANE, in_system("ves-io-uam-admin-role"));
    let jane = rig.session(JANE, &rig.sample.user_password);
    let owners =
        rig.get(&format!("/api/tenantry/v1/users/{}", rig.sample.admin_email)).body["uid"].as_str().unwrap().to_owned();
    let above = format!("/console/users/{owners}/roles");
    assert!(!shown(&rig, &jane, &above).contains("/roles/take"));
    assert_eq!(form(&rig, &jane, &above, &grant).status, 403);
    let elsewhere = rig.add_tenant("elsewhere");
    let theirs = rig.add_user(elsewhere, "theirs@example.com", |_| {});
    assert_eq!(page(&rig, &session, &format!("/console/users/{}/roles", theirs.uid)).status, 404);
    assert_eq!(form(&rig, &session, &format!("/console/users/{}/roles", theirs.uid), &grant).status, 404);
}
