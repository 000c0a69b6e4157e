//! Lists that the public API answers as a whole, since its clients know no pages. They are written item by item, so that a
//! list of a hundred thousand needs little more memory than its text.

use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::Serialize;

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
