//! A syslog receiver over TLS (RFC 5425): it reads messages in frames that tell their length, and keeps them.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;
use tenantry::clock::Clock;
use tenantry::config::Config;
use tenantry::heads::{Receiver, Shipper};
use tenantry::store::Store;
use tenantry::tls;

/// The receiver.
pub struct Syslog {
    port: u16,
    tls: Arc<ServerConfig>,
    folder: TempDir,
    messages: Arc<Mutex<Vec<String>>>,
    listening: Option<Arc<AtomicBool>>,
}

impl Syslog {
    /// On a free port of this machine, with a certificate for it.
    pub fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), made.cert.pem()).unwrap();
        let tls = tls::server(vec![made.cert.der().clone()], key).unwrap();
        let mut syslog = Self { port: 0, tls, folder, messages: Arc::default(), listening: None };
        syslog.start_again();
        syslog
    }

    /// Listens where it has listened before.
    pub fn start_again(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        self.port = listener.local_addr().unwrap().port();
        let is_listening = Arc::new(AtomicBool::new(true));
        self.listening = Some(Arc::clone(&is_listening));
        let (tls, messages) = (Arc::clone(&self.tls), Arc::clone(&self.messages));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if !is_listening.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&tls)).unwrap(), stream);
                let mut bytes = Vec::new();
                // A client that goes without ending TLS is no error here: what it sent whole counts.
                let _ = stream.read_to_end(&mut bytes);
                messages.lock().unwrap().extend(unframed(&bytes));
            }
        });
    }

    /// From now on nobody listens there.
    pub fn stop(&mut self) {
        let Some(is_listening) = self.listening.take() else { return };
        is_listening.store(false, Ordering::SeqCst);
        // Lets the thread see it, which drops the listener.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Sends the heads of a server there.
    pub fn configure(&self, config: &mut Config) {
        (config.syslog.host, config.syslog.port) = (Some("localhost".into()), self.port);
        config.syslog.ca_file = Some(self.ca_file());
    }

    /// What sends heads there from another process.
    pub fn shipper(&self, store: Store, clock: Clock) -> Shipper {
        let receiver = Receiver { host: "localhost".into(), port: self.port, ca_file: Some(self.ca_file()) };
        Shipper::new(store, clock, receiver, "localhost".into())
    }

    /// Every message that came.
    pub fn messages(&self) -> Vec<String> {
        self.messages.lock().unwrap().clone()
    }

    /// Waits until those that came are so.
    pub fn wait_for(&self, is_so: impl Fn(&[String]) -> bool) -> Vec<String> {
        for _ in 0..4_000 {
            let messages = self.messages();
            if is_so(&messages) {
                return messages;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{:?}", self.messages());
    }
}

/// `MSG-LEN SP SYSLOG-MSG`, as often as it comes (RFC 5425 § 4.3).
fn unframed(mut bytes: &[u8]) -> Vec<String> {
    let mut messages = Vec::new();
    while let Some(space) = bytes.iter().position(|byte| *byte == b' ') {
        let Some(length) = std::str::from_utf8(&bytes[..space]).ok().and_then(|text| text.parse::<usize>().ok()) else {
            break;
        };
        let Some(message) = bytes.get(space + 1..space + 1 + length) else { break };
        messages.push(String::from_utf8(message.to_vec()).unwrap());
        bytes = &bytes[space + 1 + length..];
    }
    messages
}
