//! What has become of many resets, for a room that has begun them.

use uuid::Uuid;

use super::rows::{self, Reset};
use super::state::State;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Batch, Tx};

/// What has become of a reset.
#[derive(Debug, Clone)]
pub struct ResetOutcome {
    /// The reset.
    pub id: Uuid,
    /// Its state.
    pub state: State,
    /// Whether its user has chosen a password since, by whatever link.
    pub is_chosen: bool,
    /// The live reset in its user's place.
    pub open: Option<Uuid>,
    /// Whether its mail is held.
    pub is_held: bool,
    /// When its mail left.
    pub mailed_at: Option<Timestamp>,
    /// The relay's last words.
    pub relay_words: Option<String>,
    /// When the page of its link was opened.
    pub opened_at: Option<Timestamp>,
    /// When a password was chosen by it.
    pub redeemed_at: Option<Timestamp>,
    /// The record of that.
    pub redeem_record: Option<Uuid>,
    /// When it was requested.
    pub requested_at: Timestamp,
}

/// Those of these ids, in their order; one that is not there is left out.
///
/// # Errors
/// Those of the store.
pub fn outcomes(tx: &mut Tx<'_>, tenant: TenantId, ids: &[Uuid], now: Timestamp) -> Result<Vec<ResetOutcome>> {
    const CHOSEN: Batch = Batch::new(
        "SELECT CASE WHEN password_dead_at IS NULL THEN password_changed_at ELSE NULL END,
            CASE WHEN open_reset_expires_at > $3 THEN open_reset ELSE NULL END
        FROM users WHERE tenant = $1 AND id = $2",
    );
    let resets = rows::find_each(tx, tenant, ids)?;
    let users: Vec<_> = resets.iter().map(|reset| params![tenant, reset.user, now]).collect();
    let chosen = tx.each(CHOSEN, &users)?;
    let of = |(reset, answer): (Reset, &crate::store::Answer)| {
        let user = answer.rows.first();
        let changed_at = user.map(|row| row.get::<Option<Timestamp>>(0)).transpose()?.flatten();
        Ok(ResetOutcome {
            id: reset.id,
            state: State::of(&reset, now),
            is_chosen: changed_at.is_some_and(|at| at >= reset.requested_at),
            open: user.map(|row| row.get(1)).transpose()?.flatten(),
            is_held: reset.is_held(),
            mailed_at: reset.mailed_at,
            relay_words: reset.relay_words,
            opened_at: reset.opened_at,
            redeemed_at: reset.redeemed_at,
            redeem_record: reset.redeem_record,
            requested_at: reset.requested_at,
        })
    };
    resets.into_iter().zip(&chosen).map(of).collect()
}
