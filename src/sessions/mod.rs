//! Sessions of people in browsers: opaque cookies, kept as hashes.
//!
//! A session is valid while its epoch equals the one in its user's row; raising that number ends all sessions of the
//! user. Idle and absolute timeouts are the tenant's.

mod cookie;
mod live;
mod rows;

pub use cookie::Cookie;
pub use live::{UserSession, count_live_of_each, live_of};
pub use rows::{
    Holder, NewSession, Session, bring_back, end, end_all, end_all_of, end_by_hash, end_others, find_holder,
    forget_ended, insert, list, move_to_epoch, prove, touch,
};
