//! Looks up the holders of credentials, and re-checks earlier look-ups.

use std::sync::Arc;

use super::rows::read_narrowing;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Bearer, Caller, Presumed, Proof};
use crate::params;
use crate::people;
use crate::store::{Answer, Batch, Question, Row, Tx};

const BEARERS: Batch = Batch::new(
    "SELECT c.tenant, t.revision, c.user_id, u.email, c.name, c.expires_at, g.namespace, g.role, g.api_groups,
            u.group_roles, c.narrowed_to
    FROM credentials c
    JOIN tenants t ON t.id = c.tenant
    JOIN users u ON u.tenant = c.tenant AND u.id = c.user_id
    LEFT JOIN grants g ON g.tenant = c.tenant AND g.user_id = c.user_id
    WHERE c.secret_hash = $1 AND c.inactive_at IS NULL AND u.disabled_at IS NULL AND t.disabled_at IS NULL",
);

/// The holders of the tokens with these hashes, and their rights. `None` for a token that is unknown or inactive, or
/// whose user or tenant is disabled; expiry is left to the caller (`expires_at`). The only look-up without a tenant,
/// since the credential itself names it. One statement, since every call begins with it.
///
/// # Errors
/// Those of the store.
pub fn find_bearers(tx: &mut Tx<'_>, secret_hashes: &[[u8; 32]]) -> Result<Vec<Option<Bearer>>> {
    let [bearers] = tx.look([question(secret_hashes)])?;
    read_bearers(&bearers)
}

/// The name of the suspended tenant for which the token with this hash would count if that were served: its caller is told that
/// it is suspended, and not that the token is wrong.
///
/// # Errors
/// Those of the store.
pub fn suspended_tenant_of(tx: &mut Tx<'_>, secret_hash: &[u8; 32], now: Timestamp) -> Result<Option<String>> {
    let found = tx.maybe(
        "SELECT t.name FROM credentials c
         JOIN tenants t ON t.id = c.tenant
         JOIN users u ON u.tenant = c.tenant AND u.id = c.user_id
         WHERE c.secret_hash = $1 AND c.inactive_at IS NULL AND c.expires_at > $2 AND u.disabled_at IS NULL
           AND t.disabled_at IS NOT NULL AND t.removal_begun_at IS NULL",
        &params![secret_hash, now],
    )?;
    found.map(|row| row.get(0)).transpose()
}

fn question(secret_hashes: &[[u8; 32]]) -> Question {
    Question::new(BEARERS, secret_hashes.iter().map(|hash| params![hash]))
}

fn read_bearers(answers: &[Answer]) -> Result<Vec<Option<Bearer>>> {
    answers.iter().map(|answer| read_bearer(&answer.rows)).collect()
}

fn read_bearer(rows: &[Row]) -> Result<Option<Bearer>> {
    let Some(row) = rows.first() else { return Ok(None) };
    let proof = Proof::Credential(row.get(4)?);
    let rights = people::read_rights(rows, 6)?.narrowed(read_narrowing(row.get(10)?)?);
    let caller = Caller { user: row.get(2)?, email: row.get(3)?, proof, rights: Arc::new(rights), proved_at: None };
    Ok(Some(Bearer {
        tenant: row.get(0)?,
        tenant_revision: row.get(1)?,
        caller: Arc::new(caller),
        expires_at: row.get(5)?,
    }))
}

/// Checks whether presumed callers still hold, in the same flight as the verb's own questions. One question for each
/// caller, however many requests they have in the group.
pub struct Confirmation<'p>(Vec<&'p Presumed>);

impl<'p> Confirmation<'p> {
    /// A check of all these.
    pub fn of(presumed: impl IntoIterator<Item = &'p Presumed>) -> Self {
        let mut each: Vec<&Presumed> = Vec::new();
        for one in presumed {
            if !each.contains(&one) {
                each.push(one);
            }
        }
        Self(each)
    }

    /// The question to ask.
    pub fn question(&self) -> Question {
        let hashes: Vec<_> = self.0.iter().map(|one| one.secret_hash).collect();
        question(&hashes)
    }

    /// The callers that still hold, according to the answers.
    ///
    /// # Errors
    /// `Internal` if the answers do not fit the question.
    pub fn read(self, answers: &[Answer]) -> Result<Vec<&'p Presumed>> {
        let found = read_bearers(answers)?;
        let told = self.0.into_iter().zip(&found);
        Ok(told.filter(|(presumed, found)| found.as_ref() == Some(&presumed.bearer)).map(|(one, _)| one).collect())
    }
}
