//! The signals of a server. Only SIGTERM and SIGINT end it, and only once it is open.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::{Error, Result};

/// The signals that do not end the process.
pub struct Asking {
    hangup: Signal,
    user_defined: [Signal; 2],
}

/// The request of a signal.
pub enum Asked {
    /// SIGHUP: read the configuration again.
    ReadAnew,
    /// A signal without a meaning here.
    Nothing(&'static str),
}

impl Asking {
    /// Takes these signals over: from now on none of them ends the process.
    ///
    /// # Errors
    /// `Internal` if the system refuses.
    pub fn hold() -> Result<Self> {
        let held = |kind| signal(kind).map_err(Error::internal);
        let user_defined = [held(SignalKind::user_defined1())?, held(SignalKind::user_defined2())?];
        Ok(Self { hangup: held(SignalKind::hangup())?, user_defined })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) -> Asked {
        let [first, second] = &mut self.user_defined;
        tokio::select! {
            _ = self.hangup.recv() => Asked::ReadAnew,
            _ = first.recv() => Asked::Nothing("SIGUSR1"),
            _ = second.recv() => Asked::Nothing("SIGUSR2"),
        }
    }
}

/// Resolves at SIGTERM or Ctrl-C. From this call on neither ends the process by itself, even before the future is
/// polled.
///
/// # Errors
/// `Internal` if the system refuses.
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
