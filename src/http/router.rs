//! Which operation a request means.

use std::collections::HashMap;
use std::sync::Arc;

use http::Method;

use super::metrics::Metrics;
use super::operation::Operation;
use crate::error::{Error, Kind, Result};

/// The table, ready to be asked.
pub struct Router {
    paths: matchit::Router<HashMap<Method, Arc<Entry>>>,
    operations: Arc<[Operation]>,
}

/// An operation and its figures.
pub(super) struct Entry {
    pub(super) operation: Operation,
    pub(super) figures: super::metrics::Figures,
}

/// An operation that was found, with what the path says for each `{name}`.
pub(super) type Found = (Arc<Entry>, Vec<(String, String)>);

impl Router {
    /// # Errors
    /// `Internal` when two rows claim the same method and path, or a path is malformed.
    pub fn new(operations: Vec<Operation>, metrics: &Metrics) -> Result<Self> {
        let mut by_path: HashMap<&'static str, HashMap<Method, Arc<Entry>>> = HashMap::new();
        for operation in &operations {
            let entry = Entry { operation: operation.clone(), figures: metrics.of_operation(operation) };
            let methods = by_path.entry(operation.path).or_default();
            if methods.insert(operation.method.clone(), Arc::new(entry)).is_some() {
                return Err(Error::internal(format!(
                    "{} {} stands twice in the table",
                    operation.method, operation.path
                )));
            }
        }
        let mut paths = matchit::Router::new();
        for (path, methods) in by_path {
            paths.insert(path, methods).map_err(Error::internal)?;
        }
        Ok(Self { paths, operations: operations.into() })
    }

    /// Every row.
    pub fn operations(&self) -> &Arc<[Operation]> {
        &self.operations
    }

    /// # Errors
    /// `NotFound` for an unknown path, `NotImplemented` for an unknown method on a known one.
    pub(super) fn find(&self, method: &Method, path: &str) -> Result<Found> {
        let unknown = || {
            Error::not_found(format!("API Group could not be determined for Method: {method} Path: {}", shown(path)))
        };
        let found = self.paths.at(path).map_err(|_| unknown())?;
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        let entry = found.value.get(wanted).ok_or_else(|| {
            Error::new(Kind::NotImplemented, format!("{method} is not available on {}.", shown(path)))
        })?;
        let params = found.params.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Ok((Arc::clone(entry), params))
    }
}

/// A path in a sentence: bounded, since anyone may send any.
fn shown(path: &str) -> String {
    path.chars().take(200).collect()
}
