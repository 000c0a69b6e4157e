//! One connection that is kept and sends requests one behind the other without waiting (RFC 9112 § 9.3.2):
//! many cheap calls in little time, and bytes that no proper client would send.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

/// Far longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A kept connection.
pub struct Wire {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Reply {
    /// The header `name`, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// The bytes of a request with a JSON body; `headers` are whole lines.
pub fn request(method: &str, path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

/// Sends each request on a connection of its own, all at the same moment; the answers in the same order.
pub fn at_once(requests: Vec<(SocketAddr, String)>) -> Vec<Reply> {
    let barrier = Arc::new(Barrier::new(requests.len()));
    let send = |(address, request)| {
        let (barrier, mut wire) = (Arc::clone(&barrier), Wire::to(address));
        thread::spawn(move || {
            wire.open().unwrap();
            barrier.wait();
            wire.call(request).expect("an answer")
        })
    };
    let threads: Vec<_> = requests.into_iter().map(send).collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

impl Wire {
    /// A connection to `address`, opened when it is needed.
    pub fn to(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Opens the connection now.
    pub fn open(&mut self) -> std::io::Result<()> {
        self.open_for(PATIENCE)
    }

    /// Opens it now, with `patience` for each answer.
    pub fn open_for(&mut self, patience: Duration) -> std::io::Result<()> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        self.stream = Some(BufReader::new(stream));
        Ok(())
    }

    /// Whether a connection is kept that the other side has not closed, as every pool looks before it sends.
    pub fn is_open(&self) -> bool {
        let Some(stream) = self.stream.as_ref().map(BufReader::get_ref) else { return false };
        stream.set_nonblocking(true).unwrap();
        let seen = stream.peek(&mut [0]);
        stream.set_nonblocking(false).unwrap();
        seen.is_err_and(|cause| cause.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// Closes the connection.
    pub fn close(&mut self) {
        self.stream = None;
    }

    /// Sends the requests and reads answers until the connection ends; fewer answers than requests mean that the server
    /// closed it.
    pub fn ask(&mut self, requests: &[String]) -> Vec<Reply> {
        let mut replies = Vec::with_capacity(requests.len());
        if self.stream.is_none() && self.open().is_err() {
            return replies;
        }
        let Some(stream) = self.stream.as_mut() else { return replies };
        let sent = stream.get_mut().write_all(requests.concat().as_bytes());
        let is_head = |nth: usize| requests[nth].starts_with("HEAD ");
        while replies.len() < requests.len() {
            let Some(reply) = sent.is_ok().then(|| read(stream, is_head(replies.len()))).flatten() else {
                self.stream = None;
                return replies;
            };
            let is_last = reply.header("connection").is_some_and(|word| word.eq_ignore_ascii_case("close"));
            replies.push(reply);
            if is_last {
                self.stream = None;
                return replies;
            }
        }
        replies
    }

    /// Sends one and reads its answer; none when the connection ended first.
    pub fn call(&mut self, request: String) -> Option<Reply> {
        self.ask(&[request]).pop()
    }
}

fn read(stream: &mut BufReader<TcpStream>, is_head: bool) -> Option<Reply> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut reply = Reply { status: head.get(9..12)?.parse().ok()?, head, body: String::new() };
    let length = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
    let chunked = reply.header("transfer-encoding").is_some();
    assert!(!chunked, "no answer of ours is sent in chunks: {}", reply.head);
    if !is_head {
        let mut body = vec![0; length];
        stream.read_exact(&mut body).ok()?;
        reply.body = String::from_utf8_lossy(&body).into_owned();
    }
    Some(reply)
}
