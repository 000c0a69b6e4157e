//! A store moves to another place: everything valid stays valid, and there is never a second copy in use.

use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tenantry::clock::Clock;
use tenantry::store::{Scope, Settings, Store, measure};

use crate::dice::Dice;
use crate::engine::{database_of, is_postgres, settings_of};
use crate::keeping::{
    CHOSEN, beside, credential, opens, redeem, refusal_to_serve, reset, run, say, session, sign_in, text, token, user,
    verb, wait_until_begun,
};
use crate::process::{Place, Process};

/// The store of a directory, as `move` names it.
pub fn place_of(directory: &Path) -> String {
    database_of(directory).unwrap_or_else(|| format!("sqlite:{}", text(directory)))
}

/// The tables of a store that no process has open, as `move` reports them.
pub fn measured(directory: &Path) -> Value {
    let store = Store::open(&settings_of(directory, 4), Clock::system().now()).unwrap();
    let tables = store.read(Scope::HOUSE, measure).unwrap();
    store.close();
    serde_json::to_value(tables).unwrap()
}

#[test]
fn what_is_alive_goes_on_in_the_new_place_and_the_old_one_is_served_no_more() {
    let place = Place::new();
    let process = Process::start(&place, 1_500);
    let (there, from) = (beside(&place, "there"), place_of(&place.data()));
    let to = place_of(&there);
    let line = ["move", "--from", from.as_str(), "--to", to.as_str()];
    assert!(run(&place, &line).refused().contains("in use by"));

    assert_eq!(reset(&process, &user(1)), 200);
    let link = token(&process, &user(1), 1);
    let (cookie, bearer) = (session(&process, &user(2)), credential(&process).1);
    let (_, ended_well) = process.terminate();
    assert!(ended_well);
    let before = measured(&place.data());
    let moved = say(&place, &line);
    assert_eq!(moved["tables"], before);
    assert_eq!(measured(&there), before);
    assert!(refusal_to_serve(&place, &place.data()).contains("it was moved to another place"));
    assert!(run(&place, &line).refused().contains("it was moved"));

    let process = Process::start_at(&place, &there, 0);
    assert!(opens(&process, &cookie) && opens(&process, &bearer) && opens(&process, &process.authorization()));
    assert_eq!((redeem(&process, &link, CHOSEN), redeem(&process, &link, CHOSEN)), (204, 400));
    assert_eq!(sign_in(&process, &user(3), &process.directions.user_password).status, 204);
    let verified = process.get("/api/tenantry/v1/audit/verify").body;
    assert_eq!(serde_json::from_str::<Value>(&verified).unwrap()["fault"], Value::Null, "{verified}");
}

#[test]
fn a_place_that_is_not_empty_is_refused_and_the_store_stays_where_it_is() {
    let (place, other) = (Place::new(), Place::new());
    for place in [&place, &other] {
        let (_, ended_well) = Process::start(place, 3).terminate();
        assert!(ended_well);
    }
    let (from, to) = (place_of(&place.data()), place_of(&other.data()));
    assert!(run(&place, &["move", "--from", &from, "--to", &to]).refused().contains("not empty"));
    for place in [&place, &other] {
        run(place, &["tenant", "list", "--data", text(&place.data())]).done();
    }
    assert!(run(&place, &["move", "--from", "file:x", "--to", &to]).refused().contains("A store is sqlite:"));
}

#[test]
fn a_move_that_is_killed_leaves_at_most_one_store_and_can_be_repeated() {
    let mut dice = Dice::of("move");
    let place = Place::new();
    let (_, ended_well) = Process::start(&place, 4_000).terminate();
    assert!(ended_well);
    let (mut here, mut half) = (place.data(), 0);
    for round in 0..10 {
        let there = beside(&place, &format!("there-{round}"));
        let (from, to) = (place_of(&here), place_of(&there));
        let line = ["move", "--from", from.as_str(), "--to", to.as_str()];
        let mut child = verb(&place, &line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_until_begun(&there, &mut child);
        let most = if round % 2 == 0 { 60 } else { 1_500 };
        thread::sleep(Duration::from_millis(dice.below(most) as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        let can_be_listed = |directory: &Path| {
            let listed = run(&place, &["tenant", "list", "--data", text(directory)]);
            listed.code == 0 && listed.out.contains("example-corp")
        };
        let alive = [can_be_listed(&here), can_be_listed(&there)];
        assert_ne!(alive, [true, true], "round {round}: two stores");
        if !alive[1] {
            half += 1;
            run(&place, &line).done();
        }
        assert!(!can_be_listed(&here) && can_be_listed(&there), "round {round}");
        here = there;
    }
    assert!(half > 0, "none of the kills met a move that was under way");
    eprintln!("move: 10 kills, {half} of them before the end");
    assert!(run(&place, &["audit", "verify", "--offline", "--data", text(&here)]).done().contains("All "));
}

#[test]
fn a_store_goes_from_one_engine_to_the_other_and_back() {
    if !is_postgres() {
        return;
    }
    let place = Place::new();
    let process = Process::start(&place, 1_500);
    assert_eq!(reset(&process, &user(1)), 200);
    let (link, cookie) = (token(&process, &user(1), 1), session(&process, &user(2)));
    let (_, ended_well) = process.terminate();
    assert!(ended_well);
    let before = measured(&place.data());
    let (file, back) = (beside(&place, "file"), beside(&place, "back"));
    let (first, second, third) = (place_of(&place.data()), format!("sqlite:{}", text(&file)), place_of(&back));
    assert_eq!(say(&place, &["move", "--from", &first, "--to", &second])["tables"], before);
    let embedded = Store::open(&Settings::embedded(&file, 4), Clock::system().now()).unwrap();
    assert_eq!(serde_json::to_value(embedded.read(Scope::HOUSE, measure).unwrap()).unwrap(), before);
    embedded.close();
    let said = run(&place, &["move", "--from", &second, "--to", &third]).done();
    assert!(said.contains("the PostgreSQL database") && !said.contains("postgres://"), "{said}");
    assert_eq!(measured(&back), before);
    let process = Process::start_at(&place, &back, 0);
    assert!(opens(&process, &cookie) && opens(&process, &process.authorization()));
    assert_eq!(redeem(&process, &link, CHOSEN), 204);
}
