//! What Tenantry says by mail and how it leaves: addresses, the wording in every language, the message, the relay.
//!
//! Promises of this room:
//! - An [`address::Email`] holds nothing that could end a line, a command or a header (RFC 5321 § 4.1.2, narrowed).
//! - Whatever a person typed (names, subjects) comes out literal, on one line, of bounded length.
//! - [`smtp::Relay`] sends in clear to loopback only, waits no longer than it was told, and reports the relay's own words.

pub mod carrier;
pub mod literal;
pub mod mailbox;
pub mod message;
pub mod smtp;
pub mod texts;

pub use crate::address;
