//! The dev mode: a sample tenant, a mailbox that catches every mail, a clock that can be moved, and trouble on demand,
//! so that people can test their own programs. None of it exists in `serve`, and no foreign page can reach it through a
//! browser on this machine.

mod api;
mod authority;
mod directions;
mod hosts;
mod sample;
mod trouble;

pub use api::{Dev, operations};
pub use authority::{Authority, host_names};
pub use directions::Directions;
pub use sample::{PASSWORD_LENGTH, Sample, prepare};
pub use trouble::Trouble;
