//! Lists that the public API answers as a whole, since its clients know no pages. They are written item by item; one that
//! may be of a hundred thousand is written part by part, while the client reads it.

use std::future::Future;
use std::marker::PhantomData;

use http::header::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::call::Call;
use super::content::{Content, Part};
use super::respond::{Answer, IntoAnswer, Success};
use crate::error::{Error, Result};

/// A list that is being written, as the member `items`.
#[derive(Debug)]
pub struct Items {
    text: Vec<u8>,
    is_empty: bool,
}

impl Items {
    /// A list without items.
    pub fn begin() -> Self {
        Self { text: b"{\"items\":[".to_vec(), is_empty: true }
    }

    /// The part of a list behind the items that have been written.
    fn go_on() -> Self {
        Self { text: Vec::new(), is_empty: false }
    }

    /// Appends an item.
    ///
    /// # Errors
    /// `Internal` when it cannot be written as JSON.
    pub fn push(&mut self, item: &impl Serialize) -> Result<()> {
        if !self.is_empty {
            self.text.push(b',');
        }
        self.is_empty = false;
        serde_json::to_writer(&mut self.text, item).map_err(Error::internal)
    }

    /// Ends the list. `rest` is the text of the members behind it, each after a comma; `T` is the whole object in the
    /// document.
    pub fn end<T>(mut self, rest: &str) -> Written<T> {
        self.text.push(b']');
        self.text.extend_from_slice(rest.as_bytes());
        self.text.push(b'}');
        Written { text: self.text, shape: PhantomData }
    }
}

/// 200 with a JSON object that is already written; its shape is that of `T`.
#[derive(Debug)]
pub struct Written<T> {
    text: Vec<u8>,
    shape: PhantomData<fn() -> T>,
}

impl<T: JsonSchema> IntoAnswer for Written<T> {
    fn into_answer(self) -> Result<Answer> {
        Ok(Answer::new("application/json", self.text))
    }

    fn successes() -> Vec<Success> {
        vec![Success::json::<T>()]
    }
}

/// A list that is written part by part while the client reads it. Each part is read by itself and goes on behind the key of the
/// last item: a change meanwhile is seen or not, and no item comes twice unless its key has become a later one.
pub struct Listing<T> {
    first: Part,
    request_id: Uuid,
    shape: PhantomData<fn() -> T>,
}

impl<T> Listing<T> {
    /// The list whose parts `write` writes: it appends to the items those behind the key that it is given, or the first ones,
    /// and returns the key of the last if there may be more. `rest` and `T` are those of [`Items::end`].
    ///
    /// # Errors
    /// Those of the first part. When a later one fails the answer is cut short, which every client notices.
    pub async fn begin<W, F>(call: &Call, rest: &'static str, write: W) -> Result<Self>
    where
        W: Fn(Items, Option<String>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(Items, Option<String>)>> + Send + 'static,
    {
        let part = move |(items, after)| {
            let making = write(items, after);
            async move {
                Ok(match making.await? {
                    (items, None) => (items.end::<()>(rest).text, None),
                    (items, last) => (items.text, Some((Items::go_on(), last))),
                })
            }
        };
        let first = Part::making(part, (Items::begin(), None)).await?;
        Ok(Self { first, request_id: call.head.request_id, shape: PhantomData })
    }
}

impl<T: JsonSchema> IntoAnswer for Listing<T> {
    fn into_answer(self) -> Result<Answer> {
        let body = Content::of_parts(self.first, self.request_id);
        Ok(Answer { body, ..Answer::new("application/json", "") })
    }

    fn successes() -> Vec<Success> {
        vec![Success::json::<T>()]
    }
}

/// JSON lines that are written part by part while the client reads them.
pub struct Lines<T> {
    first: Part,
    request_id: Uuid,
    headers: Vec<(HeaderName, HeaderValue)>,
    shape: PhantomData<fn() -> T>,
}

impl<T> Lines<T> {
    /// The lines whose parts `write` makes, each of the state that the one before has left, until none is left.
    ///
    /// # Errors
    /// Those of the first part. When a later one fails the answer is cut short, which every client notices.
    pub async fn begin<S, W, F>(call: &Call, state: S, write: W) -> Result<Self>
    where
        S: Send + 'static,
        W: Fn(S) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(Vec<u8>, Option<S>)>> + Send + 'static,
    {
        let first = Part::making(write, state).await?;
        Ok(Self { first, request_id: call.head.request_id, headers: Vec::new(), shape: PhantomData })
    }

    /// The same lines with one more header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl<T: JsonSchema> IntoAnswer for Lines<T> {
    fn into_answer(self) -> Result<Answer> {
        let body = Content::of_parts(self.first, self.request_id);
        Ok(Answer { body, headers: self.headers, ..Answer::new("application/x-ndjson", "") })
    }

    fn successes() -> Vec<Success> {
        vec![Success::lines::<T>("One JSON object on each line, as `application/x-ndjson`.")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_stand_between_commas_and_before_the_rest() {
        for (items, rest, wanted) in [
            (&[][..], "", r#"{"items":[]}"#),
            (&["a"][..], "", r#"{"items":["a"]}"#),
            (&["a", "b"][..], ",\"errors\":[]", r#"{"items":["a","b"],"errors":[]}"#),
        ] {
            let mut list = Items::begin();
            items.iter().for_each(|item| list.push(item).unwrap());
            assert_eq!(String::from_utf8(list.end::<()>(rest).text).unwrap(), wanted);
        }
    }
}
