//! People and service users: who they are, what they may do, whether they may sign in.

mod history;
mod rows;

pub use history::{recent_hashes, retire_hash};
pub use rows::{NewUser, User, email_taken, find_by_email, find_by_id, grants_of, insert, replace_grants, rights_of};
