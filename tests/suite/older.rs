//! The data of an older release works under this one: its store in place, and its backup wherever it is restored.
//! `older/README.md` says how it was made.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tenantry::clock::{Clock, Timestamp};
use tenantry::dev::Sample;
use tenantry::params;
use tenantry::store::{Part, Scope, Settings, Store, Tx, measure};

use crate::engine::database_of;
use crate::erasure::{erase_wholly, verified};
use crate::keeping::{ADMIN_RESET, CHOSEN, beside, run, say, text, user};
use crate::keeping_well::{assert_owners_get_in, elsewhere, link};
use crate::lived_in::{LivedIn, NEWCOMER, OWNER, assert_well, at, directions, sign_in};
use crate::moving::{measured, place_of};
use crate::phone::{Phone, cookie as cookie_of};
use crate::postgres::server;
use crate::process::{Place, Process};
use crate::restore::restore_line;
use crate::rig::{GOOD_PASSWORD, Rig};
use crate::small_disk;

/// Tables that have got columns since.
const GROWN: [&str; 7] = ["audit", "tenants", "resets", "users", "grants", "credentials", "sessions"];

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/older").join(name)
}

/// The answers to the clients that filled the store.
fn facts() -> Value {
    serde_json::from_slice(&std::fs::read(kept("facts.json")).unwrap()).unwrap()
}

fn fact(name: &str) -> String {
    facts()[name].as_str().unwrap_or_else(|| panic!("{name}")).into()
}

fn unpack(name: &str, to: &Path) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "gzip -dc \"$0\" > \"$1\""]).args([&kept(name), to]);
    assert!(shell.status().unwrap().success());
}

/// The store where it lies, as the older release left it when it was killed.
fn lived_in() -> LivedIn {
    let place = Place::new();
    let data = place.data();
    std::fs::create_dir(&data).unwrap();
    std::fs::copy(kept("link.keys"), data.join("link.keys")).unwrap();
    directions(&fact("token")).write(&data).unwrap();
    match database_of(&data) {
        Some(url) => {
            let dump = data.with_file_name("dump.sql");
            unpack("postgres.sql.gz", &dump);
            server().load(&url, &dump).unwrap();
        }
        None => {
            let mut tar = Command::new("tar");
            tar.args(["-xzf", text(&kept("embedded.tar.gz")), "-C", text(&data)]);
            assert!(tar.status().unwrap().success());
        }
    }
    LivedIn { place, cookie: cookie("session"), link: fact("link_by_the_second_key") }
}

fn cookie(fact_of_it: &str) -> String {
    format!("Cookie: {}\r\n", fact(fact_of_it))
}

/// The older release's backup of the same store.
fn backup(place: &Place) -> PathBuf {
    let file = place.data().with_file_name("monday.backup");
    unpack("monday.backup.gz", &file);
    file
}

/// Every row that the older release counted is there, with the same digest if that release knew every column.
fn assert_all_there(tables: &Value) {
    for known in facts()["tables"].as_array().unwrap() {
        let found = tables.as_array().unwrap().iter().find(|table| table["table"] == known["table"]).unwrap();
        let has_grown = GROWN.iter().any(|grown| known["table"] == *grown);
        let more = found["rows"].as_i64().unwrap() - known["rows"].as_i64().unwrap();
        // A server that has started makes the tenant of the operators a moment later.
        let as_many = more == 0 || (more == 1 && known["table"] == "tenants");
        let same = as_many && (has_grown || found["digest"] == known["digest"]);
        assert!(same, "{known} and {found}");
    }
}

/// This release on the older store, a second after the older one was killed.
fn go_on(lived_in: &LivedIn) -> Rig {
    let sample = Sample {
        tenant: "acme",
        admin_email: OWNER,
        admin_password: fact("owners_password"),
        api_token: fact("token"),
        user_email: "user00001@example.com",
        user_password: fact("users_password"),
    };
    let moment = Timestamp(facts()["moment"].as_i64().unwrap()).plus_seconds(1);
    Rig::on(&lived_in.place.data(), moment, sample)
}

#[test]
fn what_is_alive_in_a_store_of_an_older_release_goes_on_under_this_one() {
    let lived_in = lived_in();
    let mut rig = go_on(&lived_in);
    assert_all_there(&serde_json::to_value(rig.store.read(Scope::HOUSE, measure).unwrap()).unwrap());
    let redeem = |tenant: &str, link: &str| {
        let link = fact(link);
        let body = json!({ "token": link.split_once('#').unwrap().1, "password": GOOD_PASSWORD });
        at(rig.address, tenant, "/reset", "", &body).status
    };
    assert_people_are_as_they_were(&rig);
    for (tenant, link) in [
        ("acme", "link_by_the_first_key"),
        ("acme", "link_by_the_second_key"),
        ("acme", "link_by_own_wish"),
        ("acme", "first_link_of_a_user"),
        ("globex", "first_link_of_an_owner"),
    ] {
        assert_eq!((redeem(tenant, link), redeem(tenant, link)), (204, 400), "{link}");
    }
    // The one that was in hand when its process was killed, and the one that the relay had not taken.
    for number in [5, 10] {
        let mut waited = 0;
        while rig.mails(&user(number)).is_empty() && waited < 60 {
            rig.clock.advance_seconds(30);
            // A mail is in hand for two such steps, and would be sent once more behind them.
            (0..20).take_while(|_| rig.mails(&user(number)).is_empty()).for_each(|_| {
                std::thread::sleep(std::time::Duration::from_millis(50));
            });
            waited += 1;
        }
        assert_eq!(rig.mails(&user(number)).len(), 1, "user {number}, after {waited} half minutes");
    }
    assert_eq!(verified(&rig)["erased"], 0);
    erase_wholly(&rig, &user(2));
    assert!(verified(&rig)["erased"].as_i64().unwrap() > 0);
    assert_links_are_of_both_versions(&rig);
    rig.stop();
    rig.store.close();
    assert_well(&lived_in.place, &lived_in.place.data());
}

#[test]
fn an_older_release_goes_on_beside_this_one_until_someone_relies_on_a_code_app() {
    let lived_in = lived_in();
    let rig = go_on(&lived_in);
    let bar = || {
        let reach = |tx: &mut Tx<'_>| tx.one("SELECT MAX(runs_from) FROM migrations", &[])?.get::<i64>(0);
        rig.store.read(Scope::HOUSE, reach).unwrap()
    };
    let step = rig.store.read(Scope::HOUSE, |tx| {
        tx.one("SELECT number FROM migrations WHERE name = 'second_factors'", &[])?.get::<i64>(0)
    });
    let step = step.unwrap();
    let host = format!("acme.localhost:{}", rig.address.port());
    let ask = |path: &str, cookie: &str, body: &Value| {
        let headers = [("Host", host.as_str()), ("Cookie", cookie), ("Content-Type", "application/json")];
        let answered = rig.send("POST", path, &headers, Some(&body.to_string()));
        assert!(answered.status < 300, "{path} {}", answered.text);
        answered
    };
    assert_eq!(bar(), 1, "a start that adds to the schema keeps nobody out");
    let signed_in = ask("/signin", "", &json!({ "email": user(11), "password": fact("users_password") }));
    let session = cookie_of(&signed_in, "tenantry").unwrap();
    let begun = ask("/account/second-factor/begin", &session, &json!({}));
    assert_eq!(bar(), 1, "nor does an app that is not confirmed");
    let phone = Phone { secret: begun.body["secret"].as_str().unwrap().into() };
    let both = format!("{session}; {}", cookie_of(&begun, "tenantry-step").unwrap());
    ask("/account/second-factor/confirm", &both, &json!({ "code": phone.code(&rig) }));
    assert_eq!(bar(), step, "it would take the password alone");
    ask("/account/second-factor/remove", &session, &json!({}));
    assert_eq!(bar(), step, "what was once relied on stays needed");
}

/// Those of the older release, which keep the first halves of digests, and behind them those of this one.
fn assert_links_are_of_both_versions(rig: &Rig) {
    let tenant = rig.tenant();
    let statement = "SELECT digests FROM audit_links WHERE tenant = $1 ORDER BY number";
    let rows = rig.store.read(Scope::of(tenant), |tx| tx.all(statement, &params![tenant])).unwrap();
    let lengths: Vec<_> = rows.iter().map(|row| row.get::<Vec<u8>>(0).unwrap().len()).collect();
    let older = lengths.iter().take_while(|length| length.is_multiple_of(32)).count();
    assert!(older > 0 && older < lengths.len(), "{lengths:?}");
    assert!(lengths[older..].iter().all(|length| length % 48 == 1), "{lengths:?}");
}

/// By the words of the older release they are let in, kept out, and not asked twice.
fn assert_people_are_as_they_were(rig: &Rig) {
    let sign_in = |email: &str, password: &str| {
        at(rig.address, "acme", "/signin", "", &json!({ "email": email, "password": password })).status
    };
    let (owners, users) = (fact("owners_password"), fact("users_password"));
    assert_eq!(sign_in(OWNER, &owners), 204);
    assert_eq!((sign_in(&user(3), &users), sign_in(&user(4), &users)), (429, 401), "locked out, and disabled");
    assert_eq!((sign_in(&user(2), &users), sign_in(&user(11), &users)), (401, 204), "reset, and not");
    let whoami = "/api/web/custom/namespaces/system/whoami";
    for session in [cookie("session"), cookie("session_of_a_user")] {
        let session = session.trim_end().strip_prefix("Cookie: ").unwrap().to_owned();
        assert_eq!(rig.send("GET", whoami, &[("Cookie", &session)], None).status, 200);
    }
    let shown = rig.get("/api/tenantry/v1/resets").body;
    assert!(shown.to_string().contains(&fact("keyed_reset")), "{shown}");
    let authorization = rig.authorization();
    let headers = [
        ("Authorization", authorization.as_str()),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", "monday"),
    ];
    // As its client wrote it.
    let body = format!("{{\"email\": \"{}\"}}", user(6));
    let repeated = rig.send("POST", ADMIN_RESET, &headers, Some(&body));
    assert_eq!(repeated.header("tenantry-reset-id"), Some(fact("keyed_reset").as_str()), "{repeated:?}");
}

/// The files left by an attempt, among them those that it must not leave.
fn left(data: &Path) -> Vec<String> {
    let names = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("restoring")).collect()
}

#[test]
fn a_backup_of_an_older_release_is_restored_as_one_of_this_release_is() {
    let lived_in = lived_in();
    let place = &lived_in.place;
    let (file, there) = (backup(place), beside(place, "there"));
    let before = std::fs::read(&file).unwrap();
    let cut_off = there.join("restoring-older");
    std::fs::create_dir(&cut_off).unwrap();
    std::fs::write(cut_off.join("tenantry.db"), "as far as an earlier attempt came").unwrap();
    let restored = say(place, &restore_line(text(&file), text(&there)));
    assert_all_there(&restored["tables"]);
    assert_owners_get_in(&lived_in, &there, &restored);

    let keep = [&restore_line(text(&file), text(&there))[..], &["--replace", "--passwords", "keep"]].concat();
    let restored = say(place, &keep);
    assert!(restored["put_aside"].as_str().unwrap().contains("replaced"), "{restored}");
    assert_eq!(restored["owners"].as_array().unwrap().len(), 1, "{restored}");
    assert_well(place, &there);
    let process = Process::start_at(place, &there, 0);
    assert!(sign_in(&process, "acme", OWNER, CHOSEN).is_ok());
    let token = link(&restored, "globex").split_once('#').unwrap().1.to_owned();
    let body = json!({ "token": token, "password": CHOSEN });
    assert_eq!(at(process.address, "globex", "/reset", "", &body).status, 204);
    assert!(sign_in(&process, "globex", NEWCOMER, CHOSEN).is_ok());
    process.kill();
    assert_eq!(left(&there), Vec::<String>::new());
    assert!(std::fs::read(&file).unwrap() == before, "nothing is written to a backup");
}

#[test]
fn a_store_of_an_older_release_goes_to_the_other_engine() {
    let lived_in = lived_in();
    let place = &lived_in.place;
    let there = elsewhere(&beside(place, "there"));
    let moved = say(place, &["move", "--from", &place_of(&place.data()), "--to", &there]);
    assert_all_there(&moved["tables"]);
    let back = beside(place, "back");
    say(place, &["move", "--from", &there, "--to", &place_of(&back)]);
    assert_eq!(measured(&back), moved["tables"]);
    assert_well(place, &back);
}

#[test]
fn a_backup_of_an_older_release_that_is_not_as_it_was_written_changes_nothing() {
    let lived_in = lived_in();
    let (place, data) = (&lived_in.place, lived_in.place.data());
    let file = backup(place);
    let mut bytes = std::fs::read(&file).unwrap();
    let places = bytes.windows(4).enumerate().filter(|(_, window)| *window == b"Nora").map(|(at, _)| at);
    for at in places.collect::<Vec<_>>() {
        bytes[at + 3] = b'e';
    }
    std::fs::write(&file, bytes).unwrap();
    let line = [&restore_line(text(&file), text(&data))[..], &["--replace"]].concat();
    assert!(run(place, &line).refused().contains("does not hold what was written to it"));
    assert_eq!(left(&data), Vec::<String>::new());
    assert_well(place, &data);
}

#[test]
fn a_disk_without_room_for_the_copy_of_an_older_backup_is_named() {
    let lived_in = lived_in();
    let place = &lived_in.place;
    let environment =
        database_of(&place.data()).map_or_else(String::new, |url| format!("TENANTRY_STORE_POSTGRES='{url}'"));
    let said = small_disk::run(
        place,
        1,
        &format!(
            "mkdir -m 700 \"$DISK/data\"; cp '{keys}' \"$DISK/data\"; head -c {filler} /dev/zero > \"$DISK/filler\"
             {environment} '{binary}' restore --from '{file}' --data \"$DISK/data\" --public-url http://localhost
             echo \"code $?\"; ls \"$DISK/data\"",
            keys = text(&place.data().join("link.keys")),
            filler = 1024 * (1024 - 40),
            file = text(&backup(place)),
            binary = place.binary().display(),
        ),
    );
    assert!(said.contains("restoring-older cannot be written") && said.contains("has room"), "{said}");
    assert!(said.ends_with("code 1\nlink.keys\n"), "{said}");
}

#[test]
fn a_backup_of_a_newer_release_is_refused_in_one_sentence() {
    let lived_in = lived_in();
    let place = &lived_in.place;
    let file = place.data().with_file_name("newer.backup");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for barred in [false, true] {
        let part = Part::begin(&file, Clock::system().now()).unwrap();
        let step = move |tx: &mut Tx<'_>| {
            let step = "INSERT INTO migrations (number, name, digest, runs_from, applied_at)
                SELECT MAX(number) + 1, 'later', $1, CASE WHEN $2 = 1 THEN 1 + MAX(number) ELSE 1 END, 0 FROM migrations";
            tx.run(step, &params![[7].as_slice(), barred]).map(drop)
        };
        runtime.block_on(part.store.write(Scope::HOUSE, step)).unwrap();
        let tables = part.store.read(Scope::HOUSE, measure).unwrap();
        runtime.block_on(part.finish(&tables, Clock::system().now())).unwrap();
        let refused = run(place, &restore_line(text(&file), text(&beside(place, "there")))).refused();
        assert!(
            refused.contains("was written by a newer release of Tenantry. Restore it with that release."),
            "{refused}"
        );
    }
    assert!(!Store::is_in(&Settings::embedded(place.data().with_file_name("there"), 4).data_dir));
}
