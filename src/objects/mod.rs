//! The objects of the public API in their three parts: metadata, spec and system_metadata.

mod labels;
mod name;
mod number;
mod shape;

pub use labels::Filter;
pub use name::{NAME_MAX, check_name};
pub use number::Whole;
pub use shape::{
    AskedMetadata, EMPTY, Gone, Initializers, KeptMetadata, Metadata, NewMetadata, Origin, Reference, SystemMetadata,
    Wide, Words,
};
