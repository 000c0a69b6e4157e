//! The pages of the console: a desk on the left, one sheet of paper on the right. Pure functions as all pages are; what they
//! show is gathered by the room `console`.

pub mod audit;
pub mod confirm;
mod moments;
pub mod overview;
mod parts;
pub mod reset;
pub mod resets;
mod shell;
mod state;
pub mod user;
pub mod users;

pub use parts::Pager;
pub use shell::{Desk, Place, Pulse, Theme};
pub use state::{Stage, Standing};

use crate::words::Part;

/// The words of the console's pages.
pub const WORDS: &[Part] = &[
    audit::Words::PART,
    confirm::Words::PART,
    overview::Words::PART,
    parts::Words::PART,
    reset::Words::PART,
    resets::Words::PART,
    shell::Words::PART,
    state::Words::PART,
    user::Words::PART,
    users::Words::PART,
];
