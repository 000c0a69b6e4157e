//! What a failure of the engine means for the work at hand.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

use tokio_postgres::error::SqlState;

use crate::error::{Error, Kind};
use crate::store::tx::changed_meanwhile;

/// Why something did not go through.
#[derive(Debug)]
pub(super) enum Failure {
    /// The connection is gone, or leads to a server that takes no writes.
    Lost(Error),
    /// Another transaction was in the way; the same again will do.
    Again(Error),
    /// What was to be written is not as it was found. It is the same at the next try unless others were let in.
    Meanwhile(Error),
    /// The server cannot now, whatever is asked of it.
    Busy(Error),
    /// Anything else. It will be the same at the next try.
    Other(Error),
}

/// A server that is there and says nothing.
#[derive(Debug)]
pub(super) struct Silent {
    /// Where it is.
    pub(super) place: String,
    /// How long it was waited for.
    pub(super) patience: Duration,
}

impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} said nothing for {:?}", self.place, self.patience)
    }
}

impl std::error::Error for Silent {}

impl Failure {
    pub(super) fn silent(silent: Silent) -> Self {
        Self::Lost(gone().caused_by(silent))
    }

    /// How much it tells of why a server could not be used: 2 that it says nothing, 1 what it said, 0 that none was there.
    pub(super) fn weight(&self) -> u8 {
        let Some(cause) = self.error().cause.as_ref() else { return 1 };
        if cause.is::<Silent>() {
            return 2;
        }
        let below = cause.downcast_ref::<tokio_postgres::Error>().and_then(|cause| cause.source());
        let io = below.and_then(|below| below.downcast_ref::<io::Error>()).map(io::Error::kind);
        let is_absent = matches!(
            io,
            Some(
                io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::NotFound
                    | io::ErrorKind::TimedOut
                    | io::ErrorKind::HostUnreachable
                    | io::ErrorKind::NetworkUnreachable
            )
        );
        u8::from(!is_absent)
    }

    fn error(&self) -> &Error {
        let (Self::Lost(error) | Self::Again(error) | Self::Meanwhile(error) | Self::Busy(error) | Self::Other(error)) =
            self;
        error
    }

    pub(super) fn other(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Other(Error::internal(cause))
    }

    /// The words of it, for the verb whose statement failed; the cause stays here.
    pub(super) fn told(&self) -> Error {
        self.error().retold()
    }

    /// For the one who asked.
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Lost(error)
            | Self::Again(error)
            | Self::Meanwhile(error)
            | Self::Busy(error)
            | Self::Other(error) => error,
        }
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(cause: tokio_postgres::Error) -> Self {
        let Some(code) = cause.code().cloned() else {
            // What was not said by the server: either the wire broke, or the statement and its values disagree.
            let is_ours = cause.source().is_some_and(|source| !source.is::<std::io::Error>()) && !cause.is_closed();
            return if is_ours { Self::other(cause) } else { Self::Lost(gone().caused_by(cause)) };
        };
        match code {
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => {
                Self::Again(busy().caused_by(cause))
            }
            // The only one who divides is the statement that counts what it has changed.
            SqlState::DIVISION_BY_ZERO => Self::Meanwhile(changed_meanwhile().caused_by(cause)),
            SqlState::UNIQUE_VIOLATION => Self::Meanwhile(Error::internal(cause)),
            SqlState::LOCK_NOT_AVAILABLE | SqlState::QUERY_CANCELED => Self::Busy(late().caused_by(cause)),
            SqlState::DISK_FULL | SqlState::OUT_OF_MEMORY | SqlState::IO_ERROR => Self::Busy(full().caused_by(cause)),
            SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::TOO_MANY_CONNECTIONS
            | SqlState::READ_ONLY_SQL_TRANSACTION
            | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Self::Lost(gone().caused_by(cause)),
            _ if code.code().starts_with("08") => Self::Lost(gone().caused_by(cause)),
            _ => Self::Other(Error::internal(cause)),
        }
    }
}

fn gone() -> Error {
    Error::unavailable("The database cannot be reached at the moment. Nothing was changed; try again shortly.", 2)
}

fn busy() -> Error {
    Error::unavailable("The store is busy. Nothing was changed; try again shortly.", 1)
}

fn late() -> Error {
    Error::new(Kind::Timeout, "Another change held this up for too long. Nothing was changed; try again.")
}

fn full() -> Error {
    Error::unavailable("The store cannot be written at the moment. Nothing was changed; try again shortly.", 5)
}
