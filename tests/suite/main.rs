//! The one test binary: each room's tests against real sockets, a real browser and real processes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stderr, reason = "a random test tells its seed and its counts")]

mod browser;
mod certificates;
mod headers;
mod journeys;
mod letter;
mod looks;
mod mails;
mod pages;
mod relay;
mod reset;
mod rig;
mod scanners;
mod smtp;
