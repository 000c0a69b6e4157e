//! The machine loses its power: data that was not flushed is gone with the memory of the system.
//!
//! The injured program works on a real file system inside a file. Data that the system has not handed to that disk yet
//! is not in the file. So a copy of the file, made once the program is dead, is the disk after the power came back; it
//! is mounted in place of the first one and recovers as after any power cut.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Settings;
use super::kill;
use super::ledger::Findings;
use super::outcome::Outcome;
use super::scene::Scene;
use crate::Result;

const CASE: &str = "power-cut";
/// The size of the disk; unused space takes no memory.
const SIZE: u64 = 1 << 30;
/// Nothing is written out by itself while a round lasts, and nothing for programs that forget to flush.
const OPTIONS: &str = "loop,commit=300,noauto_da_alloc";
/// Longer than the system takes to close the files of a killed process.
const PATIENCE: Duration = Duration::from_secs(10);
/// More than one tick of the clock by which files are dated.
const TICK: Duration = Duration::from_millis(20);

/// Tenantry and its embedded store lose their power under load.
pub fn run(settings: &Settings) -> Result<Outcome> {
    // Made first, and so gone last.
    let mut disk = match Disk::mount() {
        Ok(disk) => disk,
        Err(reason) => return Ok(Outcome::skipped(settings.engine, CASE, reason)),
    };
    let mut scene = Scene::set(settings, CASE, TempDir::new_in(disk.at())?, "")?;
    scene.place.flush_settings()?;
    let until = Instant::now() + settings.length;
    while settings.goes_on(scene.outcome.rounds, until) {
        disk.mark()?;
        kill::strike(&mut scene)?;
        disk.cut()?;
        scene.outcome.findings.extend(disk.compare());
        scene.outcome.rounds += 1;
        scene.look()?;
    }
    scene.close()
}

/// A file system in a file, which lies in memory.
pub struct Disk {
    directory: TempDir,
    cuts: u64,
}

impl Disk {
    /// Makes one; else the reason why that cannot be.
    pub fn mount() -> std::result::Result<Self, String> {
        Self::try_to_mount().map_err(|failure| {
            format!("a file system in a file cannot be mounted here; run it as root, with loop devices ({failure})")
        })
    }

    fn try_to_mount() -> Result<Self> {
        let disk = Self { directory: tempfile::Builder::new().prefix("tenantry-disk-").tempdir()?, cuts: 0 };
        // A server may run on it as another user.
        fs::set_permissions(disk.directory.path(), fs::Permissions::from_mode(0o755))?;
        fs::create_dir(disk.shelf())?;
        fs::create_dir(disk.at())?;
        done(Command::new("mount").args(["-t", "tmpfs", "-o", "size=3g", "tmpfs"]).arg(disk.shelf()))?;
        File::create(disk.image())?.set_len(SIZE)?;
        done(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(disk.image()))?;
        disk.mount_image()?;
        Ok(disk)
    }

    /// Where it is mounted.
    pub fn at(&self) -> PathBuf {
        self.directory.path().join("disk")
    }

    /// Where the file is.
    fn shelf(&self) -> PathBuf {
        self.directory.path().join("shelf")
    }

    /// Flushes all that was written so far.
    pub fn flush(&self) -> Result<()> {
        done(Command::new("sync").arg("--file-system").arg(self.at()))
    }

    fn image(&self) -> PathBuf {
        self.shelf().join(self.cuts.to_string())
    }

    fn mount_image(&self) -> Result<()> {
        done(Command::new("mount").args(["-o", OPTIONS]).arg(self.image()).arg(self.at()))
    }

    /// Cuts the power and restores it. All programs on the disk must be dead.
    pub fn cut(&mut self) -> Result<()> {
        let old = self.image();
        self.cuts += 1;
        // While nobody writes to it: the disk after a cut is that of one moment.
        loop {
            let written = fs::metadata(&old)?.modified()?;
            std::thread::sleep(TICK);
            done(Command::new("cp").arg("--sparse=always").arg(&old).arg(self.image()))?;
            if fs::metadata(&old)?.modified()? == written {
                break;
            }
        }
        let began = Instant::now();
        while let Err(failure) = done(Command::new("umount").arg(self.at())) {
            if began.elapsed() > PATIENCE {
                return Err(failure);
            }
            std::thread::sleep(TICK);
        }
        fs::remove_file(&old)?;
        self.mount_image()
    }

    fn marks(&self) -> [PathBuf; 2] {
        [self.at().join("flushed"), self.at().join("unflushed")]
    }

    /// Leaves a file that is flushed and one that is not.
    pub fn mark(&self) -> Result<()> {
        let [flushed, unflushed] = self.marks();
        fs::write(&flushed, mark(self.cuts))?;
        File::open(&flushed)?.sync_all()?;
        Ok(fs::write(unflushed, mark(self.cuts))?)
    }

    /// Whether the disk kept the one and forgot the other: if not, the case shows nothing.
    pub fn compare(&self) -> Findings {
        let is_there = self.marks().map(|path| fs::read(path).is_ok_and(|found| found == mark(self.cuts - 1)));
        let mut findings = Findings::default();
        findings.demand(is_there[0], || "the disk forgot what was flushed".into());
        findings.demand(!is_there[1], || "the disk kept what was not flushed, so the cut shows nothing".into());
        findings
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        for mounted in [self.at(), self.shelf()] {
            let _ = Command::new("umount").args(["--lazy", "--quiet"]).arg(mounted).status();
        }
    }
}

fn mark(cuts: u64) -> Vec<u8> {
    format!("after {cuts} cuts").into_bytes()
}

fn done(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let ended = command.output().map_err(|failure| format!("{name}: {failure}"))?;
    if ended.status.success() {
        return Ok(());
    }
    Err(format!("{name}: {}", String::from_utf8_lossy(&ended.stderr).trim()).into())
}
