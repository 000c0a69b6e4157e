//! API tokens: shown once, kept as a hash, invalid from the next request after they are revoked.
//!
//! All users have tokens of their own. Administrators see those of all users, and change those of users of no higher
//! rank.

mod activate;
mod api;
mod bearers;
mod create;
mod deactivate_all;
mod renew;
mod revoke;
mod rows;
#[cfg(test)]
mod tests;
mod token;

pub use activate::activate;
pub use api::operations;
pub use bearers::{Confirmation, find_bearers};
pub use create::{CredentialAsk, CredentialSpec, create, draw};
pub use deactivate_all::deactivate_all;
pub use renew::{expiry, renew};
pub use revoke::{alive_of, revoke, revoke_all_of};
pub use rows::{Credential, NewCredential, bring_back, find_visible, insert, list, of_user};
pub use token::Token;
