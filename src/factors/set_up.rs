//! A code app that is set up or switched off, and new recovery codes.

use uuid::Uuid;

use super::codes::Owner;
use super::letters::{Letter, NewNotice, tell};
use super::rows::Factor;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Kind, Result, Told};
use crate::pages::told;
use crate::params;
use crate::store::{self, Tx};

/// An app whose first code is there.
#[derive(Debug, Clone, Copy)]
pub struct NewFactor {
    /// What its secret is made from.
    pub seed: Uuid,
    /// The step of that first code, which is used up by it.
    pub step: i64,
    /// What its recovery codes are made from.
    pub recovery_seed: Uuid,
}

/// The step of the schema that a release must have once someone relies on an app: any other takes the password alone.
const MIGRATION: &str = "second_factors";

/// Gives the user this app in the place of what they had; false where that was changed meanwhile. A link to set it up is used
/// up by it. From then on no older release starts on the store.
///
/// # Errors
/// Those of the store.
pub fn install(tx: &mut Tx<'_>, owner: Owner, had: Option<&Factor>, new: &NewFactor, now: Timestamp) -> Result<bool> {
    let installed = tx.run(
        "INSERT INTO second_factors (tenant, user_id, seed, confirmed_at, last_step, recovery_seed, recovery_used, failures,
             last_failure_at)
         VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0)
         ON CONFLICT (tenant, user_id) DO UPDATE SET seed = excluded.seed, confirmed_at = excluded.confirmed_at,
             last_step = excluded.last_step, recovery_seed = excluded.recovery_seed, recovery_used = 0, failures = 0,
             last_failure_at = 0, taken_away_at = NULL, link_id = NULL, link_key = NULL, link_expires_at = NULL
         WHERE second_factors.seed IS NOT DISTINCT FROM $7 AND second_factors.taken_away_at IS NOT DISTINCT FROM $8
             AND second_factors.link_id IS NOT DISTINCT FROM $9",
        &params![
            owner.tenant,
            owner.user,
            &new.seed,
            now,
            new.step,
            &new.recovery_seed,
            had.and_then(|had| had.seed.as_ref()),
            had.and_then(|had| had.taken_away_at),
            had.and_then(|had| had.link.as_ref())
        ],
    )?;
    store::counts_on(tx, MIGRATION)?;
    Ok(installed == 1)
}

fn remove(tx: &mut Tx<'_>, owner: Owner) -> Result<bool> {
    let gone = tx.run(
        "DELETE FROM second_factors WHERE tenant = $1 AND user_id = $2 AND seed IS NOT NULL",
        &params![owner.tenant, owner.user],
    )?;
    Ok(gone == 1)
}

/// Gives the user new recovery codes, by which the old ones end; whether there is an app.
///
/// # Errors
/// Those of the store.
pub fn renew_codes(tx: &mut Tx<'_>, owner: Owner, recovery_seed: &Uuid) -> Result<bool> {
    let changed = tx.run(
        "UPDATE second_factors SET recovery_seed = $3, recovery_used = 0
         WHERE tenant = $1 AND user_id = $2 AND seed IS NOT NULL",
        &params![owner.tenant, owner.user, recovery_seed],
    )?;
    Ok(changed == 1)
}

/// Switches the caller's own app off, and tells them. The record is the caller's.
///
/// # Errors
/// `Conflict` where there is none, and where the tenant requires one.
pub fn switch_off(tx: &mut Tx<'_>, act: &Act, mail: Uuid) -> Result<()> {
    let owner = Owner { tenant: act.tenant.id, user: act.caller.user };
    if act.tenant.settings.sign_in.second_factor_required {
        return Err(told::error(Kind::Conflict, Told::FactorRequired));
    }
    if !remove(tx, owner)? {
        return Err(told::error(Kind::Conflict, Told::NoFactor));
    }
    let notice = NewNotice { id: mail, user: owner.user, letter: Letter::SwitchedOff, left: None };
    tell(tx, owner.tenant, &notice, &act.actor, act.now)
}
