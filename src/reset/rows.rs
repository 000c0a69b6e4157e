//! A reset as stored.

use uuid::Uuid;

use super::limits::Bound;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Row, Tx};

/// The reason of a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(rename = "ResetKind", rename_all = "lowercase")]
pub enum Kind {
    /// An administrator reset the password.
    Administrator,
    /// An administrator sent the link again, in the older call that leaves the password alone.
    Remail,
    /// A new user chooses the first password.
    Invitation,
    /// The user asked, not signed in.
    Forgotten,
    /// The user asked, signed in.
    Own,
    /// An incident ended the passwords of many; its mail leaves when it is released.
    Incident,
}

impl Kind {
    /// Every kind, in the order of the mails.
    pub const ALL: [Self; 6] =
        [Self::Administrator, Self::Invitation, Self::Remail, Self::Forgotten, Self::Own, Self::Incident];

    /// The word in the store and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Remail => "remail",
            Self::Invitation => "invitation",
            Self::Forgotten => "forgotten",
            Self::Own => "own",
            Self::Incident => "incident",
        }
    }

    /// Whether the user or anyone else requested it, rather than an administrator.
    pub(super) fn is_wish(self) -> bool {
        matches!(self, Self::Forgotten | Self::Own)
    }

    /// The bound in which its mails count.
    pub(super) fn bound(self) -> Bound {
        if self.is_wish() { Bound::Wished } else { Bound::Asked }
    }

    /// Whether it ends all sessions of the user, and whatever else the administrator chose.
    pub(super) fn ends_access(self) -> bool {
        matches!(self, Self::Administrator | Self::Incident)
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A reset.
#[derive(Debug, Clone)]
pub struct Reset {
    /// The id, also in the header of the answer.
    pub id: Uuid,
    /// The user.
    pub user: UserId,
    /// The user's address at the time.
    pub email: String,
    /// The reason.
    pub kind: String,
    /// Whether the request ended the old password.
    pub kills_password: bool,
    /// The key under which the link was made.
    pub key: i64,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// Who requested it.
    pub requested_by: String,
    /// The credential that was used.
    pub credential: Option<String>,
    /// The client's address.
    pub address: String,
    /// When the link expires.
    pub expires_at: Timestamp,
    /// When the relay took the mail.
    pub mailed_at: Option<Timestamp>,
    /// The relay's last words.
    pub relay_words: Option<String>,
    /// When the page was first opened.
    pub opened_at: Option<Timestamp>,
    /// When the password was chosen.
    pub redeemed_at: Option<Timestamp>,
    /// The client's address at that time.
    pub redeemed_from: Option<String>,
    /// When a later reset superseded it.
    pub superseded_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// Who cancelled it.
    pub cancelled_by: Option<String>,
    /// When the mail was given up.
    pub undeliverable_at: Option<Timestamp>,
    /// The previous reset of the same user.
    pub previous: Option<Uuid>,
    /// Until when its mail waits, because its user already got as many as allowed in an hour.
    pub mail_waits_until: Option<Timestamp>,
    /// How many API credentials of the user it ended; none if it left them alone.
    pub credentials_revoked: Option<i64>,
    /// The incident that has begun it.
    pub incident: Option<Uuid>,
    /// Since when its mail is held by that incident; none once it has left.
    pub held_at: Option<Timestamp>,
    /// The record of its redemption; none where an older release wrote it.
    pub redeem_record: Option<Uuid>,
    /// Whether it is its user's open one.
    pub is_open: bool,
}

/// The columns of [`Reset`], in its order; a macro so that statements stay static texts.
macro_rules! reset_columns {
    () => {
        "r.id, r.user_id, r.email, r.kind, r.kills_password, r.key_id, r.requested_at, r.requested_by, r.credential, \
         r.address, r.expires_at, r.mailed_at, r.relay_words, r.opened_at, r.redeemed_at, r.redeemed_from, \
         r.superseded_at, r.cancelled_at, r.cancelled_by, r.undeliverable_at, r.previous_id, \
         r.mail_waits_until, r.credentials_revoked, r.incident, r.held_at, r.redeem_record, u.id"
    };
}
pub(super) use reset_columns;

/// The user whose open reset it is, if it is open.
macro_rules! join_place {
    () => {
        " LEFT JOIN users u ON u.tenant = r.tenant AND u.id = r.user_id AND u.open_reset = r.id"
    };
}
pub(super) use join_place;

impl Reset {
    /// Reads the columns of `reset_columns!`.
    pub(super) fn read(row: &Row) -> Result<Self> {
        let mut row = row.columns();
        Ok(Self {
            id: row.take()?,
            user: row.take()?,
            email: row.take()?,
            kind: row.take()?,
            kills_password: row.take()?,
            key: row.take()?,
            requested_at: row.take()?,
            requested_by: row.take()?,
            credential: row.take()?,
            address: row.take()?,
            expires_at: row.take()?,
            mailed_at: row.take()?,
            relay_words: row.take()?,
            opened_at: row.take()?,
            redeemed_at: row.take()?,
            redeemed_from: row.take()?,
            superseded_at: row.take()?,
            cancelled_at: row.take()?,
            cancelled_by: row.take()?,
            undeliverable_at: row.take()?,
            previous: row.take()?,
            mail_waits_until: row.take()?,
            credentials_revoked: row.take()?,
            incident: row.take()?,
            held_at: row.take()?,
            redeem_record: row.take()?,
            is_open: row.take::<Option<UserId>>()?.is_some(),
        })
    }

    /// Whether its link is valid at `now`.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.is_open && self.held_at.is_none() && self.expires_at > now
    }

    /// Whether its incident keeps the link from its user.
    pub fn is_held(&self) -> bool {
        self.is_open && self.held_at.is_some()
    }
}

const BY_ID: Batch = Batch::new(concat!(
    "SELECT ",
    reset_columns!(),
    " FROM resets r",
    join_place!(),
    " WHERE r.tenant = $1 AND r.id = $2"
));

/// The resets with these ids; missing ones are left out.
///
/// # Errors
/// Those of the store.
pub(super) fn find_each(tx: &mut Tx<'_>, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<Reset>> {
    let rows: Vec<_> = ids.iter().map(|id| params![tenant, id]).collect();
    tx.each(BY_ID, &rows)?.iter().filter_map(|answer| answer.rows.first().map(Reset::read)).collect()
}

/// The reset with this id.
///
/// # Errors
/// Those of the store.
pub fn find(tx: &mut Tx<'_>, tenant: TenantId, id: &Uuid) -> Result<Option<Reset>> {
    tx.maybe(BY_ID.text(), &params![tenant, id])?.map(|row| Reset::read(&row)).transpose()
}

const PROLONG: &str = "UPDATE users SET open_reset_expires_at = $4
    WHERE tenant = $1 AND id = $2 AND open_reset = $3 AND open_reset_expires_at < $4
        AND (open_reset_expires_at > $5 OR $6 = 1)";

/// Extends the link of an open reset to `expires_at`, if it would expire earlier. An expired link stays dead, unless no
/// mail has delivered it yet.
///
/// # Errors
/// Those of the store.
pub(super) fn prolong(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    reset: &Reset,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let values = params![tenant, reset.user, &reset.id, expires_at, now, reset.mailed_at.is_none()];
    if tx.run(PROLONG, &values)? == 1 {
        let values = params![tenant, &reset.id, expires_at];
        tx.run("UPDATE resets SET expires_at = $3 WHERE tenant = $1 AND id = $2", &values)?;
    }
    Ok(())
}

/// The error for a reset that the tenant does not have.
pub fn not_found() -> Error {
    Error::not_found("There is no such reset in this tenant.")
}
