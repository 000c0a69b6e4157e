//! Mail: addresses, the letter as text and as HTML, the message, and sending it to the relay.
//!
//! Promises of this room:
//! - An [`address::Email`] holds nothing that could end a line, a command or a header (RFC 5321 § 4.1.2 with RFC 6531 § 3.3,
//!   narrowed). One with letters beyond ASCII is told to a relay that offers SMTPUTF8, and to no other.
//! - Text typed by people (names, subjects) comes out literal, on one line, of bounded length.
//! - [`smtp::Relay`] uses plain text to loopback only, keeps its time limits, and reports the relay's own words.

pub mod carrier;
pub mod letter;
pub mod literal;
pub mod mailbox;
pub mod message;
pub mod smtp;
pub mod test_mail;

pub use crate::address;
