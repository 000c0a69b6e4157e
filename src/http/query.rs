//! The parameters of the query that lists share: one spelling of each, and one sentence for each that is wrong. An empty
//! text, moment or word counts as absent: some clients fill in every parameter that they know. An empty number is wrong.

use super::call::Call;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::terms::Word;
use crate::whole::parse_whole;

impl Call {
    /// A text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.query(name).filter(|text| !text.is_empty())
    }

    /// A moment in the form of RFC 3339.
    ///
    /// # Errors
    /// `Invalid`, by the name of the parameter.
    pub fn moment(&self, name: &str) -> Result<Option<Timestamp>> {
        let wrong = || Error::invalid(format!("Field {name} must be a time such as 2026-03-04T09:15:27Z."));
        self.text(name).map(|text| Timestamp::parse(&text).ok_or_else(wrong)).transpose()
    }

    /// How many items a page holds at most: `usual` where nothing is said, from 1 to `most`.
    ///
    /// # Errors
    /// `Invalid` for anything else.
    pub fn limit(&self, usual: i64, most: i64) -> Result<i64> {
        let Some(text) = self.query("limit") else { return Ok(usual) };
        let limit = parse_whole(&text).filter(|limit| (1..=most).contains(limit));
        limit.ok_or_else(|| Error::invalid(format!("Field limit must be a whole number from 1 to {most}.")))
    }

    /// One of the words of a closed list.
    ///
    /// # Errors
    /// `Invalid`, with all the words, for another one.
    pub fn one_of<T: Word>(&self, name: &str) -> Result<Option<T>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match T::ALL.iter().find(|known| known.word() == text) {
            Some(known) => Ok(Some(*known)),
            None => {
                let words = T::ALL.iter().map(|known| known.word()).collect::<Vec<_>>().join(", ");
                Err(Error::invalid(format!("Field {name} must be one of {words}.")))
            }
        }
    }
}
