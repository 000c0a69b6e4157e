//! Incidents: the passwords of many users end at once, in the right order, seen by a second person, and with proof.
//!
//! - A plan is a list of users. It is made once, can be looked at, and lapses after a day; nobody comes to it later. Two people
//!   agree to what they have read.
//! - It is begun by the person who has planned it, and above a limit a second person has to agree. From then on it goes on,
//!   whoever is disabled; any administrator can pause it.
//! - Passwords end in the order of rank, those of the owners first and those of the people who act last, by the verb of this in
//!   the room of resets. A slice is one transaction with the place up to which it has come: killed in the middle, nothing of it
//!   is there, and any process goes on.
//! - The end of a password sends no mail. Mails leave when they are released, at a pace, and until then their users get a link by
//!   no other door. A link lives from its mail.
//!
//! See `docs/decisions/0049-an-incident-ends-first-and-mails-later.md`.

mod acts;
mod agree;
mod api;
mod asks;
mod begin;
mod by_operator;
mod chosen;
mod counts;
mod course;
mod drift;
mod due;
mod end;
mod evidence;
mod factors;
mod forget;
mod ids;
mod judge;
mod leads;
mod letters;
mod limit;
mod lines;
mod listed;
mod mail;
mod pace;
mod people;
mod plan;
mod remind;
mod rows;
mod state;
mod stuck;
mod tally;
mod terms;
mod terms_shown;
mod under_way;
mod wire;
mod worker;

pub use api::{digest_of, operations};
pub use by_operator::{ByOperator, Witnessed};
pub use forget::{bring_back, end_all, forget_old};
pub use letters::{IncidentFacts, IncidentLetter, KINDS as LETTERS, Told, WORDED, Words as LetterWords, incident_mail};
pub use rows::not_found;
pub use state::State;
pub use under_way::{UnderWay, under_way};
pub use worker::Running;
