//! All that is kept of a person, as one document in sections. What opens an account is not read here: no hash, no token, no link,
//! no secret of a second factor.
//!
//! What is found by the person's own row comes with the first page. Mails and records are looked through, the newest first, so many
//! at a time: what a page has not reached stands behind its cursor.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::about::{About, about};
use super::sought::Sought;
use crate::audit;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Tenant, TenantId, UserId};
use crate::mail::address::Email;
use crate::mails::{self, KeptMail};
use crate::people::User;
use crate::store::Tx;

/// Entries of a section on a page.
const ENTRIES_MAX: usize = 10_000;
/// Rows looked at for a page.
const LOOKED_AT_MAX: i64 = 100_000;
/// Rows read at once.
const READ: i64 = 1_000;

/// All that is kept of a person, or the next part of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PersonExport {
    /// When it was read.
    written_at: Timestamp,
    /// Who it is, and what is found by that; on the first page.
    person: Option<About>,
    /// Mails to the person of the last days, the newest first.
    mails: Vec<KeptMail>,
    /// Records of sign-ins, the newest first.
    sign_ins: Vec<audit::Item>,
    /// Other records of what the person did and of what was done to them, the newest first.
    records: Vec<audit::Item>,
    /// What to give as `after` for the mails and records behind these; null at the end.
    pub(super) next: Option<String>,
}

impl PersonExport {
    /// Takes in what the next page holds.
    pub(super) fn append(&mut self, mut next: Self) {
        self.mails.append(&mut next.mails);
        self.sign_ins.append(&mut next.sign_ins);
        self.records.append(&mut next.records);
    }
}

/// Where a page begins, and what is sought from there on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct After {
    /// Whether all mails were looked at, so that records follow.
    in_records: bool,
    before: Uuid,
    sought: Sought,
}

impl After {
    /// As it stands in a cursor.
    fn to_keep(&self) -> Vec<u8> {
        let sought = self.sought.to_keep();
        [&[u8::from(self.in_records)], self.before.as_bytes().as_slice(), sought.as_bytes()].concat()
    }

    /// Reads [`After::to_keep`].
    ///
    /// # Errors
    /// `Invalid` for a cursor of a newer release.
    pub(super) fn read(kept: &[u8]) -> Result<Self> {
        let read = || {
            let (in_records, rest) = kept.split_first()?;
            let (before, sought) = rest.split_first_chunk::<16>()?;
            let sought = Sought::read(std::str::from_utf8(sought).ok()?, "")?;
            Some(Self { in_records: *in_records == 1, before: Uuid::from_bytes(*before), sought })
        };
        read().ok_or_else(|| Error::invalid("Field after is not from an answer of this server."))
    }
}

/// A page about a user; `keep` makes a cursor of where the next one begins.
///
/// # Errors
/// Those of the store.
pub(super) fn page(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    user: &User,
    after: Option<After>,
    now: Timestamp,
) -> Result<(PersonExport, Option<Vec<u8>>)> {
    let person = if after.is_none() { Some(about(tx, tenant, user, ENTRIES_MAX as i64, now)?) } else { None };
    let after = match after {
        Some(after) => after,
        None => After { in_records: false, before: Uuid::max(), sought: sought(user)? },
    };
    let (mails, sign_ins, records) = (Vec::new(), Vec::new(), Vec::new());
    let mut export = PersonExport { written_at: now, person, mails, sign_ins, records, next: None };
    let mut walk = Walk { tenant: tenant.id, user: user.id, after, left: LOOKED_AT_MAX };
    let is_whole = walk.mails(tx, &mut export)? && walk.records(tx, &mut export)?;
    Ok((export, (!is_whole).then(|| walk.after.to_keep())))
}

fn sought(user: &User) -> Result<Sought> {
    let email = |text: &str| Email::parse(text).map_err(|refused| Error::internal(refused.message));
    let mut sought = Sought::new(&email(&user.email)?, Timestamp(i64::MAX));
    if let Some((former, changed_at)) = user.former_email.as_ref().zip(user.email_changed_at) {
        sought.add(&email(former)?, changed_at);
    }
    Ok(sought)
}

struct Walk {
    tenant: TenantId,
    user: UserId,
    after: After,
    /// How many rows may still be looked at.
    left: i64,
}

impl Walk {
    /// Whether all mails were looked at.
    fn mails(&mut self, tx: &mut Tx<'_>, into: &mut PersonExport) -> Result<bool> {
        while !self.after.in_records {
            if self.left <= 0 || into.mails.len() >= ENTRIES_MAX {
                return Ok(false);
            }
            let found = mails::list_before(tx, self.tenant, self.after.before, READ)?;
            self.left -= READ;
            let is_last = (found.len() as i64) < READ;
            self.after.before = found.last().map_or(self.after.before, |(_, mail)| mail.id);
            into.mails.extend(found.into_iter().filter(|(user, _)| *user == self.user).map(|(_, mail)| mail));
            if is_last {
                (self.after.in_records, self.after.before) = (true, Uuid::max());
            }
        }
        Ok(true)
    }

    /// Whether all records were looked at.
    fn records(&mut self, tx: &mut Tx<'_>, into: &mut PersonExport) -> Result<bool> {
        loop {
            if self.left <= 0 || into.records.len() + into.sign_ins.len() >= ENTRIES_MAX {
                return Ok(false);
            }
            let found = audit::list_before(tx, self.tenant, self.after.before, READ)?;
            self.left -= READ;
            let is_last = (found.len() as i64) < READ;
            self.after.before = found.last().map_or(self.after.before, |record| record.id);
            for record in found {
                if !self.after.sought.is_theirs(&record) {
                    continue;
                }
                let section = if record.action == "sign_in" { &mut into.sign_ins } else { &mut into.records };
                section.push(audit::Item::of(self.tenant, record));
            }
            if is_last {
                return Ok(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_page_begins_is_read_as_it_was_kept() {
        let sought = Sought::new(&Email::parse("jane@example.com").unwrap(), Timestamp(7));
        for in_records in [false, true] {
            let after = After { in_records, before: Uuid::from_u128(7), sought: sought.clone() };
            assert_eq!(After::read(&after.to_keep()).unwrap(), after);
        }
        assert!(After::read(&[]).is_err() && After::read(&[1; 16]).is_err() && After::read(&[1; 40]).is_err());
    }
}
