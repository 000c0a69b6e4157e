//! People and service users: who they are, what they may do, whether they may sign in.
//!
//! Users live in `system`: whatever namespace a path names, listing and changing them is judged there.

mod api;
mod create;
mod end_access;
mod former;
mod grants;
mod history;
mod list;
mod lock;
mod remove;
mod replace;
mod rows;
mod show;
#[cfg(test)]
mod tests;
mod whoami;

pub use api::{Invite, operations};
pub use create::{AddressedAsk, UserAsk, create, draw};
pub use end_access::{end_access, kill_passwords, local_owners, with_live_password};
pub use history::{recent_hashes, retire_hash};
pub use list::list;
pub use lock::{disable, enable};
pub use remove::remove;
pub use replace::replace;
pub use rows::{
    NewUser, User, email_taken, find_by_email, find_by_id, find_each_by_id, get_by_email, grants_of, insert,
    insert_each, replace_grants, rights_of,
};
pub use show::{UserInFull, show};
pub use whoami::{WhoAmI, whoami};
