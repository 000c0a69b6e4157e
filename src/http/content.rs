//! The body of an answer: all of it at hand, or made part by part while the client reads it, so that a list of a million
//! takes no more memory than one of its parts.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use uuid::Uuid;

use super::admission::Place;
use super::metrics::Guard;
use crate::error::{Error, Result};

/// The body of an answer.
pub(super) enum Content {
    /// All of it; empty once it was sent.
    Whole(Bytes),
    /// The next part, and those behind it.
    Parts(Parts),
}

/// A body that is made part by part. Between two parts nothing is held in the store: for a client that reads slowly there are
/// its connection and its place among the calls under way, and no more.
pub(super) struct Parts {
    ready: Option<Bytes>,
    rest: Option<Making>,
    /// The request that is answered, which the log names when a part cannot be made.
    request_id: Uuid,
    /// Kept until all parts are made.
    place: Option<Place>,
    /// Likewise: a server that stops waits for what is under way before it closes the store.
    in_flight: Option<Guard>,
}

/// The making of a part.
pub(super) type Making = Pin<Box<dyn Future<Output = Result<Part>> + Send>>;

/// A part, and the making of the one behind it unless it is the last.
pub(super) struct Part {
    pub(super) text: Bytes,
    pub(super) rest: Option<Making>,
}

impl Part {
    /// The making of a part out of a state, and of those behind it out of the state that each leaves; the last one leaves none.
    pub(super) fn making<S, W, F>(write: W, state: S) -> Making
    where
        S: Send + 'static,
        W: Fn(S) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(Vec<u8>, Option<S>)>> + Send + 'static,
    {
        let making = write(state);
        Box::pin(async move {
            let (text, next) = making.await?;
            Ok(Self { text: text.into(), rest: next.map(|state| Self::making(write, state)) })
        })
    }
}

impl Content {
    /// A body that begins with `first`.
    pub(super) fn of_parts(first: Part, request_id: Uuid) -> Self {
        match first.rest {
            None => Self::Whole(first.text),
            rest => Self::Parts(Parts { ready: Some(first.text), rest, request_id, place: None, in_flight: None }),
        }
    }

    /// Keeps the place of the call until all parts are made; if nothing is left to be made, it is free at once.
    pub(super) fn hold_place(&mut self, place: Option<Place>) {
        if let Self::Parts(parts) = self {
            parts.place = place;
        }
    }

    /// Counts the request as under way until all parts are made.
    pub(super) fn hold_in_flight(&mut self, guard: Guard) {
        if let Self::Parts(parts) = self {
            parts.in_flight = Some(guard);
        }
    }
}

impl Parts {
    fn poll_part(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        if let Some(text) = self.ready.take() {
            return Poll::Ready(Some(Ok(text)));
        }
        let Some(making) = &mut self.rest else { return Poll::Ready(None) };
        let made = ready!(making.as_mut().poll(context));
        self.rest = None;
        let text = made.map(|part| {
            self.rest = part.rest;
            part.text
        });
        if self.rest.is_none() {
            (self.place, self.in_flight) = (None, None);
        }
        Poll::Ready(Some(text))
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(all) if all.is_empty() => Poll::Ready(None),
            Self::Whole(all) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(all))))),
            Self::Parts(parts) => {
                let part = ready!(parts.poll_part(context));
                if let Some(Err(failure)) = &part {
                    // The status has left: that the answer is cut short is all that the client can be told.
                    let request_id = parts.request_id.simple();
                    tracing::error!(%request_id, cause = ?failure.cause, "An answer ends too early: {}", failure.message);
                }
                Poll::Ready(part.map(|part| part.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(all) => all.is_empty(),
            Self::Parts(parts) => parts.ready.is_none() && parts.rest.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(all) => SizeHint::with_exact(all.len() as u64),
            Self::Parts(_) => SizeHint::default(),
        }
    }
}

impl<T: Into<Bytes>> From<T> for Content {
    fn from(all: T) -> Self {
        Self::Whole(all.into())
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(all) => all.fmt(formatter),
            Self::Parts(_) => formatter.write_str("(made while it is read)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    fn part(text: &'static str, rest: Option<Result<Part>>) -> Part {
        let rest = rest.map(|rest| Box::pin(async { rest }) as Making);
        Part { text: text.into(), rest }
    }

    #[tokio::test]
    async fn the_parts_follow_one_another_and_the_last_one_ends_the_body() {
        let last = part("c", None);
        let body = Content::of_parts(part("a", Some(Ok(part("b", Some(Ok(last)))))), Uuid::nil());
        assert_eq!(body.size_hint().exact(), None);
        assert_eq!(body.collect().await.unwrap().to_bytes(), "abc");
    }

    #[tokio::test]
    async fn a_part_that_cannot_be_made_cuts_the_body_short() {
        let broken = Err(Error::internal(std::io::Error::other("the disk is gone")));
        let body = Content::of_parts(part("a", Some(broken)), Uuid::nil());
        assert!(body.collect().await.is_err());
    }

    #[test]
    fn what_is_whole_has_its_length() {
        let body = Content::of_parts(part("all", None), Uuid::nil());
        assert_eq!(body.size_hint().exact(), Some(3));
        assert!(Content::from("").is_end_stream());
    }
}
