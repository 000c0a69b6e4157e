//! The administration of users: listing, looking for, making, changing, locking out and removing them, who owns
//! the tenant, when users signed in last, and what becomes of those who are inactive.
//! What is kept of a user is the room `people`.
//!
//! Users live in `system`: whatever namespace a path names, listing and changing them is judged there.

mod api;
mod asleep;
mod codes;
mod codes_api;
mod create;
mod filter_ask;
mod give;
mod inactive;
mod last_logins;
mod list;
mod lock;
mod object;
mod owner;
mod owner_api;
mod remove;
mod replace;
mod search;
mod search_api;
mod show;
mod state;
#[cfg(test)]
mod tests;
mod wire;

pub use api::operations;
pub use asleep::{
    AsleepFacts, AsleepLetter, KINDS as LETTERS, Sleep, WORDED, Words as LetterWords, asleep_mail,
    look as look_for_inactive,
};
pub use codes::reset_codes;
pub use create::{AddressedAsk, FirstLink, UserAsk, create, draw};
pub use filter_ask::FilterAsk;
pub use give::{give_role, group_add, group_remove};
pub use inactive::list_inactive;
pub use last_logins::last_logins;
pub use list::{ListedUser, list};
pub use lock::{disable, enable};
pub use owner::{assign_owner, unassign_owner};
pub use remove::{remove, take_out};
pub use replace::replace;
pub use search::{Count, Filter, FoundPage, FoundUser, Place, Span, count, found_each, search};
pub use search_api::{Searched, filtered, searched};
pub use show::{OpenReset, ShownUser, show};
pub use state::{PasswordState, UserState};
