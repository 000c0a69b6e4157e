//! Token buckets by key, for the operations that are open to anyone.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use crate::clock::{SECOND, Timestamp};
use crate::error::{Error, Result};

/// Above this number, keys whose buckets are full again are forgotten.
const KEYS_MAX: usize = 50_000;

/// An allowance for each key: a burst of calls, and a rate at which it refills.
pub struct Bucket<K> {
    burst: f64,
    per_microsecond: f64,
    levels: Mutex<HashMap<K, (f64, Timestamp)>>,
}

impl<K: Hash + Eq> Bucket<K> {
    /// Allows `burst` calls at once, refilled at `per_hour`.
    pub fn new(burst: u32, per_hour: u32) -> Self {
        let per_microsecond = f64::from(per_hour) / (3600.0 * SECOND as f64);
        Self { burst: f64::from(burst), per_microsecond, levels: Mutex::default() }
    }

    /// Takes one call out of the key's bucket.
    ///
    /// # Errors
    /// `TooMany` with the seconds until the next one.
    pub fn take(&self, key: K, now: Timestamp) -> Result<()> {
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        if levels.len() >= KEYS_MAX {
            levels.retain(|_, (level, at)| self.refilled(*level, *at, now) < self.burst);
        }
        let (level, at) = levels.get(&key).copied().unwrap_or((self.burst, now));
        let level = self.refilled(level, at, now);
        let taken = if level < 1.0 { 0.0 } else { 1.0 };
        // Stored also when the call is refused: after a small step back of the clock the refilling goes on from here.
        levels.insert(key, (level - taken, now));
        if level < 1.0 {
            let wait = ((1.0 - level) / self.per_microsecond / SECOND as f64).ceil();
            return Err(Error::too_many(
                "Too many attempts. Wait a moment, then try again.",
                wait.clamp(1.0, 3600.0) as u32,
            ));
        }
        Ok(())
    }

    fn refilled(&self, level: f64, at: Timestamp, now: Timestamp) -> f64 {
        if at.is_ahead_of(now) {
            return self.burst;
        }
        let passed = now.0.saturating_sub(at.0).max(0) as f64;
        (level + passed * self.per_microsecond).min(self.burst)
    }
}

/// The network that shares one allowance: an IPv4 address, or the /64 of one IPv6 customer.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_customer_has_one_allowance() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2::9"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let bucket = Bucket::new(2, 3600);
        let start = Timestamp(0);
        assert!(bucket.take("a", start).is_ok());
        assert!(bucket.take("a", start).is_ok());
        let refused = bucket.take("a", start).unwrap_err();
        assert_eq!(refused.kind, Kind::TooMany { retry_after_seconds: 1 });
        assert!(bucket.take("b", start).is_ok());
        assert!(bucket.take("a", start.plus_seconds(1)).is_ok());
    }

    #[test]
    fn a_bucket_fills_in_its_usual_time_whatever_the_clock_does() {
        const DAYS: i64 = 8 * 24 * 3600;
        for steps in [&[-DAYS][..], &[DAYS, -DAYS], &[-DAYS, DAYS, -DAYS]] {
            let bucket = Bucket::new(2, 3600);
            let mut now = Timestamp(0).plus_seconds(10 * DAYS);
            for step in steps {
                while bucket.take("a", now).is_ok() {}
                now = now.plus_seconds(*step);
            }
            assert!(bucket.take("a", now).is_ok(), "{steps:?}: nothing from the future binds");
            while bucket.take("a", now).is_ok() {}
            let now = now.plus_seconds(-30);
            assert!(bucket.take("a", now).is_err(), "{steps:?}: clocks differ");
            assert!(bucket.take("a", now.plus_seconds(1)).is_ok(), "{steps:?}");
        }
    }
}
