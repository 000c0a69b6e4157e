//! A mail relay of our own on loopback: takes mails and keeps their links, or misbehaves in the way a case asks for.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};
use uuid::Uuid;

use super::letter;
use super::talk::{self, End};
use crate::Result;

/// Where in the conversation something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Instead of the greeting.
    Greeting,
    /// Instead of the answer to MAIL.
    Mail,
    /// Instead of the answer to RCPT.
    Recipient,
    /// Instead of the answer to the final dot.
    Dot,
}

/// A misbehaviour of the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Answers with this line.
    Say(&'static str),
    /// Answers with this line and hangs up.
    SayAndHangUp(&'static str),
    /// Hangs up without a word; at the dot the mail is kept all the same.
    HangUp,
    /// Says nothing more, and keeps the connection open.
    Silence,
    /// Gives its proper answer, one byte a second.
    Drip,
}

/// One misbehaviour: at which step, what, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Where.
    pub at: Step,
    /// The misbehaviour.
    pub act: Act,
    /// How often, before all is well.
    pub times: usize,
}

/// Which certificate the n-th connection sees, counted from 0; none is no STARTTLS at all.
pub type Certificates = Arc<dyn Fn(usize) -> Option<Arc<ServerConfig>> + Send + Sync>;

/// A mail with a link, as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its Message-ID.
    pub message_id: String,
    /// The secret of the link.
    pub token: String,
    /// Whether it came over TLS.
    pub is_encrypted: bool,
}

/// The observations of the relay.
#[derive(Default)]
pub struct Seen {
    /// Mails with a link, by their reset.
    pub by_reset: HashMap<Uuid, Vec<Received>>,
    /// Mails in all.
    pub mails: usize,
    /// Connections in all.
    pub connections: usize,
    /// Envelopes and messages that came in clear.
    pub in_clear: usize,
}

/// A relay that listens until it is dropped.
pub struct Sink {
    address: SocketAddr,
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) seen: Mutex<Seen>,
    pub(super) faults: Mutex<Vec<Fault>>,
    certificates: Option<Certificates>,
    is_over: AtomicBool,
    connections: AtomicUsize,
}

impl Sink {
    /// One that takes every mail in clear.
    pub fn start() -> Result<Self> {
        Self::scripted(Vec::new(), None)
    }

    /// One that misbehaves, or speaks TLS.
    pub fn scripted(faults: Vec<Fault>, certificates: Option<Certificates>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            seen: Mutex::default(),
            faults: Mutex::new(faults),
            certificates,
            is_over: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
        });
        let accepting = Arc::clone(&shared);
        thread::Builder::new().name("sink".into()).spawn(move || accept(&listener, &accepting))?;
        Ok(Self { address, shared })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The observations so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        locked(&self.shared.seen)
    }

    /// The secret of the link of a reset, if its mail has come.
    pub fn token(&self, reset: &Uuid) -> Option<String> {
        Some(self.seen().by_reset.get(reset)?.last()?.token.clone())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    /// The fault of this step, if any.
    pub(super) fn fault(&self, at: Step) -> Option<Act> {
        let mut faults = locked(&self.faults);
        let fault = faults.iter_mut().find(|fault| fault.at == at && fault.times > 0)?;
        fault.times -= 1;
        Some(fault.act)
    }

    pub(super) fn keep(&self, message: &[u8], is_encrypted: bool) {
        let letter = letter::read(message);
        let mut seen = locked(&self.seen);
        seen.mails += 1;
        if let Some((reset, token)) = letter.link {
            let received = Received { message_id: letter.message_id, token, is_encrypted };
            seen.by_reset.entry(reset).or_default().push(received);
        }
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.is_over.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        // A thread for each: the product opens a handful.
        let _ = thread::Builder::new().name("sink-talk".into()).spawn(move || converse(stream, &shared));
    }
}

fn converse(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    // So that a conversation ends some time after its client was killed.
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    let number = shared.connections.fetch_add(1, Ordering::SeqCst);
    locked(&shared.seen).connections += 1;
    let certificate = shared.certificates.as_ref().and_then(|choose| choose(number));
    let mut plain = Plain(stream);
    if talk::talk(&mut plain, shared, certificate.is_some(), false)? == End::StartTls
        && let Some(config) = certificate
    {
        let connection = ServerConnection::new(config).map_err(io::Error::other)?;
        talk::talk(&mut StreamOwned::new(connection, plain), shared, false, true)?;
    }
    Ok(())
}

/// The socket itself, closed for good when the conversation is over.
struct Plain(TcpStream);

impl Read for Plain {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read(bytes)
    }
}

impl Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}
