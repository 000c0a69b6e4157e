//! The one test binary: each room's tests against real sockets, a real browser and real processes.

mod browser;
mod certificates;
mod letter;
mod mails;
mod pages;
mod relay;
mod reset;
mod rig;
mod smtp;
