//! A second factor beside the password: a code app (RFC 6238) and ten recovery codes.
//!
//! Promises:
//! - The store holds nothing from which a code could be made: secrets are derived under a key that is not in it.
//! - A code counts once, in its own half minute or those beside it; a recovery code counts once.
//! - Wrong codes of every kind are counted together, by user, where they are checked: guesses at once cannot outrun the count.
//! - An administrator takes a factor away and gives none. Another one then needs the link that is mailed to the user.

mod api;
mod codes;
mod end;
mod letters;
mod link;
mod prove;
mod rows;
mod set_up;
mod take_away;

pub use api::operations;
pub use codes::{App, Owner, recovery_codes};
pub use end::{bring_back, end_all, forget, links_of_key, set_up_since};
pub use letters::{FactorFacts, Factors, KINDS, Letter, NewNotice, WORDED, Words, mail, tell};
pub use link::{NewLink, find_by_link, mail_link};
pub use prove::{By, Judged, prove};
pub use rows::{Factor, find};
pub use set_up::{NewFactor, install, renew_codes, switch_off};
pub use take_away::take_away;
