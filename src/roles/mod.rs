//! Roles: those that every tenant has, and those of a tenant's own, each a name for some API groups; and the views of the public
//! API from a role down to the calls that it allows. What a role allows stands beside each grant of it (room `people`), so a
//! change counts from the next call.

mod api;
mod can;
mod change;
mod evaluate;
mod held;
mod rows;
mod views;
mod wire;

pub use api::{all_roles, one_role, operations, required_groups};
pub use change::{RoleChange, check_name, create, draw, read_groups, remove, replace};
pub use rows::{Role, find, insert};
