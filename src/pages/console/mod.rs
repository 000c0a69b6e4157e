//! The pages of the console: a desk on the left, one sheet of paper on the right. Pure functions as all pages are; what they
//! show is gathered by the room `console`.

pub mod audit;
pub mod confirm;
pub mod credentials;
pub(super) mod fields;
pub mod groups;
mod moments;
pub mod namespaces;
pub mod new_user;
pub mod overview;
pub(super) mod parts;
pub mod rank;
pub mod reset;
pub mod resets;
pub mod roles;
pub(super) mod shell;
pub(super) mod state;
pub(super) mod sure;
pub mod user;
pub mod user_roles;
pub mod users;
pub mod webhook;
pub mod webhooks;

pub use parts::Pager;
pub use shell::{Desk, Place, Pulse, Theme};
pub use state::{Stage, Standing};
