//! An operation is a row of a table; everything that the house knows about it stands there.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;

use super::admission::Class;
use super::body;
use super::call::Call;
use super::limits::Bucket;
use super::namespace::ActsIn;
use super::parameter::Parameter;
use super::respond::{Answer, IntoAnswer, Success};
use crate::error::Result;
use crate::rights::ApiGroup;

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Anyone, and the gate asks nobody who they are or at which tenant: that makes no difference to the answer.
    Public,
    /// Anyone, without a credential.
    Open,
    /// Anyone whose credential or session counts; no role is asked for.
    SignedIn,
    /// A caller with a role that has this API group in the namespace in which the call acts.
    Group(ApiGroup),
    /// Anyone, but the dev mode alone serves it.
    DevOnly,
}

/// What body an operation takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// None; one that is sent is not looked at.
    None,
    /// JSON, whatever the content type says, since real clients say anything.
    Json,
    /// The form of a page, or JSON from a program; nothing else, so that no foreign page can post it.
    Form,
}

type Shown = fn(&mut SchemaGenerator) -> Option<Schema>;
type Handling = Pin<Box<dyn Future<Output = Result<Answer>> + Send>>;
type Handler = Arc<dyn Fn(Call) -> Handling + Send + Sync>;

/// One row of the table.
#[derive(Clone)]
pub struct Operation {
    /// The id in the public contract, or ours.
    pub id: &'static str,
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for what varies.
    pub path: &'static str,
    /// Who may.
    pub permission: Permission,
    /// In which namespace its calls act. None where the path names no namespace: then it is `system`.
    pub acts_in: Option<ActsIn>,
    /// What body it takes.
    pub body: Body,
    /// The largest body, in bytes.
    pub body_max: usize,
    /// What it costs most: where it waits, and how many of its kind may be under way.
    pub class: Class,
    /// How often one address may call it; operations may share one.
    pub per_address: Option<Arc<Bucket<IpAddr>>>,
    /// Whether its verb confirms, in the look that it does anyway, that the caller still is who they are taken for. Then
    /// the gate need not look first.
    pub confirms: bool,
    /// Whether it is meant for people: errors are pages where the reader asks for HTML.
    pub is_page: bool,
    /// Whether its address also leads here with signs of any kind behind it.
    pub is_torn_too: bool,
    /// Whether nothing that a browser holds matters to it: the body alone says who may.
    pub uses_no_cookie: bool,
    /// One sentence for the documentation.
    pub summary: &'static str,
    /// What it reads of the query.
    pub(super) queries: Vec<Parameter>,
    /// The headers that it reads, beside those of every call.
    pub(super) headers: Vec<Parameter>,
    /// The headers of its answer, beside those of every answer.
    pub(super) answer_headers: Vec<Parameter>,
    pub(super) request: Shown,
    /// What it answers when all is well.
    pub(super) successes: Vec<Success>,
    pub(super) handler: Handler,
}

/// Touches passwords or links: nothing of it needs more.
const BODY_MAX: usize = 16 * 1024;

impl Operation {
    /// A call that reads.
    pub fn get<A, F>(
        path: &'static str,
        permission: Permission,
        handler: impl Fn(Call) -> F + Send + Sync + 'static,
    ) -> Self
    where
        A: IntoAnswer,
        F: Future<Output = Result<A>> + Send + 'static,
    {
        let handler = Arc::new(move |call| -> Handling {
            let answer = handler(call);
            Box::pin(async move { answer.await?.into_answer() })
        });
        Self::row((Method::GET, path), permission, Body::None, (|_| None, A::successes()), handler)
    }

    /// A call that does something, with a JSON body.
    pub fn post<B, A, F>(
        path: &'static str,
        permission: Permission,
        handler: impl Fn(Call, B) -> F + Send + Sync + 'static,
    ) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        A: IntoAnswer,
        F: Future<Output = Result<A>> + Send + 'static,
    {
        Self::with_body(Method::POST, path, permission, handler)
    }

    /// A call that replaces something.
    pub fn put<B, A, F>(
        path: &'static str,
        permission: Permission,
        handler: impl Fn(Call, B) -> F + Send + Sync + 'static,
    ) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        A: IntoAnswer,
        F: Future<Output = Result<A>> + Send + 'static,
    {
        Self::with_body(Method::PUT, path, permission, handler)
    }

    fn with_body<B, A, F>(
        method: Method,
        path: &'static str,
        permission: Permission,
        handler: impl Fn(Call, B) -> F + Send + Sync + 'static,
    ) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        A: IntoAnswer,
        F: Future<Output = Result<A>> + Send + 'static,
    {
        let handler = Arc::new(move |call: Call| -> Handling {
            let asked = body::decode::<B>(&call).map(|asked| handler(call, asked));
            Box::pin(async move { asked?.await?.into_answer() })
        });
        let request: Shown = |schemas| Some(schemas.subschema_for::<B>());
        Self::row((method, path), permission, Body::Json, (request, A::successes()), handler)
    }

    fn row(
        (method, path): (Method, &'static str),
        permission: Permission,
        body: Body,
        (request, successes): (Shown, Vec<Success>),
        handler: Handler,
    ) -> Self {
        let class = if method == Method::GET { Class::Read } else { Class::Write };
        Self {
            id: path,
            method,
            path,
            permission,
            acts_in: None,
            body,
            body_max: BODY_MAX,
            class,
            per_address: None,
            confirms: false,
            is_page: false,
            is_torn_too: false,
            uses_no_cookie: false,
            summary: "",
            queries: Vec::new(),
            headers: Vec::new(),
            answer_headers: Vec::new(),
            request,
            successes,
            handler,
        }
    }

    /// Names it as the contract does.
    #[must_use]
    pub fn id(mut self, id: &'static str) -> Self {
        self.id = id;
        self
    }

    /// Says in a sentence what it does.
    #[must_use]
    pub fn summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    /// Acts in `system`, whatever namespace the path names: what it touches belongs to the tenant.
    #[must_use]
    pub fn in_system(mut self) -> Self {
        self.acts_in = Some(ActsIn::System);
        self
    }

    /// Acts in the namespace that this parameter of the path names, and asks for the caller's roles there.
    #[must_use]
    pub fn in_namespace(mut self, param: &'static str) -> Self {
        self.acts_in = Some(ActsIn::Named(param));
        self
    }

    /// Says what it answers when all is well, where the type of its handler does not.
    #[must_use]
    pub fn answers(mut self, successes: &[Success]) -> Self {
        self.successes.extend_from_slice(successes);
        self
    }

    /// Is meant for people: takes the form of its page, or JSON, and shows errors as pages.
    #[must_use]
    pub fn page(mut self) -> Self {
        self.is_page = true;
        if self.body == Body::Json {
            self.body = Body::Form;
        }
        self
    }

    /// Is where a mailed link leads. Mail programs and people encode what follows its address, cut it off, or put full
    /// stops, brackets and more behind it; all of them come to the page.
    #[must_use]
    pub fn torn_too(mut self) -> Self {
        self.is_torn_too = true;
        self
    }

    /// Is carried out for whoever holds what the body holds, by whichever browser it comes: cookies are not looked at.
    #[must_use]
    pub fn without_cookie(mut self) -> Self {
        self.uses_no_cookie = true;
        self
    }

    /// Is open to anyone, so each address has an allowance. It is taken before anything is done for the call.
    #[must_use]
    pub fn per_address(mut self, allowance: &Arc<Bucket<IpAddr>>) -> Self {
        self.per_address = Some(Arc::clone(allowance));
        self
    }

    /// Confirms who calls where they are only presumed ([`super::Admitted::presumed`]).
    #[must_use]
    pub fn confirms(mut self) -> Self {
        self.confirms = true;
        self
    }

    /// Hashes a password: by far the most costly thing that we do.
    #[must_use]
    pub fn hashes(mut self) -> Self {
        self.class = Class::Hash;
        self
    }

    /// Tells how the process is: answered by whoever asks, without a look at them, when nothing else is.
    #[must_use]
    pub fn probe(mut self) -> Self {
        self.class = Class::Probe;
        self
    }

    /// Takes bodies of up to so many bytes.
    #[must_use]
    pub fn body_max(mut self, bytes: usize) -> Self {
        self.body_max = bytes;
        self
    }
}
