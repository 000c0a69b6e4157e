//! Tenants and their settings, and whether they are served.

mod allowed;
mod create;
mod described;
mod remove;
mod rename;
mod reword;
mod rows;
mod set;
mod sleep;
mod standing;

pub use create::{NewTenant, create, create_operators, usual_settings};
pub use described::{Described, OPERATORS, OWNERS, described};
pub use remove::{Due, Removal, begin_removal, end_removal, list_due, remove};
pub use rename::rename;
pub use reword::reword;
pub use rows::{
    base_url, change_user_count, check_served, count_users, find_by_id, find_by_name, find_by_uid, find_even_suspended,
    find_with_operators, get_only, has_any, ids_after, list_all, note_import, raise_revision, replace_settings,
    suspended,
};
pub use set::{change, change_of, changed, named, set_by_id};
pub use sleep::{awake_since, bring_back, list_to_look_at, look_again, wake_all};
pub use standing::{
    Asked, Standing, get_standing, get_standing_by_id, is_taken, list_standings, list_standings_after,
    request_deletion, resume, suspend,
};
