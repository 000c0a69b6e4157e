//! New users, one or many at once.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::found::{EDITION, Found, write_first_words};
use super::grants::{first_grants, resolve};
use super::kinds::{Kind, SignInBy};
use super::rows::email_taken;
use super::through::text;
use super::{membership, schemes};
use crate::access::Grant;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::language::Language;
use crate::mail::address::Email;
use crate::params;
use crate::random::Random;
use crate::store::{self, Batch, Tx};
use crate::tenants;

/// An older release lets in by the old password whom it does not know to have to choose another.
const MIGRATION: &str = "imports";

/// What a new user is made from.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The random number.
    pub id: UserId,
    /// The id outside.
    pub uid: Uuid,
    /// The address.
    pub email: Email,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// What they are.
    pub kind: Kind,
    /// How they sign in.
    pub sign_in_by: SignInBy,
    /// Whether an owner of the tenant.
    pub is_owner: bool,
    /// The hash of a first password; none for people, who choose theirs by a link.
    pub password_hash: Option<String>,
    /// Roles in namespaces.
    pub grants: Vec<Grant>,
    /// What a user from elsewhere brings along.
    pub brought: Brought,
}

/// What is known of a user who comes from elsewhere; nothing of one who is made here.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// The language of mails and pages.
    pub language: Option<Language>,
    /// When they were made there.
    pub created_at: Option<Timestamp>,
    /// Whether they are locked out.
    pub is_disabled: bool,
    /// Whether the source has seen a mail to the address come back.
    pub is_verified: bool,
    /// When the password was chosen.
    pub password_set_at: Option<Timestamp>,
    /// Whether the password only leads to a link by which another one must be chosen.
    pub must_change: bool,
    /// The user groups to be in, which exist.
    pub groups: Vec<String>,
}

impl NewUser {
    /// Whether they choose a password here, by a link.
    pub fn needs_link(&self) -> bool {
        self.kind == Kind::Person && self.sign_in_by == SignInBy::Password
    }

    fn found(&self) -> Found<'_> {
        Found {
            user: self.id,
            kind: self.kind,
            email: self.email.as_str(),
            first_name: &self.first_name,
            last_name: &self.last_name,
        }
    }

    /// A person with a password here, without a name, a role or a password yet.
    pub fn person(email: Email, random: &Random, now: Timestamp) -> Self {
        Self {
            // Random, since numbers in a row would tell how many users there are; 62 bits never meet.
            id: UserId((u64::from_be_bytes(random.bytes()) >> 2).cast_signed()),
            uid: random.uuid(now),
            email,
            first_name: String::new(),
            last_name: String::new(),
            kind: Kind::Person,
            sign_in_by: SignInBy::Password,
            is_owner: false,
            password_hash: None,
            grants: Vec::new(),
            brought: Brought::default(),
        }
    }
}

const TAKEN: Batch = Batch::new("SELECT 1 FROM users WHERE tenant = $1 AND email_key = $2");
const INSERT: Batch = Batch::new(
    "INSERT INTO users (tenant, id, uid, email, email_key, first_name, last_name, kind, idm_type, language, owner_since,
                        created_at, created_by, disabled_at, disabled_by, session_epoch, password_hash, password_changed_at,
                        password_must_change_at, email_verified_at, group_roles, reset_mail_times, found_by,
                        awake_since)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, $16, $17, $18, $19, $20, '', $21, $22)",
);
const JOIN: Batch = Batch::new("INSERT INTO group_members (tenant, group_name, user_id) VALUES ($1, $2, $3)");

/// Writes new users with their grants and groups and counts them in; for each whether it was made. One is not whose address
/// is in use, or that of an earlier one of these.
///
/// # Errors
/// Those of the store.
pub fn insert_each(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    users: &[NewUser],
    created_by: &str,
    now: Timestamp,
) -> Result<Vec<bool>> {
    let keys: Vec<_> = users.iter().map(|user| user.email.key()).collect();
    let asked: Vec<_> = keys.iter().map(|key| params![tenant, key]).collect();
    let mut seen = HashSet::new();
    let taken = tx.each(TAKEN, &asked)?;
    let made: Vec<bool> =
        keys.iter().zip(&taken).map(|(key, found)| found.rows.is_empty() && seen.insert(key)).collect();
    let new: Vec<_> = users.iter().zip(&made).filter(|(_, made)| **made).map(|(user, _)| user).collect();
    if !new.is_empty() {
        write(tx, tenant, &new, created_by, now)?;
    }
    Ok(made)
}

/// As [`insert_each`], all of them or none.
///
/// # Errors
/// `Duplicate` when an address is in use.
pub fn insert_all(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    users: &[NewUser],
    created_by: &str,
    now: Timestamp,
) -> Result<()> {
    let made = insert_each(tx, tenant, users, created_by, now)?;
    let refused = users.iter().zip(made).find(|(_, made)| !made);
    refused.map_or(Ok(()), |(user, _)| Err(email_taken(&user.email)))
}

/// Writes one new user, as [`insert_all`].
///
/// # Errors
/// As [`insert_all`].
pub fn insert(tx: &mut Tx<'_>, tenant: TenantId, new: &NewUser, created_by: &str, now: Timestamp) -> Result<()> {
    insert_all(tx, tenant, std::slice::from_ref(new), created_by, now)
}

fn write(tx: &mut Tx<'_>, tenant: TenantId, users: &[&NewUser], created_by: &str, now: Timestamp) -> Result<()> {
    write_rows(tx, tenant, users, created_by, now)?;
    let members: Vec<_> = users.iter().flat_map(|user| groups_of(user).map(move |group| (group, user.id))).collect();
    let members: Vec<_> = members.iter().map(|(group, user)| params![tenant, *group, *user]).collect();
    tx.put(JOIN, &members)?;
    let grants: BTreeSet<&Grant> = users.iter().flat_map(|user| &user.grants).collect();
    let held = resolve(tx, tenant, &grants.into_iter().cloned().collect::<Vec<_>>())?;
    let held: HashMap<_, _> = held.iter().map(|held| (&held.grant, held)).collect();
    let given = users
        .iter()
        .flat_map(|user| user.grants.iter().collect::<BTreeSet<_>>().into_iter().map(|grant| (user.id, held[grant])));
    first_grants(tx, tenant, &given.collect::<Vec<_>>())?;
    let found: Vec<_> = users.iter().map(|user| user.found()).collect();
    write_first_words(tx, tenant, &found)?;
    schemes::came(tx, tenant, users.iter().filter_map(|user| user.password_hash.as_deref()))?;
    if users.iter().any(|user| user.brought.must_change) {
        store::counts_on(tx, MIGRATION)?;
    }
    // Once for all: a row that is changed a thousand times in one transaction costs its readers as many looks.
    tenants::change_user_count(tx, tenant, i64::try_from(users.len()).map_err(Error::internal)?)
}

/// The groups of a new user, each once.
fn groups_of(user: &NewUser) -> impl Iterator<Item = &str> {
    user.brought.groups.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter()
}

fn write_rows(tx: &mut Tx<'_>, tenant: TenantId, users: &[&NewUser], created_by: &str, now: Timestamp) -> Result<()> {
    let names: Vec<Vec<String>> = users.iter().map(|user| groups_of(user).map(String::from).collect()).collect();
    let mut grants = HashMap::new();
    for name in names.iter().flatten().collect::<BTreeSet<_>>() {
        grants.insert(name.clone(), membership::kept_grants(tx, tenant, name)?);
    }
    let through = names.iter().map(|names| text(names, &grants)).collect::<Result<Vec<_>>>()?;
    let keys: Vec<_> = users.iter().map(|user| user.email.key()).collect();
    let rows: Vec<_> = users
        .iter()
        .zip(keys.iter().zip(&through))
        .map(|(user, (key, through))| {
            let brought = &user.brought;
            let changed_at = user.password_hash.as_ref().map(|_| brought.password_set_at.unwrap_or(now));
            params![
                tenant,
                user.id,
                &user.uid,
                user.email.as_str(),
                key,
                &user.first_name,
                &user.last_name,
                user.kind.word(),
                user.sign_in_by.word(),
                brought.language.map(Language::tag),
                user.is_owner.then_some(now),
                brought.created_at.unwrap_or(now),
                created_by,
                brought.is_disabled.then_some(now),
                brought.is_disabled.then_some(created_by),
                user.password_hash.as_deref(),
                changed_at,
                (brought.must_change && user.password_hash.is_some()).then_some(now),
                brought.is_verified.then_some(now),
                through.as_deref(),
                EDITION,
                now,
            ]
        })
        .collect();
    tx.put(INSERT, &rows)
}
