//! The signals that a server hears. None of them but SIGTERM and SIGINT ends it, and those only when it is open.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::{Error, Result};

/// Those that ask for something else than the end.
pub struct Asking {
    hangup: Signal,
    user_defined: [Signal; 2],
}

/// What was asked for.
pub enum Asked {
    /// SIGHUP: the configuration is to be read anew.
    ReadAnew,
    /// One that means nothing here.
    Nothing(&'static str),
}

impl Asking {
    /// Takes them over: from now on, whatever the process is doing, none of them ends it.
    ///
    /// # Errors
    /// `Internal` when the system does not hand signals over.
    pub fn hold() -> Result<Self> {
        let held = |kind| signal(kind).map_err(Error::internal);
        let user_defined = [held(SignalKind::user_defined1())?, held(SignalKind::user_defined2())?];
        Ok(Self { hangup: held(SignalKind::hangup())?, user_defined })
    }

    /// The next one.
    pub async fn next(&mut self) -> Asked {
        let [first, second] = &mut self.user_defined;
        tokio::select! {
            _ = self.hangup.recv() => Asked::ReadAnew,
            _ = first.recv() => Asked::Nothing("SIGUSR1"),
            _ = second.recv() => Asked::Nothing("SIGUSR2"),
        }
    }
}

/// Ends with SIGTERM or Ctrl-C. From the call on, before anything waits for it, neither ends the process by itself.
///
/// # Errors
/// `Internal` when the system does not hand signals over.
pub fn told_to_stop() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::internal)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::internal)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
