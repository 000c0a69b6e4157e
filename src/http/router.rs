//! Finds the operation for a method and path.

use std::collections::HashMap;
use std::sync::Arc;

use http::Method;

use super::contents::{Contents, Listed};
use super::metrics::Metrics;
use super::namespace;
use super::openapi::document;
use super::operation::Operation;
use super::path;
use crate::error::{Error, Kind, Result};
use crate::text;

/// The table of operations, ready for matching.
pub struct Router {
    served: Paths<Arc<Entry>>,
    operations: Arc<[Operation]>,
    contents: Arc<Contents>,
    unserved: Paths<&'static str>,
}

/// A call of the public API that no row of the table serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unserved {
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for each variable part.
    pub path: &'static str,
    /// Its id in the public API.
    pub id: &'static str,
}

/// An operation and its metrics.
pub(super) struct Entry {
    pub(super) operation: Operation,
    pub(super) figures: super::metrics::Figures,
}

/// The operation found, and the path's value for each `{name}`.
pub(super) type Found = (Arc<Entry>, Vec<(String, String)>);

impl Router {
    /// # Errors
    /// `Internal` when two rows claim the same method and path, a path is malformed, a row does not say in which of the
    /// namespaces that its path can name its calls act, or a row of the console has another permission than its operation.
    pub fn new(operations: Vec<Operation>, metrics: &Metrics) -> Result<Self> {
        check_console(&operations)?;
        let mut served = Paths::default();
        for operation in &operations {
            if !namespace::is_said_by(operation.path, operation.acts_in) {
                return Err(Error::internal(format!("{} does not say in which namespace it acts", operation.path)));
            }
            let entry = Entry { operation: operation.clone(), figures: metrics.of_operation(operation) };
            served.insert(&operation.method, operation.path, Arc::new(entry))?;
        }
        let operations: Arc<[Operation]> = operations.into();
        let contents = Arc::new(contents(&operations));
        Ok(Self { served, operations, contents, unserved: Paths::default() })
    }

    /// Adds the calls that are answered 501 by their names, where no row serves them.
    ///
    /// # Errors
    /// `Internal` when a path is malformed.
    pub fn with_unserved(mut self, calls: impl IntoIterator<Item = Unserved>) -> Result<Self> {
        for call in calls {
            self.unserved.insert(&call.method, &numbered(call.path), call.id)?;
        }
        Ok(self)
    }

    /// Every row.
    pub fn operations(&self) -> &Arc<[Operation]> {
        &self.operations
    }

    pub(super) fn contents(&self) -> &Arc<Contents> {
        &self.contents
    }

    /// # Errors
    /// `NotImplemented` for a call that is known and not served, `NotFound` for any other method and path. Neither
    /// depends on caller or tenant.
    pub(super) fn find(&self, method: &Method, path: &str) -> Result<Found> {
        // RFC 9110 § 9.3.2: HEAD is GET without the content.
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        let Some((entry, params)) = self.served.at(wanted, path) else {
            return Err(path::check_whole(path).err().unwrap_or_else(|| self.absent(method, wanted, path)));
        };
        params.iter().try_for_each(|(name, value)| path::check(name, value))?;
        let params = params.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Ok((Arc::clone(entry), params))
    }

    fn absent(&self, method: &Method, wanted: &Method, path: &str) -> Error {
        match self.unserved.at(wanted, path) {
            Some((id, _)) => Error::new(
                Kind::NotImplemented,
                format!("The operation {id} of the public API is not served here. Nothing was done."),
            ),
            None => Error::not_found(format!(
                "API Group could not be determined for Method: {method} Path: {}",
                shown(path)
            )),
        }
    }
}

/// Paths by method. Each method has a tree of its own: the last part of a path may be a name for one method and a fixed
/// word for another, and then the name may be that word.
struct Paths<T>(HashMap<Method, matchit::Router<T>>);

impl<T> Default for Paths<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Paths<T> {
    fn insert(&mut self, method: &Method, path: &str, value: T) -> Result<()> {
        let paths = self.0.entry(method.clone()).or_default();
        paths
            .insert(path, value)
            .map_err(|cause| Error::internal(format!("{method} {path} cannot stand in the table: {cause}")))
    }

    fn at<'p>(&self, method: &Method, path: &'p str) -> Option<(&T, matchit::Params<'_, 'p>)> {
        let found = self.0.get(method)?.at(path).ok()?;
        Some((found.value, found.params))
    }
}

/// That the console may do nothing that the operations behind it may not.
fn check_console(operations: &[Operation]) -> Result<()> {
    for row in operations {
        let Some(of) = row.console_of else { continue };
        let behind = operations.iter().find(|operation| operation.id == of && operation.console_of.is_none());
        if behind.is_none_or(|operation| operation.permission != row.permission) {
            return Err(Error::internal(format!("{} does not have the permission of {of}", row.path)));
        }
    }
    Ok(())
}

fn contents(operations: &Arc<[Operation]>) -> Contents {
    let declared = |operation: &Operation| operation.queries.iter().map(|parameter| parameter.name).collect();
    let declared = operations.iter().map(|operation| (operation.id, declared(operation))).collect();
    let listed = |row: &Operation| Listed {
        id: row.id,
        method: row.method.clone(),
        path: row.path,
        permission: row.permission,
        acts_in: row.acts_in,
    };
    let rows = operations.iter().filter(|row| row.console_of.is_none()).map(listed).collect();
    let operations = Arc::clone(operations);
    Contents::new(rows, declared, move || document(&operations).to_string().into())
}

/// The path with its variable parts numbered: the same position may have different names in two calls.
fn numbered(path: &str) -> String {
    let segments = path.split('/').enumerate();
    let segments = segments.map(|(nth, part)| if part.starts_with('{') { format!("{{{nth}}}") } else { part.into() });
    segments.collect::<Vec<_>>().join("/")
}

impl Router {
    /// The page whose mailed link this path is a damaged form of, with the path as it came.
    pub(super) fn find_torn(&self, method: &Method, raw: &str) -> Option<(String, Found)> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        let raw = format!("/{}", raw.trim_start_matches('/'));
        let goes_on = |rest: &str| rest.starts_with(|sign: char| sign.is_ascii_alphanumeric() || "-_".contains(sign));
        let begins = |path: &str| {
            let parts = raw.split_at_checked(path.len());
            parts
                .is_some_and(|(begin, rest)| begin.eq_ignore_ascii_case(path) && !goes_on(rest.trim_start_matches('/')))
        };
        let pages = self.operations.iter().filter(|operation| operation.is_torn_too);
        let page = pages.map(|page| page.path).find(|path| begins(path))?;
        Some((raw, self.find(method, page).ok()?))
    }
}

/// A path for use in an error sentence: shortened, since anyone may send any length.
fn shown(path: &str) -> String {
    path.split('/').map(text::shown).collect::<Vec<_>>().join("/").chars().take(200).collect()
}
