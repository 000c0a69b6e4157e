//! Probes, metrics and the OpenAPI document; and the files of the pages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::{self, HeaderValue};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use crate::error::{Error, Result};
use crate::house::{Changing, House};
use crate::http::{Answer, Call, Metrics, Operation, Permission, Success, bind};
use crate::logs::Dropped;
use crate::pages::{accent, assets};
use crate::passwords::Hasher;
use crate::store::{Scope, Store};

/// The rows of this room.
pub fn operations(house: &House) -> Vec<Operation> {
    let figures = Figures::of(house);
    vec![
        Operation::get("/livez", Permission::Public, live)
            .probe()
            .id("tenantry.livez")
            .answers(&[Success::file("text/plain", "It runs.")])
            .summary("Whether the process runs."),
        Operation::get("/readyz", Permission::Public, bind(&house.is_draining, ready))
            .probe()
            .id("tenantry.readyz")
            .answers(&[Success::file("text/plain", "It takes requests.")])
            .summary("Whether to send it requests. A dead mail relay does not make it unready."),
        Operation::get("/metrics", Permission::Public, bind(&figures, metrics))
            .probe()
            .id("tenantry.metrics")
            .answers(&[Success::file(
                "application/openmetrics-text",
                "The figures, as `application/openmetrics-text`.",
            )])
            .summary("Figures for Prometheus."),
        Operation::get("/openapi.json", Permission::Public, openapi)
            .id("tenantry.openapi")
            .answers(&[Success::json::<Map<String, Value>>()])
            .summary("This document."),
        Operation::get("/assets/{name}", Permission::Public, asset)
            .id("tenantry.assets")
            .answers(&[
                Success::file("text/css", "The file."),
                Success::file("text/javascript", "The file."),
                Success::file("image/svg+xml", "The file."),
                Success::unchanged(),
            ])
            .summary("The files of the pages."),
        Operation::get("/assets/accent/{name}", Permission::Public, accent_stylesheet)
            .id("tenantry.accent")
            .answers(&[Success::file("text/css", "The stylesheet.")])
            .summary("The stylesheet of a tenant's colour."),
        Operation::get("/", Permission::Open, front)
            .page()
            .id("tenantry.front")
            .answers(&[Success::see()])
            .summary("Leads to the account."),
    ]
}

async fn live(_: Call) -> Result<Answer> {
    Ok(Answer::new("text/plain; charset=utf-8", "ok\n"))
}

async fn ready(is_draining: Arc<AtomicBool>, call: Call) -> Result<Answer> {
    if is_draining.load(Ordering::SeqCst) {
        return Ok(Answer::unready("draining\n"));
    }
    match call.store.read(Scope::HOUSE, |tx| tx.maybe("SELECT 1 FROM tenants LIMIT 1", &[])) {
        Ok(_) => Ok(Answer::new("text/plain; charset=utf-8", "ready\n")),
        Err(_) => Ok(Answer::unready("the store cannot be read\n")),
    }
}

#[derive(Clone)]
struct Figures {
    metrics: Metrics,
    store: Store,
    hasher: Hasher,
    changing: Changing,
    dropped: Dropped,
    gauges: Arc<[prometheus_client::metrics::gauge::Gauge; 7]>,
    silences: prometheus_client::metrics::counter::Counter,
}

impl Figures {
    fn of(house: &House) -> Self {
        let gauge = |name, help| house.metrics.gauge(name, help);
        let gauges = [
            gauge("store_commits", "Commits since the start"),
            gauge("store_writes", "Writes since the start, each ask of a group counted"),
            gauge("store_waiting", "Writes that wait now"),
            gauge("store_in_doubt", "Writers that do not know now what became of their last change"),
            gauge("password_hashes", "Password hashes computed since the start"),
            gauge("password_queue", "Passwords that wait to be hashed now"),
            gauge("log_lines_dropped", "Lines of the log since the start that found no room, since nobody read them"),
        ];
        Self {
            metrics: house.metrics.clone(),
            store: house.store.clone(),
            hasher: house.hasher.clone(),
            changing: house.changing.clone(),
            dropped: house.dropped_lines.clone(),
            gauges: Arc::new(gauges),
            silences: house
                .metrics
                .counter("store_silences", "Times that a database server was there and said nothing"),
        }
    }
}

async fn metrics(figures: Figures, call: Call) -> Result<Answer> {
    if let Some(token) = figures.changing.metrics_token() {
        let given =
            call.head.header(header::AUTHORIZATION).and_then(|text| text.split_once(' ')).map(|(_, token)| token);
        let is_known = given.is_some_and(|given| given.as_bytes().ct_eq(token.expose().as_bytes()).into());
        if !is_known {
            return Err(Error::unauthenticated(
                "The figures need the token of metrics.token, as Authorization: Bearer.",
            ));
        }
    }
    let stats = figures.store.stats();
    let waiting = i64::try_from(stats.waiting).unwrap_or(i64::MAX);
    let queued = i64::try_from(figures.hasher.queued()).unwrap_or(i64::MAX);
    let hashes = figures.hasher.hashes_started().cast_signed();
    let values = [
        stats.commits.cast_signed(),
        stats.writes.cast_signed(),
        waiting,
        i64::try_from(stats.in_doubt).unwrap_or(i64::MAX),
        hashes,
        queued,
        figures.dropped.count().cast_signed(),
    ];
    for (gauge, value) in figures.gauges.iter().zip(values) {
        gauge.set(value);
    }
    figures.silences.inner().store(stats.silences, Ordering::Relaxed);
    Ok(Answer::new("application/openmetrics-text; version=1.0.0; charset=utf-8", figures.metrics.text()))
}

async fn openapi(call: Call) -> Result<Answer> {
    Ok(Answer::new("application/json", call.contents.document()))
}

async fn asset(call: Call) -> Result<Answer> {
    let path = format!("/assets/{}", call.param("name"));
    let asset = assets::find(&path).ok_or_else(|| Error::not_found("There is no such file."))?;
    Answer::new(asset.content_type, asset.body.clone().into_owned())
        .validated(&asset.etag, call.head.header(header::IF_NONE_MATCH))
}

/// A colour's stylesheet is the same for all tenants, and as long as one release runs.
const A_WEEK: HeaderValue = HeaderValue::from_static("public, max-age=604800");

async fn accent_stylesheet(call: Call) -> Result<Answer> {
    let sheet = accent::stylesheet(call.param("name")).ok_or_else(|| Error::not_found("There is no such file."))?;
    Ok(Answer::new("text/css; charset=utf-8", sheet).with(header::CACHE_CONTROL, A_WEEK))
}

async fn front(_: Call) -> Result<Answer> {
    Ok(Answer::see("/account"))
}
