use super::*;
use crate::access::{ADMIN_ROLE, Grant, SYSTEM};
use crate::act::Act;
use crate::act::rig::{NOW, OWNER, Rig};
use crate::error::{Error, Kind, Result};
use crate::mail::address::Email;
use crate::params;
use crate::people::{self, NewUser, SignInBy, User, get_by_email, grants_of, insert};
use crate::tenants;

type Verb = fn(&mut crate::store::Tx<'_>, &Email, &Act) -> Result<User>;

const JANE: &str = "Jane@example.com";
const HELPER: &str = "helper@example.com";

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

fn ask(email: &str, grants: &[(&str, &str)]) -> UserAsk {
    let grants = grants.iter().map(|(namespace, role)| Grant::new(*namespace, *role)).collect();
    UserAsk { email: Some(email.into()), namespace_roles: Some(grants), ..UserAsk::default() }
}

fn make(rig: &Rig, ask: &UserAsk, act: Act) -> Result<User> {
    let (new, link) = (draw(ask, &rig.random, &act)?, FirstLink::draw(&rig.keys(), &rig.random, &act));
    rig.write(move |tx| create(tx, &new, &[], &link, &act))
}

fn replaced(rig: &Rig, ask: UserAsk, act: Act) -> Result<User> {
    rig.write(move |tx| replace(tx, &ask, &act))
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T>) -> Error {
    outcome.unwrap_err()
}

fn grants(rig: &Rig, of: &str) -> Vec<Grant> {
    rig.read(|tx| {
        let user = get_by_email(tx, rig.tenant.id, &email(of))?;
        grants_of(tx, rig.tenant.id, user.id)
    })
}

fn helper(rig: &Rig) -> Act {
    rig.add(HELPER, &[Grant::new(SYSTEM, "ves-io-uam-admin-role")], false);
    rig.act_of(HELPER)
}

#[test]
fn a_user_needs_only_an_address_and_is_invited() {
    let rig = Rig::new();
    let asked = UserAsk { email: Some(JANE.into()), ..UserAsk::default() };
    let jane = make(&rig, &asked, rig.act_of(OWNER)).unwrap();
    assert_eq!((jane.email.as_str(), jane.sign_in_by), (JANE, SignInBy::Password));
    assert!(jane.open_reset.is_some(), "the invitation was part of it");
    assert_eq!(rig.records("user.create"), 1);
}

#[test]
fn a_user_of_single_sign_on_is_not_invited() {
    let rig = Rig::new();
    let asked = UserAsk { idm_type: Some("SSO".into()), ..ask(JANE, &[]) };
    assert!(make(&rig, &asked, rig.act_of(OWNER)).unwrap().open_reset.is_none());
}

#[test]
fn an_address_is_taken_whatever_its_case() {
    let rig = Rig::new();
    make(&rig, &ask(JANE, &[]), rig.act_of(OWNER)).unwrap();
    let refused = refusal(make(&rig, &ask("jane@EXAMPLE.com", &[]), rig.act_of(OWNER)));
    assert_eq!(refused.kind, Kind::Duplicate);
    assert!(refused.message.contains("already exist"), "{}", refused.message);
}

#[test]
fn nobody_gives_what_they_do_not_have() {
    let rig = Rig::new();
    let act = helper(&rig);
    let refused = refusal(make(&rig, &ask(JANE, &[(SYSTEM, ADMIN_ROLE)]), act));
    assert_eq!(refused.kind, Kind::Forbidden);
    assert!(refused.message.contains("ves-io-namespace-write"), "{}", refused.message);
    let everywhere = refusal(make(&rig, &ask(JANE, &[("*", "ves-io-monitor-role")]), rig.act_of(HELPER)));
    assert_eq!(everywhere.kind, Kind::Forbidden);
    assert!(make(&rig, &ask(JANE, &[(SYSTEM, "ves-io-monitor-role")]), rig.act_of(HELPER)).is_ok());
}

#[test]
fn a_namespace_or_role_that_does_not_exist_is_named_in_the_refusal() {
    let rig = Rig::new();
    for (grant, word) in [((SYSTEM, "no-such-role"), "no-such-role"), (("nowhere", "ves-io-monitor-role"), "nowhere")] {
        let refused = refusal(make(&rig, &ask(JANE, &[grant]), rig.act_of(OWNER)));
        assert_eq!(refused.kind, Kind::Invalid);
        assert!(refused.message.contains(word), "{}", refused.message);
    }
    assert!(make(&rig, &ask(JANE, &[("default", "ves-io-unheard-of-role")]), rig.act_of(OWNER)).is_ok());
}

#[test]
fn absent_roles_stay_and_an_empty_list_takes_all_away() {
    let rig = Rig::new();
    make(&rig, &ask(JANE, &[(SYSTEM, "ves-io-monitor-role")]), rig.act_of(OWNER)).unwrap();
    let names = UserAsk { first_name: Some("Jane".into()), namespace_roles: None, ..ask("JANE@example.com", &[]) };
    let jane = replaced(&rig, names, rig.act_of(OWNER)).unwrap();
    assert_eq!((jane.first_name.as_str(), grants(&rig, JANE).len()), ("Jane", 1));
    let jane = replaced(&rig, ask(JANE, &[]), rig.act_of(OWNER)).unwrap();
    assert_eq!((jane.first_name.as_str(), grants(&rig, JANE).len()), ("Jane", 0));
}

#[test]
fn the_owner_is_neither_removed_nor_stripped_nor_disabled() {
    let rig = Rig::new();
    rig.add("second@example.com", &grants(&rig, OWNER), false);
    let act = || rig.act_of("second@example.com");
    assert_eq!(refusal(replaced(&rig, ask(OWNER, &[]), act())).kind, Kind::Forbidden);
    let (removing, disabling) = (act(), act());
    assert_eq!(refusal(rig.write(move |tx| remove(tx, &email(OWNER), &removing))).kind, Kind::Forbidden);
    assert_eq!(refusal(rig.write(move |tx| disable(tx, &email(OWNER), &disabling))).kind, Kind::Forbidden);
}

#[test]
fn a_helper_touches_nobody_above_them() {
    let rig = Rig::new();
    rig.add("admin@example.com", &[Grant::new(SYSTEM, ADMIN_ROLE)], false);
    let acts = [helper(&rig), rig.act_of(HELPER), rig.act_of(HELPER), rig.act_of(HELPER)];
    let verbs: [Verb; 4] = [disable, enable, remove, |tx, target, act| replace(tx, &ask(target.as_str(), &[]), act)];
    for (verb, act) in verbs.into_iter().zip(acts) {
        let refused = refusal(rig.write(move |tx| verb(tx, &email("admin@example.com"), &act)));
        assert_eq!(refused.kind, Kind::Forbidden);
        assert!(refused.message.contains("ves-io-namespace-write"), "{}", refused.message);
    }
}

#[test]
fn a_disabled_user_has_no_session_and_no_open_reset() {
    let rig = Rig::new();
    rig.add(JANE, &[], false);
    let (tenant, reset) = (rig.tenant.id, rig.random.uuid(NOW));
    rig.write(move |tx| {
        tx.run(
            "UPDATE users SET open_reset = $2 WHERE tenant = $1 AND email_key = 'jane@example.com'",
            &params![tenant, &reset],
        )
    })
    .unwrap();
    let act = rig.act_of(OWNER);
    let jane = rig.write(move |tx| disable(tx, &email(JANE), &act)).unwrap();
    assert_eq!((jane.session_epoch, jane.open_reset, jane.disabled_at), (1, None, Some(NOW)));
    let shown = rig.read(|tx| show(tx, &rig.tenant, &email(JANE), NOW));
    assert_eq!((shown.disabled_by.as_deref(), shown.password()), (Some(OWNER), PasswordState::None));
    let act = rig.act_of(OWNER);
    let jane = rig.write(move |tx| enable(tx, &email(JANE), &act)).unwrap();
    assert_eq!((jane.session_epoch, jane.disabled_at), (1, None));
    assert_eq!((rig.records("user.disable"), rig.records("user.enable")), (1, 1));
}

#[test]
fn a_removed_user_leaves_no_right_behind_and_frees_the_address() {
    let rig = Rig::new();
    make(&rig, &ask(JANE, &[(SYSTEM, "ves-io-monitor-role")]), rig.act_of(OWNER)).unwrap();
    let act = rig.act_of(OWNER);
    rig.write(move |tx| remove(tx, &email(JANE), &act)).unwrap();
    let act = rig.act_of(OWNER);
    let gone = refusal(rig.write(move |tx| remove(tx, &email(JANE), &act)));
    assert_eq!(
        (gone.kind, gone.message.as_str()),
        (Kind::NotFound, "User Jane@example.com was not found in this tenant.")
    );
    let (tenant, left) = (
        rig.tenant.id,
        "SELECT user_count, (SELECT COUNT(*) FROM grants WHERE tenant = $1) FROM tenants WHERE id = $1",
    );
    let (users, grants): (i64, i64) = rig.read(|tx| {
        let row = tx.one(left, &params![tenant])?;
        Ok((row.get(0)?, row.get(1)?))
    });
    assert_eq!((users, grants), (1, 4));
    assert!(make(&rig, &ask(JANE, &[]), rig.act_of(OWNER)).is_ok());
}

#[test]
fn the_list_has_every_person_with_every_member() {
    let rig = Rig::new();
    let tenant = rig.tenant.id;
    let random = rig.random.clone();
    rig.write(move |tx| {
        for number in 0..2_001 {
            let person = NewUser::person(email(&format!("user{number:05}@example.com")), &random, NOW);
            insert(
                tx,
                tenant,
                &NewUser { grants: vec![Grant::new("default", "ves-io-monitor-role")], ..person },
                "house",
                NOW,
            )?;
        }
        let robot =
            NewUser { kind: people::Kind::Service, ..NewUser::person(email("robot@service.invalid"), &random, NOW) };
        insert(tx, tenant, &robot, "house", NOW)?;
        tenants::change_user_count(tx, tenant, 0)
    })
    .unwrap();
    let mut listed = Vec::new();
    let mut part = |after: &str| {
        rig.read(|tx| {
            list(tx, tenant, after, |user| {
                listed.push(user);
                Ok(())
            })
        })
    };
    let last = part("").unwrap();
    assert_eq!(part(&last), None);
    assert_eq!(listed.len(), 2_002);
    assert_eq!((listed[0].email.as_str(), listed[0].grants.len()), (OWNER, 4));
    assert_eq!(listed[2_001].grants, [Grant::new("default", "ves-io-monitor-role")]);
    let item = serde_json::to_value(wire::UserItem::new(listed.remove(2_001), &rig.tenant)).unwrap();
    assert_eq!(item.as_object().unwrap().len(), 18);
    assert!(item["last_login_timestamp"].is_null());
}

#[test]
fn the_paths_of_all_rooms_stand_side_by_side() {
    let mut paths = matchit::Router::new();
    let rooms = [
        operations(&Rig::new().keys()),
        crate::account::operations(),
        crate::namespaces::operations(),
        crate::credentials::operations(),
        crate::contacts::operations(),
    ];
    let mut seen = std::collections::BTreeSet::new();
    for operation in rooms.iter().flatten() {
        if seen.insert(operation.path) {
            paths.insert(operation.path, operation.path).unwrap();
        }
    }
    for (asked, found) in [
        ("/api/web/namespaces/system/api_credentials", "/api/web/namespaces/{namespace}/api_credentials"),
        ("/api/web/namespaces/system/user/sessions", "/api/web/namespaces/system/user/sessions"),
        ("/api/web/namespaces/system", "/api/web/namespaces/{name}"),
        ("/api/tenantry/v1/users/disable", "/api/tenantry/v1/users/disable"),
        ("/api/tenantry/v1/users/a@b.example", "/api/tenantry/v1/users/{email}"),
    ] {
        assert_eq!(*paths.at(asked).unwrap().value, found);
    }
}
