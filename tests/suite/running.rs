//! A server in a thread of this process: it is stopped as SIGTERM would, or ended at once.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use tenantry::house::House;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// The server.
pub struct Running {
    /// Asks it to stop as SIGTERM would.
    stop: Option<oneshot::Sender<()>>,
    /// Ends it at once when it is dropped.
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A free port, and the runtime of the server that is to listen there.
pub fn listen() -> (Runtime, TcpListener, SocketAddr) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    (runtime, listener, address)
}

impl Running {
    /// Serves from now on.
    pub fn start(runtime: Runtime, listener: TcpListener, house: House) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let (end, ended) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let until = async {
                let _ = stopped.await;
            };
            runtime.block_on(async {
                tokio::select! {
                    served = house.serve(listener, until) => served.unwrap(),
                    _ = ended => {}
                }
            });
        });
        Self { stop: Some(stop), end: Some(end), thread: Some(thread) }
    }

    /// Tells it to stop as SIGTERM would.
    pub fn begin_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// Stops it as SIGTERM would and waits until it has drained.
    pub fn stop(&mut self) {
        self.begin_stop();
        self.join();
    }

    /// Ends it without a drain, which takes longer than most tests.
    pub fn end(&mut self) {
        drop(self.end.take());
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}
