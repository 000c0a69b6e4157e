//! A queue that serves its keys in turn, and the one rule for sharing a bounded number of places.
//!
//! In a plain queue the client that sends most makes all others wait. Here each key has a lane of its own, and the
//! lanes are served one after the other, so a flood delays only itself. An item may weigh more than one: then its lane is
//! passed over for so many turns less one, as long as others wait.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Items in lanes by key: first come, first served within a lane, and one item from each lane in turn.
#[derive(Debug)]
pub struct FairQueue<K, T> {
    lanes: HashMap<K, Lane<T>>,
    /// The keys with waiting items, each once; the front one is served next.
    turns: VecDeque<K>,
    len: usize,
    weight: usize,
}

/// The items of one key, each with its weight.
#[derive(Debug)]
struct Lane<T> {
    items: VecDeque<(usize, T)>,
    /// Turns that it has had in advance.
    owed: usize,
}

impl<K, T> Default for FairQueue<K, T> {
    fn default() -> Self {
        Self { lanes: HashMap::new(), turns: VecDeque::new(), len: 0, weight: 0 }
    }
}

impl<K: Hash + Eq + Copy, T> FairQueue<K, T> {
    /// Puts an item at the end of its lane. If that lane was empty, all lanes that have items now are served before it.
    pub fn push(&mut self, key: K, item: T) {
        self.push_weighing(key, 1, item);
    }

    /// As [`FairQueue::push`], for an item that takes as long as `weight` usual ones.
    pub fn push_weighing(&mut self, key: K, weight: usize, item: T) {
        let lane = self.lanes.entry(key).or_insert_with(|| Lane { items: VecDeque::new(), owed: 0 });
        if lane.items.is_empty() {
            self.turns.push_back(key);
        }
        lane.items.push_back((weight, item));
        self.len += 1;
        self.weight += weight;
    }

    /// Takes the first item of the lane whose turn it is.
    pub fn pop(&mut self) -> Option<T> {
        let key = self.next_key()?;
        let lane = self.lanes.get_mut(&key)?;
        let (weight, item) = lane.items.pop_front()?;
        lane.owed = weight.saturating_sub(1);
        if lane.items.is_empty() {
            // Without this the map would keep every key ever seen.
            self.lanes.remove(&key);
        } else {
            self.turns.push_back(key);
        }
        self.len -= 1;
        self.weight -= weight;
        Some(item)
    }

    /// The key whose turn it is: the first one that owes no turn. A lane that waits alone owes nothing.
    fn next_key(&mut self) -> Option<K> {
        loop {
            let key = self.turns.pop_front()?;
            match self.lanes.get_mut(&key) {
                Some(lane) if lane.owed > 0 && !self.turns.is_empty() => {
                    lane.owed -= 1;
                    self.turns.push_back(key);
                }
                _ => return Some(key),
            }
        }
    }

    /// What all waiting items weigh together.
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// How many items wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many items of this key wait.
    pub fn len_of(&self, key: K) -> usize {
        self.lanes.get(&key).map_or(0, |lane| lane.items.len())
    }

    /// How many keys have something waiting.
    pub fn lanes(&self) -> usize {
        self.turns.len()
    }

    /// Whether this key may put one more among at most `max`.
    pub fn has_room(&self, key: K, max: usize) -> bool {
        let mine = self.len_of(key);
        has_room(max, max / 4, self.len, mine, self.lanes() - usize::from(mine > 0))
    }
}

/// Whether a tenant that holds `mine` of `max` places may take another, when `taken` are in use by all and `others`
/// other tenants hold some.
///
/// The first `open` places go to anyone. The rest are shared equally among the tenants present plus one imagined
/// newcomer, so a flood never takes the newcomer's share. A tenant that is alone may use three quarters.
pub fn has_room(max: usize, open: usize, taken: usize, mine: usize, others: usize) -> bool {
    let freely = if others == 0 { max - max / 4 } else { open };
    taken < max && (taken < freely || mine < max / (others + 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_newcomer_behind_a_flood_is_served_in_the_first_round() {
        let mut queue = FairQueue::default();
        (0..1_000).for_each(|item| queue.push("flood", item));
        queue.push("quiet", 7_000);
        queue.push("other", 8_000);
        let first: Vec<_> = std::iter::from_fn(|| queue.pop()).take(6).collect();
        assert_eq!(first, [0, 7_000, 8_000, 1, 2, 3]);
        assert_eq!((queue.len(), queue.len_of("flood"), queue.len_of("quiet"), queue.lanes()), (996, 996, 0, 1));
    }

    #[test]
    fn a_lane_with_heavy_items_is_passed_over_until_the_others_have_had_as_much() {
        let mut queue = FairQueue::default();
        (0..3).for_each(|item| queue.push_weighing("heavy", 4, item));
        (100..106).for_each(|item| queue.push("light", item));
        assert_eq!(queue.weight(), 18);
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(order, [0, 100, 101, 102, 103, 1, 104, 105, 2]);
        assert_eq!((queue.weight(), queue.len()), (0, 0));
    }

    /// Each tenant takes places in turn until none may take another.
    fn fill(held: &mut [usize], max: usize) {
        let may = |held: &[usize], nth: usize| {
            let others = (0..held.len()).filter(|other| *other != nth && held[*other] > 0).count();
            has_room(max, max / 4, held.iter().sum(), held[nth], others)
        };
        while let Some(nth) = (0..held.len()).find(|nth| may(held, *nth)) {
            held[nth] += 1;
        }
    }

    #[test]
    fn one_tenant_alone_may_have_three_quarters_and_a_newcomer_finds_a_place() {
        let mut held = [0, 0];
        fill(&mut held[..1], 32);
        assert_eq!(held, [24, 0]);
        assert!(has_room(32, 8, 24, 0, 1), "the next one");
        assert!(!has_room(32, 8, 24, 23, 1) && !has_room(32, 8, 12, 11, 1), "a flood beside the next one");
        assert!(has_room(32, 8, 11, 10, 0) && has_room(32, 8, 11, 9, 1), "who holds less than a share");
        assert!(has_room(32, 8, 7, 6, 30), "while there is plenty, nobody is counted");
        let mut tiny = [0];
        fill(&mut tiny, 1);
        assert_eq!(tiny, [1], "a single place is anyone's");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_lane_is_overtaken(items in prop::collection::vec((0_u8..6, prop::bool::ANY), 0..300)) {
            let mut queue = FairQueue::default();
            let mut waiting: Vec<(u8, usize)> = Vec::new();
            for (number, (key, is_push)) in items.into_iter().enumerate() {
                if is_push {
                    queue.push(key, (key, number));
                    waiting.push((key, number));
                } else if let Some((served, number)) = queue.pop() {
                    let first = waiting.iter().position(|(key, _)| *key == served).unwrap();
                    prop_assert_eq!(waiting.remove(first), (served, number), "first come, first served in a lane");
                } else {
                    prop_assert!(waiting.is_empty());
                }
                prop_assert_eq!(queue.len(), waiting.len());
                prop_assert_eq!(queue.is_empty(), waiting.is_empty());
                let here = (0..6).filter(|key| queue.len_of(*key) > 0).count();
                prop_assert_eq!(queue.lanes(), here);
            }
        }

        #[test]
        fn nobody_waits_for_more_than_one_of_each_other(waiting in prop::collection::vec(1_usize..40, 1..8)) {
            let mut queue = FairQueue::default();
            for (key, count) in waiting.iter().enumerate() {
                (0..*count).for_each(|_| queue.push(key, key));
            }
            let served: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
            prop_assert_eq!(served.len(), waiting.iter().sum::<usize>());
            for key in 0..waiting.len() {
                let last = served.iter().rposition(|one| *one == key).unwrap();
                for other in (0..waiting.len()).filter(|other| *other != key) {
                    let before = served[..last].iter().filter(|one| **one == other).count();
                    prop_assert!(before <= waiting[key], "{other} was served {before} times before {key} was done");
                }
            }
        }

        #[test]
        fn floods_level_out_at_equal_shares_and_leave_a_place_for_a_newcomer(max in 8_usize..600, floods in 1_usize..6) {
            let mut held = vec![0; floods];
            fill(&mut held, max);
            // One call of each tenant ends, and each flood takes what it may again.
            for _ in 0..max {
                for nth in 0..floods {
                    held[nth] = held[nth].saturating_sub(1);
                    fill(&mut held, max);
                }
            }
            let taken: usize = held.iter().sum();
            prop_assert!(has_room(max, max / 4, taken, 0, floods), "{:?} of {} leave nothing", held, max);
            prop_assert!(held.iter().all(|mine| *mine >= max / (floods + 1)), "{:?} of {}", held, max);
        }
    }
}
