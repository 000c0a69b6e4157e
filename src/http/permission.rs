//! Which callers an operation is for, and which bodies it accepts.

use crate::access::ApiGroup;

/// Which callers may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Anyone. The gate looks up neither caller nor tenant, since the answer depends on neither.
    Public,
    /// Anyone, with or without a credential.
    Open,
    /// Any caller with a valid credential or session, whatever their roles.
    SignedIn,
    /// A caller with a role that grants this API group in the namespace in which the call acts.
    Group(ApiGroup),
    /// An operator of the installation: a user of the operators' tenant who may do all that its administrators may, or a
    /// caller by the socket in the data directory.
    Operator,
    /// Anyone, and only the dev mode serves it.
    DevOnly,
}

/// Which kind of body an operation accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// None; a body that is sent anyway is ignored.
    None,
    /// JSON, whatever the content type says, since real clients send any.
    Json,
    /// Lines, each of them JSON, which the handler reads; whatever the content type says.
    Lines,
    /// A file, which the handler reads: raw, or in a form of several parts; whatever the content type says.
    File,
    /// A page's form, or JSON from a program. Other types are refused, so that no foreign page can post one.
    Form,
}
