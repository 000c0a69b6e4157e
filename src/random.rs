//! The only code that asks the system for entropy. All other code is handed random bytes.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use crate::clock::Timestamp;

/// Bytes fetched at once for each thread: a system call costs more than most requests need.
const POOL: usize = 512;

thread_local! {
    static POOLED: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; POOL], drawn: POOL }) };
}

/// Random bytes that have not been drawn yet; drawn ones are wiped.
struct Pool {
    bytes: [u8; POOL],
    drawn: usize,
}

impl Pool {
    fn draw(&mut self, into: &mut [u8]) {
        if POOL - self.drawn < into.len() {
            fill(&mut self.bytes);
            self.drawn = 0;
        }
        let drawn = &mut self.bytes[self.drawn..self.drawn + into.len()];
        into.copy_from_slice(drawn);
        drawn.zeroize();
        self.drawn += into.len();
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place that asks the machine")]
fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

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

    /// The same bytes for the same seed, in the order of drawing. For tests only.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded { seed, drawn: Arc::default() })
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            Source::System if N <= POOL / 8 => POOLED.with_borrow_mut(|pool| pool.draw(&mut bytes)),
            Source::System => fill(&mut bytes),
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

    /// The least id of a time: all ids made before are less.
    pub fn least_uuid(at: Timestamp) -> uuid::Uuid {
        let milliseconds = u64::try_from(at.0 / 1_000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &[0; 10]).into_uuid()
    }

    /// `length` random lower-case letters, as the public API appends them to names.
    pub fn letters(&self, length: usize) -> String {
        let mut text = String::with_capacity(length);
        while text.len() < length {
            // 234 = 9 × 26: using larger values would make the first letters likelier.
            let fair = self.bytes::<16>().into_iter().filter(|byte| *byte < 234);
            text.extend(fair.map(|byte| char::from(b'a' + byte % 26)).take(length - text.len()));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_bytes_are_given_twice() {
        let random = Random::system();
        let drawn: HashSet<[u8; 24]> = (0..1_000).map(|_| random.bytes()).collect();
        assert_eq!(drawn.len(), 1_000);
        assert!(!drawn.contains(&[0; 24]));
    }

    #[test]
    fn more_than_the_pool_holds_is_random_to_the_end() {
        let bytes = Random::system().bytes::<{ 2 * POOL }>();
        assert!(bytes.chunks(32).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
    }
}
