//! Connections beyond the caps. Health probes are answered all the same, since an orchestrator that gets no answer
//! kills a process that is only busy. All other clients are told to come again.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::class::Class;
use super::line::Line;
use super::operation::Operation;

/// How many such connections are examined, in all and from one address. Further ones are closed unseen.
pub(super) const LATE_MAX: usize = 64;
pub(super) const LATE_PER_ADDRESS_MAX: usize = 8;

/// A probe sends its request at once, and finishes its handshake as soon.
pub(super) const FIRST_BYTES: Duration = Duration::from_secs(1);
/// How long unread bytes are drained: closing the connection on them would destroy the answer.
const LINGER: Duration = Duration::from_millis(250);
/// To those for whom there is no room.
pub(super) const OVERLOADED: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// The first bytes of the requests that are answered even here.
pub(super) struct Probes(Vec<Vec<u8>>);

impl Probes {
    pub(super) fn among(operations: &[Operation]) -> Self {
        let probes = operations.iter().filter(|operation| operation.class == Class::Probe);
        Self(probes.map(|probe| format!("{} {} ", probe.method, probe.path).into_bytes()).collect())
    }

    /// Whether the connection begins with one of them. The bytes are not consumed.
    pub(super) async fn begin(&self, line: &mut Line) -> bool {
        let mut begun = [0; 32];
        match timeout(FIRST_BYTES, line.peek(&mut begun)).await {
            Ok(Ok(count)) => self.0.iter().any(|probe| begun[..count].starts_with(probe)),
            Ok(Err(_)) | Err(_) => false,
        }
    }
}

/// Sends an answer and closes the connection; drains what was sent for a moment if `lingers`.
pub(super) async fn say_last(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &[u8], lingers: bool) {
    let say = async {
        let _ = stream.write_all(answer).await;
        let _ = stream.shutdown().await;
    };
    let _ = timeout(FIRST_BYTES, say).await;
    if lingers {
        let mut unread = [0; 4096];
        let read_on = async { while stream.read(&mut unread).await.is_ok_and(|count| count > 0) {} };
        let _ = timeout(LINGER, read_on).await;
    }
}
