//! Acts on many users at once: all who pass a filter are disabled, enabled or removed, or get or lose a role or a group.
//!
//! - A plan is a list of users. It is made once, can be looked at, and lapses after a day; nobody comes to it later.
//! - A run takes the plan that was looked at, and judges each user again when it comes to them: one who is not as the plan has
//!   found them is left out, with the reason. So the list shrinks and never grows.
//! - Each user is changed by the verb that changes one user, with its one record. The rights are those that the acting person,
//!   by their credential or session, has at that moment; where these have ended the run stops.
//! - A slice is one transaction with the place up to which the run has come: killed in the middle, nothing of it is there, and
//!   any process goes on.
//!
//! See `docs/decisions/0048-a-plan-is-a-frozen-list.md`.

mod api;
mod change;
mod course;
mod forget;
mod judge;
mod listed;
mod plan;
mod rows;
mod slice;
mod terms;
mod wire;
mod worker;

pub use api::operations;
pub use forget::{bring_back, end_all, forget_old};
pub use worker::keep_going;
