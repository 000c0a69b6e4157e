//! A store that is to be replaced stays in its place, and can be served, until the new one is whole.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::Instant;

use crate::command_line::Ended;
use crate::dice::Dice;
use crate::engine::{database_of, is_postgres};
use crate::keeping::{PUBLIC_URL, run, say, text, verb};
use crate::lived_in::{LivedIn, assert_well};
use crate::postgres::server;
use crate::process::{Place, Process};
use crate::small_disk;

struct Scene {
    lived_in: LivedIn,
    file: PathBuf,
}

impl Scene {
    /// A store with a tenant that is not in its backup.
    fn new() -> Self {
        let lived_in = LivedIn::new();
        let (place, data) = (&lived_in.place, lived_in.place.data());
        let file = data.with_file_name("a.backup");
        run(place, &["backup", "--to", text(&file), "--data", text(&data)]).done();
        run(place, &["tenant", "create", "initech", "--data", text(&data)]).done();
        Self { lived_in, file }
    }

    fn place(&self) -> &Place {
        &self.lived_in.place
    }

    fn line<'a>(&'a self, file: &'a Path, data: &'a Path) -> Vec<&'a str> {
        vec!["restore", "--replace", "--from", text(file), "--data", text(data), "--public-url", PUBLIC_URL]
    }

    fn restore(&self, file: &Path) -> Ended {
        run(self.place(), &self.line(file, &self.place().data()))
    }

    fn has_the_old_store(&self) -> bool {
        let listed = run(self.place(), &["tenant", "list", "--data", text(&self.place().data())]).done();
        assert!(listed.contains("acme") && listed.contains("globex"), "{listed}");
        listed.contains("initech")
    }

    /// The old store is there as if nothing had been tried, and is served.
    fn assert_untouched(&self, after: &str) {
        assert!(self.has_the_old_store(), "after {after}");
        assert_eq!(self.left(), Vec::<String>::new(), "after {after}");
        assert_well(self.place(), &self.place().data());
    }

    /// The files left by an attempt beside the store.
    fn left(&self) -> Vec<String> {
        let is_left = |name: &String| name.starts_with("restoring") || name.starts_with("replaced");
        match database_of(&self.place().data()) {
            Some(url) => {
                let database = url.rsplit('/').next().unwrap();
                let ask = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tenantry%' OR nspname LIKE 'replaced%'";
                server().ask(database, ask).unwrap().lines().map(String::from).collect()
            }
            None => {
                let found = std::fs::read_dir(self.place().data()).unwrap();
                found.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(is_left).collect()
            }
        }
    }
}

#[test]
fn whatever_is_wrong_with_a_restore_the_store_that_was_there_is_in_its_place() {
    let scene = Scene::new();
    let data = scene.place().data();
    let changed = data.with_file_name("changed.backup");
    let mut bytes = std::fs::read(&scene.file).unwrap();
    let places = bytes.windows(4).enumerate().filter(|(_, window)| *window == b"Nora").map(|(at, _)| at);
    // One of them may stand in a page that is free.
    for at in places.collect::<Vec<_>>() {
        bytes[at + 3] = b'e';
    }
    std::fs::write(&changed, &bytes).unwrap();
    let short = data.with_file_name("short.backup");
    std::fs::write(&short, &bytes[..bytes.len() / 2]).unwrap();
    for (file, words) in [(&changed, "does not hold what was written"), (&short, "damaged")] {
        let refused = scene.restore(file).refused();
        assert!(refused.contains(words), "{refused}");
        scene.assert_untouched(words);
    }
    let (keys, away) = (data.join("link.keys"), data.join("away"));
    std::fs::rename(&keys, &away).unwrap();
    assert!(scene.restore(&scene.file).refused().contains("link.keys"));
    std::fs::write(&keys, format!("1 {}\n", "ab".repeat(32))).unwrap();
    assert!(scene.restore(&scene.file).refused().contains("not the one of this backup"));
    std::fs::rename(&away, &keys).unwrap();
    scene.assert_untouched("other keys");
    let process = Process::start(scene.place(), 0);
    assert!(scene.restore(&scene.file).refused().contains("in use by"));
    process.kill();
    scene.assert_untouched("an attempt beside a server");
}

#[test]
fn the_doctor_reports_the_remains_of_an_interrupted_restore() {
    let scene = Scene::new();
    let (place, data) = (scene.place(), scene.place().data());
    let left = match database_of(&data) {
        Some(url) => {
            let make = "CREATE SCHEMA tenantry_restoring AUTHORIZATION tenantry";
            server().ask(url.rsplit('/').next().unwrap(), make).unwrap();
            "the schema tenantry_restoring"
        }
        None => {
            std::fs::create_dir(data.join("restoring")).unwrap();
            "data/restoring"
        }
    };
    let examine = || run(place, &["doctor", "--data", text(&data)]).out;
    let examined = examine();
    let told = examined.lines().find(|line| line.starts_with("warn  restores")).unwrap_or_else(|| panic!("{examined}"));
    assert!(told.contains(left) && told.contains("run it again"), "{told}");
    assert_eq!(scene.restore(&scene.file).code, 0);
    assert!(!examine().contains("restores"), "{}", examine());
}

/// Kills of each of the tests that follow: two, so that they take half as long.
const KILLS: usize = 7;

#[test]
fn a_replacement_that_is_killed_leaves_one_store_or_the_other() {
    kill_replacements(Dice::of("replacing"));
}

#[test]
fn a_replacement_that_is_killed_at_other_moments_leaves_one_store_or_the_other() {
    kill_replacements(Dice::of("replacing").split());
}

fn kill_replacements(mut dice: Dice) {
    let scene = Scene::new();
    let (data, place) = (scene.place().data(), scene.place());
    let line = scene.line(&scene.file, &data);
    let make_old = || run(place, &["tenant", "create", "initech", "--data", text(&data)]).done();
    let began = Instant::now();
    say(place, &line);
    let took = began.elapsed();
    make_old();
    let (mut old, mut new) = (0, 0);
    for nth in 0..KILLS {
        let mut child = verb(place, &line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // One in each part of the time that it takes.
        thread::sleep(took.mul_f64((nth as f64 + dice.below(1_000) as f64 / 1_000.0) / KILLS as f64));
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().unwrap();
        if scene.has_the_old_store() {
            old += 1;
        } else {
            new += 1;
            assert_well(place, &data);
            make_old();
        }
    }
    eprintln!("replacing: {KILLS} kills, {old} before the new store was in its place, {new} after");
    assert!(old > 0, "every restore was quicker than its end");
    say(place, &line);
    assert!(!scene.has_the_old_store());
    assert!(scene.left().iter().all(|name| name.starts_with("replaced")), "{:?}", scene.left());
}

#[test]
fn a_disk_without_room_for_a_second_store_keeps_the_first_one() {
    if is_postgres() {
        // Its disk is the server's; that a role may make no second schema takes the same way.
        let scene = Scene::new();
        let database = database_of(&scene.place().data()).unwrap();
        let database = database.rsplit('/').next().unwrap();
        server().ask(database, &format!("ALTER DATABASE {database} OWNER TO postgres")).unwrap();
        server().ask(database, "ALTER SCHEMA public OWNER TO tenantry").unwrap();
        assert!(scene.restore(&scene.file).refused().contains("GRANT CREATE ON DATABASE"));
        scene.assert_untouched("a role without the right");
        return;
    }
    let scene = Scene::new();
    let said = small_disk::run(
        scene.place(),
        3,
        &format!(
            "cp -r '{data}' \"$DISK/data\"; dd if=/dev/zero of=\"$DISK/filler\" bs=4k status=none 2>/dev/null
             dd if=/dev/null of=\"$DISK/filler\" bs=4k seek=\"$(($(stat -c %s \"$DISK/filler\") / 4096 - 30))\" status=none
             '{binary}' restore --replace --from '{file}' --data \"$DISK/data\" --public-url http://localhost; echo \"code $?\"
             rm \"$DISK/filler\"; ls \"$DISK/data\"; '{binary}' tenant list --data \"$DISK/data\"",
            data = text(&scene.place().data()),
            file = text(&scene.file),
            binary = scene.place().binary().display(),
        ),
    );
    assert!(said.contains("disk/data") && said.contains("cannot be written"), "{said}");
    assert!(said.contains("code 1") && said.contains("initech") && said.contains("is in its place"), "{said}");
    assert!(!said.lines().any(|line| line == "restoring" || line.starts_with("replaced-")), "{said}");
}

#[test]
fn a_backup_that_finds_no_room_names_its_place() {
    let lived_in = LivedIn::new();
    let place = &lived_in.place;
    for kib in [8, 200] {
        let said = small_disk::run(
            place,
            1,
            &format!(
                "head -c {kept} /dev/zero > \"$DISK/filler\"
                 {environment} '{binary}' backup --to \"$DISK/monday.backup\" --data '{data}'; echo \"code $?\"; ls -A \"$DISK\"",
                kept = 1024 * (1024 - kib),
                environment = database_of(&place.data()).map_or_else(String::new, |url| format!("TENANTRY_STORE_POSTGRES='{url}'")),
                binary = place.binary().display(),
                data = text(&place.data()),
            ),
        );
        assert!(said.contains("/monday.backup") && said.contains("code 1"), "{kib} KiB: {said}");
        assert!(!said.contains("Nothing was changed; try again"), "{kib} KiB: {said}");
        assert!(said.lines().all(|line| !line.starts_with("monday.backup")), "{kib} KiB: {said}");
    }
}
