//! A connection as the system knows it: over the network, or by the socket in the data directory.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};

use tokio::net::{TcpStream, UnixStream};

use super::pass_on::pass_on;

/// Either of them.
pub(super) enum Stream {
    /// Over the network.
    Network(TcpStream),
    /// From a process of this machine that may open the data directory.
    Local(UnixStream),
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    pub(super) is_local: bool,
}

impl Peer {
    /// Of a connection over the network.
    pub(super) fn at(address: SocketAddr) -> Self {
        Self { address, is_local: false }
    }

    /// Of a connection by the socket.
    pub(super) fn local() -> Self {
        Self { address: (Ipv4Addr::LOCALHOST, 0).into(), is_local: true }
    }
}

impl Stream {
    /// Sends what is written at once.
    pub(super) fn hurry(&self) {
        if let Self::Network(stream) = self {
            let _ = stream.set_nodelay(true);
        }
    }

    /// Waits for bytes over the network, copies what fits, and leaves them to be read. By the socket nothing is looked at
    /// before it is read.
    pub(super) async fn peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Network(stream) => stream.peek(buffer).await,
            Self::Local(_) => Ok(0),
        }
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Network(stream) => stream.as_fd(),
            Self::Local(stream) => stream.as_fd(),
        }
    }
}

pass_on!(Stream { Network, Local });
