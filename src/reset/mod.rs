//! THE MAIN JOB: a password is reset, its owner gets a one-time link and chooses a new one that
//! nobody else ever learns.
//!
//! A reset is *requested* (from here on the old password and all sessions are dead), *mailed*,
//! *opened* and *redeemed*; or it ends as *superseded*, *expired*, *undeliverable* or *cancelled*.
//!
//! - A user's row has one place for an open reset. The one statement that writes a new password by a
//!   link requires that this place still names the link's reset, and empties it: a link works once,
//!   and there is no state in which a password could be set without one.
//! - The request, its mail, its audit record and the death of the old password are one transaction.
//! - The store holds nothing from which a link could be made (`link`).
//! - An answer of 200 means that what the call promises is true now, whatever was asked before (`decide`).
//! - No operation takes a password from an administrator, and none tells an administrator a link.

mod again;
mod ahead;
mod answers;
mod api;
mod ask;
mod begin;
mod behind;
mod bounds;
mod budget;
mod cancel;
mod decide;
mod end;
mod end_all;
mod end_each;
mod erased;
mod first_link;
mod held;
mod history;
mod incidents;
mod invite;
mod keys;
mod letters;
mod limits;
pub mod link;
mod mail_each;
mod named;
mod open;
mod outcomes;
mod page;
mod parts;
mod recent;
mod redeem;
mod registration;
mod remind_each;
mod renamed;
mod request;
mod rows;
mod rules;
mod state;
mod stuck;
mod target;
mod warning;
mod wish;

use crate::http::Operation;

pub use again::are_mailed_again;
pub use ahead::bring_back;
pub use answers::Shown;
pub use api::reset_by_administrator;
pub use ask::{Accepted, Ask};
pub use bounds::count_mail;
pub use budget::{reckoned_users, spend_at_once};
pub use cancel::{cancel, resend};
pub use end::{end_open, end_unless_held};
pub use end_all::{Ended, end_all, links_of_key};
pub use end_each::{Ending, Fate, PasswordOf, Why, end_each};
pub use erased::forget_person;
pub use first_link::{first_link, owners_link};
pub use history::{Filter, given_up, list, shown_of};
pub use incidents::{notice, notice_to_all};
pub use invite::{Invitation, invite, invite_each, send_link};
pub use letters::{
    KINDS as LINKS, LinkFacts, Links, OldPassword, WORDED as WORDED_LINKS, Words as LinkWords, link_mail,
    note_undeliverable,
};
pub use limits::forget_old;
pub use mail_each::{Mailing, Releasing, mail_each};
pub use outcomes::{ResetOutcome, outcomes};
pub use parts::Resets;
pub use recent::{Acknowledged, Recent};
pub use redeem::{Redeem, Redemption};
pub use remind_each::{Reminding, ToRemind, remind_each};
pub use renamed::follow_name;
pub use request::request;
pub use rows::{Kind, Reset, find, not_found};
pub use rules::Rules;
pub use state::State;
pub use stuck::mail_stuck_again;
pub use warning::{
    BudgetFacts, KINDS as WARNING, WORDED as WORDED_WARNING, Warning, Words as WarningWords, warning_mail,
};
pub use wish::keep_carrying_out;

/// The rows of this room.
pub fn operations(resets: &Resets) -> Vec<Operation> {
    [api::operations(resets), page::operations(resets), registration::operations(resets)].concat()
}
