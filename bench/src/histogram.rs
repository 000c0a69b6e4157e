//! Counts durations in buckets that grow with the value, so that three digits are kept from nanoseconds to minutes.

use std::time::Duration;

/// Each doubling of the value is cut into this many buckets: 1/1024 is just below the third digit.
const PER_DOUBLING_BITS: u32 = 10;
const PER_DOUBLING: usize = 1 << PER_DOUBLING_BITS;
/// The longest duration counted exactly: 2^38 ns, some four and a half minutes. Longer ones are counted there too.
const LARGEST: u64 = (1 << 38) - 1;

/// A log-linear histogram of durations.
pub struct Histogram {
    buckets: Vec<u64>,
    total: u64,
    max: u64,
}

impl Histogram {
    /// An empty one; a quarter of a megabyte.
    pub fn new() -> Self {
        Self { buckets: vec![0; bucket_of(LARGEST) + 1], total: 0, max: 0 }
    }

    /// Counts one duration.
    pub fn record(&mut self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(LARGEST);
        self.buckets[bucket_of(nanoseconds.min(LARGEST))] += 1;
        self.total += 1;
        self.max = self.max.max(nanoseconds);
    }

    /// Counts all that the other one has counted.
    pub fn add(&mut self, other: &Self) {
        self.buckets.iter_mut().zip(&other.buckets).for_each(|(bucket, more)| *bucket += more);
        self.total += other.total;
        self.max = self.max.max(other.max);
    }

    /// The duration, in milliseconds, that `share` (0 to 1) of all counted ones do not exceed; 0 if none was counted.
    pub fn quantile_ms(&self, share: f64) -> f64 {
        let rank = ((self.total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return milliseconds(upper_end(bucket).min(self.max));
            }
        }
        0.0
    }

    /// The longest duration in milliseconds, exactly.
    pub fn max_ms(&self) -> f64 {
        milliseconds(self.max)
    }

    /// How many were counted.
    #[cfg(test)]
    pub fn total(&self) -> u64 {
        self.total
    }
}

/// The first 2 × 1024 values have a bucket each; from there on every doubling has 1024.
fn bucket_of(nanoseconds: u64) -> usize {
    let shift = (u64::BITS - nanoseconds.leading_zeros()).saturating_sub(PER_DOUBLING_BITS + 1);
    shift as usize * PER_DOUBLING + (nanoseconds >> shift) as usize
}

/// The largest value that falls into `bucket`.
fn upper_end(bucket: usize) -> u64 {
    let shift = (bucket / PER_DOUBLING).saturating_sub(1);
    let within = (bucket - shift * PER_DOUBLING) as u64;
    ((within + 1) << shift) - 1
}

fn milliseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_falls_into_a_bucket_within_a_thousandth_of_it() {
        let mut value = 1_u64;
        while value <= LARGEST {
            for near in [value - 1, value, value + 1, value + value / 3] {
                let near = near.min(LARGEST);
                let end = upper_end(bucket_of(near));
                assert!(end >= near && end - near <= near / 1_000 + 1, "{near} is counted as {end}");
                assert!(near == 0 || bucket_of(near) - bucket_of(near - 1) <= 1, "a gap before {near}");
            }
            value *= 2;
        }
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_values() {
        let mut histogram = Histogram::new();
        for microseconds in (1..=10_000).rev() {
            histogram.record(Duration::from_micros(microseconds));
        }
        for (share, exact) in [(0.5, 5.0), (0.9, 9.0), (0.99, 9.9), (0.999, 9.99), (0.0, 0.001)] {
            let found = histogram.quantile_ms(share);
            assert!((found - exact).abs() <= exact / 1_000.0, "{share}: {found} instead of {exact}");
        }
        assert_eq!(histogram.max_ms(), 10.0);
        assert_eq!(histogram.quantile_ms(1.0), 10.0);
        assert_eq!(histogram.total(), 10_000);
    }

    #[test]
    fn two_are_added_as_if_all_had_been_counted_in_one() {
        let (mut one, mut other) = (Histogram::new(), Histogram::new());
        (1..=100).for_each(|milliseconds| one.record(Duration::from_millis(milliseconds)));
        (101..=200).for_each(|milliseconds| other.record(Duration::from_millis(milliseconds)));
        one.add(&other);
        assert_eq!((one.total(), one.max_ms()), (200, 200.0));
        assert!((one.quantile_ms(0.5) - 100.0).abs() < 0.2);
    }

    #[test]
    fn nothing_counted_is_zero_and_an_hour_is_not_lost() {
        let mut histogram = Histogram::new();
        assert_eq!((histogram.quantile_ms(0.99), histogram.max_ms()), (0.0, 0.0));
        histogram.record(Duration::from_secs(3_600));
        assert_eq!(histogram.max_ms(), 3_600_000.0);
    }
}
