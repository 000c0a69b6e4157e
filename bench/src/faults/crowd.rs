//! Clients that never stop: administrators who reset random users, and users who use their links.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::ledger::{Ask, Fate, Findings, Ledger};
use super::person::{Person, email};
use super::sink::Sink;
use super::wire::{Door, Wire};
use crate::ask::Draw;

/// A server that is gone would be asked a thousand times in vain.
const PAUSE: Duration = Duration::from_millis(20);

/// The clients of a storm.
pub struct Crowd {
    /// Administrators, each with one ask in flight.
    administrators: u64,
    /// Users from 1 to this are reset at random.
    users: u64,
    /// Users who choose passwords, by the thread that plays them.
    people: Vec<Vec<Person>>,
    seed: u64,
    begun: u64,
}

/// The result of a storm.
#[derive(Debug, Default)]
pub struct Storm {
    /// When asks were acknowledged.
    pub acknowledged_at: Vec<Instant>,
    /// Acknowledged asks.
    pub acknowledged: u64,
    /// Redemptions that were answered with 204.
    pub redeemed: u64,
    /// Asks that were refused with 4xx or had no answer or 5xx.
    pub unanswered: u64,
    /// How many of these had which answer.
    pub other_answers: BTreeMap<Fate, u64>,
    /// How long the slowest of these took.
    pub slowest_other: Duration,
    /// When an ask went wrong, and when the next one of the same client was acknowledged.
    pub gaps: Vec<Duration>,
    /// The slowest acknowledged ask.
    pub slowest: Duration,
    /// Faults that the clients saw themselves.
    pub findings: Findings,
}

/// A storm under way.
pub struct Blowing {
    stop: Arc<AtomicBool>,
    administrators: Vec<thread::JoinHandle<Vec<Noted>>>,
    people: Vec<thread::JoinHandle<(Vec<Person>, Vec<Noted>)>>,
    /// Whether an ask failed since it began.
    pub failed: Arc<AtomicBool>,
}

enum Noted {
    Ask { ask: Ask, fate: Fate, sent: Instant, at: Instant },
    Rest { redeemed: u64, findings: Findings },
}

impl Crowd {
    /// `players` threads play twenty people each, whose numbers lie above those of the random `users`.
    pub fn new(seed: u64, administrators: u64, users: u64, players: u64) -> Self {
        let of = |player: u64| (1..=20).map(|nth| Person::new(users + 20 * player + nth)).collect();
        Self { administrators, users, people: (0..players).map(of).collect(), seed, begun: 0 }
    }

    /// How many sample users that needs.
    pub fn users_needed(users: u64, players: u64) -> u64 {
        users + 20 * players
    }

    /// Begins. Asks that were left without an answer and have a key are repeated first.
    pub fn begin(&mut self, door: &Door, sink: &Arc<Sink>, ledger: &Ledger) -> Blowing {
        self.begin_at(&[door], sink, ledger)
    }

    /// The same at several doors, each client at one of them.
    pub fn begin_at(&mut self, doors: &[&Door], sink: &Arc<Sink>, ledger: &Ledger) -> Blowing {
        let mut doors = doors.iter().copied().cycle();
        let mut next = || doors.next().expect("there is a door");
        let (stop, failed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let repeats = Arc::new(Mutex::new(ledger.repeatable()));
        let mut administrators = Vec::new();
        for _ in 0..self.administrators {
            let mut one = self.administrator(next(), &stop, &failed);
            let repeats = Arc::clone(&repeats);
            administrators.push(thread::spawn(move || one.work(&repeats)));
        }
        let mut people = Vec::new();
        for mut own in self.people.drain(..) {
            self.begun += 1;
            let (mut wire, stop, sink) =
                (Wire::to(next(), self.seed + self.begun), Arc::clone(&stop), Arc::clone(sink));
            people.push(thread::spawn(move || {
                let noted = live(&mut own, &mut wire, &sink, &stop);
                (own, noted)
            }));
        }
        Blowing { stop, administrators, people, failed }
    }

    fn administrator(&mut self, door: &Door, stop: &Arc<AtomicBool>, failed: &Arc<AtomicBool>) -> Administrator {
        self.begun += 1;
        let seed = self.seed.wrapping_mul(1_000_003).wrapping_add(self.begun);
        Administrator {
            wire: Wire::to(door, seed),
            draw: Draw::seeded(seed),
            users: self.users,
            stop: Arc::clone(stop),
            failed: Arc::clone(failed),
        }
    }

    /// Ends: every ask is entered into the ledger.
    pub fn end(&mut self, blowing: Blowing, ledger: &mut Ledger) -> Storm {
        blowing.stop.store(true, Ordering::SeqCst);
        let mut storm = Storm::default();
        for administrator in blowing.administrators {
            storm.count(administrator.join().unwrap_or_default(), ledger);
        }
        for player in blowing.people {
            if let Ok((people, noted)) = player.join() {
                self.people.push(people);
                storm.count(noted, ledger);
            }
        }
        storm
    }

    /// The people, when all is over.
    pub fn people(&mut self) -> impl Iterator<Item = &mut Person> {
        self.people.iter_mut().flatten()
    }
}

impl Storm {
    /// How long after `moment` the next ask was acknowledged, if one was.
    pub fn next_after(&self, moment: Instant) -> Option<Duration> {
        self.acknowledged_at.iter().filter_map(|at| at.checked_duration_since(moment)).min()
    }

    /// The longest time in which nobody's ask was acknowledged.
    pub fn longest_pause(&self) -> Duration {
        let mut moments = self.acknowledged_at.clone();
        moments.sort_unstable();
        moments.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }

    fn count(&mut self, all: Vec<Noted>, ledger: &mut Ledger) {
        let mut failed_at: Option<Instant> = None;
        for noted in all {
            match noted {
                Noted::Rest { redeemed, findings } => {
                    self.redeemed += redeemed;
                    self.findings.extend(findings);
                }
                Noted::Ask { ask, fate, sent, at } => {
                    if let Fate::Acknowledged(_) = fate {
                        self.acknowledged += 1;
                        self.acknowledged_at.push(at);
                        self.slowest = self.slowest.max(at - sent);
                        self.gaps.extend(failed_at.take().map(|failed| at - failed));
                    } else {
                        self.unanswered += 1;
                        *self.other_answers.entry(fate).or_default() += 1;
                        self.slowest_other = self.slowest_other.max(at - sent);
                        failed_at.get_or_insert(at);
                    }
                    ledger.note(ask, fate);
                }
            }
        }
    }
}

struct Administrator {
    wire: Wire,
    draw: Draw,
    users: u64,
    stop: Arc<AtomicBool>,
    failed: Arc<AtomicBool>,
}

impl Administrator {
    fn work(&mut self, repeats: &Mutex<Vec<Ask>>) -> Vec<Noted> {
        let mut noted = Vec::new();
        while !self.stop.load(Ordering::SeqCst) {
            let repeat = repeats.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let ask = repeat.unwrap_or_else(|| self.draw_ask());
            let sent = Instant::now();
            let fate = self.wire.reset(&ask);
            if !matches!(fate, Fate::Acknowledged(_)) {
                self.failed.store(true, Ordering::SeqCst);
                thread::sleep(PAUSE);
            }
            noted.push(Noted::Ask { ask, fate, sent, at: Instant::now() });
        }
        noted
    }

    /// Three of four clients send a key.
    fn draw_ask(&mut self) -> Ask {
        let email = email(self.draw.up_to(self.users));
        let high = self.draw.up_to(u64::from(u32::MAX));
        let key = (self.draw.up_to(4) > 1).then(|| format!("{high:08x}{:08x}", self.draw.up_to(u64::from(u32::MAX))));
        Ask { email, key }
    }
}

fn live(people: &mut [Person], wire: &mut Wire, sink: &Sink, stop: &AtomicBool) -> Vec<Noted> {
    let mut noted = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        for person in people.iter_mut() {
            if stop.load(Ordering::SeqCst) {
                break;
            }
            let sent = Instant::now();
            let turn = person.act(wire, sink);
            if let Some((ask, fate)) = turn.asked {
                if !matches!(fate, Fate::Acknowledged(_)) {
                    thread::sleep(PAUSE);
                }
                noted.push(Noted::Ask { ask, fate, sent, at: Instant::now() });
            }
            if turn.redeemed > 0 || !turn.findings.is_empty() {
                noted.push(Noted::Rest { redeemed: turn.redeemed, findings: turn.findings });
            }
        }
        thread::sleep(Duration::from_millis(1));
    }
    noted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pause_lies_between_two_acknowledgements_of_any_clients() {
        let begin = Instant::now();
        let at = |seconds: u64| begin + Duration::from_secs(seconds);
        // The times of each client are in order, those of all clients together are not.
        let storm = Storm { acknowledged_at: vec![at(0), at(9), at(3), at(4)], ..Storm::default() };
        assert_eq!(storm.longest_pause(), Duration::from_secs(5));
        assert_eq!(Storm::default().longest_pause(), Duration::ZERO);
    }
}
