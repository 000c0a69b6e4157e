//! Log lines on standard error.
//!
//! At level `debug` each request gives exactly one line, by [`request`]: its id, the method, the
//! *template* of the path, the status and the milliseconds. Who did what stands in the audit record,
//! whatever the level; a failure of ours is logged at every level. Never logged, at any level: a raw path or
//! query (they may hold an address or a pasted link), a body, a header, a token, a password, a link.
//! Users are named by id; their addresses stand in the audit trail, which is made for it. A cause of
//! an internal error is logged once, with the request id, where the answer is made.
//!
//! The level counts for our own lines. Of the libraries only warnings pass, whatever the level: what
//! they write when they debug is not ours to vouch for.

mod seldom;
mod writer;

use std::fmt;

use tracing::level_filters::LevelFilter;
use tracing::subscriber::{self, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::{Registry, reload};

use self::writer::Lines;
use crate::clock::Clock;
use crate::config::{Log, LogFormat, LogLevel};
use crate::error::{Error, Result};

pub use self::seldom::Seldom;
pub use self::writer::Dropped;

/// The log of the process. When it goes, the last lines are written.
pub struct Logs {
    lines: Lines,
    level: Level,
}

/// Starts logging for the whole process, with the times of `clock`. Fails if it was started before.
pub fn start(log: Log, clock: Clock) -> Result<Logs> {
    let lines = Lines::to(std::io::stderr(), tell_of_dropped)?;
    let (subscriber, level) = subscriber(log, clock, lines.clone());
    subscriber::set_global_default(subscriber).map_err(Error::internal)?;
    // The default hook would block while nobody reads standard error.
    std::panic::set_hook(Box::new(|panic| {
        let told = panic.to_string().replace(['\n', '\r'], " ");
        tracing::error!("{told}");
    }));
    Ok(Logs { lines, level: Level(level) })
}

fn tell_of_dropped(lines: u64) {
    tracing::warn!(lines, "lines of the log found no room, since nobody read them, and were dropped");
}

impl Logs {
    /// The count of dropped lines.
    pub fn dropped(&self) -> Dropped {
        self.lines.dropped.clone()
    }

    /// The handle that sets the level.
    pub fn level(&self) -> Level {
        self.level.clone()
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        self.lines.flush();
    }
}

/// Sets the level of a log that has been started. Cheap to clone.
#[derive(Clone)]
pub struct Level(reload::Handle<Targets, Registry>);

impl Level {
    /// Sets the least important level that is written.
    pub fn set(&self, level: LogLevel) {
        // Fails only when the log is closed, and then there are no lines.
        let _ = self.0.reload(filter(level));
    }
}

/// The one line about a request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The id that the client got.
    pub id: &'a str,
    /// The HTTP method.
    pub method: &'a str,
    /// As the table of operations has it (`/api/tenantry/v1/resets/{id}`); `(unknown)` if none matched.
    pub path: &'static str,
    /// The status code of the answer.
    pub status: u16,
    /// From the first byte of the request to the answer.
    pub milliseconds: f64,
}

/// Writes the one line about a request.
pub fn request(request: Request<'_>) {
    let Request { id, method, path, status, milliseconds } = request;
    tracing::debug!(request_id = id, method, path, status, milliseconds, "request");
}

/// Never with colours: logs are read by programs and kept in files, and a viewer can colour lines of a fixed form.
/// Control characters in values are escaped.
fn subscriber<W>(
    log: Log,
    clock: Clock,
    writer: W,
) -> (Box<dyn Subscriber + Send + Sync>, reload::Handle<Targets, Registry>)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let (filter, handle) = reload::Layer::new(filter(log.level));
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_timer(Timer(clock)).with_writer(writer);
    let registry = tracing_subscriber::registry();
    let subscriber: Box<dyn Subscriber + Send + Sync> = match log.format {
        LogFormat::Text => Box::new(registry.with(lines.with_target(false).with_filter(filter))),
        LogFormat::Json => Box::new(registry.with(lines.json().flatten_event(true).with_filter(filter))),
    };
    (subscriber, handle)
}

fn filter(level: LogLevel) -> Targets {
    let own = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    Targets::new().with_default(own.min(LevelFilter::WARN)).with_target("tenantry", own)
}

struct Timer(Clock);

impl FormatTime for Timer {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{}", self.0.now())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::clock::Timestamp;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(format: LogFormat, level: LogLevel, say: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let clock = Clock::by_hand(Timestamp(0));
        let (subscriber, _level) = subscriber(Log { format, level }, clock, move || writer.clone());
        subscriber::with_default(subscriber, say);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    fn say_a_request() {
        let path = "/api/tenantry/v1/resets/{id}";
        request(Request { id: "r-1", method: "GET", path, status: 200, milliseconds: 1.5 });
    }

    #[test]
    fn a_request_is_one_line_for_people() {
        let expected = "1970-01-01T00:00:00.000000Z DEBUG request request_id=\"r-1\" method=\"GET\" \
                        path=\"/api/tenantry/v1/resets/{id}\" status=200 milliseconds=1.5\n";
        assert_eq!(written(LogFormat::Text, LogLevel::Debug, say_a_request), expected);
    }

    #[test]
    fn a_request_is_one_object_for_programs() {
        let line = written(LogFormat::Json, LogLevel::Debug, say_a_request);
        let expected = serde_json::json!({
            "timestamp": "1970-01-01T00:00:00.000000Z", "level": "DEBUG", "target": "tenantry::logs",
            "message": "request", "request_id": "r-1", "method": "GET",
            "path": "/api/tenantry/v1/resets/{id}", "status": 200, "milliseconds": 1.5,
        });
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap(), expected);
    }

    #[test]
    fn libraries_are_heard_only_when_they_warn() {
        let say = || {
            tracing::debug!("ours");
            tracing::debug!(target: "hyper::proto", "chatter");
            tracing::warn!(target: "hyper::proto", "trouble");
        };
        let lines = written(LogFormat::Text, LogLevel::Trace, say);
        assert!(lines.contains("ours") && lines.contains("trouble") && !lines.contains("chatter"), "{lines}");
        assert!(!written(LogFormat::Text, LogLevel::Error, say).contains("trouble"));
    }

    #[test]
    fn a_value_cannot_begin_a_line_or_paint_the_terminal() {
        let say = || tracing::info!(tenant = "a\nb\u{1b}[31m", "request");
        for format in [LogFormat::Text, LogFormat::Json] {
            let line = written(format, LogLevel::Info, say);
            assert!(line.lines().count() == 1 && !line.contains('\u{1b}'), "{line:?}");
        }
    }
}
