//! API tokens: issued once, kept as a hash, dead from the next request after they are revoked.

mod rows;
mod token;

pub use rows::{Bearer, NewCredential, find_bearer, insert};
pub use token::Token;
