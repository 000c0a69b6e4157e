//! Many users at once: planned, looked at, and then changed as one user is.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::access::Grant;
use tenantry::mail::address::Email;
use tenantry::params;
use tenantry::people;

use crate::access::{make_group, make_role, ok, refused};
use crate::command_line::{Ended, tenantry};
use crate::people::{in_system, owner};
use crate::rig::{Answered, Rig};

pub const BULK: &str = "/api/tenantry/v1/bulk";
const DAY: i64 = 24 * 3_600;
const REMOVE: &str = "/api/web/custom/namespaces/system/users/cascade_delete";

/// A plan of one user.
pub fn jane_is_disabled() -> Value {
    json!({ "act": "disable", "filter": { "q": "jane@" } })
}

/// Makes a plan by a token, and waits until all its users are found; its id.
pub fn planned(rig: &Rig, token: &str, terms: &Value) -> String {
    let begun = rig.as_token(token, "POST", BULK, Some(terms));
    assert_eq!(begun.status, 201, "{}", begun.text);
    let id = begun.body["id"].as_str().unwrap().to_owned();
    assert_eq!(begun.header("location"), Some(format!("{BULK}/{id}").as_str()));
    let made = wait_while(rig, token, &id, "planning");
    assert_eq!(made["state"], "planned", "{made}");
    id
}

/// What is shown of it.
pub fn shown(rig: &Rig, token: &str, id: &str) -> Value {
    let answered = rig.as_token(token, "GET", &format!("{BULK}/{id}"), None);
    ok(&answered);
    answered.body
}

/// Waits while it is in this state; what is shown of it then.
pub fn wait_while(rig: &Rig, token: &str, id: &str, state: &str) -> Value {
    for _ in 0..6_000 {
        let found = shown(rig, token, id);
        if found["state"] != state {
            return found;
        }
        sleep(Duration::from_millis(10));
    }
    panic!("it is {state} still: {}", shown(rig, token, id));
}

/// Acts by a plan as it is shown.
pub fn act(rig: &Rig, token: &str, id: &str) -> Answered {
    let plan = shown(rig, token, id);
    let body = json!({ "plan": plan["plan"], "users": plan["users"] });
    rig.as_token(token, "POST", &format!("{BULK}/{id}/act"), Some(&body))
}

/// The body that acts by a plan.
pub fn ready(rig: &Rig, operation: &str, id: &str) -> Option<Value> {
    let plan = (operation == "tenantry.bulk.act").then(|| shown(rig, &rig.sample.api_token, id))?;
    Some(json!({ "plan": plan["plan"], "users": plan["users"] }))
}

/// Plans and acts; what is shown of it at its end.
fn done(rig: &Rig, token: &str, terms: &Value) -> Value {
    let id = planned(rig, token, terms);
    ok(&act(rig, token, &id));
    wait_while(rig, token, &id, "running")
}

/// How often each user has a record of this action.
pub fn records(rig: &Rig, action: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for (_, outcome, subject) in rig.audit().into_iter().filter(|(recorded, ..)| recorded == action) {
        assert_eq!(outcome, "accepted");
        *found.entry(subject).or_default() += 1;
    }
    found
}

/// Users who are left out, by reason.
pub fn reasons(left_out: &Value) -> BTreeMap<String, i64> {
    let one = |one: &Value| (one["reason"].as_str().unwrap().to_owned(), one["users"].as_i64().unwrap());
    left_out.as_array().unwrap().iter().map(one).collect()
}

fn those(reasons: &[(&str, i64)]) -> BTreeMap<String, i64> {
    reasons.iter().map(|(reason, users)| ((*reason).to_owned(), *users)).collect()
}

fn state(rig: &Rig, email: &str) -> Value {
    rig.get(&format!("/api/tenantry/v1/users/{email}")).body["disabled"].clone()
}

/// Users of every standing, whom the filter `crew` finds: two who are plain, one disabled, one owner, one administrator of more
/// rights, and the helper, whose token is returned.
fn crew(rig: &Rig) -> String {
    let tenant = rig.tenant();
    for email in ["crew-a@example.com", "crew-b@example.com", "crew-c@example.com"] {
        rig.add_user(tenant, email, |_| {});
    }
    ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": "crew-b@example.com" })));
    rig.add_member(tenant, "crew-boss@example.com", owner());
    rig.add_member(tenant, "crew-chief@example.com", in_system("ves-io-admin-role"));
    rig.add_member(tenant, "crew-helper@example.com", in_system("ves-io-uam-admin-role"))
}

#[test]
fn each_act_does_to_every_user_what_is_done_to_one_and_tells_why_others_are_left_out() {
    let rig = Rig::start();
    let helper = crew(&rig);
    let owner = rig.sample.api_token.clone();
    ok(&make_group(&rig, "ops", &["crew-a@example.com"], &[]));
    let role = |act: &str| json!({ "act": act, "namespace": "default", "role": "ves-io-monitor-role", "filter": { "q": "crew" } });
    let group = |act: &str| json!({ "act": act, "group": "ops", "filter": { "q": "crew" } });
    let plain = |act: &str| json!({ "act": act, "filter": { "q": "crew" } });
    let above = [("above_rank", 1), ("owner", 1), ("yourself", 1)];
    for (token, terms, action, users, left_out) in [
        (&helper, plain("disable"), "user.disable", 2, [&above[..], &[("already", 1)]].concat()),
        (&helper, plain("enable"), "user.enable", 3, vec![("already", 2), ("yourself", 1)]),
        (&owner, role("assign_role"), "user.give_role", 5, vec![("already", 1)]),
        (&owner, role("unassign_role"), "user.replace", 5, vec![("owner", 1)]),
        (&owner, group("join_group"), "user.group_add", 5, vec![("already", 1)]),
        (&helper, group("leave_group"), "user.group_remove", 3, vec![("above_rank", 2), ("yourself", 1)]),
        (&helper, plain("remove"), "user.remove", 3, above.to_vec()),
    ] {
        if action == "user.give_role" {
            rig.give("crew-a@example.com", vec![Grant::new("default", "ves-io-monitor-role")]);
        }
        let before = records(&rig, action);
        let id = planned(&rig, token, &terms);
        let plan = shown(&rig, token, &id);
        assert_eq!((&plan["users"], reasons(&plan["left_out"])), (&json!(users), those(&left_out)), "{terms}");
        assert_eq!(records(&rig, action), before, "a plan changes nothing");
        ok(&act(&rig, token, &id));
        let ended = wait_while(&rig, token, &id, "running");
        assert_eq!((&ended["state"], &ended["done"], &ended["dropped"]), (&json!("done"), &json!(users), &json!([])));
        let gone: usize = records(&rig, action).values().sum::<usize>() - before.values().sum::<usize>();
        assert_eq!(gone, users, "{terms}");
        let path = format!("/api/tenantry/v1/audit?action={action}&limit=1000");
        let kept = rig.get(&path).body;
        let named = kept["items"].as_array().unwrap().iter().filter(|item| item["facts"]["bulk"] == id.as_str());
        let by: Vec<_> = named.map(|item| (item["actor"].clone(), item["credential"].is_string())).collect();
        let actor = if token == &helper { "crew-helper@example.com" } else { rig.sample.admin_email };
        assert!(by.len() == users && by.iter().all(|one| *one == (json!(actor), true)), "{by:?}");
        for (step, count) in [("bulk.plan", 1), ("bulk.act", 1), ("bulk.end", 1)] {
            assert_eq!(records(&rig, step).get(&id), Some(&count), "{step}");
        }
    }
    let left = rig.get("/api/tenantry/v1/users?q=crew").body;
    let left: Vec<_> = left["items"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap()).collect();
    assert_eq!(left, ["crew-boss@example.com", "crew-chief@example.com", "crew-helper@example.com"]);
    rig.wait_until_sealed();
    assert_eq!(rig.get("/api/tenantry/v1/audit/verify").body["sound"], true);
}

#[test]
fn a_plan_is_a_list_that_shrinks_and_never_grows() {
    let rig = Rig::start();
    let (tenant, now) = (rig.tenant(), rig.clock.now());
    let helper = rig.add_member(tenant, "helper@example.com", in_system("ves-io-uam-admin-role"));
    let email = |name: &str| format!("sleepy-{name}@example.com");
    for name in ["awake", "disabled", "gone", "same", "promoted", "renamed"] {
        rig.add_user(tenant, &email(name), |_| {});
    }
    let terms =
        json!({ "act": "disable", "filter": { "q": "sleepy", "signed_in_before": now.plus_seconds(60).to_string() } });
    let id = planned(&rig, &helper, &terms);
    assert_eq!(shown(&rig, &helper, &id)["users"], 6);

    rig.clock.advance_seconds(3_600);
    let later = rig.clock.now();
    let awake = Email::parse(&email("awake")).unwrap();
    let signed_in = "UPDATE users SET last_login_at = $3 WHERE tenant = $1 AND id = $2";
    rig.write(move |tx| {
        let user = people::get_by_email(tx, tenant, &awake)?;
        tx.run(signed_in, &params![tenant, user.id, later]).map(drop)
    });
    ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": email("disabled") })));
    ok(&rig.post(REMOVE, &json!({ "email": email("gone") })));
    rig.give(&email("promoted"), in_system("ves-io-admin-role"));
    let names = json!({ "email": email("renamed"), "first_name": "Sleepy", "last_name": "Head" });
    ok(&rig.as_token(&rig.sample.api_token, "PUT", "/api/web/custom/namespaces/system/user_roles", Some(&names)));
    // Neither one who is new nor one who comes back under a known address is in the list.
    rig.add_user(tenant, &email("new"), |_| {});
    rig.add_user(tenant, &email("gone"), |_| {});

    ok(&act(&rig, &helper, &id));
    let ended = wait_while(&rig, &helper, &id, "running");
    let dropped = those(&[("above_rank", 1), ("already", 1), ("gone", 1), ("no_match", 1)]);
    assert_eq!((&ended["done"], reasons(&ended["dropped"])), (&json!(2), dropped), "{ended}");
    for (name, disabled) in
        [("awake", false), ("same", true), ("promoted", false), ("renamed", true), ("new", false), ("gone", false)]
    {
        assert_eq!(state(&rig, &email(name)), disabled, "{name}");
    }
    let listed = rig.get(&format!("{BULK}/{id}/users?left_out=true")).body;
    let listed: BTreeMap<_, _> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| (user["reason"].as_str().unwrap().to_owned(), user["email"].clone()))
        .collect();
    assert_eq!(listed["gone"], Value::Null, "the address is that of another user now");
    assert_eq!((&listed["no_match"], &listed["above_rank"]), (&json!(email("awake")), &json!(email("promoted"))));
    assert_eq!(listed.len(), 4);
}

#[test]
fn what_chooses_nobody_says_too_much_or_is_not_allowed_makes_no_plan() {
    let rig = Rig::start();
    let plan = |terms: Value| rig.post(BULK, &terms);
    let q = json!({ "q": "jane" });
    for (terms, said) in [
        (json!({ "act": "disable" }), "Field filter chooses nobody. Say \"all\": true, or --all, for every user."),
        (json!({ "act": "disable", "filter": { "q": " ", "role": "" } }), "Field filter chooses nobody."),
        (json!({ "act": "disable", "all": true, "filter": q }), "Field all stands beside a filter."),
        (json!({ "act": "forget", "filter": q }), "Field act"),
        (json!({ "act": "disable", "filter": { "q": "q".repeat(5_000) } }), "Field filter is longer"),
        (json!({ "act": "disable", "filter": { "stat": "active" } }), "stat"),
        (json!({ "act": "disable", "filter": { "signed_in_before": "soon" } }), "it must be a time such as"),
        (json!({ "act": "disable", "filter": q, "group": "ops" }), "Field group means nothing for this act."),
        (json!({ "act": "assign_role", "filter": q, "role": "viewer" }), "Fields namespace and role"),
        (json!({ "act": "assign_role", "filter": q, "role": "viewer", "namespace": "default" }), "the role viewer"),
        (json!({ "act": "join_group", "filter": q, "group": "ops" }), "the group ops, which does not exist"),
    ] {
        refused(&plan(terms), 400, said);
    }
    let tenant = rig.tenant();
    ok(&make_group(&rig, "bosses", &[], &[("system", "ves-io-tenant-owner-role")]));
    make_role(&rig, "locker", &["ves-io-uam-admin-read", "ves-io-uam-admin-write"]);
    let locker = rig.add_member(tenant, "locker@example.com", in_system("locker"));
    let helper = rig.add_member(tenant, "helper@example.com", in_system("ves-io-uam-admin-role"));
    let reader = rig.add_member(tenant, "reader@example.com", in_system("ves-io-monitor-role"));
    let by = |token: &str, terms: &Value| rig.as_token(token, "POST", BULK, Some(terms));
    refused(&by(&reader, &jane_is_disabled()), 403, "ves-io-uam-admin-write");
    // It takes the right that the same takes for a single user.
    refused(&by(&locker, &json!({ "act": "remove", "filter": { "q": "jane" } })), 403, "ves-io-uam-write");
    assert_eq!(by(&locker, &jane_is_disabled()).status, 201);
    let role = json!({ "act": "assign_role", "filter": q, "role": "ves-io-admin-role", "namespace": "system" });
    refused(&by(&helper, &role), 403, "You cannot give what you do not have");
    refused(&by(&helper, &json!({ "act": "join_group", "filter": q, "group": "bosses" })), 403, "You cannot give");
    assert_eq!(records(&rig, "bulk.plan").len(), 1, "{:?}", records(&rig, "bulk.plan"));
}

#[test]
fn a_plan_is_acted_by_once_by_one_who_knows_it_within_a_day() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let id = planned(&rig, &token, &jane_is_disabled());
    let plan = shown(&rig, &token, &id);
    let ask = |id: &str, body: &Value| rig.post(&format!("{BULK}/{id}/act"), body);
    let right = json!({ "plan": plan["plan"], "users": 1 });
    refused(&ask(&id, &json!({ "plan": "f".repeat(64), "users": 1 })), 409, "not the plan of this bulk act");
    refused(&ask(&id, &json!({ "plan": plan["plan"], "users": 2 })), 409, "says 2 and the plan has 1");
    refused(&ask(&id, &json!({ "plan": "x", "users": 1 })), 400, "64 hexadecimal digits");
    for wrong in ["nothing", "019cb821-7798-7dc9-9194-e1c74b27545c"] {
        assert_eq!(ask(wrong, &right).status, 404);
        assert_eq!(rig.get(&format!("{BULK}/{wrong}")).status, 404);
        assert_eq!(rig.get(&format!("{BULK}/{wrong}/users")).status, 404);
    }
    ok(&ask(&id, &right));
    wait_while(&rig, &token, &id, "running");
    // An answer that was lost is asked for again.
    assert_eq!(ok(&ask(&id, &right))["state"], "done");
    assert_eq!(records(&rig, "bulk.act").get(&id), Some(&1));
    assert_eq!(records(&rig, "user.disable").values().sum::<usize>(), 1);
    refused(&rig.post(&format!("{BULK}/{id}/stop"), &json!({})), 409, "is done already");
    // Ids of the same millisecond have no order.
    rig.clock.advance_seconds(1);

    let nobody = planned(&rig, &token, &json!({ "act": "disable", "filter": { "q": "nobody-at-all" } }));
    refused(&act(&rig, &token, &nobody), 409, "names nobody");
    let stopped = planned(&rig, &token, &json!({ "act": "enable", "filter": { "q": "jane@" } }));
    ok(&rig.post(&format!("{BULK}/{stopped}/stop"), &json!({})));
    refused(&act(&rig, &token, &stopped), 409, "was stopped");
    let old = planned(&rig, &token, &json!({ "act": "enable", "filter": { "q": "jane@" } }));
    rig.clock.advance_seconds(DAY);
    assert_eq!(shown(&rig, &token, &old)["state"], "lapsed");
    refused(&act(&rig, &token, &old), 409, "older than a day");
    assert_eq!(state(&rig, "jane@example.com"), true);
    for nth in 0..10 {
        planned(&rig, &token, &json!({ "act": "enable", "filter": { "q": format!("nobody-{nth}") } }));
    }
    refused(&rig.post(BULK, &jane_is_disabled()), 409, "10 plans wait in this tenant already");
    let listed = rig.get(&format!("{BULK}?limit=6")).body;
    let next = rig.get(&format!("{BULK}?limit=100&cursor={}", listed["next"].as_str().unwrap())).body;
    assert_eq!((listed["items"].as_array().unwrap().len(), next["items"].as_array().unwrap().len()), (6, 8));
    assert_eq!(next["items"][7]["id"], id, "the oldest comes last");
}

#[test]
fn all_users_are_found_page_by_page_and_owners_stay() {
    let data = tempfile::tempdir().unwrap();
    let rig = Rig::at(data.path(), 1_200, |_| {});
    let token = rig.sample.api_token.clone();
    let all = rig.get("/api/tenantry/v1/users?count=true").body["count"]["count"].as_i64().unwrap();
    let id = planned(&rig, &token, &json!({ "act": "disable", "all": true }));
    let plan = shown(&rig, &token, &id);
    assert_eq!((plan["users"].as_i64(), reasons(&plan["left_out"])), (Some(all - 1), those(&[("yourself", 1)])));
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = rig.get(&format!("{BULK}/{id}/users?limit=500&cursor={cursor}")).body;
        let items = page["items"].as_array().unwrap();
        found.extend(items.iter().map(|user| (user["outcome"].clone(), user["email"].as_str().unwrap().to_owned())));
        let Some(next) = page["next"].as_str() else { break };
        cursor = next.into();
    }
    assert_eq!(found.iter().filter(|(outcome, _)| outcome == "planned").count() as i64, all - 1);
    let (last, emails) = (found.last().unwrap().clone(), found.iter().map(|(_, email)| email));
    assert_eq!(last, (json!("left_out"), rig.sample.admin_email.to_owned()), "who is left out comes last");
    assert_eq!(emails.collect::<std::collections::BTreeSet<_>>().len() as i64, all, "each once");
    refused(&rig.get(&format!("{BULK}/{id}/users?left_out=true&cursor={cursor}")), 400, "cursor");

    // Only who owns the tenant is left in it.
    rig.add_member(rig.tenant(), "second@example.com", owner());
    let ended = done(&rig, &token, &json!({ "act": "remove", "all": true }));
    assert_eq!((ended["done"].as_i64(), &ended["state"]), (Some(all - 1), &json!("done")), "{ended}");
    assert_eq!(reasons(&ended["left_out"]), those(&[("owner", 1), ("yourself", 1)]));
    assert_eq!(rig.get("/api/tenantry/v1/users?count=true").body["count"]["count"], 2);
    let gone = rig.get(&format!("{BULK}/{id}/users?limit=1")).body;
    assert_eq!((&gone["items"][0]["email"], &gone["items"][0]["uid"]), (&Value::Null, &Value::Null));
    let removed = records(&rig, "user.remove");
    assert!(removed.len() as i64 == all - 1 && removed.values().all(|times| *times == 1));
    rig.clock.advance_seconds(31 * DAY);
    for _ in 0..2 {
        forget(&rig);
    }
    assert_eq!(rig.number("SELECT COUNT(*) FROM bulk_users WHERE user_id <> 0", &[]), 0, "lists go after thirty days");
}

/// What housekeeping does of this room, as often as there are slices.
fn forget(rig: &Rig) {
    let before = rig.clock.now().plus_seconds(-30 * DAY);
    rig.write(move |tx| tenantry::bulk::forget_old(tx, before));
}

fn run(rig: &Rig, line: &str) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let mut command = tenantry(folder.path(), &line.split(' ').collect::<Vec<_>>());
    let url = format!("http://{}", rig.address);
    command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", &rig.sample.api_token).output().unwrap().into()
}

#[test]
fn the_command_line_plans_shows_and_acts() {
    let rig = Rig::start();
    crew(&rig);
    let told = run(&rig, "bulk plan disable --beginning crew --second-factor=false").done();
    for part in [
        "Of       q=crew second_factor=false",
        "Users    4; 2 left out",
        "1 are so already",
        "1 own the tenant",
        "Nothing was changed.",
    ] {
        assert!(told.contains(part), "{told}");
    }
    let line = told.lines().find_map(|line| line.split_once("tenantry bulk act ")).unwrap().1;
    let (id, users) = line.split_once(" --users ").unwrap();
    assert_eq!(users, "4");
    let left_out = run(&rig, &format!("bulk users {id} --left-out")).done();
    assert!(left_out.contains("crew-boss@example.com  left_out  owner"), "{left_out}");
    let wrong = run(&rig, &format!("bulk act {id} --users 5")).refused();
    assert!(wrong.contains("says 5 and the plan has 4"), "{wrong}");
    let acted = run(&rig, &format!("bulk act {id} --users 4")).done();
    assert!(acted.contains("State    done") && acted.contains("Done     4"), "{acted}");
    let listed: Value = serde_json::from_str(&run(&rig, "bulk list --json").done()).unwrap();
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["done"]), (&json!(id), &json!(4)));
    let nobody = run(&rig, "bulk plan remove").refused();
    assert!(nobody.contains("chooses nobody"), "{nobody}");
    let role = run(&rig, "bulk plan assign-role default:ves-io-monitor-role --state disabled --json").done();
    let role: Value = serde_json::from_str(&role).unwrap();
    assert_eq!((&role["terms"]["namespace"], &role["users"]), (&json!("default"), &json!(5)), "{role}");
    let stopped = run(&rig, &format!("bulk stop {}", role["id"].as_str().unwrap())).done();
    assert!(stopped.contains("has stopped it"), "{stopped}");
    let all = run(&rig, "bulk plan join-group ops --all").refused();
    assert!(all.contains("the group ops"), "{all}");
}
