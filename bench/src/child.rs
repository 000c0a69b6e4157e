//! A child process that does not outlive the measurement.

use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::Result;
use crate::machine::Memory;

/// The product drains for up to 15 s.
const STOP_PATIENCE: Duration = Duration::from_secs(20);

/// A running child; it is killed if it is dropped before it was stopped.
pub struct Child {
    process: std::process::Child,
}

impl Child {
    /// Starts `command`.
    pub fn spawn(command: &mut Command) -> Result<Self> {
        Ok(Self { process: command.spawn()? })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Its standard output, if that is captured; only the first call gets it.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.process.stdout.take()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.process.try_wait()?)
    }

    /// Asks it to end (SIGTERM) and waits until it has. Fails if it ends badly or takes more than 20 s.
    pub fn stop(mut self) -> Result<()> {
        kill_process(Pid::from_child(&self.process), Signal::TERM)?;
        let asked_at = Instant::now();
        while asked_at.elapsed() < STOP_PATIENCE {
            match self.ended()? {
                None => std::thread::sleep(Duration::from_millis(5)),
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("The process did not end well: {status}").into()),
            }
        }
        Err(format!("The process {} did not end within {} s.", self.id(), STOP_PATIENCE.as_secs()).into())
    }
}

/// What a command took that was waited for.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    /// From its start to its end.
    pub seconds: f64,
    /// The most memory that it held, looked at every 5 ms, in MB of 10^6 bytes.
    pub peak_mb: f64,
}

/// Runs a command to its end. Fails if it ends badly.
pub fn run(command: &mut Command) -> Result<Took> {
    let began = Instant::now();
    let mut child = Child::spawn(command.stdin(Stdio::null()).stdout(Stdio::null()))?;
    let mut peak_mb = 0.0;
    loop {
        match child.ended()? {
            None => {}
            Some(ended) if ended.success() => return Ok(Took { seconds: began.elapsed().as_secs_f64(), peak_mb }),
            Some(ended) => return Err(format!("A command ended with {ended}.").into()),
        }
        // It may have ended just now.
        peak_mb = Memory::of(child.id()).map_or(peak_mb, |memory| memory.peak_mb.max(peak_mb));
        std::thread::sleep(Duration::from_millis(5));
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
