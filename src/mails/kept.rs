//! What is known of mails once they were queued, for a person who asks for it.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Row, Tx};

/// A mail, without what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KeptMail {
    /// The id.
    #[schemars(with = "String")]
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    pub id: Uuid,
    /// Which mail it is, such as an invitation.
    #[schemars(example = &"invitation")]
    pub kind: String,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// When the relay took it.
    pub sent_at: Option<Timestamp>,
    /// When it was given up.
    pub failed_at: Option<Timestamp>,
    /// The relay's last words.
    pub relay_words: Option<String>,
}

/// Mails before one, each with the user to whom it went, the newest first.
///
/// # Errors
/// Those of the store.
pub fn list_before(tx: &mut Tx<'_>, tenant: TenantId, before: Uuid, max: i64) -> Result<Vec<(UserId, KeptMail)>> {
    let rows = tx.all(
        "SELECT user_id, id, kind, queued_at, sent_at, failed_at, relay_words FROM mails
         WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        &params![tenant, &before, max],
    )?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<(UserId, KeptMail)> {
    let mut row = row.columns();
    let user = row.take()?;
    let mail = KeptMail {
        id: row.take()?,
        kind: row.take()?,
        queued_at: row.take()?,
        sent_at: row.take()?,
        failed_at: row.take()?,
        relay_words: row.take()?,
    };
    Ok((user, mail))
}
