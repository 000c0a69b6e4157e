//! What the table of operations says beside serving them: the document for clients, and which parameters of the query
//! each row declares.

use std::collections::HashMap;
use std::sync::OnceLock;

use bytes::Bytes;
use http::Method;

use super::namespace::ActsIn;
use super::path;
use super::permission::Permission;
use crate::access::SYSTEM;

/// A row of the table, as far as others speak of it.
pub struct Listed {
    /// The id in the public contract, or our own.
    pub id: &'static str,
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for each variable part.
    pub path: &'static str,
    /// Which callers may call it.
    pub permission: Permission,
    /// The namespace in which its calls act.
    pub acts_in: Option<ActsIn>,
}

/// Made once from the whole table.
#[derive(Default)]
pub struct Contents {
    rows: Vec<Listed>,
    declared: HashMap<&'static str, Vec<&'static str>>,
    make: Option<Box<dyn Fn() -> Bytes + Send + Sync>>,
    made: OnceLock<Bytes>,
}

impl Contents {
    /// The table, for each operation the parameters that it declares, and what makes the document.
    pub(super) fn new(
        rows: Vec<Listed>,
        declared: HashMap<&'static str, Vec<&'static str>>,
        make: impl Fn() -> Bytes + Send + Sync + 'static,
    ) -> Self {
        Self { rows, declared, make: Some(Box::new(make)), made: OnceLock::new() }
    }

    /// Every row of the table.
    pub fn rows(&self) -> &[Listed] {
        &self.rows
    }

    /// The row that a call of this method and path would reach, and the namespace in which it would act. The path may be of
    /// any form that a request may have, or begin with `/public/` as in the expressions of the public service; a placeholder
    /// for the namespace stands for `namespace`.
    pub fn find(&self, method: &str, path: &str, namespace: &str) -> Option<(&Listed, String)> {
        let named = ["{namespace}", "{metadata.namespace}"]
            .iter()
            .fold(path.to_owned(), |path, placeholder| path.replace(placeholder, namespace));
        let path = path::normalise(&match named.strip_prefix("/public/") {
            Some(rest) => format!("/api/web/{rest}"),
            None => named,
        });
        let rows = self.rows.iter().filter(|row| row.method.as_str().eq_ignore_ascii_case(method));
        let found = rows.filter_map(|row| Some((row, matched(row.path, &path)?)));
        let (row, params) = found.min_by_key(|(_, params)| params.len())?;
        let acts_in = match row.acts_in {
            Some(ActsIn::Named(param)) => params.into_iter().find(|(name, _)| *name == param)?.1,
            Some(ActsIn::System | ActsIn::SystemOrBuiltIn) | None => SYSTEM,
        };
        Some((row, acts_in.to_owned()))
    }

    /// The row of this id, and the namespace in which a call of it for `namespace` would act.
    pub fn find_by_id(&self, id: &str, namespace: &str) -> Option<(&Listed, String)> {
        let row = self.rows.iter().find(|row| row.id == id)?;
        let acts_in = if matches!(row.acts_in, Some(ActsIn::Named(_))) { namespace } else { SYSTEM };
        Some((row, acts_in.to_owned()))
    }

    /// Whether the row of an operation says that it reads this parameter of the query. A handler that a test calls by
    /// itself has no row, and may read all.
    pub fn declares(&self, operation: &str, parameter: &str) -> bool {
        self.declared.get(operation).is_none_or(|declared| declared.contains(&parameter))
    }

    /// The OpenAPI document, as JSON. It is made when someone first asks, and kept.
    pub fn document(&self) -> Bytes {
        self.made.get_or_init(|| self.make.as_ref().map_or_else(Bytes::new, |make| make())).clone()
    }
}

/// The variable parts of a path that a row's path matches as a whole.
fn matched<'p>(of_row: &'static str, path: &'p str) -> Option<Vec<(&'static str, &'p str)>> {
    if of_row.split('/').count() != path.split('/').count() {
        return None;
    }
    let mut params = Vec::new();
    for (template, part) in of_row.split('/').zip(path.split('/')) {
        match template.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) if !part.is_empty() => params.push((name, part)),
            None if template == part => {}
            _ => return None,
        }
    }
    Some(params)
}
