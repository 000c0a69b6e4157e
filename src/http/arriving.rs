//! Reads the body of a request as it arrives: bounded in size and time, and requested from the client only if it will
//! be read.

use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{StatusCode, Version};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};

use super::body::too_large;
use super::operation::Operation;
use super::permission::Body;
use crate::error::{Error, Result};

/// How much of an unread body is drained to keep the connection. Draining more would cost more than a new connection.
const UNREAD_MAX: u64 = 64 * 1024;

/// How long draining may take. Clients send a small body right behind the head.
const UNREAD: Duration = Duration::from_millis(500);
/// The same for a call refused for want of a place: a longer wait would hold the refused client's connection.
const UNREAD_IN_A_RUSH: Duration = Duration::from_millis(10);

/// The body of a request, not yet read to its end.
pub(super) struct Arriving {
    incoming: Incoming,
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 § 10.1.1).
    is_held_back: bool,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unread,
    Read,
    /// Too large, too slow or broken off: the end of the body cannot be found any more.
    Lost,
}

impl Arriving {
    pub(super) fn new(incoming: Incoming, version: Version, headers: &HeaderMap) -> Self {
        let is_expected = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
        let is_held_back = version >= Version::HTTP_11 && headers.get_all(header::EXPECT).iter().any(is_expected);
        let state = if incoming.is_end_stream() { State::Read } else { State::Unread };
        Self { incoming, is_held_back, state }
    }

    /// Refuses a body whose announced length exceeds the operation's bound, before any of it is read. Operations that
    /// ignore their body accept any length.
    pub(super) fn check_length(&self, operation: &Operation) -> Result<()> {
        let is_too_large = self.incoming.size_hint().lower() > operation.body_max as u64;
        if is_too_large && operation.body != Body::None { Err(too_large(operation.body_max)) } else { Ok(()) }
    }

    /// Reads the whole body, within the operation's bound and `patience`.
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
            Ok(Err(cause)) if cause.is::<LengthLimitError>() => Err(too_large(operation.body_max)),
            Ok(Err(_)) => Err(Error::invalid("The body broke off. Send it whole.")),
            Err(_) => Err(Error::invalid("The body came too slowly. Send it again.")),
        }
    }

    /// Drains what is left of the body if it is small and arrives soon. Returns whether the connection can be kept: the
    /// next request begins where this body ends, and a body that the client holds back may never come.
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
