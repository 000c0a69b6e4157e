//! A child process that does not outlive the measurement.

use std::process::{ChildStdout, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::Result;

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

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
