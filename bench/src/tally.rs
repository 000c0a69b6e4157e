//! The result of a run: rates, latencies, and everything unexpected.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::histogram::Histogram;

/// The results. Rates and latencies are those of the good answers.
#[derive(Debug, Clone)]
pub struct Run {
    /// Good answers for each second.
    pub per_second: f64,
    /// Half of the answers took at most this long, in milliseconds.
    pub p50_ms: f64,
    /// Nine of ten did.
    pub p90_ms: f64,
    /// 99 of 100 did.
    pub p99_ms: f64,
    /// 999 of 1000 did.
    pub p999_ms: f64,
    /// The longest.
    pub max_ms: f64,
    /// Answers with another status than the expected one, by status.
    pub errors_by_status: BTreeMap<u16, u64>,
    /// Connections that broke while an answer was due.
    pub connections_lost: u64,
    /// Requests without an answer five seconds after the end.
    pub unanswered: usize,
    /// The length of the measured time.
    pub seconds: f64,
}

impl Run {
    /// The unexpected answers in a sentence; `None` if every request had its good answer.
    pub fn complaint(&self) -> Option<String> {
        let mut parts: Vec<String> = self
            .errors_by_status
            .iter()
            .map(|(status, count)| format!("{count} answers had status {status}"))
            .collect();
        if self.connections_lost > 0 {
            parts.push(format!("{} connections broke", self.connections_lost));
        }
        if self.unanswered > 0 {
            parts.push(format!("{} requests had no answer", self.unanswered));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// Counts answers that arrive in the measured time, and the latency of requests sent in it: so a stall at the end shows
/// though its answers come too late to be counted.
pub struct Tally {
    expected_status: u16,
    measured_from: Instant,
    ends_at: Instant,
    good: u64,
    latencies: Histogram,
    errors_by_status: BTreeMap<u16, u64>,
    connections_lost: u64,
    ran_out: bool,
    last_answer_at: Instant,
}

impl Tally {
    /// Begins the warm-up now.
    pub fn starting(expected_status: u16, warm_up: Duration, measured: Duration) -> Self {
        let measured_from = Instant::now() + warm_up;
        Self {
            expected_status,
            measured_from,
            ends_at: measured_from + measured,
            good: 0,
            latencies: Histogram::new(),
            errors_by_status: BTreeMap::new(),
            connections_lost: 0,
            ran_out: false,
            last_answer_at: measured_from,
        }
    }

    /// When the measured time is over.
    pub fn ends_at(&self) -> Instant {
        self.ends_at
    }

    /// Counts an answer that has just arrived.
    pub fn count(&mut self, status: u16, sent_at: Instant, now: Instant) {
        if status != self.expected_status {
            *self.errors_by_status.entry(status).or_default() += 1;
            return;
        }
        if now >= self.measured_from && now < self.ends_at {
            self.good += 1;
            self.last_answer_at = now;
        }
        if sent_at >= self.measured_from {
            self.latencies.record(now - sent_at);
        }
    }

    /// A connection broke while an answer was due.
    pub fn lose_connection(&mut self) {
        self.connections_lost += 1;
    }

    /// There is no further request: the time ends with the last answer.
    pub fn nothing_left(&mut self) {
        self.ran_out = true;
    }

    /// Draws up the result, with the requests that never had an answer.
    pub fn finish(self, unanswered: usize) -> Run {
        let end = if self.ran_out { self.last_answer_at } else { self.ends_at };
        let seconds = (end - self.measured_from).as_secs_f64();
        Run {
            per_second: if seconds > 0.0 { self.good as f64 / seconds } else { 0.0 },
            p50_ms: self.latencies.quantile_ms(0.5),
            p90_ms: self.latencies.quantile_ms(0.9),
            p99_ms: self.latencies.quantile_ms(0.99),
            p999_ms: self.latencies.quantile_ms(0.999),
            max_ms: self.latencies.max_ms(),
            errors_by_status: self.errors_by_status,
            connections_lost: self.connections_lost,
            unanswered,
            seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_warm_up_and_what_comes_too_late_do_not_count() {
        let mut tally = Tally::starting(200, SECOND, 10 * SECOND);
        let start = tally.measured_from;
        tally.count(200, start - SECOND, start - SECOND / 2);
        tally.count(200, start - SECOND / 2, start + SECOND);
        tally.count(200, start + SECOND, start + 2 * SECOND);
        tally.count(200, start + 9 * SECOND, start + 13 * SECOND);
        let run = tally.finish(0);
        assert_eq!((run.per_second, run.seconds), (0.2, 10.0));
        assert_eq!(run.max_ms, 4_000.0, "the stall at the end must be seen");
        assert_eq!(run.complaint(), None);
    }

    #[test]
    fn a_run_that_has_nothing_left_to_ask_is_as_long_as_its_answers() {
        let mut tally = Tally::starting(204, Duration::ZERO, 10 * SECOND);
        let start = tally.measured_from;
        (1..=4).for_each(|turn| tally.count(204, start, start + turn * SECOND / 2));
        tally.nothing_left();
        let run = tally.finish(0);
        assert_eq!((run.per_second, run.seconds), (2.0, 2.0));
    }

    #[test]
    fn every_failure_is_named() {
        let mut tally = Tally::starting(200, Duration::ZERO, SECOND);
        let start = tally.measured_from;
        [503, 429, 503].into_iter().for_each(|status| tally.count(status, start, start));
        tally.lose_connection();
        let run = tally.finish(2);
        assert_eq!(run.per_second, 0.0);
        assert_eq!(
            run.complaint().unwrap(),
            "1 answers had status 429, 2 answers had status 503, 1 connections broke, 2 requests had no answer"
        );
    }
}
