//! Mails that wait in the store, and the worker that brings them to the relay.
//!
//! A mail is a row: what it is, to whom, and when it is due. The room that queues it also provides its [`Letter`], which
//! makes its text when it leaves and is told what became of it. The worker knows the table of mails and nothing else.
//!
//! Promises:
//! - A mail is queued in the transaction of the action that it tells of.
//! - A mail leaves at least once, always with the same Message-ID. A lease is a due time in the near future: when a process
//!   dies, the mails it held become due again by themselves.
//! - Many mails of one tenant do not hold up the mail of another.
//! - Mail gives way to a rush of requests, and never stands still.

mod ahead;
mod carry;
mod compose;
mod fate;
mod given_up;
mod hand;
mod kept;
mod lease;
mod letter;
mod own_words;
mod pace;
mod queue;
mod refused;
mod settle;
#[cfg(test)]
mod tests;
mod unsent;
mod waiting;
mod worker;

pub use ahead::bring_back;
pub use fate::{Became, Job, Settled};
pub use kept::{KeptMail, list_before};
pub use letter::{Addressed, Letter, Letters, Texts, To};
pub use own_words::{Hole, KindOfMail, OwnWords, Sample};
pub use queue::{
    NO_USER, NewMail, are_queued, drop_of_resets, forget_old, queue, queue_each, take_back, try_again_each,
};
pub use refused::{RefusedAddress, allow_address, forget_refusal, forget_refused, list_refused};
pub use unsent::{DROPPED, Unsent, count_waiting, drop_one, list_unsent, retry};
pub use waiting::{Standing, look_at_waiting};
pub use worker::Worker;
