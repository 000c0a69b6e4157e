//! How a thread waits for the server.

use std::io;

use tokio::runtime::{Handle, Runtime, RuntimeFlavor};

/// The runtime of one connection. It may go away on a thread that serves requests, where nothing may wait for it.
pub(super) struct Driver(Option<Runtime>);

impl Driver {
    pub(super) fn new() -> io::Result<Self> {
        tokio::runtime::Builder::new_current_thread().enable_all().build().map(|runtime| Self(Some(runtime)))
    }

    pub(super) fn block_on<F: Future>(&self, future: F) -> F::Output {
        let runtime = self.0.as_ref().expect("it is taken away only when it is dropped");
        aside(|| runtime.block_on(future))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Waiting for the server must not hold up the other requests of a thread that serves.
pub(super) fn aside<T>(wait: impl FnOnce() -> T) -> T {
    let is_serving = Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    if is_serving { tokio::task::block_in_place(wait) } else { wait() }
}
