//! What a user sets for themself: names and picture, how they want to see things, of which notices they want mail, and the
//! terms of service that they accept. Everything here is the caller's own; a service user has no settings.
//!
//! Of the notices, only those listed in `notifications.rs` are mailed by this server. A choice about any other code is kept
//! for the client that made it.

mod acceptance;
mod access_letter;
mod access_request;
mod api;
mod change;
mod image;
mod notifications;
mod person;
mod rows;
mod view;
mod wire;

pub use access_letter::{AccessFacts, AccessLetter, KINDS as LETTERS, WORDED, Words as LetterWords, access_mail};
pub use api::operations;
pub use image::bring_image;
pub use rows::{forget, image_of_each};
