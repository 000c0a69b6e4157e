//! A fail-over to a standby that lacks acknowledged changes: the processes that remember report the loss, and which
//! resets to check.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use testbed::postgres::Server;

use crate::fleet::{Fleet, Served, free};
use crate::wire::{Wire, request};

const DATABASE: &str = "lost";
const RESET: &str = "/api/web/custom/password/admin_reset";

/// A primary, and a standby that it does not wait for.
fn pair() -> (Server, Server) {
    let primary = Server::start().unwrap();
    primary.database(DATABASE).unwrap();
    let standby = primary.standby().unwrap();
    (primary, standby)
}

fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..1_500 {
        if holds() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{what} does not come");
}

fn reset(fleet: &Fleet, served: &Served, number: usize) -> (u16, String) {
    let body = json!({ "email": format!("user{number:05}@example.com") }).to_string();
    let reply = Wire::to(served.address).call(request("POST", RESET, &fleet.authorization(), &body)).unwrap();
    (reply.status, reply.header("tenantry-reset-id").map_or(reply.body.clone(), str::to_owned))
}

fn acknowledged(fleet: &Fleet, served: &Served, number: usize) -> String {
    let mut answer = reset(fleet, served, number);
    for _ in 0..1_500 {
        if answer.0 == 200 {
            return answer.1;
        }
        assert_eq!(answer.0, 503, "{}", answer.1);
        thread::sleep(Duration::from_millis(20));
        answer = reset(fleet, served, number);
    }
    panic!("it does not go on");
}

fn sealed(server: &Server) {
    until("the sealing", || server.ask(DATABASE, "SELECT COUNT(*) FROM audit_waiting").unwrap() == "0");
}

fn losses(served: &Served) -> Option<String> {
    let figures = Wire::to(served.address).call(request("GET", "/metrics", "", ""))?.body;
    figures.lines().find_map(|line| line.strip_prefix("tenantry_store_went_back ")).map(str::to_owned)
}

fn audit(fleet: &Fleet, served: &Served) -> Vec<Value> {
    let path = "/api/tenantry/v1/audit?action=store.went_back";
    let reply = Wire::to(served.address).call(request("GET", path, &fleet.authorization(), "")).unwrap();
    serde_json::from_str::<Value>(&reply.body).unwrap()["items"].as_array().unwrap().clone()
}

/// Lets the standby fall behind, acknowledges three resets more, and loses the primary.
fn lose_three(fleet: &Fleet, served: &Served, primary: &mut Server, standby: &Server) -> Vec<String> {
    acknowledged(fleet, served, 1);
    sealed(primary);
    let behind = "SELECT COALESCE(bool_and(replay_lsn = pg_current_wal_lsn()), false) FROM pg_stat_replication";
    until("the standby", || primary.ask("postgres", behind).unwrap() == "t");
    standby.ask("postgres", "ALTER SYSTEM SET primary_conninfo = ''").unwrap();
    standby.ask("postgres", "SELECT pg_reload_conf()").unwrap();
    until("its parting", || primary.ask("postgres", "SELECT COUNT(*) FROM pg_stat_replication").unwrap() == "0");
    let lost = (2..=4).map(|number| acknowledged(fleet, served, number)).collect();
    sealed(primary);
    primary.kill().unwrap();
    standby.promote().unwrap();
    lost
}

#[test]
fn a_database_that_has_forgotten_resets_is_noticed_and_they_are_named() {
    let (mut primary, standby) = pair();
    let url = format!("postgres://tenantry@127.0.0.1:{},127.0.0.1:{}/{DATABASE}", primary.port(), standby.port());
    let fleet = Fleet::new(url, 10);
    let served = fleet.serve();
    assert_eq!(losses(&served).as_deref(), Some("0"));
    let lost = lose_three(&fleet, &served, &mut primary, &standby);
    // Only the change of server triggers it: no client has asked for a change since.
    until("the figure", || losses(&served).as_deref() == Some("1"));
    let records = audit(&fleet, &served);
    assert_eq!(records.len(), 1, "{records:?}");
    let facts = &records[0]["facts"];
    assert_eq!(facts["resets_missing"], 3, "{facts}");
    let named: Vec<_> = facts["resets"].as_array().unwrap().iter().map(|reset| reset["id"].as_str().unwrap()).collect();
    assert_eq!(named, lost);
    assert_eq!(facts["resets"][0]["email"], "user00002@example.com");
    let log = fleet.log_text();
    assert!(log.contains("the database has forgotten what was acknowledged") && log.contains(&lost[0]), "{log}");
    acknowledged(&fleet, &served, 2);
    sealed(&standby);
    thread::sleep(Duration::from_millis(1_500));
    assert_eq!((losses(&served).as_deref(), audit(&fleet, &served).len()), (Some("1"), 1), "it is said once");
    assert!(served.drain());
    let doctor = fleet.said(&["doctor"]);
    assert!(doctor.contains("the database had forgotten") && doctor.contains(&lost[2]), "{doctor}");
}

#[test]
fn where_it_is_set_so_nothing_is_written_to_a_database_that_has_forgotten() {
    let (mut primary, standby) = pair();
    let url = format!("postgres://tenantry@127.0.0.1:{},127.0.0.1:{}/{DATABASE}", primary.port(), standby.port());
    let fleet = Fleet::new(url, 10);
    let served = fleet.serve_with(free(), &[("TENANTRY_STORE_ON_LOST_HISTORY", "stop-writing")]);
    lose_three(&fleet, &served, &mut primary, &standby);
    until("the figure", || losses(&served).as_deref() == Some("1"));
    until("the end of writing", || reset(&fleet, &served, 5).1.contains("has forgotten changes"));
    let (status, body) = reset(&fleet, &served, 6);
    assert_eq!(status, 503, "{body}");
    assert_eq!(audit(&fleet, &served).len(), 1, "what is read is answered");
    assert!(served.drain());
    let again = fleet.serve_with(free(), &[("TENANTRY_STORE_ON_LOST_HISTORY", "stop-writing")]);
    acknowledged(&fleet, &again, 6);
}
