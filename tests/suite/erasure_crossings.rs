//! The erasure of a person beside what else happens: a backup that is older, an import, a link under way, a suspended tenant, the
//! export of a tenant, two processes, a kill.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::access::ADMIN_ROLE;
use tenantry::store::{Scope, Store};

use crate::access::ok;
use crate::bulk;
use crate::engine::is_postgres;
use crate::erasure::{ERASE, UNDER_WAY, VERIFY, erase, erase_wholly, holders, let_go_on, verified};
use crate::fleet::Fleet;
use crate::imports::{bring, line};
use crate::keeping::{beside, call, run, say, text};
use crate::operator::data;
use crate::people::owner;
use crate::postgres::server;
use crate::process::{Place, Process};
use crate::restore::restore_line;
use crate::rig::{GOOD_PASSWORD, Rig};
use crate::suspension::{deactivate, resume};
use crate::whole_tenants::export;

const JANE: &str = "jane@example.com";
const USERS: &str = "/api/tenantry/v1/users";

#[test]
fn an_import_brings_no_one_back_who_was_erased_unless_it_is_asked_to() {
    let rig = Rig::start();
    let email = "brought@import.example";
    let lines =
        [vec![line(email, &json!({ "keys": ["csv:7"] })), line("other@import.example", &json!({ "keys": ["csv:8"] }))]];
    bring(&rig, &json!({}), &lines);
    erase_wholly(&rig, email);
    let again = bring(&rig, &json!({}), &lines);
    assert_eq!((&again["counts"]["refused"], &again["counts"]["codes"]["ERASED"]), (&json!(1), &json!(1)), "{again}");
    assert_eq!(again["counts"]["unchanged"], 1, "{again}");
    assert_eq!(rig.get(&format!("{USERS}/{email}")).status, 404);
    let allowed = bring(&rig, &json!({ "erased": "allow" }), &lines);
    assert_eq!((&allowed["counts"]["taken"], &allowed["options"]["erased"]), (&json!(1), &json!("allow")), "{allowed}");
    ok(&rig.get(&format!("{USERS}/{email}")));
    let elsewhere = rig.add_tenant("elsewhere");
    let token = rig.add_member(elsewhere, "boss@elsewhere.example", owner());
    let id = crate::imports::begin(&rig, &token, &json!({}));
    let plan = crate::imports::plan(&rig, &token, &id, &lines);
    assert_eq!(plan["counts"]["refused"], 0, "another tenant knows nothing of it: {plan}");
}

#[test]
fn a_link_under_way_is_dead_and_a_suspended_tenant_is_rewritten_all_the_same() {
    let rig = Rig::start();
    ok(&rig.reset(JANE));
    let token = rig.token(JANE, 1);
    let cookie = rig.session("kenji@example.com", &rig.sample.user_password);
    ok(&erase(&rig, JANE));
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 400);
    assert_eq!(rig.post_open("/reset/open", &json!({ "token": token })).status, 400);
    deactivate(&rig);
    let_go_on(&rig);
    assert_eq!(rig.send("GET", "/account", &[("Cookie", &cookie)], None).status, 403);
    resume(&rig);
    assert_eq!(holders(&data(&rig), &[JANE]), []);
    verified(&rig);
}

#[test]
fn a_tenant_is_written_out_beside_an_erasure_and_its_administrators_are_erased_too() {
    let rig = Rig::start();
    // All that an owner may do, but for owning.
    let everywhere = owner().into_iter().filter(|grant| grant.role == ADMIN_ROLE).collect();
    let token = rig.add_member(rig.tenant(), "clerk@example.com", everywhere);
    let group = json!({ "name": "made-by-admin", "usernames": [JANE], "namespace_roles": [] });
    ok(&rig.as_token(&token, "POST", crate::access::GROUPS, Some(&group)));
    // One who has erased others is erased later.
    ok(&rig.as_token(&token, "POST", ERASE, Some(&json!({ "email": JANE }))));
    let before = export(&rig, &rig.sample.api_token, 3);
    assert!(before.iter().all(|line| !line.contains(JANE)), "{before:?}");
    rig.clock.advance_seconds(1);
    ok(&erase(&rig, "clerk@example.com"));
    let_go_on(&rig);
    let after = export(&rig, &rig.sample.api_token, 3);
    assert!(after.iter().all(|line| !line.contains("clerk@example.com")), "{after:?}");
    assert_eq!(holders(&data(&rig), &[JANE, "clerk@example.com"]), []);
    assert_eq!(rig.as_token(&token, "GET", crate::access::WHOAMI, None).status, 401);
    verified(&rig);
}

#[test]
fn a_plan_over_many_users_passes_over_one_who_was_erased_and_names_them_no_more() {
    let rig = Rig::start();
    let everywhere = owner().into_iter().filter(|grant| grant.role == ADMIN_ROLE).collect();
    let clerk = rig.add_member(rig.tenant(), "clerk@example.com", everywhere);
    let boss = rig.sample.api_token.clone();
    let by_clerk = bulk::planned(&rig, &clerk, &json!({ "act": "disable", "filter": { "q": JANE } }));
    let role = json!({ "act": "assign_role", "namespace": "default", "role": "ves-io-monitor-role", "all": true });
    let by_boss = bulk::planned(&rig, &boss, &role);
    let stopped = bulk::planned(&rig, &clerk, &role);
    ok(&rig.as_token(&clerk, "POST", &format!("{}/{stopped}/stop", bulk::BULK), Some(&json!({}))));
    let found = bulk::shown(&rig, &boss, &by_boss)["users"].as_i64().unwrap();
    ok(&erase(&rig, JANE));
    rig.clock.advance_seconds(1);
    ok(&erase(&rig, "clerk@example.com"));
    let_go_on(&rig);
    for (plan, done, gone) in [(&by_boss, found - 2, 2), (&by_clerk, 0, 1)] {
        ok(&bulk::act(&rig, &boss, plan));
        let over = bulk::wait_while(&rig, &boss, plan, "running");
        assert_eq!((&over["state"], &over["done"]), (&json!("done"), &json!(done)), "{over}");
        assert_eq!(bulk::reasons(&over["dropped"]), [("gone".to_owned(), gone)].into(), "{over}");
    }
    assert_eq!(holders(&data(&rig), &[JANE, "clerk@example.com"]), []);
    verified(&rig);
}

/// Erases by a process with a clock that runs by itself, and waits until that is over.
fn erase_by(process: &Process, email: &str) -> String {
    let answered = call(process, "POST", ERASE, &process.authorization(), &json!({ "email": email }));
    assert_eq!(answered.status, 200, "{answered:?}");
    let told: Value = serde_json::from_str(&answered.body).unwrap();
    told["pseudonym"].as_str().unwrap().to_owned()
}

fn wait_until_over(process: &Process, pseudonym: &str) {
    process.move_clock(61);
    let path = format!("/api/tenantry/v1/audit?action=person.erase&subject={pseudonym}");
    for _ in 0..1_000 {
        if process.get(&path).body.contains(r#""step":"ended""#) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the erasure does not come to its end: {}", process.get(&path).body);
}

fn is_sound(process: &Process) -> Value {
    for _ in 0..200 {
        let verdict: Value = serde_json::from_str(&process.get(VERIFY).body).unwrap();
        assert_eq!(verdict["sound"], true, "{verdict}");
        if verdict["unsealed"] == 0 {
            return verdict;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("nothing seals");
}

fn backup(place: &Place, name: &str) -> PathBuf {
    let file = place.data().with_file_name(name);
    say(place, &["backup", "--to", text(&file), "--data", text(&place.data())]);
    file
}

fn person(number: usize) -> String {
    format!("user{number:05}@example.com")
}

#[test]
fn a_restore_erases_again_whom_the_store_that_is_replaced_or_a_later_backup_knows_as_erased() {
    let (place, people) = (Place::new(), [person(1), person(2)]);
    let process = Process::start(&place, 5);
    let body = json!({ "email": people[0] });
    assert_eq!(call(&process, "POST", &format!("{USERS}/disable"), &process.authorization(), &body).status, 200);
    let monday = backup(&place, "monday.backup");
    let pseudonyms = people.each_ref().map(|email| erase_by(&process, email));
    // The address comes again as another user, who is not the one in the older backup.
    let again = json!({ "email": people[0], "first_name": "New", "last_name": "One", "namespace_roles": [] });
    let path = "/api/web/custom/namespaces/system/user_roles";
    assert_eq!(call(&process, "POST", path, &process.authorization(), &again).status, 200);
    pseudonyms.iter().for_each(|pseudonym| wait_until_over(&process, pseudonym));
    let tuesday = backup(&place, "tuesday.backup");
    let (_, ended_well) = process.terminate();
    assert!(ended_well);
    let restore = |from: &Path, to: &Path, further: &[&str]| {
        let line = [restore_line(text(from), text(to)), further.to_vec()].concat();
        let restored = say(&place, &line);
        (restored["knows_erasures"] == true, restored["ended"][1]["erased"].as_i64().unwrap())
    };

    let there = beside(&place, "there");
    assert_eq!(restore(&monday, &there, &[]), (false, 0));
    assert_restored(&place, &there, &people, &[]);
    let later = beside(&place, "later");
    assert_eq!(restore(&monday, &later, &["--erasures", text(&tuesday)]), (true, 2));
    assert_restored(&place, &later, &[], &people);
    assert_eq!(restore(&monday, &place.data(), &["--replace"]), (true, 2));
    assert_restored(&place, &place.data(), &[], &people);
    assert_eq!(restore(&tuesday, &place.data(), &["--replace"]), (true, 0), "of this one it is known already");
    assert_restored(&place, &place.data(), &people[..1], &people[1..]);
}

/// Who is there after a restore and who is not, once what it began has come to its end.
fn assert_restored(place: &Place, data: &Path, there: &[String], gone: &[String]) {
    let process = Process::start_at(place, data, 0);
    process.move_clock(61);
    let store = Store::look(&crate::engine::settings_of(data, 10), tenantry::clock::Clock::system().now()).unwrap();
    let count = |statement: &'static str, email: &str| {
        let asked = |tx: &mut tenantry::store::Tx<'_>| {
            let params: &[tenantry::store::Param<'_>] = &[email.into()];
            tx.one(statement, if statement.contains("$1") { params } else { &[] })?.get::<i64>(0)
        };
        store.read(Scope::HOUSE, asked).unwrap()
    };
    for _ in 0..1_000 {
        if count(UNDER_WAY, "") == 0 {
            break;
        }
        process.move_clock(61);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(count(UNDER_WAY, ""), 0);
    for (people, expected) in [(there, 1), (gone, 0)] {
        for email in people {
            assert_eq!(count("SELECT COUNT(*) FROM users WHERE email_key = $1", email), expected, "{email}");
        }
    }
    for email in gone {
        assert_eq!(count("SELECT COUNT(*) FROM audit WHERE subject = $1", email), 0, "{email}");
    }
    store.close();
    let (_, ended_well) = process.terminate();
    assert!(ended_well);
    let verified = run(place, &["audit", "verify", "--offline", "--data", text(data)]).done();
    assert_eq!(verified.contains("from which a person was erased"), !gone.is_empty(), "{verified}");
}

#[test]
fn killed_at_any_moment_an_erasure_goes_on_in_the_next_process() {
    let place = Place::new();
    let mut process = Process::start(&place, 3);
    for nth in 0..600 {
        let verb = if nth % 2 == 0 { "disable" } else { "enable" };
        let body = json!({ "email": person(1) });
        assert_eq!(call(&process, "POST", &format!("{USERS}/{verb}"), &process.authorization(), &body).status, 200);
    }
    let pseudonym = erase_by(&process, &person(1));
    for pause in [0, 20, 200, 700, 1_100, 1_400] {
        std::thread::sleep(Duration::from_millis(pause));
        process.kill();
        process = Process::start(&place, 0);
        is_sound(&process);
    }
    wait_until_over(&process, &pseudonym);
    assert_eq!(is_sound(&process)["erased"], 600);
    assert_eq!(holders(&place.data(), &[&person(1)]), []);
    assert!(process.terminate().1);
}

#[test]
fn two_processes_erase_side_by_side_and_every_record_is_rewritten_once() {
    if !is_postgres() {
        return;
    }
    let fleet = Fleet::new(server().database("erased_by_two").unwrap(), 40);
    let served = [fleet.serve(), fleet.serve()];
    let ask = |nth: usize, method: &str, path: &str, body: &Value| {
        let request = crate::wire::request(method, path, &fleet.authorization(), &body.to_string());
        crate::wire::Wire::to(served[nth % 2].address).call(request).unwrap()
    };
    for nth in 0..400 {
        let verb = if nth % 2 == 0 { "disable" } else { "enable" };
        let body = json!({ "email": person(1 + nth % 40) });
        assert_eq!(ask(nth / 40, "POST", &format!("{USERS}/{verb}"), &body).status, 200);
    }
    std::thread::scope(|scope| {
        for nth in 0..40 {
            let ask = &ask;
            scope.spawn(move || {
                // Beyond its deadline a call has not begun.
                while [503, 504].contains(&ask(nth, "POST", ERASE, &json!({ "email": person(1 + nth) })).status) {}
            });
        }
    });
    for _ in 0..6_000 {
        let told = ask(0, "GET", "/api/tenantry/v1/audit?action=person.erase&limit=1000", &json!({}));
        if told.body.matches(r#""step":"ended""#).count() == 40 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let verdict: Value = serde_json::from_str(&ask(0, "GET", VERIFY, &json!({})).body).unwrap();
    assert_eq!((&verdict["sound"], &verdict["erased"]), (&json!(true), &json!(400)), "{verdict}");
}
