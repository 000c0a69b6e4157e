//! The namespace of a call, settled once, before the gate judges: the gate judges in this value and the verb gets the same
//! one. So no call acts in a namespace in which nobody has judged.

use std::borrow::Cow;

use super::head::Head;
use crate::access::SYSTEM;

/// In which namespace the calls of an operation act, and their callers' roles are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActsIn {
    /// In `system`: what they touch belongs to the tenant, whatever namespace the path names.
    System,
    /// In `system`; the path may also name the pseudo-namespace under which the public API keeps what every tenant has.
    SystemOrBuiltIn,
    /// In the namespace that this parameter of the path names.
    Named(&'static str),
}

/// The namespace of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    acts_in: Cow<'static, str>,
    of_path: Option<String>,
}

impl Namespace {
    /// The namespace of a call whose path holds no placeholder any more.
    pub(super) fn of(acts_in: Option<ActsIn>, head: &Head) -> Self {
        match acts_in {
            Some(ActsIn::Named(param)) => {
                let name = head.param(param).unwrap_or_default();
                Self { acts_in: Cow::Owned(name.to_owned()), of_path: Some(name.to_owned()) }
            }
            Some(ActsIn::SystemOrBuiltIn) => {
                let of_path = head.param(PARAM).filter(|name| *name != BUILT_IN).map(str::to_owned);
                Self { of_path, ..Self::system() }
            }
            Some(ActsIn::System) | None => Self { of_path: head.param(PARAM).map(str::to_owned), ..Self::system() },
        }
    }

    /// The namespace of a call whose path names none.
    pub fn system() -> Self {
        Self { acts_in: Cow::Borrowed(SYSTEM), of_path: None }
    }

    /// Where the call acts, and its caller's roles are judged.
    pub fn name(&self) -> &str {
        &self.acts_in
    }

    /// The namespace that the path names, if it names one. A call is refused where the caller may not know of it, also if it
    /// acts in `system`.
    pub fn of_path(&self) -> Option<&str> {
        self.of_path.as_deref()
    }
}

/// The parameter by which paths of the public API name a namespace.
const PARAM: &str = "namespace";
/// The pseudo-namespace of built-in objects. It is no namespace: no role counts there, and nothing else is found under it.
const BUILT_IN: &str = "ves-io-shared";

/// Whether a row says what its path leaves open: in which namespace its calls act. Rows whose paths name none act in
/// `system`.
pub(super) fn is_said_by(path: &str, acts_in: Option<ActsIn>) -> bool {
    let has = |param: &str| path.split('/').any(|part| part == format!("{{{param}}}"));
    match acts_in {
        Some(ActsIn::Named(param)) => has(param),
        Some(ActsIn::System | ActsIn::SystemOrBuiltIn) => true,
        None => !has(PARAM),
    }
}
