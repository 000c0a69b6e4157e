//! A store that a newer release has been at, on either engine.

use tenantry::clock::Timestamp;
use tenantry::params;
use tenantry::store::{Scope, Store, Tx};

use crate::engine::settings_of;
use crate::rig::{Rig, START};

const STEP: &str = "INSERT INTO migrations (number, name, digest, runs_from, applied_at)
    SELECT MAX(number) + 1, 'later', $1, CASE WHEN $2 = 1 THEN 1 ELSE MAX(number) + 1 END, 0 FROM migrations";

/// The migration of a later release.
fn step(store: &Store, only_adds: bool) {
    let verb = move |tx: &mut Tx<'_>| tx.run(STEP, &params![[7].as_slice(), only_adds]).map(drop);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(store.write(Scope::HOUSE, verb)).unwrap();
}

#[test]
fn what_a_newer_release_has_added_is_run_on_and_what_it_has_taken_away_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let settings = settings_of(data.path(), 100);
    let mut rig = Rig::at(data.path(), 0, |_| {});
    let added = |tx: &mut Tx<'_>| tx.run("ALTER TABLE users ADD COLUMN nickname TEXT", &[]).map(drop);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(rig.store.write(Scope::HOUSE, added)).unwrap();
    step(&rig.store, true);
    assert_eq!(rig.reset("jane@example.com").status, 200, "it runs on");
    rig.stop();
    rig.store.close();

    let open = || Store::open(&settings, Timestamp(START.0 + 1));
    let store = open().expect("it starts");
    assert_eq!(store.read(Scope::HOUSE, |tx| tx.one("SELECT COUNT(*) FROM resets", &[])?.get::<i64>(0)).unwrap(), 1);
    store.close();
    drop(store);
    let refused =
        runtime.block_on(Store::open_to_leave(&settings, START)).err().expect("a move would leave a part behind");
    assert_eq!(refused.message, "This store was written by a newer release of Tenantry. Use that release.");

    let store = open().unwrap();
    step(&store, false);
    store.close();
    drop(store);
    let refused = open().err().expect("it is too old");
    assert!(refused.message.contains("this one is too old for it"), "{}", refused.message);
    assert!(refused.message.ends_with("Nothing was changed."), "{}", refused.message);
}
