//! Namespaces: in which roles count. `system`, `shared` and `default` are there from the beginning
//! and stay; the others come and go with the roles that were given in them.

mod api;
mod create;
mod remove;
mod replace;
mod rows;
#[cfg(test)]
mod tests;

pub use api::operations;
pub use create::{NewNamespace, create, insert};
pub use remove::{RemovedNamespace, remove};
pub use replace::{describe, replace};
pub use rows::{Namespace, exists, find, get, is_in_every_tenant, list, may_know};

pub use crate::objects::namespace_not_found as not_found;
