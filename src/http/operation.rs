//! An operation is one row of a table; the row says everything that other parts know about it.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;

use super::body;
use super::call::Call;
use super::class::Class;
use super::form::Form;
use super::limits::Bucket;
use super::namespace::ActsIn;
use super::parameter::Parameter;
use super::permission::{Body, Permission};
use super::respond::{Answer, IntoAnswer, Success};
use crate::error::Result;

type Shown = fn(&mut SchemaGenerator) -> Option<Schema>;
type Handling = Pin<Box<dyn Future<Output = Result<Answer>> + Send>>;
type Handler = Arc<dyn Fn(Call) -> Handling + Send + Sync>;

/// One row of the table.
#[derive(Clone)]
pub struct Operation {
    /// The id in the public contract, or our own.
    pub id: &'static str,
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for each variable part.
    pub path: &'static str,
    /// Which callers may call it.
    pub permission: Permission,
    /// The namespace in which its calls act. `None` where the path names no namespace: then it is `system`.
    pub acts_in: Option<ActsIn>,
    /// Which kind of body it accepts.
    pub body: Body,
    /// The largest body, in bytes.
    pub body_max: usize,
    /// Its main cost, which decides how many calls of its kind may be under way.
    pub class: Class,
    /// How often one address may call it. Operations may share one allowance.
    pub per_address: Option<Arc<Bucket<IpAddr>>>,
    /// The verb re-checks the caller itself, so the gate may skip its own query (decision 0023). Only for hot verbs.
    pub confirms: bool,
    /// A session that calls it must have proved a moment ago who it is of; a form is sent back to this page afterwards.
    pub fresh: Option<&'static str>,
    /// The form of its answers.
    pub form: Form,
    /// A page for people: errors are pages too if the client asks for HTML.
    pub is_page: bool,
    /// A row of the console: the operation whose verb it calls, by its id, and whose permission it has.
    pub console_of: Option<&'static str>,
    /// The path also matches with stray characters appended to it (a mailed link that was damaged).
    pub is_torn_too: bool,
    /// Cookies are ignored: the secret in the body alone authorises the call.
    pub uses_no_cookie: bool,
    /// One sentence for the documentation.
    pub summary: &'static str,
    /// The query parameters that it reads.
    pub(super) queries: Vec<Parameter>,
    /// The headers that it reads, beside those common to all operations.
    pub(super) headers: Vec<Parameter>,
    /// The headers of its answers, beside those common to all answers.
    pub(super) answer_headers: Vec<Parameter>,
    pub(super) request: Shown,
    /// Its answers on success.
    pub(super) successes: Vec<Success>,
    pub(super) handler: Handler,
}

/// Enough for every body about passwords and links.
const BODY_MAX: usize = 16 * 1024;

impl Operation {
    /// An operation that reads.
    pub fn get<A, F>(
        path: &'static str,
        permission: Permission,
        handler: impl Fn(Call) -> F + Send + Sync + 'static,
    ) -> Self
    where
        A: IntoAnswer,
        F: Future<Output = Result<A>> + Send + 'static,
    {
        Self::without_fields((Method::GET, path), permission, Body::None, handler)
    }

    /// An operation that does something, with a JSON body.
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

    /// An operation that replaces something.
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

    /// An operation that removes something. Its body may be absent (RFC 9110 § 9.3.5); clients of the public API send one.
    pub fn delete<B, A, F>(
        path: &'static str,
        permission: Permission,
        handler: impl Fn(Call, B) -> F + Send + Sync + 'static,
    ) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        A: IntoAnswer,
        F: Future<Output = Result<A>> + Send + 'static,
    {
        Self::with_body(Method::DELETE, path, permission, handler)
    }

    /// An operation that changes parts of something (RFC 5789).
    pub fn patch<B, A, F>(
        path: &'static str,
        permission: Permission,
        handler: impl Fn(Call, B) -> F + Send + Sync + 'static,
    ) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        A: IntoAnswer,
        F: Future<Output = Result<A>> + Send + 'static,
    {
        Self::with_body(Method::PATCH, path, permission, handler)
    }

    /// An operation that takes lines in its body, which its handler reads.
    pub fn put_lines<A, F>(
        path: &'static str,
        permission: Permission,
        handler: impl Fn(Call) -> F + Send + Sync + 'static,
    ) -> Self
    where
        A: IntoAnswer,
        F: Future<Output = Result<A>> + Send + 'static,
    {
        Self::without_fields((Method::PUT, path), permission, Body::Lines, handler)
    }

    /// An operation that takes a file in its body, which its handler reads.
    pub fn post_file<A, F>(
        path: &'static str,
        permission: Permission,
        handler: impl Fn(Call) -> F + Send + Sync + 'static,
    ) -> Self
    where
        A: IntoAnswer,
        F: Future<Output = Result<A>> + Send + 'static,
    {
        Self::without_fields((Method::POST, path), permission, Body::File, handler)
    }

    /// Whatever body there is, the handler reads it itself.
    fn without_fields<A, F>(
        at: (Method, &'static str),
        permission: Permission,
        body: Body,
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
        Self::row(at, permission, body, (|_| None, A::successes()), handler)
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
            fresh: None,
            form: Form::default(),
            is_page: false,
            console_of: None,
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

    /// Sets its id, as in the contract.
    #[must_use]
    pub fn id(mut self, id: &'static str) -> Self {
        self.id = id;
        self
    }

    /// Sets its summary, one sentence.
    #[must_use]
    pub fn summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    /// Acts in `system`, whatever namespace the path names: users, credentials and their like belong to the tenant.
    #[must_use]
    pub fn in_system(mut self) -> Self {
        self.acts_in = Some(ActsIn::System);
        self
    }

    /// As [`Operation::in_system`], for objects of which every tenant has some built in: the path may also name the
    /// pseudo-namespace `ves-io-shared`.
    #[must_use]
    pub fn in_system_or_built_in(mut self) -> Self {
        self.acts_in = Some(ActsIn::SystemOrBuiltIn);
        self
    }

    /// Acts in the namespace that this parameter of the path names, and asks for the caller's roles there.
    #[must_use]
    pub fn in_namespace(mut self, param: &'static str) -> Self {
        self.acts_in = Some(ActsIn::Named(param));
        self
    }

    /// Sets its answers on success, if the handler's return type does not tell them.
    #[must_use]
    pub fn answers(mut self, successes: &[Success]) -> Self {
        self.successes.extend_from_slice(successes);
        self
    }

    /// Makes it a page for people: it accepts the page's form or JSON, and shows errors as pages.
    #[must_use]
    pub fn page(mut self) -> Self {
        self.is_page = true;
        if self.body == Body::Json {
            self.body = Body::Form;
        }
        self
    }

    /// Makes it a page of the console, which has no right of its own: it must have the permission of this operation. A
    /// browser that is not signed in is sent to the sign-in, and from there back here.
    #[must_use]
    pub fn console(mut self, of: &'static str) -> Self {
        self.console_of = Some(of);
        self.page()
    }

    /// Also matches damaged forms of its path, for pages that mailed links lead to. Mail programs and people encode the
    /// end of a link, cut it off, or append full stops and brackets.
    #[must_use]
    pub fn torn_too(mut self) -> Self {
        self.is_torn_too = true;
        self
    }

    /// Ignores cookies: the secret in the body authorises the call, whichever browser sends it.
    #[must_use]
    pub fn without_cookie(mut self) -> Self {
        self.uses_no_cookie = true;
        self
    }

    /// Limits how often one address may call it. The allowance is taken before anything else is done for the call.
    #[must_use]
    pub fn per_address(mut self, allowance: &Arc<Bucket<IpAddr>>) -> Self {
        self.per_address = Some(Arc::clone(allowance));
        self
    }

    /// Declares that its verb confirms a presumed caller ([`super::Admitted::presumed`]).
    #[must_use]
    pub fn confirms(mut self) -> Self {
        self.confirms = true;
        self
    }

    /// Asks a session to have proved a moment ago who it is of (decision 0039). From the page of the proof a browser goes
    /// on to this page.
    #[must_use]
    pub fn fresh(mut self, page: &'static str) -> Self {
        self.fresh = Some(page);
        self
    }

    /// Declares that it hashes a password: by far the most costly thing that we do.
    #[must_use]
    pub fn hashes(mut self) -> Self {
        self.class = Class::Hash;
        self
    }

    /// Declares that it brings rows of an import, which wait for all others.
    #[must_use]
    pub fn imports(mut self) -> Self {
        self.class = Class::Import;
        self
    }

    /// Declares that it reads, long after the one row that it writes: its place is among the readings.
    #[must_use]
    pub fn reads(mut self) -> Self {
        self.class = Class::Read;
        self
    }

    /// Declares it a probe of the process's health: answered to anyone, when nothing else is.
    #[must_use]
    pub fn probe(mut self) -> Self {
        self.class = Class::Probe;
        self
    }
}
