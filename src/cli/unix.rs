//! HTTP by a socket of this machine instead of over the network, as a transport of the client.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedSender;
use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport};

/// How a connection is made.
pub enum Way {
    /// To the process that listens there.
    Socket(PathBuf),
    /// To this process, which takes the other end from the channel and serves it on this runtime.
    Here(UnboundedSender<tokio::net::UnixStream>, Handle),
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(path) => write!(f, "{}", path.display()),
            Self::Here(..) => write!(f, "this process"),
        }
    }
}

impl Way {
    fn open(&self) -> std::io::Result<UnixStream> {
        let (taken, runtime) = match self {
            Self::Socket(path) => return UnixStream::connect(path),
            Self::Here(taken, runtime) => (taken, runtime),
        };
        let (ours, theirs) = UnixStream::pair()?;
        theirs.set_nonblocking(true)?;
        let _context = runtime.enter();
        let theirs = tokio::net::UnixStream::from_std(theirs)?;
        taken.send(theirs).map_err(|_| ErrorKind::BrokenPipe)?;
        Ok(ours)
    }
}

impl Connector for Way {
    type Out = Line;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Line>, Error> {
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Line { stream: self.open()?, buffers }))
    }
}

/// A connection, which serves for one call.
#[derive(Debug)]
pub struct Line {
    stream: UnixStream,
    buffers: LazyBuffers,
}

impl Transport for Line {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.set_write_timeout(timeout.not_zero().map(|time| *time))?;
        let output = &self.buffers.output()[..amount];
        self.stream.write_all(output).map_err(|cause| timely(cause, timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.set_read_timeout(timeout.not_zero().map(|time| *time))?;
        let input = self.buffers.input_append_buf();
        let amount = self.stream.read(input).map_err(|cause| timely(cause, timeout))?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        false
    }
}

fn timely(cause: std::io::Error, timeout: NextTimeout) -> Error {
    match cause.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Error::Timeout(timeout.reason),
        _ => Error::Io(cause),
    }
}
