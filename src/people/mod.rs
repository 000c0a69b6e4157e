//! The record of people and service users: who they are, how they sign in, which roles they were given, which passwords
//! they had. Nearly every room reads it. Their administration, which needs the other rooms, is the room `users`.

mod access;
mod end_access;
mod former;
mod grants;
mod history;
mod kinds;
mod password;
mod rows;
mod sign_ins;

pub use access::{disable, enable, remove};
pub use end_access::{end_access, kill_passwords, local_owners, with_live_password};
pub use former::hand_over;
pub use grants::{forget_namespace, grants_of, replace_grants, rights_of};
pub use history::{recent_hashes, retire_hash};
pub use kinds::{Kind, SignInBy};
pub use password::{note_sign_in, replace_password};
pub use rows::{
    NewUser, User, email_taken, find_by_email, find_by_id, find_each_by_id, get_by_email, insert, insert_each, rename,
};
pub use sign_ins::{LastSignIn, each_last_sign_in};
