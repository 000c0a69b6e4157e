//! Programs that other people wrote and tests run: installed by the first test that needs them, once, into
//! `target/clients`, exactly as a lock file beside their test pins them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

const MISSING: &str = "what tests run is installed by Python, which is not here: run `apt-get install -y \
                       --no-install-recommends python3-venv` as root";

/// A file of the folder `tests`.
pub fn beside(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file)
}

/// Runs a program that must succeed; returns its output.
pub fn run(command: &mut Command) -> String {
    let (has_succeeded, said) = outcome(command);
    assert!(has_succeeded, "{command:?} failed:\n{said}");
    said
}

/// Runs a program; tells whether it succeeded, and its output.
pub fn outcome(command: &mut Command) -> (bool, String) {
    let told = command.env("NO_COLOR", "1").output();
    let Output { status, stdout, stderr } = told.unwrap_or_else(|error| panic!("{command:?}: {error}; {MISSING}"));
    (status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

/// The folder of a tool as its lock file pins it, installed if it is missing. Of several processes one installs, and an
/// incomplete installation is not used.
pub fn installed(tool: &str, lock_file: &Path, install: impl FnOnce(&Path)) -> PathBuf {
    let lock = fs::read(lock_file).unwrap();
    let digest: String = Sha256::digest(&lock)[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("clients");
    let folder = all.join(format!("{tool}-{digest}"));
    fs::create_dir_all(&all).unwrap();
    let turn = File::create(all.join(format!("{tool}-{digest}.lock"))).unwrap();
    turn.lock().unwrap();
    let whole = folder.join("whole");
    if !whole.exists() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        install(&folder);
        File::create(whole).unwrap();
    }
    folder
}

/// The programs of an environment of Python with what these requirements pin, every package by its hash.
pub fn python(tool: &str, requirements: &Path) -> PathBuf {
    let folder = installed(tool, requirements, |folder| {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder));
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"];
        run(Command::new(folder.join("bin/python")).args(pip).arg("-r").arg(requirements));
    });
    folder.join("bin")
}
