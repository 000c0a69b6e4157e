//! What callers of the API ask about themselves: who they are, and where they are signed in. The page of the account, with
//! its password, is the room `sign_in`.

mod api;
mod whoami;
mod wire;

pub use api::operations;
pub use whoami::whoami;
