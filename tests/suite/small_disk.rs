//! A file system with little room, which is there for one script only.

use std::process::Command;

use crate::process::Place;

/// What a script says that finds a file system of so many MiB at `$DISK`. It is mounted in a name space of its own, which
/// ends with the script: root may do that, and others where the system lets them.
pub fn run(place: &Place, mib: u32, script: &str) -> String {
    let disk = place.data().with_file_name("disk");
    std::fs::create_dir_all(&disk).unwrap();
    let mounted =
        format!("mount -t tmpfs -o size={mib}m tmpfs \"$DISK\" && echo mounted || exit 9; exec 2>&1; {script}");
    let said = |flags: &[&str]| {
        let mut unshare = Command::new("unshare");
        unshare.args(flags).args(["sh", "-c", &mounted]).env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        let output = unshare.env("DISK", &disk).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let as_root = said(&["--mount"]);
    let said = if as_root.starts_with("mounted") { as_root } else { said(&["--user", "--map-root-user", "--mount"]) };
    let said = said.strip_prefix("mounted\n");
    said.expect("no small file system can be mounted here: run this as root, or allow name spaces of users").to_string()
}
