//! Webhooks: what happens in a tenant is told to servers that its administrators have chosen.
//!
//! - An event is a sealed record of the audit log, under a name of its own (`events`). A webhook is a place in the tenant's chain of
//!   records: those before it were read. So the transaction of an action writes nothing for webhooks, and nothing is passed over.
//! - Reading on makes deliveries and moves the place in one transaction, on the condition that the place is where it was read from
//!   (`fan_out`). A webhook with a thousand deliveries that wait reads no further: the rest waits in the chain.
//! - A delivery is leased, sent and settled (`lease`, `send`, `settle`). Its body is made from the record, and signed by the
//!   Standard Webhooks specification, version 1.0.0. The id of a delivery follows from record and webhook, so a receiver
//!   knows again what it has had. A head of the audit log is delivered likewise, with a body of its own (`heads`).
//! - The secret of a webhook is derived from the server's keys; the store could not tell it (`secret`).
//!
//! Promise: each event of a webhook that is on is delivered at least once, with the same id, or is shown as failed after three days,
//! and begun in the order of the chain. See `docs/decisions/0050-webhooks-are-a-cursor-over-the-chain.md`.

mod api;
mod change;
mod deliveries;
mod events;
mod fan_out;
mod forget;
mod heads;
mod lease;
mod letter;
mod rows;
mod schedule;
mod secret;
mod send;
mod settle;
mod trial;
mod wire;
mod worker;

pub use api::{Webhooks, operations};
pub(crate) use api::{delivered, listed, sent_again, shown, tested};
pub(crate) use deliveries::State;
pub use forget::{bring_back, forget_old, switch_off_all};
pub use heads::tell_head;
pub use letter::{KINDS as LETTERS, TroubleFacts, TroubleLetter, WORDED, Words as LetterWords, trouble_mail};
pub(crate) use wire::{DeliveryShown, Shown, Standing, Tested};
pub use worker::Worker;
