//! Users who are not active for long, while things go wrong, start anew or happen twice: each is told, disabled and removed once.

use serde_json::{Value, json};
use tenantry::audit::AuditKey;
use tenantry::housekeeping::Housekeeping;
use tenantry::keys::Keys;
use tenantry::random::Random;
use tenantry::store::{Scope, Store, Tx};
use tenantry::users::look_for_inactive;

use crate::asleep::{HELLO, JANE, KENJI, WAITING, choose, days, go_round, once, records, tidy};
use crate::engine::{is_postgres, settings_of};
use crate::operator::data;
use crate::rig::Rig;

const DAY: i64 = 24 * 3_600;

/// Each round goes on for one user after the other: told, disabled, marked, removed. In each, another call into the store fails.
#[test]
fn whatever_fails_everything_is_done_once() {
    let rig = Rig::start();
    choose(&rig, [45, 14, 90]);
    let (tenant, random) = (rig.tenant(), Random::system());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut n = 0;
    loop {
        n += 1;
        let email = format!("u{n:03}@example.com");
        rig.add_user(tenant, &email, |_| {});
        rig.clock.advance_seconds(31 * DAY);
        rig.let_background_rest();
        let now = rig.clock.now();
        rig.store.faults().fail_call(n);
        // Who was told or is asleep, who is quiet, and when the next one is due.
        for _ in 0..3 {
            let random = random.clone();
            let look = move |tx: &mut Tx<'_>| look_for_inactive(tx, tenant, &random, now);
            let _ = runtime.block_on(rig.store.write(Scope::of(tenant), look));
        }
        let untouched = rig.store.faults().is_waiting();
        rig.store.faults().stop();
        tidy(&rig);
        assert_eq!(records(&rig, "user.warn").get(&email), Some(&1), "round {n}");
        if untouched && n > 12 {
            break;
        }
        assert!(n < 200);
    }
    for action in ["user.warn", "user.fall_asleep", "user.remove"] {
        let found = records(&rig, action);
        assert!(found.len() > 5 && found.values().all(|times| *times == 1), "{action}: {found:?}");
    }
    for email in records(&rig, "user.warn").keys() {
        assert_eq!(rig.mails(email).len(), 1, "{email} was told by one mail");
    }
    eprintln!("{n} rounds, each with another failure");
}

#[test]
fn a_restart_between_the_steps_and_a_second_process_do_nothing_twice() {
    let mut rig = Rig::start();
    choose(&rig, [45, 14, 90]);
    let directory = data(&rig);
    days(&rig, 31);
    rig.restart(&directory, |_| {});
    days(&rig, 1);
    assert_eq!(records(&rig, "user.warn"), once(&[HELLO, JANE, KENJI]));
    rig.clock.advance_seconds(13 * DAY);
    if is_postgres() {
        let random = Random::system();
        let keys = Keys::open(&directory.join("link.keys"), false, &random).unwrap();
        let house = || {
            let store = Store::open(&settings_of(&directory, 100), rig.clock.now()).unwrap();
            (Housekeeping::new(&store, &rig.clock, &random, AuditKey::of(&keys)), store)
        };
        let (one, other) = (house(), house());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (first, second) = runtime.block_on(async { tokio::join!(one.0.go_round(), other.0.go_round()) });
        assert_eq!((first.failure, second.failure), (None, None));
        one.1.close();
        other.1.close();
    }
    tidy(&rig);
    assert_eq!(records(&rig, "user.fall_asleep"), once(&[HELLO, JANE, KENJI]));
    rig.restart(&directory, |_| {});
    days(&rig, 45);
    rig.restart(&directory, |_| {});
    days(&rig, 10);
    assert_eq!(records(&rig, "user.remove"), once(&[HELLO, JANE, KENJI]));
}

#[test]
fn many_users_go_slice_by_slice() {
    let place = tempfile::tempdir().unwrap();
    let rig = Rig::at(place.path(), 120, |_| {});
    choose(&rig, [45, 14, 0]);
    rig.clock.advance_seconds(31 * DAY);
    let (status, told) = go_round(place.path());
    assert_eq!((status, &told["has_all"]), (200, &json!(true)));
    assert_eq!(records(&rig, "user.warn").values().sum::<usize>(), 123);
    rig.wait_until_none(WAITING, &[]);
    assert_eq!(rig.number("SELECT COUNT(*) FROM sleepers WHERE mailed_at IS NOT NULL", &[]), 123);
    rig.clock.advance_seconds(14 * DAY);
    let (_, told) = go_round(place.path());
    assert_eq!((&told["failure"], records(&rig, "user.fall_asleep").len()), (&Value::Null, 123));
}
