//! Tenants and their settings.

mod create;
mod described;
mod rows;
mod set;

pub use create::{NewTenant, create, usual_settings};
pub use described::{Described, OPERATORS, described};
pub use rows::{change_user_count, find_by_id, find_by_name, get_only, list, list_all, replace_settings};
pub use set::{change, changed, get_by_name, named, set, set_by_id};
