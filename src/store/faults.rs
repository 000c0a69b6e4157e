//! Calls into the engine that fail on purpose, so that tests can fail each one in turn.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use crate::error::{Error, Result};

/// Counts the fallible calls into the engine and fails the chosen one.
#[derive(Debug)]
pub struct Faults {
    /// Calls until the failure; negative when none is planned.
    countdown: AtomicI64,
    calls: AtomicU64,
    lasting: AtomicBool,
}

impl Default for Faults {
    fn default() -> Self {
        Self { countdown: AtomicI64::new(-1), calls: AtomicU64::new(0), lasting: AtomicBool::new(false) }
    }
}

impl Faults {
    /// Lets the `n`-th writing call from now fail, counted from 1. A group of writes is planned,
    /// prepared and committed by such calls.
    pub fn fail_call(&self, n: u32) {
        self.calls.store(0, Ordering::SeqCst);
        self.countdown.store(i64::from(n), Ordering::SeqCst);
    }

    /// Lets every writing call fail until [`Self::stop`], so that no background work uses the failure up.
    pub fn fail_every_call(&self) {
        self.lasting.store(true, Ordering::SeqCst);
    }

    /// Lets every call succeed again.
    pub fn stop(&self) {
        self.lasting.store(false, Ordering::SeqCst);
        self.countdown.store(-1, Ordering::SeqCst);
    }

    /// Whether the planned failure has not happened yet.
    pub fn is_waiting(&self) -> bool {
        self.countdown.load(Ordering::SeqCst) > 0
    }

    pub(super) fn pass(&self) -> Result<()> {
        if self.lasting.load(Ordering::Relaxed) {
            return Err(Error::internal("a failure that was asked for"));
        }
        if self.countdown.load(Ordering::Relaxed) < 0 {
            return Ok(());
        }
        match self.countdown.fetch_sub(1, Ordering::SeqCst) {
            1 => Err(Error::internal("a failure that was asked for")),
            _ => Ok(()),
        }
    }
}
