//! Clients that reset passwords until they are told to stop, and take nothing but success for an answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

use serde_json::json;

use crate::wire::{Wire, request};

/// The clients, each with a connection and a user of its own.
pub struct Resetting {
    is_over: Arc<AtomicBool>,
    calls: Arc<AtomicU64>,
    clients: Vec<JoinHandle<()>>,
}

impl Resetting {
    /// Begins to reset these users, each by the token beside it.
    pub fn begin(address: SocketAddr, users: Vec<(String, String)>) -> Self {
        let (is_over, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let clients = users
            .into_iter()
            .map(|(token, email)| {
                let (is_over, calls) = (Arc::clone(&is_over), Arc::clone(&calls));
                thread::spawn(move || {
                    let (mut wire, authorization) = (Wire::to(address), format!("Authorization: APIToken {token}\r\n"));
                    let ask = request(
                        "POST",
                        "/api/web/custom/password/admin_reset",
                        &authorization,
                        &json!({ "email": email }).to_string(),
                    );
                    while !is_over.load(Ordering::Relaxed) {
                        let reply = wire.call(ask.clone()).expect("an answer");
                        assert_eq!((reply.status, reply.body.as_str()), (200, "{}"), "{email}");
                        calls.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        Self { is_over, calls, clients }
    }

    /// Waits until each client was answered more than once, on the average.
    pub fn is_under_way(&self) {
        let enough = 2 * self.clients.len() as u64;
        while self.calls.load(Ordering::Relaxed) < enough && !self.clients.iter().any(JoinHandle::is_finished) {
            thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Stops them; how many calls were answered, each with success.
    pub fn end(self) -> u64 {
        self.is_over.store(true, Ordering::Relaxed);
        self.clients.into_iter().for_each(|client| client.join().expect("each call was answered with success"));
        self.calls.load(Ordering::Relaxed)
    }
}
