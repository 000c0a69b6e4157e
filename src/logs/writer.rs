//! A thread writes the log lines, so that a stalled reader of standard error stalls nothing but the log. Lines that do
//! not fit the queue are dropped and counted.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

use crate::error::{Error, Result};

/// Lines that may wait; about a megabyte.
const WAITING_MAX: usize = 4096;
/// How much is written in one call when several lines wait, about.
const BATCH_BYTES: usize = 32 * 1024;
/// Between two reports of dropped lines.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// How long writing the last lines may take when the process ends.
const FAREWELL: Duration = Duration::from_secs(1);

enum Sent {
    Line(Vec<u8>),
    /// Answered once everything before it has been written.
    Flush(Sender<()>),
}

/// The number of lines dropped since the start. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Dropped(Arc<AtomicU64>);

impl Dropped {
    /// The number.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn add(&self, lines: u64) {
        self.0.fetch_add(lines, Ordering::Relaxed);
    }
}

/// Accepts lines and never blocks.
#[derive(Clone)]
pub(super) struct Lines {
    sender: SyncSender<Sent>,
    pub(super) dropped: Dropped,
}

impl Lines {
    /// Starts the thread that writes lines to `out`. It calls `tell`, once the reader reads again, with the number of
    /// lines dropped since the last call.
    pub(super) fn to(out: impl Write + Send + 'static, tell: fn(u64)) -> Result<Self> {
        let (sender, waiting) = sync_channel(WAITING_MAX);
        let dropped = Dropped::default();
        let counted = dropped.clone();
        let run = move || write(&waiting, out, &counted, tell);
        thread::Builder::new().name("log".into()).spawn(run).map_err(Error::internal)?;
        Ok(Self { sender, dropped })
    }

    /// Waits until the lines so far are written, for a second at most.
    pub(super) fn flush(&self) {
        let (done, is_done) = channel();
        let mut flush = Sent::Flush(done);
        let until = Instant::now() + FAREWELL;
        while let Err(TrySendError::Full(unsent)) = self.sender.try_send(flush) {
            if Instant::now() > until {
                return;
            }
            flush = unsent;
            thread::sleep(Duration::from_millis(5));
        }
        let _ = is_done.recv_timeout(until.saturating_duration_since(Instant::now()));
    }
}

/// The caller writes each line in one call.
impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.sender.try_send(Sent::Line(line.to_vec())).is_err() {
            self.dropped.add(1);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Lines;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

fn write(waiting: &Receiver<Sent>, mut out: impl Write, dropped: &Dropped, tell: fn(u64)) {
    let (mut told, mut told_at) = (0, None::<Instant>);
    while let Ok(first) = waiting.recv() {
        let (mut text, mut lines, mut next) = (Vec::new(), 0, Some(first));
        let mut flushed = None;
        while let Some(sent) = next {
            match sent {
                Sent::Line(line) => {
                    text.extend(line);
                    lines += 1;
                }
                Sent::Flush(done) => {
                    flushed = Some(done);
                    break;
                }
            }
            next = if text.len() < BATCH_BYTES { waiting.try_recv().ok() } else { None };
        }
        // Blocks as long as nobody reads. If the reader is gone for good, the lines are lost.
        if out.write_all(&text).and_then(|()| out.flush()).is_err() {
            dropped.add(lines);
        }
        let count = dropped.count();
        if count > told && told_at.is_none_or(|at| at.elapsed() >= TELL_EVERY) {
            tell(count - told);
            (told, told_at) = (count, Some(Instant::now()));
        }
        // The waiting caller may be gone.
        flushed.into_iter().for_each(|done| _ = done.send(()));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_reader_who_stops_costs_lines_and_no_time() {
        let (mut reader, writer) = io::pipe().unwrap();
        let lines = Lines::to(writer, |_| {}).unwrap();
        let line = [b'x'; 200];
        // Far more than the pipe and the queue hold together.
        for _ in 0..20_000 {
            (&lines).write_all(&line).unwrap();
        }
        let dropped = lines.dropped.count();
        assert!(dropped > 0);
        let kept = thread::spawn(move || {
            let mut text = Vec::new();
            reader.read_to_end(&mut text).unwrap();
            text.len()
        });
        lines.flush();
        let dropped = lines.dropped.clone();
        drop(lines);
        assert_eq!(kept.join().unwrap() as u64, (20_000 - dropped.count()) * 200);
    }

    #[test]
    fn lines_that_nobody_will_read_are_counted() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let lines = Lines::to(writer, |_| {}).unwrap();
        (&lines).write_all(b"one").unwrap();
        lines.flush();
        assert_eq!(lines.dropped.count(), 1);
    }
}
