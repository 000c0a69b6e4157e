//! Backups of a running server.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use tenantry::store::{Param, Scope, Store, Tx};
use uuid::Uuid;

use crate::command_line::{Ended, tenantry};
use crate::dice::Dice;
use crate::keeping::{Load, beside, count, reset, run, say, text, user, verb};
use crate::process::{Place, Process};
use crate::restore::restore_line;

const USERS: usize = 600;

#[test]
fn a_backup_made_while_resets_run_shows_one_moment() {
    let place = Place::new();
    let process = Process::start(&place, USERS);
    for round in 0..3 {
        let before = Load::on(&process, 1, USERS);
        thread::sleep(Duration::from_millis(150));
        let acknowledged = before.end();
        let during = Load::on(&process, 1, USERS);
        let file = place.data().with_file_name(format!("{round}.backup"));
        let made = say(&place, &["backup", "--to", text(&file), "--data", text(&place.data())]);
        let later = during.end();
        let backup = Store::look_at_backup(&file).unwrap().store;
        assert_eq!(backup.check().unwrap(), Vec::<String>::new());
        assert_consistent(&backup);
        let has = |id: &Uuid| {
            let found = |tx: &mut Tx<'_>| tx.maybe("SELECT 1 FROM resets WHERE id = $1", &[Param::from(id)]);
            backup.read(Scope::HOUSE, found).unwrap().is_some()
        };
        assert!(acknowledged.iter().all(has), "what was acknowledged before is in it");
        eprintln!("backup: {} resets before, {} meanwhile, {} bytes", acknowledged.len(), later.len(), made["bytes"]);
        // Beyond the window of repeats.
        process.move_clock(31);
    }
    let (_, ended_well) = process.terminate();
    assert!(ended_well);
}

fn assert_consistent(backup: &Store) {
    let without_mail = "SELECT COUNT(*) FROM resets r LEFT JOIN mails m ON m.tenant = r.tenant AND m.reset_id = r.id
        WHERE m.id IS NULL";
    let without_record =
        "SELECT COUNT(*) FROM resets r LEFT JOIN audit a ON a.tenant = r.tenant AND a.id = r.request_id
        WHERE a.action IS NULL OR a.action <> 'reset.request'";
    let doubled = "SELECT COUNT(*) FROM (SELECT user_id FROM resets WHERE superseded_at IS NULL
        AND cancelled_at IS NULL AND redeemed_at IS NULL GROUP BY user_id HAVING COUNT(*) > 1)";
    let without_pointer = "SELECT COUNT(*) FROM resets r JOIN users u ON u.tenant = r.tenant AND u.id = r.user_id
        WHERE r.superseded_at IS NULL AND (u.open_reset IS NULL OR u.open_reset <> r.id)";
    for wrong in [without_mail, without_record, doubled, without_pointer] {
        assert_eq!(count(backup, wrong), 0, "{wrong}");
    }
}

#[test]
fn nothing_is_overwritten_and_no_copy_is_served_by_mistake() {
    let place = Place::new();
    let (_, ended_well) = Process::start(&place, 3).terminate();
    assert!(ended_well);
    let (data, file) = (place.data(), place.data().with_file_name("a.backup"));
    let backup = ["backup", "--to", text(&file), "--data", text(&data)];
    let said = run(&place, &backup).done();
    assert!(said.contains("apart from this one") && said.contains("ANCHOR"), "{said}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!file.with_file_name("a.backup.part").exists());
    assert!(run(&place, &backup).refused().contains("--force"));
    run(&place, &[&backup[..], &["--force"]].concat()).done();

    let refused = run(&place, &restore_line(text(&file), text(&data))).refused();
    assert!(refused.contains("not empty") && refused.contains("--replace"), "{refused}");
    let by_hand = beside(&place, "by-hand");
    std::fs::copy(&file, by_hand.join("tenantry.db")).unwrap();
    let listed: Ended = tenantry(&by_hand, &["tenant", "list", "--data", "."]).output().unwrap().into();
    assert!(listed.refused().contains("it is a backup"));
    let nonsense = place.data().with_file_name("nonsense");
    std::fs::write(&nonsense, "no database at all").unwrap();
    let refused = run(&place, &restore_line(text(&nonsense), text(&by_hand))).refused();
    assert!(refused.contains("is damaged"), "{refused}");
    let elsewhere = beside(&place, "elsewhere");
    std::fs::write(elsewhere.join("link.keys"), format!("1 {}\n", "ab".repeat(32))).unwrap();
    // Until the chain has a first link, no key is known to be the wrong one.
    let refused = run(&place, &restore_line(text(&file), text(&elsewhere))).refused();
    assert!(refused.contains("not the one of this backup"), "{refused}");
    assert!(!elsewhere.join("tenantry.db").exists());
}

#[test]
fn a_backup_in_which_a_word_has_changed_is_not_restored() {
    let place = Place::new();
    let (_, ended_well) = Process::start(&place, 3).terminate();
    assert!(ended_well);
    let (data, file, there) = (place.data(), place.data().with_file_name("a.backup"), beside(&place, "there"));
    run(&place, &["backup", "--to", text(&file), "--data", text(&data)]).done();
    let mut bytes = std::fs::read(&file).unwrap();
    let at = bytes.windows(5).position(|window| window == b"Hanna").expect("the first name of a sample user");
    bytes[at + 4] = b'e';
    std::fs::write(&file, bytes).unwrap();
    let line = restore_line(text(&file), text(&there));
    assert!(run(&place, &line).refused().contains("does not hold what was written to it"));
    assert!(run(&place, &["tenant", "list", "--data", text(&there)]).refused().contains("not served"));
}

#[test]
fn a_backup_that_is_killed_leaves_no_file_and_can_be_repeated() {
    let mut dice = Dice::of("backup");
    let place = Place::new();
    let process = Process::start(&place, 3_000);
    let (data, file) = (place.data(), place.data().with_file_name("a.backup"));
    let part = file.with_file_name("a.backup.part");
    let line = ["backup", "--to", text(&file), "--data", text(&data)];
    let mut killed = 0;
    for _ in 0..6 {
        let _ = std::fs::remove_file(&part);
        let mut child = verb(&place, &line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !part.exists() && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(dice.below(40) as u64));
        child.kill().unwrap();
        let has_ended_well = child.wait().unwrap().success();
        killed += usize::from(!has_ended_well);
        // The file gets its name only once it is complete.
        if file.exists() {
            assert_eq!(Store::look_at_backup(&file).unwrap().store.check().unwrap(), Vec::<String>::new());
            std::fs::remove_file(&file).unwrap();
        }
    }
    assert!(killed > 0, "every backup was quicker than its end");
    run(&place, &line).done();
    assert!(!part.exists());
    assert_eq!(reset(&process, &user(1)), 200);
}
