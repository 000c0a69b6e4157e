//! A connection as requests and answers go through it: plain, or with TLS taken off and put on here.

use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::AsyncBufReadExt;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::late;
use super::pass_on::pass_on;
use super::socket::Socket;
use super::stream::Stream;

/// How connections begin.
pub(super) enum Lines {
    Plain,
    Tls(TlsAcceptor),
}

/// An opened connection.
pub(super) enum Line {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
}

/// For clients that were given http where they need https.
const SPEAKS_HTTPS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 96\r\n\
    Connection: close\r\n\r\n\
    This address speaks https, and the request came by http. Begin the URL with https:// and retry.\n";

impl Lines {
    /// In TLS by this certificate; plain without one.
    pub(super) fn new(certificate: Option<Arc<ServerConfig>>) -> Self {
        certificate.map_or(Self::Plain, |certificate| Self::Tls(TlsAcceptor::from(certificate)))
    }

    /// The connection, ready for its first request. `None` if the client has not got so far by `end`.
    pub(super) async fn open(&self, stream: Stream, end: Instant) -> Option<Line> {
        let Self::Tls(acceptor) = self else { return Some(Line::Plain(Socket::new(stream))) };
        // What stays on the machine is not read on the way.
        if matches!(stream, Stream::Local(_)) {
            return Some(Line::Plain(Socket::new(stream)));
        }
        if timeout_at(end, speaks_http(&stream)).await.ok()? {
            late::say_last(stream, SPEAKS_HTTPS, true).await;
            return None;
        }
        let mut stream = timeout_at(end, acceptor.accept(Socket::new(stream))).await.ok()?.ok()?;
        // What came until here was the handshake, and no request.
        stream.get_mut().0.take_come();
        Some(Line::Tls(Box::new(stream)))
    }

    /// Whether a connection that gets no place can be told so without a handshake.
    pub(super) fn are_plain(&self) -> bool {
        matches!(self, Self::Plain)
    }
}

/// Whether the first byte is that of a method; TLS begins with a record of its handshake, 22 (RFC 8446 § 5.1).
async fn speaks_http(stream: &Stream) -> bool {
    let mut first = [0];
    stream.peek(&mut first).await.is_ok_and(|count| count == 1) && first[0].is_ascii_uppercase()
}

impl Line {
    /// The socket beneath.
    pub(super) fn stream(&self) -> &Stream {
        match self {
            Self::Plain(socket) => socket.stream(),
            Self::Tls(stream) => stream.get_ref().0.stream(),
        }
    }

    /// The socket beneath, to ask what went through it.
    pub(super) fn socket(&mut self) -> &mut Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream.get_mut().0,
        }
    }

    /// Waits for the first bytes of a request, copies what fits, and leaves them to be read.
    pub(super) async fn peek(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.stream().peek(buffer).await,
            Self::Tls(stream) => {
                let come = stream.fill_buf().await?;
                let count = come.len().min(buffer.len());
                buffer[..count].copy_from_slice(&come[..count]);
                Ok(count)
            }
        }
    }
}

pass_on!(Line { Plain, Tls });
