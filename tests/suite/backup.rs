//! Backups of a running server, and what a restore lets live.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::clock::Clock;
use tenantry::store::{Scope, Settings, Store};

use crate::command_line::Ended;
use crate::dice::Dice;
use crate::keeping::{
    CHOSEN, Load, PUBLIC_URL, beside, count, credential, opens, redeem, reset, revoke, run, say, session, sign_in,
    text, token, user, verb,
};
use crate::process::{Place, Process};

const USERS: usize = 600;

fn restore_line<'a>(file: &'a str, to: &'a str) -> Vec<&'a str> {
    vec!["restore", "--from", file, "--data", to, "--public-url", PUBLIC_URL]
}

/// How many of a kind a restore says that it has ended.
fn ended(restored: &Value, kind: &str) -> usize {
    restored["ended"][0][kind].as_array().unwrap().len()
}

/// Who has what at the moment of the backup.
struct People {
    used: String,
    open: String,
    signed_out: String,
    signed_in: String,
    revoked: (String, String),
    kept: (String, String),
}

impl People {
    fn act(process: &Process) -> Self {
        let link = |number: usize| {
            assert_eq!(reset(process, &user(number)), 200);
            token(process, &user(number), 1)
        };
        Self {
            used: link(1),
            open: link(2),
            signed_out: session(process, &user(3)),
            signed_in: session(process, &user(4)),
            revoked: credential(process),
            kept: credential(process),
        }
    }

    /// What happens after the backup was made.
    fn go_on(&self, process: &Process) {
        assert_eq!(redeem(process, &self.used, CHOSEN), 204);
        assert!(opens(process, &self.signed_out), "{}", self.signed_out);
        assert!(opens(process, &self.revoked.1));
        let out = crate::keeping::call(process, "POST", "/signout", &self.signed_out, &json!({}));
        assert!(out.status < 400, "{out:?}");
        revoke(process, &self.revoked.0);
        assert!(!opens(process, &self.signed_out) && !opens(process, &self.revoked.1));
    }

    fn assert_nobody_gets_in(&self, process: &Process) {
        assert_eq!(redeem(process, &self.used, "another harbour 9920 bells"), 400, "the used link");
        assert_eq!(redeem(process, &self.open, "another harbour 9920 bells"), 400, "the link that was open");
        for (what, headers) in [
            ("the session that had ended", &self.signed_out),
            ("the session that was alive", &self.signed_in),
            ("the revoked token", &self.revoked.1),
            ("the other token", &self.kept.1),
            ("the first token", &process.authorization()),
        ] {
            assert!(!opens(process, headers), "{what}");
        }
        for (email, password) in [
            (user(1), CHOSEN),
            (user(1), process.directions.user_password.as_str()),
            (user(5), process.directions.user_password.as_str()),
            (process.directions.admin_email.clone(), process.directions.admin_password.as_str()),
        ] {
            assert_eq!(sign_in(process, &email, password).status, 401, "{email}");
        }
    }
}

#[test]
fn nothing_that_had_ended_is_alive_after_a_restore_and_its_owner_gets_in() {
    let place = Place::new();
    let process = Process::start(&place, USERS);
    let people = People::act(&process);
    let load = Load::on(&process, 100, 400);
    thread::sleep(Duration::from_millis(200));
    let file = place.data().with_file_name("monday.backup");
    let made = say(&place, &["backup", "--to", text(&file), "--data", text(&place.data())]);
    people.go_on(&process);
    load.end();
    process.kill();

    let there = beside(&place, "restored");
    let restored = say(&place, &restore_line(text(&file), text(&there)));
    assert_eq!(restored["made_at"], made["made_at"]);
    assert_eq!(restored["tables"], made["tables"]);
    assert_told_as_it_is(&file, &restored);
    let process = Process::start_at(&place, &there, 0);
    people.assert_nobody_gets_in(&process);
    let link = restored["owners"][0]["link"].as_str().unwrap().split_once('#').unwrap().1;
    assert_eq!((redeem(&process, link, CHOSEN), redeem(&process, link, CHOSEN)), (204, 400));
    assert_eq!(sign_in(&process, &process.directions.admin_email, CHOSEN).status, 204);
    let ask = json!({ "email": user(2) });
    assert_eq!(crate::keeping::call(&process, "POST", "/forgot", "", &ask).status, 200);
    assert_eq!(redeem(&process, &token(&process, &user(2), 1), CHOSEN), 204);
    let (_, ended_well) = process.terminate();
    assert!(ended_well);
    assert_one_record_and_a_whole_chain(&place, &there);
}

/// The counts in the backup itself are those that the restore told.
fn assert_told_as_it_is(file: &std::path::Path, restored: &Value) {
    let (backup, _) = Store::look_at_backup(file).unwrap();
    let links = "SELECT COUNT(*) FROM users WHERE open_reset IS NOT NULL";
    let passwords = "SELECT COUNT(*) FROM users WHERE password_hash IS NOT NULL AND password_dead_at IS NULL";
    let waiting = "SELECT COUNT(*) FROM mails WHERE sent_at IS NULL AND failed_at IS NULL AND reset_id IS NOT NULL";
    assert_eq!(ended(restored, "links"), usize::try_from(count(&backup, links)).unwrap());
    assert_eq!((ended(restored, "sessions"), ended(restored, "credentials")), (2, 3));
    assert_eq!(restored["ended"][0]["passwords"], count(&backup, passwords));
    assert_eq!(restored["ended"][0]["mails"], count(&backup, waiting));
    let whose = restored["ended"][0]["passwords_of"].as_array().unwrap();
    assert_eq!(i64::try_from(whose.len()).unwrap(), count(&backup, passwords));
}

fn assert_one_record_and_a_whole_chain(place: &Place, data: &std::path::Path) {
    assert!(run(place, &["audit", "verify", "--offline", "--data", text(data)]).done().contains("All "));
    let store = Store::open(&Settings { data_dir: data.into(), queue_max: 4 }, Clock::system().now()).unwrap();
    assert_eq!(count(&store, "SELECT COUNT(*) FROM audit WHERE action = 'backup.restore'"), 1);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    store.close();
}

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
        let (backup, _) = Store::look_at_backup(&file).unwrap();
        assert_eq!(backup.check().unwrap(), Vec::<String>::new());
        assert_consistent(&backup);
        let has = |id: &uuid::Uuid| {
            let found = |tx: &mut tenantry::store::Tx<'_>| {
                tx.maybe("SELECT 1 FROM resets WHERE id = $1", &[tenantry::store::Param::from(id)])
            };
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
fn a_restore_that_is_killed_leaves_nothing_that_can_be_served_and_can_be_repeated() {
    let mut dice = Dice::of("restore");
    let place = Place::new();
    let process = Process::start(&place, 4_000);
    let file = place.data().with_file_name("a.backup");
    let (_, ended_well) = process.terminate();
    assert!(ended_well);
    run(&place, &["backup", "--to", text(&file), "--data", text(&place.data())]).done();
    let there = beside(&place, "restored");
    let line = restore_line(text(&file), text(&there));
    let mut half = 0;
    for _ in 0..12 {
        let mut child = verb(&place, &line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !there.join("tenantry.db-wal").exists() && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(dice.below(1_200) as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        let listed = run(&place, &["tenant", "list", "--data", text(&there)]);
        if listed.code == 0 {
            // Killed before it had begun, or after its last commit.
            if listed.done() != "No tenants.\n" {
                assert_one_record_and_a_whole_chain(&place, &there);
                std::fs::remove_file(there.join("tenantry.db")).unwrap();
            }
            continue;
        }
        half += 1;
        assert!(listed.refused().contains("did not come to its end"));
        let served: Ended =
            verb(&place, &["dev", "--listen", "127.0.0.1:0", "--data", text(&there)]).output().unwrap().into();
        assert!(served.refused().contains("Run that again"));
    }
    assert!(half > 0, "none of the kills met a restore that was under way");
    run(&place, &line).done();
    eprintln!("restore: 12 kills, {half} of them in the middle");
    assert_one_record_and_a_whole_chain(&place, &there);
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
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!file.with_file_name("a.backup.part").exists());
    assert!(run(&place, &backup).refused().contains("--force"));
    run(&place, &[&backup[..], &["--force"]].concat()).done();

    let refused = run(&place, &restore_line(text(&file), text(&data))).refused();
    assert!(refused.contains("not empty") && refused.contains("--replace"), "{refused}");
    let by_hand = beside(&place, "by-hand");
    std::fs::copy(&file, by_hand.join("tenantry.db")).unwrap();
    assert!(run(&place, &["tenant", "list", "--data", text(&by_hand)]).refused().contains("it is a backup"));
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
fn a_backup_that_is_killed_leaves_no_file_and_can_be_repeated() {
    let mut dice = Dice::of("backup");
    let place = Place::new();
    let process = Process::start(&place, 3_000);
    let (data, file) = (place.data(), place.data().with_file_name("a.backup"));
    let line = ["backup", "--to", text(&file), "--data", text(&data)];
    let mut killed = 0;
    for _ in 0..6 {
        let mut child = verb(&place, &line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(20 + dice.below(400) as u64));
        child.kill().unwrap();
        let has_ended_well = child.wait().unwrap().success();
        killed += usize::from(!has_ended_well);
        // It has its name only when it is whole.
        if file.exists() {
            assert_eq!(Store::look_at_backup(&file).unwrap().0.check().unwrap(), Vec::<String>::new());
            std::fs::remove_file(&file).unwrap();
        }
    }
    assert!(killed > 0, "every backup was quicker than its end");
    run(&place, &line).done();
    assert!(!file.with_file_name("a.backup.part").exists());
    assert_eq!(reset(&process, &user(1)), 200);
}

#[test]
fn the_store_that_is_replaced_is_put_aside_whole() {
    let place = Place::new();
    let process = Process::start(&place, 3);
    let (data, file) = (place.data(), place.data().with_file_name("a.backup"));
    run(&place, &["backup", "--to", text(&file), "--data", text(&data)]).done();
    let line = [&restore_line(text(&file), text(&data))[..], &["--replace"]].concat();
    assert!(run(&place, &line).refused().contains("in use by process"));
    assert_eq!(reset(&process, &user(1)), 200);
    process.kill();
    let restored = say(&place, &line);
    let aside = std::path::PathBuf::from(restored["put_aside"].as_str().unwrap());
    let resets = |directory: &std::path::Path| {
        let store = Store::open(&Settings { data_dir: directory.into(), queue_max: 4 }, Clock::system().now()).unwrap();
        let found = count(&store, "SELECT COUNT(*) FROM resets WHERE kind = 'administrator'");
        store.close();
        found
    };
    assert_eq!((resets(&aside), resets(&data)), (1, 0));
}

#[test]
fn passwords_stay_alive_if_that_is_asked_for() {
    let place = Place::new();
    let (_, ended_well) = Process::start(&place, 3).terminate();
    assert!(ended_well);
    let file = place.data().with_file_name("a.backup");
    run(&place, &["backup", "--to", text(&file), "--data", text(&place.data())]).done();
    let there = beside(&place, "restored");
    let restored = say(&place, &["restore", "--from", text(&file), "--data", text(&there), "--passwords", "keep"]);
    assert_eq!((&restored["owners"], &restored["ended"][0]["passwords"]), (&json!([]), &json!(0)));
    let process = Process::start_at(&place, &there, 0);
    assert_eq!(sign_in(&process, &user(1), &process.directions.user_password).status, 204);
    assert!(!opens(&process, &process.authorization()));
}
