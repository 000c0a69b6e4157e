//! The one test binary: each room's tests against real sockets.

mod certificates;
mod letter;
mod mails;
mod relay;
mod smtp;
