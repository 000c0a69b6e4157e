//! A closed loop over keep-alive connections: each sends its next request when the answer to the last one is there.
//!
//! One thread drives all connections by readiness. It shares the cores with the server it measures, so it does as
//! little as it can: one `write`, one `read` and one look at the clock for each request, and no allocation.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::Result;
use crate::answer::Answer;
use crate::tally::{Run, Tally};

/// How long answers may take after the end before they are given up as unanswered.
const PATIENCE: Duration = Duration::from_secs(5);

/// Writes the next request, head and body, into the empty buffer. Returns `false` if there is no further request; the
/// run then ends with the last answer. A failure ends it at once.
pub type NextRequest<'a> = dyn FnMut(&mut Vec<u8>) -> Result<bool> + 'a;

/// The address to load, how hard and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Load<'a> {
    /// Where the servers listen; the connections are dealt out to them in turn.
    pub addresses: &'a [SocketAddr],
    /// Connections, each with one request in flight.
    pub connections: usize,
    /// The status of a good answer; others are counted apart.
    pub expected_status: u16,
    /// Driven but not counted at the start.
    pub warm_up: Duration,
    /// Counted from then on.
    pub measured: Duration,
}

impl Load<'_> {
    /// Opens the connections and sends requests until the time is over. Fails if the server cannot be reached or an
    /// answer cannot be read; a bad status or a broken connection is counted.
    pub fn run(&self, next_request: &mut NextRequest<'_>) -> Result<Run> {
        let mut driver = Driver::open(self, next_request)?;
        driver.drive()?;
        Ok(driver.tally.finish(driver.in_flight))
    }
}

struct Driver<'a, 'b> {
    addresses: &'a [SocketAddr],
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
    fn open(load: &Load<'a>, next_request: &'a mut NextRequest<'b>) -> Result<Self> {
        let poll = Poll::new()?;
        let connections = (0..load.connections)
            .map(|index| Connection::open(address_of(load.addresses, index), &poll, index))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            addresses: load.addresses,
            next_request,
            poll,
            connections,
            in_flight: 0,
            request: Vec::with_capacity(1024),
            arrived: vec![0; 64 * 1024].into_boxed_slice(),
            tally: Tally::starting(load.expected_status, load.warm_up, load.measured),
        })
    }

    fn drive(&mut self) -> Result<()> {
        let mut events = Events::with_capacity(1024);
        for index in 0..self.connections.len() {
            self.ask(index, Instant::now())?;
        }
        while self.in_flight > 0 && Instant::now() < self.tally.ends_at() + PATIENCE {
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
                    self.reopen(index)?;
                }
                self.ask(index, now)
            }
            (Arrival::Answer(_), None) => Err("The server answered without being asked.".into()),
            (_, None) => Ok(()),
            (_, Some(_)) => {
                self.tally.lose_connection();
                self.reopen(index)?;
                self.ask(index, now)
            }
        }
    }

    fn reopen(&mut self, index: usize) -> Result<()> {
        self.connections[index] = Connection::open(address_of(self.addresses, index), &self.poll, index)?;
        Ok(())
    }

    /// Sends the next request on this connection, unless the time is over or nothing is left to ask.
    fn ask(&mut self, index: usize, now: Instant) -> Result<()> {
        if now >= self.tally.ends_at() {
            return Ok(());
        }
        self.request.clear();
        if !(self.next_request)(&mut self.request)? {
            self.tally.nothing_left();
            return Ok(());
        }
        if !self.connections[index].send(&self.request)? {
            self.tally.lose_connection();
            self.reopen(index)?;
            self.connections[index].send(&self.request)?;
        }
        self.connections[index].sent_at = Some(now);
        self.in_flight += 1;
        Ok(())
    }
}

fn address_of(addresses: &[SocketAddr], connection: usize) -> SocketAddr {
    addresses[connection % addresses.len()]
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

#[cfg(test)]
mod tests;
