//! The list of an incident: users, some of whom are excepted, and addresses of nobody. Pure.

use std::collections::BTreeMap;

use crate::ask::Draw;
use crate::faults::person::email;

/// Listed users who are named as exceptions.
const EXCEPTED: usize = 3;
/// Listed addresses of nobody.
const NOBODIES: usize = 5;

/// A list, drawn anew in each round.
pub struct List {
    /// Each address with the reason for which it must be left out, if any.
    pub entries: BTreeMap<String, Option<&'static str>>,
}

impl List {
    /// Four of five of the first `users` sample users, and addresses of nobody.
    pub fn draw(draw: &mut Draw, users: u32) -> Self {
        let chosen: Vec<u32> = draw.shuffled(users).into_iter().take(users as usize * 4 / 5).collect();
        let reason = |nth: usize| (nth < EXCEPTED).then_some("excepted");
        let people = chosen.iter().enumerate().map(|(nth, user)| (email(u64::from(*user)), reason(nth)));
        let nobodies = (0..NOBODIES).map(|nth| (format!("nobody{nth}@example.com"), Some("unknown")));
        Self { entries: people.chain(nobodies).collect() }
    }

    /// As it is sent: an address on each line.
    pub fn text(&self) -> String {
        self.entries.keys().map(|email| format!("{email}\n")).collect()
    }

    /// The addresses that are named as exceptions.
    pub fn excepted(&self) -> Vec<&str> {
        let excepted = self.entries.iter().filter(|(_, reason)| **reason == Some("excepted"));
        excepted.map(|(email, _)| email.as_str()).collect()
    }

    /// How many passwords must end.
    pub fn users(&self) -> usize {
        self.entries.values().filter(|reason| reason.is_none()).count()
    }
}
