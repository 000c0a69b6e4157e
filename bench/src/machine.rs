//! The load of the machine during a measurement, from `/proc` (see proc(5)), so that a figure taken on a busy machine
//! is marked.

use std::fs;
use std::time::Instant;

use crate::Result;

/// `/proc` counts CPU time in hundredths of a second on every Linux (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// How many cores this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Memory of a process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// Resident now, in MB of 10^6 bytes.
    pub resident_mb: f64,
    /// The most that was ever resident.
    pub peak_mb: f64,
}

impl Memory {
    /// That of a running process.
    pub fn of(process: u32) -> Result<Self> {
        read_memory(&fs::read_to_string(format!("/proc/{process}/status"))?)
            .ok_or_else(|| format!("/proc/{process}/status has no VmRSS and VmHWM.").into())
    }

    /// What is resident now; the peak is counted anew from here on.
    pub fn from_here_on(process: u32) -> Result<Self> {
        // proc(5): 5 sets the peak to what is resident.
        fs::write(format!("/proc/{process}/clear_refs"), "5")?;
        Self::of(process)
    }

    /// How much more than this the process has held at its peak since.
    pub fn grown(&self, process: u32) -> Result<f64> {
        Ok(Self::of(process)?.peak_mb - self.resident_mb)
    }
}

fn read_memory(status: &str) -> Option<Memory> {
    let kibibytes = |name: &str| -> Option<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    };
    Some(Memory { resident_mb: kibibytes("VmRSS:")? * 1.024e-3, peak_mb: kibibytes("VmHWM:")? * 1.024e-3 })
}

/// CPU seconds that a running process has used, all its threads together.
pub fn cpu_seconds(process: u32) -> Result<f64> {
    read_cpu_seconds(&fs::read_to_string(format!("/proc/{process}/stat"))?)
        .ok_or_else(|| format!("/proc/{process}/stat cannot be read.").into())
}

fn read_cpu_seconds(stat: &str) -> Option<f64> {
    // The name, second, stands in parentheses and may itself hold spaces and parentheses. Behind it `utime` and
    // `stime` are the 12th and 13th.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS_PER_SECOND)
}

/// The same of a process and its children, those that have ended included.
pub fn cpu_seconds_of_family(parent: u32) -> Result<f64> {
    let mut sum = 0.0;
    for entry in fs::read_dir("/proc")? {
        // Some processes end while they are looked at.
        let Ok(stat) = fs::read_to_string(entry?.path().join("stat")) else { continue };
        sum += read_family_seconds(&stat, parent).unwrap_or_default();
    }
    Ok(sum)
}

fn read_family_seconds(stat: &str, parent: u32) -> Option<f64> {
    let (head, tail) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = tail.split_ascii_whitespace().collect();
    let ticks = |from: usize, to: usize| -> Option<f64> {
        fields.get(from..to)?.iter().map(|text| text.parse::<f64>().ok()).sum::<Option<f64>>()
    };
    if head.split(' ').next() == Some(parent.to_string().as_str()) {
        return Some(ticks(11, 15)? / TICKS_PER_SECOND);
    }
    (*fields.get(1)? == parent.to_string()).then_some(ticks(11, 13)? / TICKS_PER_SECOND)
}

fn all_cpu_seconds(processes: &[u32]) -> Result<f64> {
    processes.iter().map(|&process| cpu_seconds(process)).sum()
}

/// CPU seconds used by all processes of the machine. Interrupts are left out: those caused by a measurement over the
/// loopback cannot be told from others.
fn machine_cpu_seconds() -> Result<f64> {
    read_machine_cpu_seconds(&fs::read_to_string("/proc/stat")?).ok_or_else(|| "/proc/stat cannot be read.".into())
}

fn read_machine_cpu_seconds(stat: &str) -> Option<f64> {
    let mut fields = stat.lines().next()?.strip_prefix("cpu ")?.split_ascii_whitespace();
    let user_nice_system = fields.by_ref().take(3).map(str::parse::<f64>).sum::<std::result::Result<f64, _>>().ok()?;
    Some(user_nice_system / TICKS_PER_SECOND)
}

/// Observes the machine from `start` to `finish`.
pub struct Watch {
    children: Vec<u32>,
    started_at: Instant,
    machine: f64,
    children_seconds: f64,
    own: f64,
}

/// The observations of a [`Watch`].
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Cores kept busy by processes other than this one and the measured ones, on average.
    pub foreign_load: f64,
    /// Cores kept busy by the measured processes, on average.
    pub child_load: f64,
}

impl Watch {
    /// Begins, with the child that is measured.
    pub fn start(child: u32) -> Result<Self> {
        Self::start_all(vec![child])
    }

    /// The same with several children.
    pub fn start_all(children: Vec<u32>) -> Result<Self> {
        Ok(Self {
            started_at: Instant::now(),
            machine: machine_cpu_seconds()?,
            children_seconds: all_cpu_seconds(&children)?,
            own: cpu_seconds(std::process::id())?,
            children,
        })
    }

    /// Ends; the children must still run.
    pub fn finish(self) -> Result<Seen> {
        let seconds = self.started_at.elapsed().as_secs_f64();
        let child = all_cpu_seconds(&self.children)? - self.children_seconds;
        let own = cpu_seconds(std::process::id())? - self.own;
        let foreign = machine_cpu_seconds()? - self.machine - child - own;
        Ok(Seen { foreign_load: (foreign / seconds).max(0.0), child_load: child / seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_name_does_not_disturb() {
        let stat = "7 (a b) (c)) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 9 9 20 0 3 0 99 1 1";
        assert_eq!(read_cpu_seconds(stat), Some(3.0));
    }

    #[test]
    fn a_family_counts_its_parent_with_ended_children_and_each_child() {
        let stat = "7 (a b) (c)) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 100 20 20 0 3 0 99 1 1";
        assert_eq!([7, 1, 9].map(|parent| read_family_seconds(stat, parent)), [Some(4.2), Some(3.0), None]);
    }

    #[test]
    fn memory_is_counted_in_millions_of_bytes() {
        let memory = read_memory("Name:\tx\nVmHWM:\t   20000 kB\nVmRSS:\t   10000 kB\n").unwrap();
        assert_eq!(memory, Memory { resident_mb: 10.24, peak_mb: 20.48 });
        assert_eq!(read_memory("Name:\tkthreadd\n"), None);
    }

    #[test]
    fn idle_and_interrupts_are_no_load() {
        assert_eq!(read_machine_cpu_seconds("cpu  100 20 80 9999 99 7 67 9 0 0\ncpu0 1 1 1\n"), Some(2.0));
    }

    #[test]
    fn this_process_can_be_observed() {
        let memory = Memory::of(std::process::id()).unwrap();
        assert!(memory.resident_mb > 0.1 && memory.peak_mb >= memory.resident_mb);
        let seen = Watch::start(std::process::id()).unwrap().finish().unwrap();
        assert!(seen.child_load >= 0.0 && cores() > 0);
    }
}
