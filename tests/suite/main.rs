//! The one test binary: each room's tests against real sockets, a real browser and real processes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stderr, reason = "a random test tells its seed and its counts")]

mod audit;
mod backup;
mod bad_luck;
mod broken_disk;
mod browser;
mod cases_input;
mod cases_load;
mod cases_reset;
mod cases_sign_in;
mod cases_tenants;
mod certificates;
mod command_line;
mod connections;
mod contract;
mod credentials;
mod dependencies;
mod dice;
mod engine;
mod fail_nth;
mod guards;
mod guesses;
mod headers;
mod installation;
mod journeys;
mod keeping;
mod key_rotation;
mod kills;
mod letter;
mod looks;
mod mails;
mod marker;
mod model;
mod moving;
mod namespaces;
mod overload;
mod pages;
mod people;
mod postgres;
mod process;
mod races;
mod relay;
mod reset;
mod restart;
mod restore;
mod rig;
mod scanners;
mod smtp;
mod statuses;
mod sweeps;
mod tidy;
mod users;
mod wire;
