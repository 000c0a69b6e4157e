//! A socket with time limits for its peer: a client that never reads, or never finishes a head, would otherwise hold
//! its connection for ever. It also knows whether the client has begun a request, so that closing it cuts off neither a
//! request that has just arrived nor an answer that has just left.

use std::future::Future;
use std::io::{self, IoSlice};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::heads::Heads;
use super::line::Line;

/// The connection, and the deadline of a write that makes no progress.
pub(super) struct Stalling {
    line: Line,
    patience: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    heads: Heads,
    waiting: Option<Pin<Box<Sleep>>>,
    lingering: Option<Pin<Box<Sleep>>>,
    /// True once bytes have arrived after our last response: a new request has begun and must be answered. Bytes
    /// pipelined before the response may be dropped, since the client cannot expect the connection to stay open.
    has_begun: bool,
    silence: Silence,
}

/// Tells the task that wants to close a connection whether its client has begun another request.
#[derive(Clone, Default)]
pub(super) struct Silence(Arc<AtomicU8>);

/// How long bytes that still arrive are drained: closing the connection on them would destroy the answer.
const LINGER: Duration = Duration::from_secs(2);

const NOT_ASKED: u8 = 0;
const ASKED: u8 = 1;
const SILENT: u8 = 2;

impl Silence {
    /// Polls the connection until it ends (true) or is found to have no request begun (false).
    pub(super) async fn comes_within(&self, mut connection: Pin<&mut impl Future>) -> bool {
        std::future::poll_fn(|context| {
            self.0.store(ASKED, Ordering::Relaxed);
            let is_over = connection.as_mut().poll(context).is_ready();
            let is_silent = self.0.swap(NOT_ASKED, Ordering::Relaxed) == SILENT;
            if is_over || is_silent { Poll::Ready(is_over) } else { Poll::Pending }
        })
        .await
    }

    fn is_asked_for(&self) -> bool {
        self.0.load(Ordering::Relaxed) == ASKED
    }

    fn mark_found(&self) {
        self.0.store(SILENT, Ordering::Relaxed);
    }

    /// Something arrived after all.
    fn mark_broken(&self) {
        let _ = self.0.compare_exchange(SILENT, ASKED, Ordering::Relaxed, Ordering::Relaxed);
    }
}

impl Stalling {
    /// Wraps a connection. The peer must read within `patience` and send as `heads` demands.
    pub(super) fn new(line: Line, patience: Duration, heads: Heads) -> Self {
        let (stalled, waiting, lingering, silence) = (None, None, None, Silence::default());
        Self { line, patience, stalled, heads, waiting, lingering, has_begun: false, silence }
    }

    pub(super) fn silence(&self) -> Silence {
        self.silence.clone()
    }

    /// Whether nothing has arrived, including bytes that the runtime has not noticed yet.
    fn has_come_nothing(&self) -> bool {
        let looked =
            self.line.stream().as_fd().try_clone_to_owned().map(|fd| std::net::TcpStream::from(fd).peek(&mut [0]));
        // If the system cannot peek, the runtime's word counts.
        looked.map_or(true, |came| came.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock))
    }

    fn watch<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        let has_left = self.line.socket().take_left();
        if outcome.is_ready() {
            self.stalled = None;
            self.heads.sent(Instant::now());
            return outcome;
        }
        // Under TLS a part may have left.
        if has_left {
            self.stalled = None;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| {
            let mut timer = Box::pin(sleep(patience));
            timer.as_mut().reset(Instant::now() + patience);
            timer
        });
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Watches what is sent beside the writes themselves: under TLS the rest of a write may still wait here.
    fn watch_rest(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<()>>) -> Poll<io::Result<()>> {
        if outcome.is_pending() || self.stalled.is_some() { self.watch(cx, outcome) } else { outcome }
    }
}

impl Stalling {
    /// Ready when the client's time is over. Bytes that the runtime has not noticed yet are read first, and the
    /// client's time does not run while we send.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.heads.deadline().filter(|_| self.stalled.is_none()) else { return Poll::Pending };
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if waiting.deadline() > deadline {
            waiting.as_mut().reset(deadline);
        }
        ready!(waiting.as_mut().poll(cx));
        // The timer was mostly set for an earlier request: checking it here is cheaper than setting it anew for each
        // request.
        if Instant::now() < deadline {
            waiting.as_mut().reset(deadline);
            ready!(waiting.as_mut().poll(cx));
        }
        if self.has_come_nothing() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let lingering = self.lingering.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        let mut unread = [0; 4096];
        while lingering.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut unread);
            let is_read = ready!(Pin::new(&mut self.line).poll_read(cx, &mut buffer)).is_ok();
            if !is_read || buffer.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(())
    }
}

impl AsyncRead for Stalling {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.line).poll_read(cx, buffer);
        let has_come = buffer.filled().len() > before;
        // Under TLS a request begins with the first byte of its record, which can be read only as a whole.
        if self.line.socket().take_come() || has_come {
            self.has_begun = true;
            self.silence.mark_broken();
        }
        if has_come {
            self.heads.come(&buffer.filled()[before..], Instant::now());
        } else if self.silence.is_asked_for() && outcome.is_pending() && !self.has_begun && self.has_come_nothing() {
            self.silence.mark_found();
        }
        if outcome.is_pending() && self.poll_over(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        outcome
    }
}

impl AsyncWrite for Stalling {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.line).poll_write(cx, bytes);
        self.has_begun &= outcome.is_pending();
        self.watch(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.line).poll_write_vectored(cx, slices);
        self.has_begun &= outcome.is_pending();
        self.watch(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.line.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.line).poll_flush(cx);
        ready!(self.watch_rest(cx, flushed))?;
        // A reader that polled before this answer left is not polled again by itself: wake it.
        if self.poll_over(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            let shut = Pin::new(&mut self.line).poll_shutdown(cx);
            ready!(self.watch_rest(cx, shut))?;
        }
        if self.heads.is_midway() { self.poll_linger(cx).map(Ok) } else { Poll::Ready(Ok(())) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream as Client};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::http::heads::Patience;
    use crate::http::socket::Socket;
    use crate::http::stream::Stream;

    fn connected() -> (Client, Stalling) {
        connected_for(Duration::from_secs(5))
    }

    /// A connection with this much time for each head.
    fn connected_for(head: Duration) -> (Client, Stalling) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::connect(listener.local_addr().unwrap()).unwrap();
        let stream = listener.accept().unwrap().0;
        stream.set_nonblocking(true).unwrap();
        let patience = Duration::from_secs(5);
        let heads = Heads::new(Patience { idle: head, head });
        let line = Line::Plain(Socket::new(Stream::Network(TcpStream::from_std(stream).unwrap())));
        (client, Stalling::new(line, patience, heads))
    }

    /// Answers each three letters with one letter, endlessly.
    async fn answer_each(mut stream: Stalling) {
        let mut asked = [0; 3];
        while stream.read_exact(&mut asked).await.is_ok() && stream.write_all(b"!").await.is_ok() {}
    }

    async fn soon<T>(outcome: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(Duration::from_secs(5), outcome).await.ok()
    }

    #[tokio::test]
    async fn who_wants_nothing_can_be_left_at_once() {
        let (_client, stream) = connected();
        let silence = stream.silence();
        assert_eq!(soon(silence.comes_within(std::pin::pin!(answer_each(stream)))).await, Some(false));
    }

    #[tokio::test]
    async fn what_came_is_answered_though_the_runtime_has_not_heard_of_it() {
        let (mut client, stream) = connected();
        let silence = stream.silence();
        // This runtime has one thread, so it cannot have looked in between.
        client.write_all(b"ask").unwrap();
        assert_eq!(soon(silence.comes_within(std::pin::pin!(answer_each(stream)))).await, Some(false));
        let mut answer = [0];
        client.set_nonblocking(true).unwrap();
        assert_eq!(client.read(&mut answer).unwrap(), 1);
    }

    #[tokio::test]
    async fn what_came_by_the_end_of_its_time_is_read_before_the_end() {
        let (mut client, mut stream) = connected_for(Duration::ZERO);
        // This runtime has one thread, so it cannot have looked in between.
        client.write_all(b"ask").unwrap();
        let mut asked = [0; 3];
        assert!(soon(stream.read_exact(&mut asked)).await.is_some_and(|read| read.is_ok()));
        let ended = soon(stream.read_exact(&mut asked)).await.map(|read| read.unwrap_err().kind());
        assert_eq!(ended, Some(io::ErrorKind::TimedOut));
    }

    #[tokio::test]
    async fn half_a_request_is_waited_for() {
        let (mut client, stream) = connected();
        let silence = stream.silence();
        client.write_all(b"a").unwrap();
        let mut connection = std::pin::pin!(answer_each(stream));
        let wait = Duration::from_millis(50);
        assert!(tokio::time::timeout(wait, silence.comes_within(connection.as_mut())).await.is_err());
        client.write_all(b"sk").unwrap();
        assert_eq!(soon(silence.comes_within(connection)).await, Some(false));
    }
}
