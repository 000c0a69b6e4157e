//! The body of a request on its way: bounded in size and time, and no more asked for than will be read.

use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{StatusCode, Version};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};

use super::body::too_large;
use super::operation::{Body, Operation};
use crate::error::{Error, Result};

/// What is thrown away of a body that nobody reads, so that its connection goes on. A larger one costs more than a new
/// connection.
const UNREAD_MAX: u64 = 64 * 1024;

/// How long such a body may take. Clients send it right behind the head.
const UNREAD: Duration = Duration::from_millis(500);
/// The same where there is no room: to wait for it would keep whoever is refused.
const UNREAD_IN_A_RUSH: Duration = Duration::from_millis(10);

/// The body of a request, on its way.
pub(super) struct Arriving {
    incoming: Incoming,
    /// Whether the client sends it only when it is asked to (RFC 9110 § 10.1.1).
    is_held_back: bool,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unread,
    Read,
    /// Too large, too slow or broken off: where it ends will never be known.
    Lost,
}

impl Arriving {
    pub(super) fn new(incoming: Incoming, version: Version, headers: &HeaderMap) -> Self {
        let is_expected = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
        let is_held_back = version >= Version::HTTP_11 && headers.get_all(header::EXPECT).iter().any(is_expected);
        let state = if incoming.is_end_stream() { State::Read } else { State::Unread };
        Self { incoming, is_held_back, state }
    }

    /// Refuses a body whose announced length is beyond the operation's bound, before any of it is read. One that will not
    /// be looked at may have any.
    pub(super) fn check_length(&self, operation: &Operation) -> Result<()> {
        let is_too_large = self.incoming.size_hint().lower() > operation.body_max as u64;
        if is_too_large && operation.body != Body::None { Err(too_large(operation)) } else { Ok(()) }
    }

    /// All of it, within the operation's bound and `patience`.
    pub(super) async fn read(&mut self, operation: &Operation, patience: Duration) -> Result<Bytes> {
        if self.state == State::Read {
            return Ok(Bytes::new());
        }
        self.state = State::Lost;
        let read = Limited::new(&mut self.incoming, operation.body_max).collect();
        match tokio::time::timeout(patience, read).await {
            Ok(Ok(body)) => {
                self.state = State::Read;
                Ok(body.to_bytes())
            }
            Ok(Err(cause)) if cause.is::<LengthLimitError>() => Err(too_large(operation)),
            Ok(Err(_)) => Err(Error::invalid("The body broke off. Send it whole.")),
            Err(_) => Err(Error::invalid("The body came too slowly. Send it again.")),
        }
    }

    /// Throws away what nobody has read before the answer, if it is small and here soon. Whether the connection can go on:
    /// the next request begins where the body ends, and one that the client holds back may never come.
    pub(super) async fn settle(mut self, answer: StatusCode) -> bool {
        let is_rush = matches!(answer, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        let patience = if is_rush { UNREAD_IN_A_RUSH } else { UNREAD };
        let is_small = self.incoming.size_hint().lower() <= UNREAD_MAX;
        if self.state == State::Unread && is_small && !self.is_held_back {
            let limit = usize::try_from(UNREAD_MAX).unwrap_or(usize::MAX);
            let thrown = Limited::new(&mut self.incoming, limit).collect();
            if tokio::time::timeout(patience, thrown).await.is_ok_and(|thrown| thrown.is_ok()) {
                self.state = State::Read;
            }
        }
        self.state == State::Read
    }
}
