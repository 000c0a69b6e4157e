//! The one test binary: each room's tests against real sockets.

mod certificates;
mod relay;
mod smtp;
