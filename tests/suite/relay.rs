//! A mail relay that does as it is told: takes mails and keeps them, or fails in the way a test asks for.
//!
//! Needs tokio and tokio-rustls alone, and reads and answers in bulk, so that the benchmark can include it too:
//! `#[path = "../../tests/suite/relay.rs"] mod relay;` with `Script { keep: false, .. }`, which only counts.
#![allow(dead_code, reason = "each includer uses its part")]

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
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

/// What the relay does there instead of its duty.
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
}

/// One misbehaviour: where, what, and for how many of the occasions.
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

    /// Only so many times.
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
    /// Whether mails and commands are kept or only counted.
    pub keep: bool,
    /// How long it ponders before it takes a mail.
    pub takes: Duration,
    /// What goes wrong. At each step the first that applies counts.
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

    /// The mails that arrived, also those whose taking was not said.
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

    /// Returns once so many mails have been taken.
    pub async fn wait_for(&self, mails: usize) {
        self.shared.taken.subscribe().wait_for(|taken| *taken >= mails).await.expect("the relay lives");
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Changes what goes wrong from here on.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        lock(&self.shared.script).faults = faults;
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
                _ = converse(tcp, &shared) => {}
            }
        });
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

async fn converse(tcp: TcpStream, shared: &Shared) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let script = lock(&shared.script).clone();
    match script.tls.clone() {
        Some(tls) if script.implicit_tls => {
            let stream = Box::new(tls.accept(tcp).await?);
            Conversation::new(stream, shared, script, true).run(true).await.map(|_| ())
        }
        tls => {
            // The plain part runs on the socket itself, which the handshake then takes over.
            let Some(tcp) = Conversation::new(tcp, shared, script.clone(), false).run(true).await? else {
                return Ok(());
            };
            let stream = Box::new(tls.expect("STARTTLS is only taken with a certificate").accept(tcp).await?);
            Conversation::new(stream, shared, script, true).run(false).await.map(|_| ())
        }
    }
}

struct Conversation<'a, S> {
    stream: S,
    shared: &'a Shared,
    script: Script,
    encrypted: bool,
    input: Vec<u8>,
    output: Vec<u8>,
    logged_in: bool,
    /// Base64 lines of a login under way.
    login: Option<VecDeque<String>>,
    mail: Option<Mail>,
}

enum Next {
    GoOn,
    StartTls,
    ReadMessage,
    Stop,
}

impl<'a, S: Stream> Conversation<'a, S> {
    fn new(stream: S, shared: &'a Shared, script: Script, encrypted: bool) -> Self {
        let logged_in = script.login.is_none();
        let (input, output) = (Vec::with_capacity(16 * 1024), Vec::new());
        Self { stream, shared, script, encrypted, input, output, logged_in, login: None, mail: None }
    }

    /// Talks until one side hangs up. Returns the stream if TLS is to begin on it.
    async fn run(mut self, greet: bool) -> io::Result<Option<S>> {
        if greet && !self.answer(Step::Greeting, "220 relay.test ready\r\n").await? {
            self.flush().await?;
            return Ok(None);
        }
        loop {
            let Some(line) = self.line().await? else { return Ok(None) };
            match self.command(&line).await? {
                Next::GoOn => {}
                Next::StartTls => {
                    self.flush().await?;
                    return Ok(Some(self.stream));
                }
                Next::ReadMessage if self.message().await? => {}
                Next::ReadMessage | Next::Stop => {
                    self.flush().await?;
                    return Ok(None);
                }
            }
        }
    }

    async fn command(&mut self, line: &str) -> io::Result<Next> {
        if let Some(lines) = &mut self.login {
            lines.push_back(line.to_owned());
            return self.go_on_with_login().await;
        }
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        self.note(if verb == "AUTH" { "AUTH" } else { line });
        let open = match verb.as_str() {
            "EHLO" | "HELO" => {
                let hello = self.hello();
                self.answer(Step::Hello, &hello).await?
            }
            "STARTTLS" if self.offers_starttls() => {
                return Ok(if self.answer(Step::StartTls, "220 go ahead\r\n").await? {
                    Next::StartTls
                } else {
                    Next::Stop
                });
            }
            "AUTH" => {
                self.login = Some(line.split_ascii_whitespace().skip(1).map(str::to_owned).collect());
                return self.go_on_with_login().await;
            }
            "MAIL" if !self.logged_in => self.say("530 5.7.0 Authentication required\r\n"),
            "MAIL" => {
                let open = self.answer(Step::Mail, "250 2.1.0 ok\r\n").await?;
                if self.said(b'2') {
                    self.mail = Some(Mail { from: path(line), encrypted: self.encrypted, ..Mail::default() });
                }
                open
            }
            "RCPT" if self.mail.is_none() => self.say("503 5.5.1 MAIL first\r\n"),
            "RCPT" => {
                let open = self.answer(Step::Recipient, "250 2.1.5 ok\r\n").await?;
                if self.said(b'2') {
                    self.mail.iter_mut().for_each(|mail| mail.to.push(path(line)));
                }
                open
            }
            "DATA" if self.mail.as_ref().is_none_or(|mail| mail.to.is_empty()) => {
                self.say("554 5.5.1 no valid recipients\r\n")
            }
            "DATA" => {
                let open = self.answer(Step::Data, "354 end with a dot\r\n").await?;
                if open && self.said(b'3') {
                    return Ok(Next::ReadMessage);
                }
                open
            }
            "RSET" => {
                self.mail = None;
                self.answer(Step::Reset, "250 2.0.0 forgotten\r\n").await?
            }
            "NOOP" => self.say("250 2.0.0 ok\r\n"),
            "QUIT" => {
                self.say("221 2.0.0 bye\r\n");
                false
            }
            _ => self.say("502 5.5.2 not known here\r\n"),
        };
        Ok(if open { Next::GoOn } else { Next::Stop })
    }

    fn offers_starttls(&self) -> bool {
        self.script.tls.is_some() && !self.encrypted
    }

    fn hello(&self) -> String {
        let mut lines = vec!["relay.test".to_owned(), "SIZE 10240000".to_owned(), "8BITMIME".to_owned()];
        if self.script.pipelining {
            lines.push("PIPELINING".to_owned());
        }
        if self.offers_starttls() {
            lines.push("STARTTLS".to_owned());
        } else if self.script.login.is_some() {
            lines.push(format!("AUTH {}", self.script.mechanisms));
        }
        let last = lines.len() - 1;
        lines
            .iter()
            .enumerate()
            .map(|(i, line)| format!("250{}{line}\r\n", if i == last { ' ' } else { '-' }))
            .collect()
    }

    async fn go_on_with_login(&mut self) -> io::Result<Next> {
        let lines = self.login.clone().unwrap_or_default();
        let plain = lines.front().is_some_and(|mechanism| mechanism.eq_ignore_ascii_case("PLAIN"));
        if lines.len() < if plain { 2 } else { 3 } {
            self.say(if lines.len() == 1 { "334 VXNlcm5hbWU6\r\n" } else { "334 UGFzc3dvcmQ6\r\n" });
            return Ok(Next::GoOn);
        }
        self.login = None;
        let (name, password) = self.script.login.unwrap_or_default();
        let given: Vec<_> = lines.iter().skip(1).map(|line| decoded(line)).collect();
        self.logged_in = if plain {
            given[0] == format!("\0{name}\0{password}").as_bytes()
        } else {
            given[0] == name.as_bytes() && given[1] == password.as_bytes()
        };
        let answer = if self.logged_in { "235 2.7.0 welcome\r\n" } else { "535 5.7.8 wrong name or password\r\n" };
        Ok(if self.answer(Step::Login, answer).await? { Next::GoOn } else { Next::Stop })
    }

    /// Reads the message up to the final dot and answers. False ends the conversation.
    async fn message(&mut self) -> io::Result<bool> {
        self.flush().await?;
        let mut mail = self.mail.take().unwrap_or_default();
        let mut from = 0;
        let end = loop {
            if let Some(end) = end_of_message(&self.input, from) {
                break end;
            }
            from = self.input.len().saturating_sub(5);
            match self.stream.read_buf(&mut self.input).await? {
                0 => return Ok(false),
                read => mail.reads.push(read),
            }
        };
        if self.script.keep {
            mail.raw = unstuffed(&self.input[..end]);
        }
        self.input.drain(..end);
        if !self.script.takes.is_zero() {
            tokio::time::sleep(self.script.takes).await;
        }
        let open = self.answer(Step::Body, "250 2.0.0 taken as 1234\r\n").await?;
        mail.taken = self.said(b'2');
        let taken = mail.taken;
        if self.script.keep {
            lock(&self.shared.mails).push(mail);
        }
        // The count tells a test that the mail is in the list.
        self.shared.taken.send_modify(|count| *count += usize::from(taken));
        Ok(open)
    }

    /// Gives the answer of this step, or whatever the script wants instead. False ends the conversation.
    async fn answer(&mut self, at: Step, answer: &str) -> io::Result<bool> {
        let line = |text: &str| format!("{text}\r\n");
        match fault(self.shared, at) {
            None => Ok(self.say(answer)),
            Some(Act::Say(text)) => {
                self.say(&line(text));
                Ok(!text.starts_with("421"))
            }
            Some(Act::SayAndHangUp(text)) => {
                self.say(&line(text));
                Ok(false)
            }
            Some(Act::HangUp) => Ok(false),
            Some(Act::Silence) => {
                self.flush().await?;
                std::future::pending().await
            }
            Some(Act::Drip) => {
                self.flush().await?;
                for byte in answer.as_bytes() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    self.stream.write_all(&[*byte]).await?;
                    self.stream.flush().await?;
                }
                Ok(true)
            }
        }
    }

    /// Puts an answer with the others that leave together.
    fn say(&mut self, answer: &str) -> bool {
        self.output.extend_from_slice(answer.as_bytes());
        true
    }

    /// Whether the code of the answer that was just given begins so.
    fn said(&self, digit: u8) -> bool {
        let before = self.output.len().saturating_sub(2);
        let start = self.output[..before].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        self.output.get(start) == Some(&digit)
    }

    fn note(&self, line: &str) {
        if self.script.keep {
            lock(&self.shared.commands).push(line.to_owned());
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        if !self.output.is_empty() {
            self.stream.write_all(&self.output).await?;
            self.stream.flush().await?;
            self.output.clear();
        }
        Ok(())
    }

    /// The next command line. What has been said so far leaves before anything is waited for.
    async fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.input.windows(2).position(|pair| pair == b"\r\n") {
                let line = String::from_utf8_lossy(&self.input[..end]).into_owned();
                self.input.drain(..end + 2);
                return Ok(Some(line));
            }
            self.flush().await?;
            if self.stream.read_buf(&mut self.input).await? == 0 {
                return Ok(None);
            }
        }
    }
}

/// What goes wrong here and now.
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

/// The index behind the final dot, if it lies behind `from`.
fn end_of_message(input: &[u8], from: usize) -> Option<usize> {
    if input.starts_with(b".\r\n") {
        return Some(3);
    }
    input[from..].windows(5).position(|window| window == b"\r\n.\r\n").map(|start| from + start + 5)
}

fn unstuffed(message: &[u8]) -> Vec<u8> {
    let text = message.strip_suffix(b".\r\n").unwrap_or(message);
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines.flat_map(|line| line.strip_prefix(b".").unwrap_or(line)).copied().collect()
}

/// What stands between the angle brackets.
fn path(line: &str) -> String {
    let start = line.find('<').map_or(0, |start| start + 1);
    line[start..].split('>').next().unwrap_or_default().to_owned()
}

/// Base64 (RFC 4648 § 4), leniently; by hand, so that the benchmark needs no crate for it.
fn decoded(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut out) = (0_u32, 0, Vec::new());
    for value in text.bytes().filter_map(|byte| alphabet.iter().position(|letter| *letter == byte)) {
        bits = (bits << 6 | value as u32) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    out
}
