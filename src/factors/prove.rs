//! Whether a code is right: it is used up, or counted as wrong, in the transaction that asks.

use super::codes::{App, Owner, Typed, nth_recovery_code, step};
use super::rows::{FAILURES_MAX, Factor, hold};
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result, Told};
use crate::guesses::{Failures, wait_seconds};
use crate::keys::Keys;
use crate::pages::told;
use crate::params;
use crate::store::Tx;

/// Wrong codes before the next one has to wait.
const FREE: i64 = 5;
/// A step further ahead was used while the clock ran ahead, and binds nobody (see `clock`).
pub(super) const AHEAD_MAX: i64 = 4;

/// How someone proved a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By a code of the app.
    Code,
    /// By a recovery code; so many are left.
    RecoveryCode(u32),
}

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// It was right, and is used up.
    Right(By),
    /// It was wrong, and is counted. With it, by how many seconds the clock is off at which it would be right.
    Wrong(Option<i64>),
    /// It was not looked at: the next one has to wait for so many seconds.
    TooOften(u32),
    /// It was not looked at: the app is dead.
    Dead,
    /// There is no second factor.
    None,
}

impl Judged {
    /// Nothing where it was right; else what the person is told.
    ///
    /// # Errors
    /// `Unauthenticated`, `TooMany`, `Forbidden`.
    pub fn refused(self) -> Result<()> {
        let (kind, told) = match self {
            Self::Right(_) => return Ok(()),
            Self::Wrong(_) => (Kind::Unauthenticated, Told::WrongCode),
            Self::TooOften(seconds) => (Kind::TooMany { retry_after_seconds: seconds }, Told::TooManyCodes),
            Self::Dead => (Kind::Forbidden, Told::CodesLocked),
            Self::None => (Kind::Conflict, Told::NoFactor),
        };
        Err(told::error(kind, told))
    }

    /// Why it was refused, for the record.
    pub fn reason(self) -> String {
        match self {
            Self::Right(_) => String::new(),
            Self::Wrong(None) => "wrong code".into(),
            Self::Wrong(Some(off)) => format!("wrong code; it would fit a clock that is off by {off} seconds"),
            Self::TooOften(_) => "too many codes".into(),
            Self::Dead => "the code app is locked".into(),
            Self::None => "no second factor".into(),
        }
    }
}

/// Looks at what someone typed, who has shown the password. It is used up if it is right. Of several at once each sees what
/// became of the others.
///
/// # Errors
/// Those of the store.
pub fn prove(tx: &mut Tx<'_>, keys: &Keys, owner: Owner, typed: &str, now: Timestamp) -> Result<Judged> {
    let Some(factor) = hold(tx, owner.tenant, owner.user)?.filter(Factor::is_on) else { return Ok(Judged::None) };
    let typed = Typed::read(typed);
    if factor.is_dead() && !matches!(typed, Typed::Recovery(_)) {
        return Ok(Judged::Dead);
    }
    let failures = Failures { count: factor.failures, last_at: factor.last_failure_at };
    match wait_seconds(failures, FREE, now) {
        0 => {}
        seconds => return Ok(Judged::TooOften(seconds)),
    }
    match typed {
        Typed::Code(code) => by_code(tx, keys, owner, &factor, &code, now),
        Typed::Recovery(code) => by_recovery_code(tx, keys, owner, &factor, &code, now),
        Typed::Other => wrong(tx, owner, &factor, None, now),
    }
}

fn by_code(tx: &mut Tx<'_>, keys: &Keys, owner: Owner, had: &Factor, code: &str, now: Timestamp) -> Result<Judged> {
    let Some(seed) = &had.seed else { return Ok(Judged::None) };
    let app = App::new(keys, owner, seed);
    let is_free = |found: &i64| *found > had.last_step || had.last_step > step(now) + AHEAD_MAX;
    let Some(found) = app.step_of(code, now).filter(is_free) else {
        return wrong(tx, owner, had, app.seconds_off(code, now), now);
    };
    let used = tx.run(
        "UPDATE second_factors SET last_step = $3, failures = 0
         WHERE tenant = $1 AND user_id = $2 AND seed = $4 AND last_step = $5",
        &params![owner.tenant, owner.user, found, seed, had.last_step],
    )?;
    settled(used, Judged::Right(By::Code))
}

fn by_recovery_code(
    tx: &mut Tx<'_>,
    keys: &Keys,
    owner: Owner,
    had: &Factor,
    code: &str,
    now: Timestamp,
) -> Result<Judged> {
    let found = had.recovery_seed.as_ref().and_then(|seed| nth_recovery_code(keys, owner, seed, code));
    let bit = found.map(|nth| 1_i64 << nth).filter(|bit| had.recovery_used & bit == 0);
    let Some(bit) = bit else { return wrong(tx, owner, had, None, now) };
    // A dead app stays dead: the code opens the account, not the app.
    let used = tx.run(
        "UPDATE second_factors SET recovery_used = $3, failures = CASE WHEN failures >= $6 THEN failures ELSE 0 END
         WHERE tenant = $1 AND user_id = $2 AND recovery_seed = $4 AND recovery_used = $5",
        &params![
            owner.tenant,
            owner.user,
            had.recovery_used | bit,
            had.recovery_seed.as_ref(),
            had.recovery_used,
            FAILURES_MAX
        ],
    )?;
    settled(used, Judged::Right(By::RecoveryCode(had.codes_left() - 1)))
}

fn wrong(tx: &mut Tx<'_>, owner: Owner, had: &Factor, off: Option<i64>, now: Timestamp) -> Result<Judged> {
    let counted = tx.run(
        "UPDATE second_factors SET failures = failures + 1, last_failure_at = $3
         WHERE tenant = $1 AND user_id = $2 AND failures = $4",
        &params![owner.tenant, owner.user, now, had.failures],
    )?;
    settled(counted, Judged::Wrong(off))
}

/// What was decided counts only if the row is as it was read, which it is since it is held.
fn settled(rows: u64, judged: Judged) -> Result<Judged> {
    match rows {
        1 => Ok(judged),
        _ => Err(Error::internal("a second factor that is held was changed")),
    }
}
