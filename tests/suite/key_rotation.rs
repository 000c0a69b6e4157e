//! Keys are added while links are made and used: none of them is refused.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tenantry::clock::Clock;
use tenantry::keys::Keys;
use tenantry::random::Random;
use tenantry::reset::link::{self, Claim};
use tenantry::store::{Scope, Store, Tx};

use crate::engine::{is_postgres, settings_of};
use crate::keeping::{CHOSEN, redeem, reset, run, say, text, token, token_now, user};
use crate::process::{Place, Process};

const USERS: usize = 48;

/// The status of a call that is made again while the server says that it has no time and did nothing.
fn patiently(call: impl Fn() -> u16) -> u16 {
    let mut answers = std::iter::repeat_with(call).take(20);
    answers.find(|status| !matches!(status, 503 | 504)).expect("the server finds the time")
}

/// Asks for a link for each of these users, waits for the mail and uses it.
fn use_links(process: &Process, users: std::ops::Range<usize>, used: &AtomicUsize) {
    for number in users {
        let email = user(number);
        assert_eq!(patiently(|| reset(process, &email)), 200);
        let token = token(process, &email, 1);
        assert_eq!(patiently(|| redeem(process, &token, CHOSEN)), 204, "{email}");
        used.fetch_add(1, Ordering::SeqCst);
    }
}

fn wait_for(used: &AtomicUsize, count: usize) {
    while used.load(Ordering::SeqCst) < count {
        thread::sleep(Duration::from_millis(2));
    }
}

/// The keys that have made the links of a store that no process has open.
fn keys_of_links(place: &Place) -> HashSet<i64> {
    let store = Store::open(&settings_of(&place.data(), 4), Clock::system().now()).unwrap();
    let rows = store.read(Scope::HOUSE, |tx| tx.all("SELECT DISTINCT key_id FROM resets", &[])).unwrap();
    store.close();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

#[test]
fn no_link_is_refused_while_keys_are_added_and_servers_restart() {
    let place = Place::new();
    let data = place.data();
    let mut process = Process::start(&place, USERS + 2);
    assert_eq!(reset(&process, &user(USERS + 1)), 200);
    let early = token(&process, &user(USERS + 1), 1);
    for half in [1..USERS / 2, USERS / 2..USERS] {
        let (used, keys) = (AtomicUsize::new(0), ["key", "rotate", "--data", text(&data)]);
        let (third, rest) = (half.len() / 3, half.len() * 2 / 3);
        thread::scope(|scope| {
            scope.spawn(|| use_links(&process, half.start..half.start + rest / 2, &used));
            scope.spawn(|| use_links(&process, half.start + rest / 2..half.end, &used));
            for at in [third, rest] {
                wait_for(&used, at);
                run(&place, &keys).done();
            }
        });
        let (_, ended_well) = process.terminate();
        assert!(ended_well);
        process = Process::start(&place, 0);
    }
    assert_eq!(redeem(&process, &early, CHOSEN), 204, "a link by the first of five keys");
    let listed = say(&place, &["key", "list", "--data", text(&data)]);
    assert_eq!(listed["items"].as_array().unwrap().len(), 5, "{listed}");
    assert_eq!((&listed["items"][0]["key"], &listed["items"][0]["makes_links"]), (&5.into(), &true.into()));
    let (_, ended_well) = process.terminate();
    assert!(ended_well);
    let keys = keys_of_links(&place);
    assert!(keys.len() >= 3, "{keys:?}");
    assert!(run(&place, &["audit", "verify", "--offline", "--data", text(&data)]).done().contains("All "));
}

#[test]
fn a_key_is_taken_away_when_its_last_link_is_over() {
    let place = Place::new();
    let data = place.data();
    let process = Process::start(&place, USERS);
    let key = |line: &[&str]| run(&place, &[&["key"], line, &["--data", text(&data)]].concat());
    assert_eq!(reset(&process, &user(USERS)), 200, "a link by the first key");
    key(&["rotate"]).done();
    // A running server takes the key within a second or so.
    let made_by_second = (1..=USERS).find(|number| {
        assert_eq!(reset(&process, &user(*number)), 200);
        thread::sleep(Duration::from_millis(100));
        say(&place, &["key", "list", "--data", text(&data)])["items"][0]["live_links"] == 1
    });
    let made_by_second = user(made_by_second.expect("the server takes the new key"));
    key(&["rotate"]).done();
    assert!(key(&["remove", "2"]).refused().contains("1 live links"));
    assert!(key(&["remove", "3"]).refused().contains("makes new links"));
    assert_eq!(redeem(&process, &token(&process, &made_by_second, 1), CHOSEN), 204);
    key(&["remove", "2"]).done();
    assert!(key(&["remove", "1"]).refused().contains("live links"));
    assert_eq!(say(&place, &["key", "list", "--data", text(&data)])["items"].as_array().unwrap().len(), 2);
}

#[test]
fn a_key_opens_what_it_has_made_and_nothing_else() {
    let place = Place::new();
    let process = Process::start(&place, 1);
    run(&place, &["key", "rotate", "--data", text(&place.data())]).done();
    // Time enough to read the new key; an event before that would prove nothing.
    let keys = Keys::open(&place.data().join("link.keys"), false, &Random::system()).unwrap();
    let key_of_links =
        || say(&place, &["key", "list", "--data", text(&place.data())])["items"][0]["live_links"].clone();
    while key_of_links() != 1 {
        thread::sleep(Duration::from_millis(500));
        process.move_clock(3_700);
        assert_eq!(reset(&process, &user(1)), 200);
    }
    let store = Store::look(&settings_of(&place.data(), 4), Clock::system().now()).unwrap();
    let open = |tx: &mut Tx<'_>| tx.one("SELECT tenant, open_reset FROM users WHERE open_reset IS NOT NULL", &[]);
    let row = store.read(Scope::HOUSE, open).unwrap();
    let claim = Claim { tenant: row.get(0).unwrap(), reset: row.get(1).unwrap() };
    let made_by = |key: i64| link::token(&keys, key, claim).unwrap();
    assert_eq!(redeem(&process, made_by(1).expose(), CHOSEN), 400);
    assert_eq!(redeem(&process, made_by(2).expose(), CHOSEN), 204);
}

/// The token of the link to this address, in either of these mailboxes.
fn token_at(processes: &[Process; 2], email: &str) -> String {
    for _ in 0..1_500 {
        if let Some(token) = processes.iter().find_map(|process| token_now(process, email)) {
            return token;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("{email} has no mail");
}

#[test]
fn a_link_that_one_process_made_by_a_new_key_is_used_at_the_other() {
    if !is_postgres() {
        return;
    }
    let place = Place::new();
    let processes = [Process::start(&place, 24), Process::start(&place, 24)];
    for number in 1..=24 {
        if number % 8 == 0 {
            run(&place, &["key", "rotate", "--data", text(&place.data())]).done();
        }
        let (asked, used) = (&processes[number % 2], &processes[(number + 1) % 2]);
        assert_eq!(patiently(|| reset(asked, &user(number))), 200);
        let token = token_at(&processes, &user(number));
        assert_eq!(patiently(|| redeem(used, &token, CHOSEN)), 204, "{number}");
    }
    // A second is enough for every process to know the newest key.
    thread::sleep(Duration::from_secs(2));
    assert_eq!(reset(&processes[0], &processes[0].directions.user_email), 200);
    for process in processes {
        assert!(process.terminate().1);
    }
    assert!(keys_of_links(&place).contains(&4));
}
