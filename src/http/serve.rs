//! Listens, bounds what a client may cost, asks the gate, calls the handler, drains.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header;
use http::{Method, Request, Response, request};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::admission::{Admission, Places};
use super::arriving::Arriving;
use super::body;
use super::call::{Admitted, Call};
use super::class::Class;
use super::connection::Connections;
use super::door::{Gate, Refusal};
use super::forwarded::Forwarded;
use super::head::Head;
use super::heads::{Heads, Patience};
use super::host::Host;
use super::late::{self, Probes};
use super::limits::network;
use super::metrics::{InFlight, Metrics};
use super::namespace::Namespace;
use super::operation::{Body, Operation};
use super::path;
use super::placeholder;
use super::refusals::Refusals;
use super::respond::{self, Answer, Format};
use super::router::{Found, Router};
use super::stall::Stalling;
use super::target;
use crate::clock::Clock;
use crate::error::{Error, Kind, Result};
use crate::language::Language;
use crate::logs;
use crate::random::Random;
use crate::store::Store;

/// Limits on what clients may cost.
#[derive(Clone)]
pub struct Limits {
    /// Open connections in all.
    pub connections_max: usize,
    /// Open connections from one address.
    pub connections_per_address_max: usize,
    /// From the first byte of a request to the end of its head; for the first request, from the opening of the
    /// connection.
    pub header: Duration,
    /// From an answer to the next request on the same connection.
    pub idle: Duration,
    /// For the whole body.
    pub body: Duration,
    /// The number of calls under way, by class.
    pub places: Places,
    /// A write that has not begun by this time is not begun.
    pub request: Duration,
    /// From the stop signal to the end of the process.
    pub drain: Duration,
    /// Which peers may report the client's address.
    pub trusted_proxies: TrustedProxy,
    /// Whether clients reach us by https.
    pub is_https: bool,
}

/// Decides whether a peer may report the client's address.
pub type TrustedProxy = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// The server, ready to listen.
pub struct Server {
    parts: Arc<Parts>,
    stop: watch::Sender<bool>,
}

/// A request that has been read completely.
#[derive(Clone)]
struct Asked {
    head: Arc<Head>,
    namespace: Namespace,
    body: Bytes,
    is_form: bool,
}

struct Parts {
    router: Router,
    gate: Arc<dyn Gate>,
    store: Store,
    clock: Clock,
    random: Random,
    limits: Limits,
    admission: Admission,
    forwarded: Forwarded,
    refusals: Arc<Refusals>,
    in_flight: InFlight,
    is_draining: Arc<AtomicBool>,
}

/// Enough for many cookies; nothing else in our heads is large.
const HEAD_MAX: usize = 32 * 1024;
/// How long connections are accepted after the stop signal. Busy clients then get a 503 with `Retry-After` instead of a
/// refused connection.
const LAST_CALL: Duration = Duration::from_millis(100);
/// How long a connection accepted after the stop signal may take to send its request.
const LAST_HEAD: Duration = Duration::from_secs(1);
/// Connections that may wait in the kernel to be accepted.
const BACKLOG: usize = 1024;

impl Server {
    /// Puts the parts together.
    pub fn new(
        (router, metrics): (Router, &Metrics),
        gate: Arc<dyn Gate>,
        store: Store,
        (clock, random): (Clock, Random),
        limits: Limits,
        is_draining: Arc<AtomicBool>,
    ) -> Self {
        let (in_flight, refusals) = (InFlight::default(), Arc::new(Refusals::new(metrics, store.troubles())));
        let admission = Admission::new(limits.places, Arc::clone(&refusals));
        let forwarded = Forwarded::default();
        let parts = Parts {
            router,
            gate,
            store,
            clock,
            random,
            limits,
            admission,
            forwarded,
            refusals,
            in_flight,
            is_draining,
        };
        Self { parts: Arc::new(parts), stop: watch::channel(false).0 }
    }

    /// Serves until `until` ends, then drains: accepts no new connection and finishes the requests under way.
    pub async fn serve(self, listener: TcpListener, until: impl Future<Output = ()>) {
        let limits = &self.parts.limits;
        let connections = Connections::new(limits.connections_max, limits.connections_per_address_max);
        let late = Connections::new(late::LATE_MAX, late::LATE_PER_ADDRESS_MAX);
        let probes = Arc::new(Probes::among(self.parts.router.operations()));
        let let_in = |(stream, peer): (TcpStream, SocketAddr)| {
            let (parts, stop) = (Arc::clone(&self.parts), self.stop.subscribe());
            match connections.enter(peer.ip(), (parts.limits.trusted_proxies)(peer.ip())) {
                Ok(place) => {
                    tokio::spawn(async move {
                        parts.connection(stream, peer, stop, true).await;
                        drop(place);
                    });
                }
                Err(reason) => {
                    let (probes, place) = (Arc::clone(&probes), late.enter(peer.ip(), false).ok());
                    tokio::spawn(async move {
                        if place.is_some() && probes.begin(&stream).await {
                            parts.connection(stream, peer, stop, false).await;
                        } else {
                            parts.refusals.count(reason);
                            late::turn_away(stream, place.is_some()).await;
                        }
                    });
                }
            }
        };
        let mut end = std::pin::pin!(self.last_call(until));
        loop {
            let accepted = tokio::select! {
                () = &mut end => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok(accepted) => let_in(accepted),
                // Out of file descriptors: some connection has to close first.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        // Closing the listener would reset connections in the kernel's queue, whose clients may have sent a request.
        // The runtime may not know of the last of them, so the system is asked directly.
        if let Ok(listener) = listener.into_std() {
            for (stream, peer) in std::iter::from_fn(|| listener.accept().ok()).take(BACKLOG) {
                let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
                stream.into_iter().for_each(|stream| let_in((stream, peer)));
            }
        }
        self.drain(&connections).await;
    }

    /// Waits for the stop signal, then a moment longer. Requests of that moment get a 503 and the notice that the
    /// connection closes: a close without notice leaves the client in doubt.
    async fn last_call(&self, until: impl Future<Output = ()>) {
        until.await;
        self.parts.is_draining.store(true, Ordering::SeqCst);
        tokio::time::sleep(LAST_CALL).await;
    }

    async fn drain(&self, connections: &Connections) {
        let _ = self.stop.send(true);
        let end = Instant::now() + self.parts.limits.drain;
        wait_until(end, || self.parts.in_flight.count() == 0).await;
        // The last answers still have to be sent.
        wait_until(end.min(Instant::now() + LAST_HEAD), || connections.are_closed()).await;
    }
}

async fn wait_until(end: Instant, is_so: impl Fn() -> bool) {
    while !is_so() && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

impl Parts {
    async fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        mut stop: watch::Receiver<bool>,
        is_kept: bool,
    ) {
        let _ = stream.set_nodelay(true);
        let limits = &self.limits;
        // Accepted after the stop signal: nothing was asked on this connection yet, so it gets exactly one answer.
        let last = self.is_draining.load(Ordering::SeqCst).then(|| self.in_flight.enter());
        let header = if last.is_some() { limits.header.min(LAST_HEAD) } else { limits.header };
        let heads = Heads::new(Patience { idle: limits.idle, head: header });
        let stream = Stalling::new(stream, limits.body, heads.clone());
        let silence = stream.silence();
        let parts = Arc::clone(&self);
        let service = service_fn(move |request: Request<Incoming>| {
            let parts = Arc::clone(&parts);
            let (is_clean, busy) = heads.parsed(request.body().size_hint().exact(), tokio::time::Instant::now());
            async move {
                let response = parts.answer(request, peer.ip().to_canonical(), is_clean).await;
                drop(busy);
                Ok::<_, Infallible>(response)
            }
        });
        let mut builder = http1::Builder::new();
        // `Stalling` enforces the time limits.
        builder.header_read_timeout(None).max_buf_size(HEAD_MAX).half_close(false);
        // Answers are small: copying the body behind its headers costs less than a vectored write.
        builder.writev(false).keep_alive(is_kept && last.is_none());
        let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            // Errors of the client's connection concern nobody else.
            _ = &mut connection => return,
            _ = stop.wait_for(|stop| *stop), if last.is_none() => {}
        }
        // Closing on a request that has just arrived would leave its client in doubt. It is answered, as the last on
        // this connection.
        if !silence.comes_within(connection.as_mut()).await {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }

    async fn answer(&self, request: Request<Incoming>, peer: IpAddr, is_clean: bool) -> Response<Full<Bytes>> {
        let began = Instant::now();
        let _in_flight = self.in_flight.enter();
        let (parts, incoming) = request.into_parts();
        let (version, mut body) = (parts.version, Arriving::new(incoming, parts.version, &parts.headers));
        let (host, has_host) = target::host(&parts, is_clean);
        let mut head = self.head(parts, host, peer, began);
        let method = head.method.clone();
        let is_chunked = head.headers.contains_key(header::TRANSFER_ENCODING);
        let found = has_host.and_then(|has_host| self.find(&head, has_host));
        let (answer, request_id, path) = match found {
            Ok((path, (entry, params))) => {
                head.path = path.into();
                head.params = params;
                let (id, format) = (head.request_id.simple().to_string(), self.format(&head, entry.operation.is_page));
                let outcome = self.handle(head, &entry.operation, &mut body).await;
                let answer = outcome.unwrap_or_else(|failure| self.told(&failure, &id, &format, entry.operation.id));
                entry.figures.count(answer.status, began.elapsed());
                (answer, id, entry.operation.path)
            }
            Err(failure) => {
                let format = self.format(&head, true);
                let id = head.request_id.simple().to_string();
                // The contract's sentence is for programs; the page has its own words for an unknown path.
                let is_known = !(failure.kind == Kind::NotFound && matches!(format, Format::Page(..)));
                let failure = if is_known { failure } else { Error::not_found("") };
                (self.told(&failure, &id, &format, "-"), id, "(unknown)")
            }
        };
        logs::request(logs::Request {
            id: &request_id,
            method: method.as_str(),
            path,
            status: answer.status.as_u16(),
            milliseconds: began.elapsed().as_secs_f64() * 1e3,
        });
        let is_settled = body.settle(answer.status).await;
        let mut response = respond::finish(answer, &request_id, self.limits.is_https);
        if method == Method::HEAD {
            *response.body_mut() = Full::default();
        }
        // RFC 9112 § 6.1: a length beside a transfer coding is ignored, and the connection must close. hyper has
        // removed the length by now, and after a chunked body only hyper knows where the next head begins.
        if !is_settled || !is_clean || is_chunked || self.is_draining.load(Ordering::Relaxed) {
            response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
            // With an older version hyper would add a contradicting header.
            *response.version_mut() = version;
        }
        response
    }

    /// The table's row for the request, and its path. Probes may be HTTP/1.0 requests without a host.
    fn find(&self, head: &Head, has_host: bool) -> Result<(String, Found)> {
        let (method, raw) = (&head.method, &*head.path);
        let path = path::normalise(raw);
        let found = self.router.find(method, &path).map(|found| (path, found));
        let (path, found) = found.or_else(|failure| match failure.kind {
            Kind::NotFound | Kind::Invalid => self.router.find_torn(method, raw).ok_or(failure),
            _ => Err(failure),
        })?;
        if has_host || found.0.operation.class == Class::Probe { Ok((path, found)) } else { Err(target::unnamed()) }
    }

    fn head(&self, request: request::Parts, host: Host, peer: IpAddr, began: Instant) -> Head {
        let request::Parts { method, uri, headers, .. } = request;
        let now = self.clock.now();
        Head {
            method,
            host,
            path: uri.path().into(),
            query: uri.query().unwrap_or_default().to_string(),
            address: self.forwarded.client(peer, &headers, |address| (self.limits.trusted_proxies)(address)),
            headers,
            params: Vec::new(),
            request_id: self.random.uuid(now),
            now,
            deadline: began + self.limits.request,
        }
    }

    fn format(&self, head: &Head, is_page: bool) -> Format {
        let language = head.header(header::ACCEPT_LANGUAGE).and_then(Language::from_accept_language);
        let accept = head.header(header::ACCEPT).unwrap_or_default();
        Format::of(accept, is_page, language, || self.gate.tenant(head))
    }

    async fn handle(&self, mut head: Head, operation: &Operation, arriving: &mut Arriving) -> Result<Answer> {
        if operation.class == Class::Probe {
            let (head, namespace) = (Arc::new(head), Namespace::system());
            let asked = Asked { head, namespace, body: Bytes::new(), is_form: false };
            return self.call(asked, operation, Admitted::default()).await;
        }
        if self.is_draining.load(Ordering::Relaxed) {
            return Err(Error::unavailable("This server is shutting down. Try again in a few seconds.", 5));
        }
        arriving.check_length(operation)?;
        spend(&head, operation).and_then(|()| self.admission.check_call(operation))?;
        let settled = (!placeholder::stands_in(&head)).then(|| Namespace::of(operation.acts_in, &head));
        let admitted = match self.let_in(&head, operation, settled.as_ref()).await {
            Ok(admitted) => admitted,
            Err(refusal) => return Err(self.refused(&head, operation, refusal).await),
        };
        let tenant = admitted.tenant.as_ref().map(|tenant| tenant.id);
        self.admission.check(operation, tenant)?;
        let (body, is_form) = self.read_body(&head, operation, arriving).await?;
        head.check_texts(operation.is_page)?;
        let namespace = match settled {
            Some(namespace) => namespace,
            None => {
                placeholder::resolve(&mut head, operation, &body::values(&body, is_form)?)?;
                let namespace = Namespace::of(operation.acts_in, &head);
                if let Err(error) = self.gate.judge(&head, operation, &namespace, &admitted) {
                    return Err(self.refused(&head, operation, Refusal { error, admitted }).await);
                }
                namespace
            }
        };
        // The place is taken only now: a body that does not arrive must not keep other calls out.
        let place = self.admission.enter(operation, tenant)?;
        let asked = Asked { head: Arc::new(head), namespace, body, is_form };
        let outcome = self.carry_out(&asked, operation, admitted).await;
        drop(place);
        match outcome {
            Ok(answer) => Ok(answer),
            Err(refusal) => Err(self.refused(&asked.head, operation, refusal).await),
        }
    }

    /// The body, and whether it is a form.
    async fn read_body(&self, head: &Head, operation: &Operation, arriving: &mut Arriving) -> Result<(Bytes, bool)> {
        Ok(match operation.body {
            Body::None => (Bytes::new(), false),
            Body::Json => (arriving.read(operation, self.limits.body).await?, false),
            Body::Form => {
                let body = arriving.read(operation, self.limits.body).await?;
                (body, body::is_form(head)?)
            }
        })
    }

    /// The caller, as admitted. If the path has a placeholder that the body resolves, the caller is only identified here
    /// and judged later.
    async fn let_in(
        &self,
        head: &Head,
        operation: &Operation,
        namespace: Option<&Namespace>,
    ) -> Result<Admitted, Refusal> {
        let Some(namespace) = namespace else { return self.gate.identify(head, operation).await };
        match self.gate.presume(head, operation, namespace) {
            Some(admitted) => Ok(admitted),
            None => self.admit(head, operation, namespace).await,
        }
    }

    async fn admit(&self, head: &Head, operation: &Operation, namespace: &Namespace) -> Result<Admitted, Refusal> {
        let admitted = self.gate.identify(head, operation).await?;
        match self.gate.judge(head, operation, namespace, &admitted) {
            Ok(()) => Ok(admitted),
            Err(error) => Err(Refusal { error, admitted }),
        }
    }

    /// Calls the handler for the admitted caller. If the verb finds that outdated, the gate is asked and the handler
    /// called once more.
    async fn carry_out(&self, asked: &Asked, operation: &Operation, admitted: Admitted) -> Result<Answer, Refusal> {
        match self.call(asked.clone(), operation, admitted.clone()).await {
            Err(failure) if failure.kind == Kind::Outdated => {
                let admitted = self.admit(&asked.head, operation, &asked.namespace).await?;
                let outcome = self.call(asked.clone(), operation, admitted.clone()).await;
                outcome.map_err(|error| Refusal { error, admitted })
            }
            outcome => outcome.map_err(|error| Refusal { error, admitted }),
        }
    }

    /// The error for the client. A forbidden call leaves an audit record, wherever it was refused; if there is no place
    /// to write the record, the client gets 503 instead.
    async fn refused(&self, head: &Head, operation: &Operation, Refusal { error, admitted }: Refusal) -> Error {
        let is_kept = error.kind == Kind::Forbidden;
        if let Some(trace) = is_kept.then(|| self.gate.trace(head, operation, &admitted)).flatten() {
            match self.admission.enter_record(trace.tenant) {
                Ok(_place) => self.gate.record_refusal(trace).await,
                Err(busy) => return busy,
            }
        }
        error
    }

    async fn call(&self, asked: Asked, operation: &Operation, admitted: Admitted) -> Result<Answer> {
        let (store, random, contents) = (self.store.clone(), self.random.clone(), Arc::clone(self.router.contents()));
        let Asked { head, namespace, body, is_form } = asked;
        let call = Call { head, namespace, body, is_form, store, random, admitted, operation: operation.id, contents };
        (operation.handler)(call).await
    }

    /// The one place that logs the cause of an error.
    fn told(&self, failure: &Error, request_id: &str, format: &Format, operation: &str) -> Answer {
        self.refusals.count_kind(failure.kind);
        match failure.kind {
            Kind::Unavailable { .. } | Kind::Timeout => self.refusals.say(failure, request_id, operation),
            Kind::Internal => {
                tracing::error!(request_id, operation, cause = ?failure.cause, "{}", failure.message);
            }
            _ => {}
        }
        respond::error(failure, request_id, format)
    }
}

/// Takes one call from the address's allowance.
fn spend(head: &Head, operation: &Operation) -> Result<()> {
    let allowance = operation.per_address.as_ref();
    allowance.map_or(Ok(()), |allowance| allowance.take(network(head.address), head.now))
}
