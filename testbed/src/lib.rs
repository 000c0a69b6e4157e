//! Servers that tests and measurements start on this machine for the time of a run.

pub mod pgbouncer;
pub mod postgres;
