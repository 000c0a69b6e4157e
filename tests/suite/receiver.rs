//! A server as those that webhooks call: it keeps what it is sent and answers as a test wants.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

/// What it answers to a request.
#[derive(Clone)]
pub enum Say {
    /// A status, with further lines of the head.
    Status(u16, &'static str),
    /// Nothing, until the other side gives up.
    Nothing,
    /// 200 and a body without end.
    Flood,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Came {
    /// Its lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl Came {
    /// The header of this name.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The body, which is JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// What happened.
    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// The id of the delivery.
    pub fn id(&self) -> String {
        self.header("webhook-id").to_owned()
    }
}

#[derive(Default)]
struct State {
    came: Vec<Came>,
    script: VecDeque<Say>,
    /// On their way at the same moment, at most.
    at_once: usize,
    now: usize,
}

/// The server.
pub struct Receiver {
    /// The port of 127.0.0.1.
    pub port: u16,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Receiver {
    /// Answers 204 to everything.
    pub fn start() -> Self {
        Self::saying(Vec::new())
    }

    /// Answers so to the first requests, and 204 to all behind them.
    pub fn saying(script: Vec<Say>) -> Self {
        Self::listening(script, None)
    }

    /// Answers 204 to everything, over TLS.
    pub fn in_tls(tls: Arc<ServerConfig>) -> Self {
        Self::listening(Vec::new(), Some(tls))
    }

    fn listening(script: Vec<Say>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state: Arc<(Mutex<State>, Condvar)> = Arc::default();
        state.0.lock().unwrap().script = script.into();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, tls) = (Arc::clone(&shared), tls.clone());
                thread::spawn(move || match tls {
                    None => answer(stream, &shared),
                    Some(tls) => answer(StreamOwned::new(ServerConnection::new(tls).unwrap(), stream), &shared),
                });
            }
        });
        Self { port, state }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/in", self.port)
    }

    /// What it answers next.
    pub fn say(&self, script: Vec<Say>) {
        self.state.0.lock().unwrap().script = script.into();
    }

    /// Everything that came.
    pub fn came(&self) -> Vec<Came> {
        self.state.0.lock().unwrap().came.clone()
    }

    /// The most requests that were here at the same moment.
    pub fn most_at_once(&self) -> usize {
        self.state.0.lock().unwrap().at_once
    }

    /// Waits until so many have come.
    pub fn wait_for(&self, count: usize) -> Vec<Came> {
        let (state, changed) = &*self.state;
        let end = Instant::now() + Duration::from_secs(40);
        let mut held = state.lock().unwrap();
        while held.came.len() < count {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{} of {count} requests came: {:?}", held.came.len(), held.came);
            held = changed.wait_timeout(held, left).unwrap().0;
        }
        held.came.clone()
    }

    /// Waits until one of this kind has come.
    pub fn wait_for_kind(&self, kind: &str) -> Came {
        let end = Instant::now() + Duration::from_secs(40);
        loop {
            if let Some(came) = self.came().into_iter().find(|came| came.kind() == kind) {
                return came;
            }
            assert!(Instant::now() < end, "no {kind} came, but {:?}", self.came());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn answer(mut stream: impl Read + Write, shared: &(Mutex<State>, Condvar)) {
    let Some(came) = read(&mut stream) else { return };
    let say = {
        let mut state = shared.0.lock().unwrap();
        state.now += 1;
        state.at_once = state.at_once.max(state.now);
        state.script.pop_front().unwrap_or(Say::Status(204, ""))
    };
    // What has come counts before it is acknowledged.
    shared.0.lock().unwrap().came.push(came);
    shared.1.notify_all();
    match say {
        Say::Status(status, lines) => {
            let _ = write!(stream, "HTTP/1.1 {status} As told\r\n{lines}content-length: 0\r\n\r\n");
        }
        Say::Nothing => _ = stream.read(&mut [0; 1]),
        Say::Flood => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n");
            while stream.write_all(&[b'x'; 65_536]).is_ok() {}
        }
    }
    shared.0.lock().unwrap().now -= 1;
}

fn read(stream: &mut impl Read) -> Option<Came> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Came { headers, body: String::from_utf8(body).unwrap() })
}
