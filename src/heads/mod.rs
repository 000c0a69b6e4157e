//! Heads: the ends of chains of records, signed and sent out, so that others hold what the server can no longer change.
//!
//! - The sealer notes for its tenant that a head is due, an hour behind the first link that no head takes in (`audit`). What is due
//!   becomes a row in one transaction, with its ways out (`make`): a mail to the address in the setting `audit_head_mail`, a
//!   delivery to each webhook that asks for `audit.head`, and a due time for the operator's syslog receiver.
//! - Each way is a queue of its own, with its own tries: `mails`, `webhooks`, and here `ship` for syslog.
//! - A head is a signed note of five lines (`signing`).
//!
//! No record is left of a head, nor of a mail of one that was given up: it would be sealed, and a head be due again, for ever.
//!
//! Promise: each link of a served tenant is taken in by a head within an hour and some seconds; a head leaves at least once on each way.
//! See `docs/decisions/0054-heads-are-sent-out.md`.

mod api;
mod letter;
mod make;
mod rows;
mod ship;
mod syslog;

pub use api::operations;
pub use letter::{HeadLetter, KINDS as LETTERS, Words as LetterWords, head_mail};
pub use make::Maker;
pub use rows::bring_back;
pub use ship::{Receiver, Shipper};
