//! What stays valid after a restore.

use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::clock::Clock;
use tenantry::secret::Secret;
use tenantry::store::{Settings, Store};

use crate::dice::Dice;
use crate::engine::settings_of;
use crate::keeping::{
    CHOSEN, Load, PUBLIC_URL, beside, call, count, credential, forget_store, opens, redeem, refusal_to_serve, reset,
    revoke, run, say, session, sign_in, text, token, user, verb, wait_until_begun,
};
use crate::process::{Place, Process};

pub fn restore_line<'a>(file: &'a str, to: &'a str) -> Vec<&'a str> {
    vec!["restore", "--from", file, "--data", to, "--public-url", PUBLIC_URL]
}

/// How many of a kind a restore says that it has ended.
fn ended(restored: &Value, kind: &str) -> usize {
    restored["ended"][1][kind].as_array().unwrap().len()
}

/// The state of the users at the time of the backup.
struct People {
    used: String,
    open: String,
    signed_out: String,
    signed_in: String,
    new_address: String,
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
            new_address: new_address(process),
            revoked: credential(process),
            kept: credential(process),
        }
    }

    /// The changes after the backup.
    fn go_on(&self, process: &Process) {
        assert_eq!(redeem(process, &self.used, CHOSEN), 204);
        assert!(opens(process, &self.signed_out), "{}", self.signed_out);
        assert!(opens(process, &self.revoked.1));
        let out = call(process, "POST", "/signout", &self.signed_out, &json!({}));
        assert!(out.status < 400, "{out:?}");
        revoke(process, &self.revoked.0);
        assert!(!opens(process, &self.signed_out) && !opens(process, &self.revoked.1));
    }

    fn assert_nobody_gets_in(&self, process: &Process) {
        let confirmed = json!({ "token": self.new_address, "agreed": "yes" });
        assert_eq!(call(process, "POST", "/email", "", &confirmed).status, 400, "the new address");
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

/// The token of a new address that is not confirmed yet.
fn new_address(process: &Process) -> String {
    let path = format!("/api/tenantry/v1/users/{}/email", user(6));
    let asked = call(process, "POST", &path, &process.authorization(), &json!({ "email": "moved@example.com" }));
    assert_eq!(asked.status, 200, "{asked:?}");
    token(process, "moved@example.com", 1)
}

#[test]
fn nothing_that_had_ended_is_alive_after_a_restore_and_its_owner_gets_in() {
    let place = Place::new();
    let process = Process::start(&place, 600);
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
    assert_eq!(call(&process, "POST", "/forgot", "", &ask).status, 200);
    assert_eq!(redeem(&process, &token(&process, &user(2), 1), CHOSEN), 204);
    let (_, ended_well) = process.terminate();
    assert!(ended_well);
    assert_one_record_and_a_whole_chain(&place, &there);
}

/// The counts in the backup itself equal those that the restore printed.
fn assert_told_as_it_is(file: &Path, restored: &Value) {
    let backup = Store::look_at_backup(file).unwrap().store;
    let links = "SELECT COUNT(*) FROM users WHERE open_reset IS NOT NULL";
    let passwords = "SELECT COUNT(*) FROM users WHERE password_hash IS NOT NULL AND password_dead_at IS NULL";
    let waiting = "SELECT COUNT(*) FROM mails WHERE sent_at IS NULL AND failed_at IS NULL AND reset_id IS NOT NULL";
    assert_eq!(ended(restored, "links"), usize::try_from(count(&backup, links)).unwrap());
    assert_eq!((ended(restored, "sessions"), ended(restored, "credentials")), (2, 3));
    assert_eq!(restored["ended"][1]["passwords"], count(&backup, passwords));
    assert_eq!(restored["ended"][1]["mails"], count(&backup, waiting));
    assert_eq!(restored["ended"][1]["addresses"], 1);
    let whose = restored["ended"][1]["passwords_of"].as_array().unwrap();
    assert_eq!(i64::try_from(whose.len()).unwrap(), count(&backup, passwords));
}

fn assert_one_record_and_a_whole_chain(place: &Place, data: &Path) {
    assert!(run(place, &["audit", "verify", "--offline", "--data", text(data)]).done().contains("All "));
    let store = Store::open(&settings_of(data, 4), Clock::system().now()).unwrap();
    assert_eq!(count(&store, "SELECT COUNT(*) FROM audit WHERE action = 'backup.restore' AND tenant <> 0"), 1);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    let not_anew = "SELECT COUNT(*) FROM tenants WHERE awake_since IS NULL";
    assert_eq!(count(&store, not_anew), 0, "nobody is inactive for what is lost");
    store.close();
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
    for round in 0..12 {
        let mut child = verb(&place, &line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_until_begun(&there, &mut child);
        let most = if round % 2 == 0 { 60 } else { 1_200 };
        thread::sleep(Duration::from_millis(dice.below(most) as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        let listed = run(&place, &["tenant", "list", "--data", text(&there)]);
        if listed.code == 0 {
            // Killed before it had begun, or after its last commit.
            if listed.done() != "No tenants.\n" {
                assert_one_record_and_a_whole_chain(&place, &there);
                forget_store(&there);
            }
            continue;
        }
        half += 1;
        assert!(listed.refused().contains("did not come to its end"));
        assert!(refusal_to_serve(&place, &there).contains("Run that again"));
    }
    assert!(half > 0, "none of the kills met a restore that was under way");
    run(&place, &line).done();
    eprintln!("restore: 12 kills, {half} of them in the middle");
    assert_one_record_and_a_whole_chain(&place, &there);
}

#[test]
fn the_store_that_is_replaced_is_put_aside_whole() {
    let place = Place::new();
    let process = Process::start(&place, 3);
    let (data, file) = (place.data(), place.data().with_file_name("a.backup"));
    run(&place, &["backup", "--to", text(&file), "--data", text(&data)]).done();
    let line = [&restore_line(text(&file), text(&data))[..], &["--replace"]].concat();
    assert!(run(&place, &line).refused().contains("in use by"));
    assert_eq!(reset(&process, &user(1)), 200);
    process.kill();
    let restored = say(&place, &line);
    let aside = restored["put_aside"].as_str().unwrap();
    assert_eq!((resets(&aside_of(&data, aside)), resets(&settings_of(&data, 4))), (1, 0));
}

/// How to open the store that was put aside.
fn aside_of(data: &Path, aside: &str) -> Settings {
    let mut settings = settings_of(data, 4);
    match &mut settings.postgres {
        None => settings.data_dir = aside.into(),
        Some(postgres) => {
            let schema = aside.strip_prefix("the schema ").unwrap();
            let url = format!("{}?options=-c%20search_path%3D{schema}", postgres.url.expose());
            postgres.url = Secret::new(url);
        }
    }
    settings
}

fn resets(settings: &Settings) -> i64 {
    let store = Store::open(settings, Clock::system().now()).unwrap();
    let found = count(&store, "SELECT COUNT(*) FROM resets WHERE kind = 'administrator'");
    store.close();
    found
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
    assert_eq!((&restored["owners"], &restored["ended"][1]["passwords"]), (&json!([]), &json!(0)));
    let process = Process::start_at(&place, &there, 0);
    assert_eq!(sign_in(&process, &user(1), &process.directions.user_password).status, 204);
    assert!(!opens(&process, &process.authorization()));
}
