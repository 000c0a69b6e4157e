//! The objects of the public API in their three parts: metadata, spec and system_metadata.
//!
//! Many kinds of them need nothing but to be kept: they have the same five operations (create, replace, list, get, delete),
//! which are made from a [`Kind`], and stand in one table of this room, each in a namespace. A room of such a kind says what
//! its spec is and nothing else; `contacts` is the example. Objects with rules of their own (users, namespaces, credentials)
//! have rooms of their own, which take only the shapes from here.

mod access;
mod api;
mod create;
mod form;
mod kind;
mod labels;
mod listing;
mod moving;
mod name;
mod read;
mod remove;
mod replace;
mod rows;
mod shape;
#[cfg(test)]
mod tests;
mod wire;

pub use access::{NamespaceAccess, RoleNames};
pub use api::operations;
pub use create::{NewObject, create, insert};
pub use form::Form;
pub use kind::{Kind, Spec};
pub use labels::Filter;
pub use listing::listing;
pub use moving::{MovingKind, MovingObject, all_behind, bring, find, is_any};
pub use name::{NAME_MAX, check_name};
pub use read::{Whole, empty_if_null};
pub use remove::{RemovedObject, remove, remove_all_in, take};
pub use replace::{overwrite, replace};
pub use rows::{KeptObject, Place, Said, each, get, namespace_exists, namespace_not_found};
pub use shape::{
    AskedMetadata, EMPTY, Gone, Initializers, KeptMetadata, Metadata, NewMetadata, Origin, Reference, SystemMetadata,
    Wide, Words,
};
pub use wire::{ERRORS, Object, ObjectAnswer, ObjectItem, ObjectList};
