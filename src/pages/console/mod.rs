//! The pages of the console: a desk on the left, one sheet of paper on the right. Pure functions as all pages are; what they
//! show is gathered by the room `console`.

pub mod audit;
pub mod confirm;
mod moments;
pub mod overview;
pub(super) mod parts;
pub mod reset;
pub mod resets;
pub(super) mod shell;
pub(super) mod state;
pub mod user;
pub mod users;
pub mod webhook;
pub mod webhooks;

pub use parts::Pager;
pub use shell::{Desk, Place, Pulse, Theme};
pub use state::{Stage, Standing};
