//! A kind of object: what is its own. Everything else is the same for all kinds.

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::ApiGroup;
use crate::error::Result;
use crate::http::ActsIn;

/// A kind of object, whose spec is `S`.
pub struct Kind<S> {
    /// Its id in the public API, under which its objects are kept: `ves.io.schema.contact`.
    pub id: &'static str,
    /// The word for one, in sentences and in the actions of records: `contact`.
    pub singular: &'static str,
    /// The word for many, in paths: `contacts`.
    pub plural: &'static str,
    /// Where its objects live and its calls are judged: in the namespace that the path names, or always in `system`.
    pub lives_in: ActsIn,
    /// The API group that lists and reads them.
    pub read: ApiGroup,
    /// The API group that creates, replaces and removes them.
    pub write: ApiGroup,
    /// Refuses a spec that cannot be, beyond what the type `S` refuses. The error names the field.
    pub check: fn(&S) -> Result<()>,
}

/// What the spec of a kind must be able to do: it is read from requests, where members may be absent, kept as JSON, and
/// answered with all of them. As an empty one counts the spec of a request that has none.
pub trait Spec: Serialize + DeserializeOwned + JsonSchema + Clone + Default + Send + 'static {}

impl<T: Serialize + DeserializeOwned + JsonSchema + Clone + Default + Send + 'static> Spec for T {}
