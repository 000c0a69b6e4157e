//! One request from the wire to the response: its head is read, its row found, its answer or its error given a form.

use std::sync::atomic::Ordering;
use std::time::Instant;

use http::header;
use http::{Method, Request, Response, Version, request};
use hyper::body::Incoming;

use super::arriving::Arriving;
use super::class::Class;
use super::content::Content;
use super::form::Form;
use super::head::Head;
use super::host::Host;
use super::operation::Operation;
use super::parts::Parts;
use super::path;
use super::place;
use super::respond::{self, Answer, Format};
use super::router::Found;
use super::stream::Peer;
use super::target;
use crate::error::{Error, Kind, Result};
use crate::language::Language;
use crate::logs;

impl Parts {
    /// The response to one request; errors become answers here.
    pub(super) async fn answer(&self, request: Request<Incoming>, peer: Peer, is_clean: bool) -> Response<Content> {
        let began = Instant::now();
        let in_flight = self.in_flight.enter();
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
                let (operation, id) = (&entry.operation, head.request_id.simple().to_string());
                let format = self.format(&head, operation.form, operation.is_page);
                let place = operation.console_of.map(|_| place::of(&head));
                let outcome =
                    self.handle(head, operation, &mut body).await.map(|answer| answer.in_form(operation.form));
                let answer = outcome.unwrap_or_else(|failure| {
                    let elsewhere = elsewhere(&failure, operation, place.as_deref(), &format);
                    elsewhere.unwrap_or_else(|| self.told(&failure, &id, &format, operation.id))
                });
                entry.figures.count(answer.status, began.elapsed());
                (answer, id, operation.path)
            }
            Err(failure) => (self.unfound(&head, failure), head.request_id.simple().to_string(), "(unknown)"),
        };
        logs::request(logs::Request {
            id: &request_id,
            method: method.as_str(),
            path,
            status: answer.status.as_u16(),
            milliseconds: began.elapsed().as_secs_f64() * 1e3,
        });
        let is_settled = body.settle(answer.status).await;
        let policy = self.pages.content_security_policy;
        let mut response = respond::finish(answer, &request_id, policy, self.limits.demands_https);
        if method == Method::HEAD {
            *response.body_mut() = Content::from("");
        }
        // RFC 9112 § 6.1: a length beside a transfer coding is ignored, and the connection must close. hyper has
        // removed the length by now, and after a chunked body only hyper knows where the next head begins.
        if !is_settled || !is_clean || is_chunked || self.is_draining.load(Ordering::Relaxed) {
            close(&mut response, version);
        }
        response.body_mut().hold_in_flight(in_flight);
        response
    }

    /// The answer to a request for which the table has no row. The contract's sentence is for programs; the page has its own
    /// words for an unknown path.
    fn unfound(&self, head: &Head, failure: Error) -> Answer {
        let format = self.format(head, Form::of_path(&path::normalise(&head.path)), true);
        let is_known = !(failure.kind == Kind::NotFound && matches!(format, Format::Page(..)));
        let failure = if is_known { failure } else { Error::not_found("") };
        self.told(&failure, &head.request_id.simple().to_string(), &format, "-")
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

    fn head(&self, request: request::Parts, host: Host, peer: Peer, began: Instant) -> Head {
        let request::Parts { method, uri, headers, .. } = request;
        let now = self.clock.now();
        let (address, is_local) = (peer.address.ip().to_canonical(), peer.is_local);
        let is_proxy = |address| !is_local && (self.limits.trusted_proxies)(address);
        Head {
            method,
            host,
            path: uri.path().into(),
            query: uri.query().unwrap_or_default().to_string(),
            address: self.forwarded.client(address, &headers, is_proxy),
            is_local,
            headers,
            params: Vec::new(),
            request_id: self.random.uuid(now),
            now,
            deadline: began + self.limits.request,
        }
    }

    fn format(&self, head: &Head, form: Form, is_page: bool) -> Format {
        let language = head.header(header::ACCEPT_LANGUAGE).and_then(Language::from_accept_language);
        let accept = head.header(header::ACCEPT).unwrap_or_default();
        Format::of(form, accept, is_page, language, || self.gate.tenant(head))
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
        respond::error(failure, request_id, format, self.pages)
    }
}

/// Where a browser goes instead of being told that it was refused: to prove again who is there, or from a page of the console
/// to the sign-in. From both it comes back.
fn elsewhere(failure: &Error, operation: &Operation, place: Option<&str>, format: &Format) -> Option<Answer> {
    if !matches!(format, Format::Page(..)) {
        return None;
    }
    let path = match failure.kind {
        Kind::Stale => format!("/prove?back={}", place.map(place::in_query).or(operation.fresh.map(String::from))?),
        Kind::Unauthenticated => format!("/signin?to={}", place::in_query(place?)),
        _ => return None,
    };
    Answer::see_at(&path).ok()
}

/// Says that this answer is the last one on its connection.
fn close(response: &mut Response<Content>, version: Version) {
    response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    // With an older version hyper would add a contradicting header.
    *response.version_mut() = version;
}
