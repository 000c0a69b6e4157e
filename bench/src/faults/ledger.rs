//! The requests of the clients with the answers that they got, and the comparison with the store. Pure.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use uuid::Uuid;

/// One wish for a reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Whose password.
    pub email: String,
    /// The `Idempotency-Key`, if the client sends one; then it may ask again.
    pub key: Option<String>,
}

/// The answer that a client got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// 200 with the id of the reset.
    Acknowledged(Uuid),
    /// 4xx: nothing was done.
    Refused(u16),
    /// 5xx: it may have been done, once, though the answer says that nothing was.
    Denied(u16),
    /// No whole answer: it may have been done, once.
    Unanswered,
}

/// A reset as found in the store, with the rows that belong to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Whose password.
    pub email: String,
    /// Accepted `reset.request` records that name it.
    pub records: usize,
    /// Accepted `reset.redeem` records that name it.
    pub redemptions: usize,
    /// Mails about it.
    pub mails: usize,
    /// Whether its user may still sign in with the password of before although this is their open reset.
    pub password_alive: bool,
}

/// The faults that an oracle found, in sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Acknowledged, and not there or not whole.
    pub lost: Vec<String>,
    /// Done more often than asked for.
    pub doubled: Vec<String>,
    /// Another promise that was not kept.
    pub broken: Vec<String>,
}

impl Findings {
    /// Whether all is well.
    pub fn is_empty(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.broken.is_empty()
    }

    /// Adds the findings of another look.
    pub fn extend(&mut self, other: Self) {
        self.lost.extend(other.lost);
        self.doubled.extend(other.doubled);
        self.broken.extend(other.broken);
    }

    /// Notes a broken promise unless it was kept.
    pub fn demand(&mut self, is_kept: bool, sentence: impl FnOnce() -> String) {
        if !is_kept {
            self.broken.push(sentence());
        }
    }
}

/// Every ask of a case.
#[derive(Debug, Default)]
pub struct Ledger {
    acknowledged: HashMap<Uuid, Ask>,
    /// Unanswered asks with a key, by the key.
    keyed: HashMap<String, String>,
    /// How many asks without a key are unanswered, by address.
    bare: HashMap<String, usize>,
    /// Resets that were seen whole before.
    verified: HashSet<Uuid>,
    /// Acknowledged ones that were not seen yet.
    awaited: HashSet<Uuid>,
    /// Faults that the answers alone show.
    findings: Findings,
    /// Keys of asks that were answered with 5xx, until they are repeated.
    denied: HashSet<String>,
    /// Asks that were refused.
    pub refused: u64,
    /// Asks that were answered with 5xx and found to be done all the same.
    pub denied_and_done: u64,
}

impl Ledger {
    /// Notes a request and its outcome; returns the id if it was acknowledged.
    pub fn note(&mut self, ask: Ask, fate: Fate) {
        match fate {
            Fate::Refused(_) => {
                self.refused += 1;
                self.answered(&ask);
            }
            Fate::Unanswered | Fate::Denied(_) => match ask.key {
                Some(key) => {
                    if fate == Fate::Unanswered {
                        // What nobody answered may have been done, whatever was answered before.
                        self.denied.remove(&key);
                    } else if !self.keyed.contains_key(&key) {
                        self.denied.insert(key.clone());
                    }
                    self.keyed.insert(key, ask.email);
                }
                None => *self.bare.entry(ask.email).or_default() += 1,
            },
            Fate::Acknowledged(id) => {
                self.answered(&ask);
                if let Some(before) = self.acknowledged.get(&id)
                    && (before.key != ask.key || ask.key.is_none() || before.email != ask.email)
                {
                    self.findings.lost.push(format!("two asks were acknowledged with the one reset {id}"));
                }
                if !self.verified.contains(&id) {
                    self.awaited.insert(id);
                }
                self.acknowledged.insert(id, ask);
            }
        }
    }

    fn answered(&mut self, ask: &Ask) {
        if let Some(key) = &ask.key {
            self.keyed.remove(key);
            self.denied.remove(key);
        }
    }

    /// The acknowledged resets with their addresses.
    pub fn ids(&self) -> impl Iterator<Item = (&Uuid, &str)> {
        self.acknowledged.iter().map(|(id, ask)| (id, ask.email.as_str()))
    }

    /// The asks that may be repeated under their key until they are answered.
    pub fn repeatable(&self) -> Vec<Ask> {
        let ask = |(key, email): (&String, &String)| Ask { email: email.clone(), key: Some(key.clone()) };
        self.keyed.iter().map(ask).collect()
    }

    /// Compares with the store; `keys` maps each of the [`Ledger::repeatable`] keys to its reset. Examines every
    /// acknowledged reset that was not found complete before.
    pub fn judge(&mut self, found: &HashMap<Uuid, Found>, keys: &HashMap<String, Uuid>) -> Findings {
        let mut findings = std::mem::take(&mut self.findings);
        for id in std::mem::take(&mut self.awaited) {
            let asked = &self.acknowledged[&id].email;
            match found.get(&id) {
                None => findings.lost.push(format!("reset {id} of {asked} was acknowledged and is not there")),
                Some(found) if found.email != *asked => {
                    findings.lost.push(format!("reset {id} was acknowledged for {asked} and is of {}", found.email))
                }
                Some(_) => {}
            }
        }
        for (id, found) in found {
            is_whole(id, found, &mut findings);
        }
        self.explain_strangers(found, keys, &mut findings);
        let before = self.denied.len();
        self.denied.retain(|key| !keys.contains_key(key));
        self.denied_and_done += (before - self.denied.len()) as u64;
        self.verified.extend(found.keys());
        findings
    }

    /// As [`Ledger::judge`], over the whole store: resets found before must still be there.
    pub fn judge_all(&mut self, found: &HashMap<Uuid, Found>, keys: &HashMap<String, Uuid>) -> Findings {
        self.verified.clear();
        self.awaited.extend(self.acknowledged.keys());
        self.judge(found, keys)
    }

    /// A reset that was reported to no client must be the one effect of a request that had no answer.
    fn explain_strangers(&self, found: &HashMap<Uuid, Found>, keys: &HashMap<String, Uuid>, findings: &mut Findings) {
        let under_a_key: HashSet<&Uuid> = keys.values().collect();
        let mut bare: HashMap<&str, usize> = HashMap::new();
        let strangers = found.iter().filter(|(id, _)| !self.acknowledged.contains_key(id));
        for (_, found) in strangers.filter(|(id, _)| !under_a_key.contains(id)) {
            *bare.entry(&found.email).or_default() += 1;
        }
        for (email, count) in bare {
            let asked = self.bare.get(email).copied().unwrap_or_default();
            if count > asked {
                findings.doubled.push(format!(
                    "{email} has {count} resets that no client was told of, and {asked} asks without an answer"
                ));
            }
        }
    }
}

fn is_whole(id: &Uuid, found: &Found, findings: &mut Findings) {
    let email = &found.email;
    for (what, count) in [("audit record", found.records), ("mail", found.mails)] {
        match count {
            0 => findings.lost.push(format!("reset {id} of {email} has no {what}")),
            1 => {}
            more => findings.doubled.push(format!("reset {id} of {email} has {more} times an {what}")),
        }
    }
    if found.redemptions > 1 {
        findings.doubled.push(format!("the link of reset {id} of {email} changed {} passwords", found.redemptions));
    }
    if found.password_alive {
        findings.lost.push(format!("reset {id} of {email} is open and their old password is alive"));
    }
}

/// The middle and the largest, in milliseconds.
pub fn middle_and_most(times: &[Duration]) -> Option<(f64, f64)> {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let ms = |time: &Duration| time.as_secs_f64() * 1e3;
    Some((ms(sorted.get(sorted.len() / 2)?), ms(sorted.last()?)))
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
