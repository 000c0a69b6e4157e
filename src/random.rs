//! The only asker of entropy. Everything else is handed its random bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::clock::Timestamp;

/// A source of random bytes: the operating system's, or a seed for tests that must repeat.
#[derive(Clone)]
pub struct Random(Source);

#[derive(Clone)]
enum Source {
    System,
    Seeded { seed: u64, drawn: Arc<AtomicU64> },
}

impl Random {
    /// The operating system's generator. There is no fallback: without entropy the process stops.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// The same bytes for the same seed, in the order in which they are drawn. For tests only.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded { seed, drawn: Arc::default() })
    }

    /// `N` random bytes.
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            Source::System => getrandom::fill(&mut bytes).expect("the operating system gives random bytes"),
            Source::Seeded { seed, drawn } => {
                for chunk in bytes.chunks_mut(32) {
                    let turn = drawn.fetch_add(1, Ordering::Relaxed);
                    let block =
                        Sha256::new().chain_update(seed.to_be_bytes()).chain_update(turn.to_be_bytes()).finalize();
                    chunk.copy_from_slice(&block[..chunk.len()]);
                }
            }
        }
        bytes
    }

    /// A time-ordered id (UUID version 7, RFC 9562 § 5.7) for `now`.
    pub fn uuid(&self, now: Timestamp) -> uuid::Uuid {
        let milliseconds = u64::try_from(now.0 / 1_000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &self.bytes()).into_uuid()
    }

    /// `length` random lower-case letters, as the public API puts behind names.
    pub fn letters(&self, length: usize) -> String {
        let mut text = String::with_capacity(length);
        while text.len() < length {
            // 234 = 9 × 26: what lies above would make the first letters likelier.
            let fair = self.bytes::<16>().into_iter().filter(|byte| *byte < 234);
            text.extend(fair.map(|byte| char::from(b'a' + byte % 26)).take(length - text.len()));
        }
        text
    }
}
