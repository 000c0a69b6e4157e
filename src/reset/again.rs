//! Mails the link of an open reset once more, because the user or someone else asked for one. The reset stays
//! unchanged.

use uuid::Uuid;

use super::ask::Ask;
use super::decide::Decision;
use super::letters::NO_FACTS;
use crate::error::Result;
use crate::identity::TenantId;
use crate::mails::{self, NewMail};
use crate::params;
use crate::store::{Batch, Tx};

const NOTE: Batch = Batch::new(
    "UPDATE users SET reset_mail_times = $4
    WHERE tenant = $1 AND id = $2 AND reset_mail_times = $3 AND open_reset = $5 AND disabled_at IS NULL",
);
const DELIVERABLE: Batch = Batch::new("UPDATE resets SET undeliverable_at = NULL WHERE tenant = $1 AND id = $2");

/// Queues the mails of the requests that were decided that way.
///
/// # Errors
/// Those of [`Tx::put`], if a user was changed since they were read; then nothing was queued.
pub(super) fn mail_again(tx: &mut Tx<'_>, asks: &[Ask], decided: &[Decision]) -> Result<()> {
    let mut again: Vec<_> = asks
        .iter()
        .zip(decided)
        .filter_map(|(ask, decided)| match decided {
            Decision::MailAgain { target, open, mail_times } => Some((ask, target, open, mail_times.text())),
            _ => None,
        })
        .collect();
    again.sort_by_key(|(ask, target, ..)| (ask.tenant, target.user));
    let users: Vec<_> = again
        .iter()
        .map(|(ask, target, open, times)| params![ask.tenant, target.user, &target.mail_times_stored, times, *open])
        .collect();
    tx.put(NOTE, &users)?;
    again.sort_by_key(|(_, _, open, _)| **open);
    let resets: Vec<_> = again.iter().map(|(ask, _, open, _)| params![ask.tenant, *open]).collect();
    tx.put(DELIVERABLE, &resets)?;
    let mails: Vec<_> = again
        .iter()
        .map(|(ask, target, open, _)| NewMail {
            tenant: ask.tenant,
            id: ask.mail,
            kind: ask.kind.word(),
            user: target.user,
            reset: Some(**open),
            facts: NO_FACTS,
            now: ask.now,
            due_at: ask.now,
            give_up_at: ask.expires_at(ask.now),
        })
        .collect();
    mails::queue_each(tx, &mails)
}

/// Says of resets whose mails are tried again that they are not undeliverable after all.
///
/// # Errors
/// Those of the store.
pub fn are_mailed_again(tx: &mut Tx<'_>, tenant: TenantId, resets: &[Uuid]) -> Result<()> {
    resets.iter().try_for_each(|reset| tx.run(DELIVERABLE.text(), &params![tenant, reset]).map(drop))
}
