//! A socket that knows whether bytes went through it. Under TLS nothing else tells: what has come may not be a whole record
//! yet, and what was written may still wait.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::stream::Stream;

/// The socket of one connection.
pub(super) struct Socket {
    stream: Stream,
    has_come: bool,
    has_left: bool,
}

impl Socket {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, has_come: false, has_left: false }
    }

    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Whether bytes have come since this was last asked.
    pub(super) fn take_come(&mut self) -> bool {
        std::mem::take(&mut self.has_come)
    }

    /// Whether the system has taken bytes for the peer since this was last asked.
    pub(super) fn take_left(&mut self) -> bool {
        std::mem::take(&mut self.has_left)
    }

    fn note(&mut self, written: &Poll<io::Result<usize>>) {
        self.has_left |= matches!(written, Poll::Ready(Ok(1..)));
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.has_come |= buffer.filled().len() > before;
        outcome
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
