//! An open loop: requests are due at a fixed rate, whether or not earlier ones have been answered, as people and
//! programs send them. Several groups of clients run at once, each with its own rate and figures.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::Result;
use crate::answer::Answer;
use crate::histogram::Histogram;

/// The bytes of the `nth` request.
pub type Request = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// Clients that send the same kind of request.
#[derive(Clone)]
pub struct Clients {
    /// As many requests as can be under way.
    pub connections: usize,
    /// Requests a second; none for as fast as answers come.
    pub per_second: Option<f64>,
    /// Whether the clients wait as long as a refusal says before they ask again.
    pub heeds: bool,
    /// The requests that they send.
    pub request: Request,
}

/// When it begins to count, and when it ends.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Not counted.
    pub warm_up: Duration,
    /// Counted.
    pub measured: Duration,
}

/// The outcomes of the requests of one group.
pub struct Outcome {
    /// 2xx.
    pub good: u64,
    /// 429 and 503.
    pub refused: u64,
    /// Refusals without `Retry-After`.
    pub without_retry_after: u64,
    /// Any other status.
    pub others: BTreeMap<u16, u64>,
    /// Connections that ended before an answer was whole.
    pub lost: u64,
    /// From the moment at which a request was due to its good answer.
    pub good_took: Histogram,
    /// From the moment at which a request was sent to its refusal.
    pub refused_took: Histogram,
    /// How long was measured.
    pub seconds: f64,
}

impl Outcome {
    fn new(seconds: f64) -> Self {
        Self {
            good: 0,
            refused: 0,
            without_retry_after: 0,
            others: BTreeMap::new(),
            lost: 0,
            good_took: Histogram::new(),
            refused_took: Histogram::new(),
            seconds,
        }
    }

    /// Good answers a second.
    pub fn goodput(&self) -> f64 {
        self.good as f64 / self.seconds
    }

    /// Answers a second, whatever their status: the rate that was really offered.
    pub fn offered(&self) -> f64 {
        (self.good + self.refused + self.others.values().sum::<u64>()) as f64 / self.seconds
    }
}

/// Drives each list of groups on a thread of its own, so that watched clients do not wait for flooding ones.
pub fn drive(address: SocketAddr, threads: Vec<Vec<Clients>>, span: Span) -> Result<Vec<Vec<Outcome>>> {
    let start = Instant::now() + Duration::from_millis(50);
    let running: Vec<_> = threads
        .into_iter()
        .map(|groups| std::thread::spawn(move || on_this_thread(address, groups, start, span)))
        .collect();
    running.into_iter().map(|thread| thread.join().map_err(|_| "A thread of clients panicked.")?).collect()
}

fn on_this_thread(address: SocketAddr, groups: Vec<Clients>, start: Instant, span: Span) -> Result<Vec<Outcome>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let count = groups.len() as f64;
    let group = |(nth, clients)| Arc::new(Group::new(clients, nth as f64 / count, start, span));
    let all: Vec<Arc<Group>> = groups.into_iter().enumerate().map(group).collect();
    LocalSet::new().block_on(&runtime, async {
        let clients = all.iter().flat_map(|group| (0..group.clients.connections).map(|_| Arc::clone(group)));
        let running: Vec<_> = clients.map(|group| tokio::task::spawn_local(client(group, address))).collect();
        for client in running {
            client.await??;
        }
        Result::Ok(())
    })?;
    let outcome = |group: Arc<Group>| {
        let outcome = Arc::into_inner(group).map(|group| group.outcome);
        Ok(outcome.ok_or("A client still runs.")?.into_inner().unwrap_or_else(PoisonError::into_inner))
    };
    all.into_iter().map(outcome).collect()
}

struct Group {
    clients: Clients,
    /// Shifts the requests of several groups, so that they are not all due at once.
    phase: f64,
    next: AtomicU64,
    start: Instant,
    counted_from: Instant,
    ends_at: Instant,
    outcome: Mutex<Outcome>,
}

impl Group {
    fn new(clients: Clients, phase: f64, start: Instant, span: Span) -> Self {
        let counted_from = start + span.warm_up;
        Self {
            clients,
            phase,
            next: AtomicU64::new(0),
            start,
            counted_from,
            ends_at: counted_from + span.measured,
            outcome: Mutex::new(Outcome::new(span.measured.as_secs_f64())),
        }
    }

    /// The number of the next request and when it is due; `None` if the time is over.
    fn ticket(&self) -> Option<(u64, Instant)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let due = match self.clients.per_second {
            Some(rate) => self.start + Duration::from_secs_f64((number as f64 + self.phase) / rate),
            None => Instant::now().max(self.start),
        };
        (due < self.ends_at && Instant::now() < self.ends_at).then_some((number, due))
    }

    fn count(&self, due: Instant, sent: Instant, answer: Option<(u16, Option<Duration>)>) {
        let now = Instant::now();
        if now < self.counted_from || now >= self.ends_at {
            return;
        }
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Some((200..=299, _)) => {
                outcome.good += 1;
                outcome.good_took.record(now - due);
            }
            Some((429 | 503, wait)) => {
                outcome.refused += 1;
                outcome.without_retry_after += u64::from(wait.is_none());
                outcome.refused_took.record(now - sent);
            }
            Some((status, _)) => *outcome.others.entry(status).or_default() += 1,
            None => outcome.lost += 1,
        }
    }
}

async fn client(group: Arc<Group>, address: SocketAddr) -> Result<()> {
    let mut stream = None;
    while let Some((number, due)) = group.ticket() {
        let mut due = due;
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
            // The timer counts whole milliseconds; its delay is not the server's.
            due = Instant::now();
        }
        let mut open = match stream.take() {
            Some(open) => open,
            None => connect(address).await?,
        };
        let (request, sent) = ((group.clients.request)(number), Instant::now());
        let answer = match open.write_all(&request).await {
            Ok(()) => receive(&mut open).await?,
            Err(_) => None,
        };
        group.count(due, sent, answer.map(|(answer, wait)| (answer.status, wait)));
        if let Some(wait) = answer.and_then(|(_, wait)| wait).filter(|_| group.clients.heeds) {
            tokio::time::sleep_until((Instant::now() + wait).min(group.ends_at).into()).await;
        }
        stream = answer.is_some_and(|(answer, _)| answer.keeps_alive).then_some(open);
    }
    Ok(())
}

async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The answer, and how long it asks to wait before the next one; none when the connection ended first.
async fn receive(stream: &mut TcpStream) -> Result<Option<(Answer, Option<Duration>)>> {
    let mut arrived = Vec::with_capacity(2048);
    loop {
        if let Some(answer) = Answer::read(&arrived)? {
            return Ok(Some((answer, wait(&arrived[..answer.body_from]))));
        }
        if !matches!(stream.read_buf(&mut arrived).await, Ok(count) if count > 0) {
            return Ok(None);
        }
    }
}

/// The seconds in `Retry-After`.
fn wait(head: &[u8]) -> Option<Duration> {
    let head = std::str::from_utf8(head).ok()?.to_ascii_lowercase();
    let (_, behind) = head.split_once("\r\nretry-after:")?;
    behind.lines().next()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_may_say_how_long_to_wait() {
        assert_eq!(wait(b"HTTP/1.1 503 x\r\nA: b\r\nRetry-After: 3\r\n\r\n"), Some(Duration::from_secs(3)));
        assert_eq!(wait(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"), None);
    }
}
