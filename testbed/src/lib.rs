//! Servers that tests and measurements start for themselves, on this machine and for as long as they run.

pub mod pgbouncer;
pub mod postgres;
