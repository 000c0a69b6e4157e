//! A scripted mail relay: it accepts mails and keeps them, or fails in the way a test asks for.
//!
//! Needs tokio and tokio-rustls alone, and reads and answers in bulk, so that the benchmark can include it too: `#[path
//! = "../../tests/suite/relay.rs"] mod relay;` with `Script { keep: false, .. }`, which only counts.
#![allow(dead_code, reason = "each includer uses its part")]

#[path = "relay/conversation.rs"]
mod conversation;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// Where in the conversation something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Greeting,
    Hello,
    StartTls,
    Login,
    Mail,
    Recipient,
    Data,
    /// Instead of the answer to the final dot.
    Body,
    Reset,
}

/// A misbehaviour of the relay.
#[derive(Debug, Clone)]
pub enum Act {
    /// Answers with this line. After 421 it hangs up.
    Say(&'static str),
    /// Answers with this line and hangs up.
    SayAndHangUp(&'static str),
    /// Closes the connection without an answer.
    HangUp,
    /// Says nothing more.
    Silence,
    /// Gives its proper answer, one byte a second.
    Drip,
    /// Gives its proper answer, so late.
    Late(Duration),
}

/// One misbehaviour: at which step, what, and how often.
#[derive(Debug, Clone)]
pub struct Fault {
    at: Step,
    act: Act,
    skip: usize,
    times: usize,
}

impl Fault {
    /// Every time.
    pub fn new(at: Step, act: Act) -> Self {
        Self { at, act, skip: 0, times: usize::MAX }
    }

    /// Only this many times.
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// Not for the first `skip` occasions.
    pub fn after(self, skip: usize) -> Self {
        Self { skip, ..self }
    }
}

/// How the relay behaves.
#[derive(Clone)]
pub struct Script {
    /// The certificate to show; without one there is no TLS.
    pub tls: Option<TlsAcceptor>,
    /// TLS from the first byte instead of after STARTTLS.
    pub implicit_tls: bool,
    /// Name and password without which nothing is taken.
    pub login: Option<(&'static str, &'static str)>,
    /// The ways to log in that it offers.
    pub mechanisms: &'static str,
    /// Whether it takes commands in bulk.
    pub pipelining: bool,
    /// Whether it takes addresses with letters beyond ASCII.
    pub utf8: bool,
    /// Whether mails and commands are kept or only counted.
    pub keep: bool,
    /// How long it ponders before it takes a mail.
    pub takes: Duration,
    /// The misbehaviours. At each step the first that applies counts.
    pub faults: Vec<Fault>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            tls: None,
            implicit_tls: false,
            login: None,
            mechanisms: "PLAIN LOGIN",
            pipelining: true,
            utf8: false,
            keep: true,
            takes: Duration::ZERO,
            faults: Vec::new(),
        }
    }
}

/// A mail as it arrived.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    /// The argument of `MAIL FROM`, without brackets.
    pub from: String,
    /// What stands behind it.
    pub parameters: String,
    /// Each recipient, without brackets.
    pub to: Vec<String>,
    /// The message, its dots undone.
    pub raw: Vec<u8>,
    /// Whether the relay said that it took it.
    pub taken: bool,
    /// Whether it came over TLS.
    pub encrypted: bool,
    /// How many bytes each read of the message brought, the final dot included.
    pub reads: Vec<usize>,
}

impl Mail {
    /// Name and unfolded value of each header, in order.
    pub fn headers(&self) -> Vec<(String, String)> {
        let text = String::from_utf8_lossy(&self.raw);
        let head = text.split_once("\r\n\r\n").map_or(&*text, |(head, _)| head);
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        unfolded.split("\r\n").filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.into(), v.into())).collect()
    }

    /// The value of the first header of that name.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers().into_iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// A relay that listens on a free loopback port until it is dropped.
pub struct Relay {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    script: Mutex<Script>,
    mails: Mutex<Vec<Mail>>,
    commands: Mutex<Vec<String>>,
    taken: watch::Sender<usize>,
    connections: AtomicUsize,
    hang_up: watch::Sender<usize>,
}

impl Relay {
    /// Starts on a free port.
    pub async fn start(script: Script) -> Self {
        Self::start_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), script).await
    }

    /// Starts where a relay was before.
    pub async fn start_at(address: SocketAddr, script: Script) -> Self {
        let listener = TcpListener::bind(address).await.expect("the address is free");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared {
            script: Mutex::new(script),
            mails: Mutex::default(),
            commands: Mutex::default(),
            taken: watch::Sender::new(0),
            connections: AtomicUsize::new(0),
            hang_up: watch::Sender::new(0),
        });
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Self { address, shared, accepting }
    }

    /// The settings that lead a server to it.
    pub fn settings(&self) -> [(&'static str, String); 4] {
        [
            ("TENANTRY_SMTP_HOST", self.address.ip().to_string()),
            ("TENANTRY_SMTP_PORT", self.address.port().to_string()),
            ("TENANTRY_SMTP_SECURITY", "none".into()),
            ("TENANTRY_SMTP_FROM", "id@example.com".into()),
        ]
    }

    /// The mails that arrived, including those not acknowledged.
    pub fn mails(&self) -> Vec<Mail> {
        lock(&self.shared.mails).clone()
    }

    /// Every command line so far, logins without their secrets.
    pub fn commands(&self) -> Vec<String> {
        lock(&self.shared.commands).clone()
    }

    /// How many mails it has taken.
    pub fn taken(&self) -> usize {
        *self.shared.taken.borrow()
    }

    /// Returns once this many mails have been accepted.
    pub async fn wait_for(&self, mails: usize) {
        self.shared.taken.subscribe().wait_for(|taken| *taken >= mails).await.expect("the relay lives");
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Replaces the misbehaviours from here on.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        lock(&self.shared.script).faults = faults;
    }

    /// Whether it takes addresses with letters beyond ASCII, on connections from here on.
    pub fn set_utf8(&self, takes: bool) {
        lock(&self.shared.script).utf8 = takes;
    }

    /// Stops, and returns once the address is free again.
    pub async fn stop(mut self) {
        self.accepting.abort();
        let _ = (&mut self.accepting).await;
    }

    /// Closes all connections, and goes on listening.
    pub fn hang_up(&self) {
        self.shared.hang_up.send_modify(|times| *times += 1);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, so that no conversation outlives its relay.
    let mut conversations = JoinSet::new();
    while let Ok((tcp, _)) = listener.accept().await {
        while conversations.try_join_next().is_some() {}
        shared.connections.fetch_add(1, Ordering::Relaxed);
        let shared = shared.clone();
        conversations.spawn(async move {
            let mut hang_up = shared.hang_up.subscribe();
            tokio::select! {
                _ = hang_up.changed() => {}
                _ = conversation::converse(tcp, &shared) => {}
            }
        });
    }
}

/// The fault of this step, if any.
fn fault(shared: &Shared, at: Step) -> Option<Act> {
    for fault in lock(&shared.script).faults.iter_mut().filter(|fault| fault.at == at) {
        if fault.skip > 0 {
            fault.skip -= 1;
        } else if fault.times > 0 {
            fault.times -= 1;
            return Some(fault.act.clone());
        }
    }
    None
}
