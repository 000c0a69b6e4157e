//! A store that a newer release has been at, on either engine.

use serde_json::{Value, json};
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

#[test]
fn a_setting_of_a_newer_release_outlives_a_change_by_this_one() {
    let rig = Rig::start();
    let newer = |settings: &mut Value| {
        settings["second_factor"] = json!({ "wanted_of": ["owners"] });
        settings["password_policy"]["rhymes"] = json!(2);
    };
    let mut expected = stored(&rig);
    newer(&mut expected);
    let (tenant, text) = (rig.tenant(), expected.to_string());
    rig.write(move |tx| tx.run("UPDATE tenants SET settings = $2 WHERE id = $1", &params![tenant, &text]).map(drop));
    rig.choose(|settings| {
        settings.reset.mails_per_hour = 9;
        settings.password.minimum_length = 15;
        settings.brand.contact = None;
    });
    expected["reset_mails_per_hour"] = json!(9);
    expected["password_policy"]["minimum_length"] = json!(15);
    expected["contact"] = Value::Null;
    assert_eq!(stored(&rig), expected);
}

/// The settings of the sample tenant as they are in the store.
fn stored(rig: &Rig) -> Value {
    let tenant = rig.tenant();
    let read =
        |tx: &mut Tx<'_>| tx.one("SELECT settings FROM tenants WHERE id = $1", &params![tenant])?.get::<String>(0);
    serde_json::from_str(&rig.store.read(Scope::HOUSE, read).unwrap()).unwrap()
}
