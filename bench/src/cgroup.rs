//! A bound on the processor time of a process, by a control group: see cgroups(7), for the first version "CFS Bandwidth
//! Control" and for the second "Control Group v2" in the documentation of the kernel.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::Result;

/// How often the kernel renews the share. With its default of 100 ms a held process would stand still for most of the
/// period, unlike one on a slow processor.
const PERIOD_US: u32 = 20_000;

/// A control group whose processes together may use a share of a core. It is removed when this is dropped; its processes
/// should have ended by then.
pub struct Share {
    directory: PathBuf,
}

impl Share {
    /// An empty group with a share of `cores`. Fails without a control group file system with the `cpu` controller, or
    /// without the right to write to it.
    pub fn make(cores: f64) -> Result<Self> {
        let mut why = "no control groups are mounted".to_owned();
        for mount in mounts(&fs::read_to_string("/proc/self/mounts")?) {
            match Self::make_on(&mount, cores) {
                Ok(share) => return Ok(share),
                Err(cause) => why = format!("no group can be made beneath {}: {cause}", mount.directory.display()),
            }
        }
        Err(why.into())
    }

    fn make_on(mount: &Mount, cores: f64) -> Result<Self> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let nth = MADE.fetch_add(1, Ordering::Relaxed);
        let directory = mount.directory.join(format!("tenantry-bench-{}-{nth}", std::process::id()));
        match fs::create_dir(&directory) {
            // A process of this number may have been here before and have been killed.
            Err(cause) if cause.kind() != ErrorKind::AlreadyExists => return Err(cause.into()),
            _ => {}
        }
        let share = Self { directory };
        for (file, text) in mount.version.bound(cores) {
            share.write(file, &text)?;
        }
        Ok(share)
    }

    /// Puts a running process with all its threads into the group.
    pub fn hold(&self, process: u32) -> Result<()> {
        self.write("cgroup.procs", &process.to_string())
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        fs::write(self.directory.join(file), text).map_err(|cause| format!("{file} refuses {text}: {cause}").into())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // The kernel takes a moment to forget a process that has ended. An empty group that stays does no harm.
        for _ in 0..100 {
            match fs::remove_dir(&self.directory) {
                Err(cause) if cause.kind() == ErrorKind::ResourceBusy => std::thread::sleep(Duration::from_millis(10)),
                _ => return,
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

impl Version {
    /// The files that bound a group, and what to write into them.
    fn bound(self, cores: f64) -> Vec<(&'static str, String)> {
        let quota = (cores * f64::from(PERIOD_US)).round();
        match self {
            Self::One => vec![("cpu.cfs_period_us", PERIOD_US.to_string()), ("cpu.cfs_quota_us", quota.to_string())],
            Self::Two => vec![("cpu.max", format!("{quota} {PERIOD_US}"))],
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Mount {
    version: Version,
    directory: PathBuf,
}

/// Where groups with the `cpu` controller may be, from proc_pid_mounts(5).
fn mounts(text: &str) -> Vec<Mount> {
    let mount = |line: &str| {
        let mut fields = line.split(' ').skip(1);
        let (directory, kind, mut options) = (Path::new(fields.next()?), fields.next()?, fields.next()?.split(','));
        let version = match kind {
            "cgroup" if options.any(|option| option == "cpu") => Version::One,
            "cgroup2" => Version::Two,
            _ => return None,
        };
        Some(Mount { version, directory: directory.to_path_buf() })
    };
    text.lines().filter_map(mount).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_found_among_the_mounts() {
        let text = "proc /proc proc rw 0 0\n\
                    cgroup /sys/fs/cgroup/cpuset cgroup rw,relatime,cpuset 0 0\n\
                    cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0\n\
                    cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0\n";
        let mount = |version, directory: &str| Mount { version, directory: directory.into() };
        let (one, two) = ("/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/unified");
        assert_eq!(mounts(text), [mount(Version::One, one), mount(Version::Two, two)]);
        assert_eq!(mounts("cgroup\n\n"), []);
    }

    #[test]
    fn a_quarter_of_a_core_is_a_quarter_of_each_period() {
        let both = [("cpu.cfs_period_us", "20000".to_owned()), ("cpu.cfs_quota_us", "5000".to_owned())];
        assert_eq!(Version::One.bound(0.25), both);
        assert_eq!(Version::Two.bound(0.25), [("cpu.max", "5000 20000".to_owned())]);
    }

    #[test]
    fn what_is_not_a_control_group_is_refused_and_cleared_away() {
        let place = tempfile::tempdir().unwrap();
        let mount = Mount { version: Version::Two, directory: place.path().join("none") };
        assert!(Share::make_on(&mount, 0.25).is_err());
    }
}
