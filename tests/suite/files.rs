//! No stored file is open to other users of the machine, whatever the umask and its previous mode.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::installation::Site;
use crate::process::{Place, Process};
use crate::wire::{Wire, request};

/// The same command, run under another umask.
fn under(umask: &str, command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("umask {umask}; exec \"$0\" \"$@\"")]).arg(command.get_program());
    shell.args(command.get_args()).env_clear();
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(command.get_current_dir().unwrap_or(Path::new(".")));
    shell
}

fn set(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// Every file and directory at and below a place, with its mode.
fn modes(place: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = vec![(place.to_path_buf(), std::fs::metadata(place).unwrap().permissions().mode() & 0o7777)];
    if place.is_dir() {
        std::fs::read_dir(place).unwrap().for_each(|entry| found.extend(modes(&entry.unwrap().path())));
    }
    found
}

fn all_private(place: &Path) {
    for (path, mode) in modes(place) {
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, wanted, "{} has mode {mode:o}", path.display());
    }
}

fn names(place: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_installation_is_closed_to_others_whatever_the_umask_and_the_directory() {
    let site = Site::new();
    std::fs::create_dir(site.data()).unwrap();
    set(&site.data(), 0o755);
    let made =
        under("000", &site.command(&["init", "--tenant", "acme", "--email", "ada@example.com"])).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    all_private(&site.data());

    // As an earlier release, or a careless copy, may have left it.
    for name in ["tenantry.db", "tenantry.lock"] {
        set(&site.data().join(name), 0o644);
    }
    set(&site.data(), 0o755);
    let server = site.serve_by(&mut under("000", &site.command(&["serve"])));
    assert!(names(&site.data()).contains(&"tenantry.db-wal".to_string()), "{:?}", names(&site.data()));
    all_private(&site.data());

    let backup = site.directory.path().join("backup");
    let backed_up = under("000", &site.command(&["backup", "--to", backup.to_str().unwrap()])).output().unwrap();
    assert!(backed_up.status.success(), "{backed_up:?}");
    all_private(&backup);
    drop(server);

    let rotated = under("000", &site.command(&["key", "rotate"])).output().unwrap();
    assert!(rotated.status.success(), "{rotated:?}");
    assert!(names(&site.data()).contains(&"link.keys.lock".to_string()), "{:?}", names(&site.data()));
    all_private(&site.data());
}

#[test]
fn the_dev_mode_is_closed_to_others_whatever_the_umask() {
    let place = Place::new();
    for round in 0..2 {
        let process = Process::start_by(under("000", &Command::new(place.binary())), &place, 0);
        let list = request("GET", "/dev/mailbox", "Accept: application/json\r\n", "");
        assert_eq!(Wire::to(process.address).call(list).unwrap().status, 200, "round {round}");
        let found = names(&place.data());
        assert!(
            ["dev.json", "link.keys", "mailbox.jsonl"].iter().all(|name| found.contains(&(*name).into())),
            "{found:?}"
        );
        all_private(&place.data());
        process.kill();
        for name in names(&place.data()).iter().filter(|name| *name != "link.keys") {
            set(&place.data().join(name), 0o666);
        }
    }
}
