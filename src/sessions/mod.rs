//! Sessions of people in browsers: opaque, kept as a hash, ended by one small write.
//!
//! A session counts while its epoch is the one in its user's row; ending all of a user's sessions
//! raises that number. Idle and absolute timeouts are the tenant's.

mod cookie;
mod rows;

pub use cookie::Cookie;
pub use rows::{
    Holder, NewSession, Session, bring_back, end, end_all, end_by_hash, end_others, find_holder, forget_ended, insert,
    list, move_to_epoch, touch,
};
