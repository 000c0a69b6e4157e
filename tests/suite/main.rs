//! The one test binary: each room's tests against real sockets, a real browser and real processes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stderr, reason = "a random test tells its seed and its counts")]

mod browser;
mod certificates;
mod contract;
mod dependencies;
mod dice;
mod guards;
mod journeys;
mod letter;
mod mails;
mod pages;
mod people;
mod races;
mod relay;
mod reset;
mod rig;
mod smtp;
mod statuses;
mod sweeps;
mod tidy;
mod wire;
