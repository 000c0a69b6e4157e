//! What stands in the store after an incident, compared with its list and with the mails that arrived.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;
use tenantry::params;
use uuid::Uuid;

use super::list::List;
use crate::Result;
use crate::faults::books::Books;
use crate::faults::ledger::Findings;
use crate::faults::sink::Received;

const USERS: &str =
    "SELECT email, password_dead_at, password_hash, session_epoch, open_reset, last_reset FROM users WHERE tenant = $1";
const LISTED: &str = "SELECT COALESCE(u.email, l.email), l.reason FROM incident_users l
    LEFT JOIN users u ON u.tenant = l.tenant AND u.id = l.user_id WHERE l.tenant = $1 AND l.incident = $2";
const RESETS: &str = "SELECT r.id, u.email FROM resets r JOIN users u ON u.tenant = r.tenant AND u.id = r.user_id
    WHERE r.tenant = $1 AND r.incident = $2";
const RECORDS: &str =
    "SELECT facts FROM audit WHERE tenant = $1 AND id > $2 AND action = 'reset.request' AND outcome = 'accepted'";
const STEPS: &str = "SELECT action FROM audit WHERE tenant = $1 AND subject = $2 AND outcome = 'accepted'";
/// Steps of an incident that leave one record, whatever happens.
const ONCE: [&str; 4] = ["incident.start", "incident.end", "incident.release", "incident.mail"];

/// A user as they stand in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Whether they may still sign in with the password of before.
    pub is_alive: bool,
    /// Everything of them that an incident changes.
    pub row: String,
}

/// The users by their address.
pub type Users = BTreeMap<String, User>;

/// What the store says of an incident.
#[derive(Debug, Default)]
pub struct Book {
    /// The plan: an address, and why it is left out.
    pub listed: Vec<(String, Option<String>)>,
    /// The resets of the incident, with the address of their user.
    pub resets: Vec<(Uuid, String)>,
    /// How many records each reset since the beginning has, of whatever incident.
    pub records: HashMap<Uuid, usize>,
    /// How many records each step of the incident has.
    pub steps: HashMap<String, usize>,
    /// The users now.
    pub users: Users,
}

/// What was counted in a round.
#[derive(Debug, Default)]
pub struct Counted {
    /// Users whose password has ended.
    pub ended: u64,
    /// Mails that came a second time, with the same link.
    pub again: u64,
    /// What is missing or incomplete.
    pub lost: Vec<String>,
    /// What was done twice.
    pub doubled: Vec<String>,
    /// What happened to users who are not on the list, or are left out.
    pub outside: Vec<String>,
    /// Links that left while they were held.
    pub early: Vec<String>,
}

impl Counted {
    /// As findings of the oracle.
    pub fn findings(&self) -> Findings {
        let broken = [&self.outside[..], &self.early[..]].concat();
        Findings { lost: self.lost.clone(), doubled: self.doubled.clone(), broken }
    }

    /// Notes what there must be once.
    fn once(&mut self, count: usize, what: impl Fn() -> String) {
        match count {
            0 => self.lost.push(format!("{} is missing", what())),
            1 => {}
            count => self.doubled.push(format!("{} is there {count} times", what())),
        }
    }
}

/// The users in the store.
pub fn users(books: &Books) -> Result<Users> {
    books.read(|tx, tenant| {
        let rows = tx.all(USERS, &params![tenant])?;
        let user = |row: &tenantry::store::Row| {
            let is_alive = row.get::<Option<i64>>(1)?.is_none();
            Ok((row.get(0)?, User { is_alive, row: format!("{row:?}") }))
        };
        rows.iter().map(user).collect()
    })
}

impl Book {
    /// Reads what there is of an incident.
    pub fn read(books: &Books, incident: Uuid) -> Result<Self> {
        let mut book = Self { users: users(books)?, ..Self::default() };
        // Ids grow by the millisecond.
        let since = Uuid::from_u128(incident.as_u128() >> 80 << 80);
        books.read(|tx, tenant| {
            for row in tx.all(LISTED, &params![tenant, &incident])? {
                book.listed.push((row.get(0)?, row.get(1)?));
            }
            for row in tx.all(RESETS, &params![tenant, &incident])? {
                book.resets.push((row.get(0)?, row.get(1)?));
            }
            for row in tx.all(RECORDS, &params![tenant, &since])? {
                let facts: Value = serde_json::from_str(&row.get::<String>(0)?).unwrap_or_default();
                let reset = facts["reset"].as_str().and_then(|id| Uuid::parse_str(id).ok()).unwrap_or_default();
                *book.records.entry(reset).or_default() += 1;
            }
            for row in tx.all(STEPS, &params![tenant, incident.to_string().as_str()])? {
                *book.steps.entry(row.get(0)?).or_default() += 1;
            }
            Ok(())
        })?;
        Ok(book)
    }
}

/// Compares; `before` are the users before the incident. Pure.
pub fn judge(
    list: &List,
    book: &Book,
    before: &Users,
    mails: &HashMap<Uuid, Vec<Received>>,
    early: &HashSet<Uuid>,
) -> Counted {
    let mut counted = Counted::default();
    let (mut listed, mut resets) = (HashMap::<&str, Vec<_>>::new(), HashMap::<&str, Vec<_>>::new());
    book.listed.iter().for_each(|(email, reason)| listed.entry(email).or_default().push(reason.as_deref()));
    book.resets.iter().for_each(|(id, email)| resets.entry(email).or_default().push(*id));
    for (email, reason) in &list.entries {
        let found = listed.remove(email.as_str()).unwrap_or_default();
        counted.once(found.len(), || format!("the place of {email}"));
        if found.iter().any(|found| found != reason) {
            counted.lost.push(format!("{email} is left out for {found:?}, and that should be {reason:?}"));
        }
        if reason.is_none() {
            let own = resets.remove(email.as_str()).unwrap_or_default();
            judge_one(&mut counted, book, email, &own, mails);
        }
    }
    counted.outside.extend(listed.keys().map(|email| format!("{email} is in the plan and not on the list")));
    counted.outside.extend(resets.keys().map(|email| format!("{email} has a reset and is not on the list")));
    judge_outside(&mut counted, list, book, before, mails);
    for step in ONCE {
        let count = book.steps.get(step).copied().unwrap_or_default();
        counted.once(count, || format!("the record of {step}"));
    }
    counted.early.extend(early.iter().map(|reset| format!("the link of reset {reset} left while it was held")));
    counted
}

/// One whose password must have ended.
fn judge_one(counted: &mut Counted, book: &Book, email: &str, resets: &[Uuid], mails: &HashMap<Uuid, Vec<Received>>) {
    counted.once(resets.len(), || format!("the reset of {email}"));
    for reset in resets {
        let records = book.records.get(reset).copied().unwrap_or_default();
        counted.once(records, || format!("the record of the reset of {email}"));
        let arrived = mails.get(reset).map(Vec::as_slice).unwrap_or_default();
        let links: HashSet<&str> = arrived.iter().map(|mail| mail.token.as_str()).collect();
        counted.once(links.len(), || format!("the link in the mails to {email}"));
        counted.again += (arrived.len() - links.len()) as u64;
    }
    match book.users.get(email) {
        Some(user) if !user.is_alive => counted.ended += 1,
        _ => counted.lost.push(format!("the old password of {email} is alive")),
    }
}

/// Nobody else may have been touched.
fn judge_outside(
    counted: &mut Counted,
    list: &List,
    book: &Book,
    before: &Users,
    mails: &HashMap<Uuid, Vec<Received>>,
) {
    let is_meant = |email: &String| list.entries.get(email).is_some_and(Option::is_none);
    for (email, user) in before.iter().filter(|(email, _)| !is_meant(email)) {
        if book.users.get(email) != Some(user) {
            counted.outside.push(format!("{email} is not meant and is not as before"));
        }
    }
    let own: HashSet<&Uuid> = book.resets.iter().map(|(id, _)| id).collect();
    let strange = book.records.keys().filter(|reset| !own.contains(reset));
    counted.outside.extend(strange.map(|reset| format!("a record tells of reset {reset}, which is not its own")));
    let strange = mails.keys().filter(|reset| !own.contains(reset));
    counted.outside.extend(strange.map(|reset| format!("a mail has the link of reset {reset}, which is not its own")));
}

#[cfg(test)]
#[path = "count_tests.rs"]
mod tests;
