//! API tokens: shown once, kept as a hash, invalid from the next request after they are revoked.
//!
//! All people have tokens of their own. Administrators see those of all users, and change those of users of no higher
//! rank. A token may be narrowed: to API groups, to namespaces, to networks. A service credential has a user of its own, with roles of its own, which no person signs in as.

mod activate;
mod api;
mod bearers;
mod brought;
mod bulk;
mod create;
mod deactivate_all;
mod issued;
mod narrowed;
mod programs;
mod programs_api;
mod renew;
mod revoke;
mod rows;
#[cfg(test)]
mod tests;
mod token;
mod used;
mod wire;

pub use activate::activate;
pub use bearers::{Confirmation, find_bearers, suspended_tenant_of};
pub use create::{CredentialAsk, CredentialSpec, create, draw};
pub use deactivate_all::deactivate_all;
pub use renew::{expiry, renew};
pub use revoke::{alive_of, revoke, revoke_all_of};
pub use rows::{
    Credential, CredentialKind, NewCredential, bring_back, find_visible, insert, list, list_for, narrowing_of,
    narrowing_of_alive, of_user,
};
pub use token::Token;
pub use used::{NOTED_EVERY_SECONDS, note_use};

/// The operations of this room.
pub fn operations() -> Vec<crate::http::Operation> {
    let mut operations = api::operations();
    operations.extend(programs_api::operations());
    operations.extend(bulk::operations());
    operations
}
