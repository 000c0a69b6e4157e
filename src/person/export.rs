//! All that is kept of a person, as one document in sections. What opens an account is not read here: no hash, no token, no link,
//! no secret of a second factor.
//!
//! What is found by the person's own row comes with the first page. Mails and records are looked through, the newest first, so many
//! at a time: what a page has not reached stands behind its cursor.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::sought::Sought;
use crate::audit;
use crate::clock::Timestamp;
use crate::credentials;
use crate::error::{Error, Result};
use crate::factors;
use crate::identity::{Tenant, TenantId, UserId};
use crate::mail::address::Email;
use crate::mails::{self, KeptMail};
use crate::people::{self, User};
use crate::reset;
use crate::sessions;
use crate::store::Tx;
use crate::terms::IdmType;
use crate::transfer;

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

/// A person, and what is found by their row.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PersonExported")]
struct About {
    /// The id.
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    uid: String,
    /// The address.
    #[schemars(example = &"jane@example.com")]
    email: String,
    /// The address before the last change.
    former_email: Option<String>,
    /// A new address that is not confirmed yet.
    pending_email: Option<String>,
    /// First name.
    #[schemars(example = &"Jane")]
    first_name: String,
    /// Last name.
    #[schemars(example = &"Roe")]
    last_name: String,
    /// `VOLTERRA_MANAGED` or `SSO`.
    #[schemars(with = "IdmType")]
    idm_type: &'static str,
    /// The language of mails and pages, if chosen.
    language: Option<String>,
    /// Since when an owner of the tenant.
    owner_since: Option<Timestamp>,
    /// When created.
    created_at: Timestamp,
    /// By whom.
    #[schemars(example = &"owner@example.com")]
    created_by: String,
    /// When last changed.
    modified_at: Option<Timestamp>,
    /// Since when disabled.
    disabled_at: Option<Timestamp>,
    /// Since when the address is known to be the person's.
    email_verified_at: Option<Timestamp>,
    /// When the address was last changed.
    email_changed_at: Option<Timestamp>,
    /// When the password was set.
    password_changed_at: Option<Timestamp>,
    /// Last successful sign-in.
    last_login_at: Option<Timestamp>,
    /// The version of the terms of service that the person has accepted.
    terms_version: Option<String>,
    /// When they did.
    terms_accepted_at: Option<Timestamp>,
    /// Since when there is a code app.
    second_factor_since: Option<Timestamp>,
    /// Roles, and the user group by which each is held.
    roles: Vec<RoleOf>,
    /// User groups.
    #[schemars(example = &["operations"])]
    groups: Vec<String>,
    /// By which keys other products know the person.
    keys: Vec<SourceKey>,
    /// Live sessions.
    sessions: Vec<SessionOf>,
    /// API credentials, without their secrets.
    credentials: Vec<CredentialOf>,
    /// Resets of the password and invitations, the newest first.
    resets: Vec<reset::Shown>,
}

/// A role of a person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PersonRole")]
struct RoleOf {
    /// The namespace in which it counts, or `*`.
    #[schemars(example = &"default")]
    namespace: String,
    /// The role.
    #[schemars(example = &"ves-io-monitor-role")]
    role: String,
    /// The user group by which it is held; null for a role given to the person.
    group: Option<String>,
}

/// A key by which another product knows a person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PersonKey")]
struct SourceKey {
    /// The product.
    #[schemars(example = &"csv")]
    source: String,
    /// The key.
    #[schemars(example = &"0012")]
    key: String,
}

/// A session of a person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PersonSession")]
struct SessionOf {
    /// The sign-in.
    started_at: Timestamp,
    /// The last request.
    last_seen_at: Timestamp,
    /// The client's address.
    #[schemars(example = &"203.0.113.7")]
    address: String,
}

/// A credential of a person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PersonCredential")]
struct CredentialOf {
    /// The name.
    #[schemars(example = &"ci-token-abcdefgh")]
    name: String,
    /// When it was made.
    created_at: Timestamp,
    /// When it ends.
    expires_at: Timestamp,
    /// Whether it is switched on.
    #[schemars(example = true)]
    active: bool,
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
    let person = if after.is_none() { Some(about(tx, tenant, user, now)?) } else { None };
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

fn about(tx: &mut Tx<'_>, tenant: &Tenant, user: &User, now: Timestamp) -> Result<About> {
    let rights = people::rights_of(tx, tenant.id, user.id)?;
    let held = rights.held().iter().map(|held| RoleOf {
        namespace: held.grant.namespace.clone(),
        role: held.grant.role.clone(),
        group: held.through.clone(),
    });
    let seen_after = now.plus_seconds(-tenant.settings.session.idle_minutes * 60);
    let sessions = sessions::list(tx, tenant.id, user.id, seen_after, now)?;
    let email = Email::parse(&user.email).map_err(|refused| Error::internal(refused.message))?;
    Ok(About {
        uid: user.uid.to_string(),
        email: user.email.clone(),
        former_email: user.former_email.clone(),
        pending_email: crate::addresses::pending_of(tx, tenant.id, user, now)?.map(|change| change.email),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        idm_type: user.sign_in_by.word(),
        language: user.language.map(|language| language.tag().to_owned()),
        owner_since: user.owner_since,
        created_at: user.created_at,
        created_by: user.created_by.clone(),
        modified_at: user.modified_at,
        disabled_at: user.disabled_at,
        email_verified_at: user.email_verified_at,
        email_changed_at: user.email_changed_at,
        password_changed_at: user.password_changed_at,
        last_login_at: user.last_login_at,
        terms_version: Some(user.terms.version.clone()).filter(|version| !version.is_empty()),
        terms_accepted_at: user.terms.at,
        second_factor_since: factors::find(tx, tenant.id, user.id)?.and_then(|factor| factor.confirmed_at),
        roles: held.collect(),
        groups: rights.user_groups().to_vec(),
        keys: keys(tx, tenant.id, user.id)?,
        sessions: sessions.into_iter().map(SessionOf::from).collect(),
        credentials: credentials::of_user(tx, tenant.id, user.id)?.into_iter().map(CredentialOf::from).collect(),
        resets: reset::shown_of(tx, tenant.id, &email, ENTRIES_MAX as i64, now)?,
    })
}

fn keys(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<Vec<SourceKey>> {
    let keys = transfer::keys_of_user(tx, tenant, user)?;
    Ok(keys.into_iter().map(|key| SourceKey { source: key.source, key: key.id }).collect())
}

impl From<sessions::Session> for SessionOf {
    fn from(session: sessions::Session) -> Self {
        Self { started_at: session.started_at, last_seen_at: session.last_seen_at, address: session.address }
    }
}

impl From<credentials::Credential> for CredentialOf {
    fn from(credential: credentials::Credential) -> Self {
        let active = credential.inactive_at.is_none();
        let (name, created_at, expires_at) = (credential.name, credential.created_at, credential.expires_at);
        Self { name, created_at, expires_at, active }
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
