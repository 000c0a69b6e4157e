//! Listens, lets connections in as far as there is room, and drains at the end.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use http::Request;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::time::Instant as TokioInstant;

use super::connection::Connections;
use super::heads::{Heads, Patience};
use super::late::{self, Probes};
use super::line::Line;
use super::metrics::{Guard, Metrics};
use super::parts::{Parts, Serving};
use super::reason::Reason;
use super::stall::Stalling;
use super::stream::{Peer, Stream};

/// The server, ready to listen.
pub struct Server {
    parts: Arc<Parts>,
    stop: watch::Sender<bool>,
}

/// Enough for many cookies; nothing else in our heads is large.
const HEAD_MAX: usize = 32 * 1024;
/// How long connections are accepted after the stop signal. Busy clients then get a 503 with `Retry-After` instead of a
/// refused connection.
const LAST_CALL: Duration = Duration::from_millis(100);
/// How long a connection accepted after the stop signal may take to send its request.
const LAST_HEAD: Duration = Duration::from_secs(1);
/// Connections by the socket at a time.
const LOCAL_MAX: usize = 64;
/// Connections that may wait in the kernel to be accepted.
const BACKLOG: usize = 1024;

impl Server {
    /// Puts the parts together.
    pub fn new(serving: Serving, metrics: &Metrics) -> Self {
        Self { parts: Arc::new(Parts::new(serving, metrics)), stop: watch::channel(false).0 }
    }

    /// Serves until `until` ends, then drains: accepts no new connection and finishes the requests under way. By `local` come
    /// the calls of the operator of this machine; they have places of their own.
    pub async fn serve(self, listener: TcpListener, local: Option<UnixListener>, until: impl Future<Output = ()>) {
        let limits = &self.parts.limits;
        let connections = Connections::new(limits.connections_max, limits.connections_per_address_max);
        let late = Connections::new(late::LATE_MAX, late::LATE_PER_ADDRESS_MAX);
        let probes = Arc::new(Probes::among(self.parts.router.operations()));
        let locals = Connections::new(LOCAL_MAX, LOCAL_MAX);
        let let_in = |(stream, peer): (Stream, Peer)| {
            let (parts, stop) = (Arc::clone(&self.parts), self.stop.subscribe());
            let address = peer.address.ip();
            let entered = match peer.is_local {
                true => locals.enter(address, false),
                false => connections.enter(address, (parts.limits.trusted_proxies)(address)),
            };
            match entered {
                Ok(place) => {
                    tokio::spawn(async move {
                        parts.connection(stream, peer, stop).await;
                        drop(place);
                    });
                }
                Err(reason) => {
                    let (probes, place) = (Arc::clone(&probes), late.enter(address, false).ok());
                    tokio::spawn(async move {
                        parts.late((stream, peer), stop, &probes, (reason, place.is_some())).await;
                    });
                }
            }
        };
        let mut end = std::pin::pin!(self.last_call(until));
        loop {
            let accepted = tokio::select! {
                () = &mut end => break,
                accepted = accept(&listener, local.as_ref()) => accepted,
            };
            match accepted {
                Ok(accepted) => let_in(accepted),
                // Out of file descriptors: some connection has to close first.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        last_arrivals(listener).into_iter().for_each(let_in);
        drop(local);
        self.drain(&[&connections, &locals]).await;
    }

    /// Answers one connection of this machine to its end, without listening: for a process that asks itself.
    pub async fn answer(&self, stream: UnixStream) {
        Arc::clone(&self.parts).connection(Stream::Local(stream), Peer::local(), self.stop.subscribe()).await;
    }

    /// Waits for the stop signal, then a moment longer. Requests of that moment get a 503 and the notice that the
    /// connection closes: a close without notice leaves the client in doubt.
    async fn last_call(&self, until: impl Future<Output = ()>) {
        until.await;
        self.parts.is_draining.store(true, Ordering::SeqCst);
        tokio::time::sleep(LAST_CALL).await;
    }

    async fn drain(&self, connections: &[&Connections]) {
        let _ = self.stop.send(true);
        let end = Instant::now() + self.parts.limits.drain;
        wait_until(end, || self.parts.in_flight.count() == 0).await;
        // The last answers still have to be sent.
        wait_until(end.min(Instant::now() + LAST_HEAD), || connections.iter().all(|some| some.are_closed())).await;
    }
}

async fn wait_until(end: Instant, is_so: impl Fn() -> bool) {
    while !is_so() && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The next connection, over the network or by the socket.
async fn accept(listener: &TcpListener, local: Option<&UnixListener>) -> std::io::Result<(Stream, Peer)> {
    tokio::select! {
        accepted = listener.accept() => accepted.map(|(stream, peer)| (Stream::Network(stream), Peer::at(peer))),
        accepted = accept_local(local) => accepted.map(|stream| (Stream::Local(stream), Peer::local())),
    }
}

/// Closing the listener would reset connections in the kernel's queue, whose clients may have sent a request. The runtime may
/// not know of the last of them, so the system is asked directly.
fn last_arrivals(listener: TcpListener) -> Vec<(Stream, Peer)> {
    let Ok(listener) = listener.into_std() else { return Vec::new() };
    let arrivals = std::iter::from_fn(|| listener.accept().ok()).take(BACKLOG).filter_map(|(stream, peer)| {
        stream.set_nonblocking(true).ok()?;
        Some((Stream::Network(TcpStream::from_std(stream).ok()?), Peer::at(peer)))
    });
    arrivals.collect()
}

/// The next connection by the socket; none ever comes where there is no socket.
async fn accept_local(local: Option<&UnixListener>) -> std::io::Result<UnixStream> {
    match local {
        Some(local) => local.accept().await.map(|(stream, _)| stream),
        None => std::future::pending().await,
    }
}

/// A client's visit, from the moment when its connection was accepted.
struct Visit {
    peer: Peer,
    /// Its patience began with the connection: a handshake takes from the time of the first head.
    heads: Heads,
    /// The end of that time.
    end: TokioInstant,
    /// Accepted after the stop signal: nothing was asked on this connection yet, so it gets exactly one answer.
    last: Option<Guard>,
}

impl Visit {
    fn of(peer: Peer, parts: &Parts) -> Self {
        let last = parts.is_draining.load(Ordering::SeqCst).then(|| parts.in_flight.enter());
        let limits = &parts.limits;
        let head = if last.is_some() { limits.header.min(LAST_HEAD) } else { limits.header };
        let heads = Heads::new(Patience { idle: limits.idle, head });
        Self { peer, heads, end: TokioInstant::now() + head, last }
    }
}

impl Parts {
    /// Serves a connection that has its place.
    async fn connection(self: Arc<Self>, stream: Stream, peer: Peer, mut stop: watch::Receiver<bool>) {
        let visit = Visit::of(peer, &self);
        stream.hurry();
        if let Some(line) = self.open(stream, &visit, &mut stop).await {
            self.serve(line, visit, stop, true).await;
        }
    }

    /// The connection, ready for its first request. At the stop signal it has a moment for that: a request may have arrived
    /// right behind the handshake.
    async fn open(&self, stream: Stream, visit: &Visit, stop: &mut watch::Receiver<bool>) -> Option<Line> {
        let mut opening = std::pin::pin!(self.lines.open(stream, visit.end));
        let opened = tokio::select! {
            line = &mut opening => Some(line),
            _ = stop.wait_for(|stop| *stop), if visit.last.is_none() => None,
        };
        match opened {
            Some(line) => line,
            None => tokio::time::timeout(LAST_HEAD, opening).await.ok().flatten(),
        }
    }

    /// Answers a connection beyond the caps if it begins with a probe, otherwise turns it away. It is looked at only if it
    /// has a place among those.
    async fn late(
        self: Arc<Self>,
        (stream, peer): (Stream, Peer),
        stop: watch::Receiver<bool>,
        probes: &Probes,
        (reason, has_place): (Reason, bool),
    ) {
        stream.hurry();
        let end = TokioInstant::now() + late::FIRST_BYTES;
        // Without a handshake nothing can be said in TLS.
        let line = if has_place || self.lines.are_plain() { self.lines.open(stream, end).await } else { None };
        let Some(mut line) = line else { return self.refusals.count(reason) };
        if has_place && probes.begin(&mut line).await {
            let visit = Visit::of(peer, &self);
            self.serve(line, visit, stop, false).await;
        } else {
            self.refusals.count(reason);
            late::say_last(line, late::OVERLOADED, has_place).await;
        }
    }

    /// Answers the requests of an opened connection, one after the other; only the first if it is not kept.
    async fn serve(self: Arc<Self>, line: Line, visit: Visit, mut stop: watch::Receiver<bool>, is_kept: bool) {
        let Visit { peer, heads, last, .. } = visit;
        let stream = Stalling::new(line, self.limits.body, heads.clone());
        let silence = stream.silence();
        let parts = Arc::clone(&self);
        let service = service_fn(move |request: Request<Incoming>| {
            let parts = Arc::clone(&parts);
            let (is_clean, busy) = heads.parsed(request.body().size_hint().exact(), tokio::time::Instant::now());
            async move {
                let response = parts.answer(request, peer, is_clean).await;
                drop(busy);
                Ok::<_, Infallible>(response)
            }
        });
        let mut builder = http1::Builder::new();
        // `Stalling` enforces the time limits.
        builder.header_read_timeout(None).max_buf_size(HEAD_MAX).half_close(false);
        // Answers are small: copying the body behind its headers costs less than a vectored write.
        builder.writev(false).keep_alive(is_kept && last.is_none());
        let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            // Errors of the client's connection concern nobody else.
            _ = &mut connection => return,
            _ = stop.wait_for(|stop| *stop), if last.is_none() => {}
        }
        // Closing on a request that has just arrived would leave its client in doubt. It is answered, as the last on
        // this connection.
        if !silence.comes_within(connection.as_mut()).await {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
