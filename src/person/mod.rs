//! One person: what is kept of them written out, and erased.
//!
//! - Written out is what is known of the person, without anything that opens an account.
//! - Erased is a person by an act that cannot be taken back. The account goes at once. Records stay in their chain, with a
//!   pseudonym in the place of the person; the server vouches for each that was rewritten.
//! - Where an erasure stands is kept with what it has rewritten: killed anywhere, it goes on.

mod about;
mod again;
mod api;
mod erase;
mod export;
mod going_on;
mod place;
mod sought;

pub use again::{ErasedAgain, erase_again};
pub use api::operations;
pub use going_on::Erasing;
