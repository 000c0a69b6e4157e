//! Tenants and their settings, and whether they are served.

mod allowed;
mod create;
mod described;
mod rows;
mod set;
mod standing;

pub use create::{NewTenant, create, usual_settings};
pub use described::{Described, OPERATORS, OWNERS, described};
pub use rows::{
    change_user_count, find_by_id, find_by_name, get_only, list_all, raise_revision, replace_settings, suspended,
};
pub use set::{change, changed, get_by_name, named, set, set_by_id};
pub use standing::{Asked, Standing, get_standing, is_taken, list_standings, request_deletion, resume, suspend};
