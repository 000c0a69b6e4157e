//! File systems with little room: one that a test fills, and one that is there for a script only.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::process::Place;

/// The output of a script that finds a file system of `mib` MiB at `$DISK`. It is mounted in a name space of its own,
/// which ends with the script; root may do that, and other users if the system allows it.
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

/// A file system that the test can fill. It goes away with this.
pub struct SmallDisk(TempDir);

impl SmallDisk {
    /// A file system of `mib` MiB, visible to all users of the machine; `None` without the right to mount one (root, or
    /// CAP_SYS_ADMIN).
    pub fn mount(mib: u32) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let options = format!("size={mib}m,mode=0777");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(directory.path()).output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then_some(Self(directory))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes until nothing more fits; the file that takes the room.
    pub fn fill(&self) -> PathBuf {
        let path = self.path().join("filler");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[0; 512]).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}
