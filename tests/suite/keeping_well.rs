//! `backup` and `restore` on a store with much in it: `restore` accepts what `backup` made, again and again, and a
//! store to be replaced stays until the new one is complete.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::command_line::Ended;
use crate::engine::is_postgres;
use crate::keeping::{CHOSEN, beside, opens, run, say, text};
use crate::lived_in::{LivedIn, NEWCOMER, OWNER, assert_access_is_as_it_was, assert_well, redeem, sign_in};
use crate::moving::{measured, place_of};
use crate::postgres::server;
use crate::process::{Place, Process};
use crate::restore::restore_line;

fn backup(place: &Place, from: &Path, name: &str) -> std::path::PathBuf {
    let file = place.data().with_file_name(name);
    run(place, &["backup", "--to", text(&file), "--data", text(from)]).done();
    file
}

/// The link that a restore printed for the owner of a tenant.
pub fn link(restored: &Value, tenant: &str) -> String {
    let owners = restored["owners"].as_array().unwrap();
    let owner = owners.iter().find(|owner| owner["tenant"] == tenant).unwrap_or_else(|| panic!("{restored}"));
    owner["link"].as_str().unwrap().into()
}

/// Every owner can enter by the printed link, and nobody by anything older.
pub fn assert_owners_get_in(lived_in: &LivedIn, there: &Path, restored: &Value) {
    assert_well(&lived_in.place, there);
    let process = Process::start_at(&lived_in.place, there, 0);
    assert_eq!(sign_in(&process, "acme", OWNER, CHOSEN), Err(401));
    assert!(!opens(&process, &lived_in.cookie) && !opens(&process, &process.authorization()));
    assert_eq!(redeem(&process, "acme", &lived_in.link, CHOSEN), 400, "a link of before");
    for (tenant, email) in [("acme", OWNER), ("globex", NEWCOMER)] {
        let link = link(restored, tenant);
        // None that was used before.
        let password = format!("kites above the mill {}", &link[link.len() - 12..]);
        assert_eq!(
            (redeem(&process, tenant, &link, &password), redeem(&process, tenant, &link, &password)),
            (204, 400)
        );
        assert!(sign_in(&process, tenant, email, &password).is_ok(), "{email}");
    }
    let (_, ended_well) = process.terminate();
    assert!(ended_well);
}

#[test]
fn what_backup_made_of_a_store_in_use_is_restored_again_and_again() {
    let lived_in = LivedIn::new();
    let place = &lived_in.place;
    let first = backup(place, &place.data(), "first.backup");
    let there = beside(place, "there");
    let restored = say(place, &restore_line(text(&first), text(&there)));
    assert_owners_get_in(&lived_in, &there, &restored);

    let second = backup(place, &there, "second.backup");
    let mut aside = Vec::new();
    for file in [&second, &second, &first] {
        let restored = say(place, &[&restore_line(text(file), text(&there))[..], &["--replace"]].concat());
        aside.push(restored["put_aside"].as_str().unwrap().to_string());
        assert_owners_get_in(&lived_in, &there, &restored);
    }
    aside.sort();
    aside.dedup();
    assert_eq!(aside.len(), 3, "each store that was replaced is kept");
}

#[test]
fn where_passwords_stay_an_owner_without_one_gets_a_link() {
    let lived_in = LivedIn::new();
    let place = &lived_in.place;
    let file = backup(place, &place.data(), "a.backup");
    let there = beside(place, "there");
    let keep = ["restore", "--from", text(&file), "--data", text(&there), "--passwords", "keep"];
    // Nobody could get into the other tenant.
    assert!(run(place, &keep).refused().contains("--public-url"));
    assert!(!there.join("tenantry.db").exists());
    let line = [&restore_line(text(&file), text(&there))[..], &["--passwords", "keep", "--replace"]].concat();
    for _ in 0..2 {
        let restored = say(place, &line);
        assert_eq!(restored["owners"].as_array().unwrap().len(), 1, "{restored}");
        assert_well(place, &there);
        let process = Process::start_at(place, &there, 0);
        assert!(sign_in(&process, "acme", OWNER, CHOSEN).is_ok());
        assert_eq!(redeem(&process, "globex", &link(&restored, "globex"), CHOSEN), 204);
        assert!(sign_in(&process, "globex", NEWCOMER, CHOSEN).is_ok());
        assert_access_is_as_it_was(&process);
        process.kill();
    }
}

/// A place for a store on the other engine, as `move` names it and as `--data` does.
pub fn elsewhere(directory: &Path) -> String {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    if is_postgres() {
        return format!("sqlite:{}", text(directory));
    }
    server().database(&format!("elsewhere_{}", MADE.fetch_add(1, Ordering::SeqCst))).unwrap()
}

/// A verb on the store on the other engine.
pub fn on_the_other_engine(place: &Place, store: &str, line: &[&str]) -> String {
    let mut command = Command::new(place.binary());
    command.args(line).current_dir(place.data().parent().unwrap()).env_clear().env("PATH", "/usr/bin:/bin");
    if store.starts_with("postgres:") {
        command.env("TENANTRY_STORE_POSTGRES", store);
    }
    Ended::from(command.output().unwrap()).done()
}

#[test]
fn a_store_in_use_goes_to_the_other_engine_and_back_with_all_that_is_alive() {
    let lived_in = LivedIn::new();
    let place = &lived_in.place;
    let (middle, back) = (beside(place, "middle"), beside(place, "back"));
    let (here, there, again) = (place_of(&place.data()), elsewhere(&middle), place_of(&back));
    let before = measured(&place.data());
    assert_eq!(say(place, &["move", "--from", &here, "--to", &there])["tables"], before);
    let verified = on_the_other_engine(place, &there, &["audit", "verify", "--offline", "--data", text(&middle)]);
    assert!(verified.contains("acme") && verified.contains("globex"), "{verified}");
    // A backup of one engine, for a drill on the other.
    let file = place.data().with_file_name("middle.backup");
    on_the_other_engine(place, &there, &["backup", "--to", text(&file), "--data", text(&middle)]);
    let drill = beside(place, "drill");
    let restored = say(place, &restore_line(text(&file), text(&drill)));
    assert_owners_get_in(&lived_in, &drill, &restored);

    assert_eq!(say(place, &["move", "--from", &there, "--to", &again])["tables"], before);
    assert_eq!(measured(&back), before);
    assert_well(place, &back);
    let process = Process::start_at(place, &back, 0);
    assert!(opens(&process, &lived_in.cookie) && opens(&process, &process.authorization()));
    assert_access_is_as_it_was(&process);
    assert_eq!(redeem(&process, "acme", &lived_in.link, CHOSEN), 204);
}
