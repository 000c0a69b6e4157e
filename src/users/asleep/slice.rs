//! One slice: the users of a tenant who are due, with what becomes of each, in one transaction.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::judge::{Step, UNSENT_DAYS, of_quiet, of_sleeper, told_from, too_long_ago};
use super::letter;
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, InactiveUsersSettings, REMOVED_LATER_DAYS, TenantId};
use crate::people::{self, Quiet, Sleeper, User};
use crate::random::Random;
use crate::store::Tx;
use crate::tenants;
use crate::users::lock::lock_out;
use crate::users::remove::take_out;

/// Users in a slice, at most.
const SLICE: i64 = 50;
const DAY: i64 = 24 * 3600;
/// Who acts, in the records and in the name of whom a user is disabled.
const BY: &str = "housekeeping";

/// A tenant in which users may be due.
struct Look<'a> {
    tenant: TenantId,
    days: InactiveUsersSettings,
    /// Before this moment nothing counts.
    anew: Timestamp,
    random: &'a Random,
    now: Timestamp,
}

/// A user with the step that comes next.
struct Due {
    user: Quiet,
    known: Option<Sleeper>,
    step: Step,
}

/// Looks at a slice of a tenant's users. Notes when the tenant is looked at next: at once where a slice was found.
///
/// # Errors
/// Those of the store.
pub fn look(tx: &mut Tx<'_>, tenant: TenantId, random: &Random, now: Timestamp) -> Result<()> {
    // A suspended one is as it was until it is resumed, and then looked at.
    let Some(days) = tenants::find_by_id(tx, tenant)?.map(|found| found.settings.inactive_users) else { return Ok(()) };
    if !days.is_on() {
        return tenants::look_again(tx, tenant, None, now);
    }
    let anew = tenants::awake_since(tx, tenant)?.unwrap_or_default().min(now);
    let look = Look { tenant, days, anew, random, now };
    let mut due = look.due_sleepers(tx)?;
    if due.is_empty() {
        due = look.quiet_users(tx)?;
    }
    let next = if due.is_empty() { look.next(tx)? } else { Some(now) };
    look.carry_out(tx, &due)?;
    tenants::look_again(tx, tenant, next.or(Some(Timestamp(i64::MAX))), now)
}

impl Look<'_> {
    fn due_sleepers(&self, tx: &mut Tx<'_>) -> Result<Vec<Due>> {
        let sleepers = people::due_sleepers(tx, self.tenant, self.now, SLICE)?;
        let users: Vec<_> = sleepers.iter().map(|sleeper| sleeper.user).collect();
        let users = people::activity_of_each(tx, self.tenant, &users)?;
        let mut gone = Vec::new();
        let mut due = Vec::new();
        for (sleeper, user) in sleepers.into_iter().zip(users) {
            match user {
                None => gone.push((sleeper.user, self.now)),
                Some(user) => {
                    let step = of_sleeper(&user, &sleeper, self.anew, &self.days, self.now);
                    due.push(Due { user, known: Some(sleeper), step });
                }
            }
        }
        // Removed by a release that knows nothing of this.
        people::wake_each(tx, self.tenant, &gone)?;
        Ok(due)
    }

    fn quiet_users(&self, tx: &mut Tx<'_>) -> Result<Vec<Due>> {
        let before = too_long_ago(&self.days, self.now);
        if self.anew > before {
            return Ok(Vec::new());
        }
        let found = people::find_quiet(tx, self.tenant, before, SLICE)?;
        let ids: Vec<_> = found.iter().map(|user| user.id).collect();
        let known = people::sleepers(tx, self.tenant, &ids)?;
        let judged = found.into_iter().zip(known).map(|(user, known)| Due {
            step: if known.is_some() { Step::Leave } else { of_quiet(&user, self.anew, &self.days, self.now) },
            user,
            known,
        });
        Ok(judged.collect())
    }

    /// When the next one is due, as far as is known.
    fn next(&self, tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
        let before = too_long_ago(&self.days, self.now);
        let quiet = people::first_awake(tx, self.tenant, before)?.map(|at| told_from(at.max(self.anew), &self.days));
        let due = people::first_due(tx, self.tenant, self.now)?;
        Ok(quiet.into_iter().chain(due).min())
    }

    fn carry_out(&self, tx: &mut Tx<'_>, due: &[Due]) -> Result<()> {
        let (mut woken, mut put_off, mut left) = (Vec::new(), Vec::new(), Vec::new());
        let (mut marked, mut told) = (Vec::new(), Vec::new());
        for one in due {
            let user = one.user.id;
            match one.step {
                Step::Wake(at) => woken.push((user, at)),
                Step::Wait(until) => put_off.push((user, until)),
                Step::Leave => left.push((user, self.now)),
                Step::Mark => marked.push(user),
                Step::Tell(since) => told.push((&one.user, since)),
                Step::Disable => self.disable(tx, one)?,
                Step::Remove => self.remove(tx, one)?,
            }
        }
        people::wake_each(tx, self.tenant, &woken)?;
        people::put_off(tx, self.tenant, &put_off)?;
        people::stay_awake(tx, self.tenant, &left)?;
        people::will_go(tx, self.tenant, &marked, self.now, self.in_days(REMOVED_LATER_DAYS))?;
        self.tell(tx, &told)
    }

    fn tell(&self, tx: &mut Tx<'_>, told: &[(&Quiet, Timestamp)]) -> Result<()> {
        let mails: Vec<_> = told.iter().map(|(user, since)| (user.id, self.random.uuid(self.now), *since)).collect();
        people::tell_each(tx, self.tenant, &mails, self.now, self.in_days(UNSENT_DAYS))?;
        for (user, mail, _) in &mails {
            letter::queue(tx, self.tenant, mail, *user, self.now)?;
        }
        for ((user, since), (_, mail, _)) in told.iter().zip(&mails) {
            let facts = json!({ "inactive_since": since, "mail": mail, "notice_days": self.days.notice_days });
            self.record(tx, "user.warn", &user.email, facts)?;
        }
        Ok(())
    }

    fn disable(&self, tx: &mut Tx<'_>, due: &Due) -> Result<()> {
        let Some((user, sleeper)) = self.whole(tx, due)? else { return Ok(()) };
        lock_out(tx, self.tenant, &user, BY, self.now)?;
        people::fell_asleep(tx, self.tenant, user.id, self.now, self.now)?;
        let facts = json!({ "inactive_since": sleeper.inactive_since, "told_at": sleeper.mailed_at });
        self.record(tx, "user.fall_asleep", &user.email, facts)
    }

    fn remove(&self, tx: &mut Tx<'_>, due: &Due) -> Result<()> {
        let Some((user, sleeper)) = self.whole(tx, due)? else { return Ok(()) };
        let credentials = take_out(tx, self.tenant, &user, BY, self.now)?;
        let facts = json!({
            "credentials_revoked": credentials,
            "inactive_since": sleeper.inactive_since,
            "asleep_since": sleeper.asleep_at,
        });
        self.record(tx, "user.remove", &user.email, facts)
    }

    fn whole<'d>(&self, tx: &mut Tx<'_>, due: &'d Due) -> Result<Option<(User, &'d Sleeper)>> {
        Ok(people::find_by_id(tx, self.tenant, due.user.id)?.zip(due.known.as_ref()))
    }

    fn in_days(&self, days: i64) -> Timestamp {
        self.now.plus_seconds(days * DAY)
    }

    fn record(&self, tx: &mut Tx<'_>, action: &str, subject: &str, facts: Value) -> Result<()> {
        let request_id = self.random.uuid(self.now);
        let actor =
            Actor { user: None, name: BY.into(), credential: None, address: Ipv4Addr::UNSPECIFIED.into(), request_id };
        let (tenant, at, outcome) = (self.tenant, self.now, Outcome::Accepted);
        audit::record(tx, &Event { tenant, at, action, outcome, actor: &actor, subject, facts })
    }
}
