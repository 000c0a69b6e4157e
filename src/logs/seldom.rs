//! Thins out repeated lines: the first of each second stands for all.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(1);
/// How many different sentences are remembered. A program has few; this bounds the damage of a mistake.
const LINES_MAX: usize = 256;

/// Decides whether a line is due, and how many it stands for.
#[derive(Default)]
pub struct Seldom(Mutex<HashMap<String, Unsaid>>);

#[derive(Default)]
struct Unsaid {
    count: u64,
    said_at: Option<Instant>,
}

impl Seldom {
    /// How many lines the next one of this sentence stands for, itself included; `None` if the last one was written
    /// less than a second ago.
    pub fn due(&self, sentence: &str, now: Instant) -> Option<u64> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= LINES_MAX && !lines.contains_key(sentence) {
            lines.clear();
        }
        let unsaid = lines.entry(sentence.to_owned()).or_default();
        unsaid.count += 1;
        if unsaid.said_at.is_some_and(|at| now.duration_since(at) < EVERY) {
            return None;
        }
        unsaid.said_at = Some(now);
        Some(std::mem::take(&mut unsaid.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stands_for_all_of_its_sentence_since_the_last_one() {
        let (seldom, start) = (Seldom::default(), Instant::now());
        assert_eq!(seldom.due("gone", start), Some(1));
        for nth in 1..100 {
            assert_eq!(seldom.due("gone", start + EVERY * nth / 100), None);
        }
        assert_eq!(seldom.due("full", start + EVERY / 2), Some(1), "another sentence is not held up");
        assert_eq!(seldom.due("gone", start + EVERY), Some(100));
    }

    #[test]
    fn no_number_of_sentences_fills_the_memory() {
        let (seldom, start) = (Seldom::default(), Instant::now());
        (0..10 * LINES_MAX).for_each(|nth| _ = seldom.due(&nth.to_string(), start));
        assert!(seldom.0.lock().unwrap().len() <= LINES_MAX);
    }
}
