//! What the table of operations says beside serving them: the document for clients, and which parameters of the query
//! each row declares.

use std::collections::HashMap;
use std::sync::OnceLock;

use bytes::Bytes;

/// Made once from the whole table.
#[derive(Default)]
pub struct Contents {
    declared: HashMap<&'static str, Vec<&'static str>>,
    make: Option<Box<dyn Fn() -> Bytes + Send + Sync>>,
    made: OnceLock<Bytes>,
}

impl Contents {
    /// For each operation the parameters that it declares, and what makes the document.
    pub(super) fn new(
        declared: HashMap<&'static str, Vec<&'static str>>,
        make: impl Fn() -> Bytes + Send + Sync + 'static,
    ) -> Self {
        Self { declared, make: Some(Box::new(make)), made: OnceLock::new() }
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
