//! Sign-ins of another tenant's users at a steady slow rate, each due at its time whatever became of those before.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::crowd::{Crowd, Tenant};
use crate::product::exchange;

/// Ten a second.
const EVERY: Duration = Duration::from_millis(100);
/// As many can be under way.
const WORKERS: usize = 16;
/// A sign-in with the right password.
const GOOD: u16 = 204;

/// A sign-in.
#[derive(Clone, Copy)]
struct SignIn {
    due: Instant,
    took: Duration,
    is_good: bool,
}

/// What became of sign-ins.
#[derive(Default)]
pub struct SignIns(Vec<SignIn>);

/// While the server was killed or came up again.
pub type Away = (Instant, Instant);

impl SignIns {
    /// Median and p99 in milliseconds of those whose turn came while the server was there.
    pub fn times(&self, away: Option<Away>) -> (f64, f64) {
        let there = |one: &&SignIn| one.is_good && !one.is_within(away);
        let mut times: Vec<_> = self.0.iter().filter(there).map(|one| one.took.as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times.get(((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1)));
        (at(0.5).copied().unwrap_or_default(), at(0.99).copied().unwrap_or_default())
    }

    /// How many failed while the server was there, and while it was away.
    pub fn failed(&self, away: Option<Away>) -> (usize, usize) {
        let bad = || self.0.iter().filter(|one| !one.is_good);
        (bad().filter(|one| !one.is_within(away)).count(), bad().filter(|one| one.is_within(away)).count())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl SignIn {
    /// Whether any of its time fell into that.
    fn is_within(&self, away: Option<Away>) -> bool {
        away.is_some_and(|(from, to)| self.due + self.took >= from && self.due <= to)
    }
}

/// Signs in until told to stop.
pub struct Meanwhile<'a> {
    address: SocketAddr,
    tenant: &'a Tenant,
    users: u32,
    began: Instant,
    next: Mutex<u32>,
    done: Mutex<SignIns>,
    is_over: AtomicBool,
}

impl<'a> Meanwhile<'a> {
    pub fn of(crowd: &Crowd, tenant: &'a Tenant) -> Self {
        Self {
            address: crowd.directions.address,
            tenant,
            users: crowd.directions.users,
            began: Instant::now(),
            next: Mutex::default(),
            done: Mutex::default(),
            is_over: AtomicBool::new(false),
        }
    }

    /// Runs something beside the sign-ins; what became of them, and of it.
    pub fn beside<T>(self, run: impl FnOnce() -> T) -> (SignIns, T) {
        let ran = std::thread::scope(|threads| {
            for _ in 0..WORKERS {
                threads.spawn(|| self.go_on());
            }
            let ran = run();
            self.is_over.store(true, Ordering::Relaxed);
            ran
        });
        (self.done.into_inner().unwrap_or_else(PoisonError::into_inner), ran)
    }

    fn go_on(&self) {
        while !self.is_over.load(Ordering::Relaxed) {
            let nth = {
                let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
                *next += 1;
                *next
            };
            let due = self.began + EVERY * nth;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let answer = exchange(self.address, &self.tenant.sign_in(self.users, nth.into()));
            let is_good = answer.is_ok_and(|(status, _)| status == GOOD);
            let one = SignIn { due, took: due.elapsed(), is_good };
            self.done.lock().unwrap_or_else(PoisonError::into_inner).0.push(one);
        }
    }
}
