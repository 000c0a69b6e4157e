//! Groups, roles, namespaces and settings by the command line.

use std::process::Output;

use serde_json::Value;

use crate::command_line::{Ended, tenantry};
use crate::rig::Rig;

fn run(rig: &Rig, line: &str) -> Ended {
    let line: Vec<_> = line.split(' ').collect();
    let mut command = tenantry(rig.data.as_ref().unwrap().path(), &line);
    let url = format!("http://{}", rig.address);
    let output: Output =
        command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", &rig.sample.api_token).output().unwrap();
    output.into()
}

fn json(rig: &Rig, line: &str) -> Value {
    serde_json::from_str(&run(rig, &format!("{line} --json")).done()).unwrap()
}

#[test]
fn a_group_is_made_filled_given_roles_emptied_and_removed() {
    let rig = Rig::start();
    assert_eq!(run(&rig, "group list").done(), "No groups.\n");
    let made = run(&rig, "group create ops --display-name Operations --member jane@example.com").done();
    assert!(made.contains("members       jane@example.com") && made.contains("roles         -"), "{made}");
    let added = run(&rig, "group add ops kenji@example.com hello@example.com").done();
    assert_eq!(added, "kenji@example.com is in the group ops.\nhello@example.com is in the group ops.\n");
    assert_eq!(run(&rig, "group remove ops hello@example.com").done(), "hello@example.com is not in the group ops.\n");
    run(&rig, "group give ops system:ves-io-monitor-role default:ves-io-power-developer-role").done();
    run(&rig, "group take ops default:ves-io-power-developer-role").done();
    let listed = run(&rig, "group list").done();
    assert!(listed.contains("ops   Operations    2        system:ves-io-monitor-role"), "{listed}");
    assert_eq!(json(&rig, "group show ops")["namespace_roles"].as_array().unwrap().len(), 1);
    assert!(run(&rig, "group add ops nobody@example.com").refused().contains("nobody@example.com"));
    assert!(run(&rig, "group delete ops").done().contains("The group ops is gone."));
    assert_eq!(run(&rig, "group list").done(), "No groups.\n");
    assert_eq!(run(&rig, "group show ops").code, 1);
}

#[test]
fn a_role_is_made_changed_shown_and_removed() {
    let rig = Rig::start();
    let made = run(&rig, "role create auditor --api-groups ves-io-uam-read").done();
    assert_eq!(made, "The role auditor is made. It allows ves-io-uam-read.\n");
    assert_eq!(run(&rig, "role show auditor").done(), "name          auditor\nAPI groups    ves-io-uam-read\n");
    run(&rig, "role set auditor --api-groups ves-io-uam-read,ves-io-uam-admin-read").done();
    assert!(
        run(&rig, "role list").done().lines().any(|line| line.starts_with("auditor ") && line.contains("admin-read"))
    );
    assert_eq!(json(&rig, "role show auditor")["api_groups"].as_array().unwrap().len(), 2);
    assert!(run(&rig, "role delete auditor").done().contains("The role auditor is gone."));
    assert_eq!(run(&rig, "role show auditor").code, 1);
}

#[test]
fn a_namespace_is_made_shown_and_removed() {
    let rig = Rig::start();
    assert_eq!(
        run(&rig, "namespace create shop --description Shop").done(),
        "name          shop\ndescription   Shop\n"
    );
    assert!(run(&rig, "namespace list").done().lines().any(|line| line.starts_with("shop ")));
    assert_eq!(json(&rig, "namespace show shop")["metadata"]["name"], "shop");
    assert!(run(&rig, "namespace delete shop").done().contains("The namespace shop is gone"));
    assert_eq!(run(&rig, "namespace show shop").code, 1);
}

#[test]
fn settings_are_listed_and_changed_and_the_operators_are_refused() {
    let rig = Rig::start();
    let changed = run(&rig, "setting set link_lifetime_minutes=120").done();
    let line = |text: &str| text.lines().find(|line| line.starts_with("link_lifetime_minutes ")).unwrap().to_owned();
    assert_eq!(line(&changed).split_whitespace().nth(1), Some("120"));
    assert_eq!(json(&rig, "setting list")["settings"].as_array().unwrap().len(), changed.lines().count() - 1);
    let refused = run(&rig, "setting set public_url=https://id.example.com").refused();
    assert!(refused.contains("Only the operator of this server sets public_url"), "{refused}");
    run(&rig, "setting set link_lifetime_minutes=").done();
    assert_ne!(line(&run(&rig, "setting list").done()).split_whitespace().nth(1), Some("120"));
}
