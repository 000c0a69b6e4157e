//! A closed loop over keep-alive connections: each sends its next request when the answer to the last one is there.
//!
//! One thread drives all connections by readiness. It shares the cores with the server it measures, so it does as
//! little as it can: one `write`, one `read` and one look at the clock for each request, and no allocation.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::Result;
use crate::answer::Answer;
use crate::histogram::Histogram;

/// How long answers may take after the end before they are given up as unanswered.
const PATIENCE: Duration = Duration::from_secs(5);

/// Writes the next request, head and body, behind what is in the buffer (which is empty). Says `false` when there is
/// nothing more to ask; the run then ends with the last answer.
pub type NextRequest<'a> = dyn FnMut(&mut Vec<u8>) -> bool + 'a;

/// What to drive, how hard and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Where the server listens.
    pub address: SocketAddr,
    /// Connections, each with one request in flight.
    pub connections: usize,
    /// The status of a good answer; others are counted apart.
    pub expected_status: u16,
    /// Driven but not counted at the start.
    pub warm_up: Duration,
    /// Counted from then on.
    pub measured: Duration,
}

/// What came of it. Rates and latencies are those of the good answers.
#[derive(Debug, Clone)]
pub struct Run {
    /// Good answers for each second.
    pub per_second: f64,
    /// Half of the answers took at most this long, in milliseconds.
    pub p50_ms: f64,
    /// Nine of ten did.
    pub p90_ms: f64,
    /// 99 of 100 did.
    pub p99_ms: f64,
    /// 999 of 1000 did.
    pub p999_ms: f64,
    /// The longest.
    pub max_ms: f64,
    /// Answers with another status than the expected one, by status.
    pub errors_by_status: BTreeMap<u16, u64>,
    /// Connections that broke while an answer was due.
    pub connections_lost: u64,
    /// Requests without an answer five seconds after the end.
    pub unanswered: usize,
    /// The length of the measured time.
    pub seconds: f64,
}

impl Run {
    /// What was not as it should be, in a sentence; `None` if every request had its good answer.
    pub fn complaint(&self) -> Option<String> {
        let mut parts: Vec<String> = self
            .errors_by_status
            .iter()
            .map(|(status, count)| format!("{count} answers had status {status}"))
            .collect();
        if self.connections_lost > 0 {
            parts.push(format!("{} connections broke", self.connections_lost));
        }
        if self.unanswered > 0 {
            parts.push(format!("{} requests had no answer", self.unanswered));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

impl Load {
    /// Opens the connections and drives them until the time is over. Fails if the server cannot be reached or answers
    /// what cannot be read; a bad status or a broken connection is counted.
    pub fn run(&self, next_request: &mut NextRequest<'_>) -> Result<Run> {
        let mut driver = Driver::open(self, next_request)?;
        driver.drive()?;
        Ok(driver.tally.finish(driver.in_flight))
    }
}

struct Driver<'a, 'b> {
    address: SocketAddr,
    next_request: &'a mut NextRequest<'b>,
    poll: Poll,
    connections: Vec<Connection>,
    in_flight: usize,
    request: Vec<u8>,
    arrived: Box<[u8]>,
    tally: Tally,
}

struct Connection {
    stream: TcpStream,
    sent_at: Option<Instant>,
    /// The rest of a request that the socket did not take at once.
    unsent: Vec<u8>,
    /// The beginning of an answer whose end is still to come.
    begun: Vec<u8>,
}

enum Arrival {
    Answer(Answer),
    NotYet,
    Broken,
}

impl<'a, 'b> Driver<'a, 'b> {
    fn open(load: &Load, next_request: &'a mut NextRequest<'b>) -> Result<Self> {
        let poll = Poll::new()?;
        let connections = (0..load.connections)
            .map(|index| Connection::open(load.address, &poll, index))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            address: load.address,
            next_request,
            poll,
            connections,
            in_flight: 0,
            request: Vec::with_capacity(1024),
            arrived: vec![0; 64 * 1024].into_boxed_slice(),
            tally: Tally::starting(load),
        })
    }

    fn drive(&mut self) -> Result<()> {
        let mut events = Events::with_capacity(1024);
        for index in 0..self.connections.len() {
            self.ask(index, Instant::now())?;
        }
        while self.in_flight > 0 && Instant::now() < self.tally.ends_at + PATIENCE {
            match self.poll.poll(&mut events, Some(Duration::from_millis(100))) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            for event in &events {
                self.look_at(event.token().0)?;
            }
        }
        Ok(())
    }

    fn look_at(&mut self, index: usize) -> Result<()> {
        let connection = &mut self.connections[index];
        connection.send_rest()?;
        let arrival = connection.receive(&mut self.arrived)?;
        if matches!(arrival, Arrival::NotYet) {
            return Ok(());
        }
        let now = Instant::now();
        let sent_at = connection.sent_at.take();
        self.in_flight -= usize::from(sent_at.is_some());
        match (arrival, sent_at) {
            (Arrival::Answer(answer), Some(sent_at)) => {
                self.tally.count(answer.status, sent_at, now);
                if !answer.keeps_alive {
                    *connection = Connection::open(self.address, &self.poll, index)?;
                }
                self.ask(index, now)
            }
            (Arrival::Answer(_), None) => Err("The server answered without being asked.".into()),
            (_, None) => Ok(()),
            (_, Some(_)) => {
                self.tally.connections_lost += 1;
                self.connections[index] = Connection::open(self.address, &self.poll, index)?;
                self.ask(index, now)
            }
        }
    }

    /// Sends the next request on this connection, unless the time is over or nothing is left to ask.
    fn ask(&mut self, index: usize, now: Instant) -> Result<()> {
        if now >= self.tally.ends_at {
            return Ok(());
        }
        self.request.clear();
        if !(self.next_request)(&mut self.request) {
            self.tally.ran_out = true;
            return Ok(());
        }
        if !self.connections[index].send(&self.request)? {
            self.tally.connections_lost += 1;
            self.connections[index] = Connection::open(self.address, &self.poll, index)?;
            self.connections[index].send(&self.request)?;
        }
        self.connections[index].sent_at = Some(now);
        self.in_flight += 1;
        Ok(())
    }
}

impl Connection {
    fn open(address: SocketAddr, poll: &Poll, index: usize) -> Result<Self> {
        let stream = std::net::TcpStream::connect(address)
            .map_err(|error| format!("The server at {address} cannot be reached: {error}"))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        poll.registry().register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self { stream, sent_at: None, unsent: Vec::new(), begun: Vec::new() })
    }

    /// Says `false` if the connection is broken.
    fn send(&mut self, bytes: &[u8]) -> Result<bool> {
        let mut sent = 0;
        while sent < bytes.len() {
            match self.stream.write(&bytes[sent..]) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.unsent.extend_from_slice(&bytes[sent..]);
                    break;
                }
                Err(error) if is_broken(&error) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    /// A broken connection shows in the `read` that follows.
    fn send_rest(&mut self) -> Result<()> {
        if !self.unsent.is_empty() {
            let rest = std::mem::take(&mut self.unsent);
            self.send(&rest)?;
        }
        Ok(())
    }

    /// Reads until the answer is whole or nothing more is there. An answer that came in one piece, as nearly all do,
    /// is read where it lies; then nothing else can be due, and the second `read` that would say so is saved.
    fn receive(&mut self, arrived: &mut [u8]) -> Result<Arrival> {
        loop {
            let count = match self.stream.read(arrived) {
                Ok(0) => return Ok(Arrival::Broken),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Arrival::NotYet),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if is_broken(&error) => return Ok(Arrival::Broken),
                Err(error) => return Err(error.into()),
            };
            if let Some(answer) = self.take_in(&arrived[..count])? {
                return Ok(Arrival::Answer(answer));
            }
        }
    }

    fn take_in(&mut self, piece: &[u8]) -> Result<Option<Answer>> {
        let (answer, length) = if self.begun.is_empty() {
            (Answer::read(piece)?, piece.len())
        } else {
            self.begun.extend_from_slice(piece);
            (Answer::read(&self.begun)?, self.begun.len())
        };
        match answer {
            None if self.begun.is_empty() => self.begun.extend_from_slice(piece),
            None => {}
            Some(answer) if answer.ends_at < length => return Err("The server answered more than was asked.".into()),
            Some(_) => self.begun.clear(),
        }
        Ok(answer)
    }
}

fn is_broken(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted)
}

/// Counts answers that arrive in the measured time, and the latency of those asked for in it: so a stall at the end
/// is seen although its answers come too late to count.
struct Tally {
    expected_status: u16,
    measured_from: Instant,
    ends_at: Instant,
    good: u64,
    latencies: Histogram,
    errors_by_status: BTreeMap<u16, u64>,
    connections_lost: u64,
    ran_out: bool,
    last_answer_at: Instant,
}

impl Tally {
    fn starting(load: &Load) -> Self {
        let measured_from = Instant::now() + load.warm_up;
        Self {
            expected_status: load.expected_status,
            measured_from,
            ends_at: measured_from + load.measured,
            good: 0,
            latencies: Histogram::new(),
            errors_by_status: BTreeMap::new(),
            connections_lost: 0,
            ran_out: false,
            last_answer_at: measured_from,
        }
    }

    fn count(&mut self, status: u16, sent_at: Instant, now: Instant) {
        if status != self.expected_status {
            *self.errors_by_status.entry(status).or_default() += 1;
            return;
        }
        if now >= self.measured_from && now < self.ends_at {
            self.good += 1;
            self.last_answer_at = now;
        }
        if sent_at >= self.measured_from {
            self.latencies.record(now - sent_at);
        }
    }

    fn finish(self, unanswered: usize) -> Run {
        let end = if self.ran_out { self.last_answer_at } else { self.ends_at };
        let seconds = (end - self.measured_from).as_secs_f64();
        Run {
            per_second: if seconds > 0.0 { self.good as f64 / seconds } else { 0.0 },
            p50_ms: self.latencies.quantile_ms(0.5),
            p90_ms: self.latencies.quantile_ms(0.9),
            p99_ms: self.latencies.quantile_ms(0.99),
            p999_ms: self.latencies.quantile_ms(0.999),
            max_ms: self.latencies.max_ms(),
            errors_by_status: self.errors_by_status,
            connections_lost: self.connections_lost,
            unanswered,
            seconds,
        }
    }
}
